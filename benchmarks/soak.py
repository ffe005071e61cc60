"""A long run with a judge that answers at once: `python benchmarks/soak.py [--n 100000] [--cache]`.

Latents with windows of random words, scored by detection and fuzzing with their baselines, as `run` does it, up to the report.
Printed: judgements a second in each tenth of the run, the memory that the process holds, and how often the tables were read meanwhile."""
import argparse, os, sys, tempfile, threading, time, zlib
from pathlib import Path

os.environ |= {"TQDM_DISABLE":"1", "HF_HUB_OFFLINE":"1"}
JUDGED = 350    # judgements of a latent with 50 + 50 windows: detection, its shuffled half, fuzzing, and halves shuffled and unmarked

class Done(Exception): "The scores are there."

def judge(cache:bool):
    "Answers at once, always the same to the same question."
    from autointerp.judges.calls import Reply
    from autointerp.judges.engine import Engine
    class Instant(Engine):
        price = (0., 0., 0.)
        async def _send(self, request):
            yes = zlib.crc32(request["messages"][-1]["content"].encode()) % 2
            return Reply("Yes" if yes else "No", "", 100, 1, 0., False, (("Yes", -.3 if yes else -1.4), ("No", -1.4 if yes else -.3)))
    return Instant("instant", {"instant":1}, cache=cache, width=8)

def begin(out:Path, plan, n_latents:int):
    "A run's folder as it is when its latents are explained."
    import numpy as np
    from autointerp.tables import save_examples
    from autointerp.disk import save_json
    from autointerp.parquet import save_table
    from autointerp.records import Example, Explanation, Latent
    from autointerp.runs.health import open_run
    words = np.array([f" {a}{b}" for a in "bdfgklmnprst" for b in ("ad", "eon", "il", "ost", "um")])
    def latent(i):
        rng = np.random.default_rng(i)
        def window(k):
            on, acts = k % 2 == 0, np.zeros(16)
            acts[int(rng.integers(16))] = float(on)
            return Example(100*i + k, 0, tuple(rng.choice(words, 16).tolist()), tuple(acts.tolist()), "active" if on else "random", 9 if on else -1, "test")
        return Latent(i, .01, 1., 100, (), tuple(map(window, range(100))))
    open_run(out, plan)
    save_examples(map(latent, range(n_latents)), out/"examples.parquet")
    save_table([Explanation(i, f"words of kind {i}", "input_side_brief", "instant", "") for i in range(n_latents)], out/"explanations.parquet", Explanation)

def memory() -> float:  # MiB that the process holds now
    held = next(o for o in Path("/proc/self/status").read_text().splitlines() if o.startswith("VmRSS"))
    return int(held.split()[1])/1024

def watched(out:Path, engine, ends:threading.Event, seen:list):
    "Every half second: when, how much was answered, how much memory is held, how many judgements can be read."
    import pyarrow.parquet as pq
    while not ends.wait(.5):
        table = out/"judgements.parquet"
        there = pq.ParquetFile(table).metadata.num_rows if table.is_file() else 0
        seen.append((time.perf_counter(), engine.usage.answered + engine.usage.cached, memory(), there))

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=100_000, help="judgements")
    parser.add_argument("--cache", action="store_true", help="keep answers on disk, as runs do")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as d:
        os.environ["AUTOINTERP_CACHE"] = f"{d}/cache"
        import numpy as np
        from autointerp.runs.runner import Plan, run
        out, n_latents = Path(d)/"run", max(2, args.n//JUDGED)
        plan = Plan(n_latents=n_latents, n_test=50, scorers="detection,fuzzing", meanings="ignore", judge="torch:none", per_prompt=1)
        begin(out, plan, n_latents)
        engine, ends, seen = judge(args.cache), threading.Event(), []
        def say(text):
            print(f"{time.perf_counter()-started:7.1f} s {memory():8.0f} MiB  {text.strip()}", flush=True)
            if text.startswith("4/4"): raise Done
        started = time.perf_counter()
        watcher = threading.Thread(target=watched, args=(out, engine, ends, seen), daemon=True)
        watcher.start()
        try: run(out, plan, engine, say=say)
        except Done: pass
        took = time.perf_counter() - started
        ends.set()
        watcher.join()
    at, done, held, there = map(np.array, zip(*seen))
    whole = done.max()
    print(f"{whole:,} answers in {took:.0f} s, {whole/took:,.0f} a second; {len(set(there.tolist()))} states of the table were read")
    print(f"{'tenth':>8}{'answers a second':>20}{'MiB held':>12}")
    for k in range(10):
        a, b = np.searchsorted(done, whole*k/10, "right") - 1, np.searchsorted(done, whole*(k+1)/10)
        a, b = max(a, 0), min(b, len(done) - 1)
        print(f"{k+1:>8}{(done[b] - done[a])/max(at[b] - at[a], 1e-9):>20,.0f}{held[b]:>12,.0f}")

if __name__ == "__main__": sys.exit(main())
