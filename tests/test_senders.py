"""Microthreads that send where there is no room: they wait, and nothing of what they do with it is lost or doubled."""

from __future__ import annotations

import pytest

from migrate.limits import PAIR_WINDOW_LEN_MAX
from migrate.pairs import CONTROL_EVENTS
from simulator.commands import KillScripts, ResetScripts
from simulator.world.items import Notecard
from tests.regions import Grid

READER = """
class Reader(Script):
    got = ()

    def on_start(self):
        self.got = []

    def on_message(self, sender, payload):
        self.got.append(payload)
        return payload
"""
WRITER = """
class Writer(Script):
    sent = beats = 0
    reader = ObjectRef("east:1")

    def on_start(self):
        self.spawn(self.beat)
        letter = [0]
        while self.sent < {letters}:
            self.send(self.reader, letter)
            self.sent += 1
            letter[0] = self.sent
        self.letter = letter

    def beat(self):
        while True:
            self.sleep(0.1)
            self.beats += 1

    def on_touch(self, toucher):
        self.log("touched")
"""
LETTERS = 300


@pytest.fixture
def grid() -> Grid:
    """Three regions in a row, with a reader in the middle one."""
    grid = Grid("west", "east", "north", layout=LAYOUT)
    grid.rez(READER, region="east", position=(150, 50, 0))
    return grid


LAYOUT = {
    "west": ((0.0, 0.0), (100.0, 100.0)),
    "east": ((100.0, 0.0), (100.0, 100.0)),
    "north": ((0.0, 100.0), (100.0, 100.0)),
}


def away(grid: Grid, letters: int = LETTERS, **where: object) -> str:
    """A writer whose reader's region has just gone."""
    grid.down.add("east")
    writer = grid.rez(WRITER.format(letters=letters), name="writer", **where)  # type: ignore[arg-type]  # as rez has them
    grid.run(1.0)
    return writer


def come_back(grid: Grid, writer: str, seconds: float = 6.0) -> None:
    """The reader's region is back; everything is read."""
    grid.down.clear()
    grid.run(seconds)
    assert LETTERS == grid.state(writer)["sent"]


def read(grid: Grid) -> list[int]:
    """What the reader has got."""
    return [number for (number,) in grid.state("east:1")["got"]]


def test_a_sender_without_room_is_suspended(grid: Grid) -> None:
    """It stands at its call; the script's other microthreads and the region go on."""
    writer = away(grid)
    state = grid.state(writer)
    assert (PAIR_WINDOW_LEN_MAX, None) == (state["sent"], grid.object(writer).outgoing)
    assert state["beats"] > 5
    assert grid.fails(writer) is None


def test_what_waits_for_an_hour_is_bounded_and_comes(grid: Grid) -> None:
    """However long the neighbour is away; then every letter is read, once and in order, as it was when it was sent."""
    writer = away(grid)
    before = grid["west"].exchange.statistics()
    for _ in range(3_600):
        grid.now_us += 1_000_000
        grid.tick()
    after = grid["west"].exchange.statistics()
    assert before.outbox_len <= after.outbox_len <= before.outbox_len + CONTROL_EVENTS
    come_back(grid, writer)
    assert list(range(LETTERS)) == read(grid)


def test_a_suspended_sender_is_saved(grid: Grid) -> None:
    """After a crash it waits at the same call, and the letter in its hand is not lost or sent twice."""
    writer = away(grid)
    for _ in range(3):
        grid["west"].crash()
        grid.run(0.2)
    come_back(grid, writer)
    assert list(range(LETTERS)) == read(grid)


def test_a_suspended_sender_travels(grid: Grid) -> None:
    """It goes on sending from the region that it came to."""
    writer = away(grid, velocity=(0, 40, 0))
    grid.run(1.0)
    assert writer in grid["north"].region.objects
    assert PAIR_WINDOW_LEN_MAX == grid.state(writer)["sent"]
    come_back(grid, writer)
    assert list(range(LETTERS)) == read(grid)


