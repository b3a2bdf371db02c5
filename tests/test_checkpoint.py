"""Objects written down: a record holds everything, and nothing wrong gets in by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from msgspec.structs import asdict

from migrate.codec import decode, encode
from migrate.errors import BadRecord
from migrate.frame import Frame
from scripts_api import (
    AgentRef,
    HttpAsked,
    HttpRequest,
    ObjectRef,
    Question,
    RegionStart,
    Rotation,
    TimerFired,
    Touch,
    Vector,
)
from scripts_api.requests import Ask, AskGrants, Sense, Sleep, Teleport, Transfer, WaitFor
from scripts_api.values import STILL
from simulator import checkpoint_restore
from simulator.checkpoint import capture
from simulator.checkpoint_fields import ObjectFields, ScriptFields, ThreadFields
from simulator.checkpoint_hosts import HostObjects, names_of_hosts
from simulator.checkpoint_record import READS, VERSION, read_unit
from simulator.checkpoint_restore import begin_again, restore, restore_unit
from simulator.commands import Rez
from simulator.world.attributes import write_attribute
from simulator.world.journeys import follow_path
from simulator.world.objects import WorldObject
from tests.regions import Grid

SOURCE = """
class Rocket(Script):
    count = 0
    def on_start(self):
        self.every(1.0, self.tick)
        self.ear = self.listen(7, name="ada")
        self.spawn(self.sleeper)
        self.sleep(2.0)
    def sleeper(self):
        self.sleep(3.0)
    def tick(self):
        self.count += 1
    def on_touch(self, toucher):
        pass
"""


@pytest.fixture
def grid() -> Grid:
    """One region."""
    return Grid("west")


@pytest.fixture
def box(grid: Grid) -> str:
    """An object whose script sleeps in two microthreads, with a timer, a listen and a queued event."""
    box = grid.rez(SOURCE, velocity=(1.0, 0.0, 0.0))
    grid.tick()
    grid.touch(box)
    grid.tick()
    return box


def test_an_object_comes_back_with_everything(grid: Grid, box: str) -> None:
    """What is written down again after restoring is what was written down."""
    body = grid.object(box)
    world = body.world
    data = capture(body)
    world.take_out(body)
    made = restore(read_unit(data), world)
    begin_again(made, world.time_us)
    world.take_in(made)
    assert read_unit(data) == read_unit(capture(made))
    script = made.scripts[0]
    threads, queue, timers, listens = script.threads, script.queue, script.timers, script.listens
    assert (2, 1, 1, 1) == tuple(len(each or ()) for each in (threads, queue, timers, listens))


def test_a_record_says_what_it_is(grid: Grid, box: str) -> None:
    """Object, name, owner, programs and the number of frames stand in front of the heap."""
    record = read_unit(capture(grid.object(box)))
    programs = tuple(script.program for script in grid.object(box).scripts)
    assert (box, "box", "ada", programs, 2) == (
        record.object,
        record.name,
        record.owner,
        record.programs,
        record.frames,
    )


def test_an_object_with_too_many_scripts_is_refused(grid: Grid, box: str) -> None:
    """A neighbour's record may claim any number of them."""
    body = grid.object(box)
    record = read_unit(capture(body))
    crowded = msgspec.structs.replace(record, programs=record.programs * 65)
    with pytest.raises(BadRecord, match="65 scripts; this region takes objects of at most 64"):
        restore(crowded, body.world)


