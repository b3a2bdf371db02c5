"""First passes over a script's tree: refuse what cannot run, make implicit names explicit, give every point its name.

The one idea: names of suspension points are counted on the author's tree, before anything is rewritten, over every
call, loop and `yield` of a function whether it can suspend or not. So a later injector that suspends in more places
renames none of them. Rewriting happens elsewhere.
"""

from __future__ import annotations

import ast
import builtins
import re
from dataclasses import dataclass, field
from sys import intern

from migrate.errors import ScriptSyntaxError
from migrate.injector.tree import (
    FRAME_MAKERS,
    SOURCE,
    Transformer,
    at,
    call,
    children,
    children_in_frame,
    support,
    walk,
)

NAMED_SCOPES = (ast.FunctionDef, ast.Lambda, ast.GeneratorExp)

REFUSED: dict[type[ast.AST], str] = {
    ast.AsyncFunctionDef: "scripts need no 'async': write a plain 'def'; every call may wait",
    ast.Await: "scripts need no 'await': call the function; it waits by itself",
    ast.AsyncFor: "scripts need no 'async for': write a plain 'for'",
    ast.AsyncWith: "scripts need no 'async with': write a plain 'with'",
}


KINDS: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Call: ("call",),
    ast.While: ("loop",),
    ast.For: ("loop",),
    ast.comprehension: ("each",),
    ast.Yield: ("yield",),
    ast.YieldFrom: ("yield",),
    ast.withitem: ("enter", "exit", "exit_error"),
}
"""The points of a node in the frame it stands in."""


@dataclass(slots=True)
class Names:
    """Stable names: of functions by node, of points by (node, kind)."""

    functions: dict[ast.AST, str] = field(default_factory=dict)
    points: dict[tuple[ast.AST, str], str] = field(default_factory=dict)


def parse(source: str, filename: str) -> ast.Module:
    """The author's tree. Raises ScriptSyntaxError with line and caret."""
    try:
        module = ast.parse(source, filename)
        if source.count("finally") > FINALLY_NESTED_MAX:
            _require_shallow_finally(module, source, filename)
        # The text once more: to turn the tree back into the compiler's own takes longer than to parse it.
        compile(source, filename, "exec", dont_inherit=True)
    except SyntaxError as error:
        line = error.lineno or 1
        text = error.text or "".join(source.splitlines()[line - 1 : line])
        raise ScriptSyntaxError(error.msg, filename, line, error.offset or 1, text) from None
    except (RecursionError, MemoryError):
        raise ScriptSyntaxError(
            "nested too deeply: split the expression into several statements", filename, 1, 1, ""
        ) from None
    except ValueError as error:
        raise ScriptSyntaxError(str(error), filename, 1, 1, "") from None
    if _MAYBE_REFUSED.search(source):
        _refuse(module, source, filename)
    return module


FINALLY_NESTED_MAX = 9
"""CPython compiles a `finally` twice, one inside another four times: twenty take it a minute and a gigabyte."""


def _require_shallow_finally(module: ast.Module, source: str, filename: str) -> None:
    stack: list[tuple[ast.AST, int]] = [(module, 0)]
    while stack:
        node, depth = stack.pop()
        if depth > FINALLY_NESTED_MAX:
            reason = "nested too deeply: move the inner 'finally' into a function of its own"
            raise syntax_error(reason, source, filename, getattr(node, "lineno", 1))
        final = getattr(node, "finalbody", [])
        stack += [(child, depth + (child in final)) for child in children(node)]


_MAYBE_REFUSED = re.compile(r"\b(?:async|await)\b")


def _refuse(module: ast.Module, source: str, filename: str) -> None:
    for node in walk(module):
        reason = REFUSED.get(type(node))
        if reason is None and isinstance(node, ast.comprehension) and node.is_async:
            reason, node = REFUSED[ast.AsyncFor], node.target
        if reason is not None:
            column: int = getattr(node, "col_offset", 0)
            raise syntax_error(reason, source, filename, getattr(node, "lineno", 1), column + 1)


def syntax_error(reason: str, source: str, filename: str, line: int, column: int = 1) -> ScriptSyntaxError:
    """What is told to the author about a place in the source that Python itself would accept."""
    lines = source.splitlines()
    text = lines[line - 1] if line <= len(lines) else ""
    return ScriptSyntaxError(reason, filename, line, column, text)


