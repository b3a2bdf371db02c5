"""Objects that are looked at once a frame, for as long as one of their scripts wants to know something.

The one idea: an alarm is set for the next frame while there is anything to look at, so a region without such scripts
pays nothing. When there are more objects than a frame has looks, they take turns.

What is looked for, and told, is `collisions` and `targets`.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from simulator.world.clockwork import Entry
    from simulator.world.objects import WorldObject
    from simulator.world.world import World

LOOKS_MAX: Final = 256
"""Objects of one kind that are looked at in a frame: for targets a millisecond, for collisions 5 ms in a crowd. When
there are more, each is looked at every few frames.
"""

Seen = TypeVar("Seen")


class FrameLooks(Generic[Seen]):
    """The objects that are looked at, with what was seen of each at its last look."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: dict[WorldObject, Seen] = {}
        self._alarm: Entry | None = None

    def gone(self, body: WorldObject) -> None:
        """Forget an object."""
        self._seen.pop(body, None)

    def due(self) -> None:
        """Look once a frame."""
        self._alarm = None
        for body in list(islice(self._seen, LOOKS_MAX)):
            if body in self._seen:
                before = self._seen.pop(body)
                self._seen[body] = self._see(body)  # to the back
                if not body.dying:
                    self._look(body, before)
        if self._seen:
            self._set_alarm()

    def _include(self, body: WorldObject) -> None:
        """Look at an object from the next frame on."""
        if body not in self._seen:
            self._seen[body] = self._see(body)
        self._set_alarm()

    def _see(self, body: WorldObject) -> Seen:
        """What is remembered of an object until its next look."""
        raise NotImplementedError

    def _look(self, body: WorldObject, before: Seen) -> None:
        """Tell an object's scripts what has changed since its last look."""
        raise NotImplementedError

    def _set_alarm(self) -> None:
        if self._alarm is None:
            world = self._world
            self._alarm = world.clockwork.set(world.time_us + world.limits.frame_us, self)
