"""How the code reads, in numbers: `python tools/measure.py [REVISION ...]` prints a column for each revision and one for what is here.

`python tools/measure.py 404db72` compares with the first version of the house. Width is that of code: comments and what stands between
quotation marks are left aside."""
import argparse, ast, io, re, statistics, subprocess, sys, tarfile, tempfile, tokenize
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from book import root

comprehensions = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

def asides(source:str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    "Begin and end, each a line and a column, of comments and of what stands between quotation marks."
    opened = []      # f-strings, which are several tokens from Python 3.12 on
    for t in tokenize.generate_tokens(io.StringIO(source).readline):
        kind = tokenize.tok_name[t.type]
        if kind == "FSTRING_START": opened.append(t.end)
        elif kind == "FSTRING_END":
            begin = opened.pop()
            if not opened: yield begin, t.start
        elif opened: continue
        elif kind == "STRING": yield (t.start[0], t.start[1] + 1), (t.end[0], t.end[1] - 1)
        elif kind == "COMMENT": yield t.start, t.end

def code_widths(source:str) -> dict[int, int]:
    "Characters of code in each line that has any, by the line's number."
    lines, taken = source.splitlines(), Counter()
    for (first, begin), (last, end) in asides(source):
        for n in range(first, last + 1):
            taken[n] += (end if n == last else len(lines[n-1])) - (begin if n == first else 0)
    left = {n: len(line.rstrip()) - taken[n] for n, line in enumerate(lines, 1)}
    return {n: width for n, width in left.items() if width > 0 and not lines[n-1].lstrip().startswith("#")}

def widths(source:str) -> list[int]: return list(code_widths(source).values())

def nested(tree:ast.AST) -> list[int]:
    "The lines of comprehensions that have another one inside."
    def inside(o): return any(isinstance(i, comprehensions) for i in ast.walk(o) if i is not o)
    return [o.lineno for o in ast.walk(tree) if isinstance(o, comprehensions) and inside(o)]

def private_imports(tree:ast.AST) -> int:
    "Names with a leading underscore taken from another room."
    def ours(o): return o.level or (o.module or "").startswith("autointerp")
    froms = [o for o in ast.walk(tree) if isinstance(o, ast.ImportFrom) and ours(o)]
    names = [a.name for o in froms for a in o.names]
    return sum(name.startswith("_") and not name.startswith("__") for name in names)

def lambdas(tree:ast.AST) -> int: return sum(isinstance(o, ast.Lambda) for o in ast.walk(tree))

def uses(tree:ast.AST, name:str) -> int:
    return sum(isinstance(o, ast.Name) and o.id == name for o in ast.walk(tree))

def places(package:Path, name:str = "fuzzing") -> int:
    "Files, its own aside, that name this scorer in quotation marks."
    files = [p for p in package.rglob("*.py") if p.stem not in (name, "_modidx")]
    return sum(bool(re.search(rf"[\"'\s,]{name}[\"'\s,@=]", ast.unparse(ast.parse(p.read_text(encoding='utf-8'))))) for p in files)

def measure(package:Path) -> dict[str, str]:
    files = [p for p in sorted(package.rglob("*.py")) if p.stem != "_modidx"]
    texts = [p.read_text(encoding="utf-8") for p in files]
    trees, wide = [ast.parse(t) for t in texts], [w for t in texts for w in widths(t)]
    def total(count:Callable[[ast.AST], int]) -> int: return sum(map(count, trees))
    def rate(count): return f"{1000*total(count)/len(wide):.1f}"
    return {
        "modules": str(len(files)),
        "lines of code": f"{len(wide):,}",
        "longest module": str(max(len(widths(t)) for t in texts)),
        "median width": f"{statistics.median(wide):.0f}",
        "lines over 110": f"{sum(w > 110 for w in wide)}",
        "widest": str(max(wide)),
        "nested comprehensions a thousand lines": rate(lambda tree: len(nested(tree))),
        "lambdas a thousand lines": rate(lambdas),
        "Any": str(total(lambda tree: uses(tree, "Any"))),
        "hasattr": str(total(lambda tree: uses(tree, "hasattr"))),
        "private imports": str(total(private_imports)),
        "files that name a scorer beside its own": str(places(package))}

def at(revision:str, folder:str) -> Path:
    "The package as it was."
    packed = subprocess.run(["git", "archive", revision, "autointerp"], cwd=root, capture_output=True)
    why = packed.stderr.decode().strip()
    if packed.returncode: sys.exit(f"{revision} has no package: {why}; expected a commit, a branch or a tag")
    tarfile.open(fileobj=io.BytesIO(packed.stdout)).extractall(folder, filter="data")
    return Path(folder)/"autointerp"

if __name__ == "__main__":
    as_written = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=as_written)
    parser.add_argument("revisions", nargs="*", metavar="REVISION", help="a commit, a branch or a tag that has the package")
    columns = {}
    for revision in parser.parse_args().revisions:
        with tempfile.TemporaryDirectory() as folder: columns[revision[:8]] = measure(at(revision, folder))
    columns["here"] = measure(root/"autointerp")
    print(f"{'':42}" + "".join(f"{c:>12}" for c in columns))
    for what in columns["here"]: print(f"{what:42}" + "".join(f"{c[what]:>12}" for c in columns.values()))
