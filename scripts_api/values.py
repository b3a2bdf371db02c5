"""Vector, Rotation and Color: the values that scripts reckon with.

The one idea: each is an immutable tuple of floats, so that it can be shared, compared, hashed and taken apart
(`x, y, z = position`), and made by C code in the methods that tight loops use. Only the public constructors
check what they are given; results of arithmetic are made without.

Metres, metres a second and radians are the units throughout. It knows no matrices and no colour spaces.
"""

from __future__ import annotations

import math
from typing import Final, NoReturn

from scripts_api.errors import ScriptError

_new = tuple.__new__
_NEARLY_ONE = 0.9995  # beyond this cosine two rotations are so near that a straight line between them serves
_ALREADY_UNIT = 2e-15  # what scaling leaves: four roundings


def _number(kind: str, name: str, value: object) -> float:
    if not isinstance(value, (int, float)):
        raise ScriptError(f"{kind}: {name} is {value!r}; it must be a number.")
    try:
        return float(value)
    except OverflowError:
        raise ScriptError(f"{kind}: {name} is larger than any float; reckon in smaller units.") from None


class _Value(tuple[float, ...]):
    """What the three have in common: equality within a type only, and no order."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and tuple.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = tuple.__hash__

    def _no_order(self, other: object) -> NoReturn:
        name = type(self).__name__
        raise TypeError(f"{name} values have no order; compare their lengths or one coordinate")

    __lt__ = __le__ = __gt__ = __ge__ = _no_order

    def __setattr__(self, name: str, value: object) -> NoReturn:
        kind = type(self).__name__
        raise AttributeError(
            f"a {kind} never changes: {name} can't be set; make another {kind} and use that."
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{number:g}' for number in self)})"

    @property
    def is_finite(self) -> bool:
        """Whether no coordinate is infinite or NaN."""
        return all(map(math.isfinite, self))


def _times(one: tuple[float, ...], factor: float) -> Vector:
    x, y, z = one
    return _new(Vector, (x * factor, y * factor, z * factor))


class Vector(_Value):
    """A place, a velocity or a direction: three floats.

    Second Life: vector.
    """

    __slots__ = ()
    __match_args__ = ("x", "y", "z")

    def __new__(cls, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Vector:
        """Make a vector; raises `ScriptError` for what is no number."""
        name = "Vector"
        return _new(cls, (_number(name, "x", x), _number(name, "y", y), _number(name, "z", z)))

    @property
    def x(self) -> float:
        """The part to the east."""
        return self[0]

    @property
    def y(self) -> float:
        """The part to the north."""
        return self[1]

    @property
    def z(self) -> float:
        """The part upwards."""
        return self[2]

    def __add__(self, other: Vector) -> Vector:  # type: ignore[override]  # sums, where tuples concatenate
        if other.__class__ is not Vector:
            return NotImplemented
        ax, ay, az = self
        bx, by, bz = other
        return _new(Vector, (ax + bx, ay + by, az + bz))

    def __sub__(self, other: Vector) -> Vector:
        if other.__class__ is not Vector:
            return NotImplemented
        ax, ay, az = self
        bx, by, bz = other
        return _new(Vector, (ax - bx, ay - by, az - bz))

    def __mul__(self, factor: float) -> Vector:  # type: ignore[override]  # scales, where tuples repeat
        return _times(self, factor) if isinstance(factor, (int, float)) else NotImplemented

    def __rmul__(self, factor: float) -> Vector:  # type: ignore[override]  # the same from the other side
        return _times(self, factor) if isinstance(factor, (int, float)) else NotImplemented

    def __truediv__(self, divisor: float) -> Vector:
        if not isinstance(divisor, (int, float)):
            return NotImplemented
        x, y, z = self
        return _new(Vector, (x / divisor, y / divisor, z / divisor))

    def __neg__(self) -> Vector:
        x, y, z = self
        return _new(Vector, (-x, -y, -z))

    def __bool__(self) -> bool:
        """Whether it is not the null vector."""
        return self[0] != 0.0 or self[1] != 0.0 or self[2] != 0.0

    @property
    def length(self) -> float:
        """How long it is, in the unit of its parts.

        Second Life: llVecMag.
        """
        return math.hypot(*self)

    @property
    def unit(self) -> Vector:
        """The same direction with length 1; the null vector stays.

        Second Life: llVecNorm.
        """
        length = math.hypot(*self)
        return self / length if length else self

    def dot(self, other: Vector) -> float:
        """Return the scalar product of the two: 0 if they are square to each other.

        Second Life: vector * vector.
        """
        ax, ay, az = self
        bx, by, bz = other
        return ax * bx + ay * by + az * bz

    def cross(self, other: Vector) -> Vector:
        """Return the vector product: square to both, right-handed.

        Second Life: vector % vector.
        """
        ax, ay, az = self
        bx, by, bz = other
        return _new(Vector, (ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx))

    def distance(self, other: Vector) -> float:
        """Return how far it is to the other.

        Second Life: llVecDist.
        """
        return math.dist(self, other)

    def lerp(self, other: Vector, share: float) -> Vector:
        """Return the point that lies `share` (0 to 1) of the way to the other.

        Second Life: none.
        """
        return self + (other - self) * share

    def rotated(self, rotation: Rotation) -> Vector:
        """Return it turned by a rotation.

        Second Life: vector * rotation.
        """
        qx, qy, qz, qw = rotation
        x, y, z = self
        tx, ty, tz = 2 * (qy * z - qz * y), 2 * (qz * x - qx * z), 2 * (qx * y - qy * x)
        return _new(
            Vector,
            (
                x + qw * tx + qy * tz - qz * ty,
                y + qw * ty + qz * tx - qx * tz,
                z + qw * tz + qx * ty - qy * tx,
            ),
        )


class Rotation(_Value):
    """A turn in space as a unit quaternion: x, y, z, and w, the scalar part.

    Second Life: rotation.
    """

    __slots__ = ()
    __match_args__ = ("x", "y", "z", "w")

    def __new__(cls, x: float = 0.0, y: float = 0.0, z: float = 0.0, w: float = 1.0) -> Rotation:
        """Make a rotation, scaled to length 1; raises `ScriptError` if all four are 0 or one is no number."""
        name = "Rotation"
        parts = (_number(name, "x", x), _number(name, "y", y), _number(name, "z", z), _number(name, "w", w))
        return _unit_rotation(parts)

    @property
    def x(self) -> float:
        """The axis's part to the east, times the sine of half the angle."""
        return self[0]

    @property
    def y(self) -> float:
        """The axis's part to the north, times the sine of half the angle."""
        return self[1]

    @property
    def z(self) -> float:
        """The axis's part upwards, times the sine of half the angle."""
        return self[2]

    @property
    def w(self) -> float:
        """The scalar part: the cosine of half the angle."""
        return self[3]

    @classmethod
    def from_axis_angle(cls, axis: Vector, angle: float) -> Rotation:
        """Return a turn about an axis by an angle in radians.

        Second Life: llAxisAngle2Rot.
        """
        if not axis:
            raise ScriptError("Rotation.from_axis_angle: the axis is the null vector; it needs a direction.")
        x, y, z = axis.unit * math.sin(angle / 2)
        return cls(x, y, z, math.cos(angle / 2))

    @classmethod
    def from_euler(cls, roll: float, pitch: float, yaw: float) -> Rotation:
        """Return the turn about x, then about y, then about z, in radians.

        Second Life: llEuler2Rot.
        """
        about_x = cls.from_axis_angle(Vector(1, 0, 0), roll)
        about_y = cls.from_axis_angle(Vector(0, 1, 0), pitch)
        return about_x * about_y * cls.from_axis_angle(Vector(0, 0, 1), yaw)

    @classmethod
    def between(cls, start: Vector, end: Vector) -> Rotation:
        """Return the shortest turn from one direction to another.

        Second Life: llRotBetween.
        """
        a, b = start.unit, end.unit
        if not a or not b:
            raise ScriptError("Rotation.between: one of the two is the null vector; both need a direction.")
        if a.dot(b) < -0.999999:
            # Opposite: any axis square to them serves; the one that is nearest to upright is chosen.
            axis = a.cross(Vector(0, 0, 1)) if abs(a.z) < 0.9 else a.cross(Vector(1, 0, 0))
            return cls.from_axis_angle(axis, math.pi)
        x, y, z = a.cross(b)
        return cls(x, y, z, 1 + a.dot(b))

    def to_euler(self) -> Vector:
        """Return the angles (roll, pitch, yaw) in radians that `from_euler` takes.

        Second Life: llRot2Euler.
        """
        x, y, z, w = self
        roll = math.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
        pitch = math.asin(max(-1.0, min(1.0, 2 * (w * y - z * x))))
        yaw = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
        return Vector(roll, pitch, yaw)

    @property
    def angle(self) -> float:
        """By how much it turns, in radians, 0 to pi.

        Second Life: llRot2Angle.
        """
        x, y, z, w = self
        return 2 * math.atan2(math.hypot(x, y, z), abs(w))

    @property
    def inverse(self) -> Rotation:
        """The turn back: about the same axis by the negative angle.

        Second Life: ZERO_ROTATION / rotation.
        """
        x, y, z, w = self
        return _new(Rotation, (-x, -y, -z, w))

    def __mul__(self, other: Rotation) -> Rotation:  # type: ignore[override]  # composes, where tuples repeat
        """Return this turn followed by the other, as in Second Life."""
        if other.__class__ is not Rotation:
            return NotImplemented
        ax, ay, az, aw = other
        bx, by, bz, bw = self
        return _unit_rotation(
            (
                aw * bx + ax * bw + ay * bz - az * by,
                aw * by - ax * bz + ay * bw + az * bx,
                aw * bz + ax * by - ay * bx + az * bw,
                aw * bw - ax * bx - ay * by - az * bz,
            )
        )

    def lerp(self, other: Rotation, share: float) -> Rotation:
        """Return the turn `share` (0 to 1) of the way to the other, at even speed, the shorter way round.

        Second Life: none.
        """
        cosine = sum(one * two for one, two in zip(self, other, strict=True))
        sign, cosine = (-1.0, -cosine) if cosine < 0 else (1.0, cosine)
        if cosine > _NEARLY_ONE:
            mine, theirs = 1 - share, share
        else:
            angle = math.acos(cosine)
            mine, theirs = math.sin((1 - share) * angle), math.sin(share * angle)
        return _unit_rotation(
            tuple(mine * one + sign * theirs * two for one, two in zip(self, other, strict=True))
        )


