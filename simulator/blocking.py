"""Programs that name `time.sleep`, which holds up everybody in a region: refused when their author brings them.

The one idea: it is looked for in the text alone, as `time.sleep` of a module that is imported or given, or imported by
its own name. What hides it better is ended when it runs, after a tenth of a second; so is what is in a world already,
which is not looked at again.
"""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeGuard

from migrate.injector.prepare import parse, shown, syntax_error
from simulator.world.programs import Programs

REASON: Final = (
    "time.sleep holds up everybody in the region, and ends the script after 100 ms: wait by the script's own sleep,"
    " self.sleep(1.0), which lets the others go on"
)

_TIME, _SLEEP = re.compile(r"\btime\b"), re.compile(r"\bsleep\b")


def add_new(programs: Programs, source: str, filename: str) -> str:
    """Compile a program that its author brings and return its hash. Raises as `Programs.add` and `refuse_sleep` do."""
    program = programs.add(source, filename)
    refuse_sleep(source, filename)
    return program


def refuse_sleep(source: str, filename: str, given: Mapping[str, Any] | None = None) -> None:
    """Raise ScriptSyntaxError at the first place that names `time.sleep`. `given`: values that its functions use, by
    name.
    """
    modules = {name for name, value in (given or {}).items() if value is time}
    functions = {name for name, value in (given or {}).items() if value is time.sleep}
    if not modules and not functions and not _may_name_sleep(source):
        return
    tree = parse(source, filename)
    stored = {node.id for node in ast.walk(tree) if _is_store(node)}
    modules, functions = (modules | set(_imported(tree))) - stored, functions - stored
    for node in ast.walk(tree):
        if _names_sleep(node, modules, functions):
            raise syntax_error(REASON, shown(source), filename, node.lineno, node.col_offset + 1)


def _may_name_sleep(source: str) -> bool:
    """Whether it is worth looking. With one expression for both, each `time` would go through all that follows."""
    first = _TIME.search(source)
    return first is not None and _SLEEP.search(source, first.end()) is not None


def _imported(tree: ast.Module) -> Iterator[str]:
    """The names under which the module is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.asname or each.name for each in node.names if each.name == "time")


def _is_store(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _names_sleep(node: ast.AST, modules: set[str], functions: set[str]) -> TypeGuard[ast.expr | ast.stmt]:
    match node:
        case ast.ImportFrom(module="time", level=0, names=names):
            return any(each.name == "sleep" for each in names)
        case ast.Attribute(ast.Name(name), "sleep"):
            return name in modules
        case ast.Name(name):
            return name in functions
    return False
