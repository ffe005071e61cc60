"""A run's chain behind its store, against the number of latents: `python benchmarks/chain.py [--latents 1000 10000] [--train 40] [--test 100]`.

A made-up store, and a judge in this process that answers at once (what a queue of calls costs is in `judges.py`): windows, explanations,
detection and fuzzing with their baselines, seals, and what reads them. For each number of latents a process of its own does a run and
prints what each stage took, in seconds of the clock and of the CPU, and the most memory that the process held meanwhile."""
import argparse, os, subprocess, sys, tempfile, time, zlib
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

os.environ |= {"TQDM_DISABLE":"1", "HF_HUB_OFFLINE":"1"}
CONTEXTS, CTX, FIRES = 16_000, 129, 400      # contexts, tokens in each, tokens on which a latent fires

def make_store(folder:Path, n_latents:int):
    "Random text of ordinary letters, in which each latent fires here and there."
    import numpy as np
    from autointerp.data.families import tiny_tokenizer
    from autointerp.data.store import ShardWriter, create_store
    tokenizer = tiny_tokenizer()
    plain = [i for i in range(2, len(tokenizer)) if tokenizer.decode([i]).strip().isalnum()]
    create_store(folder, {"made up":n_latents}, n_latents, CTX, special_ids=(0, 1), tokenizer_json=tokenizer.backend_tokenizer.to_str())
    rng, each = np.random.default_rng(0), 500
    with ShardWriter(folder) as writer:
        for start in range(0, CONTEXTS, each):
            tokens = rng.choice(plain, (each, CTX)).astype(np.int32)
            tokens[:, 0] = 0
            key = np.unique(rng.integers(each*(CTX - 1)*n_latents, size=FIRES*n_latents*each//CONTEXTS))
            place, latent = np.divmod(key, n_latents)
            row, pos = np.divmod(place, CTX - 1)
            act = rng.gamma(2., size=len(key)).astype(np.float32) + np.float32(.01)
            writer.add(start, tokens, row, pos + 1, latent, act)

class Instant:
    "A judge in this process that always says the same to the same question."
    name, notes, identity, budget_usd = "instant", (), {"instant":1}, None
    def __init__(self):
        from autointerp.judges.calls import Usage
        self.usage, self.price = Usage(), (0., 0., 0.)
    def can(self, ability): return ability == "chat"
    def close(self): pass
    def chat_all(self, batch, check=None, **_):
        found = []
        for talk in batch:
            asked = talk[-1]["content"]
            odd, n = zlib.crc32(asked.encode()), asked.count("</text>")
            answers = ", ".join(str(odd >> k & 1) for k in range(n))
            found.append(SimpleNamespace(text=f"[{answers}]" if n else f"words of kind {odd % 97}", reason=""))
            self.usage.answered += 1
        return found

def held(what:str = "VmRSS") -> float:  # MiB
    line = next(o for o in Path("/proc/self/status").read_text().splitlines() if o.startswith(what))
    return int(line.split()[1])/1024

class Clock:
    "Seconds and peak memory of stages, however often they come."
    def __init__(self): self.took, self.cpu, self.peak = defaultdict(float), defaultdict(float), defaultdict(float)
    def of(self, name, does):
        def timed(*args, **more):
            Path("/proc/self/clear_refs").write_text("5")     # the peak begins anew
            begun, cpu = time.perf_counter(), time.process_time()
            try: return does(*args, **more)
            finally:
                self.took[name] += time.perf_counter() - begun
                self.cpu[name] += time.process_time() - cpu
                self.peak[name] = max(self.peak[name], held("VmHWM"))
        return timed

def one(n_latents:int, n_train:int, n_test:int, chunk:int):
    "A run of so many latents, printed as a table."
    import autointerp.runs.stages as stages
    from autointerp.chunks import begin_chunks, load_frame, load_latents
    from autointerp.data.store import ActivationStore
    from autointerp.runs.checkup import doctor
    from autointerp.runs.health import open_run
    from autointerp.runs.plan import Plan
    from autointerp.runs.progress import status
    from autointerp.runs.runner import run
    clock, names = Clock(), {"windows_stage":"windows", "explain_stage":"explanations", "score_stage":"scores", "tokens_stage":"tokens", "_seal":"seals"}
    with tempfile.TemporaryDirectory() as d:
        os.environ["AUTOINTERP_CACHE"] = f"{d}/cache"
        out = Path(d)/"run"
        plan = Plan(model="made up", n_latents=n_latents, n_train=n_train, n_test=n_test, scorers="detection,fuzzing", per_prompt=5,
                    min_active=100, judge="torch:none", max_norm_ratio=None, meanings="ignore", chunk=chunk)
        open_run(out, plan)
        clock.of("store", make_store)(out/"activations", n_latents)
        ids = stages.spread(ActivationStore(out).counts(), n_latents, plan.min_active)
        begin_chunks(out, ids, plan.chunk)
        subject = SimpleNamespace(coder=SimpleNamespace(n_latents=n_latents))
        for name, told in names.items(): setattr(stages, name, clock.of(told, getattr(stages, name)))
        with patch("autointerp.runs.tools.load_subject", lambda *_, **__: subject), patch("autointerp.runs.stages.effects", lambda s, ids: {}):
            many = clock.of("the run as a whole", run)(out, plan, Instant())
            assert len(many.ids) == n_latents
            clock.of("started again", run)(out, plan, Instant())
        frame = clock.of("scores of all, read", load_frame)(out)
        clock.of("ten latents, read", load_latents)(out, ids[::max(1, n_latents//10)])
        clock.of("status", status)(out)
        ills = clock.of("doctor", doctor)(out)
        size = sum(p.stat().st_size for p in (out/"chunks").rglob("*") if p.is_file())/2**20
    clock.peak["the run as a whole"] = max(clock.peak[told] for told in names.values())     # stages begin the peak anew
    print(f"\n{n_latents:,} latents, {n_train} + {n_train} windows to explain from and {n_test} + {n_test} to score; {len(frame):,} scores; "
          f"{size:,.0f} MiB of tables; {len(ills)} ills")
    print(f"{'stage':<24}{'seconds':>10}{'CPU seconds':>14}{'CPU ms a latent':>18}{'peak MiB':>12}")
    for name, took in clock.took.items():
        cpu = clock.cpu[name]
        print(f"{name:<24}{took:>10,.1f}{cpu:>14,.1f}{1000*cpu/n_latents:>18,.2f}{clock.peak[name]:>12,.0f}", flush=True)

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--latents", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--train", type=int, default=40, help="activating windows to explain from, and as many silent ones")
    parser.add_argument("--test", type=int, default=100, help="activating windows to score on, and as many silent ones")
    parser.add_argument("--chunk", type=int, default=256, help="latents in a chunk")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one: return one(args.latents[0], args.train, args.test, args.chunk)
    for n in args.latents:
        words = [sys.executable, __file__, "--one", "--latents", str(n), "--train", str(args.train), "--test", str(args.test), "--chunk", str(args.chunk)]
        subprocess.run(words, check=True)

if __name__ == "__main__": main()
