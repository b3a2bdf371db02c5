"""What a script can ask of the world at a suspension point: one frozen record for each waiting call.

The one idea: a request holds plain values only, so that a script that waits can be written down and wait on
in another process. Durations are microseconds from the moment of asking.

The calls that make them, and check what they are given, are in `script`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

from scripts_api.http import HttpResponse
from scripts_api.refs import AgentRef, ObjectRef
from scripts_api.sensing import Sensed
from scripts_api.values import Rotation, Vector
from scripts_api.waiting import Request


@dataclass(frozen=True, slots=True)
class Sleep(Request[None]):
    """Wake the microthread in `duration_us`; 0 gives up the slice."""

    duration_us: int


@dataclass(frozen=True, slots=True)
class GiveUpSlice(Request[None]):
    """Let others run; go on when it is this script's turn again."""


@dataclass(frozen=True, slots=True)
class WaitFor(Request[Any]):
    """Answer with the next event of one of these classes, by name; None when time is up."""

    events: tuple[str, ...]
    timeout_us: int | None


@dataclass(frozen=True, slots=True)
class Send(Request[None]):
    """Send an object something, as soon as there is room for it."""

    receiver: ObjectRef
    payload: Any


@dataclass(frozen=True, slots=True)
class Give(Request[None]):
    """Put a copy of something in the contents into another object, as soon as there is room for it."""

    receiver: ObjectRef | AgentRef
    name: str


@dataclass(frozen=True, slots=True)
class Ask(Request[Any]):
    """Send a question to an object and answer with what it replies."""

    receiver: ObjectRef
    payload: Any
    timeout_us: int


@dataclass(frozen=True, slots=True)
class Sense(Request[tuple[Sensed, ...]]):
    """Answer with what is near, the nearest first. `arc`: half the angle of view about the x axis."""

    radius_m: float
    arc: float
    kind: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Teleport(Request[None]):
    """Move the object to a place in a region, in metres from that region's corner; None: to its middle."""

    region: str
    position: Vector | None


@dataclass(frozen=True, slots=True)
class Transfer(Request[None]):
    """Make someone the owner of the object's linkset."""

    agent: AgentRef


@dataclass(frozen=True, slots=True)
class AskGrants(Request[tuple[str, ...]]):
    """Ask someone for grants and answer with those of them that the object has then."""

    agent: AgentRef
    grants: tuple[str, ...]
    timeout_us: int


@dataclass(frozen=True, slots=True)
class RezItem(Request[ObjectRef]):
    """Make an object of something in the contents and answer with a reference to it; None: where its maker is."""

    name: str
    position: Vector | None
    velocity: Vector
    rotation: Rotation
    param: Any


@dataclass(frozen=True, slots=True)
class Http(Request[HttpResponse]):
    """Ask the outside world and answer with what it says."""

    url: str
    method: str
    headers: tuple[tuple[str, str], ...]
    body: str | None
    timeout_us: int


@dataclass(frozen=True, slots=True)
class Become(Request[NoReturn]):
    """Go over into another state. Never answered: the microthread ends."""

    state: type


@dataclass(frozen=True, slots=True)
class Reset(Request[NoReturn]):
    """Begin the script anew. Never answered: all its microthreads end."""


@dataclass(frozen=True, slots=True)
class Stop(Request[NoReturn]):
    """Stop the script, keep its state. Never answered."""


@dataclass(frozen=True, slots=True)
class Die(Request[NoReturn]):
    """Remove the object from the world. Never answered."""


REQUESTS: tuple[type[Request[Any]], ...] = (
    Sleep, GiveUpSlice, WaitFor, Send, Give, Ask, Sense, RezItem, Http, Teleport, Transfer, AskGrants, Become, Reset,
    Stop, Die,
)  # fmt: skip
"""Every request; a microthread that waits is written down together with its own."""