NUMBERS = (
    "cpu_us", "slices", "events", "drops", "drops_untold", "next_number", "random_state", "elapsed_us", "chat_us",
    "log_us",
)  # fmt: skip
EXTRAS = {"interval_us": 0, "rest_us": None, "targets": [], "sensors": []}
SENSING = Sense(1.0, 1.0, None, None)
WRONG_EXTRAS: list[dict[str, Any]] = [
    {"interval_us": -1},
    {"rest_us": "soon"},
    {"targets": [("1", Vector(), 1.0, False)]},
    {"targets": [(1, (1, 2, 3), 1.0, False)]},
    {"targets": [(1, Vector(), float("nan"), False)]},
    {"targets": [(1, Vector(), 1.0, None)]},
    {"targets": [(1, Vector(), 1.0, False)] * 9},
    {"sensors": [(1, 1, 0, SENSING)]},
    {"sensors": [(1, -1, 1, SENSING)]},
    {"sensors": [(1, 1, 1, Sleep(1))]},
    {"sensors": [(1, 1, 1, Sense(1e9, 1.0, None, None))]},
    {"sensors": [(1, 1, 1, SENSING)] * 9},
]


@pytest.mark.parametrize("data", [b"", b"nonsense", b"\x80", msgspec.msgpack.encode(["unit", 3, 1, 2])])
def test_what_is_no_record_is_refused(data: bytes) -> None:
    """Bytes of another kind."""
    with pytest.raises(BadRecord, match="are no object"):
        read_unit(data)


@pytest.mark.parametrize("version", [0, VERSION + 1])
@pytest.mark.parametrize("rest", [[], ["of", {"another": "shape"}]])
def test_a_record_of_an_unknown_version_is_told_from_a_damaged_one(version: int, rest: list[Any]) -> None:
    """Whatever stands behind its version."""
    with pytest.raises(
        BadRecord, match=f"an object has version {version}, this Gossamer reads 1 to {VERSION}"
    ):
        read_unit(msgspec.msgpack.encode(["unit", version, *rest]))


# --- States as the second version has them: fields and values together ---


def states(body: WorldObject) -> Any:
    """All that a record of an object holds, what is usual too, as the first version has it."""
    record, modules = read_unit(capture(body)), body.world.programs.modules
    values = decode(record.heap, modules=modules, externals=HostObjects(body))
    assert record.fields is not None
    state = {"object": asdict(record.fields) | {"store": None, "outgoing": None} | values.get("object", {})}
    state["scripts"] = [
        _script_state(fields, kept) for fields, kept in zip(record.scripts, values["scripts"], strict=True)
    ]
    return state


def _script_state(fields: ScriptFields, values: dict[str, Any]) -> dict[str, Any]:
    state = asdict(fields) | {"queue": None, "leaving": None, "listens": []} | values
    state |= {"condition": fields.condition.value, "ready": list(fields.ready)}
    names = ("frames", "request", "event", "answer", "error")
    state["threads"] = [
        asdict(thread)
        | {"role": thread.role.value}
        | dict(zip(names, (*kept, None, None, None)[:5], strict=True))
        for thread, kept in zip(fields.threads, values.get("threads", ()), strict=True)
    ]
    state["timers"] = [
        (each.number, each.remaining_us, each.interval_us, function, each.queued, each.alive)
        for each, function in zip(fields.timers, values.get("timers", ()), strict=True)
    ]
    return state


def record_of(state: Any, body: WorldObject, version: int) -> bytes:
    """The record of an object of that version that has this state, which may be wrong."""
    modules, names = body.world.programs.modules, names_of_hosts(body)
    record = msgspec.to_builtins(read_unit(capture(body)), builtin_types=(bytes,))
    record[1], record[11:] = version, [None, [], None]
    values = dict(state)
    if version == VERSION:
        record[11], values["object"] = _parted(state["object"], ObjectFields)
        parted = [_parted_script(script) for script in state["scripts"]]
        record[12] = [plain for plain, _ in parted]
        values["scripts"] = [kept for _, kept in parted]
    record[8] = encode(values, modules=modules, externals=names)
    assert (record[0], len(record)) == ("unit", 14)
    return msgspec.msgpack.encode(record)


