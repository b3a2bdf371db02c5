"""Keeps a world's simulator processes running on this machine.

The one idea: a simulator is an interchangeable process, so whatever dies is simply started again and
carries on from its last commit. A process that ends with `EXIT_REFUSED` has said why it cannot run (a port
in use, a region held by another process); starting it again would not help, so it stays down and the others
carry on.

It does not look inside a simulator. Whether one that lives also makes progress is for who asks it.
"""

from __future__ import annotations

import contextlib
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
        then = "and was started again" if self.restarted else "and stays down"
        if not self.restarted and self.status not in (0, EXIT_REFUSED):
            then += f", having ended {RESTARTS_MAX + 1} times within {RESTART_WINDOW_S:g} s"
        return f"simulator {self.simulator} {how_it_ended(self.status)} {then}" + (
            f": {self.last_words}" if self.last_words else ""
        )


def how_it_ended(status: int) -> str:
    """Say what an exit status means, as part of a sentence."""
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return "can't run" if status == EXIT_REFUSED else f"ended with status {status}"


@dataclass(slots=True)
class _Child:
    """A process. `begun`: the reading end of a pipe into which it writes when it has begun."""

    process: subprocess.Popen[bytes]
    begun: int
    has_begun: bool = False
    starts: deque[float] = field(default_factory=lambda: deque(maxlen=RESTARTS_MAX))

    def look(self) -> bool:
        """Whether it has begun."""
        if not self.has_begun:
            with contextlib.suppress(BlockingIOError):
                self.has_begun = bool(os.read(self.begun, 1))
        return self.has_begun


class Supervisor:
    """Starts, watches, restarts and stops the simulators of a world."""

    def __init__(self, world: World, log_folder: Path | None = None, *, quiet: bool = False) -> None:
        """With a log folder each simulator writes to `NAME.log` there, else to our standard error. `quiet`: leave
        what scripts say and log out of it.
        """
        self._world, self._quiet = world, quiet
        self._log_folder = log_folder
        self._children: dict[str, _Child] = {}

    def start(self) -> None:
        """Start every simulator of the world that is not running."""
        for name in self._world.simulators:
            if name not in self._children:
                self._children[name] = _Child(*self._spawn(name))

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

    def kept(self) -> list[str]:
        """Return the simulators that are alive, or that the next `watch` looks after."""
        return list(self._children)

    def begun(self) -> list[str]:
        """Return the simulators that have opened all they need and tick, or did so until they ended."""
        return [name for name, child in self._children.items() if child.look()]

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
        for child in self._children.values():
            os.close(child.begun)
        self._children.clear()
        return statuses

    def _bury(self, name: str) -> Ended:
        child = self._children[name]
        status, words = child.process.returncode, self._last_words(name)
        now = time.monotonic()
        too_often = len(child.starts) == RESTARTS_MAX and now - child.starts[0] < RESTART_WINDOW_S
        restart = status not in (0, EXIT_REFUSED) and not too_often
        os.close(child.begun)
        if restart:
            child.starts.append(now)
            child.process, child.begun = self._spawn(name)
            child.has_begun = False
        else:
            del self._children[name]
        return Ended(name, status, words, restart)

    def _spawn(self, name: str) -> tuple[subprocess.Popen[bytes], int]:
        """Start a process; return it, and where it tells that it has begun."""
        begun, tell = os.pipe()
        os.set_blocking(begun, False)
        command = [sys.executable, "-m", "simulator.cli", "simulator", "--world", str(self._world.path)]
        command += ["--name", name, "--hop-every", str(self._world.limits.hop_every)]
        command += ["--parent", str(os.getpid()), "--begun", str(tell)]
        command += ["--quiet"] if self._quiet else []
        log = self._open_log(name)
        try:
            # A session of its own: Ctrl-C reaches the supervisor alone, which then stops its children in
            # order.
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stderr=log, start_new_session=True, pass_fds=(tell,)
            )
        finally:
            os.close(tell)
            if log is not None:
                log.close()
        return process, begun

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
