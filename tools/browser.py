"""The notebooks in a real browser: `python tools/browser.py [--pictures FOLDER] [WORD ...]`.

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

def missing() -> str:
    "What this machine lacks for a browser test, or ''."
    try: import playwright.sync_api, jupyterlab
    except ImportError as e: return f"no {e.name}: pip install playwright jupyterlab"
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
            server = subprocess.Popen([sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", *options], env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            for _ in range(480):
                try: urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status", timeout=1); break
                except OSError: time.sleep(.25)
            else: raise RuntimeError(f"JupyterLab did not start: {Path(temp, 'log').read_text()[-500:]}")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGTERM)
            try: server.wait(60)
            except subprocess.TimeoutExpired: server.kill()  # a kernel that is still busy; what went wrong before must be heard

@contextmanager
def page(width:int=1200, height:int=1000):
    "A page of a fresh browser, and the list of what must not happen: errors, and requests to elsewhere."
    from playwright.sync_api import sync_playwright
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, headless=True, args=["--no-sandbox", "--disable-gpu"])
        one, bad = browser.new_page(viewport={"width": width, "height": height}), []
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

def run_all(one, limit:int=600) -> list[str]:  # seconds
    "Run all cells; the complaints are the errors in their outputs."
    one.get_by_role("menuitem", name="Run", exact=True).click()
    one.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    done = "() => { const p = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(x => x.textContent); return p.length && p.every(t => /\\[\\d+\\]/.test(t)) }"
    failed = "() => document.querySelector('[data-mime-type=\"application/vnd.jupyter.error\"]')"
    one.wait_for_function(f"() => ({done})() || ({failed})()", timeout=1000*limit)
    return [t[-400:] for t in one.locator('[data-mime-type="application/vnd.jupyter.error"]').all_inner_texts()]

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
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells], metadata={"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}}), path)

_NASTY = """
from autointerp.records import Example, Explanation, Judgement, Latent, save_examples, save_table
import numpy as np, autointerp as ai
words = ["<script>", "alert(1)", "</script>", " <img src=x onerror=alert(1)>", " שלום", " עולם", " مرحبا", "👩‍", "🚀", "", "\\n", "\\t", "\\u202e", " 1932", " نص", " fi", "\\ufffd", " the", "\\u200d", " end"]
rng = np.random.default_rng(0)
def window(k, split, on): return Example(k, 0, tuple(words), tuple(np.where(rng.random(20) < .4, rng.random(20)*(k % 10 + 1), 0)*on), "active" if on else "random", k % 10 if on else -1, split)
latents = [Latent(i, .01/(i+1), 10., 50, tuple(window(k, "train", True) for k in range(20)), tuple(window(20+k, "test", k < 10) for k in range(20))) for i in range(40)]
save_examples(latents, "run/examples.parquet")
save_table([Explanation(l.id, f"<b>bold</b> claims, number {l.id}", "e", "nobody", "") for l in latents], "run/explanations.parquet", Explanation)
save_table([Judgement(l.id, "e", s, w.item, w.active, float(rng.random()/2 + w.active/3), w.bin) for l in latents for s in ("detection", "fuzzing") for w in l.test], "run/judgements.parquet", Judgement)
def near(i): return [i+1, i+2, 999], [.5, .25, .1]
"""

def explorer():
    "Hostile text is shown as text; search, sort, click, keys and the kernel move the explorer; light and dark, wide and narrow."
    with tempfile.TemporaryDirectory() as d, lab(Path(d)) as address, page() as (one, bad):
        notebook(Path(d)/"n.ipynb", _NASTY, "from autointerp.explore import explore\nwidget = explore('run', neighbours=near)\nwidget", "widget.latent = 7")
        open_notebook(one, address, "n.ipynb")
        bad += run_all(one)
        one.wait_for_selector(".ai-explorer[data-scored='7']")
        wrong = lambda what, ok: bad.append(what) if not ok else None
        wrong("the kernel's choice of latent is not shown", one.inner_text(".ai-head h3") == "Latent 7")
        wrong("an explanation's tag was read as HTML", one.locator(".ai-explorer :is(b, img, script)").filter(has_text="bold").count() == 0 and "<b>bold</b> claims, number 7" in one.inner_text(".ai-said"))
        wrong("no Hebrew, Arabic or emoji in the windows", all(t in one.inner_text(".ai-main table") for t in ("<script>", "שלום", "مرحبا", "🚀", "↵", "∅", "⟨202E⟩")))
        one.locator(".ai-main mark", has_text="1932").first.click()
        wrong("a token's strength is not told", re.search(r"“ 1932” [\d.]+, \d+% of the peak", one.inner_text(".ai-status")))
        one.click(".ai-chip:has-text('8')")
        one.wait_for_selector(".ai-explorer[data-latent='8']")
        one.fill(".ai-side input[type=search]", "number 31")
        one.wait_for_function("() => document.querySelectorAll('.ai-row').length == 1")
        one.click(".ai-row")
        one.wait_for_selector(".ai-explorer[data-latent='31']")
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
            one.set_viewport_size({"width": width, "height": 1000})
            one.wait_for_timeout(800)
            picture(one, one.locator(part).first, f"{name}-{shade.lower()}-{'wide' if width > 800 else 'narrow'}")
    one.set_viewport_size({"width": 1200, "height": 1000})
    theme(one, "Light")

@contextmanager
def tutorial(name:str):
    "A tutorial in the browser, all its cells run, on a copy; what it collects is kept beside the original."
    kept = root/"nbs/tutorials/runs"
    kept.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as d:
        shutil.copy(root/f"nbs/tutorials/{name}.ipynb", d)
        (Path(d)/"runs").symlink_to(kept)
        with lab(Path(d)) as address, page() as (one, bad):
            open_notebook(one, address, f"{name}.ipynb")
            bad += run_all(one, 1500)
            yield one, bad

def first_latent():
    "The first tutorial: type a sentence, judge a window, challenge the machine, click a token."
    with tutorial("first_latent") as (one, bad):
        field = one.locator(".widget-textarea textarea").first
        field.fill("The soup is <b>boiling</b> hot")
        one.wait_for_function("() => [...document.querySelectorAll('.widget-html mark')].some(m => m.textContent.includes('hot') && m.title)")
        if "<b>boiling</b>" not in one.locator(".widget-html", has_text="boiling").first.inner_text(): bad.append("typed text was read as HTML")
        looks(one, ".jp-OutputArea-output:has(.widget-textarea)", "live")
        one.click("button:has-text('It fires') >> nth=0")
        one.wait_for_selector(".widget-html:has-text('Window 2 of')")
        if not re.search("Right|Wrong", one.locator(".widget-html", has_text="Window 2 of").first.inner_text()): bad.append("predict does not say whether the answer was right")
        one.locator("input[placeholder^='what do the marked']").fill("temperature")
        one.click("button:has-text('Score mine')")
        one.wait_for_selector(".widget-html:has-text('difference')", timeout=900_000)  # the judge reads twenty windows
        one.locator(".ai-explorer .ai-main mark").first.click()
        if "% of the peak" not in one.inner_text(".ai-status"): bad.append("a token's strength is not told")
        looks(one, ".ai-explorer", "explorer")
        looks(one, ".jp-OutputArea-output article", "card")
        return "typed, predicted, challenged, explored", bad

def steer_it():
    "The steering tutorial: the slider starts anew, the text grows, stop stops."
    with tutorial("steer_it") as (one, bad):
        panel = one.locator(".jp-OutputArea-output:has(.widget-slider)").first
        panel.scroll_into_view_if_needed()
        before = panel.locator(".widget-html").last.inner_html()
        panel.locator(".noUi-handle").first.focus()
        for _ in range(8): one.keyboard.press("ArrowRight")
        one.wait_for_function("([p, old]) => p.querySelectorAll('.widget-html').length && [...p.querySelectorAll('.widget-html')].at(-1).innerHTML != old", arg=[panel.element_handle(), before])
        panel.locator("button:has-text('Steer'):not([disabled])").wait_for()
        if "steered" not in panel.inner_text(): bad.append("no steered text")
        looks(one, ".jp-OutputArea-output:has(.widget-slider)", "steering")
        panel.locator(".widget-text input, .widget-inttext input").nth(2).fill("200")
        one.keyboard.press("Tab")
        panel.locator("button:has-text('Steer')").click()
        panel.locator("button:has-text('Stop'):not([disabled])").click()
        panel.locator("button:has-text('Steer'):not([disabled])").wait_for()
        return "slid, steered, stopped", bad

def write_a_scorer():
    "The third tutorial runs."
    with tutorial("write_a_scorer") as (one, bad): return "", bad

steps = [explorer, first_latent, steer_it, write_a_scorer]


def skipping(step):
    "A step that is skipped, and says so, where there is no browser."
    return lambda: (f"skipped: {why}", []) if (why := missing()) else step()

def main():
    global pictures
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*")
    parser.add_argument("--pictures", type=Path, help="folder for pictures; default: none are taken")
    args = parser.parse_args()
    pictures = args.pictures
    passed, failed = check.run(check.chosen([(o.__name__, skipping(o)) for o in steps], args.words))
    print(f"{passed} passed, {failed} failed")
    return failed > 0

if __name__ == "__main__": sys.exit(main())