def _unit_rotation(parts: tuple[float, ...]) -> Rotation:
    length = math.hypot(*parts)
    if not length or not math.isfinite(length):
        raise ScriptError(f"Rotation{parts}: its length is {length:g}; it must be finite and not 0.")
    if abs(length - 1) < _ALREADY_UNIT:
        # Scaling again would move the last digit, and a rotation must survive being taken apart and rebuilt.
        return _new(Rotation, parts)
    return _new(Rotation, [part / length for part in parts])


class Color(_Value):
    """Red, green and blue from 0 to 1.

    Second Life: a vector that is used as a colour.
    """

    __slots__ = ()
    __match_args__ = ("red", "green", "blue")

    def __new__(cls, red: float = 1.0, green: float = 1.0, blue: float = 1.0) -> Color:
        """Make a colour; raises `ScriptError` for what is no number from 0 to 1."""
        parts = {"red": red, "green": green, "blue": blue}
        for name, part in parts.items():
            if not 0.0 <= _number("Color", name, part) <= 1.0:
                raise ScriptError(f"Color: {name} is {part!r}; it must be from 0 to 1.")
        return _new(cls, map(float, parts.values()))

    @property
    def red(self) -> float:
        """The share of red, from 0 (none) to 1."""
        return self[0]

    @property
    def green(self) -> float:
        """The share of green, from 0 (none) to 1."""
        return self[1]

    @property
    def blue(self) -> float:
        """The share of blue, from 0 (none) to 1."""
        return self[2]

    def lerp(self, other: Color, share: float) -> Color:
        """Return the mixture with `share` (0 to 1) of the other.

        Second Life: none.
        """
        pairs = zip(self, other, strict=True)
        return Color(*(one + (two - one) * share for one, two in pairs))


STILL: Final = Vector()
"""No velocity, and no spin. One for all: what most objects have is told by `is`, and need not be written down."""

UPRIGHT: Final = Rotation()
"""No turn; likewise."""
