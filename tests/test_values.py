"""Vector, Rotation, Color: immutable, exact, and clear about what they can't be."""

from __future__ import annotations

import math

import pytest

from scripts_api import Color, Rotation, ScriptError, Vector


def test_vectors_add_and_scale() -> None:
    """Sums, differences and multiples go coordinate by coordinate."""
    assert Vector(5, 7, 9) == Vector(1, 2, 3) + Vector(4, 5, 6)
    assert Vector(-3, -3, -3) == Vector(1, 2, 3) - Vector(4, 5, 6)
    assert Vector(2, 4, 6) == 2 * Vector(1, 2, 3) == Vector(1, 2, 3) * 2
    assert Vector(0.5, 1, 1.5) == Vector(1, 2, 3) / 2
    assert Vector(-1, -2, -3) == -Vector(1, 2, 3)


def test_vector_products_and_lengths() -> None:
    """Scalar and vector product, length, distance and direction are the usual ones."""
    assert 32.0 == Vector(1, 2, 3).dot(Vector(4, 5, 6))
    assert Vector(0, 0, 1) == Vector(1, 0, 0).cross(Vector(0, 1, 0))
    assert 5.0 == Vector(3, 4, 0).length == Vector(1, 1, 1).distance(Vector(4, 5, 1))
    assert Vector(0.6, 0.8, 0) == Vector(3, 4, 0).unit
    assert Vector() == Vector().unit
    assert Vector(1, 1, 1) == Vector(0, 0, 0).lerp(Vector(2, 2, 2), 0.5)


def test_values_are_equal_within_their_type_only() -> None:
    """A vector equals no tuple and no colour of the same numbers, and is hashable."""
    assert Vector(1, 1, 1) != (1.0, 1.0, 1.0)
    assert Vector(1, 1, 1) != Color(1, 1, 1)
    assert {Vector(1, 2, 3): "here"}[Vector(1, 2, 3)] == "here"


def test_values_have_no_order_and_cannot_change() -> None:
    """To compare two vectors, or to set a coordinate, is an error that says so."""
    with pytest.raises(TypeError, match="compare their lengths"):
        _ = Vector() < Vector(1, 0, 0)
    with pytest.raises(AttributeError, match="a Vector never changes: x can't be set; make another Vector"):
        Vector().x = 1.0  # type: ignore[misc]  # that it can't be set is what is tested


@pytest.mark.parametrize("wrong", ["1", None, [1]])
def test_a_vector_of_what_is_no_number_is_refused(wrong: object) -> None:
    """The error names the coordinate and the value."""
    with pytest.raises(ScriptError, match=r"Vector: y is .*; it must be a number"):
        Vector(1, wrong, 3)  # type: ignore[arg-type]  # what an author may write


def test_a_rotation_turns_vectors_as_a_matrix_does() -> None:
    """A quarter turn about the upright axis takes east to north."""
    turned = Vector(1, 0, 0).rotated(Rotation.from_axis_angle(Vector(0, 0, 1), math.pi / 2))
    assert pytest.approx((0, 1, 0), abs=1e-12) == tuple(turned)


def test_rotations_compose_and_invert() -> None:
    """One turn after another is their product; a turn and its inverse are no turn."""
    one, other = Rotation.from_euler(0.1, 0.2, 0.3), Rotation.from_euler(-0.4, 0.5, 0.6)
    point = Vector(1, 2, 3)
    assert pytest.approx(tuple(point.rotated(one).rotated(other))) == tuple(point.rotated(one * other))
    assert pytest.approx((0, 0, 0, 1), abs=1e-12) == tuple(one * one.inverse)


@pytest.mark.parametrize("angles", [(0.1, 0.2, 0.3), (-1.0, 1.2, 3.0), (0.0, 0.0, 0.0)])
def test_euler_angles_come_back(angles: tuple[float, float, float]) -> None:
    """`to_euler` undoes `from_euler`."""
    assert pytest.approx(angles, abs=1e-9) == tuple(Rotation.from_euler(*angles).to_euler())


@pytest.mark.parametrize("end", [(0, 1, 0), (-1, 0, 0), (0, 0, 5), (1, 1, 1)])
def test_between_is_the_turn_from_one_direction_to_another(end: tuple[float, float, float]) -> None:
    """Even where they are opposite."""
    turn = Rotation.between(Vector(1, 0, 0), Vector(*end))
    assert pytest.approx(tuple(Vector(*end).unit), abs=1e-9) == tuple(Vector(1, 0, 0).rotated(turn))


def test_a_rotation_can_be_interpolated() -> None:
    """Half of a half turn is a quarter turn."""
    half = Rotation.from_axis_angle(Vector(0, 0, 1), math.pi * 0.99)
    assert pytest.approx(math.pi * 0.495) == Rotation().lerp(half, 0.5).angle


def test_a_rotation_survives_being_rebuilt() -> None:
    """Taking it apart and putting it together does not move its last digit."""
    turn = Rotation.from_euler(0.1, 0.2, 0.3)
    assert turn == Rotation(*turn)


def test_a_rotation_of_nothing_is_refused() -> None:
    """Four zeros are no rotation."""
    with pytest.raises(ScriptError, match="its length is 0"):
        Rotation(0, 0, 0, 0)


def test_a_colour_is_within_its_range() -> None:
    """Each part is from 0 to 1; the error names the part."""
    assert (0.5, 0.0, 1.0) == tuple(Color(0.5, 0, 1))
    assert Color(0.5, 0.5, 0.5) == Color(0, 0, 0).lerp(Color(1, 1, 1), 0.5)
    with pytest.raises(ScriptError, match=r"Color: green is 1\.5; it must be from 0 to 1"):
        Color(0, 1.5, 0)
