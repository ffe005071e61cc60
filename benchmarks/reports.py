"""The report of a run of 100,000 latents, made and opened in a browser: `python benchmarks/reports.py [--latents 100000] [--run FOLDER]`.

The run is made up in chunks as runs are (12 windows of 16 tokens a latent, two scorers on 40 windows of an explanation and of one that was
dealt from another latent), since only its size matters here. Prints seconds and peak memory of the index and of some latents' pages, what a
browser loads to show it, and how long it takes to paint, sort, search and turn over: a real Chromium, from disk."""
import argparse, json, resource, sys, tempfile, time
from pathlib import Path
import numpy as np

words = "dates names rivers moon verbs motion sentence quoted speech numbers months cities code brackets French plural negation colour family law".split()

def judgements(ids, rng, windows=40):
    "A chunk's judgements as a table."
    import pyarrow as pa
    from autointerp.parquet import schema
    from autointerp.records import Judgement
    n, ways = len(ids), [(s, b) for s in ("detection", "fuzzing") for b in ("", "shuffled")]
    skill = rng.uniform(0, 3, n)
    tables = []
    for scorer, baseline in ways:
        label = np.tile(np.arange(windows) < windows//2, n)
        value = 1/(1 + np.exp(-rng.normal(np.repeat(skill*(baseline == ""), windows)*label)))
        none = rng.random(len(label)) < .01
        row = np.tile(np.arange(windows), n)
        same = dict(coder="", part=0, explainer="input_side", method="plain", baseline=baseline, scorer=scorer, dose=None, dose_word="",
                    adaptive=False, unit="window", start=1, token=None, judge="made up", prompt="", mass=None, tested="")
        columns = {k:[v]*len(label) for k, v in same.items()}
        columns |= dict(latent=np.repeat(ids, windows), row=row, label=label, value=pa.array(value, mask=none), bin=np.where(label, row % 10, -1),
                        reason=np.where(none, "refused", ""), parts=[[]]*len(label))
        tables.append(pa.Table.from_pydict(columns, schema=schema(Judgement)))
    return pa.concat_tables(tables)

def make(folder:Path, n:int, chunk:int=256, seed:int=0):
    "A run folder of `n` latents in chunks."
    import pyarrow as pa
    from dataclasses import asdict
    from autointerp.chunks import begin_chunks
    from autointerp.disk import save_json
    from autointerp.parquet import read_table, save_table, write_table
    from autointerp.records import Example, Explanation, Latent
    from autointerp.runs.plan import Plan
    from autointerp.tables import save_examples
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    save_json(asdict(Plan(model="made up", sae="made up", n_latents=n)), folder/"run.json")
    def window(k, split, on):
        acts = np.where(rng.random(16) < .2, rng.gamma(2, 2, 16), 0).round(2)*on
        fires = bool(acts.any())
        return Example(k, 1, tuple(f" {w}" for w in rng.choice(words, 16)), tuple(acts.tolist()), "active" if fires else "random", int(rng.integers(10)) if fires else -1, split)
    def latent(i): return Latent(i, float(rng.lognormal(-6, 1)), 9., 500, tuple(window(k, "train", True) for k in range(6)), tuple(window(20 + k, "test", k < 3) for k in range(6)))
    first = None
    for part in begin_chunks(folder, range(n), chunk):
        ids = np.array(part.latents)
        part.folder.mkdir(parents=True, exist_ok=True)
        if first is None or len(ids) > len(first): first, table = ids, None
        if table is None: table = read_table(save_examples([latent(int(i)) for i in first], part.folder/"examples.parquet"))
        place = np.searchsorted(first, table["latent"].to_numpy())
        here = table.filter(pa.array(place < len(ids))) if len(ids) < len(first) else table
        renamed = pa.array(ids[place[place < len(ids)]])
        write_table(here.set_column(here.schema.get_field_index("latent"), here.schema.field("latent"), renamed).replace_schema_metadata({}), part.folder/"examples.parquet")
        texts = [" ".join(["words about", *rng.choice(words, 3), "in the middle of", *rng.choice(words, 4)]) for _ in ids]
        said = [Explanation(int(i), t, "input_side", "made up", "") for i, t in zip(ids, texts)]
        said += [Explanation(int(i), t, "input_side", "made up", "", baseline="shuffled") for i, t in zip(ids, texts[1:] + texts[:1])]
        save_table(said, part.folder/"explanations.parquet", Explanation)
        write_table(judgements(ids, rng), part.folder/"judgements.parquet")

def peak() -> float: return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/2**20   # GiB

def timed(what, f, *args):
    "What a call takes, printed."
    begin, cpu = time.perf_counter(), time.process_time()
    out = f(*args)
    print(f"{what:42} {time.perf_counter() - begin:8.1f} s (CPU {time.process_time() - cpu:.1f}), peak so far {peak():.2f} GiB", flush=True)
    return out

def weight(folder): return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())/1e6