def test_a_suspended_sender_is_restored_everywhere(grid: Grid) -> None:
    """Written down, dropped and restored behind every frame, it sends the same."""
    writer = away(grid)
    grid.down.clear()
    for _ in range(300):
        grid.tick()
        for one in grid.regions.values():
            one.region.renew()
    assert LETTERS == grid.state(writer)["sent"]
    assert list(range(LETTERS)) == read(grid)


@pytest.mark.parametrize("command", [KillScripts, ResetScripts])
def test_what_a_sender_holds_goes_with_it(grid: Grid, command: type) -> None:
    """Killed or reset while it waits, it never sends the letter in its hand."""
    writer = away(grid)
    grid["west"].host.command(command(writer))
    grid.run(0.1)
    if command is ResetScripts:
        grid["west"].host.command(KillScripts(writer))
    grid.down.clear()
    grid.run(4.0)
    assert list(range(PAIR_WINDOW_LEN_MAX)) == read(grid)


def test_senders_of_many_objects_share_the_room() -> None:
    """Whoever waits gets its turn; none is forgotten."""
    grid = Grid("west", "east", "north", layout=LAYOUT)
    grid.rez(READER, region="east", position=(150, 50, 0))
    grid.down.add("east")
    writers = [grid.rez(WRITER.format(letters=70)) for _ in range(8)]
    grid.run(0.5)
    grid.down.clear()
    grid.run(6.0)
    assert [70] * 8 == [grid.state(writer)["sent"] for writer in writers]


def full(grid: Grid, source: str) -> str:
    """An object that asks when as much is under way as may be."""
    grid.down.add("east")
    box = grid.rez(source, name="asker")
    grid.run(1.0)
    return box


HESITANT = """
class Hesitant(Script):
    answer = None

    def on_start(self):
        for number in range(64):
            self.send(ObjectRef("east:1"), number)
        question = ["ask"]
        self.spawn(self.change, question)
        try:
            self.answer = self.ask(ObjectRef("east:1"), question, {timeout_s})
        except NoAnswer as error:
            self.answer = str(error)

    def change(self, question):
        self.sleep(0.2)
        question.append("changed")
"""


def test_a_question_without_room_waits_too(grid: Grid) -> None:
    """It is asked once when there is room, as it was when it was meant; its answer comes."""
    box = full(grid, HESITANT.format(timeout_s=60))
    assert grid.state(box)["answer"] is None
    grid["west"].crash()
    grid.down.clear()
    grid.run(3.0)
    assert ["ask"] == grid.state(box)["answer"]
    assert [*range(64), ["ask"]] == grid.state("east:1")["got"]


def test_a_question_that_never_found_room_is_over_in_time(grid: Grid) -> None:
    """Its time counts from the call; it is not asked afterwards."""
    box = full(grid, HESITANT.format(timeout_s=0.5))
    assert "ask: no answer within 0.5 s." == grid.state(box)["answer"]
    grid.down.clear()
    grid.run(3.0)
    assert list(range(64)) == grid.state("east:1")["got"]


GIVER = """
class Giver(Script):
    done = False

    def on_start(self):
        self.spawn(self.present)

    def present(self):
        for number in range(64):
            self.send(ObjectRef("east:1"), number)
        try:
            self.give(ObjectRef("east:1"), "guide")
        except ScriptError as error:
            self.log(str(error))
        self.done = True

    def on_touch(self, toucher):
        self.object.contents.remove("guide")
"""


def test_a_gift_without_room_waits_too(grid: Grid) -> None:
    """It is given when there is room."""
    grid.down.add("east")
    box = grid.rez(GIVER, contents=(("guide", Notecard("Turn left.")),))
    grid.run(1.0)
    assert not grid.state(box)["done"]
    grid["west"].crash()
    grid.down.clear()
    grid.run(3.0)
    assert ["guide"] == list(grid.object("east:1").contents)


def test_a_gift_that_is_gone_meanwhile_is_refused(grid: Grid) -> None:
    """At the author's line: it was taken out while it waited."""
    grid.down.add("east")
    box = grid.rez(GIVER, contents=(("guide", Notecard("Turn left.")),))
    grid.run(0.5)
    grid.touch(box)
    grid.run(0.5)
    grid.down.clear()
    grid.run(3.0)
    assert "give: there is no 'guide' in 'box'; it holds nothing." in [text for _, text in grid["west"].told]
