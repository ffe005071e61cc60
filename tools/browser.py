"""The notebooks in a real browser: `python tools/browser.py [--quick] [--pictures FOLDER] [WORD ...]`.

Starts JupyterLab and a headless Chromium, runs notebooks, clicks, types and drags, and asserts on what appears: no error
in the page, no request that leaves the machine. Needs `pip install playwright` and a Chromium (`apt-get install chromium`);
without them every step says that it was skipped. With words, only the steps whose name has one of them."""
import argparse, os, re, shutil, signal, socket, subprocess, sys, tempfile, time, urllib.request
from contextlib import contextmanager
from pathlib import Path
import check
from check import root

chromium = next((p for o in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(o))), None)
pictures = None  # where pictures go, if anywhere
whole = True     # tutorials with the demo's judge and their slow cells; False: with a stand-in, without what is slow

def missing() -> str:
    "What this machine lacks for a browser test, or ''."
    try: import playwright.sync_api, jupyterlab
    except ImportError as e: return f"no {e.name.partition('.')[0]}: pip install playwright jupyterlab"
    return "" if chromium else "no Chromium on the path: apt-get install chromium"

@contextmanager
def lab(folder:Path):
    "A JupyterLab of its own, with no settings of the user's, that serves one folder."
    with tempfile.TemporaryDirectory() as temp, socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
        s.close()
        quiet = Path(temp)/"settings/@jupyterlab/apputils-extension"
        quiet.mkdir(parents=True)
        (quiet/"notification.jupyterlab-settings").write_text('{"fetchNews":"false","checkForUpdates":false}')
        whole = Path(temp)/"settings/@jupyterlab/notebook-extension"
        whole.mkdir()
        (whole/"tracker.jupyterlab-settings").write_text('{"windowingMode":"none"}')  # cells out of sight stay in the page
        env = os.environ | {f"JUPYTER_{k}_DIR": f"{temp}/{k.lower()}" for k in ("CONFIG", "DATA", "RUNTIME")} | {"JUPYTERLAB_SETTINGS_DIR": f"{temp}/settings", "JUPYTERLAB_WORKSPACES_DIR": f"{temp}/spaces"}
        env |= {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "HF_HUB_OFFLINE": "1"}
        options = [f"--port={port}", "--ServerApp.ip=127.0.0.1", "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}", "--LabApp.news_url=", "--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly",
                   "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
        with open(f"{temp}/log", "w") as log:
            command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", *options]
            server = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            for _ in range(480):
                try: urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status", timeout=1); break
                except OSError: time.sleep(.25)
            else: raise RuntimeError(f"JupyterLab did not start: {Path(temp, 'log').read_text()[-500:]}")
            yield f"http://127.0.0.1:{port}"
            said = Path(temp, "log").read_text()  # an error in a button's callback is told nowhere else
            if "Traceback" in said:
                raise RuntimeError(f"an error behind the page: {said[said.index('Traceback'):][-800:]}")
        finally:
            server.send_signal(signal.SIGTERM)
            try: server.wait(60)
            except subprocess.TimeoutExpired: server.kill()  # a kernel that is still busy; what went wrong before must be heard

@contextmanager
def page(width:int=1200, height:int=1000, **more):  # more for playwright, such as java_script_enabled=False
    "A page of a fresh browser, and the list of what must not happen: errors, and requests to elsewhere."
    from playwright.sync_api import sync_playwright
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, headless=True, args=["--no-sandbox", "--disable-gpu"])
        one, bad = browser.new_page(viewport={"width": width, "height": height}, **more), []
        one.set_default_timeout(120_000)
        one.on("pageerror", lambda e: bad.append(f"error in the page: {str(e)[:200]}"))
        one.on("dialog", lambda d: (bad.append(f"a dialog: {d.message[:100]}"), d.dismiss()))
        one.on("request", lambda r: bad.append(f"request to {r.url[:100]}") if r.url.startswith(("http", "ws")) and "//127.0.0.1" not in r.url else None)
        try: yield one, bad
        finally: browser.close()

