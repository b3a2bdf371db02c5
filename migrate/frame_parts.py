"""Functions and generators of scripts taken apart and put together: what the codec cannot know.

The one idea: a closure is its function's stable name and the values it closes over; a generator is a frame. Both are
rebuilt from the program, so nothing of their code travels.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from sys import intern
from types import CellType, CodeType, FunctionType, GeneratorType
from typing import Any

from migrate.control import CONTROL
from migrate.errors import BadRecord, CaptureRefused
from migrate.frame import Frame
from migrate.injector.known import Known, known_code
from migrate.injector.module import Module
from migrate.injector.residual import LOCALS, START
from migrate.injector.tree import Position

FINISHED = "finished"
"""The point of a generator that has ended."""


@dataclass(frozen=True, slots=True)
class FunctionParts:
    """A function object: `free` are the values of its free variables in alphabetical order of their names."""

    program: str
    function: str
    free: tuple[object, ...]
    defaults: tuple[object, ...] | None
    kwdefaults: dict[str, object] | None
    attributes: dict[str, object]


def function_parts(function: FunctionType) -> FunctionParts | None:
    """Take a script's function apart; None if no program defines it."""
    known = known_code(function.__code__)
    if known is None:
        return None
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    free = tuple(cell.cell_contents for _, cell in sorted(cells, key=lambda pair: pair[0]))
    return FunctionParts(
        known.program.hash,
        known.function.name,
        free,
        function.__defaults__,
        function.__kwdefaults__,
        {**vars(function), **_renamed(function)},
    )


OWN_FIELDS = ("__name__", "__qualname__", "__doc__", "__annotations__")
"""What a function keeps outside of its `__dict__` and a script may change, `functools.wraps` for one."""


def _renamed(function: FunctionType) -> dict[str, object]:
    """Those of OWN_FIELDS that the function's code does not give back by itself."""
    fresh = FunctionType(function.__code__, function.__globals__, closure=function.__closure__)
    fields = ((name, getattr(function, name)) for name in OWN_FIELDS)
    return {name: value for name, value in fields if value != getattr(fresh, name)}


def make_function(parts: FunctionParts, module: Module) -> FunctionType:
    """Put a function together. Raises BadRecord if it does not fit the program."""
    function = module.program.function(parts.function)
    code = module.program.plain_code(function)
    if len(parts.free) != len(code.co_freevars):
        raise BadRecord(f"a record closes function '{parts.function}' over {len(parts.free)} values.")
    cells = dict(zip(sorted(code.co_freevars), map(CellType, parts.free), strict=True))
    closure = tuple(cells[name] for name in code.co_freevars)
    made = FunctionType(code, module.namespace, function.shown_name, parts.defaults, closure)
    made.__kwdefaults__ = parts.kwdefaults
    for name, value in parts.attributes.items():
        if name in OWN_FIELDS:
            setattr(made, name, value)
        else:
            made.__dict__[name] = value
    return made


def point_of(known: Known, code: CodeType, last_instruction: int) -> str | None:
    """The suspension point that an instruction belongs to."""
    positions = _positions(known, code)
    return positions.get(last_instruction // 2)


def _positions(known: Known, code: CodeType) -> dict[int, str]:
    table = _tables.get(id(code))
    if table is None:
        points: dict[Position | tuple[int | None, ...], str]
        points = {p.position: p.name for p in known.function.points.values()}
        table = {
            index: points[position]
            for index, position in enumerate(code.co_positions())
            if position in points
        }
        _tables[id(code)] = table
    return table


_tables: dict[int, dict[int, str]] = {}
"""Address of a function's code object -> instruction -> point. `known` keeps these code objects for ever."""


def live_frame(known: Known, code: CodeType, last_instruction: int, variables: dict[str, Any]) -> Frame:
    """A suspended frame as data: its point, and the locals that are alive there."""
    point = point_of(known, code, last_instruction)
    assert point is not None, f"{known.function.name} is suspended between points, at {last_instruction}"
    alive = known.program.alive(known.function, point)
    return Frame(known.program.hash, known.function.name, point, _kept(variables, alive))


def _kept(variables: dict[str, Any], alive: frozenset[str] | None) -> dict[str, object]:
    """Sorted, because a residual binds its locals in another order than the function does."""
    names = variables if alive is None else alive & variables.keys()
    return {intern(name): variables[name] for name in sorted(names) if not name.startswith("$$")}


def script_generator(value: object) -> bool:
    """Whether this is a generator of a script."""
    return type(value) is GeneratorType and known_code(value.gi_code) is not None


def generator_frame(generator: GeneratorType[Any, Any, Any]) -> Frame | None:
    """A script's own generator as a frame; None if it belongs to no program. Raises CaptureRefused if it runs."""
    code = generator.gi_code
    known = known_code(code)
    if known is None:
        return None
    if generator.gi_running:
        raise CaptureRefused(
            f"the generator '{known.function.name}' is running: something it called is being captured. "
            "Keep waiting calls out of generators that a loop of native code consumes."
        )
    frame = generator.gi_frame
    if frame is None:
        return Frame(known.program.hash, known.function.name, FINISHED)
    if not generator.gi_suspended:
        # One that was restored and has not begun since still holds its locals together.
        variables = frame.f_locals.get(LOCALS, frame.f_locals)
        locals_at_start = _kept(variables, known.program.alive(known.function, START))
        return Frame(known.program.hash, known.function.name, START, locals_at_start)
    return live_frame(known, code, frame.f_lasti, dict(frame.f_locals))


def make_generator(frame: Frame, module: Module) -> GeneratorType[Any, Any, Any]:
    """A generator that goes on as `frame` says. `start_generator` must follow, once the frame's locals are complete."""
    function = module.program.function(frame.function)
    if not function.is_generator:
        raise BadRecord(f"a record makes a generator of '{frame.function}', which is none.")
    point = START if frame.point == FINISHED else frame.point
    made: GeneratorType[Any, Any, Any] = module.residual(frame.function, point, "native")(
        None, None, frame.locals
    )
    return made


def start_generator(generator: GeneratorType[Any, Any, Any], frame: Frame) -> None:
    """Bring a generator made by `make_generator` to its point; until then it has read no variable."""
    if frame.point == FINISHED:
        generator.close()
    elif frame.point != START:
        next(generator)


def drop_generators(generators: Iterable[GeneratorType[Any, Any, Any]]) -> None:
    """Close generators of scripts without running any `finally` of theirs."""
    try:
        for generator in generators:
            # Each time: a microthread that is let go of with one of them is discarded too, and ends that.
            CONTROL.discarding = True
            generator.close()
    finally:
        CONTROL.discarding = False
