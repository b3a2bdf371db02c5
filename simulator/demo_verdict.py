"""What came of a demo: every figure, every fault, and one plain sentence.

The one idea: the verdict is a pure function of what was seen and what was done, so a test can hand it a
lost object, a doubled answer or a wrong digit and see that it is found. A demo that cannot fail proves
nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from simulator.demo_check import DigitsVerdict, check_digits
from simulator.demo_tally import Latency, Tally


@dataclass(slots=True)
class Carried:
    """What the rocket carries with it: its own attributes, as its script keeps them."""

    digits: str = ""
    answered: list[str] = field(default_factory=list)
    crossings: int = 0


@dataclass(slots=True)
class Touches:
    """The touches made: those that were confirmed, and those of which nobody knows whether they were felt."""

    confirmed: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)

    before: int = 0

    def begin_after(self, answered: Iterable[str]) -> None:
        """Count visitors on from those of an earlier demo in the same world."""
        self.before = max((int(name.rpartition(" ")[2]) for name in answered), default=0)

    def felt(self, answered: Iterable[str]) -> int:
        """Return how many touches were felt: those confirmed, and of the others those that were answered."""
        return len(self.confirmed) + len(set(self.doubtful) & set(answered))

    def answers(self, answered: Iterable[str]) -> int:
        """Return how many touches of this demo were answered; a kept world's rocket remembers older ones too."""
        return sum(name in (*self.confirmed, *self.doubtful) for name in answered)

    def next_visitor(self) -> str:
        """Return a name that no visitor had before."""
        return f"visitor {self.before + len(self.confirmed) + len(self.doubtful) + 1}"


class DemoResult(msgspec.Struct, frozen=True):
    """What came of it, and what `--json` prints. `lost` and `duplicated` count objects and answers."""

    right: bool
    crossings: int
    digits: int
    digits_correct: int
    lost: int
    duplicated: int
    latency_ms: Latency
    frames_moved: int
    bytes_moved: int
    touches: int
    answers: int
    slices: int
    seconds: float
    killed: str | None
    faults: list[str]

    def sentence(self) -> str:
        """Say in one plain sentence what was shown, or what went wrong."""
        if not self.right:
            return f"Something went wrong: {'; '.join(self.faults)}."
        killed = f", survived the SIGKILL of {self.killed}" if self.killed else ""
        return (
            f"The rocket crossed {_counted(self.crossings, 'border')} in the middle of its loop{killed}, answered"
            f" {_counted(self.answers, 'touch')} and computed {_counted(self.digits, 'digit')} of pi:"
            " every digit is right, none is missing, none is repeated."
        )


def judge(
    tally: Tally,
    carried: Carried,
    touches: Touches,
    expected_objects: Iterable[str],
    *,
    crossings: int,
    crossings_wanted: int,
    seconds: float,
    killed: str | None,
    other_faults: Iterable[str] = (),
) -> DemoResult:
    """Hold everything that was seen against what is known, and name every fault."""
    verdict = check_digits(carried.digits)
    lost = [*_lost_objects(tally, expected_objects), *_lost_answers(carried, touches)]
    doubled = [*_doubled_objects(tally), *_doubled_answers(carried)]
    faults = [*_digit_faults(verdict), *lost, *doubled, *other_faults]
    if crossings < crossings_wanted:
        faults.append(f"the rocket crossed {_counted(crossings, 'border')} instead of {crossings_wanted}")
    return DemoResult(
        right=not faults,
        crossings=crossings,
        digits=verdict.digits,
        digits_correct=verdict.digits_correct,
        lost=len(lost),
        duplicated=len(doubled),
        latency_ms=tally.latency(),
        frames_moved=tally.frames_moved(),
        bytes_moved=tally.bytes_moved(),
        touches=touches.felt(carried.answered),
        answers=touches.answers(carried.answered),
        slices=tally.statistic("slices"),
        seconds=round(seconds, 1),
        killed=killed,
        faults=faults,
    )


def _counted(number: int, what: str) -> str:
    plural = f"{what}es" if what.endswith("ch") else f"{what}s"
    return f"{number:,} {what if number == 1 else plural}"


def _digit_faults(verdict: DigitsVerdict) -> list[str]:
    if verdict.right:
        return []
    if verdict.digits == 0:
        return ["the rocket has no digits"]
    wrong = verdict.digits - verdict.digits_correct
    return [f"{wrong} of {verdict.digits} digits are wrong, the first at place {verdict.first_wrong}"]


def _lost_objects(tally: Tally, expected: Iterable[str]) -> list[str]:
    present = tally.count_by_name()
    return [f"{name} is nowhere" for name in expected if not present[name]]


def _lost_answers(carried: Carried, touches: Touches) -> list[str]:
    return [
        f"the touch of {name} was not answered" for name in touches.confirmed if name not in carried.answered
    ]


def _doubled_objects(tally: Tally) -> list[str]:
    return [f"{name} exists {count} times" for name, count in tally.count_by_name().items() if count > 1]


def _doubled_answers(carried: Carried) -> list[str]:
    counts = Counter(carried.answered)
    return [f"the touch of {name} was answered {count} times" for name, count in counts.items() if count > 1]