def _parted(state: dict[str, Any], kind: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    names = kind.__struct_fields__
    plain = {name: value for name, value in state.items() if name in names}
    kept = {name: value for name, value in state.items() if name not in names}
    for name in ("store", "outgoing", "queue", "leaving"):
        if kept.get(name, "there") is None:
            del kept[name]
    return plain, kept


def _parted_script(state: Any) -> tuple[Any, Any]:
    plain, kept = _parted(state, ScriptFields)
    if type(plain["threads"]) is list and all(type(each) is dict for each in plain["threads"]):
        kept["threads"] = [
            tuple(thread[name] for name in ("frames", "request", "event", "answer", "error"))
            for thread in plain["threads"]
        ]
        plain["threads"] = [_parted(thread, ThreadFields)[0] for thread in plain["threads"]]
    if all(len(each) == 6 for each in plain["timers"]):
        kept["timers"] = [each[3] for each in plain["timers"]]
        plain["timers"] = [(*each[:3], *each[4:]) for each in plain["timers"]]
    return plain, kept


@pytest.mark.parametrize("version", READS)
def test_a_state_of_any_version_is_read(grid: Grid, box: str, version: int) -> None:
    """What the tests below break is whole before."""
    body = grid.object(box)
    made = restore(read_unit(record_of(states(body), body, version)), body.world)
    begin_again(made, body.world.time_us)
    assert repr(states(body)["object"]) == repr(states(made)["object"])
    before, after = read_unit(capture(body)), read_unit(capture(made))
    assert (before.fields, before.scripts) == (after.fields, after.scripts)


def set_in(*path: Any) -> Callable[[dict[str, Any]], None]:
    """A change of one value somewhere in the state; the last is the new one."""
    *way, last, value = path

    def change(root: dict[str, Any]) -> None:
        target: Any = root
        for step in way:
            target = target[step]
        target[last] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        set_in("object", "place", (1, 2, 3)),
        set_in("object", "velocity", Vector(float("nan"), 0, 0)),
        set_in("object", "age_us", -1),
        set_in("object", "store", {"key": 1}),
        set_in("object", "outgoing", [(1, 2)]),
        set_in("object", "color", None),
        set_in("scripts", 0, "instance", None),
        set_in("scripts", 0, "queue", ["touch"]),
        set_in("scripts", 0, "handler", 7),
        set_in("scripts", 0, "ready", [0, 0, 0]),
        set_in("scripts", 0, "condition", "asleep"),
        set_in("scripts", 0, "random_state", "x"),
        set_in("scripts", 0, "leaving", int),
        set_in("scripts", 0, "timers", [(1, 1, 0, None, False, True)]),
        set_in("scripts", 0, "timers", [(1,)]),
        set_in("scripts", 0, "listens", [(1, 2, "ada", None, None, True)]),
        set_in("scripts", 0, "threads", 0, "frames", ()),
        set_in("scripts", 0, "threads", 0, "request", "sleep"),
        set_in("scripts", 0, "threads", 0, "engine", "steam"),
        set_in("scripts", 0, "threads", 0, "remaining_us", 0.5),
        set_in("scripts", 0, "threads", 0, "role", "bystander"),
        set_in("scripts", 0, "threads", 0, "request", None),
        set_in("scripts", 0, "threads", 0, "request", WaitFor(5, None)),
        set_in("scripts", 0, "threads", 0, "request", Ask(ObjectRef("west:2"), 1, "soon")),
        set_in("scripts", 0, "queue", [TimerFired(5)]),
        set_in("scripts", 0, "queue", [Question(ObjectRef("x" * 300), 1, 7)]),
        set_in("scripts", 0, "queue", [Question(ObjectRef("west:2"), 1, "7")]),
        set_in("scripts", 0, "ready", [0]),
        set_in("scripts", 0, "handler", ""),
        set_in("scripts", 0, "queue", [Touch(AgentRef("agent:a"))] * 65),
        set_in("scripts", 0, "queue", [HttpRequest(HttpAsked("GET"), "7")]),
        set_in("scripts", 0, "threads", 0, "request", Sense(1e9, 1.0, None, None)),
        set_in("scripts", 0, "threads", 0, "request", Sense(1.0, 1.0, 7, None)),
        set_in("scripts", 0, "threads", 0, "request", Sense(1.0, "wide", None, None)),
        set_in("scripts", 0, "threads", 0, "request", Teleport(7, None)),
        set_in("scripts", 0, "threads", 0, "request", Transfer("ada")),
        set_in("scripts", 0, "threads", 0, "request", AskGrants(AgentRef("agent:ada"), "own", 1)),
        set_in("scripts", 0, "threads", 0, "request", AskGrants(AgentRef("agent:ada"), ("own",), -1)),
        *(set_in("scripts", 0, "extras", EXTRAS | wrong) for wrong in WRONG_EXTRAS),
        set_in("object", "physical", 1),
        set_in("object", "falls", "fast"),
        set_in("object", "bounces", None),
        set_in("object", "worn", ("west:1", 7)),
        set_in("object", "worn", ("west:1",)),
        set_in("object", "keys", ["up"]),
        set_in("object", "keys", ("sideways",)),
        set_in("object", "grants", []),
        set_in("object", "grants", {"agent:ada": ["own"]}),
        set_in("object", "grants", {"agent:ada": ("money",)}),
        set_in("object", "grants", {7: ("own",)}),
        set_in("object", "grants", {f"agent:{n}": ("own",) for n in range(257)}),
        set_in("object", "path", (((Vector(), 1, "up"),), 0, False, None)),
        set_in("scripts", []),
        *(set_in("scripts", 0, name, -1) for name in NUMBERS),
    ],
)
@pytest.mark.parametrize("version", [2, VERSION])
def test_a_state_that_is_wrong_is_refused(
    grid: Grid, box: str, change: Callable[[dict[str, Any]], None], version: int
) -> None:
    """Each value of the wrong kind is found before anything of the region has changed."""
    body = grid.object(box)
    state = states(body)
    change(state)
    with pytest.raises(BadRecord):
        restore(read_unit(record_of(state, body, version)), body.world)
    assert body is grid.object(box)


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_that_no_record_could_be_written_with_is_refused(grid: Grid, box: str, name: str) -> None:
    """In the heap of an earlier version it may stand; MessagePack has 64 bits."""
    body = grid.object(box)
    state = states(body)
    state["scripts"][0][name] = 2**64
    with pytest.raises(BadRecord, match="a number beyond"):
        restore(read_unit(record_of(state, body, 2)), body.world)


