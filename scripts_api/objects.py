"""The script's own object: what `self.object` is.

The one idea: an attribute is a name that the world knows, what may be written to it, and a line of
documentation. Reading gives the value of this moment; writing takes effect at once and never waits. Places
and speeds are metres in the world, not in a region, so that a number read before a border still means the
same behind it.

It holds nothing but the way to the world: it travels with its script and is the same object for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, overload

from scripts_api import checks
from scripts_api.errors import ScriptError
from scripts_api.refs import ObjectRef
from scripts_api.store import ObjectStore
from scripts_api.values import Color, Rotation, Vector

if TYPE_CHECKING:
    from scripts_api.host import ScriptHost

Value = TypeVar("Value")


def _documentation(doc: str, second_life: str) -> str:
    return f"{doc}\n\nSecond Life: {second_life}."


class Fact(Generic[Value]):
    """An attribute that can only be read; to set it raises `ScriptError`."""

    def __init__(self, doc: str, second_life: str) -> None:
        self.__doc__ = _documentation(doc, second_life)

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, own: None, owner: type) -> Fact[Value]: ...
    @overload
    def __get__(self, own: OwnObject, owner: type) -> Value: ...
    def __get__(self, own: OwnObject | None, owner: type) -> Any:
        return self if own is None else own._host.read(self._name)

    def __set__(self, own: OwnObject, value: Any) -> NoReturn:
        raise ScriptError(f"object.{self._name} can't be set; it belongs to the object for ever.")


class Attribute(Generic[Value]):
    """An attribute that can be read and set. `check` raises `ScriptError` for a value that it can't have."""

    def __init__(self, check: Callable[[str, object], Value], doc: str, second_life: str) -> None:
        self._check = check
        self.__doc__ = _documentation(doc, second_life)

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, own: None, owner: type) -> Attribute[Value]: ...
    @overload
    def __get__(self, own: OwnObject, owner: type) -> Value: ...
    def __get__(self, own: OwnObject | None, owner: type) -> Any:
        return self if own is None else own._host.read(self._name)

    def __set__(self, own: OwnObject, value: Value) -> None:
        own._host.write(self._name, self._check(f"object.{self._name}", value))


class OwnObject:
    """The object that a script is in. Raises `ScriptError` for values that an attribute can't have."""

    __slots__ = ("_host",)

    _host: ScriptHost

    def __init__(self, host: ScriptHost) -> None:
        object.__setattr__(self, "_host", host)

    def __setattr__(self, name: str, value: object) -> None:
        if not isinstance(getattr(type(self), name, None), (Attribute, Fact)):
            raise ScriptError(
                f"object.{name} can't be set: it has no such attribute. Keep values of your own in self."
            )
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"<object {self.id} {self.name!r}>"

    id: Fact[str] = Fact("Its id, valid on the whole grid, never changed and never used again.", "llGetKey")
    owner: Fact[str] = Fact("Who owns it, by name.", "llGetOwner")
    mass: Fact[float] = Fact("Kilograms: its volume times the density of water.", "llGetMass")
    name: Attribute[str] = Attribute(
        checks.name, "What it is called: at most 64 characters.", "llGetObjectName, llSetObjectName"
    )
    description: Attribute[str] = Attribute(
        checks.description, "What it is: at most 1024 characters.", "llSetObjectDesc"
    )
    text: Attribute[str] = Attribute(
        checks.description, "What floats above it: at most 1024 characters.", "llSetText"
    )
    color: Attribute[Color] = Attribute(checks.color, "Its colour, white at first.", "llSetColor")
    scale: Attribute[Vector] = Attribute(checks.scale, "Its extents, each from 0.01 to 64 m.", "llSetScale")
    position: Attribute[Vector] = Attribute(
        checks.vector,
        "Metres in the world. To set it moves it there at once, across borders too.",
        "llSetPos",
    )
    velocity: Attribute[Vector] = Attribute(checks.vector, "Metres a second; it keeps it.", "llSetVelocity")
    rotation: Attribute[Rotation] = Attribute(checks.rotation, "How it is turned in the world.", "llSetRot")
    spin: Attribute[Vector] = Attribute(
        checks.vector, "How it turns by itself: axis, and radians a second as its length.", "llTargetOmega"
    )
    phantom: Attribute[bool] = Attribute(checks.flag, "Whether others pass through it.", "llSetStatus")

    @property
    def ref(self) -> ObjectRef:
        """A reference to it, to send to others."""
        return ObjectRef(self.id, self.name)

    @property
    def store(self) -> ObjectStore:
        """Its key-value store, shared by its scripts; survives reset and restart."""
        return ObjectStore(self._host)

    def move_to(self, target: Vector, seconds: float) -> None:
        """Move it in a straight line to a place, across borders too, in so many seconds. Never waits.

        `on_moving_end` tells that it is there; to set its position or velocity, or a border that it bounces
        off, ends the journey. 0 seconds: at once. Raises `ScriptError` for a place where the world has no
        region.

        Second Life: llMoveToTarget.
        """
        call = "object.move_to"
        self._host.move_to(checks.vector(call, target), checks.duration_us(call, "seconds", seconds))

    def impulse(self, change: Vector) -> None:
        """Change its velocity by so many metres a second. Never waits.

        Raises `ScriptError` if `change` is no finite `Vector`.

        Second Life: llApplyImpulse.
        """
        self._host.push(checks.vector("object.impulse", change))
