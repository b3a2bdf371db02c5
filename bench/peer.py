"""A peer at work: a process that measures one thing about another library each time it is asked.

The one idea: a peer runs in its own process, in the benchmarks' own environment, and takes its turns beside ours. Its
program is an ordinary script in `bench/peers`, written as that library's users would write it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.environment import PeerMissing, python_with

PROGRAMS = Path(__file__).parent / "peers"

END_S_MAX = 10.0  # Ray takes some seconds to end its own processes

SKIPPED: dict[str, str] = {}
"""Peers that could not be measured in this process, each with the reason."""


class Peer:
    """One process. `needs`: the distributions it imports, apart by spaces; None if they are here anyway."""

    def __init__(self, program: str, arguments: list[str], needs: str | None) -> None:
        """Start it. Raises `PeerMissing`."""
        python = python_with(*needs.split()) if needs else sys.executable
        self._process = subprocess.Popen(
            [python, str(PROGRAMS / f"{program}.py"), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def sample(self) -> float:
        """Let it measure once. Raises `PeerMissing` if it has ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        with contextlib.suppress(BrokenPipeError):  # It has ended; what it said last follows.
            self._process.stdin.write("\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            words = self._process.stderr.read().strip().splitlines()
            raise PeerMissing(words[-1] if words else "its process ended without a word")
        return float(line)

    def close(self) -> None:
        """End the process, and whatever it has started."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):  # It is ended below.
            self._process.wait(END_S_MAX)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextmanager
def peers(
    program: str, names: Mapping[str, str | None], *arguments: object
) -> Iterator[dict[str, Callable[[], float]]]:
    """Start the peers of a program (names, and the distributions each needs) that can be measured here.

    All begin at once, and each has measured once already; those that can't go to `SKIPPED`. They end with the block.
    """
    with ExitStack() as stack:
        begun: dict[str, Peer] = {}
        for name, needs in names.items():
            with _noted(name):
                begun[name] = Peer(program, [name, *map(str, arguments)], needs)
                stack.callback(begun[name].close)
        found: dict[str, Callable[[], float]] = {}
        for name, peer in begun.items():
            with _noted(name):
                peer.sample()
                found[name] = peer.sample
        yield found


@contextmanager
def _noted(name: str) -> Iterator[None]:
    """A peer that can't be measured is no error."""
    try:
        yield
    except PeerMissing as missing:
        SKIPPED[name] = str(missing)
