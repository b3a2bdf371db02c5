"""First passes over a script's tree: refuse what cannot run, make implicit names explicit, give every point its name.

The one idea: names of suspension points are counted on the author's tree, before anything is rewritten, over every
call, loop and `yield` of a function whether it can suspend or not. So a later injector that suspends in more places
renames none of them. Rewriting happens elsewhere.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from sys import intern
from typing import Any

from migrate.errors import ScriptSyntaxError
from migrate.injector.tree import (
    FRAME_MAKERS,
    children,
    children_in_frame,
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
    """Stable names: of functions by node, of points by (node, kind). `private`: as the author wrote them, by what the
    language makes of them inside a class.
    """

    private: Mapping[str, str]
    functions: dict[ast.AST, str] = field(default_factory=dict)
    points: dict[tuple[ast.AST, str], str] = field(default_factory=dict)

    def shown(self, stable: str) -> str:
        """The qualified name that Python gives a function of this stable name."""
        parts = re.sub(r"#\d+", "", stable).split(".")
        return ".".join(self.private.get(part, part) for part in parts)


HEAD = "from __future__ import annotations  # here, and in the next line, is nothing of the author's\n"
"""How a source begins whose lines are numbered from its third on: a function that was taken out of its file keeps its
own line numbers, even if it begins in the first line.
"""

HEAD_LINES = 2


_LINE_END = re.compile(r"\r\n|\r|\n")


def shown(source: str) -> str:
    """The lines of a source that are numbered, from the first on."""
    return source.split("\n", HEAD_LINES)[-1] if source.startswith(HEAD) else source


def lines_of(source: str) -> list[str]:
    """The lines of a text as Python counts them: a form feed, say, ends none."""
    return _LINE_END.split(source)


def parse(source: str, filename: str) -> ast.Module:
    """The author's tree. Raises ScriptSyntaxError with line and caret."""
    head_lines = HEAD_LINES if source.startswith(HEAD) else 0
    # To show a line, CPython opens whatever file has this name: another one, where the source came from elsewhere.
    nowhere = f"<{filename}>"
    try:
        module = ast.parse(source, nowhere)
        if head_lines:
            _leave_out_head(module)
        if source.count("finally") > FINALLY_NESTED_MAX:
            _require_shallow_finally(module, shown(source), filename)
        # The text once more: to turn the tree back into the compiler's own takes longer than to parse it.
        compile(source, nowhere, "exec", dont_inherit=True)
    except SyntaxError as error:
        line = max(1, (error.lineno or 1) - head_lines)
        text = "".join(lines_of(shown(source))[line - 1 : line])
        raise ScriptSyntaxError(error.msg, filename, line, error.offset or 1, text) from None
    except (RecursionError, MemoryError):
        raise too_deep(filename) from None
    except ValueError as error:
        raise ScriptSyntaxError(str(error), filename, 1, 1, "") from None
    if _MAYBE_REFUSED.search(source):
        _refuse(module, shown(source), filename)
    return module


def too_deep(filename: str) -> ScriptSyntaxError:
    """Who finds that out has no place for it."""
    return ScriptSyntaxError(
        "nested too deeply: split the expression into several statements", filename, 1, 1, ""
    )


def _leave_out_head(module: ast.Module) -> None:
    """Number the lines from the one behind the head on."""
    node: Any
    for node in ast.walk(module):
        if "lineno" in node._attributes:
            node.lineno = max(1, node.lineno - HEAD_LINES)
            node.end_lineno = max(1, node.end_lineno - HEAD_LINES)


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


def syntax_error(reason: str, source: str, filename: str, line: int, column: int = 0) -> ScriptSyntaxError:
    """What is told of a place that Python itself would accept. Without `column` it is the whole line."""
    lines = lines_of(source)
    text = lines[line - 1] if line <= len(lines) else ""
    return ScriptSyntaxError(reason, filename, line, column or len(text) - len(text.lstrip()) + 1, text)


def number(module: ast.Module, private: Mapping[str, str]) -> Names:
    """Name every function and every point of the author's tree. `private`: what `mangle` returned."""
    names = Names(private)
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


BUILTIN_NAMES = frozenset(dir(builtins))