def open_notebook(one, address:str, name:str):
    "Show a notebook and wait until its kernel is idle."
    one.goto(f"{address}/lab/tree/{name}?reset")
    one.wait_for_selector(".jp-Notebook .jp-CodeCell")
    one.wait_for_selector("text=| Idle")
    one.wait_for_timeout(2500)  # earlier, "Run All Cells" is lost
    one.evaluate("() => { const l = window.jupyterapp.shell; if (!l.leftCollapsed) l.collapseLeft() }")

_ERRORS = "() => window.jupyterapp.shell.currentWidget.content.widgets.flatMap(c => c.model.outputs?.toJSON() ?? []).filter(o => o.output_type == 'error').map(o => `${o.ename}: ${o.evalue}`)"

def run_all(one, limit:int=600) -> list[str]:  # seconds
    "Run all cells; the complaints are the errors in their outputs."
    one.get_by_role("menuitem", name="Run", exact=True).click()
    one.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    done = "() => { const p = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(x => x.textContent); return p.length && p.every(t => /\\[\\d+\\]/.test(t)) }"
    one.wait_for_function(f"() => ({done})() || ({_ERRORS})().length", timeout=1000*limit)
    return [t[-400:] for t in one.evaluate(_ERRORS)]

def theme(one, name:str):  # 'Light' or 'Dark'
    "Change JupyterLab's theme."
    one.evaluate(f"() => window.jupyterapp.commands.execute('apputils:change-theme', {{theme: 'JupyterLab {name}'}})")
    one.wait_for_function(f"() => document.body.dataset.jpThemeLight == '{str(name == 'Light').lower()}'")
    one.wait_for_timeout(1500)

def picture(one, what, name:str):
    "Keep a picture of a part of the page, if pictures are wanted."
    if pictures is None: return
    pictures.mkdir(parents=True, exist_ok=True)
    what.scroll_into_view_if_needed()
    what.screenshot(path=str(pictures/f"{name}.png"))

def notebook(path:Path, *cells:str):
    "Write a notebook of a few cells."
    import nbformat
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    nb = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)), metadata={"kernelspec": kernel})
    nbformat.write(nb, path)

_NASTY = """
from autointerp.records import Example, Explanation, Judgement, Latent
from autointerp.tables import save_examples
from autointerp.parquet import save_table
import numpy as np, autointerp as ai
words = ["<script>", "alert(1)", "</script>", " <img src=x onerror=alert(1)>", " שלום", " עולם", " مرحبا", "👩‍", "🚀", "", "\\n", "\\t", "\\u202e", " 1932", " نص", " $x^2", "\\ufffd", " the", "\\u200d", " y$"]
rng = np.random.default_rng(0)
def window(k, split, on): return Example(k, 0, tuple(words), tuple(np.where(rng.random(20) < .4, rng.random(20)*(k % 10 + 1), 0)*on), "active" if on else "random", k % 10 if on else -1, split)
latents = [Latent(i, .01/(i+1), 10., 50, tuple(window(k, "train", True) for k in range(20)), tuple(window(20+k, "test", k < 10) for k in range(20))) for i in range(40)]
save_examples(latents, "run/examples.parquet")
said = [Explanation(l.id, f"<b>bold</b> claims, number {l.id}", "e", "nobody", "") for l in latents]
judged = [Judgement(latent=l.id, explainer="e", scorer=s, row=w.row, start=w.start, label=w.active, value=float(rng.random()/2 + w.active/3), bin=w.bin) for l in latents for s in ("detection", "fuzzing") for w in l.test]
save_table(said, "run/explanations.parquet", Explanation)
save_table(judged, "run/judgements.parquet", Judgement)
def near(i): return [i+1, i+2, 999], [.5, .25, .1]
"""

