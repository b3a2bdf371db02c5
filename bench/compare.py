"""What has become slower between two results, and how sure that is.

The one idea: a figure's change is the ratio of the two medians, and a bootstrap says between which bounds it lies: both
sets of samples are drawn anew with replacement some thousand times, and the middle 95 % of the ratios are the interval
(Efron 1979). A change counts when the whole interval lies beyond what two runs of the same code differ by.

Figures with one sample on a side have no interval: they are told as unsure unless they differ by a lot.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Any

DRAWS = 2_000
SAME_WITHIN = 1.05
"""Two runs of the same code on this machine, one after the other, differ by up to 5 % beyond their samples'
intervals.
"""

UNSURE_WITHIN = 1.5
"""A figure without an interval must differ by half before it is called changed."""


class Verdict(Enum):
    """What became of a figure."""

    SLOWER = "worse"
    FASTER = "better"
    SAME = "same"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Change:
    """`ratio`: how many times worse the new value is, at least `low` and at most `high` with 95 % confidence."""

    name: str
    unit: str
    old: float
    new: float
    ratio: float
    low: float
    high: float
    verdict: Verdict


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Compare the figures that both results have, the worst first."""
    both = [name for name in new["figures"] if name in old["figures"]]
    changes = [_change(name, old["figures"][name], new["figures"][name]) for name in both]
    return sorted(changes, key=lambda each: -each.ratio)


def apart(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Say in sentences what keeps two results from being compared."""
    said = []
    was, now = old.get("machine", {}), new.get("machine", {})
    if was.get("quick") != now.get("quick"):
        said.append("one is a quick run and measures less than the other: the notes of its figures say what")
    differing = [each for each in ("processor", "cores", "python") if was.get(each) != now.get(each)]
    if differing:
        said.append(f"another machine ({', '.join(differing)}): only ratios can be compared")
    for one, other, which in ((old, new, "new"), (new, old, "old")):
        missing = [name for name in one["figures"] if name not in other["figures"]]
        if missing:
            said.append(f"not in the {which} result: {', '.join(missing)}")
    return said


def _change(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Change:
    before, after = _samples(old), _samples(new)
    if new.get("better") == "higher":
        # How many times worse: the other way round.
        low, ratio, high = interval(after, before)
    else:
        low, ratio, high = interval(before, after)
    sure = len(before) > 2 and len(after) > 2
    return Change(
        name, new["unit"], old["value"], new["value"], ratio, low, high, _verdict(ratio, low, high, sure)
    )


def _samples(figure: Mapping[str, Any]) -> Sequence[float]:
    return figure.get("samples") or (figure["value"],)


def interval(before: Sequence[float], after: Sequence[float]) -> tuple[float, float, float]:
    """The ratio of the medians, after by before, between the bounds that hold 95 % of the bootstrap's."""
    random = Random(0)
    drawn = sorted(
        _by(
            statistics.median(random.choices(after, k=len(after))),
            statistics.median(random.choices(before, k=len(before))),
        )
        for _ in range(DRAWS)
    )
    middle = _by(statistics.median(after), statistics.median(before))
    return drawn[DRAWS // 40], middle, drawn[-DRAWS // 40]


def _by(after: float, before: float) -> float:
    if before == 0:
        return 1.0 if after == 0 else float("inf")
    return after / before


def _verdict(ratio: float, low: float, high: float, sure: bool) -> Verdict:
    if not sure:
        same = 1 / UNSURE_WITHIN < ratio < UNSURE_WITHIN
        return Verdict.UNSURE if same else (Verdict.SLOWER if ratio > 1 else Verdict.FASTER)
    if low > SAME_WITHIN:
        return Verdict.SLOWER
    if high < 1 / SAME_WITHIN:
        return Verdict.FASTER
    return Verdict.SAME if low > 1 / SAME_WITHIN and high < SAME_WITHIN else Verdict.UNSURE
