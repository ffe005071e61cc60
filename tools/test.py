"""Every test there is, a line each, and `N passed, N failed` at the end: `python tools/test.py [--flags "slow llm"] [WORD ...]`.

With words, only the steps whose name has one of them; `without-a-model`, the rooms that need neither model nor network.
Each notebook runs in a process of its own, so that none leans on what another left behind. Export and clean rewrite
stale files, as the developer would, and then fail. At the end
those that read the demo run once more with the roundings of another processor (`elsewhere` alone runs only these)."""
import argparse, hashlib, itertools, os, re, subprocess, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
import browser, check, forks, processors, readme
from check import notebooks, root

tools = Path(sys.executable).parent  # where pip put the commands of this environment
hidden = {"CUDA_VISIBLE_DEVICES":""}  # a GPU rounds otherwise and is often in use; `--flags gpu` shows it to the tests

def beside() -> dict[str, str]:
    "The environment's variable by which our own commands are found first."
    return {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}

def shell(*command:str, limit:int=1200, **more:str) -> tuple[str, list[str]]:  # output, complaints; limit in seconds, more for its environment
    "Run a command of this environment; its output becomes the complaint when it fails."
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        env = os.environ | beside() | hidden | more
        where = dict(cwd=root, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=limit)
        try: code = subprocess.run([tools/command[0], *command[1:]], **where).returncode
        except subprocess.TimeoutExpired: code = f"still running after {limit} s"
        except FileNotFoundError: code = f"{command[0]} isn't installed beside {sys.executable}"
        log.seek(0)
        text = log.read()
    return text, [] if code == 0 else [f"{' '.join(command)}: {code}", *text.splitlines()[-60:]]

def digest(folder:Path, *patterns:str) -> dict[str, str]:
    "A fingerprint of each file."
    files = [p for o in patterns for p in sorted(folder.rglob(o)) if p.is_file()]
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}

def unchanged(command:str, pattern:str):
    "A command of nbdev that should find nothing to do."
    before = digest(root, pattern)
    _, bad = shell(command)
    after = digest(root, pattern)
    bad += [f"{command} changed {o}: look at the difference and keep it" for o in after if before.get(o) != after[o]]
    return f"{len(after)} files", bad

def titled(path:Path) -> str:
    "A notebook's name among the steps."
    return path.relative_to(root/"nbs").as_posix()

def notebook(path:Path, flags:str, context=None, **env:str):
    "Run one notebook, as `nbdev_test` does: in an interpreter of its own, or in a fork of the context's."
    name = str(path.relative_to(root))
    if context: text, bad = forks.test(context, name, flags, **beside())
    else: text, bad = shell("nbdev_test", "--path", name, "--flags", flags, **env)
    if not bad and "Success." not in text: bad = ["nbdev_test found nothing to run", *text.splitlines()[-5:]]
    return "", bad

readers = "data/44_activations runs/05_runner views/03_browse views/04_explorer views/05_tryit".split()  # of the demo's activations, and of its judge's answers

def lanes() -> int:
    """How many notebooks run side by side, each on cores of its own: two where there are two, one where
    the caller counts threads."""
    pinned = hasattr(os, "sched_setaffinity") and "OMP_NUM_THREADS" not in os.environ
    return min(2, len(os.sched_getaffinity(0))) if pinned else 1

@contextmanager
def side_by_side(n:int):
    "A `map` that works on `n` steps at a time, each on its own cores."
    if n == 1:
        yield map
        return
    cores, number = sorted(os.sched_getaffinity(0)), itertools.count()
    def pin(): os.sched_setaffinity(0, cores[next(number)::n])  # of this thread, and of what it starts
    pool = ThreadPoolExecutor(n, initializer=pin)
    try: yield pool.map
    finally: pool.shutdown(cancel_futures=True)

def new_cache(folder:Path) -> str:
    "A cache that shares the assets with the user's, and has no run and no answer kept."
    from autointerp.data.assets import cache_dir
    (assets := cache_dir()/"assets").mkdir(parents=True, exist_ok=True)
    folder.mkdir()
    (folder/"assets").symlink_to(assets.resolve())
    return str(folder)

def elsewhere(path:Path, cache:str):
    "Run a notebook again as on another processor."
    paths = [str(root/"tools"/"elsewhere"), *filter(None, [os.environ.get("PYTHONPATH")])]
    more = {"AUTOINTERP_CACHE":cache, "PYTHONPATH":os.pathsep.join(paths)}
    return notebook(path, "", **more, **processors.settings["AVX2, one thread"])

