"""A script's exception in its author's terms: their file, their lines, a caret, none of our frames.

The one idea: entries of a traceback belong to the author if their code belongs to a program; all others are dropped
before Python's own formatter writes the rest. Only the entries are written here: each with a caret, and alike in every
version, because a report is part of what a region writes down.
"""

from __future__ import annotations

import ast
import dis
import traceback
from collections.abc import Callable
from functools import lru_cache
from types import FrameType, TracebackType
from typing import Any

from migrate.injector.known import known_code
from migrate.injector.module import SELF, Module
from migrate.injector.program import Program


def format_script_error(error: BaseException, called: Callable[..., Any] | None = None) -> str:
    """Like Python's own report, with frames of scripts only, causes and contexts too. `called`: a function that could
    not be called like that; where nothing of a script ran, its `def` line is shown.
    """
    report = _clean(error)
    if not report.stack and called is not None:
        report.stack = _ScriptStack(_definitions(called))
    return "".join(report.format()).rstrip("\n")


def _definitions(called: Callable[..., Any]) -> list[_Entry]:
    """Where a function is defined, as if that had failed; nothing if it belongs to no program."""
    code = getattr(getattr(called, "__func__", called), "__code__", None)
    known = known_code(code) if code is not None else None
    if known is None:
        return []
    node, program = known.function.node, known.program
    end = len(program.lines[node.lineno - 1].rstrip().encode())
    place = dis.Positions(node.lineno, node.lineno, node.col_offset, end)
    return [_Entry(program, known.code.co_name, place)]


def script_entries(error: BaseException) -> list[tuple[str, int]]:
    """(function, line) of each function of a script that the exception came through, outermost first."""
    entries = ((e.tb_frame.f_code, e.tb_lineno) for e in _entries(error.__traceback__))
    return [(code.co_qualname, line) for code, line in entries if known_code(code) is not None]


def _entries(trace: TracebackType | None) -> list[TracebackType]:
    found: list[TracebackType] = []
    while trace is not None:
        found.append(trace)
        trace = trace.tb_next
    return found


def _script_entries(error: BaseException) -> tuple[TracebackType | None, list[Program]]:
    """The traceback with the entries of scripts only, of their top level too, and the program of each."""
    kept: TracebackType | None = None
    programs = []
    for entry in reversed(_entries(error.__traceback__)):
        program = _program_of(entry.tb_frame)
        if program is not None:
            kept = TracebackType(kept, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
            programs.append(program)
    return kept, programs[::-1]


def _program_of(frame: FrameType) -> Program | None:
    """The program that a frame belongs to. What runs while its module is made (the top level, bodies of classes)
    is no function and has no entry in the table of codes; it runs in the module's namespace.
    """
    known = known_code(frame.f_code)
    if known is not None:
        return known.program
    module: Module | None = frame.f_globals.get(SELF)
    return None if module is None else module.program


def _clean(error: BaseException) -> traceback.TracebackException:
    trace, programs = _script_entries(error)
    report = traceback.TracebackException(type(error), error, trace, compact=True)
    report.stack = _ScriptStack(
        _Entry(program, each.name, dis.Positions(each.lineno, each.end_lineno, each.colno, each.end_colno))
        for each, program in zip(report.stack, programs, strict=True)
    )
    for name in ("__cause__", "__context__"):
        inner, inner_report = getattr(error, name), getattr(report, name)
        if inner is not None and inner_report is not None:
            setattr(report, name, _clean(inner))
    if isinstance(error, BaseExceptionGroup) and report.exceptions is not None:
        report.exceptions = [_clean(each) for each in error.exceptions]
    return report


class _Entry(traceback.FrameSummary):
    """An entry with its line's text. Python's own finds that by the file's name, which the old and the new version of a
    script share, as do scripts of the same name from anywhere.
    """

    __slots__ = ("text",)

    def __init__(self, program: Program, name: str, place: dis.Positions) -> None:
        super().__init__(
            program.filename,
            place.lineno,
            name,
            lookup_line=False,
            end_lineno=place.end_lineno,
            colno=place.col_offset,
            end_colno=place.end_col_offset,
        )
        number = place.lineno or 0
        self.text = "".join(program.lines[number - 1 : number]) if number else ""


class _ScriptStack(traceback.StackSummary):
    """Entries with carets under what failed, be it the whole line."""

    def format_frame_summary(self, frame_summary: traceback.FrameSummary, **_: Any) -> str:
        """One entry. Called by Python's own formatter."""
        entry = frame_summary
        assert isinstance(entry, _Entry)
        shown = f'  File "{entry.filename}", line {entry.lineno}, in {entry.name}\n'
        line = entry.text.rstrip()
        if not line.strip():
            return shown
        shown += f"    {line.strip()}\n"
        if entry.colno is None or entry.end_colno is None:
            return shown
        end = entry.end_colno if entry.end_lineno == entry.lineno else len(line.encode())
        start, end = (len(line.encode()[:at].decode(errors="replace")) for at in (entry.colno, end))
        indent = len(line) - len(line.lstrip())
        return f"{shown}    {' ' * (start - indent)}{_carets(line[start:end])}\n"


@lru_cache(maxsize=64)  # endless recursion ends in thousands of entries that are all alike
def _carets(segment: str) -> str:
    """Carets under an expression; under an operator or an index only, with `~` under what it is applied to."""
    marked = _marked(segment)
    if marked is None:
        return "^" * len(segment)
    start, end = marked
    return "~" * start + "^" * (end - start) + "~" * (len(segment) - end)


def _marked(segment: str) -> tuple[int, int] | None:
    """Where an operator, or an index in its brackets, stands in an expression; None for any other expression."""
    try:
        (statement,) = ast.parse(f"(\n{segment}\n)").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # The last two: nested more deeply, within these brackets, than the line as a whole was.
    match statement:
        case ast.Expr(ast.BinOp(left=ast.expr(end_col_offset=int(after)), right=ast.expr(col_offset=before))):
            between = segment.encode()[after:before].decode()
            start = len(segment.encode()[:after].decode()) + len(between) - len(between.lstrip(" )"))
            return start, start + len(between.strip(" ()"))
        case ast.Expr(ast.Subscript(value=ast.expr(end_col_offset=int(after)))):
            return len(segment.encode()[:after].decode()), len(segment)
    return None
