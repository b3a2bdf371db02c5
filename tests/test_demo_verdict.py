"""The demo's verdict: it passes what is whole, and finds every way to lose or double something."""

from __future__ import annotations

from typing import Any

from simulator.control import ObjectStatus, RegionStatus, Status
from simulator.demo_check import pi_digits
from simulator.demo_tally import Tally
from simulator.demo_verdict import Carried, DemoResult, Touches, judge


def verdict(**changes: Any) -> DemoResult:
    """The verdict over a demo in which everything went well, but for the changes."""
    carried = Carried(
        changes.pop("digits", pi_digits(500)), changes.pop("answered", ["visitor 1", "visitor 2"]), 24
    )
    tally = Tally()
    objects = [
        ObjectStatus(name, name, (0, 0, 0), (0, 0, 0)) for name in changes.pop("present", ["rocket", "fish"])
    ]
    tally.add(Status("west", 1, {"west": RegionStatus(1, 1, objects, [], [], {})}, []))
    touches = Touches(changes.pop("confirmed", ["visitor 1", "visitor 2"]))
    settings = {"crossings": 24, "crossings_wanted": 24, "seconds": 30.0, "killed": None} | changes
    return judge(tally, carried, touches, ["rocket", "fish"], **settings)


def test_good_demo_passes() -> None:
    """With everything in its place there is no fault, and one sentence says what was shown."""
    result = verdict()
    assert (result.right, result.faults) == (True, [])
    assert result.sentence() == (
        "The rocket crossed 24 borders in the middle of its loop, answered 2 touches and computed 500 digits"
        " of pi: every digit is right, none is missing, none is repeated."
    )


def test_one_of_a_thing_is_singular() -> None:
    """One border, one touch, one digit."""
    result = verdict(
        digits="3", crossings=1, crossings_wanted=1, answered=["visitor 1"], confirmed=["visitor 1"]
    )
    assert result.sentence().startswith(
        "The rocket crossed 1 border in the middle of its loop, answered 1 touch and"
    )
    assert "computed 1 digit of pi" in result.sentence()


def test_answers_of_an_earlier_demo_are_not_counted() -> None:
    """In a world that was kept the rocket remembers older visitors."""
    result = verdict(answered=["visitor 1", "visitor 2", "visitor 3"], confirmed=["visitor 3"])
    assert ([], 1, 1) == (result.faults, result.touches, result.answers)


def test_a_doubtful_touch_that_was_answered_was_felt() -> None:
    """So there are never more answers than touches."""
    touches = Touches(["visitor 1"], ["visitor 2", "visitor 3"])
    answered = ["visitor 1", "visitor 3"]
    assert (2, 2) == (touches.felt(answered), touches.answers(answered))


def test_survived_kill_is_told() -> None:
    """The sentence names the simulator that was killed."""
    assert "survived the SIGKILL of middle" in verdict(killed="middle").sentence()


def test_repeated_digit_fails() -> None:
    """A digit that was computed twice shifts all others, and the first wrong place is named."""
    digits = pi_digits(99)
    result = verdict(digits=digits[:50] + digits[49] + digits[50:])
    assert (False, "the first at place 50" in result.faults[0]) == (result.right, True)


def test_missing_object_is_lost() -> None:
    """An object that no region has is counted as lost."""
    result = verdict(present=["rocket"])
    assert (result.lost, result.faults) == (1, ["fish is nowhere"])


def test_object_in_two_places_is_duplicated() -> None:
    """An object that two regions have is counted as duplicated."""
    result = verdict(present=["rocket", "fish", "rocket"])
    assert (result.duplicated, result.faults) == (1, ["rocket exists 2 times"])


def test_unanswered_touch_is_lost() -> None:
    """A confirmed touch without an answer is counted as lost."""
    result = verdict(answered=["visitor 2"])
    assert (result.lost, result.faults) == (1, ["the touch of visitor 1 was not answered"])


def test_touch_answered_twice_is_duplicated() -> None:
    """A touch with two answers is counted as duplicated."""
    assert verdict(answered=["visitor 1", "visitor 2", "visitor 1"]).duplicated == 1


def test_too_few_crossings_fail() -> None:
    """A rocket that did not come through is a failure even if its digits are right."""
    assert verdict(crossings=3).faults == ["the rocket crossed 3 borders instead of 24"]


def test_other_faults_fail() -> None:
    """What went wrong elsewhere is part of the sentence."""
    assert verdict(other_faults=["east burnt"]).sentence() == "Something went wrong: east burnt."


def test_visitors_are_numbered_on_from_an_earlier_demo() -> None:
    """In a world that was kept no visitor's name comes twice."""
    touches = Touches()
    touches.begin_after(["visitor 1", "visitor 9"])
    assert touches.next_visitor() == "visitor 10"
