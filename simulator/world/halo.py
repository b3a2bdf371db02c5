"""What is heard and seen over a region's borders: lines of chat, and read-only images of what lies within 100 m.

The one idea: a border costs only while somebody looks over it. A region whose scripts sense near a border says so to
the neighbour once a second; the neighbour answers with a baseline, then with changes ten times a second, then with a
baseline again now and then. Everything may be lost or come twice: a change that does not fit what is there is dropped,
and a look asks for a baseline. Lines of chat are carried over as they are spoken.

Images are not saved. What a neighbour shows is believed for some seconds and then forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from scripts_api import AgentRef, ObjectRef, Vector
from scripts_api.requests import Sense
from simulator.world.halo_records import IMAGES_MAX, Image, Images, Line, Look, encode_note, read_note
from simulator.world.places import RegionPlace

if TYPE_CHECKING:
    from simulator.world.chat import Speaker
    from simulator.world.clockwork import Entry
    from simulator.world.objects import WorldObject
    from simulator.world.threads import ScriptThread
    from simulator.world.world import World

IMAGE_M: Final = 100.0
SHOW_US: Final = 100_000  # ten times a second: an image moves by itself in between
LOOK_US: Final = 1_000_000
LOOKS_FOR_US: Final = 10_000_000  # after the last sensing near the border
SHOWN_FOR_US: Final = 3_000_000  # three looks may be lost
BASELINE_US: Final = 10_000_000
BELIEVED_US: Final = 5_000_000

ANSWER_US_MAX: Final = 300_000
"""How long a sensing waits for a neighbour that it has not asked before: some frames there and back."""

LINES_MAX: Final = 1_024
"""Numbers of lines that are remembered of a neighbour, so that none is heard twice."""

Motion = tuple[Any, ...]


class Shown:
    """What this region shows a neighbour. `motions`: of each object as it was last told."""

    def __init__(self) -> None:
        self.version = 0
        self.until_us = self.baseline_us = 0
        self.motions: dict[str, Motion] = {}


class Seen:
    """What a neighbour shows this region. `images`: with the time at which each came."""

    def __init__(self) -> None:
        self.version = 0
        self.first_us: int | None = None
        self.until_us = self.asked_us = self.came_us = 0
        self.images: dict[str, tuple[Image, int]] = {}


class Halo:
    """One region's side of its borders."""

    def __init__(self, world: World, send: Callable[[str, bytes], None]) -> None:
        self._world, self._send = world, send
        self._near = {each.name: each for each in world.places.near(world.here, IMAGE_M)}
        self._shown: dict[str, Shown] = {}
        self._seen: dict[str, Seen] = {}
        self._lines: dict[str, dict[int, None]] = {}
        self._line_number = 0
        self._waiting: list[ScriptThread] = []
        self._alarm: Entry | None = None

    def take(self, src: str, data: bytes) -> None:
        """Take what a neighbour has sent; what can't be read, or comes from no neighbour, is counted."""
        note = read_note(data)
        if note is None or src not in self._near:
            self._world.counts.events_unread += 1
        elif isinstance(note, Line):
            self._hear(src, note)
        elif isinstance(note, Look):
            self._show(src, note)
        else:
            self._see(src, note)

    # --- Chat ---

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

    # --- Seeing ---

    def images(self, place: Vector, radius_m: float) -> Iterator[tuple[Image, Vector]]:
        """Yield what is known of neighbours within reach of a place, with where it is now."""
        time_us = self._world.time_us
        for name in self._in_reach(place, radius_m):
            seen = self._seen.get(name)
            if seen is None or time_us - seen.came_us > BELIEVED_US:
                continue
            for image, came_us in seen.images.values():
                if image.id not in self._world.objects:
                    yield image, image.position(time_us - came_us)

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
                self._ask(name, seen)
            if not seen.came_us and time_us - seen.first_us < ANSWER_US_MAX:
                answered = False
        return answered

    def wait(self, thread: ScriptThread) -> None:
        """Answer a sensing when its neighbours have shown what they have."""
        self._waiting.append(thread)

    def _in_reach(self, place: Vector, radius_m: float) -> Iterator[str]:
        return (name for name, each in self._near.items() if each.clamped(place).distance(place) <= radius_m)

    def _ask(self, name: str, seen: Seen) -> None:
        seen.asked_us = self._world.time_us
        self._send(name, encode_note(Look(seen.version)))
        self._set_alarm()

    def _see(self, src: str, images: Images) -> None:
        seen = self._seen.get(src)
        if seen is None:
            return  # Nobody looks any more.
        if images.base not in (0, seen.version):
            # Something was lost: a look with the version that is here brings a baseline.
            self._ask(src, seen)
            return
        time_us = self._world.time_us
        if images.base == 0:
            seen.images.clear()
        seen.images.update((image.id, (image, time_us)) for image in images.changed)
        for id in images.gone:
            seen.images.pop(id, None)
        seen.version, seen.came_us = images.version, max(1, time_us)
        waiting, self._waiting = self._waiting, []
        for thread in waiting:
            if isinstance(thread.request, Sense):
                thread.sense_again()

    # --- Showing ---

    def _show(self, src: str, look: Look) -> None:
        shown = self._shown.setdefault(src, Shown())
        shown.until_us = self._world.time_us + SHOWN_FOR_US
        if look.have != shown.version or look.have == 0:
            shown.baseline_us = 0
        self._tell(src, shown)
        self._set_alarm()

    def _tell(self, name: str, shown: Shown) -> None:
        """Tell a neighbour what has changed since the last time."""
        time_us = self._world.time_us
        bodies = {body.id: body for body in self._at_border(self._near[name])}
        motions = {id: _motion(body) for id, body in bodies.items()}
        full = time_us >= shown.baseline_us
        base, before = (0, {}) if full else (shown.version, shown.motions)
        changed = [bodies[id] for id, motion in motions.items() if before.get(id) != motion]
        gone = tuple(id for id in before if id not in motions)
        if full:
            shown.baseline_us = time_us + BASELINE_US
        if full or changed or gone:
            # Versions of another run of this region are smaller, so none is taken for one of this.
            shown.version = max(shown.version + 1, self._world.now_us)
        shown.motions = motions
        images = tuple(_image(body) for body in changed)
        self._send(name, encode_note(Images(shown.version, base, images, gone)))

    def _at_border(self, neighbour: RegionPlace) -> list[WorldObject]:
        """What lies within reach of a neighbour, in the nearest cells first, and no more than it takes: a crowd behind
        them is not looked at.
        """
        here = self._world.here
        low = [max(here.corner[axis], neighbour.corner[axis] - IMAGE_M) for axis in (0, 1)]
        high = [
            min(here.corner[axis] + here.size[axis], neighbour.corner[axis] + neighbour.size[axis] + IMAGE_M)
            for axis in (0, 1)
        ]
        cells = self._world.cells.within((low[0], low[1]), (high[0], high[1]))
        cells.sort(key=lambda each: neighbour.clamped(each[0]).distance(each[0]))
        found: list[WorldObject] = []
        for _, cell in cells:
            found += (each for each in cell if _is_shown(each, neighbour))
            if len(found) >= IMAGES_MAX:
                break
        return sorted(found, key=lambda each: each.id)[:IMAGES_MAX]

    # --- Time ---

    def due(self) -> None:
        """Show what has changed, and look again where somebody still looks."""
        self._alarm = None
        time_us = self._world.time_us
        for name, shown in list(self._shown.items()):
            if shown.until_us <= time_us:
                del self._shown[name]
            else:
                self._tell(name, shown)
        for name, seen in list(self._seen.items()):
            if seen.until_us <= time_us:
                del self._seen[name]
            elif time_us - seen.asked_us >= LOOK_US:
                self._ask(name, seen)
        if self._shown or self._seen:
            self._set_alarm()

    def _set_alarm(self) -> None:
        if self._alarm is None:
            self._alarm = self._world.clockwork.set(self._world.time_us + SHOW_US, self)


def _is_shown(body: WorldObject, neighbour: RegionPlace) -> bool:
    if body.root is not body and body.agent is None:
        return False
    place = body.position
    return neighbour.clamped(place).distance(place) <= IMAGE_M


def _motion(body: WorldObject) -> Motion:
    """What an image follows from: equal as long as it need not be sent again."""
    root = body.root
    motion = (root.place, root.velocity if root.moves else None, root.at_us if root.moves else 0, body.name)
    extras = body.extras
    if extras is None or extras.root is None:
        return motion
    return *motion, extras.offset, root.rotation, root.spin and root.world.time_us


def _image(body: WorldObject) -> Image:
    root = body.root
    velocity = root.velocity if root.moves else Vector()
    x, y, z = body.position
    return Image(body.id, body.name, body.owner, body.agent, (x, y, z), (velocity.x, velocity.y, velocity.z))
