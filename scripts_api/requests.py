"""What a script can ask of the world at a suspension point: one frozen record for each waiting call.

The one idea: a request holds plain values only, so that a script that waits can be written down and wait on
in another process. Durations are microseconds from the moment of asking.

The calls that make them, and check what they are given, are in `script`.
"""

from __future__ import annotations

from typing import Any, NoReturn

from scripts_api.http import HttpResponse
from scripts_api.refs import AgentRef, ObjectRef
from scripts_api.sensing import Sensed
from scripts_api.values import Rotation, Vector
from scripts_api.waiting import Request


class Sleep(Request[None], frozen=True, gc=False):
    """Wake the microthread in `duration_us`; 0 gives up the slice."""

    duration_us: int


class GiveUpSlice(Request[None], frozen=True):
    """Let others run; go on when it is this script's turn again."""


class WaitFor(Request[Any], frozen=True):
    """Answer with the next event of one of these classes, by name; None when time is up."""

    events: tuple[str, ...]
    timeout_us: int | None


class Send(Request[None], frozen=True):
    """Send an object something, as soon as there is room for it."""

    receiver: ObjectRef
    payload: Any


class Give(Request[None], frozen=True):
    """Put a copy of something in the contents into another object, as soon as there is room for it."""

    receiver: ObjectRef | AgentRef
    name: str


class Ask(Request[Any], frozen=True):
    """Send a question to an object and answer with what it replies."""

    receiver: ObjectRef
    payload: Any
    timeout_us: int


class Sense(Request[tuple[Sensed, ...]], frozen=True):
    """Answer with what is near, the nearest first. `arc`: half the angle of view about the x axis."""

    radius_m: float
    arc: float
    kind: str | None
    name: str | None


class Teleport(Request[None], frozen=True):
    """Move the object to a place in a region, in metres from that region's corner; None: to its middle."""

    region: str
    position: Vector | None


class Transfer(Request[None], frozen=True):
    """Make someone the owner of the object's linkset."""

    agent: AgentRef


class AskGrants(Request[tuple[str, ...]], frozen=True):
    """Ask someone for grants and answer with those of them that the object has then."""

    agent: AgentRef
    grants: tuple[str, ...]
    timeout_us: int


class RezItem(Request[ObjectRef], frozen=True):
    """Make an object of something in the contents and answer with a reference to it; None: where its maker is."""

    name: str
    position: Vector | None
    velocity: Vector
    rotation: Rotation
    param: Any


class Http(Request[HttpResponse], frozen=True):
    """Ask the outside world and answer with what it says."""

    url: str
    method: str
    headers: tuple[tuple[str, str], ...]
    body: str | None
    timeout_us: int


class Become(Request[NoReturn], frozen=True):
    """Go over into another state. Never answered: the microthread ends."""

    state: type


class Reset(Request[NoReturn], frozen=True):
    """Begin the script anew. Never answered: all its microthreads end."""


class Stop(Request[NoReturn], frozen=True):
    """Stop the script, keep its state. Never answered."""


class Die(Request[NoReturn], frozen=True):
    """Remove the object from the world. Never answered."""


REQUESTS: tuple[type[Request[Any]], ...] = (
    Sleep, GiveUpSlice, WaitFor, Send, Give, Ask, Sense, RezItem, Http, Teleport, Transfer, AskGrants, Become, Reset,
    Stop, Die,
)  # fmt: skip
"""Every request; a microthread that waits is written down together with its own."""
