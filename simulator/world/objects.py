"""An object of the world: what it looks like, where it is and goes, its store, its scripts.

The one idea: place and speed are kept as they were when they last changed, with the time of that. Whatever
asks where the object is gets it computed; an object that flies straight ahead is neither touched nor written
down in between.

What borders do to it is in `borders`, what its scripts do in `scripts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from scripts_api import AgentRef, Color, ObjectRef, Rotation, ScriptError, Vector
from scripts_api.limits import LINK_M_MAX
from simulator.scheduler import Body
from simulator.world.extras import Extras
from simulator.world.places import moved

if TYPE_CHECKING:
    from migrate import Module
    from simulator.world.borders import Crossing
    from simulator.world.items import Item
    from simulator.world.journeys import Journey
    from simulator.world.scripts import RunningScript
    from simulator.world.world import World

STILL = Vector()
UPRIGHT = Rotation()
WHITE = Color()
CUBE = Vector(0.5, 0.5, 0.5)
WATER_KG_PER_M3 = 1_000.0


class WorldObject(Body):
    """One object of one region. `place`, `rotation`: as they were at `at_us`; metres, metres a second."""

    __slots__ = (
        "at_us", "color", "crossing", "description", "dying", "extras", "id", "journey", "modules", "name", "outgoing",
        "owner", "phantom", "place", "rotation", "scale", "scripts", "spin", "store", "text", "velocity",
        "world", "written_bytes",
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
        self.written_bytes = 0

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
        root = self.root
        return (root, *root.parts)

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
    def position(self) -> Vector:
        """Where it is now."""
        return self.position_at(self.world.time_us)

    @property
    def moves(self) -> bool:
        """Whether its place changes by itself: it stands still while it waits at a border."""
        extras = self.extras
        if extras is not None and extras.root is not None:
            return extras.root.moves or bool(extras.root.spin)
        return bool(self.velocity) and not (self.crossing is not None and self.crossing.held)

    def position_at(self, time_us: int) -> Vector:
        """Return where it is at a time."""
        extras = self.extras
        if extras is not None and extras.root is not None:
            root = extras.root
            return root.position_at(time_us) + extras.offset.rotated(root.rotation_at(time_us))
        if not self.moves:
            return self.place
        return moved(self.place, self.velocity, time_us - self.at_us)

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
        return sum(each.scale.x * each.scale.y * each.scale.z for each in self.members) * WATER_KG_PER_M3

    def settle(self, time_us: int) -> None:
        """Begin a new stretch of motion: what was computed from the last one becomes its start."""
        self.place, self.rotation = self.position_at(time_us), self.rotation_at(time_us)
        self.at_us = time_us


_NOTHING: Mapping[str, Item] = MappingProxyType({})
_OF_THE_WHOLE = ("velocity", "spin")

_SIMPLE = (
    "id",
    "owner",
    "mass",
    "name",
    "description",
    "text",
    "color",
    "scale",
    "phantom",
    "velocity",
    "spin",
)


def read_attribute(body: WorldObject, name: str) -> Any:
    """Return what `OwnObject.<name>` is."""
    if name == "position":
        return body.position
    if name == "rotation":
        return body.rotation_at(body.world.time_us)
    if name == "sensor":
        return body.is_sensor
    assert name in _SIMPLE, f"objects have no attribute {name}"
    return getattr(body.root if name in _OF_THE_WHOLE else body, name)


def write_attribute(body: WorldObject, name: str, value: Any) -> None:
    """Set what `OwnObject.<name>` is; the value is checked. Raises `ScriptError` for a place without a
    region.

    A part of a linkset moves by itself only in relation to its root; its velocity and spin are the linkset's.
    """
    world, root = body.world, body.root
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
        place_part(body, (value - root.position_at(time_us)).rotated(turn_back))
    else:
        body.more().turn = value * turn_back


def place_part(body: WorldObject, offset: Vector) -> None:
    """Put a part somewhere else in relation to its root. Raises `ScriptError` if that is too far away."""
    if offset.length > LINK_M_MAX:
        raise ScriptError(
            f"the place of a part is {offset.length:g} m from its root; at most {LINK_M_MAX:g} m are possible."
            " Unlink it first, or move the root."
        )
    body.more().offset = offset
    body.world.cells.moved(body)