def explorer():
    """Hostile text is shown as text; search, sort, click, keys and the kernel move the explorer; light and
    dark, wide and narrow."""
    with tempfile.TemporaryDirectory() as d, lab(Path(d)) as address, page() as (one, bad):
        notebook(Path(d)/"n.ipynb", _NASTY, "ai.Card(latents[7], said[7])", "ai.predict('run', 7)", "ai.challenge('run', 7, None)",
                 "from autointerp.views.explorer import explore\nwidget = explore('run', "
                 "neighbours=near)\nwidget", "widget.latent = 7")
        open_notebook(one, address, "n.ipynb")
        bad += run_all(one)
        one.wait_for_selector(".ai-explorer[data-scored='7']")
        wrong = lambda what, ok: bad.append(what) if not ok else None
        wrong("the kernel's choice of latent is not shown", one.inner_text(".ai-head h3") == "Latent 7")
        wrong("an explanation's tag was read as HTML", one.locator(".ai-explorer :is(b, img, script)").filter(has_text="bold").count() == 0 and "<b>bold</b> claims, number 7" in one.inner_text(".ai-said"))
        wrong("no Hebrew, Arabic or emoji in the windows", all(t in one.inner_text(".ai-main table") for t in ("<script>", "שלום", "مرحبا", "🚀", "↵", "∅", "⟨202E⟩")))
        wrong("a price was read as a formula", one.locator("mjx-container").count() == 0)
        one.locator(".ai-main mark", has_text="1932").first.click()
        wrong("a token's strength is not told", re.search(r"“ 1932” [\d.]+ \(\d+% of the peak\)", one.inner_text(".ai-status")))
        one.click(".ai-chip:has-text('8')")
        one.wait_for_selector(".ai-explorer[data-latent='8']")
        one.fill(".ai-side input[type=search]", "number 31")
        one.wait_for_function("() => document.querySelectorAll('.ai-row').length == 1")
        one.click(".ai-row")
        one.wait_for_selector(".ai-explorer[data-latent='31']")
        wrong("a line of the list ends in a dot", not one.inner_text(".ai-row small").rstrip().endswith("·"))
        one.fill(".ai-side input[type=search]", "no <b>such</b> thing")
        one.wait_for_selector(".ai-nothing")
        wrong("a search that finds nothing doesn't say so", "no explanation has “no <b>such</b> thing” in it" in one.inner_text(".ai-nothing"))
        one.fill(".ai-side input[type=search]", "")
        one.wait_for_function("() => document.querySelectorAll('.ai-row').length == 40")
        one.select_option(".ai-side select", "density")
        one.wait_for_function("() => document.querySelector('.ai-row').dataset.id == '39'")
        one.click(".ai-row >> nth=0")
        one.wait_for_selector(".ai-explorer[data-latent='39']")
        one.keyboard.press("ArrowDown")
        one.wait_for_selector(".ai-explorer[data-latent='38']")
        one.wait_for_selector(".ai-explorer[data-scored='38'] details")
        one.click(".ai-explorer summary >> nth=0")
        wrong("no window that a scorer got wrong", "judged" in one.inner_text(".ai-explorer details"))
        one.evaluate("() => document.querySelectorAll('.ai-explorer')[0].scrollIntoView()")
        looks(one, ".ai-explorer", "hostile")
        return "40 latents of hostile text", bad

def looks(one, part:str, name:str):
    "Pictures of a part of the page: light and dark, wide and narrow."
    if pictures is None: return
    for shade in ("Light", "Dark"):
        theme(one, shade)
        for width in (1200, 560):
            one.set_viewport_size({"width": width, "height": 1800})  # a part taller than the window would be cut off
            one.wait_for_timeout(800)
            picture(one, one.locator(part).first, f"{name}-{shade.lower()}-{'wide' if width > 800 else 'narrow'}")
    one.set_viewport_size({"width": 1200, "height": 1000})
    theme(one, "Light")

