"""Where in a graph a value that cannot travel hangs: told to its author, never needed otherwise.

The one idea: a breadth-first search from the root, so that the shortest way is told, through the same parts that the
writer goes through. It runs no code of a script.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice
from types import FunctionType, MethodType
from typing import Any

from migrate.codec.frames import held_by
from migrate.codec.shapes import dict_of
from migrate.control import Begun, Box
from migrate.frame import Frame
from migrate.frame_parts import generator_frame, script_generator
from scripts_api import Script

VISITS_MAX = 100_000
"""Values looked at: beyond it the way is not told."""


def path_to(target: object, root: object, modules: Mapping[str, Any]) -> str:
    """The way from a local or an attribute to `target`, in the author's terms; empty if it is not found."""
    seen: set[int] = set()
    queue: deque[tuple[object, str, str]] = deque([(root, "", "")])
    for _ in range(VISITS_MAX):
        if not queue:
            break
        value, path, place = queue.popleft()
        if value is target or type(value) is target:
            return path.lstrip(".") + place
        if id(value) in seen:
            continue
        seen.add(id(value))
        if type(value) is Frame:
            # What is around the frames has no name that an author would know.
            here = f" in {value.function}, line {_line(value, modules)}"
            queue.extend((v, f"local '{_shown(n)}'", here) for n, v in value.locals.items())
        elif issubclass(type(value), Script):
            # Nor has what is around a script's own state.
            queue.extend((v, f"self{step}", f" of {type(value).__name__}") for v, step in _attributes(value))
        elif type(value) is FunctionType and not place:
            # A timer's function: the timer is the host's.
            queue.extend((part, step.lstrip(), "") for part, step in _parts(value))
        else:
            parts = islice(_parts(value), max(0, VISITS_MAX - len(queue)))
            queue.extend((part, path + step, place) for part, step in parts)
    return ""


def _parts(value: Any) -> Iterator[tuple[object, str]]:
    kind = type(value)
    if kind is Box:
        yield from ((bound, "") for bound in held_by(value))
    elif kind is Begun:
        yield value.iterator, ""
    elif isinstance(value, dict):
        yield from ((k, f" key {_short(k)}") for k in dict.keys(value))
        yield from ((v, f"[{_short(k)}]") for k, v in dict.items(value))
    elif isinstance(value, list | tuple | deque):
        base: Any = next(b for b in (list, tuple, deque) if isinstance(value, b))
        yield from ((v, f"[{i}]") for i, v in enumerate(base.__iter__(value)))
    elif isinstance(value, set | frozenset):
        yield from ((v, " member") for v in value)
    elif kind is MethodType:
        yield value.__self__, " bound to"
        yield value.__func__, ""
    elif kind is FunctionType:
        yield from _parts_of_function(value)
    elif script_generator(value):
        frame = generator_frame(value)
        if frame is not None:
            yield frame, ""
    yield from _attributes(value)


def _parts_of_function(function: FunctionType) -> Iterator[tuple[object, str]]:
    defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    yield from ((c.cell_contents, f" closure of {function.__name__}") for c in function.__closure__ or ())
    yield from ((v, f" default of {function.__name__}") for v in defaults)
    yield from ((v, f".{n}") for n, v in vars(function).items())
    yield from ((v, f" annotation of {function.__name__}") for v in function.__annotations__.values())


def _attributes(value: Any) -> Iterator[tuple[object, str]]:
    try:
        held = dict_of(value)
    except AttributeError:
        return
    if type(held) is dict and not isinstance(value, type | FunctionType):
        yield from ((v, f".{n}") for n, v in held.items())


def _line(frame: Frame, modules: Mapping[str, Any]) -> int | str:
    try:
        return modules[frame.program].program.function(frame.function).points[frame.point].position[0]  # type: ignore[no-any-return]  # of any kind of module
    except (KeyError, AttributeError):
        return "?"


def _shown(local: str) -> str:
    """A box is shown by the variable that it holds."""
    return local.removeprefix("$").partition(".")[0]


def _short(key: object) -> str:
    return repr(key) if type(key) in (str, int, float, bool, type(None)) and len(repr(key)) < 40 else "…"
