"""`gossamer run` with real processes: what it says of its beginning, its end and all between is true."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulator.config import World
from tests.simulators import write_script, write_world

PATIENCE_S = 30.0
TALKER = """
class Talker(Script):
    def on_start(self):
        self.say("good morning")
        self.log("the first line")
"""
Run = Callable[..., "Running"]


class Running:
    """A run of a world, whose messages are read as they come."""

    def __init__(self, world: World, *options: str) -> None:
        command = [sys.executable, "-m", "simulator.cli", "run", str(world.path), *options]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self.heard: list[str] = []
        # A run that says nothing more ends, so that no test waits for ever.
        self.patience = threading.Timer(PATIENCE_S, self.process.kill)
        self.patience.start()

    def line(self, text: str) -> str:
        """The line that holds the text, which has come or will."""
        return next((line for line in self.heard if text in line), None) or self.until(text)

    def until(self, text: str) -> str:
        """Read on to the next line that holds the text."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.heard.append(line)
            if text in line:
                return line
        raise AssertionError(f"it ended without {text!r}: {''.join(self.heard)}")

    def stop(self) -> tuple[int, str]:
        """Press Ctrl-C; return the exit status and the last line."""
        self.process.send_signal(signal.SIGINT)
        return self.end()

    def end(self) -> tuple[int, str]:
        """Wait for the end; return the exit status and the last line."""
        self.heard += self.process.communicate(timeout=PATIENCE_S)[1].splitlines(keepends=True)
        return self.process.returncode, self.heard[-1].rstrip()


@pytest.fixture
def run() -> Iterator[Run]:
    """Begins runs and ends what a failed test leaves behind."""
    begun: list[Running] = []

    def begin(world: World, *options: str) -> Running:
        begun.append(Running(world, *options))
        return begun[-1]

    yield begin
    for each in begun:
        if each.process.poll() is None:
            each.process.terminate()
        each.process.communicate(timeout=PATIENCE_S)
        each.patience.cancel()


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A region with an object that talks."""
    write_script(tmp_path, "talker.py", TALKER)
    talker = {"region": "west", "position": [50.0, 50.0, 0.0], "script": "talker.py"}
    return write_world(tmp_path, ["west"], {"talker": talker})


def test_a_run_says_that_it_runs_when_it_does(world: World, run: Run) -> None:
    """First that it begins, then what scripts say and log, and at the end that all was committed."""
    running = run(world)
    running.until(f"{world.path} begins: west. Stop it with Ctrl-C.")
    running.until(f"{world.path} runs: west.")
    said, logged = running.line("good morning"), running.line("the first line")
    assert ["level=info", "event=says", "name=talker"] == [said.split()[index] for index in (1, 3, 6)]
    assert ("level=info", "script log") == (logged.split()[1], logged.split('"')[1])
    ending = f"Stopped after a last commit: west. Run {world.path} again and it carries on."
    assert (0, ending) == running.stop()


def test_a_quiet_run_leaves_the_talk_out(world: World, run: Run) -> None:
    """With --quiet the log is about the world only."""
    running = run(world, "--quiet")
    running.until("runs: west")
    running.stop()
    assert [] == [line for line in running.heard if "good morning" in line or "the first line" in line]


def test_an_early_end_is_no_failure(world: World, run: Run) -> None:
    """Whoever stops it at once is not told of commits that never were."""
    running = run(world)
    running.until("begins")
    status, ending = running.stop()
    assert (0, True) == (
        status,
        ending.startswith(("Stopped before beginning: west", "Stopped after a last commit")),
    )


def test_a_world_that_cannot_run_says_so(world: World, run: Run) -> None:
    """A port in use: its reason, and no word of a commit."""
    host, _, port = world.simulators["west"].address.removeprefix("tcp://").partition(":")
    with socket.create_server((host, int(port))):
        status, ending = run(world).end()
    assert (1, "Down, for the reason above: west.") == (status, ending)


def test_a_second_run_of_the_same_world_says_so(world: World, run: Run) -> None:
    """Another process holds the store; the first run is not disturbed."""
    first = run(world)
    first.until("runs: west")
    second = run(world)
    status, ending = second.end()
    assert (1, "Down, for the reason above: west.") == (status, ending)
    assert "is held by process" in "".join(second.heard)
    assert 0 == first.stop()[0]


def test_the_only_simulator_is_started_again(world: World, run: Run) -> None:
    """After a crash the world goes on, and its end is an ordinary one."""
    running = run(world)
    started = running.until("event=started")
    pid = re.search(r"pid=(\d+)", started)
    assert pid is not None
    subprocess.run(["kill", "-KILL", pid[1]], check=True)
    running.until("simulator west was killed by SIGKILL and was started again")
    running.until("event=started")
    status, ending = running.stop()
    assert (0, True) == (status, ending.startswith("Stopped after a last commit: west."))
