"""A real simulator that is killed and started again: what its scripts see of it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simulator.row_records import ClockRow, read_row
from simulator.store.reading import read_store
from tests.simulators import Simulators, running, wait_for, write_script

KILLS = 4  # beyond five in a row a supervisor gives up

WORKER = """
class Worker(Script):
    fired = rounds = 0

    def on_start(self):
        self.spawn(self.count)
        self.spawn(self.nap)
        self.after(2.5, self.once)
        self.every(0.1)

    def on_timer(self, timer):
        self.fired += 1
        self.log(f"fired {self.fired}, round {self.rounds}")

    def once(self):
        self.log("once")

    def nap(self):
        self.sleep(2.0)
        self.log("awake")

    def count(self):
        while True:
            self.rounds += 1

    def on_region_start(self, away_s):
        self.log(f"away {away_s:.2f}")
"""

QUIET = """
class Quiet(Script):
    def on_region_start(self, away_s):
        self.log(f"away {away_s:.2f}")

    def on_touch(self, toucher):
        self.log("touched")
"""


@contextmanager
def world_with(folder: Path, name: str, source: str) -> Iterator[Simulators]:
    """A simulator with one object."""
    write_script(folder, f"{name}.py", source)
    thing: dict[str, Any] = {"region": "west", "position": [10.0, 10.0, 0.0], "script": f"{name}.py"}
    with running(folder, ["west"], {name: thing}) as simulators:
        wait_for(lambda: simulators.region("west").objects)
        yield simulators


def numbers(simulators: Simulators, what: str) -> list[float]:
    """The numbers behind a word in the log, in their order."""
    return [float(number) for number in re.findall(rf'text=".*\b{what} ([0-9.]+)', simulators.log("west"))]


def kill(simulators: Simulators, away_s: float) -> None:
    """SIGKILL; after a while it is started again. Waits until its scripts know."""
    known = len(numbers(simulators, "away"))
    simulators.supervisor.kill("west")
    until = time.monotonic() + away_s
    wait_for(lambda: time.monotonic() >= until)  # the real clock is what this is about
    simulators.supervisor.watch()
    wait_for(lambda: len(numbers(simulators, "away")) == known + 1)


def test_nothing_is_done_twice_after_a_kill(tmp_path: Path) -> None:
    """Timers, loops, sleeps: what was seen once is never seen again, and nothing stands still."""
    with world_with(tmp_path, "worker", WORKER) as simulators:
        for number in range(KILLS):
            fired = len(numbers(simulators, "fired"))
            wait_for(lambda fired=fired: len(numbers(simulators, "fired")) > fired + 3)
            kill(simulators, 0.05 * number)
        wait_for(lambda: "once" in simulators.log("west") and "awake" in simulators.log("west"))
        fired, rounds = numbers(simulators, "fired"), numbers(simulators, "round")
        assert sorted(set(fired)) == fired
        assert sorted(set(rounds)) == rounds
        # A line that was committed and not written before the kill is missing; the timer has fired all the same.
        assert fired[-1] - len(fired) <= KILLS
        assert (1, 1) == (
            simulators.log("west").count("text=once"),
            simulators.log("west").count("text=awake"),
        )


def test_scripts_are_told_how_long_their_region_was_away(tmp_path: Path) -> None:
    """From its last sign of life to its next: no less than it was away, no more than passed since it was seen."""
    with world_with(tmp_path, "worker", WORKER) as simulators:
        passed_s = []
        for away_s in (0.2, 1.7):
            began_s, fired = time.monotonic(), len(numbers(simulators, "fired"))
            # The first line may have been on its way: the second was written after this began.
            wait_for(lambda fired=fired: len(numbers(simulators, "fired")) > fired + 1)
            kill(simulators, away_s)
            passed_s.append(time.monotonic() - began_s)
        short, long = numbers(simulators, "away")
        assert (True, True) == (0.2 <= short <= passed_s[0], 1.7 <= long <= passed_s[1])


TALKER = """
class Talker(Script):
    def on_start(self):
        while True:
            self.sleep(0.1)
            found = self.sense(radius=20.0)
            if found:
                self.send(found[0].ref, "hello")
"""


def test_a_store_that_was_put_back_alone_is_noticed(tmp_path: Path) -> None:
    """Its neighbour knows more of it than it does: the log says so, and what to do."""
    write_script(tmp_path, "talker.py", TALKER)
    things: dict[str, Any] = {
        region: {"region": region, "position": [x, 10.0, 0.0], "script": "talker.py"}
        for region, x in (("west", 95.0), ("east", 5.0))
    }
    with running(tmp_path, ["west", "east"], things) as simulators:
        store = simulators.world.store_folder / "west.sqlite"
        wait_for(lambda: simulators.region("west").exchange["events_delivered"])
        simulators.supervisor.stop()
        kept = store.read_bytes()
        simulators.supervisor.start()
        wait_for(lambda: simulators.region("west").exchange["events_delivered"])
        simulators.supervisor.stop()
        store.write_bytes(kept)
        simulators.supervisor.start()
        wait_for(lambda: "neighbours know a later state" in simulators.log("west"))


def test_an_idle_region_knows_when_it_was_stopped(tmp_path: Path) -> None:
    """A while before in which nothing happened does not count."""
    with world_with(tmp_path, "quiet", QUIET) as simulators:
        simulators.supervisor.stop()
        rows = read_store(simulators.world.store_folder / "west.sqlite").rows
        simulators.supervisor.start()
        (away_s,) = wait_for(lambda: numbers(simulators, "away"))
        stopped = read_row(("host", "clock"), rows["host", "clock"], ClockRow).now_us / 1e6
        assert away_s <= time.time() - stopped
