"""Suspended calls, the boxes of their closures, and what the host rebinds.

The one idea: these are what every record holds, so each is one factory call without detours.
"""

from __future__ import annotations

from sys import intern
from typing import TYPE_CHECKING, Any

from migrate.codec.instances import Parts
from migrate.control import Box
from migrate.errors import BadRecord
from migrate.frame import Frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrate.codec.writer import Parting

_value_of_box = Box.__dict__["v"].__get__


def part_frame(writer: Parting, frame: Frame) -> Parts:
    """The program goes by its number, everything else as it is."""
    arguments = (writer.number_of(frame.program), frame.function, frame.point, frame.locals)
    return FrameFactories.frame, arguments


def part_box(_: Parting, box: Box) -> Parts:
    """An unbound box stays unbound."""
    arguments, held = (box.name, box.owner), held_by(box)
    if not held:
        return FrameFactories.box, arguments
    return FrameFactories.box, arguments, held, None, None, FrameFactories.fill_box


def held_by(box: Box) -> tuple[Any, ...]:
    """The value of a box alone, or nothing if it is unbound: to ask the box itself raises the script's error."""
    try:
        return (_value_of_box(box),)
    except AttributeError:
        return ()


class FrameFactories:
    """Puts frames and boxes together, and finds what the host provides."""

    __slots__ = ()

    hashes: tuple[str, ...]
    externals: Mapping[str, object]

    def external(self, name: str) -> object:
        """What the host of the restored scripts provides under this name."""
        if name not in self.externals:
            raise BadRecord(f"a record refers to '{name}' of its host, which this host does not provide.")
        return self.externals[name]

    def frame(self, program: int, function: str, point: str, variables: dict[str, object]) -> Frame:
        """One suspended call."""
        if type(function) is not str or type(point) is not str or type(variables) is not dict:
            raise BadRecord("a record holds a frame whose function, point or locals are of another type.")
        # Names are interned everywhere, so that the same state gives the same bytes.
        kept = {intern(name): value for name, value in variables.items()}
        return Frame(self.hashes[program], intern(function), intern(point), kept)

    def box(self, name: str, owner: str) -> Box:
        """A variable of a closure, still unbound."""
        if type(name) is not str or type(owner) is not str:
            raise BadRecord("a record holds a box whose name or owner is no string.")
        return Box(intern(name), intern(owner))

    def fill_box(self, box: Box, state: tuple[Any]) -> None:
        """Bind it."""
        if type(box) is not Box:
            raise BadRecord(f"a record fills a {type(box).__name__} as if it were a box.")
        (box.v,) = state
