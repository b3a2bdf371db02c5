"""Questions to a running simulator and their answers: what `gossamer run`, the demo and tests ask.

The one idea: one typed question, one typed answer, over the same CURVE-protected socket that carries the
links, and only for who holds the operator's key. A question that changes the world is answered after the
tick that did it is committed, so an answer of `Done` survives the death of the simulator.

It is no interface for clients: whoever asks holds the key to everything.
"""

from __future__ import annotations

import time
from typing import Literal, TypeAlias

import msgspec

from migrate.sockets import Caller
from simulator.config import World
from simulator.errors import ControlFailed
from simulator.keys import OPERATOR, read_keys, read_public_key

CONTROL_CHANNEL = b"control"
LINK_CHANNEL = b"link"
RETRY_S = 0.5  # a question whose answer is late is put again; every question may be put twice without harm


ScriptAction = Literal["pause", "resume", "reset", "kill", "remove"]


class AskStatus(msgspec.Struct, frozen=True, tag="status", forbid_unknown_fields=True):
    """How are you, and what has been said since line number `said_after`?"""

    said_after: int = 0


class AskState(msgspec.Struct, frozen=True, tag="state", forbid_unknown_fields=True):
    """What are the attributes of the script on this object?"""

    object: str


class DoTouch(msgspec.Struct, frozen=True, tag="touch", forbid_unknown_fields=True):
    """Touch an object. The same `toucher` touching again is another touch."""

    object: str
    toucher: str


class AskScripts(msgspec.Struct, frozen=True, tag="scripts", forbid_unknown_fields=True):
    """What does each script cost?"""


class DoScripts(msgspec.Struct, frozen=True, tag="do_scripts", forbid_unknown_fields=True):
    """Pause, resume, reset or kill all scripts of an object, or remove it with them."""

    object: str
    action: ScriptAction


Deed: TypeAlias = Literal["leave", "walk", "sit", "stand", "wear", "take_off", "press"]


class AskObjects(msgspec.Struct, frozen=True, tag="objects", forbid_unknown_fields=True):
    """Which objects have this id, or this name?"""

    name: str


class AskLines(msgspec.Struct, frozen=True, tag="lines", forbid_unknown_fields=True):
    """What has been said and logged since line number `after`? None: which line was the last?"""

    after: int | None = None


class DoUpgrade(msgspec.Struct, frozen=True, tag="upgrade", forbid_unknown_fields=True):
    """Replace the source of an object's scripts that come from a file of this name."""

    object: str
    filename: str
    source: str


class DoAttach(msgspec.Struct, frozen=True, tag="attach", forbid_unknown_fields=True):
    """Give an object another script, in trusted mode. `values`: a record of the codec, see `live_code`."""

    object: str
    source: str
    filename: str
    values: bytes


class DoDetach(msgspec.Struct, frozen=True, tag="detach", forbid_unknown_fields=True):
    """Stop what was attached to an object: the function of that name."""

    object: str
    function: str


class DoSay(msgspec.Struct, frozen=True, tag="say", forbid_unknown_fields=True):
    """Say a line in a region: to what is near a place, metres in the world, or to all of it if none is named."""

    region: str
    speaker: str
    text: str
    channel: int = 0
    position: tuple[float, float, float] | None = None


class DoEnter(msgspec.Struct, frozen=True, tag="enter", forbid_unknown_fields=True):
    """Let somebody enter a region at a place, metres in the world."""

    region: str
    name: str
    position: tuple[float, float, float]


class DoAgent(msgspec.Struct, frozen=True, tag="agent", forbid_unknown_fields=True):
    """Let somebody do something. `object`: its body. `seat`: what it sits down on, puts on or takes off. `velocity`:
    metres a second. `keys`: that it holds down from now on.
    """

    object: str
    deed: Deed
    seat: str = ""
    velocity: tuple[float, float, float] = (0.0, 0.0, 0.0)
    keys: tuple[str, ...] = ()


class DoGrant(msgspec.Struct, frozen=True, tag="grant", forbid_unknown_fields=True):
    """Let somebody called `agent` grant an object these and nothing else any more."""

    object: str
    agent: str
    grants: tuple[str, ...]


class DoPut(msgspec.Struct, frozen=True, tag="put", forbid_unknown_fields=True):
    """Put a copy of an object, as it would begin, into the contents of the one with the id `into`."""

    object: str
    into: str


BackupStep: TypeAlias = Literal["hold", "hold_on", "copy", "keep", "drop"]


class DoBackup(msgspec.Struct, frozen=True, tag="backup", forbid_unknown_fields=True):
    """Take a step of a backup into a folder: see `backup_desk`. `turn`: a number that comes back in the answer."""

    backup: str
    step: BackupStep
    folder: str
    turn: int


class DoStop(msgspec.Struct, frozen=True, tag="stop", forbid_unknown_fields=True):
    """End the simulator behind the tick that it is in, which is committed."""


Question: TypeAlias = (
    AskStatus
    | AskState
    | AskScripts
    | AskObjects
    | AskLines
    | DoTouch
    | DoScripts
    | DoUpgrade
    | DoAttach
    | DoDetach
    | DoSay
    | DoEnter
    | DoAgent
    | DoGrant
    | DoPut
    | DoBackup
    | DoStop
)


