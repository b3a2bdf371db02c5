"""The demo's tally: crossings with two ends, objects that exist once, latencies."""

from __future__ import annotations

from simulator.control import CrossingEnd, ObjectStatus, RegionStatus, SaidLine, Status
from simulator.demo_tally import Latency, Tally


def region(
    *,
    objects: list[str] | None = None,
    departed: list[CrossingEnd] | None = None,
    arrived: list[CrossingEnd] | None = None,
) -> RegionStatus:
    there = [ObjectStatus(f"id:{name}", name, (0, 0, 0), (0, 0, 0)) for name in objects or []]
    return RegionStatus(1, 1, there, departed or [], arrived or [], {"slices": 5})


def status(simulator: str, told: RegionStatus, said: list[SaidLine] | None = None) -> Status:
    return Status(simulator, 1, {simulator: told}, said or [])


def end(gen: int, at_us: int) -> CrossingEnd:
    return CrossingEnd("id:rocket", gen, at_us, 3, 1000)


def crossed_twice() -> Tally:
    tally = Tally()
    tally.add(status("west", region(departed=[end(1, 1_000)], arrived=[end(2, 9_500)])))
    tally.add(status("middle", region(departed=[end(2, 9_000)], arrived=[end(1, 1_300)], objects=["rocket"])))
    return tally


def test_latency_is_between_both_ends() -> None:
    """The two processes' times for one crossing give its latency."""
    assert crossed_twice().latencies_ms() == [0.3, 0.5]


def test_crossing_told_twice_counts_once() -> None:
    """Asking again does not add crossings."""
    tally = crossed_twice()
    tally.add(status("middle", region(arrived=[end(1, 1_300)])))
    assert (tally.crossings(), tally.frames_moved(), tally.bytes_moved()) == (2, 6, 2000)


def test_crossings_of_one_object() -> None:
    """Crossings are counted for each object too."""
    assert (crossed_twice().crossings("id:rocket"), crossed_twice().crossings("id:fish")) == (2, 0)


def test_percentiles() -> None:
    """Median, 99th percentile and maximum come from the measured crossings."""
    assert Latency(0.5, 0.5, 0.5) == crossed_twice().latency()


def test_no_crossing_has_no_latency() -> None:
    """Before the first crossing the figures are zero."""
    assert Latency(0.0, 0.0, 0.0) == Tally().latency()


def test_doubled_object_is_seen() -> None:
    """An object that two regions claim is counted twice."""
    tally = crossed_twice()
    tally.add(status("west", region(objects=["rocket", "fish"])))
    assert tally.count_by_name() == {"rocket": 2, "fish": 1}


def test_object_between_regions_is_nowhere() -> None:
    """What no region tells of is found nowhere."""
    assert Tally().find("rocket") is None


def test_statistics_are_summed_over_regions() -> None:
    """One counter of all regions together."""
    assert crossed_twice().statistic("slices") == 10


def test_said_lines_are_heard_once() -> None:
    """The number of the last line is remembered, and forgotten with the process that counted it."""
    tally = Tally()
    tally.add(status("west", region(), [SaidLine(7, "west", "rocket", "hello")]))
    tally.add(status("west", region()))
    heard = tally.said_after("west")
    tally.forget("west")
    assert (heard, tally.said_after("west")) == (7, 0)
