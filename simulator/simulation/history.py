"""What happened in one seed before something broke, for a reader: noted while it runs, then chosen.

The one idea: a violation names objects, or else regions. What concerns them is shown, with the faults of the regions
where that happened, the last of it, and what was said again and again only once.

A seed is run with a history only to explain it: the notes cost more than the run. It judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import permutations
from typing import NamedTuple

from migrate.rows import RowChanges, RowKey
from simulator.simulation.telling import Part, commit_parts, frame_parts

LINES_MAX = 30
"""What a reader can keep in mind; longer stories are mostly the same thing again."""

PARTS_MAX = 5
"""Messages and rows that one line names."""

_OBJECT = re.compile(r"\br\d+:\d+\b")
_REGION = re.compile(r"\br\d+\b(?!:\d)")


class Noted(NamedTuple):
    """Something that happened in or between regions. Without parts it is a fault, or the end of one."""

    now_us: int
    regions: tuple[str, ...]
    text: str
    parts: tuple[Part, ...] = ()

    def line(self) -> str:
        """Return it as a reader sees it, without its time."""
        if not self.parts:
            return self.text
        more = f"; {len(self.parts) - PARTS_MAX} more" if len(self.parts) > PARTS_MAX else ""
        return f"{self.text}: {'; '.join(part.text for part in self.parts[:PARTS_MAX])}{more}"


class Line(NamedTuple):
    """Something that is shown, how often it happened, and when for the last time."""

    noted: Noted
    times: int
    last_us: int

    def text(self) -> str:
        """Return the line."""
        again = f" ({self.times} times, until {_seconds(self.last_us)})" if self.times > 1 else ""
        return f"{_seconds(self.noted.now_us)}  {self.noted.line()}{again}"


class History:
    """The notes of one run. `now` tells the fake clock's time."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.now: Callable[[], int] = lambda: 0
        self._noted: list[Noted] = []

    def fault(self, text: str, *regions: str) -> None:
        """Note a fault, or its end, in these regions; in all of them if none is named."""
        self._noted.append(Noted(self.now(), regions, text))

    def commit(self, region: str, epoch: int, before: dict[RowKey, bytes], changes: RowChanges) -> None:
        """Note a commit."""
        parts = tuple(commit_parts(region, before, changes))
        if parts:
            self._noted.append(Noted(self.now(), (region,), f"{region} commits in epoch {epoch}", parts))

    def frame(self, src: str, dst: str, data: bytes, due_us: Sequence[int] | None) -> None:
        """Note a frame and when its copies arrive; None if its way is cut."""
        fate = "cut off" if due_us is None else "lost"
        if due_us:
            fate = f"there at {', '.join(map(_seconds, due_us))}"
        parts = tuple(frame_parts(data))
        self._noted.append(Noted(self.now(), (src, dst), f"{src} to {dst}, {fate}", parts))

    def about(self, violation: str) -> list[str]:
        """Return what led to a violation, as lines, the last that happened last."""
        chosen = _gathered(self._chosen(violation))
        if not chosen:
            return []
        regions = {region for line in chosen for region in line.noted.regions}
        begun_us = chosen[-LINES_MAX:][0].noted.now_us
        faults = [
            Line(noted, 1, noted.now_us)
            for noted in self._noted
            if not noted.parts
            and noted.now_us >= begun_us
            and (not noted.regions or regions & {*noted.regions})
        ]
        story = sorted((*chosen, *faults), key=lambda line: line.noted.now_us)
        return [line.text() for line in story[-LINES_MAX:]]

    def _chosen(self, violation: str) -> list[Noted]:
        wanted = _wanted(violation)
        chosen = []
        for noted in self._noted:
            parts = tuple(part for part in noted.parts if wanted(noted, part))
            if parts:
                chosen.append(noted._replace(parts=parts))
        return chosen


def _wanted(violation: str) -> Callable[[Noted, Part], bool]:
    """Return what tells whether a part of what happened concerns the violation."""
    objects, regions = {*_OBJECT.findall(violation)}, {*_REGION.findall(violation)}
    if objects:
        return lambda noted, part: (
            bool(part.objects & objects)
            and (len(objects) == 1 or not part.between or part.objects <= objects)
        )
    if len(regions) > 1:
        links = {f"{one}>{other}" for one, other in permutations(sorted(regions), 2)}
        return lambda noted, part: part.link in links
    return lambda noted, part: not regions or bool(regions & {*noted.regions})


def _gathered(chosen: list[Noted]) -> list[Line]:
    """Return each thing once, however often it was said."""
    lines: dict[str, Line] = {}
    for noted in chosen:
        key = re.sub(r", there at .*?:", ":", noted.line())
        first = lines.get(key, Line(noted, 0, noted.now_us))
        lines[key] = Line(first.noted, first.times + 1, noted.now_us)
    return list(lines.values())


def _seconds(now_us: int) -> str:
    return f"{now_us / 1e6:.3f} s"
