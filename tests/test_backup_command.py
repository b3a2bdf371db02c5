"""The command's part in a backup, with simulators that the test plays: nothing is kept that may not fit together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import simulator.backup
from simulator.backup import Backup
from simulator.backup_desk import BackupDesk
from simulator.config import World, build_world
from simulator.control import Answer, DoBackup, Refused, StepDone
from simulator.errors import ControlFailed
from simulator.keys import OPERATOR, ensure_keys

NAMES = ["west", "east"]


class Region:
    """A region that holds at once. `copying` is called while it is copied."""

    def __init__(self) -> None:
        self.holds = False
        self.copying: Callable[[], object] = lambda: None

    def hold(self, held: Callable[[], None]) -> None:
        self.holds = True
        held()

    def release(self) -> None:
        self.holds = False

    def backup(self, target: Path) -> None:
        target.write_text("copy")
        self.copying()


class Line:
    """The line to a simulator whose answers the test may see, and change by `answered`."""

    def __init__(self, name: str) -> None:
        self.name, self.region = name, Region()
        self.asked: list[str] = []
        self.heard = threading.Event()
        self.answered: Callable[[DoBackup, Answer], Answer | None] = lambda question, answer: answer
        self.start()

    def start(self) -> None:
        """Begin anew, as after a crash."""
        self.desk = BackupDesk(self.name, {self.name: self.region})

    def ask_once(self, question: DoBackup, timeout_s: float) -> Answer | None:
        self.asked.append(question.step)
        if question.step == "hold_on":
            self.heard.set()
        answers: list[Answer] = []
        self.desk.take(question, answers.append)
        return self.answered(question, answers[0])

    def close(self) -> None:
        """Nothing to hang up."""


class Grid:
    """Two simulators with a region each, and the command that makes a backup of them."""

    def __init__(self, world: World, folder: Path, lines: dict[str, Line]) -> None:
        self.lines, self.folder = lines, folder
        self.backup = Backup(world, folder)

    @property
    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    @property
    def held(self) -> list[bool]:
        return [line.region.holds for line in self.lines.values()]


@pytest.fixture
def grid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Grid:
    """West and east."""
    raw = {
        "simulators": {name: {"address": f"tcp://127.0.0.1:{7001 + n}"} for n, name in enumerate(NAMES)},
        "regions": {name: {"simulator": name, "corner": [256 * n, 0]} for n, name in enumerate(NAMES)},
    }
    world = build_world(raw, tmp_path / "world.toml")
    ensure_keys(world.keys_folder, [OPERATOR, *NAMES])
    lines = {name: Line(name) for name in NAMES}
    monkeypatch.setattr(simulator.backup, "ControlLine", lambda world, name: lines[name])
    monkeypatch.setattr(simulator.backup, "ANSWER_S_MAX", 0.05)
    monkeypatch.setattr(simulator.backup, "WORD_S", 0.01)
    return Grid(world, tmp_path / "copies", lines)


def test_all_hold_before_any_is_copied_and_until_all_are(grid: Grid) -> None:
    """And behind it everything runs on."""
    seen: list[list[bool]] = []
    for line in grid.lines.values():
        line.region.copying = lambda: seen.append(grid.held)
    made = grid.backup.make()
    assert ([grid.folder / "west.sqlite", grid.folder / "east.sqlite"], [False, False]) == (made, grid.held)
    assert [[True, True]] * 2 == seen


def test_who_has_copied_is_told_to_hold_on(grid: Grid) -> None:
    """For as long as another one copies."""
    waited: list[bool] = []
    grid.lines["east"].region.copying = lambda: waited.append(grid.lines["west"].heard.wait(10))
    grid.backup.make()
    assert [True] == waited


def test_a_simulator_that_died_behind_its_copy_spoils_the_backup(grid: Grid) -> None:
    """The next process took messages while another region was copied still."""
    west, east = grid.lines["west"], grid.lines["east"]

    def dies_when_copied(question: DoBackup, answer: Answer) -> Answer:
        if question.step == "copy":
            east.start()
        return answer

    east.answered = dies_when_copied
    with pytest.raises(
        ControlFailed, match="made no backup: simulator east does not hold for this backup any more"
    ):
        grid.backup.make()
    assert (False, ["east.sqlite.unfinished"]) == (west.region.holds, grid.files)


def test_one_that_fails_makes_all_drop_theirs(grid: Grid) -> None:
    """Nothing is left of it, and all run on."""
    grid.lines["east"].answered = lambda question, answer: (
        Refused("no room") if question.step == "copy" else answer
    )
    with pytest.raises(ControlFailed, match="simulator east made no backup: no room"):
        grid.backup.make()
    assert ([False, False], []) == (grid.held, grid.files)


def test_a_user_who_stops_the_command_leaves_nothing(grid: Grid) -> None:
    """Ctrl-C while others copy."""

    def stop(question: DoBackup, answer: Answer) -> Answer:
        if question.step == "copy":
            raise KeyboardInterrupt
        return answer

    grid.lines["east"].answered = stop
    with pytest.raises(KeyboardInterrupt):
        grid.backup.make()
    assert ([False, False], []) == (grid.held, grid.files)


def test_an_answer_to_an_earlier_question_is_none(grid: Grid) -> None:
    """It came late, and says nothing of the step that is asked for now."""
    grid.lines["west"].answered = lambda question, answer: (
        StepDone(question.turn - 1) if question.step == "hold_on" else answer
    )
    with pytest.raises(ControlFailed, match="simulator west gave no answer"):
        grid.backup.make()
    assert [] == grid.files


def test_a_part_that_is_kept_is_told(grid: Grid) -> None:
    """A simulator that dies at the very end leaves a folder that is of no use."""
    grid.lines["east"].answered = lambda question, answer: None if question.step == "keep" else answer
    with pytest.raises(
        ControlFailed,
        match=r"simulator east gave no answer .*/copies holds a part only, remove it",
    ):
        grid.backup.make()
