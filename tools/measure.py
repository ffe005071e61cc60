"""How the code reads, in numbers: `python tools/measure.py [REVISION ...]` prints a column for each revision and one for what is here.

Width is that of code: comments and what stands between quotation marks are left aside."""
import ast, io, re, statistics, subprocess, sys, tarfile, tempfile, tokenize
from collections import Counter
from pathlib import Path
from check import root

comprehensions = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

def widths(source:str) -> list[int]:
    "Characters of code in each line that has any."
    lines, taken = source.splitlines(), Counter()
    for t in tokenize.generate_tokens(io.StringIO(source).readline):
        if t.type not in (tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", -1)): continue
        for n in range(t.start[0], t.end[0] + 1):
            begin, end = t.start[1] if n == t.start[0] else 0, t.end[1] if n == t.end[0] else len(lines[n-1])
            taken[n] += end - begin - 2*(t.type == tokenize.STRING)
    found = [len(line.rstrip()) - taken[n] for n, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith("#")]
    return [w for w in found if w > 0]

def nested(tree:ast.AST) -> int:
    "Comprehensions that stand inside another one."
    return sum(isinstance(o, comprehensions) and any(isinstance(i, comprehensions) for i in ast.walk(o) if i is not o) for o in ast.walk(tree))

def private_imports(tree:ast.AST) -> int:
    "Names with a leading underscore taken from another room."
    taken = [o for o in ast.walk(tree) if isinstance(o, ast.ImportFrom) and (o.level or (o.module or "").startswith("autointerp"))]
    return sum(a.name.startswith("_") and not a.name.startswith("__") for o in taken for a in o.names)

def count(tree:ast.AST, kind:type, also=lambda o: True) -> int: return sum(isinstance(o, kind) and also(o) for o in ast.walk(tree))

def places(package:Path, name:str = "fuzzing") -> int:
    "Files, its own aside, that name this scorer in quotation marks."
    files = [p for p in package.rglob("*.py") if p.stem not in (name, "_modidx")]
    return sum(bool(re.search(rf"[\"'\s,]{name}[\"'\s,@=]", ast.unparse(ast.parse(p.read_text(encoding='utf-8'))))) for p in files)

def measure(package:Path) -> dict[str, str]:
    files = [p for p in sorted(package.rglob("*.py")) if p.stem != "_modidx"]
    texts = [p.read_text(encoding="utf-8") for p in files]
    trees, wide = [ast.parse(t) for t in texts], [w for t in texts for w in widths(t)]
    k = len(wide)/1000
    def rate(f): return f"{sum(map(f, trees))/k:.1f}"
    return {
        "modules": str(len(files)), "lines of code": f"{len(wide):,}", "longest module": str(max(len(widths(t)) for t in texts)),
        "median width": f"{statistics.median(wide):.0f}", "lines over 110": f"{sum(w > 110 for w in wide)}", "widest": str(max(wide)),
        "nested comprehensions a thousand lines": rate(nested), "lambdas a thousand lines": rate(lambda t: count(t, ast.Lambda)),
        "Any": str(sum(count(t, ast.Name, lambda o: o.id == "Any") for t in trees)), "hasattr": str(sum(count(t, ast.Name, lambda o: o.id == "hasattr") for t in trees)),
        "private imports": str(sum(map(private_imports, trees))), "files that name a scorer beside its own": str(places(package))}

def at(revision:str, folder:str) -> Path:
    "The package as it was."
    packed = subprocess.run(["git", "archive", revision, "autointerp"], cwd=root, capture_output=True, check=True).stdout
    tarfile.open(fileobj=io.BytesIO(packed)).extractall(folder, filter="data")
    return Path(folder)/"autointerp"

if __name__ == "__main__":
    columns = {}
    for revision in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder: columns[revision[:8]] = measure(at(revision, folder))
    columns["here"] = measure(root/"autointerp")
    print(f"{'':42}" + "".join(f"{c:>12}" for c in columns))
    for what in columns["here"]: print(f"{what:42}" + "".join(f"{c[what]:>12}" for c in columns.values()))
