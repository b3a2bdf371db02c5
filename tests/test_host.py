"""A region's host: nothing leaves before its commit, and neither full disks nor crashes lose anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from migrate.deliveries import EventArrived, Granted, Offered, UnitArrived
from migrate.exchange import Exchange
from migrate.messages import decode_frame
from migrate.rows import ExchangeState
from simulator.errors import LeaseLost
from simulator.host import RegionHost
from simulator.store import RowChanges, RowKey, SqliteStore

FRAME_US = 22_200


@dataclass
class Outputs:
    """What a step of the small kernel below brings."""

    rows: RowChanges
    heard: list[str]


@dataclass
class Kernel:
    """A region kernel as small as can be: objects are names, sent off by a command, and hear events."""

    region: str
    exchange: Exchange
    names: set[str] = field(default_factory=set)
    heard: list[str] = field(default_factory=list)

    def step(self, now_us: int, inputs: Sequence[object], slicer: object) -> Outputs:
        rows: dict[RowKey, bytes | None] = {}
        pending = list(inputs)
        before = len(self.heard)
        while pending:
            self._take(pending.pop(0), rows, now_us)
            pending += self.exchange.local()
        return Outputs(rows, self.heard[before:])

    def _take(self, taken: object, rows: dict[RowKey, bytes | None], now_us: int) -> None:
        match taken:
            case ("create", str(name)):
                self.exchange.create(name)
                self._here(name, rows)
            case ("send", str(name), str(dst)):
                self.exchange.offer(name, dst, bytes=1, scripts=0, memory=0, programs=(), now_us=now_us)
            case ("tell", str(sender), str(receiver), str(text)):
                assert self.exchange.send(sender, receiver, text.encode())
            case Offered():
                self.exchange.grant(taken.number, taken.object, taken.src)
            case Granted():
                self.exchange.depart(taken.object, taken.dst, taken.object.encode())
                self.names.discard(taken.object)
                rows["object", taken.object] = None
            case UnitArrived():
                self._here(taken.unit.object, rows)
            case EventArrived():
                self.heard.append(taken.payload.decode())
                rows["heard", str(len(self.heard))] = taken.payload

    def _here(self, name: str, rows: dict[RowKey, bytes | None]) -> None:
        self.names.add(name)
        rows["object", name] = b"here"


class World:
    """Two hosted regions and a network that the test operates by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now_us = 1_000_000
        self.kernels: dict[str, Kernel] = {}
        self.stores: dict[str, SqliteStore] = {}
        self.hosts: dict[str, RegionHost[Outputs]] = {}
        self.seen: list[str] = []
        for region in ("west", "east"):
            self.open(region)

    def open(self, region: str) -> None:
        store = SqliteStore(region, self.folder / f"{region}.sqlite")
        rows = store.load()
        exchange = Exchange(region, store.lease.epoch, ExchangeState.from_rows(rows))
        names = {key for kind, key in rows if kind == "object"}
        heard = [rows[row].decode() for row in sorted(rows) if row[0] == "heard"]
        self.kernels[region] = Kernel(region, exchange, names, heard)
        self.stores[region] = store
        self.hosts[region] = RegionHost(self.kernels[region], exchange, store, rows, self.observe)

    def observe(self, outputs: Outputs) -> None:
        self.seen += outputs.heard

    def crash(self, region: str) -> None:
        """Lose the process: what is not in the file is gone."""
        self.stores[region].close()
        self.open(region)

    def tick(self, region: str, frames: list[tuple[str, bytes]] | None = None) -> list[tuple[str, bytes]]:
        self.now_us += FRAME_US
        return self.hosts[region].tick(self.now_us, frames or [], None)

    def run(self, ticks: int = 200) -> None:
        """Let both regions tick with a network that delivers everything."""
        inbox: dict[str, list[tuple[str, bytes]]] = {"west": [], "east": []}
        for _ in range(ticks):
            for region in ("west", "east"):
                arrived, inbox[region] = inbox[region], []
                for destination, frame in self.tick(region, arrived):
                    inbox[destination].append((region, frame))

    def limit(self, region: str, pages_max: int) -> None:
        """Make the region's disk so full, or so empty again."""
        self.stores[region]._database.execute(f"PRAGMA max_page_count = {pages_max}")

    def fill_disk(self, region: str) -> None:
        """Leave no room, not even inside the pages that are there."""
        self.limit(region, 1)
        self.hosts[region].command(("create", "west:" + "x" * 3_000))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """West and east, and a rocket in the west."""
    world = World(tmp_path)
    world.hosts["west"].command(("create", "west:1"))
    world.tick("west")
    yield world
    for store in world.stores.values():
        store.close()


def test_object_crosses_and_is_in_one_place(world: World) -> None:
    """After a hand-over the object is in the destination's store and no longer in the source's."""
    world.hosts["west"].command(("send", "west:1", "east"))
    world.run()
    assert [world.kernels[region].names for region in ("west", "east")] == [set(), {"west:1"}]