def opened(page:Path):
    "The same as a reader sees it."
    sys.path.insert(0, str(Path(__file__).parent.parent/"tools"))
    import browser
    if why := browser.missing(): return print(f"in the browser: skipped, {why}")
    with browser.page() as (one, bad):
        loaded = []
        one.on("request", lambda r: loaded.append(r.url))
        def weighed():
            files = [Path(u.partition("#")[0].removeprefix("file://")) for u in loaded]
            size = sum(p.stat().st_size for p in files if p.is_file())/1e6
            n = len(loaded); loaded.clear()
            return f"{size:.2f} MB in {n} files"
        one.goto(page.as_uri())
        paint = one.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime")
        print(f"{'opened: first paint':42} {paint/1000:8.2f} s, {weighed()}")
        def step(what, act, until):
            begin = time.perf_counter()
            act()
            one.wait_for_function(until)
            print(f"{what:42} {time.perf_counter() - begin:8.2f} s, {weighed()}: {one.inner_text('.listing output')}")
        said = lambda key, value: f"() => JSON.parse(document.querySelector('.listing').dataset.shown)[{json.dumps(key)}] == {json.dumps(value)}"
        step("sorted by a score", lambda: one.locator(".listing thead button").nth(3).click(), said("by", 3))
        step("the other way", lambda: one.locator(".listing thead button").nth(3).click(), said("down", False))
        step("turned over", lambda: one.click(".pager button:last-child"), said("page", 1))
        step("searched", lambda: one.fill(".listing input[type=search]", "moon rivers"), said("find", "moon rivers"))
        step("searched again", lambda: one.fill(".listing input[type=search]", "family law"), said("find", "family law"))
        print(*bad)

def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--latents", type=int, default=100_000)
    parser.add_argument("--pages", type=int, default=50, help="latents from all over the run whose pages are made")
    parser.add_argument("--run", type=Path, help="where to keep the made-up run; default: nowhere")
    args = parser.parse_args()
    from autointerp.views.many import latent_pages, report_many
    with tempfile.TemporaryDirectory() as temp:
        run = args.run or Path(temp)/"run"
        if not (run/"chunks").is_dir(): timed(f"a run of {args.latents:,} latents, made up", make, run, args.latents)
        before = peak()
        page = timed("index", report_many, run, run/"report.html", "0"*16)
        print(f"{'':42} it weighs {weight(run/'report'):.0f} MB in {sum(1 for _ in (run/'report').rglob('*.js')):,} files; the page {page.stat().st_size/1e6:.2f} MB; peak before {before:.2f} GiB")
        some = np.random.default_rng(1).choice(args.latents, min(args.pages, args.latents), replace=False).tolist()
        timed(f"pages of {len(some):,} latents, from all chunks", latent_pages, run, page, "0"*16, some)
        chunk = range(0, args.latents, max(1, -(-args.latents//256)))
        timed(f"pages of the {len(chunk):,} latents of a chunk", latent_pages, run, page, "0"*16, list(chunk))
        opened(page)

if __name__ == "__main__": main()
