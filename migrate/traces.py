"""Tracebacks as data: where in a script an exception came from, for exceptions that travel.

The one idea: of each entry only the function and the position in the source travel. On the other side an entry is made
anew: the frame of a tiny generator of the same name, whose instructions all stand at that position. A generator that
does not run has no caller, so its frame keeps nothing of ours alive.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from types import CodeType, FrameType, FunctionType, TracebackType
from typing import TYPE_CHECKING, Final, NamedTuple

from migrate.errors import BadRecord
from migrate.injector.known import KNOWN, Known, known_code
from migrate.injector.tree import Position, set_position

if TYPE_CHECKING:
    from migrate.injector.module import Module
    from migrate.injector.program import Program

TRACE_LEN_MAX: Final = 64
"""Entries of one exception that travel: the innermost, which say most."""

PLACES_KEPT_MAX: Final = 4_096
"""Positions in sources that exceptions came from and that are kept at hand."""


class TraceEntry(NamedTuple):
    """`function`: stable name in its program. `position`: line, end line, column, end column."""

    program: str
    function: str
    position: Position


def trace_entries(trace: TracebackType | None) -> list[TraceEntry]:
    """The entries that belong to scripts, outermost first."""
    found: list[TraceEntry] = []
    while trace is not None:
        known = known_code(trace.tb_frame.f_code)
        if known is not None:
            found.append(TraceEntry(known.program.hash, known.function.name, _position(trace)))
        trace = trace.tb_next
    return found[-TRACE_LEN_MAX:]


def _position(trace: TracebackType) -> Position:
    line = trace.tb_lineno
    positions = list(trace.tb_frame.f_code.co_positions())
    first, last, column, end_column = positions[trace.tb_lasti // 2]
    if first != line or last is None or column is None or end_column is None:
        return line, line, 0, 0
    return line, last, column, end_column


def make_trace(entries: list[TraceEntry], modules: Mapping[str, Module]) -> TracebackType | None:
    """A traceback with these entries. Raises BadRecord if one does not fit its program."""
    trace: TracebackType | None = None
    for entry in reversed(entries[-TRACE_LEN_MAX:]):
        module = modules[entry.program]
        code = _code_at(module.program, entry.function, entry.position)
        frame: FrameType = FunctionType(code, module.namespace)().gi_frame
        trace = TracebackType(trace, frame, _instruction_at(code, entry.position), entry.position[0])
    return trace


def _instruction_at(code: CodeType, position: Position) -> int:
    return 2 * next(index for index, found in enumerate(code.co_positions()) if found == position)


_places: dict[tuple[str, str, Position], CodeType] = {}
"""The newest last. Dropped ones are forgotten as code of scripts, so that strangers cannot fill the memory."""


def _code_at(program: Program, function: str, position: Position) -> CodeType:
    """Code of a function that returns its own frame from this position."""
    program.function(function)
    key = program.hash, function, position
    code = _places.get(key)
    if code is None:
        if len(_places) >= PLACES_KEPT_MAX:
            KNOWN.pop(id(_places.pop(next(iter(_places)))), None)
        code = _places[key] = _compiled_at(program, function, position)
        KNOWN[id(code)] = Known(code, program, program.function(function))
    return code


def _compiled_at(program: Program, function: str, position: Position) -> CodeType:
    line, end_line, column, end_column = position
    if not (1 <= line <= end_line and 0 <= column and 0 <= end_column):
        raise BadRecord(f"a record's traceback points at {position}, which is no place in a source.")
    (definition,) = ast.parse("def f():\n    yield").body
    for node in ast.walk(definition):
        if "lineno" in node._attributes:
            set_position(node, position)
    compiled = compile(ast.Module([definition], []), program.filename, "exec", dont_inherit=True)
    (made,) = (c for c in compiled.co_consts if isinstance(c, CodeType))
    known = program.function(function)
    return made.replace(co_name=known.shown_name, co_qualname=known.qualified)
