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
from scripts_api.handles import Target
from scripts_api.limits import PATH_LEN_MAX
from scripts_api.links import Links
from scripts_api.refs import AgentRef, ObjectRef
from scripts_api.requests import Teleport, Transfer
from scripts_api.store import ObjectStore
from scripts_api.values import UPRIGHT, Color, Rotation, Vector
from scripts_api.waiting import Request, waits

if TYPE_CHECKING:
    from scripts_api.host import ScriptHost


ON_THE_HEAD = Vector(0, 0, 1)
"""Where something is worn if nobody says: metres from the middle of the body."""


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
    owner: Fact[str] = Fact("Who owns it, by name; see `transfer`.", "llGetOwner")
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
    physical: Attribute[bool] = Attribute(
        checks.flag,
        "Whether it falls where nothing carries it: to the ground, where it lies still.",
        "llSetStatus with STATUS_PHYSICS",
    )
    bounces: Attribute[bool] = Attribute(
        checks.flag,
        "Whether it bounces off the edge of the world, and off a region that refuses it, as it does at first; else it"
        " stops there and goes on along the border.",
        "none; llSetPhysicsMaterial comes near",
    )

    @property
    def ref(self) -> ObjectRef:
        """A reference to it, to send to others.

        Second Life: llGetKey.
        """
        return ObjectRef(self.id, self.name)

    @property
    def store(self) -> ObjectStore:
        """Its key-value store, shared by its scripts; survives reset and restart.

        Second Life: linkset data.
        """
        return ObjectStore(self._host)

    @property
    def contents(self) -> Contents:
        """The notecards, scripts and objects that lie in it.

        Second Life: a prim's inventory.
        """
        return Contents(self._host)

    @property
    def links(self) -> Links:
        """The linkset that it is part of; `links[0]` is the root.

        Second Life: link numbers, from 1.
        """
        return Links(self._host)

    def link(self, other: ObjectRef) -> None:
        """Link another object, with all that is linked to it, to this one's root. Never waits.

        `other`: an object of this region. From now on they move, cross, are saved and die as one. All scripts of it get
        `on_changed("links")`.
        Raises `ScriptError` for an object that is not in this region, belongs to somebody else, is linked to
        this one already or more than 64 m away from the root; `LimitReached` beyond 256 parts.

        Second Life: llCreateLink.
        """
        self._host.link(checks.object_ref("object.link", "the other", other))

    def unlink(self, part: ObjectRef | None = None) -> None:
        """Take a part off the linkset, this object itself if no `part` is named. Never waits.

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
        """Let someone stand up who sits on its linkset. Never waits.

        `agent`: one of `object.seated`. Raises `ScriptError` if it does not sit there.

        Second Life: llUnSit.
        """
        self._host.unseat(checks.agent_ref("object.unseat", "the agent", agent))

    @property
    def http_address(self) -> str:
        """Where the outside world can ask it at present, another one in each region: `on_http_request` is called.

        Raises `ScriptError` where its region's host takes no requests.

        Second Life: llRequestURL.
        """
        return self._host.http_address()

    # --- Who wears it, what it is granted ---

    @property
    def wearer(self) -> AgentRef | None:
        """Who wears it, or None.

        Second Life: llGetAttached, llGetOwner.
        """
        return self._host.wearer()

    def attach(self, agent: AgentRef, position: Vector = ON_THE_HEAD, rotation: Rotation = UPRIGHT) -> None:
        """Put it, with all that is linked to it, on someone who has granted "attach". Never waits.

        From now on it goes where the agent goes, over borders too, until `detach`. `position`: metres from the middle
        of the agent's body along its axes, at most 3.5; `rotation`: against the body. All its scripts get
        `on_attach(agent)`. Raises `ScriptError` for someone who has not granted it or is not in this region, for what
        is worn already, and while somebody sits on it; `LimitReached` when the agent and all it wears and sits on
        would have more than 256 parts.

        Second Life: llAttachToAvatar.
        """
        call = "object.attach"
        checks.agent_ref(call, "the agent", agent)
        self._host.attach(agent, checks.vector(call, position, "position"), checks.rotation(call, rotation))

    def detach(self) -> None:
        """Take it off; it stays where it was worn. Never waits. All its scripts get `on_detach(agent)`.

        Raises `ScriptError` if nobody wears it.

        Second Life: llDetachFromAvatar.
        """
        self._host.detach()

    def grants(self, agent: AgentRef) -> tuple[str, ...]:
        """Return what someone grants to it at present, sorted. Never waits.

        `agent`: wherever it is. Raises `ScriptError` for what is no agent.

        Second Life: llGetPermissions.
        """
        return self._host.grants(checks.agent_ref("object.grants", "the agent", agent))

    @waits
    def transfer(self, agent: AgentRef) -> Request[None]:
        """Make someone who has granted "own" the owner of it and all that is linked to it. Waits for a frame.

        `agent`: wherever it is. From now on its scripts use that owner's share of computing time. All grants that the
        linkset has end, and its scripts get `on_changed("owner")`. Raises `ScriptError` for who has not granted it, and
        while its scripts keep something that can't travel.

        Second Life: none; selling and giving by hand.
        """
        return Transfer(checks.agent_ref("object.transfer", "the agent", agent))

    # --- Motion ---

    @waits
    def teleport(self, region: str, position: Vector | None = None) -> Request[None]:
        """Move it, with its whole linkset, to a place in any region, and go on there. Waits.

        `region`: its name. `position`: metres from that region's south-west corner; its middle if none is given.
        Returns when it is there. Raises `ScriptError` for a region that is not in this world, a place that is not in
        it, and where somebody wears the object; `TeleportFailed` when the region refuses or says nothing for some
        seconds, or something else moves the object meanwhile, and then it is where it was or where that has put it.

        Second Life: llTeleportAgent, for objects.
        """
        call = "object.teleport"
        if not isinstance(region, str):
            checks.refuse(call, "region", region, "a region's name, as self.region.name")
        return Teleport(region, None if position is None else checks.vector(call, position, "position"))

    def target(self, position: Vector, range_m: float) -> Target:
        """Watch for the object to come within `range_m` metres of a place; `on_target(target)` is called. Never waits.

        `position`: metres in the world, in any region. `range_m`: above 0. When it goes away again,
        `on_not_target(target)` is called. It is looked at once a frame; what flies past in between counts. Raises
        `ScriptError` for wrong arguments, `LimitReached` when the script has 8 targets.

        Second Life: llTarget.
        """
        call = "object.target"
        place = checks.vector(call, position, "position")
        if checks.number(call, "range_m", range_m) <= 0:
            checks.refuse(call, "range_m", range_m, "above 0")
        return self._host.start_target(place, float(range_m))

    def move_to(self, target: Vector, seconds: float) -> None:
        """Move it in a straight line to a place, across borders too, in so many seconds. Never waits.

        `target`: metres in the world. `seconds`: 0, at once, to a hundred years. `on_moving_start` tells that it sets
        out, `on_moving_end` that it is there; to set its position or velocity, or a border that it bounces off, ends
        the journey. What is physical does not fall on its way. Raises `ScriptError` for a place where the world has no
        region, and for one that is too far away for so few seconds.

        Second Life: llMoveToTarget.
        """
        call = "object.move_to"
        self._host.move_to(checks.vector(call, target), checks.duration_us(call, "seconds", seconds))

    def follow(
        self,
        path: Sequence[tuple[Vector, float] | tuple[Vector, float, Rotation]],
        loop: bool = False,
    ) -> None:
        """Move it along a path of places, and turn it on the way, across borders too. Never waits.

        `path`: 1 to 64 keyframes, each a place in the world, the seconds, above 0, that it takes to it from the one
        before, and perhaps a rotation that it has there: it turns evenly, the shorter way round. A place where it is
        already is a rest. Where no keyframe has a rotation the path leaves its spin alone. `loop`: for ever.
        `on_moving_start` tells that it sets out, `on_moving_end` that it is at the end. To set its position or
        velocity, or a border that it bounces off, ends it. Raises `ScriptError` for what is no such path, for a place
        where the world has no region, and for one that is too far away for its seconds; then it moves on as before.

        Second Life: llSetKeyframedMotion.
        """
        call = "object.follow"
        if not isinstance(path, (list, tuple)) or not 1 <= len(path) <= PATH_LEN_MAX:
            checks.refuse(call, "the path", path, f"a list of 1 to {PATH_LEN_MAX} tuples (place, seconds)")
        self._host.follow(tuple(checks.leg(call, each) for each in path), checks.flag(call, loop))

    def impulse(self, change: Vector) -> None:
        """Change its velocity by so many metres a second, whatever its mass. Never waits.

        `change`: the difference, along the axes of the world. Raises `ScriptError` if it is no finite `Vector`, or the
        velocity would be beyond 1e9 m/s.

        Second Life: llApplyImpulse.
        """
        self._host.push(checks.vector("object.impulse", change))
