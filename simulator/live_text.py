"""The text of a live function as a statement that defines it, with the line it stands in.

The one idea: the text stays as its author has written it, line by line, so that errors show the author's own. What
can't stay is replaced without moving a line: defaults that were worked out when the function was made, and strings over
several lines, which another margin would change.

Which functions go along, and with what, is `live_code`.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from types import CodeType, FunctionType
from typing import Any


@dataclass(frozen=True, slots=True)
class Definition:
    """A function's text, as a statement that defines `name`. `line`: its first one, in `file`. `defaults`: values of
    its parameters that are no constants, by the names that stand for them.
    """

    name: str
    text: str
    tree: ast.AST
    defaults: dict[str, Any]
    file: str
    line: int


def file_of(function: object) -> str:
    """The name of the file that a function is written in, without its folder; "?" if it is not known."""
    code = getattr(function, "__code__", None)
    name = PurePath(code.co_filename).name if isinstance(code, CodeType) else ""
    return "".join(filter(str.isprintable, name)) or "?"


def definition(function: FunctionType, if_lambda: str) -> Definition | None:
    """The definition of a function, without decorators: they have done their work. None if it is not to be found.

    `if_lambda`: the name for one without.
    """
    text = _text(function)
    if text is None:
        return None
    # Indented as it is: taking the margin away would change strings that go over several lines.
    around = "if True:\n" if text[:1].isspace() else ""
    try:
        body: Any = ast.parse(around + text).body
    except SyntaxError:
        return None  # A lambda in the middle of a statement that goes on.
    found = body[0].body[0] if around else body[0]
    if function.__name__ == "<lambda>":
        return _lambda(function, if_lambda, found)
    if not isinstance(found, ast.FunctionDef):
        return None
    found.decorator_list = []
    named = _named_defaults(function, found)
    moved = ast.increment_lineno(found, -1) if around else found
    line = function.__code__.co_firstlineno + moved.lineno - 1
    try:
        shown = _as_text(text, moved, {node: name for node, (name, _) in named.items()})
    except ValueError:
        return None  # An f-string that Python can't write down in one line.
    return Definition(found.name, shown, found, dict(named.values()), file_of(function), line)


def _named_defaults(function: FunctionType, found: ast.FunctionDef) -> dict[ast.expr, tuple[str, Any]]:
    """Names that stand for defaults that are no constants, with their values: what these were worked out from may be
    gone.
    """
    arguments = found.args
    kept = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    written = [*arguments.defaults, *(each for each in arguments.kw_defaults if each is not None)]
    if all(isinstance(each, ast.Constant) for each in written) or len(kept) != len(written):
        return {}
    names = [f"default_{number}_of_{found.name}" for number in range(len(kept))]
    return dict(zip(written, zip(names, kept, strict=True), strict=True))


def _text(function: FunctionType) -> str | None:
    try:
        # By its code: a wrapper would show what it wraps.
        return inspect.getsource(function.__code__)
    except (OSError, TypeError):
        pass
    import dill.source  # late: it takes 60 ms to import

    try:
        return str(dill.source.getsource(function))  # what was typed at a prompt
    except (OSError, TypeError, IndentationError, AttributeError):
        return None


def _as_text(text: str, found: ast.FunctionDef, instead: dict[ast.expr, str]) -> str:
    """As it was written, without its margin. `instead`: what stands for some of its nodes."""
    lines = text.encode().splitlines(keepends=True)
    edits = sorted(_edits(found, instead), key=lambda edit: (edit[0].lineno, edit[0].col_offset))
    for node, new in reversed(edits):
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        first, last = node.lineno - 1, node.end_lineno - 1
        before, behind = lines[first][: node.col_offset], lines[last][node.end_col_offset :]
        # As many lines as before.
        lines[first : last + 1] = [before + new.encode(), *[b""] * (last - first)]
        lines[first] += b" \\\n" * (last - first) + behind
    shown = b"".join(lines).decode().splitlines()[found.lineno - 1 : found.end_lineno]
    margin = found.col_offset
    return "".join(
        f"{each[margin:] if each[:margin].isspace() or not margin else each.lstrip()}\n" for each in shown
    )


def _edits(node: Any, instead: dict[ast.expr, str]) -> Iterator[tuple[ast.expr, str]]:
    """(node, text for it) of what can't stay as it was written."""
    if node in instead:
        yield node, instead[node]
    elif isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno != node.lineno:
        yield node, _in_one_line(node)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _edits(child, instead)


def _in_one_line(text: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(text, ast.Constant):
        return ast.unparse(text)
    # A literal each, side by side: what Python makes of it as a whole may have several lines again.
    parts = [part if isinstance(part, ast.Constant) else ast.JoinedStr([part]) for part in text.values]
    written = " ".join(map(ast.unparse, parts))
    if "\n" in written:
        raise ValueError("an f-string holds an expression over several lines")
    return written


def _lambda(function: FunctionType, name: str, tree: ast.AST) -> Definition | None:
    """The one lambda of the statement that is this function."""
    line = function.__code__.co_firstlineno
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda) and _is_made_of(function.__code__, node):
            return Definition(name, f"{name} = {ast.unparse(node)}\n", node, {}, file_of(function), line)
    return None


def _is_made_of(code: CodeType, node: ast.Lambda) -> bool:
    free = "".join(f"    {name} = None\n" for name in code.co_freevars)
    made = compile(f"def around():\n{free}    return {ast.unparse(node)}\n", "<lambda>", "exec")
    inner = next(each for each in made.co_consts if isinstance(each, CodeType))
    found = [each for each in inner.co_consts if isinstance(each, CodeType)]
    return any((each.co_code, each.co_names) == (code.co_code, code.co_names) for each in found)
