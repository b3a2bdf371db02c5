"""A simulator's part in a backup: the order of its steps, what may be asked for twice, what stays behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.backup_desk import HOLD_S, BackupDesk
from simulator.control import Answer, BackupStep, DoBackup, Refused, StepDone
from simulator.errors import StoreFull


class Region:
    """A region that holds when the test says so."""

    def __init__(self) -> None:
        self.held: list[Callable[[], None]] = []
        self.holds = False
        self.copies = 0
        self.is_full = False

    def hold(self, held: Callable[[], None]) -> None:
        self.holds = True
        self.held.append(held)

    def release(self) -> None:
        self.holds = False

    def backup(self, target: Path) -> None:
        if self.is_full:
            raise StoreFull("no room")
        self.copies += 1
        target.write_text("copy")


class Desk:
    """The desk of a simulator with two regions, and a clock that the test moves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now_s = 1000.0
        self.west, self.east = Region(), Region()
        self.desk = BackupDesk("one", {"west": self.west, "east": self.east}, lambda: self.now_s)
        self.turn = 0

    def ask(self, step: BackupStep, backup: str = "first") -> list[Answer]:
        """The answers to a step, to which later ones may come."""
        answers: list[Answer] = []
        self.turn += 1
        self.desk.take(DoBackup(backup, step, str(self.folder), self.turn), answers.append)
        return answers

    def does(self, *steps: BackupStep) -> None:
        """Take steps, all of which are done."""
        for step in steps:
            answers = self.ask(step)
            if step == "hold":
                self.all_hold()
            assert [StepDone(self.turn)] == answers

    def all_hold(self) -> None:
        """All regions have committed what they took."""
        for region in (self.west, self.east):
            for held in region.held:
                held()
            region.held.clear()

    def files(self) -> list[str]:
        """What lies in the folder."""
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def reason(answers: list[Answer]) -> str:
    """Why a step was refused."""
    (refused,) = answers
    assert isinstance(refused, Refused)
    return refused.reason


def test_it_holds_when_all_its_regions_do(desk: Desk) -> None:
    """One that has not committed yet what it took keeps the answer back."""
    answers = desk.ask("hold")
    desk.west.held.pop()()
    assert [] == answers
    desk.east.held.pop()()
    assert [StepDone(1)] == answers


def test_copies_get_their_names_when_they_are_kept(desk: Desk) -> None:
    """Not before: another simulator may have failed. Then the regions go on."""
    desk.does("hold", "copy", "hold_on")
    assert ["east.sqlite.unfinished", "west.sqlite.unfinished"] == desk.files()
    assert desk.west.holds
    desk.does("keep")
    assert (["east.sqlite", "west.sqlite"], False) == (desk.files(), desk.west.holds)


def test_each_step_may_be_asked_for_twice(desk: Desk) -> None:
    """Its answer may have been lost; it is done once."""
    desk.does("hold", "hold", "copy", "copy", "hold_on", "hold_on", "keep", "keep", "drop", "drop")
    assert (1, ["east.sqlite", "west.sqlite"]) == (desk.west.copies, desk.files())


def test_what_is_dropped_leaves_nothing(desk: Desk) -> None:
    """The command has failed elsewhere, or its user has stopped it."""
    desk.does("hold", "copy", "drop")
    assert ([], False, False) == (desk.files(), desk.west.holds, desk.east.holds)


def test_a_hold_ends_when_the_command_is_silent(desk: Desk) -> None:
    """Regions go on, copies go, and whoever comes too late is told that the backup is none."""
    desk.does("hold", "copy")
    desk.now_s += HOLD_S + 1
    assert desk.desk.end_if_silent()
    assert ([], False) == (desk.files(), desk.west.holds)
    for step in ("hold", "hold_on", "copy", "keep"):
        assert "does not hold for this backup any more" in reason(desk.ask(step))
    assert not desk.west.holds


@pytest.mark.parametrize("word", ["hold_on", "copy"])
def test_a_word_of_the_command_prolongs_the_hold(desk: Desk, word: BackupStep) -> None:
    """Also the copying, which may take longer than a hold would last: nothing else happens meanwhile."""
    desk.does("hold")
    desk.now_s += HOLD_S + 1
    desk.does(word)
    desk.now_s += HOLD_S - 1
    assert not desk.desk.end_if_silent()


def test_nothing_ends_where_nothing_is_held(desk: Desk) -> None:
    """Before and behind a backup."""
    assert not desk.desk.end_if_silent()
    desk.does("hold", "copy", "keep")
    desk.now_s += HOLD_S + 1
    assert not desk.desk.end_if_silent()


@pytest.mark.parametrize("step", ["hold_on", "copy", "keep"])
def test_a_simulator_that_was_started_again_holds_no_more(desk: Desk, step: BackupStep) -> None:
    """It has taken what it liked since."""
    assert "does not hold for this backup any more" in reason(desk.ask(step))


@pytest.mark.parametrize(("before", "step"), [([], "copy"), (["hold"], "keep")])
def test_steps_out_of_order_are_refused(desk: Desk, before: list[BackupStep], step: BackupStep) -> None:
    """Who asks wrongly is told, and ends nothing."""
    desk.does(*before)
    if not before:
        desk.ask("hold")
    assert "too early" in reason(desk.ask(step))


def test_one_backup_at_a_time(desk: Desk) -> None:
    """Another one is told to wait, and does not end the first."""
    desk.does("hold")
    assert "another backup is under way" in reason(desk.ask("hold", "second"))
    assert [StepDone(desk.turn + 1)] == desk.ask("drop", "second")
    desk.does("copy", "keep")
    desk.folder /= "another"
    assert [] == desk.ask("hold", "second")
    assert desk.west.holds


def test_files_are_never_overwritten(desk: Desk) -> None:
    """Neither those that were there before, which is told before anything holds, nor those that have come since."""
    (desk.folder / "east.sqlite").write_text("precious")
    assert "exists already" in reason(desk.ask("hold"))
    assert not desk.west.holds
    (desk.folder / "east.sqlite").unlink()
    desk.does("hold", "copy")
    (desk.folder / "west.sqlite").write_text("precious")
    assert "exists already" in reason(desk.ask("keep"))
    assert "precious" == (desk.folder / "west.sqlite").read_text()


def test_what_an_earlier_backup_left_is_replaced(desk: Desk) -> None:
    """Its simulator was killed while it copied."""
    (desk.folder / "west.sqlite.unfinished").write_text("a part")
    desk.does("hold", "copy", "keep")
    assert "copy" == (desk.folder / "west.sqlite").read_text()


def test_a_copy_that_fails_is_told(desk: Desk) -> None:
    """With its reason, and the simulator lives on; the command drops the others then."""
    desk.does("hold")
    desk.east.is_full = True
    assert "no room" == reason(desk.ask("copy"))
    desk.does("drop")
    assert ([], False) == (desk.files(), desk.east.holds)


def test_a_folder_that_is_none_is_told(desk: Desk) -> None:
    """A file lies there, say; that once ended the simulator."""
    desk.folder /= "file"
    desk.folder.write_text("")
    assert "File exists" in reason(desk.ask("hold"))
    assert not desk.west.holds