def number(module: ast.Module) -> Names:
    """Name every function and every point of the author's tree."""
    names = Names()
    taken: set[str] = set()

    def name_function(node: ast.AST, prefix: str) -> str:
        short = node.name if isinstance(node, ast.FunctionDef) else _anonymous(node)
        name, again = prefix + short, 1
        while name in taken:
            again += 1
            name = f"{prefix}{short}#{again}"
        taken.add(name)
        names.functions[node] = name = intern(name)
        return name

    def visit(node: ast.AST, prefix: str, counts: dict[str, int]) -> None:
        for kind in KINDS.get(type(node), ()):
            count(node, kind, counts)
        for child in children_in_frame(node, inside=False):
            visit(child, prefix, counts)
        if type(node) not in FRAME_MAKERS:
            return
        if isinstance(node, NAMED_SCOPES):
            visit_inside(node, name_function(node, prefix) + ".<locals>.")
        elif isinstance(node, ast.ClassDef):
            inner: dict[str, int] = {}
            for statement in node.body:
                visit(statement, f"{prefix}{node.name}.", inner)

    def visit_inside(node: ast.AST, prefix: str) -> None:
        counts: dict[str, int] = {}
        for kind in _kinds_inside(node):
            count(node, kind, counts)
        if isinstance(node, ast.GeneratorExp):
            for generator in node.generators:
                count(generator, "each", counts)
        for child in children_in_frame(node, inside=True):
            visit(child, prefix, counts)

    def count(node: ast.AST, kind: str, counts: dict[str, int]) -> None:
        ordinal = counts.get(kind, 0)
        counts[kind] = ordinal + 1
        names.points[node, kind] = intern(f"{kind}:{ordinal}")

    visit(module, "", {})
    return names


def _anonymous(node: ast.AST) -> str:
    return "<lambda>" if isinstance(node, ast.Lambda) else "<genexpr>"


def _kinds_inside(node: ast.AST) -> tuple[str, ...]:
    return ("item", "entry") if isinstance(node, ast.GeneratorExp) else ("entry",)


class _Mangler(Transformer):
    """Writes `__name` inside a class as `_Class__name`, and `super()` with both its arguments.

    The compiler would do both by itself, but only inside the class; residuals are compiled outside of it.
    """

    def __init__(self) -> None:
        self.class_name: str | None = None
        self.first_argument: str | None = None
        self.inside_method = False

    def _mangled(self, name: str) -> str:
        if self.class_name is None or not name.startswith("__") or name.endswith("__") or "." in name:
            return name
        stripped = self.class_name.lstrip("_")
        return f"_{stripped}{name}" if stripped else name

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.decorator_list = [self.visit(d) for d in node.decorator_list]
        node.bases = [self.visit(b) for b in node.bases]
        node.keywords = [self.visit(k) for k in node.keywords]
        node.name, saved = self._mangled(node.name), (self.class_name, self.inside_method)
        self.class_name, self.inside_method = node.name, False
        node.body = [self.visit(s) for s in node.body]
        self.class_name, self.inside_method = saved
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self._mangled(node.name)
        return self._function(node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return self._function(node)

    def _function(self, node: ast.FunctionDef | ast.Lambda) -> ast.AST:
        for outside in children_in_frame(node, inside=False):
            self.visit(outside)
        positional = [*node.args.posonlyargs, *node.args.args]
        saved = self.first_argument, self.inside_method
        self.first_argument, self.inside_method = positional[0].arg if positional else None, True
        self.generic_visit(node)
        self.first_argument, self.inside_method = saved
        return node

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        first = node.generators[0]
        first.iter = self.visit(first.iter)
        saved, self.first_argument = self.first_argument, SOURCE
        self.generic_visit(node)
        self.first_argument = saved
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        bare_super = isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args
        if bare_super and self.inside_method and self.class_name:
            if self.first_argument is None:
                return at(node, call(support("no_arguments")))
            for name in ("__class__", self.first_argument):
                node.args.append(ast.copy_location(ast.Name(name, ast.Load()), node.func))
        self.generic_visit(node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._mangled(node.id)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        node.attr = self._mangled(node.attr)
        self.generic_visit(node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self._mangled(node.arg)
        self.generic_visit(node)
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        node.arg = self._mangled(node.arg) if node.arg else None
        self.generic_visit(node)
        return node

    def _names(self, node: ast.Global | ast.Nonlocal) -> ast.AST:
        node.names = [self._mangled(name) for name in node.names]
        return node

    visit_Global = _names
    visit_Nonlocal = _names

    def visit_alias(self, node: ast.alias) -> ast.AST:
        if node.asname:
            node.asname = self._mangled(node.asname)
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        node.name = self._mangled(node.name) if node.name else None
        self.generic_visit(node)
        return node

    def visit_MatchAs(self, node: ast.MatchAs) -> ast.AST:
        node.name = self._mangled(node.name) if node.name else None
        self.generic_visit(node)
        return node


def mangle(module: ast.Module, source: str) -> None:
    """Make private names and `super()` explicit, in place; most sources have neither."""
    if _TO_MANGLE.search(source):
        _Mangler().visit(module)


_TO_MANGLE = re.compile(r"\b__\w*(?<!__)\b|\bsuper\b")


BUILTIN_NAMES = frozenset(dir(builtins))
