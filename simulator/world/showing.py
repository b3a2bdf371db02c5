"""What this region shows its neighbours: read-only images of what lies within 100 m of their borders.

The one idea: after a baseline only changes are told, at the end of the tick in which they happened. What may have
changed are the objects that the cells have filed anew, so a tick in which nothing changes its course looks at nothing
and sends nothing: an image moves on by itself. A baseline comes with the first look and then every ten seconds, and
when a neighbour says that it has lost the thread.

It shows to whoever has looked lately; everything it sends may be lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from scripts_api import Vector
from simulator.world.halo_records import IMAGES_MAX, Image, Images, encode_note
from simulator.world.places import RegionPlace

if TYPE_CHECKING:
    from simulator.world.objects import WorldObject
    from simulator.world.world import World

IMAGE_M: Final = 100.0

SHOWN_M: Final = IMAGE_M + 12.0
"""Something is filed anew when it comes into another cell: who is further away than this passes a cell's edge, at most
11.4 m on, before it is nearer than `IMAGE_M`.
"""

SHOWN_FOR_US: Final = 3_000_000
"""How long a look lasts: neighbours look once a second, and two of three looks may be lost."""

BASELINE_US: Final = 10_000_000
"""How long images go without a baseline: whatever is wrong with one is right again then."""

CROWD_US: Final = 1_000_000
"""The same where there is more than a neighbour takes: so often the nearest are chosen anew."""

REPEAT_US_MIN: Final = 100_000
"""How soon after a baseline there may be another, whoever asks: choosing a thousand takes 5 ms in a crowd."""

CHANGES_MAX: Final = 256
"""Images in the changes of one tick; the others come with the next ticks. 25 KB, and 2 ms to write and to read."""

Motion = tuple[Any, ...]


class Shown:
    """What one neighbour is shown. `motions`: of each object as it was last told. `news`: ids yet to be looked at."""

    def __init__(self) -> None:
        self.version = 0
        self.until_us = self.baseline_us = self.told_all_us = 0
        self.motions: dict[str, Motion] = {}
        self.news: dict[str, None] = {}
        self.asked = False


class Showing:
    """What one region shows, by neighbour."""

    def __init__(
        self, world: World, near: Mapping[str, RegionPlace], send: Callable[[str, bytes], None]
    ) -> None:
        self._world, self._near, self._send = world, near, send
        self._shown: dict[str, Shown] = {}

    @property
    def neighbours(self) -> tuple[str, ...]:
        """To whom anything is shown at present."""
        return tuple(self._shown)

    def looked_at(self, src: str, have: int) -> None:
        """A neighbour looks; it is answered at the end of this tick. `have`: the version that it has, or 0."""
        time_us = self._world.time_us
        shown = self._shown.get(src)
        if shown is None:
            shown = self._shown[src] = Shown()
            self._world.cells.follow()
        elif have == 0:
            shown.baseline_us = min(shown.baseline_us, shown.told_all_us + REPEAT_US_MIN)
        shown.until_us, shown.asked = time_us + SHOWN_FOR_US, True

    def tick(self) -> None:
        """Show everybody who looks what this tick has changed."""
        if not self._shown:
            return
        time_us, news = self._world.time_us, self._world.cells.news()
        for name, shown in list(self._shown.items()):
            if shown.until_us <= time_us:
                del self._shown[name]
            else:
                shown.news |= news
                self._tell(name, shown)
        if not self._shown:
            self._world.cells.follow_no_longer()

    def _tell(self, name: str, shown: Shown) -> None:
        before = shown.version
        gone: tuple[str, ...] = ()
        if self._world.time_us >= shown.baseline_us:
            base, changed = 0, self._all(name, shown)
            self._world.counts.baselines_sent += 1
        else:
            base, (changed, gone) = before, self._changes(name, shown)
            if not (changed or gone or shown.asked):
                return
        if base == 0 or changed or gone:
            # Versions of another run of this region are smaller, so none is taken for one of this.
            shown.version = max(before + 1, self._world.now_us)
        shown.asked = False
        self._world.counts.images_sent += len(changed)
        self._send(name, encode_note(Images(shown.version, base, tuple(map(_image, changed)), gone)))

    def _all(self, name: str, shown: Shown) -> list[WorldObject]:
        """Return what a baseline tells, and begin anew from it."""
        time_us = self._world.time_us
        bodies = self._at_border(self._near[name])
        chosen = sorted(bodies, key=lambda each: each.id)[:IMAGES_MAX]
        shown.motions = {body.id: _motion(body) for body in chosen}
        shown.news = {body.id: None for body in chosen if _turns(body)}
        shown.told_all_us = time_us
        shown.baseline_us = time_us + (CROWD_US if len(bodies) > IMAGES_MAX else BASELINE_US)
        return chosen

    def _changes(self, name: str, shown: Shown) -> tuple[list[WorldObject], tuple[str, ...]]:
        """Return what has changed, and the ids of what is shown no longer."""
        changed: list[WorldObject] = []
        gone: list[str] = []
        turning: dict[str, None] = {}
        news = iter(shown.news)
        for id in news:
            body = self._seen_from(name, id)
            if body is None:
                if shown.motions.pop(id, None) is not None:
                    gone.append(id)
                continue
            motion = _motion(body)
            before = shown.motions.get(id)
            if before is None and len(shown.motions) >= IMAGES_MAX:
                shown.baseline_us = min(shown.baseline_us, shown.told_all_us + CROWD_US)
                continue
            if _turns(body):
                turning[id] = None
            if motion != before:
                shown.motions[id] = motion
                changed.append(body)
                if len(changed) == CHANGES_MAX:
                    break
        # Who has waited comes first; what turns has changed again in the next tick.
        shown.news = dict.fromkeys(news) | turning
        return changed, tuple(gone)

    def _seen_from(self, name: str, id: str) -> WorldObject | None:
        body = self._world.objects.get(id)
        return body if body is not None and not body.dying and _is_shown(body, self._near[name]) else None

    def _at_border(self, neighbour: RegionPlace) -> list[WorldObject]:
        """What lies within reach of a neighbour, in the nearest cells first, and hardly more than it takes: a crowd
        behind them is not looked at.
        """
        here = self._world.here
        low = [max(here.corner[axis], neighbour.corner[axis] - SHOWN_M) for axis in (0, 1)]
        high = [
            min(here.corner[axis] + here.size[axis], neighbour.corner[axis] + neighbour.size[axis] + SHOWN_M)
            for axis in (0, 1)
        ]
        cells = self._world.cells.within((low[0], low[1]), (high[0], high[1]))
        cells.sort(key=lambda each: neighbour.clamped(each[0]).distance(each[0]))
        return list(islice(_shown_in((cell for _, cell in cells), neighbour), IMAGES_MAX + 1))


def _shown_in(cells: Iterable[Iterable[WorldObject]], neighbour: RegionPlace) -> Iterable[WorldObject]:
    return (body for cell in cells for body in cell if _is_shown(body, neighbour))


def _is_shown(body: WorldObject, neighbour: RegionPlace) -> bool:
    if body.root is not body and body.agent is None:
        return False
    place = body.position
    return neighbour.clamped(place).distance(place) <= SHOWN_M


def _motion(body: WorldObject) -> Motion:
    """What an image follows from: equal as long as it need not be sent again."""
    root = body.root
    course = (root.place, root.velocity if root.moves else None, root.at_us if root.moves else 0)
    motion = (*course, body.name, body.owner)
    if root.extras is not None and root.extras.falls:
        return *motion, root.world.time_us
    if root is body:
        return motion
    return *motion, body.more().offset, root.rotation, root.spin and root.world.time_us


def _turns(body: WorldObject) -> bool:
    """Whether it goes round its root, or falls, so that no velocity says where it will be."""
    root = body.root
    return (root is not body and bool(root.spin)) or (root.extras is not None and root.extras.falls)


def _image(body: WorldObject) -> Image:
    root = body.root
    velocity = root.velocity_at(root.world.time_us) if root.moves else Vector()
    x, y, z = body.position
    return Image(body.id, body.name, body.owner, body.agent, (x, y, z), (velocity.x, velocity.y, velocity.z))