def places(state: Any) -> list[tuple[Any, ...]]:
    """The path of every field and value of an object, of its script and of a microthread."""
    script = state["scripts"][0]
    return [
        *(("object", name) for name in state["object"]),
        *(("scripts", 0, name) for name in script),
        *(("scripts", 0, "threads", 0, name) for name in script["threads"][0]),
    ]


@pytest.mark.parametrize("version", [2, VERSION])
def test_every_field_is_looked_at(grid: Grid, box: str, version: int) -> None:
    """A field that is added to what is written down, and to nothing else, is found here."""
    body = grid.object(box)
    taken = []
    for path in places(states(body)):
        state = states(body)
        set_in(*path, [[]])(state)
        try:
            restore(read_unit(record_of(state, body, version)), body.world)
        except BadRecord:
            continue
        taken.append(path)
    assert [("scripts", 0, "threads", 0, "answer")] == taken


def test_a_caller_that_has_not_begun_is_refused(grid: Grid, box: str) -> None:
    """Only the innermost frame may stand before its first statement."""
    body = grid.object(box)
    state = states(body)
    thread = state["scripts"][0]["threads"][0]
    (frame,) = thread["frames"]
    thread["frames"] = (Frame(frame.program, frame.function, "start", frame.locals), frame)
    with pytest.raises(BadRecord, match=r"stands at 'start' of 'Rocket\.on_start', which is no call"):
        restore(read_unit(record_of(state, body, VERSION)), body.world)