_REPORT = """
from autointerp.scores import Scores
lots, tokens = Scores(tuple(latents), tuple(said), tuple(judged)), {l.id: ([(w, 1.5) for w in words[:8]], [(w, -1.5) for w in words[8:]]) for l in latents}
for path in ("report.html", "pages"): ai.report(lots, path, tokens=tokens, title="<i>Hostile</i> text " + "t"*2000, facts={"text": "<script>alert(1)</script>" + "y"*20_000}, baselines={"random": lots}, per_page=25)
"""

def report():
    "The report from disk: readable without JavaScript, sorted with it, links that lead somewhere; nothing is fetched."
    with tempfile.TemporaryDirectory() as d:
        subprocess.run([sys.executable, "-c", _NASTY + _REPORT], cwd=d, check=True, stdin=subprocess.DEVNULL)
        address, bad = (Path(d)/"report.html").as_uri(), []
        real = max(root.glob("nbs/runs/*/report.html"), key=lambda p: p.stat().st_size, default=Path(d)/"report.html")  # a prettier picture, where there is one
        for script in (False, True):
            with page(java_script_enabled=script) as (one, found):
                one.on("request", lambda r: found.append(f"the page asks for {r.url[:100]}") if not r.is_navigation_request() else None)
                one.on("console", lambda m: found.append(f"in the console: {m.text[:200]}") if m.type in ("error", "warning") else None)
                (_read_sorted if script else _read_plain)(one, address, found)
                if script and pictures is not None: _report_pictures(one, real.as_uri())
                bad += found
        return "40 latents of hostile text", bad

def _read_plain(one, address, bad):
    "The essentials, which need no JavaScript."
    one.goto(address)
    rows = one.locator("table[class=sortable]:has(td.wide) tbody tr")
    if rows.count() != 40: bad.append(f"{rows.count()} lines in the table of latents, expected 40")
    if one.locator("article").count() != 40: bad.append(f"{one.locator('article').count()} cards, expected 40")
    if one.locator("figure svg[aria-label]").count() < 3: bad.append("fewer than three figures with a label")
    if one.locator(":is(b, i, img, script)", has_text=re.compile("bold|Hostile|alert")).count():
        bad.append("a text was read as HTML")
    card = one.locator("article").first
    card.scroll_into_view_if_needed()
    one.wait_for_timeout(500)  # what is out of sight isn't drawn, and has no text
    if not all(t in card.inner_text() for t in ("<script>", "שלום", "🚀", "⟨202E⟩")):
        bad.append(f"no hostile text in a card: {card.inner_text()[:200]}")
    for shade in ("light", "dark"):
        one.emulate_media(color_scheme=shade)
        for width in (1200, 400):
            one.set_viewport_size({"width": width, "height": 1000})
            if (over := one.evaluate("() => document.documentElement.scrollWidth - innerWidth")) > 0:
                bad.append(f"{shade}, {width} wide: {over} pixels stick out on the right")
    rows.nth(7).locator("a").click()
    if not one.url.endswith("#latent-7") or not one.locator("#latent-7").is_visible():
        bad.append(f"a latent's link leads to {one.url[-30:]}")

def _read_sorted(one, address, bad):
    "Sorting by mouse and keyboard, and the folder of pages."
    one.goto(address)
    table = one.locator("table.sortable:has(td.wide)")
    first = lambda: table.locator("tbody th >> nth=0").inner_text()
    table.locator("th button", has_text="density").click()
    if (first(), table.locator("[aria-sort]").get_attribute("aria-sort")) != ("39", "ascending"):
        bad.append(f"sorted by density, latent {first()} comes first")
    one.keyboard.press("Enter")
    if first() != "0": bad.append(f"sorted by density by the keyboard, latent {first()} comes first")
    one.goto(address.replace("report.html", "pages/index.html"))
    one.click("nav a")
    one.click("table.sortable th[scope=row] a >> nth=3")
    if one.inner_text("h1") != "Latent 28":
        bad.append(f"the fourth link of the second index leads to {one.inner_text('h1')}")
    picture(one, one.locator("body"), "report-latent")
    one.click("nav a:has-text('latent 29')")
    one.click("nav a:has-text('all latents')")
    if not one.url.endswith("/index-2.html"): bad.append(f"all latents are at {one.url[-30:]}")

