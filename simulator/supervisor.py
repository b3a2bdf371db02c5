"""Keeps a world's simulator processes running on this machine.

The one idea: a simulator is an interchangeable process, so whatever dies is simply started again and
carries on from its last commit. A process that ends with `EXIT_REFUSED` has said why it cannot run (a port
in use, a region held by another process); starting it again would not help, so it stays down and the others
carry on.

It does not look inside a simulator. Whether one that lives also makes progress is for who asks it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from simulator.config import World
from simulator.errors import EXIT_REFUSED

RESTARTS_MAX = 5  # in RESTART_WINDOW_S; more often means that starting again is no remedy
RESTART_WINDOW_S = 60.0
STOP_S_MAX = 10.0  # a last commit takes milliseconds; ten seconds is a broken disk


@dataclass(frozen=True, slots=True)
class Ended:
    """A simulator process that ended by itself: exit status as `subprocess` gives it, and last words."""

    simulator: str
    status: int
    last_words: str
    restarted: bool

    def __str__(self) -> str:
        killed = f"was killed by {signal.Signals(-self.status).name}" if self.status < 0 else ""
        how = killed or f"ended with status {self.status}"
        then = "and was started again" if self.restarted else "and stays down"
        return f"simulator {self.simulator} {how} {then}" + (
            f": {self.last_words}" if self.last_words else ""
        )


@dataclass(slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    starts: deque[float] = field(default_factory=lambda: deque(maxlen=RESTARTS_MAX))


class Supervisor:
    """Starts, watches, restarts and stops the simulators of a world."""

    def __init__(self, world: World, log_folder: Path | None = None) -> None:
        """With a log folder each simulator writes to `NAME.log` there, else to our standard error."""
        self._world = world
        self._log_folder = log_folder
        self._children: dict[str, _Child] = {}

    def start(self) -> None:
        """Start every simulator of the world that is not running."""
        for name in self._world.simulators:
            if name not in self._children:
                self._children[name] = _Child(self._spawn(name))

    def watch(self) -> list[Ended]:
        """Return which processes have ended since the last call, after starting again those that crashed."""
        ended = [name for name, child in self._children.items() if child.process.poll() is not None]
        return [self._bury(name) for name in ended]

    def pid(self, name: str) -> int:
        """Return the process id of a simulator."""
        return self._children[name].process.pid

    def running(self) -> list[str]:
        """Return the simulators that are alive."""
        return [name for name, child in self._children.items() if child.process.poll() is None]

    def kill(self, name: str) -> None:
        """End a simulator with SIGKILL, as a crash would; the next `watch` starts it again."""
        self._children[name].process.kill()
        self._children[name].process.wait()

    def stop(self) -> dict[str, int]:
        """Ask every simulator to commit and end, wait for them, and return their exit statuses."""
        for child in self._children.values():
            if child.process.poll() is None:
                child.process.terminate()
        until = time.monotonic() + STOP_S_MAX
        statuses = {name: _wait(child.process, until) for name, child in self._children.items()}
        self._children.clear()
        return statuses

    def _bury(self, name: str) -> Ended:
        child = self._children[name]
        status, words = child.process.returncode, self._last_words(name)
        now = time.monotonic()
        too_often = len(child.starts) == RESTARTS_MAX and now - child.starts[0] < RESTART_WINDOW_S
        restart = status not in (0, EXIT_REFUSED) and not too_often
        if restart:
            child.starts.append(now)
            child.process = self._spawn(name)
        else:
            del self._children[name]
        return Ended(name, status, words, restart)

    def _spawn(self, name: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "simulator.cli", "simulator", "--world", str(self._world.path)]
        command += [
            "--name",
            name,
            "--parent",
            str(os.getpid()),
            "--hop-every",
            str(self._world.limits.hop_every),
        ]
        log = self._open_log(name)
        try:
            # A session of its own: Ctrl-C reaches the supervisor alone, which then stops its children in
            # order.
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log, start_new_session=True)
        finally:
            if log is not None:
                log.close()

    def _open_log(self, name: str) -> IO[bytes] | None:
        if self._log_folder is None:
            return None
        self._log_folder.mkdir(parents=True, exist_ok=True)
        return (self._log_folder / f"{name}.log").open("ab")

    def _last_words(self, name: str) -> str:
        if self._log_folder is None:
            return ""
        lines = (self._log_folder / f"{name}.log").read_text(errors="replace").splitlines()
        return lines[-1] if lines else ""


def _wait(process: subprocess.Popen[bytes], until: float) -> int:
    try:
        return process.wait(max(0.0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
