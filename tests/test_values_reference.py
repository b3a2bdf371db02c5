"""Values are exact: every sum, product and turn is what a reference in fractions says, to the last bit or within one.

The reference is slow and plain: rational numbers, matrices, and square roots to sixty digits.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scripts_api import Color, Rotation, Vector

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False, allow_subnormal=False)
SHARES = st.floats(0, 1)
VECTORS = st.builds(Vector, NUMBERS, NUMBERS, NUMBERS)
TURNS = st.builds(Rotation, *(st.floats(-1, 1, allow_subnormal=False) for _ in range(3)), st.floats(0.001, 1))
ANGLES = st.floats(-math.pi, math.pi)
DIGITS = Context(prec=60)

Exact = tuple[Fraction, Fraction, Fraction]


def exact(values: tuple[float, ...]) -> tuple[Fraction, ...]:
    """The same as rational numbers."""
    return tuple(map(Fraction, values))


def nearest(values: tuple[Fraction, ...]) -> tuple[float, ...]:
    """The floats that are nearest to rational numbers."""
    return tuple(map(float, values))


def root(value: Fraction) -> Fraction:
    """The square root, to sixty digits."""
    quotient = DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator))
    return Fraction(DIGITS.sqrt(quotient))


def error_ulps(found: float, wanted: Fraction, scale: Fraction) -> float:
    """By how many units in the last place of `scale` a float is off."""
    return float(abs(Fraction(found) - wanted) / Fraction(math.ulp(float(scale) or 1e-300)))


def matrix(turn: Rotation) -> list[Exact]:
    """The matrix of a rotation, in rational numbers."""
    x, y, z, w = exact(turn)
    square = x * x + y * y + z * z + w * w
    rows = [
        (1 - 2 * (y * y + z * z) / square, 2 * (x * y - z * w) / square, 2 * (x * z + y * w) / square),
        (2 * (x * y + z * w) / square, 1 - 2 * (x * x + z * z) / square, 2 * (y * z - x * w) / square),
        (2 * (x * z - y * w) / square, 2 * (y * z + x * w) / square, 1 - 2 * (x * x + y * y) / square),
    ]
    return rows


def turned(rows: list[Exact], vector: tuple[Fraction, ...]) -> list[Fraction]:
    """A matrix times a vector."""
    return [sum((a * b for a, b in zip(row, vector, strict=True)), Fraction()) for row in rows]


def product(first: list[Exact], second: list[Exact]) -> list[Exact]:
    """The matrix of one turn followed by another."""
    columns = [turned(second, column) for column in zip(*first, strict=True)]
    return list(zip(*columns, strict=True))  # type: ignore[arg-type]  # three columns of three


@given(VECTORS, VECTORS)
def test_sums_and_differences_are_the_nearest_floats(one: Vector, other: Vector) -> None:
    """Coordinate by coordinate, as IEEE 754 wants each sum to be."""
    pairs = list(zip(exact(one), exact(other), strict=True))
    assert nearest(tuple(a + b for a, b in pairs)) == tuple(one + other)
    assert nearest(tuple(a - b for a, b in pairs)) == tuple(one - other)


@given(VECTORS, NUMBERS)
def test_multiples_are_the_nearest_floats(one: Vector, factor: float) -> None:
    """And quotients."""
    assert (
        nearest(tuple(a * Fraction(factor) for a in exact(one))) == tuple(one * factor) == tuple(factor * one)
    )
    assume(abs(factor) > 1e-6)
    assert nearest(tuple(a / Fraction(factor) for a in exact(one))) == tuple(one / factor)


@given(VECTORS, VECTORS)
def test_products_are_as_exact_as_three_roundings_allow(one: Vector, other: Vector) -> None:
    """Within three units in the last place of their largest part."""
    pairs = list(zip(exact(one), exact(other), strict=True))
    scale = sum((abs(a * b) for a, b in pairs), Fraction())
    assert error_ulps(one.dot(other), sum((a * b for a, b in pairs), Fraction()), scale) <= 3
    (ax, ay, az), (bx, by, bz) = exact(one), exact(other)
    wanted = (ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx)
    scales = (abs(ay * bz) + abs(az * by), abs(az * bx) + abs(ax * bz), abs(ax * by) + abs(ay * bx))
    found = zip(one.cross(other), wanted, scales, strict=True)
    assert [] == [each for each in found if error_ulps(*each) > 3]


@given(VECTORS, VECTORS)
def test_lengths_are_within_one_unit_in_the_last_place(one: Vector, other: Vector) -> None:
    """And distances, of the differences as they are rounded."""
    assume(one.length > 1e-100)
    length = root(sum((a * a for a in exact(one)), Fraction()))
    assert error_ulps(one.length, length, length) <= 1
    apart = root(sum((a * a for a in exact(one - other)), Fraction()))
    assert error_ulps(one.distance(other), apart, apart or Fraction(1)) <= 1


@given(VECTORS)
def test_a_direction_has_length_one(one: Vector) -> None:
    """And points the same way: each part within two units in the last place."""
    assume(one.length > 1e-100)
    length = root(sum((a * a for a in exact(one)), Fraction()))
    wanted = [a / length for a in exact(one)]
    found = zip(one.unit, wanted, strict=True)
    assert [] == [(a, b) for a, b in found if error_ulps(a, b, abs(b)) > 2]


@given(VECTORS, VECTORS, SHARES)
def test_a_point_on_the_way_is_where_it_should_be(one: Vector, other: Vector, share: float) -> None:
    """Within three units in the last place of the larger end."""
    for a, b, found in zip(exact(one), exact(other), one.lerp(other, share), strict=True):
        wanted = a + (b - a) * Fraction(share)
        assert error_ulps(found, wanted, abs(a) + abs(b)) <= 3


@given(TURNS, VECTORS)
def test_a_turn_is_its_matrix(turn: Rotation, one: Vector) -> None:
    """Within a few units in the last place of the length."""
    wanted = turned(matrix(turn), exact(one))
    scale = Fraction(one.length)
    assert [] == [
        (a, b) for a, b in zip(one.rotated(turn), wanted, strict=True) if error_ulps(a, b, scale) > 12
    ]


@given(TURNS, TURNS)
def test_turns_compose_as_their_matrices(one: Rotation, other: Rotation) -> None:
    """The first, then the other."""
    wanted, found = product(matrix(one), matrix(other)), matrix(one * other)
    apart = [abs(a - b) for rows in zip(wanted, found, strict=True) for a, b in zip(*rows, strict=True)]
    assert max(apart) < Fraction(1, 10**14)


@given(TURNS)
def test_a_turn_and_its_inverse_are_none(turn: Rotation) -> None:
    """To the last bits."""
    assert pytest.approx((0, 0, 0, 1), abs=1e-14) == tuple(turn * turn.inverse)


@given(TURNS, TURNS)
def test_a_turn_has_length_one_and_survives_being_rebuilt(one: Rotation, other: Rotation) -> None:
    """Whatever it was made of: to the last bits, and then not a bit is different."""
    for turn in (one, one * other, one.lerp(other, 0.3)):
        square = sum((part * part for part in exact(turn)), Fraction())
        assert abs(square - 1) < Fraction(1, 2 * 10**14)
        assert tuple(turn) == tuple(Rotation(*turn))


@given(ANGLES, ANGLES, ANGLES)
def test_euler_angles_are_three_matrices(roll: float, pitch: float, yaw: float) -> None:
    """About x, then y, then z; and they come back, where pitch does not hide one of the others."""
    about = [
        matrix(Rotation.from_axis_angle(Vector(*axis), angle))
        for axis, angle in (((1, 0, 0), roll), ((0, 1, 0), pitch), ((0, 0, 1), yaw))
    ]
    turn = Rotation.from_euler(roll, pitch, yaw)
    wanted, found = product(product(about[0], about[1]), about[2]), matrix(turn)
    apart = [abs(a - b) for rows in zip(wanted, found, strict=True) for a, b in zip(*rows, strict=True)]
    assert max(apart) < Fraction(1, 10**14)
    assume(abs(abs(pitch) - math.pi / 2) > 1e-3)
    again = matrix(Rotation.from_euler(*turn.to_euler()))
    apart = [abs(a - b) for rows in zip(found, again, strict=True) for a, b in zip(*rows, strict=True)]
    assert max(apart) < Fraction(1, 10**11)


@given(VECTORS, VECTORS)
def test_between_turns_one_direction_into_the_other(start: Vector, end: Vector) -> None:
    """Also where they are nearly opposite."""
    assume(start.length > 1e-3 and end.length > 1e-3)
    turn = Rotation.between(start, end)
    assert start.unit.rotated(turn).distance(end.unit) < 2e-3
    if start.unit.dot(end.unit) > -0.999:
        assert start.unit.rotated(turn).distance(end.unit) < 1e-9


@given(TURNS, TURNS, SHARES)
def test_a_turn_between_two_goes_evenly(one: Rotation, other: Rotation, share: float) -> None:
    """Its angle from the first is that share of the whole, the shorter way round."""
    whole = (one.inverse * other).angle
    assert pytest.approx(whole * share, abs=1e-6) == (one.inverse * one.lerp(other, share)).angle


@given(st.tuples(SHARES, SHARES, SHARES), st.tuples(SHARES, SHARES, SHARES), SHARES)
def test_mixed_colours_stay_colours(
    one: tuple[float, float, float], other: tuple[float, float, float], share: float
) -> None:
    """Each part between the two."""
    mixed = Color(*one).lerp(Color(*other), share)
    for a, b, found in zip(one, other, mixed, strict=True):
        assert min(a, b) - 1e-15 <= found <= max(a, b) + 1e-15
