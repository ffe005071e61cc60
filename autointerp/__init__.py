__version__ = "0.1.0"

# nbdev_export rewrites the line above and leaves the rest alone: this is the only code that has no notebook.
# A name is imported from its room on first use, so that `import autointerp` costs milliseconds.
import sys
from importlib import import_module
from types import ModuleType

_rooms = {
    "records": "Example Latent Explanation Judgement",
    "families": "tiny_model tiny_folder",
    "server": "connect RemoteFailure",
    "assets": "fetch",
    "show": "Card highlight",
    "coders": "RandomCoder",
    "sources": "load_coder",
    "hooks": "hook_name",
    "neurons": "mlp_neurons head_outputs",
    "documents": "load_text",
    "subject": "load_subject Subject",
    "steer": "Edit generate next_logprobs tune",
    "store": "ActivationStore",
    "collect": "collect",
    "sample": "sample",
    "llm": "LLM LocalLM",
    "negatives": "harder neighbours",
    "logprobs": "TransformersLM TorchLM",
    "explain": "explain input_side small_judge contrastive contrastive_brief output_side",
    "score": "score Scores",
    "clusters": "clusters split",
    "detection": "Detection",
    "fuzzing": "Fuzzing",
    "surprisal": "Surprisal",
    "compare": "summary compare correlations explained",
    "adaptive": "Adaptive",
    "rates": "base_rate on_text",
    "embedding": "Embedder Embedding",
    "collision": "Collision",
    "intervention": "Intervention output_explain",
    "registry": "scorer explainer scorers explainers",
    "checks": "check_scorer",
    "report": "report table",
    "run": "run Plan estimate load_run",
    "explore": "explore",
    "tryit": "live challenge predict",
    "steering": "steering",
    "simulation": "Simulation",
    "search": "best_of refine",
}
_home = {name: room for room, names in _rooms.items() for name in names.split()}
__all__ = list(_home)


class _Package(ModuleType):
    "A function named like its room (`sample`, `score`, ...) is what the package shows, whoever imports the room."
    def __setattr__(self, name, value):
        if not (name in _home and isinstance(value, ModuleType)): super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name):
    if name not in _home: raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_home[name]}"), name)
    globals()[name] = value
    return value


def __dir__(): return sorted({*globals(), *__all__})
