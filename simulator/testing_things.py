"""What a test's world hands out: its objects and the people in it, wherever they are at the moment.

The one idea: each holds the world and an id and looks things up when it is asked, so it is right in every region and
after every capture. `simulator.testing` makes them; authors know them as `scripts_api.testing.WorldObject` and
`WorldAgent`.
"""

from __future__ import annotations

from typing import Any, Protocol

from scripts_api import AgentRef, ObjectRef, Vector
from scripts_api.grants import GRANTS, KEYS
from scripts_api.limits import SIT_M_MAX
from simulator.commands import (
    AgentSays,
    Command,
    GrantToObject,
    LeaveWorld,
    PressKeys,
    SitDown,
    StandUp,
    TakeOffObject,
    WalkAgent,
    WearObject,
)
from simulator.world.agents import agent_called
from simulator.world.objects import WorldObject

# A traceback ends at the line of the test: what is behind it is ours, and no author's business.
__tracebackhide__ = True


class Worldly(Protocol):
    """What the things of a world need of it: see `simulator.testing.World`."""

    def body(self, id: str) -> WorldObject:
        """Return an object as its region has it. Raises `KeyError` if there is none."""

    def body_of(self, agent: str) -> WorldObject:
        """Return somebody's body. Raises `KeyError` if it has none."""

    def has(self, id: str) -> bool:
        """Whether an object is in the world, or between two regions."""

    def state_of(self, id: str) -> dict[str, Any]:
        """Return the attributes of an object's script."""

    def tell(self, region: str, command: Command) -> None:
        """Give a region a command, and let everything react for a frame."""

    def touch(self, touched: Any, toucher: str = "somebody") -> None:
        """Touch an object, and let it react for a frame."""


class _Placed:
    """What is somewhere in a world: an object, or somebody's body."""

    @property
    def _body(self) -> WorldObject:
        raise NotImplementedError

    @property
    def position(self) -> Vector:
        """Where it is, metres in the world."""
        return self._body.position

    @property
    def region(self) -> str:
        """The region that it is in."""
        return self._body.world.here.name

    @property
    def contents(self) -> list[str]:
        """The names of what lies in it, or of what it was given, sorted."""
        return sorted(self._body.contents)


class TestObject(_Placed):
    """An object of a test's world, wherever it is."""

    __test__ = False  # its name begins like a test's, but it is none

    def __init__(self, world: Worldly, id: str) -> None:
        self._world, self.id = world, id

    def __repr__(self) -> str:
        return f"<{self.id} {self.name!r}>" if self.exists else f"<{self.id}, gone>"

    @property
    def _body(self) -> WorldObject:
        return self._world.body(self.id)

    @property
    def exists(self) -> bool:
        """Whether it is in the world, be it on its way between two regions."""
        return self._world.has(self.id)

    @property
    def ref(self) -> ObjectRef:
        """A reference to it, for messages and comparisons."""
        return self._body.ref

    @property
    def velocity(self) -> Vector:
        """Metres a second."""
        body = self._body
        return body.velocity_at(body.world.time_us)

    @property
    def state(self) -> dict[str, Any]:
        """The attributes of its script, as they are now."""
        return self._world.state_of(self.id)

    @property
    def error(self) -> str | None:
        """What its script has failed with, as its author sees it, or None."""
        return next((script.error for script in self._body.scripts if script.error is not None), None)

    def __getattr__(self, name: str) -> Any:
        """An attribute of the script, or of the object's looks: `lamp.lit`, `lamp.color`."""
        state = self.state
        if name in state:
            return state[name]
        body = self._body
        try:
            return getattr(body, name)
        except AttributeError:
            has = ", ".join(sorted(state)) or "no attributes"
            raise AttributeError(f"{body.name!r} has no {name!r}; its script has {has}") from None


class TestAgent(_Placed):
    """Somebody in a test's world, wherever it is. `heard`: the lines that were said to it or near it."""

    __test__ = False  # its name begins like a test's, but it is none

    def __init__(self, world: Worldly, name: str) -> None:
        self._world, self.name, self.id = world, name, agent_called(name).id
        self.heard: list[str] = []

    def __repr__(self) -> str:
        return f"<{self.id}>"

    @property
    def _body(self) -> WorldObject:
        return self._world.body_of(self.id)

    @property
    def ref(self) -> AgentRef:
        """A reference to it."""
        return AgentRef(self.id, self.name)

    def touch(self, touched: TestObject) -> None:
        """Touch an object, and let it react for a frame."""
        self._world.touch(touched, self.name)

    def say(self, text: str, channel: int = 0) -> None:
        """Say a line where it is, and let everything react for a frame."""
        self._world.tell(self.region, AgentSays(self.id, text, channel))

    def walk(self, velocity: Vector) -> None:
        """Walk or fly on with a velocity, metres a second."""
        self._world.tell(self.region, WalkAgent(self.id, velocity))

    def sit(self, seat: TestObject) -> None:
        """Sit down on an object that is at most 10 m away. Raises `ValueError` if it is further."""
        way = self.position.distance(seat.position)
        if way > SIT_M_MAX or seat.region != self.region:
            raise ValueError(
                f"sit: {seat.name!r} in {seat.region} is {way:.1f} m from {self.name} in {self.region};"
                f" at most {SIT_M_MAX:g} m in one region are possible"
            )
        self._world.tell(self.region, SitDown(self.id, seat.id))

    def stand(self) -> None:
        """Stand up."""
        self._world.tell(self.region, StandUp(self.id))

    def wear(self, worn: TestObject) -> None:
        """Put on an object of its own that is at most 10 m away."""
        self._world.tell(self.region, WearObject(self.id, worn.id))

    def take_off(self, worn: TestObject) -> None:
        """Take off what it wears."""
        self._world.tell(self.region, TakeOffObject(self.id, worn.id))

    def grant(self, object: TestObject, *grants: str) -> None:
        """Grant an object these and nothing else any more; none of them to take all back. Raises `ValueError`."""
        _check_known("grant", grants, GRANTS)
        self._world.tell(object.region, GrantToObject(self.ref, object.id, grants))

    def press(self, *keys: str) -> None:
        """Hold these keys down and no others; none of them to let go. Raises `ValueError`."""
        _check_known("press", keys, KEYS)
        self._world.tell(self.region, PressKeys(self.id, keys))

    def leave(self) -> None:
        """Leave the world."""
        self._world.tell(self.region, LeaveWorld(self.id))


def _check_known(call: str, names: tuple[str, ...], known: tuple[str, ...]) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f"{call}: there is no {name!r}; there are {', '.join(known)}")
