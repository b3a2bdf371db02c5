"""What a test's world and its objects offer: types and documentation; the simulator implements them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from scripts_api.http import HttpResponse
from scripts_api.refs import AgentRef, ObjectRef
from scripts_api.script import Script
from scripts_api.values import Vector


class ScriptFailed(AssertionError):
    """A script of a test's world has failed; the message is what its author would see in the simulator's log.

    A test that wants it to fail says `with pytest.raises(ScriptFailed, match="…")`.
    """


class WorldObject(Protocol):
    """An object of a test's world. Attributes of its script are its own: `lamp.lit`; and so is what its script sees of
    the object: `lamp.color`, `lamp.text`, `lamp.name`.
    """

    id: str

    @property
    def exists(self) -> bool:
        """Whether it is in the world, be it on its way between two regions."""
        ...

    @property
    def ref(self) -> ObjectRef:
        """A reference to it, for messages."""
        ...

    @property
    def position(self) -> Vector:
        """Where it is, metres in the world."""
        ...

    @property
    def velocity(self) -> Vector:
        """Metres a second."""
        ...

    @property
    def region(self) -> str:
        """The region that it is in."""
        ...

    @property
    def contents(self) -> list[str]:
        """The names of what lies in it, sorted."""
        ...

    @property
    def state(self) -> dict[str, Any]:
        """The attributes of its script, as they are now."""
        ...

    @property
    def error(self) -> str | None:
        """What its script has failed with, or None."""
        ...

    def __getattr__(self, name: str) -> Any: ...


class WorldAgent(Protocol):
    """Somebody in a test's world. `heard`: the lines that were said to it or near it."""

    id: str
    name: str
    heard: list[str]

    @property
    def ref(self) -> AgentRef:
        """A reference to it."""
        ...

    @property
    def position(self) -> Vector:
        """Where it is, metres in the world."""
        ...

    @property
    def region(self) -> str:
        """The region that it is in."""
        ...

    @property
    def contents(self) -> list[str]:
        """The names of what it was given, sorted."""
        ...

    def touch(self, touched: Any) -> None:
        """Touch an object, and let it react for a frame."""
        ...

    def say(self, text: str, channel: int = 0) -> None:
        """Say a line where it is, and let everything react for a frame."""
        ...

    def walk(self, velocity: Vector) -> None:
        """Walk or fly on with a velocity, metres a second."""
        ...

    def sit(self, seat: Any) -> None:
        """Sit down on an object that is at most 10 m away. Raises `ValueError` if it is further."""
        ...

    def stand(self) -> None:
        """Stand up."""
        ...

    def wear(self, worn: Any) -> None:
        """Put on an object of its own that is at most 10 m away."""
        ...

    def take_off(self, worn: Any) -> None:
        """Take off what it wears."""
        ...

    def grant(self, object: Any, *grants: str) -> None:
        """Grant an object these and nothing else any more, as "control"; none of them to take all back."""
        ...

    def press(self, *keys: str) -> None:
        """Hold these keys down and no others, as "forward"; none of them to let go."""
        ...

    def leave(self) -> None:
        """Leave the world."""
        ...


class ScriptWorld(Protocol):
    """Regions side by side on a clock that stands still until it is advanced.

    `said`, `logged`: every line so far. `asked`: what objects have asked people for. `pages`: what `http` finds, by
    address; what is not there is not found. Only addresses under https://example.org are allowed.
    """

    said: list[str]
    logged: list[str]
    asked: list[str]
    pages: dict[str, str | HttpResponse]

    def rez(
        self,
        script: type[Script] | Path | str | None = None,
        *,
        name: str = "object",
        position: Vector | None = None,
        velocity: Vector | None = None,
        owner: str = "author",
        param: Any = None,
        contents: Mapping[str, Any] | None = None,
    ) -> WorldObject:
        """Make an object, and let it start for a frame. `script`: its class, the path of its file, or its
        source. `contents`: what lies in it, by name: a text for a notecard, a class or a path for a script, an
        object of this world for a copy of it as it would begin.
        """
        ...

    def find(self, name: str) -> WorldObject:
        """Return the object of that name, of several in one region the one that came there last. Raises `KeyError`."""
        ...

    def enter(self, name: str, position: Vector | None = None) -> WorldAgent:
        """Let somebody enter the world at a place; in the middle of the first region if none is given."""
        ...

    def touch(self, touched: Any, toucher: str = "somebody") -> None:
        """Touch an object, and let it react for a frame."""
        ...

    def release(self, touched: Any, toucher: str = "somebody") -> None:
        """Let go of an object that was touched, and let it react for a frame."""
        ...

    def say(self, text: str, *, near: Any, speaker: str = "somebody", channel: int = 0) -> None:
        """Say a line beside an object, and let everything react for a frame."""
        ...

    def request(
        self, asked: Any, path: str = "/", *, method: str = "GET", query: str = "", body: str = ""
    ) -> HttpResponse:
        """Ask an object by HTTP, as somebody outside would, and return its answer, which may take two seconds."""
        ...

    def upgrade(self, upgraded: Any, script: type[Script] | Path | str) -> None:
        """Replace the source of an object's script while it runs, and let it react for a frame."""
        ...

    def attach(self, object: Any, function: Callable[..., Any], handler: str | None = None) -> None:
        """Attach a live function to an object, by what its name says or as `handler`, and let it react for a frame.
        The world must be `trusted`.
        """
        ...

    def detach(self, object: Any, function: Callable[..., Any] | str) -> None:
        """Stop what was attached to an object."""
        ...

    def cross(self, crossing: Any, region: str) -> None:
        """Take an object to the middle of another region, and wait until it is there."""
        ...

    def advance(self, seconds: float) -> None:
        """Let time pass, in frames of 20 ms; raises `ScriptFailed` when a script fails. Frames in which nothing is
        due are skipped, so a day of a lamp that looks at the clock once a minute takes a second. It is midnight,
        1 January 2020, when a world begins.
        """
        ...
