"""What the demo knows of its world, put together from what its simulators tell.

The one idea: a crossing has two ends, told by two processes; they are matched by object and generation, so
that one told twice counts once and the clock that both share gives the time between frozen and runnable.

No sockets and no terminal here: statuses come in, numbers go out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from simulator.control import CrossingEnd, ObjectStatus, SaidLine, Status

SAID_LINES_MAX = 6  # as many lines as the view shows


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from frozen at the source to runnable at the destination, over all measured crossings."""

    p50: float
    p99: float
    max: float


class Tally:
    """Everything told so far."""

    def __init__(self) -> None:
        self.latest: dict[str, Status] = {}
        self.said: list[SaidLine] = []
        self._heard: dict[str, int] = {}
        self._departed: dict[tuple[str, int], CrossingEnd] = {}
        self._arrived: dict[tuple[str, int], CrossingEnd] = {}

    def add(self, status: Status) -> None:
        """Take in what one simulator tells."""
        self.latest[status.simulator] = status
        self.said = [*self.said, *status.said][-SAID_LINES_MAX:]
        self._heard[status.simulator] = max(
            [self.said_after(status.simulator), *(line.number for line in status.said)]
        )
        for region in status.regions.values():
            self._departed |= {(end.object, end.gen): end for end in region.departed}
            self._arrived |= {(end.object, end.gen): end for end in region.arrived}

    def said_after(self, simulator: str) -> int:
        """Return the number of the last line heard from the simulator, to ask for those after it."""
        return self._heard.get(simulator, 0)

    def forget(self, simulator: str) -> None:
        """Drop what a simulator told of the present: it was killed and counts anew."""
        self.latest.pop(simulator, None)
        self._heard.pop(simulator, None)

    def objects(self) -> list[tuple[str, ObjectStatus]]:
        """Return every object with the region that has it, as last told."""
        return [
            (name, each)
            for status in self.latest.values()
            for name, region in status.regions.items()
            for each in region.objects
        ]

    def find(self, name: str) -> tuple[str, ObjectStatus] | None:
        """Return an object and its region by its name, or None while it is between regions."""
        return next(((region, each) for region, each in self.objects() if each.name == name), None)

    def count_by_name(self) -> Counter[str]:
        """Return how often each object exists: once each, or something was lost or doubled."""
        return Counter(each.name for _, each in self.objects())

    def crossings(self, object_id: str | None = None) -> int:
        """Return how many crossings were completed, of one object or of all."""
        return sum(1 for name, _ in self._arrived if object_id in (None, name))

    def latencies_ms(self) -> list[float]:
        """Return how long each crossing took of which both ends were told, in order of arrival."""
        both = sorted(self._arrived.keys() & self._departed.keys(), key=lambda key: self._arrived[key].at_us)
        return [(self._arrived[key].at_us - self._departed[key].at_us) / 1000 for key in both]

    def latency(self) -> Latency:
        """Return the latencies' median, 99th percentile and maximum; zeros before the first crossing."""
        ordered = sorted(self.latencies_ms()) or [0.0]
        return Latency(_percentile(ordered, 50), _percentile(ordered, 99), ordered[-1])

    def frames_moved(self) -> int:
        """Return how many script frames arrived."""
        return sum(end.frames for end in self._arrived.values())

    def bytes_moved(self) -> int:
        """Return how many bytes of captured state arrived."""
        return sum(end.bytes for end in self._arrived.values())

    def statistic(self, name: str) -> int:
        """Return the sum of one of the regions' counters."""
        regions = [region for status in self.latest.values() for region in status.regions.values()]
        return sum(region.statistics.get(name, 0) for region in regions)


def _percentile(ordered: list[float], percent: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
