"""What a run survives: `python tools/faults.py [--n 50] [--seed 0]` injects faults into tiny runs, and prints one table.

Kills at random moments, disks that are full at some size, flipped bits in every kind of file, two runs at once, and tables of another run.
A fault is survived (the run's tables are those of a run that nobody disturbed), found and named (an error that names the file or what to
do), lost (neither, and what was there is gone) or silent (other numbers, and no word). Exit code 1 unless none was lost and none silent.
With `--n 0` one of each kind, in seconds, as the tests do it. With `--chunks` of runs that are done in chunks."""
import argparse, os, random, shutil, signal, sys, tempfile, time
from collections import Counter
from pathlib import Path

os.environ |= {"TQDM_DISABLE":"1", "HF_HUB_OFFLINE":"1", "TOKENIZERS_PARALLELISM":"false"}
outcomes = ("survived", "found and named", "lost", "silent")
files = ["examples.parquet", "explanations.parquet", "judgements.parquet", "run.json", "spent.json", "judge.json", "tokens.json", "made.json",
         "report.html", "activations/manifest.json", "activations/shard-0000000000.json", "activations/shard-0000000000.safetensors"]

in_chunks = ["chunks.json"] + [f"chunks/{k:05}/{name}" for k in range(2) for name in ("examples.parquet", "explanations.parquet", "judgements.parquet", "scores.parquet", "tokens.json")]
size = {}      # fields of the plan that `--chunks` changes

def instant(name:str = "instant"):
    "A judge that answers at once, always the same to the same question, and keeps its answers."
    import zlib
    from autointerp.judges.calls import Reply
    from autointerp.judges.engine import Engine
    class Instant(Engine):
        price = (1e-6, 1e-6, 1e-6)
        async def _send(self, request):
            odd = zlib.crc32(str(request["messages"]).encode("utf-8", "replace")) % 89
            yes, no = (-.3, -1.4) if odd % 2 else (-1.4, -.3)
            return Reply(f"Explanation: words of kind {odd}", "", 100, 5, 1e-4, False, (("Yes", yes), ("No", no)))
    return Instant(name, {"instant":name}, width=4)

def planned(work:Path, **more):
    "A plan on a random Llama and a text of twenty words."
    from autointerp.data.families import tiny_folder
    from autointerp.runs.plan import Plan
    if not (work/"model").exists(): shutil.copytree(tiny_folder("llama"), work/"model")
    if not (work/"text.txt").exists():
        words = "the cat sat on a mat while seven red birds sang near old stone bridge under pale moon".split()
        rng = random.Random(0)
        documents = [" ".join(rng.choices(words, k=200)) for _ in range(100)]
        (work/"text.txt").write_text("\n".join(documents), encoding="utf-8")
    tiny = dict(n_tokens=6000, ctx_len=64, n_latents=3, n_train=5, n_test=5, min_active=20, width=16)
    what = dict(max_norm_ratio=None, meanings="ignore", scorers=("detection", "fuzzing"), judge="torch:none")
    where = dict(model=str(work/"model"), sae="neurons", hook="blocks.1.hook_resid_post", text=str(work/"text.txt"))
    return Plan(**where | tiny | what | size | more)

def do(work:Path, out:Path, **more):
    "Do the run, or go on with it."
    from autointerp.runs.runner import run
    return run(out, planned(work, **more), judge=instant())

def says(out:Path):
    "All that a run says: the rows of its tables, and what is read from its store."
    from autointerp.data.store import ActivationStore
    from autointerp.parquet import to_row
    from autointerp.runs.runner import load_run
    scores, store = load_run(out), ActivationStore(out)
    if size: scores = scores.of(scores.ids)
    windows = [to_row(w) for l in scores.latents for w in l.train + l.test]
    acts = [store.latent(i).act.tobytes() for i in range(store.n_latents)]
    return windows, list(map(to_row, scores.explanations)), list(map(to_row, scores.judgements)), acts

def became(work:Path, out:Path, base:Path) -> int:
    "What became of a run's folder, as a place in `outcomes`: it is gone on with, as its owner would, and looked at."
    from autointerp.runs.checkup import doctor
    from autointerp.runs.pages import page_is_hurt
    try:
        do(work, out)
        if says(out) == says(base): return 0 if not page_is_hurt(out) else 1 if doctor(out) else 3
    except (ValueError, OSError) as e: return 1 if str(e) else 2
    except Exception as e:
        print(f"    {out.name}: {type(e).__name__}: {e}")
        return 2
    return 1 if doctor(out) else 3

def apart(job, after:float | None = None) -> int:
    """Do something in a process of its own, killed after so many seconds; what it returns. The process
    that forks never runs a model."""
    pid = os.fork()
    if not pid:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            code = job()
            sys.stdout.flush()
            os._exit(code if isinstance(code, int) else 0)
        except BaseException: os._exit(99)
    end = time.monotonic() + (3600 if after is None else after)
    while not (over := os.waitpid(pid, os.WNOHANG))[0] and time.monotonic() < end: time.sleep(.01)
    if over[0]: return os.waitstatus_to_exitcode(over[1])
    os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

