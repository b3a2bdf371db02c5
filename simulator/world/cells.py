"""Which objects are near a place: the region's ground in square cells, each with the objects in it.

The one idea: an object that moves leaves its cell at a moment that follows from its motion, so it is filed with
that moment, and filed again only when somebody looks after it has passed. Whoever changes an object's motion
says `moved`; nothing is reckoned until the next look, and nothing at all is kept in a region where nobody
ever looks.

Cells only narrow the choice: whoever asks measures the distances. They know nothing of height.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from scripts_api import Vector

if TYPE_CHECKING:
    from simulator.world.objects import WorldObject
    from simulator.world.world import World

CELL_M: Final = 8.0
"""The side of a cell: with 250,000 objects in 256 by 256 m the 32 nearest are found among 2,200, and the widest
sensing looks into 625 cells, which takes 0.1 ms.
"""

SLACK_M: Final = 0.001
"""How far an object may be from where its cell says: what rounding makes of a long motion."""

SWING_US_MIN: Final = 10_000
"""How soon a part of a linkset that turns may be filed again: half a frame, within which it moves little."""

STALE_MIN: Final = 1_000
"""Below this many stale entries the heap of leavings is not worth building anew."""

FILED_MAX: Final = 1_000
"""Objects that are filed in a tick for one who can wait: 5 ms. The first look in a region, or the first after a long
time, finds a hundred thousand to file.
"""

SPAN_US: Final = 20_000
"""Of leavings that are kept together: a frame, so that a look finds one span that is due, or two."""

Cell = dict["WorldObject", None]


class Ring(NamedTuple):
    """`sure_m`: whatever is no further than this lies in this ring or one before it."""

    sure_m: float
    cells: list[Cell]


Leaving = tuple[int, int, "WorldObject"]


class Leavings:
    """When what leaves its cell: `(when_us, number, object)`, in spans of time, because in a crowd one heap of them all
    costs as much as everything else. Within a span they come in no order but that of their filing.
    """

    def __init__(self) -> None:
        self._spans: dict[int, list[Leaving]] = {}
        self._order: list[int] = []
        self._count = 0

    def __len__(self) -> int:
        """How many there are, stale ones too."""
        return self._count

    def add(self, leaving: Leaving) -> None:
        """Note one."""
        span = leaving[0] // SPAN_US
        self._count += 1
        found = self._spans.get(span)
        if found is not None:
            found.append(leaving)
        else:
            self._spans[span] = [leaving]
            heapq.heappush(self._order, span)

    def due(self, time_us: int) -> Iterator[list[Leaving]]:
        """Take out all that is due; in lists, of which what is not done can be put back."""
        while self._order and self._order[0] * SPAN_US <= time_us:
            span = heapq.heappop(self._order)
            found = self._spans.pop(span)
            self._count -= len(found)
            if (span + 1) * SPAN_US <= time_us:
                yield found
                continue
            self.put_back([each for each in found if each[0] > time_us])
            yield [each for each in found if each[0] <= time_us]
            return

    def put_back(self, leavings: list[Leaving]) -> None:
        """Note again what was taken out."""
        for each in leavings:
            self.add(each)

    def keep(self, valid: Mapping[WorldObject, int]) -> None:
        """Forget the stale ones."""
        found = [each for span in self._spans.values() for each in span if valid.get(each[2]) == each[1]]
        self._spans, self._order, self._count = {}, [], 0
        self.put_back(found)


class Cells:
    """The cells of one region. `filed_much_us`: when one look had so much to file that nobody is to blame for it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._looked_at = False
        self._cells: dict[tuple[int, int], Cell] = {}
        self._at: dict[WorldObject, tuple[int, int]] = {}
        self._moved: dict[WorldObject, None] = {}
        self._leaving = Leavings()
        self._valid: dict[WorldObject, int] = {}
        self._filed = 0
        self._began_us = self.filed_much_us = -1
        self._news: dict[str, None] | None = None

    def follow(self) -> None:
        """Keep from now on what is filed anew, for `news`."""
        if self._news is None:
            self._news = {}

    def follow_no_longer(self) -> None:
        """Keep it no longer."""
        self._news = None

    def news(self) -> dict[str, None]:
        """Return the ids of what has come, gone, moved otherwise or into another cell since the last asking."""
        self._catch_up()
        news, self._news = self._news or {}, {}
        return news

    def moved(self, body: WorldObject) -> None:
        """Note that an object has come, was put somewhere else, or moves in another way from now on."""
        if self._looked_at:
            self._moved[body] = None
            for part in body.parts:
                self._moved[part] = None

    def gone(self, body: WorldObject) -> None:
        """Forget an object."""
        self._moved.pop(body, None)
        self._take_out(body)
        if self._news is not None:
            self._news[body.id] = None

    def rings(self, place: Vector, radius_m: float) -> Iterator[Ring]:
        """Yield what lies around a place, the nearest ring of cells first, until `radius_m` is covered."""
        self._catch_up()
        x, y = _cell_of(place)
        for ring in range(math.ceil(radius_m / CELL_M) + 1):
            found = (self._cells.get((x + east, y + north)) for east, north in _edge(ring))
            yield Ring(ring * CELL_M - SLACK_M, [cell for cell in found if cell])

    def near(self, place: Vector, radius_m: float) -> list[Cell]:
        """Return all cells that have something within `radius_m` of a place, and maybe some more."""
        return [cell for ring in self.rings(place, radius_m) for cell in ring.cells]

    def within(self, low: tuple[float, float], high: tuple[float, float]) -> list[tuple[Vector, Cell]]:
        """Return all cells that have something in a rectangle, and maybe some more, with their middles."""
        self._catch_up()
        west, south = (math.floor(side / CELL_M) for side in low)
        east, north = (math.floor(side / CELL_M) for side in high)
        places = ((x, y) for x in range(west, east + 1) for y in range(south, north + 1))
        found = ((x, y, self._cells.get((x, y))) for x, y in places)
        return [(Vector((x + 0.5) * CELL_M, (y + 0.5) * CELL_M, 0), cell) for x, y, cell in found if cell]

    def ready(self) -> bool:
        """Prepare a look of one who can wait: file some objects; False if there are more of them than that."""
        time_us = self._world.time_us
        if self._began_us == time_us:
            return False  # Enough for this tick.
        if self._catch_up(FILED_MAX):
            return True
        self._began_us = time_us
        return False

    def _catch_up(self, filed_max: int | None = None) -> bool:
        """File what has moved, or left its cell, since the last look; False if `filed_max` are not enough."""
        if not self._looked_at:
            self._looked_at = True
            self._moved = dict.fromkeys(self._world.objects.values())
        before, time_us, moved = self._filed, self._world.time_us, self._moved
        while moved:
            if filed_max is not None and self._filed - before >= filed_max:
                return False
            self._file(moved.popitem()[0])
        valid = self._valid
        for due in self._leaving.due(time_us):
            while due:
                if filed_max is not None and self._filed - before >= filed_max:
                    self._leaving.put_back(due)
                    return False
                _, number, body = due.pop()
                if valid.get(body) == number:
                    self._file(body)
        if self._filed - before > FILED_MAX:
            self.filed_much_us = time_us
        self._tidy()
        return True

    def _tidy(self) -> None:
        if len(self._leaving) > 2 * len(self._valid) + STALE_MIN:
            self._leaving.keep(self._valid)

    def _file(self, body: WorldObject) -> None:
        """Put an object into the cell where it is, with the moment at which it leaves it."""
        self._filed += 1
        if self._news is not None:
            self._news[body.id] = None
        time_us = self._world.time_us
        place = body.position_at(time_us)
        at = _cell_of(place)
        was_at = self._at.get(body)
        if was_at != at:
            if was_at is not None:
                self._take_out(body)
            cell = self._cells.get(at)
            if cell is None:
                cell = self._cells[at] = {}
            cell[body] = None
            self._at[body] = at
        if not body.moves:
            self._valid.pop(body, None)
            return
        self._valid[body] = self._filed
        extras = body.extras
        alone = extras is None or extras.root is None
        stay_us = _stay_us(place, body.velocity, at) if alone else _swing_us(body, place, at)
        self._leaving.add((time_us + stay_us, self._filed, body))

    def _take_out(self, body: WorldObject) -> None:
        self._valid.pop(body, None)
        at = self._at.pop(body, None)
        if at is None:
            return
        cell = self._cells[at]
        del cell[body]
        if not cell:
            del self._cells[at]