def test_object_is_there_after_a_crash_of_both(world: World) -> None:
    """What crossed is in the files: both processes may die."""
    world.hosts["west"].command(("send", "west:1", "east"))
    world.run()
    world.crash("west")
    world.crash("east")
    assert [world.kernels[region].names for region in ("west", "east")] == [set(), {"west:1"}]


def test_answer_comes_after_the_commit(world: World) -> None:
    """Who gave a command hears that it is done when its tick is in the store, not earlier."""
    ticks: list[int] = []
    world.hosts["west"].command(("create", "west:2"), lambda: ticks.append(world.stores["west"].last_tick()))
    before = world.stores["west"].last_tick()
    world.tick("west")
    assert [before + 1] == ticks


def test_quiet_tick_writes_nothing(world: World) -> None:
    """A tick in which nothing changed costs no transaction."""
    before = world.stores["west"].statistics().commits
    world.tick("west")
    assert before == world.stores["west"].statistics().commits


def departed(world: World) -> list[tuple[str, bytes]]:
    """What east sends when the rocket has just arrived there."""
    world.hosts["west"].command(("send", "west:1", "east"))
    frames: dict[str, list[tuple[str, bytes]]] = {"west": [], "east": []}
    for _ in range(20):
        for region, other in (("west", "east"), ("east", "west")):
            frames[other] = [(region, frame) for _, frame in world.tick(region, frames[region])]
            if region == "east" and world.kernels["east"].names:
                return frames["west"]
    raise AssertionError("it has not crossed")


def test_what_was_only_noted_waits_for_a_later_commit(world: World) -> None:
    """The end of a crossing costs no commit of its own; until it is written down it is not acknowledged."""
    accepted = departed(world)
    west, store = world.hosts["west"], world.stores["west"]
    before = store.statistics().commits
    west.tick(world.now_us + 1, accepted, None, may_wait=True)
    assert before == store.statistics().commits
    assert ("outbox", "east|0000000000000001") in store.load()
    west.tick(world.now_us + 2, [], None)
    assert before + 1 == store.statistics().commits
    assert not [key for key in store.load() if key[0] == "outbox"]


def test_what_was_noted_and_lost_comes_again(world: World) -> None:
    """A crash before that commit: the neighbour says it again, and nothing is lost or doubled."""
    accepted = departed(world)
    world.hosts["west"].tick(world.now_us + 1, accepted, None, may_wait=True)
    world.crash("west")
    world.run()
    assert (set(), {"west:1"}) == (world.kernels["west"].names, world.kernels["east"].names)
    assert 0 == world.kernels["west"].exchange.statistics().objects_out


def test_a_message_does_not_wait(world: World) -> None:
    """What has to leave is committed at once, whatever follows."""
    before = world.stores["west"].statistics().commits
    world.hosts["west"].command(("tell", "west:1", "east:1", "hello"))
    sent = world.hosts["west"].tick(world.now_us + 1, [], None, may_wait=True)
    assert before + 1 == world.stores["west"].statistics().commits
    assert ["east"] == [destination for destination, _ in sent]


def test_time_of_the_last_commit_is_kept(world: World, tmp_path: Path) -> None:
    """A region that starts again knows when it was last there."""
    world.crash("west")
    assert world.now_us == world.hosts["west"].last_now_us


def test_time_of_the_last_tick_is_kept_when_a_region_is_closed(world: World) -> None:
    """Also where that tick had nothing to write."""
    for _ in range(50):
        world.tick("west")
    closed_us = world.now_us
    world.hosts["west"].close()
    world.open("west")
    assert closed_us == world.hosts["west"].last_now_us


def test_full_disk_stops_the_region_and_says_so(world: World) -> None:
    """Without room the region stands still, with the reason; it lets out only that it takes nothing more."""
    world.fill_disk("west")
    answers: list[str] = []
    world.hosts["west"].command(("send", "west:1", "east"), lambda: answers.append("done"))
    frames = [decode_frame(frame) for _, frame in world.tick("west")]
    assert ([((), (), 0)], []) == ([(each.bodies, each.whispers, each.credits) for each in frames], answers)
    assert "no room to write the store of region west" in str(world.hosts["west"].stalled)


def test_room_again_writes_what_was_kept(world: World) -> None:
    """Once there is room the tick that was refused is committed, and everybody gets their answer."""
    answers: list[str] = []
    world.fill_disk("west")
    world.hosts["west"].command(("send", "west:1", "east"), lambda: answers.append("done"))
    world.tick("west")
    world.limit("west", 1 << 20)
    world.run()
    assert (None, ["done"], {"west:1"}) == (
        world.hosts["west"].stalled,
        answers,
        world.kernels["east"].names,
    )


def test_full_disk_takes_nothing_in(world: World) -> None:
    """What arrives while there is no room is left with its sender, and comes when there is."""
    world.hosts["east"].command(("create", "east:1"))
    world.tick("east")
    world.fill_disk("west")
    world.hosts["east"].command(("tell", "east:1", "west:1", "hello"))
    world.run(50)
    heard_while_full = list(world.kernels["west"].heard)
    world.limit("west", 1 << 20)
    world.run()
    assert (heard_while_full, world.kernels["west"].heard) == ([], ["hello"])