_MANY = """
from dataclasses import replace
from pathlib import Path
from autointerp.chunks import begin_chunks
from autointerp.views.many import latent_pages, report_many
for chunk in begin_chunks("many", range(130), 50):
    chunk.folder.mkdir(parents=True)
    of = lambda i, record: replace(record, latent=i)
    save_examples([replace(latents[i % 40], id=i, density=.01/(i+1)) for i in chunk.latents], chunk.folder/"examples.parquet")
    save_table([replace(said[0], latent=i, text=f"<b>bold</b> claims, number {i} </script><script>alert(1)</script> \\u202e שלום") for i in chunk.latents], chunk.folder/"explanations.parquet", Explanation)
    save_table([replace(j, latent=i) for i in chunk.latents for j in judged if j.latent == i % 40 and (i < 120 or j.scorer == "fuzzing")], chunk.folder/"judgements.parquet", Judgement)
report_many("many", "report.html", "0"*16, title="<i>Hostile</i> text " + "t"*2000, facts={"text": "<script>alert(1)</script>" + "y"*20_000})
latent_pages("many", "report.html", "0"*16, [7, 129])
"""

def index():
    "The index of many latents from disk: readable without JavaScript, searched, sorted and turned over with it; it asks for its own files alone."
    with tempfile.TemporaryDirectory() as d:
        subprocess.run([sys.executable, "-c", _NASTY + _MANY], cwd=d, check=True, stdin=subprocess.DEVNULL)
        address, bad = (Path(d)/"report.html").as_uri(), []
        def own(r): return r.is_navigation_request() or "/report/" in r.url
        for script in (False, True):
            with page(java_script_enabled=script) as (one, found):
                one.on("request", lambda r: found.append(f"the page asks for {r.url[:100]}") if not own(r) else None)
                one.on("console", lambda m: found.append(f"in the console: {m.text[:200]}") if m.type in ("error", "warning") else None)
                one.goto(address)
                (_index_used if script else _index_read)(one, found)
                bad += found
        bad += _index_broken(Path(d)/"report.html")
        return "130 latents of hostile text", bad

def _index_read(one, bad):
    "Without JavaScript: the first rows, and that there are more."
    rows = one.locator(".listing tbody tr")
    if rows.count() != 50 or "first of 130" not in one.inner_text(".listing"): bad.append(f"without JavaScript {rows.count()} rows, expected the first 50 of 130")
    if one.locator(":is(b, i, img, script)", has_text=re.compile("bold|Hostile|alert")).count(): bad.append("a text was read as HTML")
    for shade in ("light", "dark"):
        one.emulate_media(color_scheme=shade)
        for width in (1200, 400):
            one.set_viewport_size({"width": width, "height": 1000})
            if (over := one.evaluate("() => document.documentElement.scrollWidth - innerWidth")) > 0: bad.append(f"{shade}, {width} wide: {over} pixels stick out on the right")