without_a_model = """records parquet older metrics show marks scores card devices sources store assets first_look machine presets
    wrappings words excuses strays replies manners costs claims single answers tasks health checks agreement figures page""".split()  # rooms whose tests need none, nor the network

files = ["run.json", "activations/manifest.json", "examples.parquet", "explanations.parquet", "judgements.parquet", "report.html"]

_OURS = re.compile(r"""\s*$ | [1-4]/4\  | \ {4}\S+\ [\w,\ ]+\ \(\d+\ of\ \d+\)$ | first\ look:\  | stage\ \ | [\w:/@., ]+\ \ +[\d,]+\ """, re.X)
_BAR = re.compile(r"\d%\||\[\d\d:\d\d[<,]")

def strange(said:str) -> list[str]:
    "Lines of the demo's stderr that are neither its own nor a progress bar's: a library's warning on a newcomer's screen."
    lines = re.split(r"[\r\n]|\x1b\[A", said)
    return [o.strip() for o in lines if not _OURS.match(o) and not _BAR.search(o)]

small = "--n-latents 2 --n-tokens 30000 --n-train 10 --n-test 4"

def demo(out:Path):
    "The whole way on real weights and real text, small."
    with tempfile.NamedTemporaryFile("w+", errors="replace") as log:
        command = f'exec autointerp demo {small} --out "{out}" 2> "{log.name}"'
        text, bad = shell("/bin/sh", "-c", command)
        said = Path(log.name).read_text(encoding="utf-8", errors="replace")
    if bad: return "", bad + said.splitlines()[-60:]
    bad = [f"no {o} in the run's folder" for o in files if not (out/o).exists()]
    bad += ["the report's path isn't printed"]*("report.html" not in text)
    bad += [f"on the user's screen, and not ours: {o}" for o in strange(said)]
    return small, bad

def survived():
    "A fault of each kind, none lost and none silent."
    text, bad = shell("python", str(root/"tools"/"faults.py"), "--n", "0")
    return " ".join(text.splitlines()[-1].split()) if text else "", bad

def again(out:Path):
    "The same command again finds everything done: no table and no shard is written anew."
    def stamp():
        files = [p for o in ("*.parquet", "*.safetensors") for p in out.rglob(o)]
        return {p.relative_to(out).as_posix(): p.stat().st_mtime_ns for p in files}
    before = stamp()
    _, bad = demo(out)
    after = stamp()
    bad += [f"{o} was made again" for o in after if before.get(o) != after[o]]
    return f"{len(after)} tables and shards kept", bad

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", help="run only the steps whose name has one of these")
    parser.add_argument("--flags", default="", help="also run the cells with these marks: slow gpu llm remote")
    args, begin = parser.parse_args(), time.perf_counter()
    if "gpu" in args.flags.split(): hidden.clear()
    browser.whole = "slow" in args.flags.split()
    with tempfile.TemporaryDirectory() as temp:
        out, cache = Path(temp)/"run", new_cache(Path(temp)/"elsewhere")
        if not args.words: os.environ["AUTOINTERP_CACHE"] = new_cache(Path(temp)/"cache")  # what this machine kept of before is no test
        first = [("export", partial(unchanged, "nbdev_export", "autointerp/**/*.py"))]
        first += [("clean", partial(unchanged, "nbdev_clean", "nbs/**/*.ipynb"))]
        first += [(o.__name__, o) for o in check.checks] + [("readme", readme.current)]
        n_lanes = lanes()
        forking = forks.able and not args.words     # a few notebooks are sooner done without
        context = forks.begin(n_lanes, **hidden) if forking else None
        heavy = [("demo", partial(demo, out))]  # the longest first
        heavy += [("faults", survived)]*hasattr(os, "fork")
        heavy += [(titled(p), partial(notebook, p, args.flags, context)) for p in notebooks()]
        last = [("demo again", partial(again, out))] + [(f"browser {o.__name__}", browser.skipping(o)) for o in browser.steps]
        words = [f"_{room}.ipynb" for room in without_a_model] if args.words == ["without-a-model"] else args.words
        first, heavy, last = (check.chosen(o, words) for o in (first, heavy, last))
        if not args.words or "elsewhere" in args.words:
            heavy += [(f"elsewhere {o.split('/')[1]}", partial(elsewhere, root/"nbs"/f"{o}.ipynb", cache)) for o in readers]
        counts = [check.run(first)]
        with side_by_side(n_lanes) as pool: counts += [check.run(heavy, pool), check.run(last, pool)]
    passed, failed = map(sum, zip(*counts))
    print(f"{time.perf_counter()-begin:.0f} s in all\n{passed} passed, {failed} failed")
    return failed > 0 or not passed

if __name__ == "__main__": sys.exit(main())
