"""The script's own object: what `self.object` is.

The one idea: an attribute is a name that the world knows, what may be written to it, and a line of
documentation. Reading gives the value of this moment; writing takes effect at once and never waits. Places
and speeds are metres in the world, not in a region, so that a number read before a border still means the
same behind it.

It holds nothing but the way to the world: it travels with its script and is the same object for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scripts_api import checks
from scripts_api.attributes import Attribute, Fact
from scripts_api.contents import Contents
from scripts_api.errors import ScriptError
from scripts_api.limits import PATH_LEN_MAX
from scripts_api.links import Links
from scripts_api.refs import AgentRef, ObjectRef
from scripts_api.store import ObjectStore
from scripts_api.values import Color, Rotation, Vector

if TYPE_CHECKING:
    from scripts_api.host import ScriptHost


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

    def _read(self, name: str) -> Any:
        return self._host.read(name)

    def _write(self, name: str, value: Any) -> None:
        self._host.write(name, value)

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
    phantom: Attribute[bool] = Attribute(
        checks.flag, "Whether it touches nothing: it is in no collision.", "llSetStatus with STATUS_PHANTOM"
    )
    sensor: Attribute[bool] = Attribute(
        checks.flag, "Whether it notices what is in it without being noticed.", "llVolumeDetect"
    )

    @property
    def ref(self) -> ObjectRef:
        """A reference to it, to send to others."""
        return ObjectRef(self.id, self.name)

    @property
    def store(self) -> ObjectStore:
        """Its key-value store, shared by its scripts; survives reset and restart."""
        return ObjectStore(self._host)

    @property
    def contents(self) -> Contents:
        """The notecards, scripts and objects that lie in it."""
        return Contents(self._host)

    @property
    def links(self) -> Links:
        """The linkset that it is part of; `links[0]` is the root."""
        return Links(self._host)

    def link(self, other: ObjectRef) -> None:
        """Link another object, with all that is linked to it, to this one's root. Never waits.

        From now on they move, cross, are saved and die as one. All scripts of it get `on_changed("links")`.
        Raises `ScriptError` for an object that is not in this region, belongs to somebody else, is linked to
        this one already or more than 64 m away from the root; `LimitReached` beyond 256 parts.

        Second Life: llCreateLink.
        """
        self._host.link(checks.object_ref("object.link", "the other", other))

    def unlink(self, part: ObjectRef | None = None) -> None:
        """Take a part off the linkset, this object itself if none is named. Never waits.

        It stays where it is and keeps the linkset's velocity. All scripts of both get `on_changed("links")`.
        Raises `ScriptError` for what is no part of it, and for the root: unlink the parts instead.

        Second Life: llBreakLink.
        """
        self._host.unlink(None if part is None else checks.object_ref("object.unlink", "the part", part))

    @property
    def seated(self) -> tuple[AgentRef, ...]:
        """Who sits on its linkset, in the order in which they sat down.

        Second Life: llAvatarOnSitTarget.
        """
        return self._host.seated()

    def unseat(self, agent: AgentRef) -> None:
        """Let someone stand up who sits on its linkset. Never waits. Raises `ScriptError` if it does not.

        Second Life: llUnSit.
        """
        self._host.unseat(checks.agent_ref("object.unseat", "the agent", agent))

    def move_to(self, target: Vector, seconds: float) -> None:
        """Move it in a straight line to a place, across borders too, in so many seconds. Never waits.

        `on_moving_end` tells that it is there; to set its position or velocity, or a border that it bounces
        off, ends the journey. 0 seconds: at once. Raises `ScriptError` for a place where the world has no
        region.

        Second Life: llMoveToTarget.
        """
        call = "object.move_to"
        self._host.move_to(checks.vector(call, target), checks.duration_us(call, "seconds", seconds))

    def follow(self, path: Sequence[tuple[Vector, float]], loop: bool = False) -> None:
        """Move it along a path of places, across borders too. Never waits.

        `path`: 1 to 64 pairs of a place in the world and the seconds, above 0, that it takes to it from the one
        before; a place where it is already is a rest. `loop`: for ever. `on_moving_end` tells that it is at the
        end. To set its position or velocity, or a border that it bounces off, ends it. Raises `ScriptError` for
        what is no such path, and for a place where the world has no region; then it moves on as before.

        Second Life: llSetKeyframedMotion.
        """
        call = "object.follow"
        if not isinstance(path, (list, tuple)) or not 1 <= len(path) <= PATH_LEN_MAX:
            checks.refuse(call, "the path", path, f"a list of 1 to {PATH_LEN_MAX} pairs of place and seconds")
        self._host.follow(tuple(checks.leg(call, each) for each in path), checks.flag(call, loop))

    def impulse(self, change: Vector) -> None:
        """Change its velocity by so many metres a second. Never waits.

        Raises `ScriptError` if `change` is no finite `Vector`.

        Second Life: llApplyImpulse.
        """
        self._host.push(checks.vector("object.impulse", change))