def _index_used(one, bad):
    "With it: every way to find a latent, and the way to its page and back."
    names = lambda: one.locator(".listing tbody th").all_inner_texts()
    said = lambda: one.inner_text(".listing output")
    def shows(what, words):
        heard = "words => document.querySelector('.listing output').textContent.includes(words)"
        try: one.wait_for_function(heard, arg=words, timeout=20_000)
        except Exception: bad.append(f"{what}: {said()!r}, expected {words!r}")
    def first(what, *expected):
        if names()[:len(expected)] != list(expected): bad.append(f"{what}: {names()[:3]} come first, expected {expected}")
    shows("opened", "1 to 50 of 130")
    first("opened", "0", "1", "2")
    one.locator("thead button", has_text="density").click()
    one.wait_for_selector("[aria-sort=descending]")
    first("most frequent first", "0", "1")
    one.keyboard.press("Enter")
    one.wait_for_selector("[aria-sort=ascending] :text('density')")
    first("rarest first", "129", "128")
    one.locator("thead button", has_text="detection").click()
    one.wait_for_selector("[aria-sort=descending] :text('detection')")
    best = [float(t.split()[0]) for t in one.locator("td.score:nth-of-type(3)").all_inner_texts()]
    if best != sorted(best, reverse=True): bad.append(f"the best aren't first: {best[:5]}")
    one.click(".pager button:last-child")
    one.click(".pager button:last-child")
    shows("turned over twice", "101 to 130 of 130")
    if one.locator("td.score:nth-of-type(3)").last.inner_text(): bad.append("those without a score aren't last")
    picture(one, one.locator(".listing"), "index-light-wide")
    one.fill("input[type=search]", "CLAIMS <b>bold</b> 12")
    shows("searched", "1 to 12 of 12 of 130 have")
    one.fill("input[type=search]", "no <b>such</b> thing")
    shows("searched in vain", "none of 130 has “no <b>such</b> thing”")
    one.fill("input[type=search]", "number 7")
    shows("searched again", "of 22 of 130")
    if not all(t in one.inner_text(".listing tbody") for t in ("<b>bold</b>", "</script><script>", "⟨202E⟩", "שלום")): bad.append("a hostile text isn't shown as a text")
    one.locator("tbody button", has_text=re.compile("^70$")).click()
    if "autointerp report many --latents 70" not in one.inner_text("tr.told"): bad.append("nothing says how a page is made")
    where = one.url
    one.locator("tbody a", has_text=re.compile("^7$")).click()
    if one.inner_text("h1") != "Latent 7" or one.locator("article mark").count() < 4: bad.append(f"latent 7's link leads to {one.inner_text('h1')}")
    one.go_back()
    shows("back again", "of 22 of 130")
    if one.url != where or one.input_value("input[type=search]") != "number 7": bad.append(f"what was searched is lost on the way back: {one.url[-60:]}")
    if one.locator(":is(b, i, img)", has_text=re.compile("bold|Hostile|alert")).count(): bad.append("a text was read as HTML")
    one.emulate_media(color_scheme="dark")
    picture(one, one.locator(".listing"), "index-dark-wide")
    one.set_viewport_size({"width": 400, "height": 1000})
    if (over := one.evaluate("() => document.documentElement.scrollWidth - innerWidth")) > 0: bad.append(f"with its controls {over} pixels stick out on the right")

def _index_broken(path) -> list[str]:
    "Files of another report, and files that are lost, are told."
    bad, order = [], path.with_suffix("")/"data/order/1.js"
    def changed(): order.write_text(order.read_text().replace("0"*16, "1"*16))
    for harm, words in ((changed, "of another report"), (order.unlink, "can't be read")):
        harm()
        with page() as (one, found):
            one.goto(path.as_uri())
            one.locator("thead button", has_text="density").click()
            one.wait_for_selector(".listing output.bad")
            if words not in one.inner_text(".listing output"): bad.append(f"{one.inner_text('.listing output')!r}, expected {words!r}")
            bad += found
    return bad

def _report_pictures(one, address):
    "The opening and a card: light and dark, wide and narrow."
    one.goto(address)
    for shade in ("light", "dark"):
        one.emulate_media(color_scheme=shade)
        for width in (1200, 400):
            one.set_viewport_size({"width": width, "height": 1600})
            for part, name in (("body", "report"), ("article >> nth=0", "report-card")):
                one.evaluate("() => scrollTo(0, 0)")
                kept = pictures/f"{name}-{shade}-{'wide' if width > 800 else 'narrow'}.png"
                pictures.mkdir(parents=True, exist_ok=True)
                one.screenshot(path=str(kept)) if part == "body" else one.locator(part).screenshot(path=str(kept))

