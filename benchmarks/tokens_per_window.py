"""Input and output tokens for each judged window, beside the paper's: `python benchmarks/tokens_per_window.py`. Asks nothing."""
import os
os.environ.setdefault("TQDM_DISABLE", "1")
from tempfile import TemporaryDirectory
import pandas as pd
from autointerp.data.activations import collect, load_text
from autointerp.scorers.detection import WORDS as DETECTION
from autointerp.scorers.fuzzing import WORDS as FUZZING, fuzz_questions
from autointerp.judges.llm import LocalLM
from autointerp.data.windows import sample, spread
from autointerp.judges.questions import Question
from autointerp.data.subject import load_subject
from autointerp.stats.tokens import per_window

PAPER = {"detection": (170, 119, 2.40), "fuzzing": (196, 142, 2.49)}  # input, of it a fixed prefix, output
EXPLANATION = "words that introduce a reason or a cause, such as because, since and due to"

def demo_latents(n=6, n_test=10, n_tokens=20_000, min_active=40):
    "Latents of the demo, spread over the density range."
    with TemporaryDirectory() as folder:
        store = collect(load_subject("demo"), load_text("demo"), folder, n_tokens=n_tokens)
        ids = spread(store.counts(), n, min_active=min_active)
        return sample(store, ids=ids, n_train=20, n_test=n_test, min_active=min_active)

def shown(scorer, latent):
    return fuzz_questions(latent) if scorer == "fuzzing" else [Question(w, w.text) for w in latent.test]

def measured(judge, latents, explanation=EXPLANATION):
    "A row for each scorer and number of windows a prompt; `share` is input and output against the paper's."
    rows = []
    for scorer, words in (("detection", DETECTION), ("fuzzing", FUZZING)):
        for k in (1, 5):
            each = [per_window(judge, words, explanation, shown(scorer, l), k) for l in latents]
            i, s, o = (sum(getattr(t, n) for t in each)/len(each) for n in ("input", "shared", "output"))
            paid = PAPER[scorer][0] + PAPER[scorer][2]
            rows.append((scorer, k, i, s, i-s, o, *PAPER[scorer], (i+o)/paid))
    return pd.DataFrame(rows, columns=["scorer", "per_prompt", "input", "shared", "new", "output", "paper_input", "paper_fixed", "paper_output", "share"])

if __name__ == "__main__": print(measured(LocalLM("demo"), demo_latents()).round(2).to_string(index=False))
