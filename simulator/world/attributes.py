"""What scripts read and set of their own object: `object.position` and the like.

The one idea: an attribute is of the object alone, or of its whole linkset, or says where a part is in relation to the
others. Whoever wears the object is not moved by it.
"""

from __future__ import annotations

from typing import Any, Final

from scripts_api import ScriptError, Vector
from scripts_api.limits import LINK_M_MAX, WORN_M_MAX
from simulator.world.objects import WorldObject

_OWN: Final = ("id", "owner", "mass", "name", "description", "text", "color", "scale", "phantom")
_OF_THE_WHOLE: Final = ("spin", "bounces")
_MOTION: Final = ("velocity", "spin", "bounces", "physical")


def read_attribute(body: WorldObject, name: str) -> Any:
    """Return what `OwnObject.<name>` is."""
    if name == "position":
        return body.position
    if name == "rotation":
        return body.rotation_at(body.world.time_us)
    if name == "velocity":
        return body.velocity_at(body.world.time_us)
    if name == "sensor":
        return body.is_sensor
    if name == "physical":
        return body.root.is_physical
    assert name in _OWN or name in _OF_THE_WHOLE, f"objects have no attribute {name}"
    return getattr(body.root if name in _OF_THE_WHOLE else body, name)


def write_attribute(body: WorldObject, name: str, value: Any) -> None:
    """Set what `OwnObject.<name>` is; the value is checked. Raises `ScriptError` for a place without a
    region, and for what would move somebody who wears the object.

    A part of a linkset moves by itself only in relation to its root; its velocity and spin are the linkset's.
    """
    world, root = body.world, body.root
    if name in _MOTION:
        check_free(f"object.{name}", body)
    if body is not root and name in ("position", "rotation"):
        _move_part(body, name, value)
    elif name == "position":
        world.borders.put(root, value)
    elif name == "velocity":
        world.borders.set_velocity(root, value)
    elif name in ("rotation", "spin"):
        root.settle(world.time_us)
        setattr(root, name, value)
        world.cells.moved(root)
    elif name == "sensor":
        body.more().sensor = value
    elif name == "bounces":
        root.more().bounces = value
    elif name == "physical":
        root.settle(world.time_us)
        root.more().physical = value
        world.borders.plan(root)
    else:
        setattr(body, name, value)
    if name == "name":
        world.cells.moved(body)  # its image over the border bears the name
    if name == "scale":
        world.collisions.grown(body)
    world.touched(body)


def _move_part(body: WorldObject, name: str, value: Any) -> None:
    root, time_us = body.root, body.world.time_us
    turn_back = root.rotation_at(time_us).inverse
    if name == "position":
        if body.worn_by is not None:
            check_worn_distance("object.position", value - body.worn_by.position)
        place_part(body, (value - root.position_at(time_us)).rotated(turn_back))
    else:
        body.more().turn = value * turn_back


def check_free(call: str, body: WorldObject) -> None:
    """Raise `ScriptError` if somebody wears an object: it can't move its wearer."""
    if body.worn_by is not None:
        raise ScriptError(
            f"{call}: {body.name!r} is worn by {body.worn_by.name!r} and goes where that goes; detach it first, or set"
            " object.position to move it on the body."
        )


def check_worn_distance(call: str, way: Vector) -> None:
    """Raise `ScriptError` if an attachment would be too far from the body that wears it."""
    if way.length > WORN_M_MAX:
        raise ScriptError(
            f"{call}: that is {way.length:g} m from the body that wears it; at most {WORN_M_MAX:g} m are possible."
        )


def place_part(body: WorldObject, offset: Vector) -> None:
    """Put a part somewhere else in relation to its root. Raises `ScriptError` if that is too far away."""
    if offset.length > LINK_M_MAX:
        raise ScriptError(
            f"the place of a part is {offset.length:g} m from its root; at most {LINK_M_MAX:g} m are possible."
            " Unlink it first, or move the root."
        )
    body.more().offset = offset
    body.world.cells.moved(body)
