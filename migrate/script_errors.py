"""A script's exception in its author's terms: their file, their lines, a caret, none of our frames.

The one idea: entries of a traceback belong to the author if their code belongs to a program; all others are dropped
before Python's own formatter writes the rest.
"""

from __future__ import annotations

import traceback
from types import FrameType, TracebackType

from migrate.injector.known import known_code
from migrate.injector.module import SELF, Module
from migrate.injector.program import Program


def format_script_error(error: BaseException) -> str:
    """Like Python's own report, with frames of scripts only, causes and contexts too."""
    report = traceback.TracebackException(type(error), error, _script_entries(error), compact=True)
    return "".join(_cleaned(report, error).format()).rstrip("\n")


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


def _script_entries(error: BaseException) -> TracebackType | None:
    """The traceback with the entries of scripts only, of their top level too."""
    kept: TracebackType | None = None
    for entry in reversed(_entries(error.__traceback__)):
        program = _program_of(entry.tb_frame)
        if program is not None:
            # The formatter finds lines by file name only, and the old and the new version of a script share theirs.
            program.show_lines()
            kept = TracebackType(kept, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return kept


def _program_of(frame: FrameType) -> Program | None:
    """The program that a frame belongs to. What runs while its module is made (the top level, bodies of classes)
    is no function and has no entry in the table of codes; it runs in the module's namespace.
    """
    known = known_code(frame.f_code)
    if known is not None:
        return known.program
    module: Module | None = frame.f_globals.get(SELF)
    return None if module is None else module.program


def _cleaned(report: traceback.TracebackException, error: BaseException) -> traceback.TracebackException:
    for name in ("__cause__", "__context__"):
        inner, inner_report = getattr(error, name), getattr(report, name)
        if inner is not None and inner_report is not None:
            clean = traceback.TracebackException(type(inner), inner, _script_entries(inner), compact=True)
            setattr(report, name, _cleaned(clean, inner))
    return report