class ObjectStatus(msgspec.Struct, frozen=True):
    """One object as its region has it: metres in the world, metres a second."""

    id: str
    name: str
    position: tuple[float, float, float]
    velocity: tuple[float, float, float]


class FoundObject(msgspec.Struct, frozen=True):
    """One object, and where it is."""

    id: str
    name: str
    region: str


class Line(msgspec.Struct, frozen=True):
    """One line that was said or logged, numbered within its simulator. `what`: "says", "script log", …"""

    number: int
    region: str
    what: str
    object: str
    name: str
    text: str


class SaidLine(msgspec.Struct, frozen=True):
    """One line that an object said, numbered within its simulator."""

    number: int
    region: str
    speaker: str
    text: str


class CrossingEnd(msgspec.Struct, frozen=True):
    """One end of a crossing: when the object was frozen, or runnable, here. `at_us` is CLOCK_MONOTONIC."""

    object: str
    gen: int
    at_us: int
    frames: int
    bytes: int


class RegionStatus(msgspec.Struct, frozen=True):
    """One region: where its history stands, what it holds, and what it counts.

    `statistics`: `simulator.statistics.RegionStatistics`; `exchange`: `migrate.exchange.ExchangeStatistics`;
    `store`: `simulator.store.StoreStatistics`. `stalled`: why the region stands still, or None.
    """

    epoch: int
    tick: int
    objects: list[ObjectStatus]
    departed: list[CrossingEnd]
    arrived: list[CrossingEnd]
    statistics: dict[str, int]
    exchange: dict[str, int] = {}
    store: dict[str, int] = {}
    stalled: str | None = None


class Status(msgspec.Struct, frozen=True, tag="status"):
    """Answer to `AskStatus`. `sockets`: `migrate.sockets.SocketStatistics`."""

    simulator: str
    pid: int
    regions: dict[str, RegionStatus]
    said: list[SaidLine]
    sockets: dict[str, int] = {}


class State(msgspec.Struct, frozen=True, tag="state"):
    """Answer to `AskState`: each attribute's value as Python would write it."""

    attributes: dict[str, str]


class ScriptCost(msgspec.Struct, frozen=True):
    """What one script costs, and how it is: see `simulator.accounts.ScriptStatistics`."""

    region: str
    object: str
    name: str
    owner: str
    condition: str
    cpu_us: int
    slices: int
    events: int
    queued: int
    drops: int
    microthreads: int
    memory_bytes: int
    sleeps: int
    captures: int
    crossings: int
    where: str
    unsaved: str = ""


class Scripts(msgspec.Struct, frozen=True, tag="scripts"):
    """Answer to `AskScripts`: the costliest of each region first."""

    scripts: list[ScriptCost]


class Objects(msgspec.Struct, frozen=True, tag="objects"):
    """Answer to `AskObjects`."""

    objects: list[FoundObject]


class Lines(msgspec.Struct, frozen=True, tag="lines"):
    """Answer to `AskLines`. `last`: the number of the last line there was. A process counts from one."""

    pid: int
    last: int
    lines: list[Line]


class Done(msgspec.Struct, frozen=True, tag="done"):
    """It is done and committed. `remark`: what is still to come of it, if that is not seen at once."""

    remark: str = ""


class StepDone(msgspec.Struct, frozen=True, tag="step_done"):
    """Answer to the `DoBackup` of that turn."""

    turn: int


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """It was not done, and why."""

    reason: str


Answer: TypeAlias = Status | State | Scripts | Objects | Lines | Done | StepDone | Refused

_questions: msgspec.msgpack.Decoder[Question] = msgspec.msgpack.Decoder(Question)
_answers: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)
encode_answer = msgspec.msgpack.Encoder().encode


def decode_question(data: bytes) -> Question:
    """Read a question. Raises `msgspec.DecodeError` for anything else."""
    return _questions.decode(data)


class ControlLine:
    """The operator's line to one simulator."""

    def __init__(self, world: World, simulator: str) -> None:
        """Begin to connect. Raises `KeyFileError` when the operator's keys or the simulator's are missing."""
        self._simulator = simulator
        self._address = world.simulators[simulator].address
        keys = read_keys(world.keys_folder, OPERATOR)
        public_key = read_public_key(world.keys_folder, simulator)
        self._caller = Caller(self._address, keys, public_key)

    def ask(self, question: Question, timeout_s: float = 5.0) -> Answer:
        """Put a question that may be put twice, again and again until it is answered."""
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            if answer := self.ask_once(question, min(RETRY_S, timeout_s)):
                return answer
        raise ControlFailed(
            f"simulator {self._simulator} at {self._address} gave no answer for {timeout_s:g} s."
            " Is it running, and does it have the same keys folder?"
        )

    def ask_once(self, question: Question, timeout_s: float) -> Answer | None:
        """Put a question once. None: no answer in time, and nobody knows whether it was done."""
        reply = self._caller.call(CONTROL_CHANNEL, msgspec.msgpack.encode(question), timeout_s=timeout_s)
        return None if reply is None else _answers.decode(reply[-1])

    def status(self, said_after: int = 0, timeout_s: float = 5.0) -> Status:
        """Return how the simulator is."""
        answer = self.ask(AskStatus(said_after), timeout_s)
        if not isinstance(answer, Status):
            raise ControlFailed(
                f"simulator {self._simulator} answered a question for its status with {answer}"
            )
        return answer

    def close(self) -> None:
        """Hang up."""
        self._caller.close()
