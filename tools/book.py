"""The book's order from one list, nbs/sidebar.yml (the site's navigation, as Quarto reads it): `python tools/book.py` brings the index,
the tree of the repository and each chapter's "Next" into it. `python tools/check.py order story` compares."""
import json, os, re, subprocess, textwrap
from itertools import zip_longest
from pathlib import Path
import yaml

root = Path(__file__).resolve().parent.parent
nbs, index = root/"nbs", root/"nbs/index.ipynb"

def notebooks() -> list[Path]:
    "Every notebook that isn't hidden, nor in a hidden folder."
    def hidden(path): return any(part.startswith((".", "_")) for part in path.relative_to(nbs).parts)
    return [p for p in sorted(nbs.rglob("*.ipynb")) if not hidden(p)]

def book() -> dict[str, list[Path]]:
    "The parts of the book and the notebooks of each, in order."
    listed = yaml.safe_load((nbs/"sidebar.yml").read_text(encoding="utf-8"))["website"]["sidebar"]["contents"]
    def paths(part): return [nbs/o for o in part["contents"]]
    return {part["section"]: paths(part) for part in listed if isinstance(part, dict)}

def chapters() -> list[Path]: return [p for part in book().values() for p in part]

def cells(path:Path) -> list[dict]: return json.loads(path.read_text(encoding="utf-8"))["cells"]
def source(cell:dict) -> str: return "".join(cell["source"])
def prose(path:Path) -> list[dict]: return [c for c in cells(path) if c["cell_type"] == "markdown"]

def heading(path:Path) -> tuple[str, str]:
    "A notebook's title and the one line below it."
    found = re.match(r"# (.+)\n+> (.+)", source(prose(path)[0]))
    return (found[1].strip(), found[2].strip()) if found else (path.stem, "")

def exports(path:Path) -> str:
    "The module that a notebook exports, or ''."
    found = (re.match(r"#\|\s*default_exp (\S+)", source(c)) for c in cells(path))
    return next((m[1] for m in found if m), "")

def link(to:Path, frm:Path) -> str: return f"[{heading(to)[0]}]({Path(os.path.relpath(to, frm.parent)).as_posix()})"

# What the tree says of each place, in the tree's order; a place that isn't there is not shown.
about = {
    "nbs": "the book: notebooks that run; a chapter exports the module of its name",
    "nbs/sidebar.yml": "the order of the book: site, index, README and each \"Next\" follow it",
    "nbs/tutorials": "",
    "nbs/images": "the pictures of this page",
    "autointerp": "the library, exported from nbs: never edited by hand",
    "autointerp/__init__.py": "the names that the package shows, and the room of each",
    "autointerp/records": "what flows between stages, and the tables it becomes",
    "autointerp/data": "models, coders and text to activations, and from those to windows",
    "autointerp/judges": "whom we ask: hosted or in this process, what it costs, how replies are read",
    "autointerp/explainers": "windows to a phrase",
    "autointerp/scorers": "a phrase and windows to judgements; no scorer knows another",
    "autointerp/stats": "judgements to numbers",
    "autointerp/views": "what one looks at",
    "autointerp/exchange": "",
    "autointerp/runs": "a plan, its jobs, a whole run, the shell",
    "autointerp/experiments": "what wasn't shown to help, by plugin only",
    "autointerp/prompts": "what explainers and scorers say to a model, a file each",
    "autointerp/static": "scripts, styles and pages of the views",
    "autointerp/demo_sae": "the weights of the demo's SAE, 9 MB",
    "tools": "the tests, the rules of the house, README and this tree",
    "benchmarks": "speed and memory, measured beside what others do",
    ".ci": "what CI runs: README's second command, word for word",
    "settings.ini": "requirements and version",
    "CONTRIBUTING.md": "how to change something",
    "CHANGELOG.md": "what changed, and whether scores did",
}

def tracked() -> list[Path]:
    "Every file that git carries or would, relative to the repository."
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, capture_output=True, text=True, check=True).stdout
    return [Path(o) for o in listed.splitlines() if (root/o).exists()]

def mirrored(folder:str) -> bool: return folder.startswith("nbs/") and folder.replace("nbs", "autointerp", 1) in about

def inside(folder:str, files:list[Path]) -> str:
    "The modules of a folder by their notebooks' numbers, the tutorials as the book has them, scripts by name."
    if folder == "nbs": return ""
    names = sorted(p.stem for p in files if p.parent.as_posix() == folder and p.suffix in (".py", ".ipynb"))
    numbered = [exports(p).rpartition(".")[2] for p in sorted(chapters(), key=lambda p: p.name)]
    at = {module: i for i, module in enumerate(numbered) if module}
    at |= {p.stem: i for i, p in enumerate(chapters())}
    return ", ".join(sorted((n for n in names if not n.startswith("_")), key=lambda n: at.get(n, 0)))

def tree(files:list[Path], width:int=130) -> list[str]:
    "The places of the repository, what each is for, and the modules in it."
    there = {p.as_posix() for p in files}
    folders = {o.as_posix() for p in files for o in p.parents}
    out = []
    for place in [o for o in about if o in there | folders]:
        name = "    "*place.count("/") + place.rpartition("/")[2] + "/"*(place in folders)
        names = inside(place, files) if place in folders else ""
        both = ": ".join(filter(None, [about[place], names]))
        told = [both] if len(both) <= width - 22 else [about[place], *textwrap.wrap(names, width - 22)]
        out += [f"{left:22}{right}".rstrip() for left, right in zip_longest([name], filter(None, told), fillvalue="")]
    return out

