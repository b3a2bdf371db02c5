"""What a region is told to do from outside: by its operator, by its clients, by the file that describes its
world.

The one idea: a command is an input of a tick like any other, so what it does is committed with the tick.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scripts_api import AgentRef, HttpAsked, HttpResponse, Vector
from scripts_api.values import STILL
from simulator.world.items import Item


@dataclass(frozen=True, slots=True)
class Rez:
    """Make an object. `scripts`: hashes of programs that the process has. `once`: a name under which only one
    is ever made in this region, whatever becomes of it. `contents`: what lies in it, by name.
    """

    name: str
    owner: str
    position: Vector
    velocity: Vector = STILL
    scripts: tuple[str, ...] = ()
    param: Any = None
    once: str | None = None
    contents: tuple[tuple[str, Item], ...] = ()


@dataclass(frozen=True, slots=True)
class TouchObject:
    """Somebody touches an object."""

    object: str
    toucher: AgentRef


@dataclass(frozen=True, slots=True)
class ReleaseObject:
    """Somebody lets go of an object that it has touched."""

    object: str
    toucher: AgentRef


@dataclass(frozen=True, slots=True)
class SpeakUp:
    """Somebody says a line at a place."""

    speaker: AgentRef
    position: Vector
    text: str
    channel: int = 0
    range_m: float | None = 20.0


@dataclass(frozen=True, slots=True)
class PauseScripts:
    """Run nothing of an object's scripts until `ResumeScripts`; everything is kept."""

    object: str


@dataclass(frozen=True, slots=True)
class ResumeScripts:
    """End a pause."""

    object: str


@dataclass(frozen=True, slots=True)
class ResetScripts:
    """Begin an object's scripts anew, also those that have failed or stopped."""

    object: str


@dataclass(frozen=True, slots=True)
class KillScripts:
    """Stop an object's scripts whatever they are doing; nothing of them runs again before a reset."""

    object: str


@dataclass(frozen=True, slots=True)
class UpgradeScripts:
    """Replace the source of an object's scripts from files of the same name, state and all. `program`: the hash
    of one that the process has.
    """

    object: str
    program: str


@dataclass(frozen=True, slots=True)
class AttachScript:
    """Give an object another script; one from a file of that name is replaced. `program`: the hash of one that the
    process has. `values`: what its instance is given before it begins, see `live_code`.
    """

    object: str
    program: str
    values: Any


@dataclass(frozen=True, slots=True)
class DetachScript:
    """Stop the script of an object that is a function of that name."""

    object: str
    function: str


@dataclass(frozen=True, slots=True)
class MoveObject:
    """Put an object somewhere else, in another region too. Nothing happens where the world has no region."""

    object: str
    position: Vector


@dataclass(frozen=True, slots=True)
class EnterWorld:
    """Somebody enters the world at a place, with a body; nothing happens if it is in the region already."""

    name: str
    position: Vector


@dataclass(frozen=True, slots=True)
class LeaveWorld:
    """Somebody leaves the world. `agent`: `agent:` and its name, as in all that follow."""

    agent: str


@dataclass(frozen=True, slots=True)
class WalkAgent:
    """Somebody walks or flies on, in metres a second, until it is told otherwise; nothing while it sits."""

    agent: str
    velocity: Vector


@dataclass(frozen=True, slots=True)
class SitDown:
    """Somebody sits down on an object that is at most 10 m away."""

    agent: str
    object: str


@dataclass(frozen=True, slots=True)
class StandUp:
    """Somebody stands up."""

    agent: str


@dataclass(frozen=True, slots=True)
class WearObject:
    """Somebody puts on an object of its own that is at most 10 m away."""

    agent: str
    object: str


@dataclass(frozen=True, slots=True)
class TakeOffObject:
    """Somebody takes off what it wears. `object`: any part of it."""

    agent: str
    object: str


@dataclass(frozen=True, slots=True)
class GrantToObject:
    """Somebody grants an object these and nothing else any more: of `scripts_api.grants.GRANTS`; none to take all back.
    It may be in another region than the object.
    """

    agent: AgentRef
    object: str
    grants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PressKeys:
    """Somebody holds these keys down from now on, and no others: of `scripts_api.grants.KEYS`."""

    agent: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AgentSays:
    """Somebody says a line where it is."""

    agent: str
    text: str
    channel: int = 0
    range_m: float | None = 20.0


@dataclass(frozen=True, slots=True)
class HttpAnswered:
    """The outside world has answered a script's request, or this is why there is no answer."""

    object: str
    script: int
    number: int
    answer: HttpResponse | str


@dataclass(frozen=True, slots=True)
class HttpCame:
    """Somebody outside asks an object's script. `number`: of the request in this region's process."""

    object: str
    number: int
    asked: HttpAsked


@dataclass(frozen=True, slots=True)
class PutCopy:
    """Put a copy of an object with what hangs on it, as all would begin, into another's contents, wherever that is."""

    object: str
    into: str


@dataclass(frozen=True, slots=True)
class RemoveObject:
    """Take an object out of the world for ever."""

    object: str


Command = (
    Rez
    | TouchObject
    | ReleaseObject
    | SpeakUp
    | PauseScripts
    | ResumeScripts
    | ResetScripts
    | KillScripts
    | UpgradeScripts
    | AttachScript
    | DetachScript
    | MoveObject
    | RemoveObject
    | PutCopy
    | EnterWorld
    | LeaveWorld
    | WalkAgent
    | SitDown
    | StandUp
    | WearObject
    | TakeOffObject
    | GrantToObject
    | PressKeys
    | AgentSays
    | HttpAnswered
    | HttpCame
)
