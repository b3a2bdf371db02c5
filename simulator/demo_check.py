"""The digits of pi a second time, by another road: what the demo holds the rocket's digits against.

The one idea: the rocket streams digits out of a continued product (a spigot); here they come from Machin's
formula of 1706, pi/4 = 4 arctan(1/5) - arctan(1/239), in whole numbers. Two algorithms that share nothing
agree only if both, and everything between them, made no mistake.

It is not fast and need not be: ten thousand digits take a tenth of a second.
"""

from __future__ import annotations

from dataclasses import dataclass

GUARD_DIGITS = (
    10  # the last digits of a truncated series are wrong; ten more than asked for keep them out of sight
)


@dataclass(frozen=True, slots=True)
class DigitsVerdict:
    """How a rocket's digits compare with those of pi. `first_wrong`: index of the first that differs."""

    digits: int
    digits_correct: int
    first_wrong: int | None

    @property
    def right(self) -> bool:
        """Whether there are digits and every one of them is right."""
        return self.digits > 0 and self.first_wrong is None


def pi_digits(count: int) -> str:
    """Return the first `count` digits of pi, beginning 31415, without the point."""
    unit: int = 10 ** (count + GUARD_DIGITS)
    pi = 4 * (4 * _arctan_of_inverse(5, unit) - _arctan_of_inverse(239, unit))
    return _text(pi // 10**GUARD_DIGITS)[:count]


def check_digits(found: str) -> DigitsVerdict:
    """Compare a rocket's digits with as many digits of pi, place by place."""
    right = pi_digits(len(found))
    wrong = [place for place, (one, other) in enumerate(zip(found, right, strict=True)) if one != other]
    return DigitsVerdict(len(found), len(found) - len(wrong), wrong[0] if wrong else None)


def _arctan_of_inverse(x: int, unit: int) -> int:
    """Return arctan(1/x) in parts of `unit`, by Gregory's series."""
    power = unit // x
    total, odd, square = power, 1, x * x
    while power:
        power //= -square  # the sign alternates by itself
        odd += 2
        total += power // odd
    return total


def _text(number: int) -> str:
    """Return the decimal text of a number beyond CPython's limit for `str`, half by half."""
    digits = number.bit_length() * 3 // 20
    if digits < 2_000:
        return str(number)
    high, low = divmod(number, 10**digits)
    return _text(high) + _text(low).rjust(digits, "0")
