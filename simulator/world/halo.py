"""What is heard and seen over a region's borders: lines of chat, and read-only images of what lies within 100 m.

The one idea: neighbours tell each other at the end of the tick in which something happens, so that it is heard and seen
over the border in the tick that takes it in. Everything may be lost or come twice.

What this region shows is in `showing`, what it sees in `seeing`. Lines of chat are carried over as they are spoken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from scripts_api import AgentRef, Vector
from simulator.world.halo_records import Line, Look, encode_note, read_note
from simulator.world.seeing import Seeing
from simulator.world.showing import IMAGE_M, Showing

if TYPE_CHECKING:
    from simulator.world.chat import Speaker
    from simulator.world.world import World

LINES_MAX: Final = 1_024
"""Numbers of lines that are remembered of a neighbour, so that none is heard twice."""


class Halo:
    """One region's side of its borders."""

    def __init__(self, world: World, send: Callable[[str, bytes], None]) -> None:
        self._world, self._send = world, send
        self._near = {each.name: each for each in world.places.near(world.here, IMAGE_M)}
        self.showing = Showing(world, self._near, send)
        self.seeing = Seeing(world, self._near, send)
        self._lines: dict[str, dict[int, None]] = {}
        self._line_number = 0

    def take(self, src: str, data: bytes) -> None:
        """Take what a neighbour has sent; what can't be read, or comes from no neighbour, is counted."""
        note = read_note(data)
        if note is None or src not in self._near:
            self._world.counts.events_unread += 1
        elif isinstance(note, Line):
            self._hear(src, note)
        elif isinstance(note, Look):
            self.showing.looked_at(src, note.have)
        else:
            self.seeing.take(src, note)

    def carry(self, speaker: Speaker, position: Vector, text: str, channel: int, range_m: float) -> None:
        """Carry a line over every border that is in its range."""
        for name, place in self._near.items():
            if place.clamped(position).distance(position) <= range_m:
                self._line_number = max(self._line_number + 1, self._world.now_us)
                line = Line(
                    self._line_number,
                    speaker.id,
                    speaker.name,
                    isinstance(speaker, AgentRef),
                    (position.x, position.y, position.z),
                    text,
                    channel,
                    range_m,
                )
                self._send(name, encode_note(line))

    def _hear(self, src: str, line: Line) -> None:
        heard = self._lines.setdefault(src, {})
        if line.number in heard:
            return
        heard[line.number] = None
        if len(heard) > LINES_MAX:
            del heard[next(iter(heard))]
        self._world.chat.hear_over_border(
            line.who, Vector(*line.position), line.text, line.channel, line.range_m
        )
