"""What other processors would compute: the demo's activations under settings that make this one round as others do.

`python tools/processors.py [TOKENS]` collects them under each setting in float32 and bfloat16, counts the activations
that come or go, and says what it cost. Each setting is a process of its own: libraries read theirs when they load."""
import os, subprocess, sys, tempfile, time
from pathlib import Path

avx2 = {"ONEDNN_MAX_CPU_ISA":"AVX2", "ATEN_CPU_CAPABILITY":"avx2", "MKL_CBWR":"AVX2"}
settings = {  # name -> environment
    "as it is": {"OMP_NUM_THREADS":"2"},
    "one thread": {"OMP_NUM_THREADS":"1"},
    "AVX-512 without bfloat16": {"OMP_NUM_THREADS":"2", "ONEDNN_MAX_CPU_ISA":"AVX512_CORE", "ATEN_CPU_CAPABILITY":"avx512", "MKL_CBWR":"AVX512"},
    "AVX2": {"OMP_NUM_THREADS":"2"} | avx2,
    "AVX2, one thread": {"OMP_NUM_THREADS":"1"} | avx2,
    "SSE4": {"OMP_NUM_THREADS":"2", "ONEDNN_MAX_CPU_ISA":"SSE41", "ATEN_CPU_CAPABILITY":"default", "MKL_CBWR":"COMPATIBLE"},
}

def measure(dtype:str, n_tokens:int, out:str):
    """In the process of a setting: where the demo's latents fire, how strongly, and the CPU seconds that
    it took, of all threads."""
    import numpy as np
    from autointerp.data.activations import collect, load_text
    from autointerp.data.subject import load_subject
    subject, text = load_subject("demo", dtype=dtype), load_text("demo")
    with tempfile.TemporaryDirectory() as folder:
        collect(subject, text, f"{folder}/first", n_tokens=1000)   # whatever is slow only once
        begin = time.process_time()
        store = collect(subject, text, f"{folder}/run", n_tokens=n_tokens)
        took = time.process_time() - begin
        dense = np.zeros((store.n_latents, store.n_rows*store.ctx_len), np.float32)
        for i in range(store.n_latents):
            fires = store.latent(i)
            dense[i, fires.row.astype(int)*store.ctx_len + fires.pos] = fires.act
    np.savez_compressed(out, acts=dense, took=took)

def compare(n_tokens:int):
    "A line for each setting: what differs from the first."
    import numpy as np
    print(f"{n_tokens:,} tokens, all latents; compared with the first line of each dtype")
    for dtype in ("float32", "bfloat16"):
        first = None
        for name, env in settings.items():
            if dtype == "bfloat16" and name == "SSE4": continue   # five minutes
            with tempfile.TemporaryDirectory() as folder:
                command = [sys.executable, __file__, dtype, str(n_tokens), f"{folder}/acts.npz"]
                subprocess.run(command, env=os.environ | env, check=True, capture_output=True)
                got = np.load(f"{folder}/acts.npz")
                acts, took = got["acts"], float(got["took"])
            first = acts if first is None else first
            both = (acts > 0) & (first > 0)
            changed = int(((acts > 0) != (first > 0)).sum())
            off = float((np.abs(acts - first)[both]/first[both]).max())
            print(f"{dtype:9} {name:25} {changed:5,} of {int((acts > 0).sum()):,} come or go, "
                  f"the rest within {off:.0e}; {took:5.1f} s of CPU", flush=True)

if __name__ == "__main__":
    if len(sys.argv) == 4: measure(sys.argv[1], int(sys.argv[2]), sys.argv[3])
    else: compare(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