_STAND_IN = """
import autointerp as ai
from autointerp.judges.calls import Reply
from autointerp.judges.engine import Engine
class StandIn(Engine):
    "Says yes to windows with a word of temperature."
    def __init__(self, *_, **__): super().__init__("a stand-in", {"a stand-in": 1}, cache=False)
    async def _send(self, request):
        yes = -.1 if any(w in request["messages"][-1]["content"] for w in (" hot", " cold", " warm")) else -2.4
        return Reply("words for temperature", "", 100, 1, 0., False, (("Yes", yes), ("No", -2.5 - yes)))
ai.LocalLM = StandIn
"""

@contextmanager
def tutorial(name:str):
    "A tutorial in the browser, on a copy, all its cells run; what was collected for the original isn't collected again."
    import nbformat
    with tempfile.TemporaryDirectory() as d:
        book = nbformat.read(root/f"nbs/tutorials/{name}.ipynb", 4)
        if not whole:  # a stand-in for the judge; what takes long without one is left out
            book.cells = [c for c in book.cells if name != "steer_it" or "#| slow" not in c.source]
            book.cells.insert(0, nbformat.v4.new_code_cell(_STAND_IN))
        nbformat.write(book, Path(d)/f"{name}.ipynb")
        kept = root/"nbs/tutorials/runs/first_latent/activations"
        (Path(d)/"runs/first_latent").mkdir(parents=True)
        if kept.is_dir(): (Path(d)/"runs/first_latent/activations").symlink_to(kept)
        with lab(Path(d)) as address, page() as (one, bad):
            open_notebook(one, address, f"{name}.ipynb")
            bad += run_all(one, 1500)
            yield one, bad

def first_latent():
    "The first tutorial: type a sentence, judge a window, challenge the machine, click a token."
    with tutorial("first_latent") as (one, bad):
        if bad: return "", bad
        one.locator(".widget-textarea textarea").first.fill("The soup is <b>boiling</b> hot")
        one.wait_for_function("() => [...document.querySelectorAll('.widget-html mark')].some(m => "
                              "m.textContent.includes('hot') && m.title)")
        if "<b>boiling</b>" not in one.locator(".widget-html", has_text="boiling").first.inner_text():
            bad.append("typed text was read as HTML")
        looks(one, ".jp-OutputArea-output:has(.widget-textarea)", "live")
        one.click("button:has-text('It fires') >> nth=0")
        one.wait_for_selector(".widget-html:has-text('Window 2 of')")
        if not re.search("Right|Wrong", one.locator(".widget-html", has_text="Window 2 of").first.inner_text()):
            bad.append("predict does not say whether the answer was right")
        looks(one, ".jp-OutputArea-output:has(button:has-text('It fires'))", "predict")
        one.locator("input[placeholder^='what do the marked']").fill("temperature")
        one.click("button:has-text('Score mine')")
        one.wait_for_selector(".widget-html:has-text('difference')", timeout=900_000)  # the judge reads twenty windows
        looks(one, ".jp-OutputArea-output:has(button:has-text('Score mine'))", "challenge")
        one.locator(".ai-explorer .ai-main table mark").first.click()
        if "% of the peak" not in one.inner_text(".ai-status"): bad.append("a token's strength is not told")
        best = one.locator(".ai-explorer .ai-main table tr").first.inner_text()
        peak = one.locator(".ai-explorer .ai-main p").first.inner_text().rpartition("peak ")[2]
        if not re.match(rf"strongest\s+peak {re.escape(peak)}", best):
            bad.append(f"the first windows are not the strongest: {best[:60]!r}, where the peak is {peak}")
        looks(one, ".ai-explorer", "explorer")
        looks(one, ".jp-OutputArea-output article", "card")
        return "typed, predicted, challenged, explored", bad