def _cell_of(place: Vector) -> tuple[int, int]:
    x, y, _ = place
    return int(x // CELL_M), int(y // CELL_M)


def _stay_us(place: Vector, velocity: Vector, at: tuple[int, int]) -> int:
    """Return for how long something stays in its cell: whole microseconds, at least one."""
    # Written out: it is reckoned for everything that passes from cell to cell while somebody looks.
    east, north, _ = velocity
    x, y, _ = place
    seconds = 1e9
    if east:
        seconds = ((at[0] + (east > 0)) * CELL_M - x) / east
    if north:
        by_north = ((at[1] + (north > 0)) * CELL_M - y) / north
        if by_north < seconds or not east:
            seconds = by_north
    return max(1, int(min(seconds, 1e9) * 1e6))


def _swing_us(part: WorldObject, place: Vector, at: tuple[int, int]) -> int:
    """Return for how long a part stays in its cell at least, however its linkset flies and turns."""
    root = part.root
    speed = root.velocity.length + root.spin.length * place.distance(root.position)
    sides = (place[axis] / CELL_M - at[axis] for axis in (0, 1))
    way = min(min(side, 1 - side) for side in sides) * CELL_M
    return max(SWING_US_MIN, int(min(way / speed, 1e9) * 1e6) if speed else 0)


def _edge(ring: int) -> Iterator[tuple[int, int]]:
    """Yield the cells of a square ring around (0, 0), always in the same order."""
    if ring == 0:
        yield 0, 0
        return
    for step in range(-ring, ring):
        yield step, -ring
        yield ring, step
        yield -step, ring
        yield -ring, -step
