"""An object of the world: what it looks like, where it is and goes, its store, its scripts.

The one idea: place and speed are kept as they were when they last changed, with the time of that. Whatever
asks where the object is gets it computed; an object that flies straight ahead is neither touched nor written
down in between.

What borders do to it is in `borders`, what its scripts do in `scripts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from scripts_api import AgentRef, Color, ObjectRef, Rotation, Vector
from scripts_api.limits import GRAVITY_M_PER_S2
from scripts_api.values import STILL, UPRIGHT
from simulator.scheduler import Body
from simulator.world.extras import Extras
from simulator.world.heights import fallen
from simulator.world.places import moved

if TYPE_CHECKING:
    from migrate import Module
    from simulator.world.borders import Crossing
    from simulator.world.items import Item
    from simulator.world.journeys import Journey
    from simulator.world.scripts import RunningScript
    from simulator.world.world import World

WHITE = Color()
CUBE = Vector(0.5, 0.5, 0.5)
WATER_KG_PER_M3 = 1_000.0


class Carrier(Body):
    """What every turn of a script reads of its object, side by side: see `calls.Turned`."""

    __slots__ = ("dying", "extras", "id", "owner", "scripts", "world")


class WorldObject(Carrier):
    """One object of one region. `place`, `rotation`: as they were at `at_us`; metres, metres a second."""

    __slots__ = (
        "at_us", "captures", "color", "crossing", "description", "journey", "modules", "name", "outgoing", "phantom",
        "place", "rotation", "scale", "spin", "store", "text", "velocity", "written_bytes",
    )  # fmt: skip

    def __init__(self, world: World, id: str, name: str, owner: str) -> None:
        super().__init__()
        self.world, self.id, self.name, self.owner = world, id, name, owner
        self.description = self.text = ""
        self.color, self.scale, self.phantom = WHITE, CUBE, False
        self.at_us = world.time_us
        self.place = self.velocity = self.spin = STILL
        self.rotation = UPRIGHT
        self.scripts: list[RunningScript] = []
        self.modules: dict[str, Module] | None = None
        self.store: dict[str, bytes] | None = None
        self.outgoing: list[tuple[str, bytes]] | None = None
        self.crossing: Crossing | None = None
        self.journey: Journey | None = None
        self.extras: Extras | None = None
        self.dying = False
        self.written_bytes = self.captures = 0

    @property
    def root(self) -> WorldObject:
        """The root of its linkset: itself, unless it hangs on another."""
        extras = self.extras
        return self if extras is None or extras.root is None else extras.root

    @property
    def parts(self) -> tuple[WorldObject, ...]:
        """What hangs on it."""
        return () if self.extras is None else self.extras.parts

    @property
    def members(self) -> tuple[WorldObject, ...]:
        """All objects of its linkset, the root first."""
        if self.extras is None:
            return (self,)
        root = self.root
        return (root, *root.parts)

    @property
    def worn_by(self) -> WorldObject | None:
        """Whose attachment it is part of: the body of who wears it."""
        if self.extras is None or self.extras.worn is None:
            return None
        return self.world.objects.get(self.extras.worn[0])

    @property
    def links(self) -> tuple[WorldObject, ...]:
        """What is its linkset for its scripts: without what those wear who sit on it; all of its attachment, if it is
        worn.
        """
        extras = self.extras
        worn = None if extras is None else extras.worn
        members = self.members
        if worn is None and all(each.extras is None or each.extras.agent is None for each in members):
            return members
        return tuple(each for each in members if (None if each.extras is None else each.extras.worn) == worn)

    def grants_of(self, agent: str) -> tuple[str, ...]:
        """What an agent grants to it at present, sorted."""
        return () if self.extras is None else (self.extras.grants or {}).get(agent, ())

    @property
    def contents(self) -> Mapping[str, Item]:
        """What lies in it, by name."""
        return (self.extras.contents if self.extras is not None else None) or _NOTHING

    @property
    def agent(self) -> str | None:
        """Who it is the body of, if it is one."""
        return None if self.extras is None else self.extras.agent

    @property
    def is_sensor(self) -> bool:
        """Whether it notices what is in it without being noticed."""
        return self.extras is not None and self.extras.sensor

    @property
    def is_physical(self) -> bool:
        """Whether it falls where nothing carries it."""
        return self.extras is not None and self.extras.physical

    @property
    def bounces(self) -> bool:
        """Whether it bounces off the edge of the world; else it stops there."""
        return self.extras is None or self.extras.bounces

    @property
    def touching(self) -> tuple[ObjectRef | AgentRef, ...]:
        """What it was last told that it touches."""
        return () if self.extras is None else self.extras.touching

    @property
    def somebody(self) -> AgentRef:
        """A reference to whom it is the body of."""
        assert self.agent is not None, f"{self.id} is nobody's body"
        return AgentRef(self.agent, self.name)

    def more(self) -> Extras:
        """What few objects have, for writing."""
        if self.extras is None:
            self.extras = Extras()
        return self.extras

    @property
    def ref(self) -> ObjectRef:
        """A reference to it."""
        return ObjectRef(self.id, self.name)

    @property
    def noticed(self) -> ObjectRef | AgentRef:
        """A reference to what others notice: whoever it is the body of, or itself."""
        return self.ref if self.agent is None else self.somebody

    @property
    def position(self) -> Vector:
        """Where it is now."""
        return self.position_at(self.world.time_us)

    @property
    def moves(self) -> bool:
        """Whether its place changes by itself: it stands still while it waits at a border."""
        extras = self.extras
        if extras is not None and extras.root is not None:
            return extras.root.moves or bool(extras.root.spin)
        if not self.velocity and not (extras is not None and extras.falls):
            return False
        return not (self.crossing is not None and self.crossing.held)

    def position_at(self, time_us: int) -> Vector:
        """Return where it is at a time."""
        extras = self.extras
        if extras is not None and extras.root is not None:
            root = extras.root
            return root.position_at(time_us) + extras.offset.rotated(root.rotation_at(time_us))
        falls = extras is not None and extras.falls
        if (not falls and self.velocity is STILL) or (self.crossing is not None and self.crossing.held):
            return self.place
        place = moved(self.place, self.velocity, time_us - self.at_us)
        return fallen(place, time_us - self.at_us) if falls else place

    def velocity_at(self, time_us: int) -> Vector:
        """Return how fast its linkset is at a time."""
        root = self.root
        if root.extras is None or not root.extras.falls:
            return root.velocity
        x, y, z = root.velocity
        return Vector(x, y, z - GRAVITY_M_PER_S2 * (time_us - root.at_us) / 1e6)

    def rotation_at(self, time_us: int) -> Rotation:
        """Return how it is turned at a time."""
        extras = self.extras
        if extras is not None and extras.root is not None:
            return extras.turn * extras.root.rotation_at(time_us)
        if not self.spin:
            return self.rotation
        angle = self.spin.length * (time_us - self.at_us) / 1e6
        return self.rotation * Rotation.from_axis_angle(self.spin, angle)

    @property
    def mass(self) -> float:
        """Kilograms of its whole linkset."""
        return sum(each.scale.x * each.scale.y * each.scale.z for each in self.links) * WATER_KG_PER_M3

    def settle(self, time_us: int) -> None:
        """Begin a new stretch of motion: what was computed from the last one becomes its start."""
        self.place, self.rotation, self.velocity = (
            self.position_at(time_us),
            self.rotation_at(time_us),
            self.velocity_at(time_us),
        )
        self.at_us = time_us


_NOTHING: Mapping[str, Item] = MappingProxyType({})
