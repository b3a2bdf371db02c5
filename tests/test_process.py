"""The loop of a simulator: who may speak to it, that it answers, ticks early for messages, and stops."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from migrate.sockets import Endpoint, new_key_pair
from simulator.config import World, build_world
from simulator.control import (
    AskLines,
    AskObjects,
    AskState,
    ControlLine,
    DoAgent,
    DoBackup,
    DoEnter,
    Done,
    DoSay,
    DoScripts,
    DoStop,
    DoTouch,
    FoundObject,
    Line,
    Lines,
    Objects,
    Refused,
    RegionStatus,
    ScriptCost,
    State,
    Status,
    StepDone,
)
from simulator.demo_world import _free_ports
from simulator.host import Frames
from simulator.keys import OPERATOR, ensure_keys, known_keys, read_keys
from simulator.process import FrameSlicer, SimulatorProcess, open_endpoint, reserve
from simulator.world.world import SAYS, Told

PATIENCE_S = 10.0


def test_time_for_writing_is_learnt() -> None:
    """What every frame needs behind its last slice is kept free before long; at most half of the frame."""
    reserved_us = 0
    for _ in range(100):
        reserved_us = reserve(reserved_us, 5_000 - reserved_us, 22_200)
    assert 4_900 < reserved_us <= 5_000
    for _ in range(100):
        reserved_us = reserve(reserved_us, 50_000, 22_200)
    assert 11_100 == reserved_us


def test_one_late_frame_is_no_habit() -> None:
    """Somebody's sum of a million numbers takes little of the next frames from the others."""
    assert reserve(0, 90_000, 22_200) < 22_200 / 50


class NoTime:
    """A slicer for regions without scripts."""

    def __init__(self, interrupted: Callable[[], bool]) -> None:
        self.interrupted = interrupted

    def allow(self, until_us: int) -> None:
        """Nobody uses the time."""


class Region:
    """A region that keeps what came and answers each frame with one of its own."""

    def __init__(self) -> None:
        self.came = Frames()
        self.came_event = threading.Event()
        self.released_event = threading.Event()
        self.touched: list[str] = []
        self.told: list[Told] = []
        self.said: list[DoSay] = []
        self.closed = False
        self.last_now_us = 0
        self.stalled: str | None = None
        self.wants_time = False
        self._done: list[Callable[[], None]] = []

    def tick(self, now_us: int, frames: Frames, slicer: FrameSlicer, *, may_wait: bool = False) -> Frames:
        self.came += frames
        if frames:
            self.came_event.set()
        for done in self._done:
            done()
        self._done.clear()
        return [(source, b"answer to " + frame) for source, frame in frames]

    def status(self) -> RegionStatus:
        return RegionStatus(1, 7, [], [], [], {})

    def state_of(self, object_id: str) -> dict[str, str]:
        return {"count": "7"}

    def holds(self, object_id: str) -> bool:
        return object_id == "west:1"

    def touch(self, question: DoTouch, done: Callable[[], None]) -> None:
        self.touched.append(question.toucher)
        self._done.append(done)

    def take_told(self) -> list[Told]:
        told, self.told = self.told, []
        return told

    def script_costs(self) -> list[ScriptCost]:
        return []

    def find(self, name: str) -> list[FoundObject]:
        return [FoundObject("west:1", "rocket", "west")] if name in ("west:1", "rocket") else []

    def enter(self, question: DoEnter, done: Callable[[], None]) -> None:
        self._done.append(done)

    def act(self, question: DoAgent, done: Callable[[], None]) -> None:
        self._done.append(done)

    def say(self, question: DoSay, done: Callable[[], None]) -> None:
        self.said.append(question)
        self._done.append(done)

    def do_scripts(self, question: DoScripts, done: Callable[[], None]) -> None:
        self._done.append(done)

    def hold(self, held: Callable[[], None]) -> None:
        self._done.append(held)

    def release(self) -> None:
        self.released_event.set()

    def backup(self, target: Path) -> None:
        target.write_text("backup")

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def world(tmp_path: Path) -> World:
    """West with one region of that name, and east which the test plays."""
    ports = dict(zip(("west", "east"), _free_ports(2), strict=True))
    raw = {
        "simulators": {name: {"address": f"tcp://127.0.0.1:{port}"} for name, port in ports.items()},
        "regions": {
            name: {"simulator": name, "corner": [256 * index, 0]} for index, name in enumerate(ports)
        },
    }
    world = build_world(raw, tmp_path / "world.toml")
    ensure_keys(world.keys_folder, [OPERATOR, "west", "east"])
    return world


