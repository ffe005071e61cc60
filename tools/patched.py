"""For mypy: methods that fastcore's `@patch` puts on a class, which it can't see. Their signatures are checked where they are written."""
import ast
from collections.abc import Iterator
from pathlib import Path
from mypy.nodes import MDEF, SymbolTableNode, Var
from mypy.plugin import ClassDefContext, Plugin
from mypy.types import AnyType, TypeOfAny

package = Path(__file__).resolve().parent.parent/"autointerp"

def patches() -> Iterator[tuple[str, str]]:
    "(class, method) of each function below `@patch`."
    for path in package.rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef): continue
            if not any("patch" in ast.unparse(o) for o in node.decorator_list): continue
            yield ast.unparse(node.args.args[0].annotation).strip("'\""), node.name

methods: dict[str, list[str]] = {}
for _class, _method in patches(): methods.setdefault(_class, []).append(_method)

def add(context:ClassDefContext):
    "Its patched methods, as attributes of any type."
    info = context.cls.info
    for name in methods.get(context.cls.name, ()):
        if name in info.names: continue
        var = Var(name, AnyType(TypeOfAny.special_form))
        var.info, var._fullname = info, f"{info.fullname}.{name}"
        info.names[name] = SymbolTableNode(MDEF, var)

class Patched(Plugin):
    def get_customize_class_mro_hook(self, fullname:str): return add if fullname.startswith("autointerp.") else None

def plugin(version:str): return Patched