def escaped(text:str) -> str: return text.replace("|", "\\|")

def table() -> str:
    "The book as README shows it: a table for each part."
    def row(path): return f"| {link(path, index)} | {escaped(heading(path)[1])} | {(module := exports(path)) and f'`{module}`'} |"
    parts = [[f"**{name}**\n", "| chapter | | module |", "|---|---|---|", *map(row, part)] for name, part in book().items()]
    return "\n\n".join("\n".join(lines) for lines in parts)

def between(text:str, mark:str, new:str) -> str:
    "What stands between two comments is replaced."
    return re.sub(rf"(?s)(<!-- {mark} -->\n).*?(<!-- end -->)", lambda m: f"{m[1]}{new}\n\n{m[2]}", text)

def onward(text:str, path:Path, after:Path | None) -> str:
    "A chapter's last cell, with the list's next in its last line, and what that says of itself."
    before = re.sub(r"(?m)^Next: \[.*$", "", text).rstrip()
    if after is None: return before
    says = heading(after)[1]
    return f"{before}\n\nNext: {link(after, path)}. {says}" + "."*(not says.endswith((".", "?")))

def wanted() -> dict[Path, dict[str, str]]:
    "For each notebook that follows the list: what a cell of it must say, by the cell's id."
    out, listed = {}, chapters()
    for path, after in zip(listed, [*listed[1:], None]):
        last = prose(path)[-1]
        out[path] = {last["id"]: onward(source(last), path, after)}
    fenced = "```\n" + "\n".join(tree(tracked())) + "\n```"
    said = {c["id"]: between(between(source(c), "tree", fenced), "book", table()) for c in prose(index)}
    return out | {index: said}

def stale(path:Path, says:dict[str, str]) -> list[dict]:
    "The cells of a notebook that say something else."
    return [c for c in cells(path) if c.get("id") in says and source(c) != says[c["id"]]]

def order():
    "The book has one order, nbs/sidebar.yml: each notebook stands in it once; index, tree and each chapter's \"Next\" follow it."
    listed, every = chapters(), set(notebooks()) - {index}
    bad = [f"sidebar.yml: lists {p.name}, which isn't there" for p in listed if p not in every]
    bad += [f"{p.relative_to(nbs)}: not in nbs/sidebar.yml; give it a place in the book" for p in sorted(every - set(listed))]
    bad += [f"sidebar.yml: lists {p.name} twice" for p in sorted(set(listed)) if listed.count(p) > 1]
    if bad: return f"{len(listed)} chapters", bad
    behind = [p for p, says in wanted().items() if stale(p, says)]
    bad = [f"{p.relative_to(nbs)}: not as nbs/sidebar.yml has it: run `python tools/book.py`" for p in behind]
    shown = tree(files := tracked())
    folders = {p.parent.as_posix() for p in files if p.parts[0] in ("nbs", "autointerp") and len(p.parts) < 4}
    lacking = {o for o in folders if o not in about and not mirrored(o)}
    bad += [f"{o}/: the tree in README doesn't say what it is for; add it to `about` in "
            "tools/book.py" for o in sorted(lacking)]
    if len(shown) > 40: bad.append(f"the tree has {len(shown)} lines, the limit is 40")
    return f"{len(listed)} chapters in {len(book())} parts, a tree of {len(shown)} lines", bad

def shows(cell:dict) -> bool:
    "Whether a reader sees data or a picture here."
    if cell["cell_type"] == "markdown": return bool(re.search(r"!\[|<img|(?m:^\|.*\|$)", source(cell)))
    return bool(cell.get("outputs")) and not re.search(r"(?m)^#\|\s*(hide|output:\s*false)", source(cell))

def story():
    """Every chapter has a title and a line below it, data or a picture by its eighth cell, no error among its
    outputs, and says in its last cell what was learned."""
    bad = []
    for path in chapters():
        name = path.relative_to(nbs)
        if not heading(path)[1]: bad.append(f"{name}: begins without `# title` and `> one line`")
        if not any(map(shows, cells(path)[:8])): bad.append(f"{name}: nothing to see in its first eight cells; show data there, run it, and save its outputs")
        failed = [c["id"] for c in cells(path) for o in c.get("outputs", []) if o["output_type"] == "error"]
        if failed: bad.append(f"{name}: the saved output of cell {failed[0]} is an error; mend it and run the notebook again")
        if "learned" not in source(prose(path)[-1]).lower():
            bad.append(f"{name}: its last cell doesn't say what was learned")
    return f"{len(chapters())} chapters", bad

def links():
    "Every link from a notebook's text to a file of ours leads somewhere."
    bad, n = [], 0
    for path in [*chapters(), index]:
        for target in re.findall(r"""(?:\]\(|(?:src|href)=["'])([^)"'\s#]+)""", "".join(map(source, prose(path)))):
            if re.match(r"[a-z]+:|/", target): continue
            n += 1
            if not (path.parent/target).exists():
                bad.append(f"{path.relative_to(nbs)}: points to {target}, which isn't there")
    return f"{n} links", bad

def write() -> list[Path]:
    "Bring every notebook into the list's order."
    changed = [(p, says) for p, says in wanted().items() if stale(p, says)]
    for path, says in changed:
        nb = json.loads(path.read_text(encoding="utf-8"))
        for c in nb["cells"]: c["source"] = says.get(c.get("id"), source(c)).splitlines(keepends=True)
        path.write_text(json.dumps(nb, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    return [p for p, _ in changed]

if __name__ == "__main__":
    import readme
    for p in write() + readme.write(): print(p.relative_to(root))
