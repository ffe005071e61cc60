"""README.md from nbs/index.ipynb, without quarto or pandoc: `python tools/readme.py [--check]`.

As in nbdev, `#| hide` drops a cell, `#| echo: false` its code and `#| output: false` its output. GitHub strips styles,
so an output is shown as Markdown, a picture or plain text, never as HTML. Pictures are written to nbs/images/."""
import re, sys
from pathlib import Path
from posixpath import normpath
import nbformat
from nbconvert import MarkdownExporter
from traitlets.config import Config

root = Path(__file__).resolve().parent.parent
source, target, images = root/"nbs/index.ipynb", root/"README.md", "nbs/images"
shown = ["text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/plain"]

def said(cell, directive:str) -> bool: return bool(re.search(rf"(?m)^#\|\s*{directive}\s*$", cell.source))

def from_root(text:str) -> str:
    "Links and pictures are relative to nbs/ in the notebook, and to the repository in README.md."
    move = lambda m: m[0] if re.match(r"[a-z]+:|#|/", m[2]) else m[1] + normpath(f"nbs/{m[2]}")
    return re.sub(r"""(\]\(|(?:src|href|srcset)=["'])([^)"'\s]+)""", move, text)

def prepare(nb):
    "Keep what a reader of README.md should see."
    nb.cells = [c for c in nb.cells if not said(c, "hide")]
    nb.metadata["language_info"] = {"name": "python"}
    for c in nb.cells:
        if c.cell_type == "markdown": c.source = from_root(re.sub(r"(?s)<!--.*?-->\n*", "", c.source))
        if c.cell_type != "code": continue
        if said(c, r"output:\s*false"): c.outputs = []
        if said(c, r"echo:\s*false"): c.source, c.metadata["transient"] = "", {"remove_source": True}
        c.source = re.sub(r"(?m)^#\|.*\n?", "", c.source).strip("\n")
        for o in c.outputs:
            if "data" in o: o["data"].pop("text/html", None)
    return nb

def render() -> dict[Path, bytes]:
    "Every file that README.md needs, README.md included."
    exporter = MarkdownExporter(config=Config(NbConvertBase={"display_data_priority": shown}))
    resources = {"output_files_dir": images, "unique_key": "readme"}
    body, resources = exporter.from_notebook_node(prepare(nbformat.read(source, 4)), resources=resources)
    body = re.sub(r"\n{3,}", "\n\n", re.sub(r"(?m)[ \t]+$", "", body)).strip() + "\n"
    head = "<!-- Made by tools/readme.py from nbs/index.ipynb: edit that. -->\n\n"
    return {target: (head + body).encode()} | {root/name: data for name, data in resources["outputs"].items()}

def current():
    "README.md and its pictures are what nbs/index.ipynb makes."
    files = render()
    stale = [p for p, data in files.items() if not p.exists() or p.read_bytes() != data]
    links = re.findall(r"""(?:\]\(|src=["'])([^)#"'\s]+)""", files[target].decode())
    gone = [o for o in links if not re.match(r"[a-z]+:", o) and not (root/o).exists() and root/o not in files]
    bad = [f"{p.relative_to(root)} is not current: run `python tools/readme.py`" for p in stale] + [f"README.md points to {o}, which isn't there" for o in gone]
    return f"{len(files)} files, {len(links)} links", bad

def write() -> list[Path]:
    "README.md and its pictures, made anew."
    files = render()
    for p, data in files.items():
        p.parent.mkdir(parents=True, exist_ok=True)
        p.write_bytes(data)
    return list(files)

if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        note, bad = current()
        sys.exit("\n".join(bad) if bad else print(f"README.md is current: {note}"))
    if sys.argv[1:]: sys.exit(__doc__)
    for p in write(): print(p.relative_to(root))
