"""Whether two revisions say the same: `python tools/golden.py [--demo] REVISION [REVISION ...]`.

Each revision, and what is here, does a planted run (a subject whose latents are rules on words) and one of a random Llama, with every
scorer, explainer and baseline that can be asked there and a judge that answers at once; `--demo` adds the demo in the small form in which
the tests run it, with its own judge and no answer kept. Printed is a hash of what each table, the tokens and the report hold. The exit
code is 1 where one of them isn't what it is here."""
import argparse, hashlib, json, os, re, shutil, subprocess, sys, tempfile
from pathlib import Path
from unittest.mock import patch

os.environ |= {"TQDM_DISABLE":"1", "HF_HUB_OFFLINE":"1", "TOKENIZERS_PARALLELISM":"false"}
rules = {"names of animals":"cat dog bird horse", "colours":"red green blue", "words about the sea":"sea ship wave"}
filler = "the sat on a mat while seven sang near old stone bridge under pale moon and went home".split()

def written(path:Path) -> str:
    "A text in which the words of the rules stand among others."
    import random
    rng = random.Random(0)
    words = filler*3 + " ".join(rules.values()).split()
    path.write_text("\n".join(" ".join(rng.choices(words, k=60)) for _ in range(300)), encoding="utf-8")
    return str(path)

def planted(work:Path, text:str):
    "A run on a planted subject, with what asks neither the base model nor the subject's weights."
    from autointerp.data.planted import on_words, planted_subject
    from autointerp.registry import facts, scorers
    from autointerp.runs.plan import Plan
    from autointerp.runs.runner import run
    from faults import instant
    subject = planted_subject({said:on_words(words) for said, words in rules.items()})
    able = tuple(name for name in scorers() if facts(name).asks not in ("lm", "subject"))
    windows = dict(n_tokens=8000, ctx_len=64, width=16, latents=(0, 1, 2), n_train=8, n_test=8, min_active=20)
    asked = dict(scorers=able, explainers=("input_side", "tokens"), judge="torch:none")
    plan = Plan(model="planted", sae="rules", hook="text", text=text, max_norm_ratio=None, **windows, **asked)
    def loaded(*_, **__): return subject
    with patch("autointerp.runs.tools.load_subject", loaded): run(work/"planted", plan, instant())

def random_llama(work:Path, text:str):
    "A run of a random model with every scorer, explainer and baseline."
    from autointerp.registry import explainers, scorers
    from autointerp.runs.plan import Plan
    from autointerp.runs.runner import run
    from autointerp.scores import BASELINES
    from faults import instant
    from autointerp.data.families import tiny_folder
    shutil.copytree(tiny_folder("llama"), work/"model")
    config = json.loads((work/"model"/"config.json").read_text())
    (work/"model"/"config.json").write_text(json.dumps(config | {"max_position_embeddings":4096}))    # room for surprisal's prompts
    where = dict(model=str(work/"model"), sae="neurons", hook="blocks.1.hook_resid_post", text=text)
    windows = dict(n_tokens=6000, ctx_len=64, width=16, n_latents=4, n_train=6, n_test=6, min_active=20)
    asked = dict(scorers=tuple(scorers()), explainers=tuple(explainers()), per_prompt=2, judge="torch:none")
    beaten = tuple(b for b in BASELINES if b != "random")
    more = dict(baselines=beaten, meanings="split", max_norm_ratio=None)
    run(work/"llama", Plan(**where | windows | asked | more), instant())

def demo(work:Path):
    "The demo in the tests' small form."
    from test import small
    shell = [sys.executable, "-c", "import sys; from autointerp.runs.cli import main; sys.exit(main())"]
    words = ["demo", *small.split(), "--out", str(work/"demo")]
    subprocess.run([*shell, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

def said(work:Path) -> dict[str, str]:
    "A hash of the rows of each table, of the tokens and of the report, by the file's name."
    import pyarrow.parquet as pq
    found = {}
    for path in sorted(work.rglob("*")):
        if path.suffix == ".parquet":
            rows = pq.read_table(path).to_pylist()
            held = json.dumps(rows, sort_keys=True, default=str).encode()
        elif path.name in ("tokens.json", "report.html"):
            held = path.read_bytes().replace(str(work).encode(), b"")
            held = re.sub(rb"\bcode [0-9a-f]{12}\b", b"code", held)     # a report says by which code it was made
            held = re.sub(rb"<!-- made from [^\n]*\n\Z", b"", held)      # and ends with a hash that covers that
        else: continue
        found[path.relative_to(work).as_posix()] = hashlib.sha256(held).hexdigest()[:12]
    return found

def one(work:Path, with_demo:bool):
    "What this process's package says."
    text = written(work/"text.txt")
    planted(work, text)
    random_llama(work, text)
    if with_demo: demo(work)
    print(json.dumps(said(work)))

def of(package:Path, with_demo:bool) -> dict[str, str]:
    "What a package says, in a process of its own that has kept no answer; the work is done in one place, for reports name it."
    here, work = Path(__file__).resolve(), Path(tempfile.gettempdir())/"autointerp-golden"
    shutil.rmtree(work, ignore_errors=True)
    from autointerp.data.assets import cache_dir
    (work/"cache").mkdir(parents=True)
    (work/"cache"/"assets").symlink_to(cache_dir()/"assets")
    env = os.environ | {"PYTHONPATH":f"{package}:{here.parent}", "AUTOINTERP_CACHE":str(work/"cache")}
    words = ["--one", str(work), *["--demo"]*with_demo]
    done = subprocess.run([sys.executable, str(here), *words], env=env, stdout=subprocess.PIPE, text=True)
    shutil.rmtree(work)
    if done.returncode: sys.exit(f"{package}: the runs failed")
    return json.loads(done.stdout.splitlines()[-1])

def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("revisions", nargs="*")
    parser.add_argument("--demo", action="store_true", help="the demo, too, some minutes a revision")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one: return one(Path(args.one), args.demo) or 0
    import measure
    columns = {}
    for revision in args.revisions:
        with tempfile.TemporaryDirectory() as folder:
            columns[revision[:8]] = of(measure.at(revision, folder).parent, args.demo)
    columns["here"] = of(measure.root, args.demo)
    names, differ = sorted({name for column in columns.values() for name in column}), 0
    print(f"{'':42}" + "".join(f"{c:>14}" for c in columns))
    for name in names:
        held = [column.get(name, "-") for column in columns.values()]
        differ += len(set(held)) > 1
        print(f"{name:42}" + "".join(f"{h:>14}" for h in held) + "  differ"*(len(set(held)) > 1))
    print(f"{len(names)} files, {differ} differ")
    return int(differ > 0)

if __name__ == "__main__": sys.exit(main())