@pytest.mark.parametrize(
    ("lost", "reason"),
    [
        ({"fields": None}, "is without its fields"),
        ({"scripts": ()}, "fields of 0 scripts, and values of 1"),
        ({"programs": ()}, "does not provide"),
    ],
)
def test_fields_and_values_must_be_as_many(grid: Grid, box: str, lost: dict[str, Any], reason: str) -> None:
    """A record that has fields of some scripts and values of others is nobody's."""
    body = grid.object(box)
    record = msgspec.structs.replace(read_unit(capture(body)), **lost)
    with pytest.raises(BadRecord, match=reason):
        restore(record, body.world)


def test_what_is_never_dropped_comes_on_top_of_the_queue(grid: Grid, box: str) -> None:
    """However often its region was away, a script that is busy can be read again."""
    body = grid.object(box)
    for _ in range(1_000):
        body.scripts[0].deliver(RegionStart(1.0))
    made = restore(read_unit(capture(body)), body.world)
    assert 1_001 == len(made.scripts[0].queue or ())


def test_any_number_of_answers_may_wait(grid: Grid, box: str) -> None:
    """Answers to questions wait for room whatever their number, and travel."""
    body = grid.object(box)
    body.outgoing = [("east:1", b"x")] * 5_000
    assert body.outgoing == restore(read_unit(capture(body)), body.world).outgoing


def test_a_record_of_another_object_is_refused(grid: Grid, box: str) -> None:
    """A row, or a unit, is what its key says."""
    body = grid.object(box)
    with pytest.raises(BadRecord, match=f"object west:99 says that it is {box}"):
        restore_unit("west:99", capture(body), body.world)


def test_a_bug_of_ours_is_not_taken_for_a_bad_record(
    grid: Grid, box: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What goes wrong behind the checks shows as what it is."""

    def faulty(*_: Any) -> None:
        raise KeyError("a mistake")

    monkeypatch.setattr(checkpoint_restore, "_restore_script", faulty)
    body = grid.object(box)
    with pytest.raises(KeyError, match="a mistake"):
        restore(read_unit(capture(body)), body.world)


def test_what_was_made_landed_or_stopped_stands_still_as_usual(grid: Grid) -> None:
    """Its velocity and spin are the one that need not be written down, whoever has set them last."""
    grid["west"].host.command(Rez("made", "ada", Vector(9, 9, 0)))
    landed, stopped = (grid.object(grid.rez(name=name, position=(9, 9, 1))) for name in ("landed", "stopped"))
    (made,) = (body for body in grid["west"].region.objects.values() if body.name == "made")
    write_attribute(landed, "physical", True)
    follow_path(stopped, ((Vector(9, 9, 2), 100_000, Rotation(0, 0, 1, 0)),), loop=False)
    grid.run(1.0)
    assert [(True, True)] * 3 == [
        (body.velocity is STILL, body.spin is STILL) for body in (made, landed, stopped)
    ]


def test_who_waits_at_a_border_has_not_moved_meanwhile() -> None:
    """However long it has waited: it goes on from there."""
    grid = Grid("west", "east")
    grid.down.add("east")
    box = grid.rez(SOURCE, position=(95, 50, 0), velocity=(100, 0, 0))
    grid.run(0.5)
    fields = read_unit(capture(grid.object(box))).fields
    assert fields is not None
    assert (True, 0) == (fields.held, fields.age_us)


def test_what_is_usual_is_not_written(grid: Grid, box: str) -> None:
    """And is there again: whatever differs is written, if only by a sign."""
    body = grid.object(box)
    body.velocity, body.text = Vector(-0.0, 0.0, 0.0), "over it"
    before = len(capture(body))
    again = restore(read_unit(capture(body)), body.world)
    assert ("-0.0", "over it", "", body.color) == (
        str(again.velocity.x), again.text, again.description, again.color
    )  # fmt: skip
    body.text = ""
    assert len(capture(body)) < before
