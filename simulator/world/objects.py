"""An object of the world: what it looks like, where it is and goes, its store, its scripts.

The one idea: place and speed are kept as they were when they last changed, with the time of that. Whatever
asks where the object is gets it computed; an object that flies straight ahead is neither touched nor written
down in between.

What borders do to it is in `borders`, what its scripts do in `scripts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts_api import Color, ObjectRef, Rotation, Vector
from simulator.scheduler import Member
from simulator.world.places import moved

if TYPE_CHECKING:
    from migrate import Module
    from simulator.world.borders import Crossing
    from simulator.world.journeys import Journey
    from simulator.world.scripts import RunningScript
    from simulator.world.world import World

STILL = Vector()
UPRIGHT = Rotation()
WHITE = Color()
CUBE = Vector(0.5, 0.5, 0.5)
WATER_KG_PER_M3 = 1_000.0


class WorldObject(Member):
    """One object of one region. `place`, `rotation`: as they were at `at_us`; metres, metres a second."""

    __slots__ = (
        "at_us", "color", "crossing", "description", "dying", "id", "journey", "modules", "name", "outgoing",
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
        self.dying = False
        self.written_bytes = 0

    @property
    def above(self) -> Member:
        """Its owner, with whom it shares time."""
        return self.world.scheduler.owner(self.owner)

    @property
    def runnable(self) -> bool:
        """Whether one of its scripts is runnable."""
        return any(script.runnable for script in self.scripts)

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
        return bool(self.velocity) and not (self.crossing is not None and self.crossing.held)

    def position_at(self, time_us: int) -> Vector:
        """Return where it is at a time."""
        if not self.moves:
            return self.place
        return moved(self.place, self.velocity, time_us - self.at_us)

    def rotation_at(self, time_us: int) -> Rotation:
        """Return how it is turned at a time."""
        if not self.spin:
            return self.rotation
        angle = self.spin.length * (time_us - self.at_us) / 1e6
        return self.rotation * Rotation.from_axis_angle(self.spin, angle)

    @property
    def mass(self) -> float:
        """Kilograms."""
        return self.scale.x * self.scale.y * self.scale.z * WATER_KG_PER_M3

    def settle(self, time_us: int) -> None:
        """Begin a new stretch of motion: what was computed from the last one becomes its start."""
        self.place, self.rotation = self.position_at(time_us), self.rotation_at(time_us)
        self.at_us = time_us


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
    assert name in _SIMPLE, f"objects have no attribute {name}"
    return getattr(body, name)


def write_attribute(body: WorldObject, name: str, value: Any) -> None:
    """Set what `OwnObject.<name>` is; the value is checked. Raises `ScriptError` for a place without a
    region.
    """
    world = body.world
    world.touched(body)
    if name == "position":
        world.borders.put(body, value)
    elif name == "velocity":
        world.borders.set_velocity(body, value)
    elif name in ("rotation", "spin"):
        body.settle(world.time_us)
        setattr(body, name, value)
    else:
        setattr(body, name, value)
