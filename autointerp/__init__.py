__version__ = "0.1.0"

# nbdev_export rewrites the line above and leaves the rest alone: this is the only code that has no notebook.
# A name is imported from its room on first use, so that `import autointerp` costs milliseconds.
import sys
from importlib import import_module
from types import ModuleType

_rooms = {
    "records": "Example Latent Explanation Judgement",
    "data.families": "tiny_model tiny_folder",
    "data.server": "connect RemoteFailure",
    "data.assets": "fetch",
    "show": "highlight",
    "card": "Card",
    "data.coders": "RandomCoder",
    "data.sources": "load_coder",
    "data.hooks": "hook_name",
    "data.neurons": "mlp_neurons head_outputs",
    "data.documents": "load_text",
    "data.subject": "load_subject Subject",
    "data.steer": "Edit generate next_logprobs tune",
    "data.store": "ActivationStore",
    "data.activations": "collect",
    "data.windows": "sample",
    "data.weighted": "sample_weighted",
    "judges.llm": "LLM LocalLM",
    "data.negatives": "harder neighbours decoys",
    "judges.torchlm": "TransformersLM TorchLM",
    "explainers.base": "explain input_side small_judge contrastive contrastive_brief output_side",
    "explainers.phrasing": "token_list",
    "scores": "score Scores calibrated",
    "stats.meanings": "clusters split",
    "scorers.detection": "Detection",
    "scorers.fuzzing": "Fuzzing FuzzingWithin",
    "scorers.surprisal": "Surprisal",
    "stats.comparison": "summary compare",
    "stats.evidence": "explained",
    "stats.agreement": "correlations",
    "scorers.adaptive": "Adaptive",
    "stats.rates": "base_rate on_text",
    "scorers.embedding": "Embedder Embedding",
    "scorers.collision": "Collision",
    "scorers.intruder": "Intruder",
    "scorers.example_embedding": "ExampleEmbedding",
    "scorers.intervention": "Intervention output_explain",
    "registry": "scorer explainer judge",
    "runs.checks": "check_scorer",
    "views.reports": "report table",
    "runs.runner": "run Plan estimate load_run",
    "views.explorer": "explore",
    "views.tryit": "live challenge predict",
    "views.panel": "steering",
    "scorers.simulation": "Simulation",
    "scorers.saebench": "SAEBench accuracy save_eval_result load_eval_result",
}
_home = {name: room for room, names in _rooms.items() for name in names.split()}
__all__ = list(_home)


# Where rooms were before they had folders: `from autointerp.subject import load_subject` goes on working.
_before = {
    "data": "families devices server assets coders=coders,codes,identities,saes,trusted hooks logits "
            "sources metadata remote neurons models=models,tokenizers,rotary,replaced planted "
            "documents=documents,columns subject=subject,causal,chosen,logits,first_look prefill store=store,shards "
            "steer text first_look collect=activations,first_look sample=windows,placements negatives",
    "judges": "flight calls=calls,kept,faults wrappings answers excuses=excuses,strays replies chatform "
              "engine=engine,choices,chatform manners local wire=wire,refusals,secrets batches names "
              "llm=llm,hosted forward=reading logprobs=torchlm costs mockjudges",
    "explainers": "explain=base",
    "scorers": "score=base,.judges.questions,.protocols detection fuzzing surprisal embedding intervention simulation adaptive "
               "collision",
    "stats": "clusters=meanings compare=comparison,evidence rates tokens",
    "views": "figures page report=reports browse explore=explorer tryit steering=panel",
    "experiments": "search",
    "runs": "plan=plan,health jobs=tasks tools checks run=runner,stages cli=cli,options",
}


class _Before(ModuleType):
    "A room by its old name: its names come from where the room is now."
    def __getattr__(self, name):
        if name.startswith("__"): raise AttributeError(name)
        first, *more = self.__doc__.split()    # where a room became several
        for room in more:
            if hasattr(found := import_module(room), name): return getattr(found, name)
        return getattr(import_module(first), name)


for folder, names in _before.items():
    for old, _, new in (name.partition("=") for name in names.split()):
        rooms = (room if room[0] == "." else f".{folder}.{room}" for room in (new or old).split(","))
        now = " ".join(__name__ + room for room in rooms)
        sys.modules[f"{__name__}.{old}"] = _Before(f"{__name__}.{old}", now)


def __getattr__(name):
    if name not in _home: raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_home[name]}"), name)
    globals()[name] = value
    return value


def __dir__(): return sorted({*globals(), *__all__})