@pytest.fixture
def region() -> Region:
    """What the simulator west hosts."""
    return Region()


@pytest.fixture
def west(world: World, region: Region) -> Iterator[SimulatorProcess]:
    """The simulator west, running in a thread of its own."""
    process = SimulatorProcess(world, "west", {"west": region}, open_endpoint(world, "west"), NoTime)
    thread = threading.Thread(target=process.run)
    thread.start()
    yield process
    process.stop()
    thread.join(PATIENCE_S)
    assert region.closed


@pytest.fixture
def east(world: World, west: SimulatorProcess) -> Iterator[Endpoint]:
    """The sockets of the simulator east."""
    folder = world.keys_folder
    endpoint = Endpoint(world.simulators["east"].address, read_keys(folder, "east"), known_keys(folder))
    endpoint.connect("west", world.simulators["west"].address, known_keys(folder)["west"])
    yield endpoint
    endpoint.close()


@pytest.fixture
def line(world: World, west: SimulatorProcess) -> Iterator[ControlLine]:
    """The operator's line to the simulator west."""
    line = ControlLine(world, "west")
    yield line
    line.close()


def send(endpoint: Endpoint, *parts: bytes) -> None:
    while not endpoint.send("west", *parts):
        endpoint.wait(0.01)


def test_neighbours_frame_is_ticked_and_answered(east: Endpoint, region: Region) -> None:
    """A frame from its region's host reaches the region, and what the tick returns goes back."""
    # A neighbour that has only just come up may miss an answer, so the frame is sent again, as the link
    # would.
    for _ in range(1000):
        send(east, b"link", b"west", b"east", b"frame")
        if east.wait(0.01):
            break
    assert east.receive()[0].parts == (b"link", b"east", b"west", b"answer to frame")


@pytest.mark.parametrize(
    "parts",
    [
        (b"link", b"west", b"west", b"frame"),
        (b"link", b"east", b"east", b"frame"),
        (b"link", b"west", b"nowhere", b"frame"),
        (b"link", b"west", b"\xff\xfe", b"frame"),
        (b"link", b"west"),
        (b"control", b"\x81\xa4type\xa4stop"),
        (b"gossip", b"anything"),
    ],
    ids=[
        "for another's region",
        "not hosted here",
        "unknown",
        "no text",
        "too short",
        "no operator",
        "no channel",
    ],
)
def test_message_that_its_sender_may_not_send_is_refused(
    east: Endpoint, region: Region, parts: tuple[bytes, ...]
) -> None:
    """Only a region's host speaks for it, only the operator asks; a good frame behind still arrives."""
    send(east, *parts)
    send(east, b"link", b"west", b"east", b"good")
    assert region.came_event.wait(PATIENCE_S)
    assert region.came == [("east", b"good")]


def test_status_is_told(line: ControlLine) -> None:
    """The operator gets each region's status."""
    status = line.status(timeout_s=PATIENCE_S)
    assert isinstance(status, Status)
    assert (
        status.simulator,
        {name: told.tick for name, told in status.regions.items()},
    ) == ("west", {"west": 7})


def test_touch_is_answered_when_it_is_done(line: ControlLine, region: Region) -> None:
    """A touch becomes a command of the next tick and is answered after it."""
    line.status(timeout_s=PATIENCE_S)
    assert (Done(), ["ada"]) == (line.ask_once(DoTouch("west:1", "ada"), PATIENCE_S), region.touched)


def test_touch_of_an_absent_object_is_refused(line: ControlLine) -> None:
    """What is not here can't be touched here."""
    answer = line.ask(DoTouch("east:9", "ada"), PATIENCE_S)
    assert answer == Refused("object east:9 is not in simulator west")


def test_touch_of_a_full_region_is_refused(line: ControlLine, region: Region) -> None:
    """A region that stands still says so instead of leaving the caller waiting."""
    region.stalled = "no room"
    assert Refused("no room") == line.ask(DoTouch("west:1", "ada"), PATIENCE_S)


