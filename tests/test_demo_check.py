"""The independent digits of pi, and the verdict on a rocket's."""

from __future__ import annotations

import pytest

from simulator.demo_check import DigitsVerdict, check_digits, pi_digits

FIRST_FIFTY = "31415926535897932384626433832795028841971693993751"
FEYNMAN_POINT = 762  # six nines in a row, at the 762nd decimal place


@pytest.mark.parametrize("count", [0, 1, 2, 17, 50])
def test_first_digits(count: int) -> None:
    """The first digits are those of any table."""
    assert FIRST_FIFTY[:count] == pi_digits(count)


def test_digits_at_the_feynman_point() -> None:
    """Far digits are right as well: the six nines stand in their place."""
    assert pi_digits(1000)[FEYNMAN_POINT : FEYNMAN_POINT + 6] == "999999"


def test_longer_runs_begin_like_shorter_ones() -> None:
    """No truncation error reaches a digit that is given out, beyond CPython's limit for number texts too."""
    assert pi_digits(4_000) == pi_digits(9_000)[:4_000]


def test_right_digits_pass() -> None:
    """A true run of digits is right in every place."""
    verdict = check_digits(FIRST_FIFTY)
    assert (DigitsVerdict(50, 50, None), True) == (verdict, verdict.right)


def test_wrong_digit_is_found() -> None:
    """One altered digit is counted and its place is named."""
    assert DigitsVerdict(5, 4, 2) == check_digits("31515")


def test_missing_digit_is_found() -> None:
    """Leaving one digit out shifts all others, and the first wrong place tells where."""
    assert check_digits("3145926535").first_wrong == 3


def test_no_digits_are_not_right() -> None:
    """A rocket that computed nothing has not passed."""
    assert check_digits("").right is False
