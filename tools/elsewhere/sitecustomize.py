"""Python reads this file at its start when its folder is on PYTHONPATH: llama.cpp then multiplies without the kernels that are made
for this processor and without flash attention, so that a judge rounds, and sometimes answers, as it would on another machine."""
import sys
from importlib.machinery import PathFinder

class Elsewhere(PathFinder):
    "Finds xllamacpp, and changes the parameters that it starts with."
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != "xllamacpp" or (spec := super().find_spec(name, path, target)) is None: return None
        load = spec.loader.exec_module
        def changed(module):
            load(module)
            usual = module.CommonParams
            def params(*args, **kwargs):
                p = usual(*args, **kwargs)
                p.no_extra_bufts, p.flash_attn_type, p.n_ubatch = True, 0, 256
                return p
            module.CommonParams = params
        spec.loader.exec_module = changed
        return spec

sys.meta_path.insert(0, Elsewhere)