def steer_it():
    "The steering tutorial: the slider starts anew, the text grows, stop stops."
    with tutorial("steer_it") as (one, bad):
        if bad: return "", bad
        panel, asked = one.locator(".jp-OutputArea-output:has(.widget-slider)").first, "nats.*clean.*steered"
        panel.scroll_into_view_if_needed()
        written = lambda: panel.locator(".widget-html").last.inner_text()
        def still():  # until nothing is being written
            panel.locator("button:has-text('Stop')[disabled]").wait_for()
            panel.locator("button:has-text('Steer'):not([disabled])").wait_for()
        still()
        before = written()
        panel.locator(".noUi-handle").first.focus()
        for _ in range(8): one.keyboard.press("ArrowRight")
        panel.locator(".widget-readout", has_text="1.40").wait_for()
        still()
        if written() == before or not re.search(asked, written(), re.S):
            bad.append(f"the slider moved, and the panel says {written()[:200]!r}")
        looks(one, ".jp-OutputArea-output:has(.widget-slider)", "steering")
        for label, number in (("held at this activation", "10.00"), ("amplified by so many nats (KL)", "1.00")):  # the slider of another meaning begins anew
            panel.locator("select").select_option(label=label)
            panel.locator(".widget-readout", has_text=number).wait_for()
        still()
        panel.locator("input[type=number]").nth(2).fill("200")
        one.keyboard.press("Tab")
        panel.locator("button:has-text('Steer')").click()
        panel.locator("button:has-text('Stop'):not([disabled])").wait_for()
        one.wait_for_function("([e, old]) => e.innerText.length > old + 40", arg=[panel.locator(".widget-html").last.element_handle(), len(written())])  # it grows
        begin = time.perf_counter()
        panel.locator("button:has-text('Stop')").click()
        still()
        if (took := time.perf_counter() - begin) > 5: bad.append(f"it took {took:.0f} s to stop")
        return "slid, steered, stopped", bad

def write_a_scorer():
    "The third tutorial runs, and shows its tables."
    with tutorial("write_a_scorer") as (one, bad):
        if not bad and one.locator(".jp-OutputArea-output table").count() < 4: bad.append("fewer than four tables")
        return "", bad

def your_own():
    "The tutorial on one's own model runs, and shows a latent of its own coder."
    with tutorial("your_own") as (one, bad):
        if not bad and one.locator(".jp-OutputArea-output article mark").count() < 4:
            bad.append("no card with marked tokens")
        return "", bad

def score_an_sae():
    "The whole method: minutes of judging, so only where the slow cells are run."
    if not whole: return "skipped: it is slow from end to end", []
    with tutorial("score_an_sae") as (one, bad):
        if not bad and one.locator(".jp-OutputArea-output table").count() < 5: bad.append("fewer than five tables")
        return "", bad

steps = [report, index, explorer, first_latent, steer_it, write_a_scorer, your_own, score_an_sae]

def skipping(step):
    "A step that is skipped, and says so, where there is no browser."
    return lambda: (f"skipped: {why}", []) if (why := missing()) else step()

def main():
    global pictures, whole
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*")
    parser.add_argument("--pictures", type=Path, help="folder for pictures; default: none are taken")
    parser.add_argument("--quick", action="store_true", help="a stand-in for the tutorials' judge, "
                                                             "and none of their slow cells: "
                                                             "as in tools/test.py")
    args = parser.parse_args()
    pictures, whole = args.pictures, not args.quick
    passed, failed = check.run(check.chosen([(o.__name__, skipping(o)) for o in steps], args.words))
    print(f"{passed} passed, {failed} failed")
    return failed > 0

if __name__ == "__main__": sys.exit(main())