def test_state_of_a_script_is_told(line: ControlLine) -> None:
    """The operator can look at what a script carries."""
    assert State({"count": "7"}) == line.ask(AskState("west:1"), PATIENCE_S)


def test_objects_are_found_by_name_and_id(line: ControlLine) -> None:
    """The operator need not know ids."""
    rocket = Objects([FoundObject("west:1", "rocket", "west")])
    assert [rocket, rocket, Objects([])] == [
        line.ask(AskObjects(name), PATIENCE_S) for name in ("rocket", "west:1", "fish")
    ]


def test_what_is_told_is_heard_from_then_on(line: ControlLine, region: Region) -> None:
    """Lines that were said and logged are numbered; whoever asks after the last gets those that are new."""
    first = line.ask(AskLines(), PATIENCE_S)
    assert isinstance(first, Lines)
    region.told = [Told(SAYS, "west:1", "rocket", "hello"), Told("script log", "west:1", "rocket", "7")]
    new = line.ask(AskLines(first.last), PATIENCE_S)
    while isinstance(new, Lines) and not new.lines:
        new = line.ask(AskLines(first.last), PATIENCE_S)
    assert isinstance(new, Lines)
    expected = [
        Line(1, "west", SAYS, "west:1", "rocket", "hello"),
        Line(2, "west", "script log", "west:1", "rocket", "7"),
    ]
    assert ([], 0, expected, 2) == (first.lines, first.last, new.lines, new.last)
    (said,) = line.status(timeout_s=PATIENCE_S).said
    assert ("rocket", "hello") == (said.speaker, said.text)


def test_a_line_is_said_in_a_region(line: ControlLine, region: Region) -> None:
    """It is answered when it is done; another region's is refused."""
    line.status(timeout_s=PATIENCE_S)
    question = DoSay("west", "ada", "hello", 3, (1.0, 2.0, 0.0))
    assert (Done(), [question]) == (line.ask_once(question, PATIENCE_S), region.said)
    refused = line.ask_once(DoSay("east", "ada", "hello"), PATIENCE_S)
    assert Refused("region east is not in simulator west") == refused


def test_regions_go_on_when_the_command_of_a_backup_dies(
    line: ControlLine, region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They hold for as long as they hear of it, and no longer."""
    assert StepDone(1) == line.ask(DoBackup("b", "hold", str(tmp_path), 1), PATIENCE_S)
    assert not region.released_event.is_set()
    monkeypatch.setattr("simulator.backup_desk.HOLD_S", 0.0)
    line.ask(DoBackup("b", "hold_on", str(tmp_path), 2), PATIENCE_S)
    assert region.released_event.wait(PATIENCE_S)


def test_a_stranger_leaves_one_line_in_the_log(
    world: World, west: SimulatorProcess, line: ControlLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its key and address, however often it tries; an operator with another key is one."""
    told: list[dict[str, object]] = []
    monkeypatch.setattr(west, "_log", SimpleNamespace(warning=lambda event, **more: told.append(more)))
    keys = new_key_pair()
    for _ in range(3):
        refused = line.status(timeout_s=PATIENCE_S).sockets["strangers_refused"]
        stranger = Endpoint("tcp://127.0.0.1:*", keys, {})
        stranger.connect("west", world.simulators["west"].address, known_keys(world.keys_folder)["west"])
        while line.status(timeout_s=PATIENCE_S).sockets["strangers_refused"] <= refused:
            assert not stranger.send("west", b"let me in")
        stranger.close()
    line.status(timeout_s=PATIENCE_S)
    assert [("127.0.0.1", keys.public, 1)] == [
        (each["address"], each["key"], each["refusals"]) for each in told
    ]


def test_nonsense_is_refused(line: ControlLine) -> None:
    """A question that cannot be read gets an answer that says so."""
    line.status(timeout_s=PATIENCE_S)
    reply = line._caller.call(b"control", b"nonsense", timeout_s=PATIENCE_S)
    assert reply is not None
    assert b"no question that simulator west knows" in reply[-1]


def test_operator_can_stop_it(line: ControlLine, region: Region) -> None:
    """`DoStop` is answered, and the loop ends with its region closed, which the fixture checks."""
    assert Done() == line.ask(DoStop(), PATIENCE_S)
