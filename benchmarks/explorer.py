"""How fast the explorer opens a run of 5,000 latents and moves between them: `python benchmarks/explorer.py [--latents 5000] [--browser]`.

The run is made up (words drawn at random, 60 windows a latent, two scorers), since only its size matters here. Prints times in the
kernel, what its messages weigh and, with --browser, the same as a reader sees it: from click to card in a real Chromium.

On two CPU cores, 5,000 latents: opened in 0.2 s, first list and card in 0.6 s; from running the cell, imports included, until a card is
seen 1.7 s (asked for: 2); from key to card 34 ms in the median and 40 in 95 of 100 moves (asked for: 100); the saved notebook 35 kB (1 MB)."""
import argparse, shutil, sys, tempfile, time
from pathlib import Path
import numpy as np

def make(folder:Path, n:int, seed:int=0):
    "A run folder of `n` latents: store, windows, explanations, judgements."
    import pyarrow as pa, pyarrow.parquet as pq
    from autointerp.records import Example, Explanation, Judgement, Latent
    from autointerp.tables import save_examples
    from autointerp.parquet import save_table
    from autointerp.data.store import ShardWriter, create_store
    from autointerp.data.subject import demo_model
    rng = np.random.default_rng(seed)
    words = np.array([f" {''.join(rng.choice(list('abcdefghijklmnopqrstuvwxyz'), rng.integers(2, 9)))}" for _ in range(20_000)])
    rows, ctx, nnz = 2000, 128, 200*n
    at = rng.choice(rows*ctx*n, nnz, replace=False)
    latent, place = np.divmod(at, rows*ctx)
    with ShardWriter(create_store(folder/"activations", {"model":"made up"}, n, ctx), max_values=2**30, max_tokens=2**30) as w:
        w.add(0, rng.integers(0, 20_000, (rows, ctx)), place//ctx, place % ctx, latent, rng.gamma(2, 2, nnz).astype(np.float16))
    shutil.copy(Path(demo_model())/"tokenizer.json", folder/"activations")  # reads the strongest windows
    def window(k, split, on):
        acts = np.where(rng.random(32) < .1, rng.gamma(2, 2, 32), 0).round(3) if on else np.zeros(32)
        return Example(k, 1, tuple(rng.choice(words, 32).tolist()), tuple(acts.tolist()), "active" if on else "random", k % 10 if on else -1, split)
    some = min(n, 250)
    one = lambda i: Latent(i, 200/(rows*ctx), 12., 200, tuple(window(k, "train", True) for k in range(20)), tuple(window(20+k, "test", k < 20) for k in range(40)))
    save_examples([one(i) for i in range(some)], folder/"some.parquet")
    part = pq.read_table(folder/"some.parquet")
    shifted = lambda k: part.set_column(part.schema.get_field_index("latent"), "latent", pa.array(part["latent"].to_numpy() + k*some))
    pq.write_table(pa.concat_tables([shifted(k) for k in range(-(-n//some))]).slice(0, 60*n), folder/"examples.parquet", compression="zstd")
    save_table([Explanation(i, f"words such as{''.join(rng.choice(words, 4))}", "input_side", "nobody", "") for i in range(n)], folder/"explanations.parquet", Explanation)
    known = dict(explainer="input_side", start=1)
    js = (Judgement(**known, latent=i, scorer=s, row=20+k, label=k < 20, value=float(v), bin=k % 10 if k < 20 else -1) for s in ("detection", "fuzzing") for i in range(n) for k, v in enumerate(rng.random(40)))
    save_table(js, folder/"judgements.parquet", Judgement)

def timed(f, *args) -> tuple[float, float, object]:  # seconds by the clock, seconds of CPU, what it gave
    begin, cpu = time.perf_counter(), time.process_time()
    out = f(*args)
    return time.perf_counter() - begin, time.process_time() - cpu, out

def kernel(folder:Path, n:int):
    "Times without a browser."
    import json
    from autointerp.views.explorer import card_message, explore, rows_message, scores_message
    opened, cpu, w = timed(lambda: explore(folder))
    first, more, _ = timed(lambda: (rows_message(w.folder), card_message(w.folder, 0)))
    ids = np.random.default_rng(1).integers(0, n, 200).tolist()
    ms = lambda f: np.array([timed(f, i)[:2] for i in ids]).T*1000
    say = lambda what, t: print(f"{what:34} median {np.median(t[0]):6.1f} ms, 95% below {np.quantile(t[0], .95):6.1f} ms (CPU {np.median(t[1]):.1f})")
    for what, t, c in ((f"open {n:,} latents", opened, cpu), ("first list and card", first, more)): print(f"{what:34} {t:13.2f} s (CPU {c:.2f})")
    say("card", ms(lambda i: card_message(w.folder, i)))
    say("scores with intervals", ms(lambda i: scores_message(w.folder, i)))
    say("search and sort", ms(lambda i: rows_message(w.folder, text=str(i % 10), by="fuzzing", down=True)))
    print(f"{'a card weighs':34} {len(json.dumps(card_message(w.folder, 0)))/1000:.1f} kB")

def seen(folder:Path, n:int, moves:int=50):
    "Times as a reader sees them."
    sys.path.insert(0, str(Path(__file__).parent.parent/"tools"))
    import browser
    if why := browser.missing(): return print(f"in the browser: skipped, {why}")
    with tempfile.TemporaryDirectory() as d, browser.lab(Path(d)) as address, browser.page() as (page, bad):
        browser.notebook(Path(d)/"n.ipynb", f"import autointerp as ai; from autointerp.views.explorer import explore; explore({str(folder)!r})")
        browser.open_notebook(page, address, "n.ipynb")
        begin = time.perf_counter()
        browser.run_all(page)
        page.wait_for_selector(".ai-explorer[data-latent] table")
        print(f"run the cell, imports included, until a card is seen {time.perf_counter()-begin:5.2f} s")
        page.click(".ai-list")
        took = []
        for _ in range(moves):
            old = page.get_attribute(".ai-explorer", "data-latent")
            page.keyboard.press("ArrowDown")
            page.wait_for_selector(f".ai-explorer:not([data-latent='{old}'])")
            took.append(float(page.get_attribute(".ai-explorer", "data-ms")))
            page.wait_for_timeout(400)
        print(f"{'from key to card':34} median {np.median(took):6.1f} ms, 95% below {np.quantile(took, .95):6.1f} ms, in {moves} moves")
        page.keyboard.press("Control+s")
        page.wait_for_timeout(2000)
        print(f"{'the saved notebook':34} {(Path(d)/'n.ipynb').stat().st_size/1000:.0f} kB", *bad)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--latents", type=int, default=5000)
    parser.add_argument("--browser", action="store_true")
    parser.add_argument("--run", type=Path, help="where to keep the made-up run; default: nowhere")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temp:
        folder = args.run or Path(temp)
        if not (folder/"judgements.parquet").is_file(): make(folder, args.latents)
        kernel(folder, args.latents)
        if args.browser: seen(folder, args.latents)
