"""What this region sees of its neighbours: images of what lies near its borders, as they have told it.

The one idea: a border costs only while somebody looks over it. Scripts that sense near it make their region look, once
a second; the neighbour answers with a baseline, and tells changes tick by tick as long as there are looks. Changes
that do not fit what is there are dropped, and a look that has nothing asks for a baseline.

Images are not saved. What a neighbour shows is believed for some seconds after the last word of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from scripts_api import AgentRef, ObjectRef, Vector
from scripts_api.requests import Sense
from simulator.world.halo_records import IMAGES_MAX, Image, Images, Look, encode_note
from simulator.world.places import RegionPlace

if TYPE_CHECKING:
    from simulator.world.clockwork import Entry
    from simulator.world.threads import ScriptThread
    from simulator.world.world import World

LOOK_US: Final = 1_000_000
LOOKS_FOR_US: Final = 10_000_000  # after the last sensing near the border
BELIEVED_US: Final = 5_000_000  # four answers to looks may be lost

ASK_AGAIN_US: Final = 300_000
"""How long a baseline that was asked for may be under way."""

ANSWER_US_MAX: Final = 300_000
"""How long a sensing waits for a neighbour that it has not asked before: some frames there and back."""


class Seen:
    """What a neighbour shows this region. `images`: with the time at which each came."""

    def __init__(self) -> None:
        self.version = 0
        self.first_us: int | None = None
        self.until_us = self.looked_us = self.asked_us = self.came_us = 0
        self.images: dict[str, tuple[Image, int]] = {}


class Seeing:
    """What one region sees, by neighbour."""

    def __init__(
        self, world: World, near: Mapping[str, RegionPlace], send: Callable[[str, bytes], None]
    ) -> None:
        self._world, self._near, self._send = world, near, send
        self._seen: dict[str, Seen] = {}
        self._waiting: list[ScriptThread] = []
        self._alarm: Entry | None = None

    @property
    def neighbours(self) -> tuple[str, ...]:
        """At whom anybody looks at present."""
        return tuple(self._seen)

    def images(self, place: Vector, radius_m: float) -> Iterator[tuple[float, Image, int]]:
        """Yield what is known of neighbours within `radius_m` of a place: its distance, and how long ago it came.

        Written out in floats: there may be a thousand of them, and most are further away.
        """
        time_us, objects, (x, y, z) = self._world.time_us, self._world.objects, place
        for name in self._in_reach(place, radius_m):
            seen = self._seen.get(name)
            if seen is None or time_us - seen.came_us > BELIEVED_US:
                continue
            for image, came_us in seen.images.values():
                age_s = (time_us - came_us) / 1e6
                there, speed = image.place, image.velocity
                east = there[0] + speed[0] * age_s - x
                if not -radius_m <= east <= radius_m:
                    continue
                north = there[1] + speed[1] * age_s - y
                if not -radius_m <= north <= radius_m:
                    continue
                distance = math.hypot(east, north, there[2] + speed[2] * age_s - z)
                if distance <= radius_m and image.id not in objects:
                    yield distance, image, time_us - came_us

    def image_of(self, ref: ObjectRef | AgentRef) -> tuple[Image, Vector] | None:
        """Return what is known of something beyond a border, with where it is now."""
        time_us = self._world.time_us
        for seen in self._seen.values():
            if time_us - seen.came_us <= BELIEVED_US:
                for image, came_us in seen.images.values():
                    if image.ref == ref:
                        return image, image.position(time_us - came_us)
        return None

    def look(self, place: Vector, radius_m: float) -> bool:
        """Look over the borders that are in reach; False while a neighbour is to answer for the first time."""
        time_us, answered = self._world.time_us, True
        for name in self._in_reach(place, radius_m):
            seen = self._seen.setdefault(name, Seen())
            seen.until_us = time_us + LOOKS_FOR_US
            if seen.first_us is None:
                seen.first_us = time_us
                self._look_at(name, seen)
            if not seen.came_us and time_us - seen.first_us < ANSWER_US_MAX:
                answered = False
        return answered

    def wait(self, thread: ScriptThread) -> None:
        """Answer a sensing when its neighbours have shown what they have."""
        self._waiting.append(thread)

    def take(self, src: str, images: Images) -> None:
        """Take what a neighbour shows."""
        seen, time_us = self._seen.get(src), self._world.time_us
        if seen is None:
            return  # Nobody looks any more.
        if images.base not in (0, seen.version):
            # Something was lost, and a baseline is wanted: asked for at once, then not before it could be here.
            if seen.version or time_us - seen.asked_us >= ASK_AGAIN_US:
                seen.version, seen.asked_us = 0, time_us
                self._look_at(src, seen)
            return
        if images.base == 0:
            seen.images.clear()
        seen.images.update((image.id, (image, time_us)) for image in images.changed)
        for id in images.gone:
            seen.images.pop(id, None)
        if len(seen.images) > IMAGES_MAX:
            # No honest neighbour shows so many.
            seen.images.clear()
            self._world.counts.events_unread += 1
        seen.version, seen.came_us = images.version, max(1, time_us)
        self._answer()

    def due(self) -> None:
        """Look again where somebody still looks."""
        self._alarm = None
        time_us = self._world.time_us
        for name, seen in list(self._seen.items()):
            if seen.until_us <= time_us:
                del self._seen[name]
            elif time_us - seen.looked_us >= LOOK_US:
                self._look_at(name, seen)
        self._set_alarm()

    def _look_at(self, name: str, seen: Seen) -> None:
        seen.looked_us = self._world.time_us
        self._send(name, encode_note(Look(seen.version)))
        self._set_alarm()

    def _answer(self) -> None:
        waiting, self._waiting = self._waiting, []
        for thread in waiting:
            if isinstance(thread.request, Sense):
                thread.sense_again()

    def _in_reach(self, place: Vector, radius_m: float) -> Iterator[str]:
        return (name for name, each in self._near.items() if each.clamped(place).distance(place) <= radius_m)

    def _set_alarm(self) -> None:
        if self._alarm is None and self._seen:
            next_us = min(seen.looked_us for seen in self._seen.values()) + LOOK_US
            self._alarm = self._world.clockwork.set(max(next_us, self._world.time_us + 1), self)
