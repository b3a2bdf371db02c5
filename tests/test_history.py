"""What `gossamer sim --seed` tells of the way to a violation."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from migrate.handoff import State
from migrate.messages import FRAME_VERSION, Echo, Event, Frame, Member, Transfer, encode_frame, encode_message
from migrate.rows import HandRow, LinkRow, encode_row
from simulator.cli.sim import command
from simulator.simulation import explain_seed, run_seed
from simulator.simulation.history import LINES_MAX, History
from simulator.simulation.mutants import mutated
from simulator.simulation.oracle import Oracle


class Clock:
    """A history's clock that a test sets."""

    now_us = 1_000_000

    def __call__(self) -> int:
        return self.now_us


@pytest.fixture
def clock() -> Clock:
    """The clock of `history`."""
    return Clock()


@pytest.fixture
def history(clock: Clock) -> History:
    """Nothing has happened yet."""
    made = History()
    made.now = clock
    return made


def frame(src: str, dst: str, *bodies: bytes) -> bytes:
    return encode_frame(Frame(FRAME_VERSION, src, 1, dst, 1, 0, 8, 7, bodies, ()))


def event(sender: str, receiver: str) -> bytes:
    return encode_message(Event(receiver, sender, 1, 4, "r0", b""))


TRANSFER = encode_message(Transfer((Member("r0:2", 3, None),), b"", ()))


def test_a_seed_shows_what_led_there() -> None:
    """The commit that lost the object is the last line; before it, its way there, and the faults beside it."""
    result = CliRunner().invoke(command, ["--seed", "2", "--mutant", "sync-now-and-then"])
    lines = result.output.splitlines()
    assert "seed 2: Violation: r0:2: 0 owners and transfers under way instead of 1" == lines[0]
    story = lines[2:-1]
    assert 2 < len(story) <= LINES_MAX
    assert "r0:2 is TOMB to r3" in story[-1]
    assert any("TRANSFER r0:2" in line for line in story)
    assert any("dies while sending" in line for line in story)
    assert 1 == result.exit_code


def test_the_machine_readable_line_has_the_story_too() -> None:
    """One list of lines; a seed that holds has none."""
    arguments = ["--seed", "2", "--mutant", "sync-now-and-then", "--json"]
    told = json.loads(CliRunner().invoke(command, arguments).output)
    held = json.loads(CliRunner().invoke(command, ["--seed", "2", "--json"]).output)
    assert explain_seed(2, mutant="sync-now-and-then") == told["history"]
    assert ("Violation: r0:2: 0 owners and transfers under way instead of 1", []) == (
        told["first_violation"],
        held["history"],
    )


def test_taking_notes_changes_nothing() -> None:
    """A seed is the same run with a history as without one."""
    assert [run_seed(seed) for seed in range(5)] == [run_seed(seed, history=History()) for seed in range(5)]


def test_only_what_concerns_an_object_is_shown(history: History) -> None:
    """Of a frame, what it says of the object."""
    history.frame("r0", "r1", frame("r0", "r1", TRANSFER, event("r0:5", "r1:1")), [1_020_000, 1_030_000])
    history.frame("r0", "r2", frame("r0", "r2", event("r0:5", "r1:1")), [])
    assert ["1.000 s  r0 to r1, there at 1.020 s, 1.030 s: 7 TRANSFER r0:2 gen 3"] == history.about(
        "r0:2: lost"
    )


def test_of_mail_only_what_is_between_the_two(history: History) -> None:
    """Where a violation names two objects, their mail with others is left out."""
    other = encode_message(Echo("r1:1", "r0:5", 1, 2))
    history.frame("r0", "r1", frame("r0", "r1", event("r0:2", "r1:1"), other), [])
    assert ["1.000 s  r0 to r1, lost: 7 EVENT r0:2 to r1:1 4 of chain 1"] == history.about(
        "r1:1: event of r0:2"
    )


def test_a_link_is_shown_where_no_object_is_named(history: History) -> None:
    """What goes over it either way, and what is written of it."""
    history.frame("r0", "r1", frame("r0", "r1"), None)
    history.commit("r1", 2, {}, {("link", "r0"): encode_row(LinkRow(0, 7, 1))})
    history.commit("r1", 2, {}, {("link", "r2"): encode_row(LinkRow(0, 9, 1))})
    assert [
        "1.000 s  r0 to r1, cut off: acknowledges up to 0",
        "1.000 s  r1 commits in epoch 2: has taken up to 7 from r0",
    ] == history.about("r1: acknowledges 8 to r0")


def test_faults_of_regions_that_were_concerned_are_shown(history: History, clock: Clock) -> None:
    """Those since the first line; what befell other regions, or was before, is left out."""
    history.fault("r0: early", "r0")
    clock.now_us += 1000
    history.commit("r0", 1, {}, {("hand", "r0:2"): encode_row(HandRow(State.OUT, 3, "r1"))})
    history.fault("r0: process 1 dies", "r0")
    history.fault("r2: process 3 dies", "r2")
    history.fault("the directory is down")
    assert [
        "1.001 s  r0 commits in epoch 1: r0:2 is OUT to r1, gen 3",
        "1.001 s  r0: process 1 dies",
        "1.001 s  the directory is down",
    ] == history.about("r0:2: lost")


def test_what_is_said_again_is_shown_once(history: History, clock: Clock) -> None:
    """A link that repairs itself for ever leaves room for what came before."""
    for _ in range(100):
        clock.now_us += 1000
        history.frame("r0", "r1", frame("r0", "r1", TRANSFER), [clock.now_us])
    assert [
        "1.001 s  r0 to r1, there at 1.001 s: 7 TRANSFER r0:2 gen 3 (100 times, until 1.100 s)"
    ] == history.about("r0:2")


def test_a_long_story_shows_its_end(history: History, clock: Clock) -> None:
    """Some thirty lines, the last that happened last."""
    for gen in range(1, 100):
        clock.now_us += 1000
        history.commit("r0", 1, {}, {("hand", "r0:2"): encode_row(HandRow(State.OWNED, gen))})
    lines = history.about("r0:2")
    assert (LINES_MAX, "1.099 s  r0 commits in epoch 1: r0:2 is OWNED, gen 99") == (len(lines), lines[-1])


def test_an_error_of_the_product_is_told_by_its_region() -> None:
    """Which region it was, and whether in a tick or when it began from its store."""
    with mutated("riders-left-behind"):
        broken = run_seed(1).violation or ""
    assert "Violation: r" == broken[:12]
    assert "broke down: HandoffError: ASK of object r1:1, which is TOMB here" in broken


@pytest.mark.parametrize(
    ("seed", "expected"),
    [
        (9, "Violation: r3: message 2 to r0 is deleted where 1 is due"),
        (16, "Violation: r2: message 18 to r0 is committed where 17 is due"),
    ],
)
def test_a_torn_outbox_is_told_by_the_commit_that_tore_it(seed: int, expected: str) -> None:
    """Messages are posted and deleted one after the other; nobody waits until a process can't begin from such rows."""
    with mutated("torn-commit"):
        assert expected == run_seed(seed).violation


def test_a_store_that_nothing_can_begin_from_is_told_by_its_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no check of a commit has found it before."""
    monkeypatch.setattr(Oracle, "_follows", lambda *_: None)
    with mutated("torn-commit"):
        broken = run_seed(9).violation
    assert "Violation: r3 can't continue from its store: AssertionError: outbox r0: 3 follows 1" == broken