def killed(work:Path, out:Path, took:float, rng:random.Random) -> bool:
    "Begin a run once to three times, each time killed somewhere on the way; whether any was."
    codes = [apart(lambda: do(work, out), after=rng.uniform(0, took)) for _ in range(rng.randint(1, 3))]
    return -signal.SIGKILL in codes

def full(size:int):
    "No file of this process may grow beyond so many bytes."
    import resource
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

def flip(path:Path, rng:random.Random):
    "Another bit somewhere in a file."
    held = bytearray(path.read_bytes())
    place = rng.randrange(len(held))
    held[place] ^= 1 << rng.randrange(8)
    path.write_bytes(held)

def wrong_tables(base:Path, other:Path):
    "Ways in which a folder comes to hold tables that don't belong together."
    def swap(*names):
        return lambda out: [shutil.copy(other/f"{n}.parquet", out/f"{n}.parquet") for n in names]
    def part(name, change):
        def go(out):
            import pyarrow.parquet as pq
            table = pq.read_table(out/f"{name}.parquet")
            pq.write_table(change(table), out/f"{name}.parquet")
        return go
    def half(table): return table.slice(0, len(table)//2)
    def twice(table):
        import pyarrow as pa
        return pa.concat_tables([table, table.slice(0, 1)])
    names = ("examples", "explanations", "judgements")
    return [swap(n) for n in names] + [swap(*names)] + [part(n, f) for n in names for f in (half, twice)]

def wrong_chunks(other:Path):
    "Ways in which chunks get into each other's place, or lost."
    def put(source, name):
        def go(out):
            shutil.rmtree(out/"chunks"/name, ignore_errors=True)
            shutil.copytree((source or out)/"chunks"/"00000", out/"chunks"/name)
        return go
    def without(name): return lambda out: shutil.rmtree(out/"chunks"/name)
    def swap(name): return lambda out: shutil.copy(out/"chunks"/"00000"/name, out/"chunks"/"00001"/name)
    tables = [swap(f"{name}.parquet") for name in ("examples", "explanations", "judgements", "scores")]
    return [put(None, "00001"), put(other, "00001"), put(other, "00000"), put(None, "00002"), without("00000"), without("00001"), *tables]

def loaded():
    "Import what a run imports once, instead of in each process."
    import matplotlib.figure, nnsight, pandas, scipy.stats, statsmodels.api, torch, transformers
    import autointerp.runs.health, autointerp.runs.runner
    torch.set_num_threads(1)      # a process that forks has one

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=10, help="kills; other faults follow from it; 0: the short form")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--chunks", action="store_true", help="runs of two chunks, and faults of these")
    args = parser.parse_args()
    if args.chunks: size.update(n_latents=4, chunk=2)
    rng, table = random.Random(args.seed), {}
    with tempfile.TemporaryDirectory() as d:
        work = Path(d)
        os.environ["AUTOINTERP_CACHE"] = str(work/"cache")
        loaded()
        planned(work)
        base, other = work/"base", work/"other"
        apart(lambda: do(work, other, seed=1))
        begun = time.perf_counter()
        if apart(lambda: do(work, base)): sys.exit("the run that nobody disturbs fails")
        took = time.perf_counter() - begun
        def note(kind, out):
            found = apart(lambda: became(work, out, base))
            table.setdefault(kind, Counter())[outcomes[found] if found in range(4) else "lost"] += 1
            shutil.rmtree(out, ignore_errors=True)
        def copied(): return Path(shutil.copytree(base, work/"copied"))
        short = not args.n
        for k in range(args.n or 1):
            out = work/f"killed{k}"
            note("killed" if killed(work, out, took, rng) else "done before it was killed", out)
        for k in range(1 if short else max(3, args.n//5)):
            limit, out = int(10**rng.uniform(3, 6)), work/f"full{k}"
            apart(lambda limit=limit, out=out: (full(limit), do(work, out)))
            note("disk full", out)
        kinds = in_chunks if args.chunks else files
        for name in kinds[2::8] if short else kinds:
            for _ in range(max(1, args.n//5)):
                flip((out := copied())/name, rng)
                note(f"a bit of {name}", out)
        changes = wrong_chunks(other) if args.chunks else wrong_tables(base, other)
        for change in changes[2::4] if short else changes:
            apart(lambda out=copied(), change=change: change(out))
            note("wrong chunks" if args.chunks else "wrong tables", work/"copied")
        for k in range(0 if short else max(1, args.n//10)):
            out = work/f"two{k}"
            first = os.fork()
            if not first: os._exit(apart(lambda out=out: do(work, out)))
            time.sleep(rng.uniform(0, took))
            apart(lambda out=out: do(work, out))
            os.waitpid(first, 0)
            note("two at once", out)
    print(f"{'fault':<50}{'injected':>10}" + "".join(f"{o:>18}" for o in outcomes))
    for kind, found in [*table.items(), ("all", sum(table.values(), Counter()))]:
        print(f"{kind:<50}{found.total():>10}" + "".join(f"{found[o]:>18}" for o in outcomes))
    whole = sum(table.values(), Counter())
    sys.exit(bool(whole["lost"] or whole["silent"]))

if __name__ == "__main__": main()