def test_events_are_heard_once_across_crashes(world: World) -> None:
    """Messages are heard once each and in order, though the receiver dies between any two ticks."""
    world.hosts["east"].command(("create", "east:1"))
    for number in range(5):
        world.hosts["east"].command(("tell", "east:1", "west:1", str(number)))
        world.run(3)
        world.crash("west")
    world.run()
    assert world.kernels["west"].heard == ["0", "1", "2", "3", "4"]


def test_nothing_is_seen_that_is_not_committed(world: World) -> None:
    """What a tick let its observers see is what the store holds."""
    world.hosts["east"].command(("create", "east:1"))
    world.hosts["east"].command(("tell", "east:1", "west:1", "hello"))
    world.run()
    world.crash("west")
    assert world.seen == world.kernels["west"].heard == ["hello"]


def test_lost_lease_is_raised(world: World) -> None:
    """A host whose region was claimed by another process stops."""
    world.stores["west"]._database.execute("UPDATE meta SET value = value + 1 WHERE name = 'epoch'")
    world.hosts["west"].command(("create", "west:2"))
    with pytest.raises(LeaseLost):
        world.tick("west")


def test_a_neighbour_of_a_full_region_keeps_its_mail_and_waits(world: World) -> None:
    """It is told at once, sends its one batch now and then, and everything comes when there is room."""
    world.hosts["east"].command(("create", "east:1"))
    world.run(5)
    world.fill_disk("west")
    for number in range(20):
        world.hosts["east"].command(("tell", "east:1", "west:1", str(number)))
        world.run(5)
    kept = world.hosts["east"]._exchange.statistics().outbox_len
    world.limit("west", 1 << 20)
    world.run()
    assert (20, [str(number) for number in range(20)]) == (kept, world.kernels["west"].heard)
    assert 0 == world.hosts["east"]._exchange.statistics().outbox_len


def test_acknowledgements_are_heard_while_the_disk_is_full(world: World) -> None:
    """What was sent before is forgotten as soon as there is room to write that down; nothing is sent twice."""
    world.hosts["east"].command(("create", "east:1"))
    world.run(5)
    world.hosts["west"].command(("tell", "west:1", "east:1", "hello"))
    frames = [("west", frame) for _, frame in world.tick("west")]
    world.fill_disk("west")
    world.tick("west")
    answers = [("east", frame) for _, frame in world.tick("east", frames)]
    world.tick("west", answers)
    world.limit("west", 1 << 20)
    world.run()
    assert ["hello"] == world.kernels["east"].heard
    assert [] == [key for key in world.stores["west"].load() if key[0] == "outbox"]


def test_a_held_region_runs_on_and_takes_nothing(world: World) -> None:
    """Its neighbour keeps what it sends, and it comes once, in order, when the region is released."""
    west, east = world.hosts["west"], world.hosts["east"]
    east.command(("create", "east:1"))
    world.run(5)
    west.hold(lambda: None)
    west.command(("create", "west:2"))
    for number in range(5):
        east.command(("tell", "east:1", "west:1", str(number)))
        world.run(10)
    kept = world.kernels["east"].exchange.statistics().outbox_len
    assert (5, [], {"west:1", "west:2"}) == (kept, world.kernels["west"].heard, world.kernels["west"].names)
    west.release()
    world.run()
    assert [str(number) for number in range(5)] == world.kernels["west"].heard


def test_a_region_holds_when_all_that_it_took_is_committed(world: World) -> None:
    """What it has taken and not written down would be acknowledged behind its copy."""
    accepted = departed(world)
    west, store = world.hosts["west"], world.stores["west"]
    west.tick(world.now_us + 1, accepted, None, may_wait=True)
    outboxes: list[list[RowKey]] = []
    west.hold(lambda: outboxes.append([key for key in store.load() if key[0] == "outbox"]))
    assert [] == outboxes
    west.tick(world.now_us + 2, [], None, may_wait=True)
    assert [[]] == outboxes


@pytest.mark.parametrize("full_first", [True, False], ids=["when told to hold", "at its next tick"])
def test_a_region_that_stands_still_writes_nothing_while_it_is_held(world: World, full_first: bool) -> None:
    """What it has taken is in no copy of its store, so it must not be acknowledged before all are copied."""
    west, store = world.hosts["west"], world.stores["west"]
    world.fill_disk("west")
    held: list[str] = []
    if full_first:
        world.tick("west")
    west.hold(lambda: held.append("held"))
    world.tick("west")
    world.limit("west", 1 << 20)
    before = store.last_tick()
    world.tick("west")
    assert (["held"], before, True) == (held, store.last_tick(), west.stalled is not None)
    west.release()
    world.tick("west")
    assert None is west.stalled
