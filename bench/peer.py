"""A peer at work: a process that measures one thing about another library each time it is asked.

The one idea: a peer runs in its own process, in the benchmarks' own environment, and takes its turns beside ours. Its
program is an ordinary script in `bench/peers`, written as that library's users would write it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.environment import PeerMissing, python_with

PROGRAMS = Path(__file__).parent / "peers"

SKIPPED: dict[str, str] = {}
"""Peers that could not be measured in this process, each with the reason."""


class Peer:
    """One process. `distribution`: what it needs installed; None for Python's own library."""

    def __init__(self, program: str, arguments: list[str], distribution: str | None) -> None:
        """Start it. Raises `PeerMissing`."""
        python = python_with(distribution) if distribution else sys.executable
        self._process = subprocess.Popen(
            [python, str(PROGRAMS / f"{program}.py"), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def sample(self) -> float:
        """Let it measure once. Raises `PeerMissing` if it has ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        try:
            self._process.stdin.write("\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # It has ended; what it said last follows.
        line = self._process.stdout.readline()
        if not line:
            words = self._process.stderr.read().strip().splitlines()
            raise PeerMissing(words[-1] if words else "its process ended without a word")
        return float(line)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


@contextmanager
def peers(
    program: str, names: Mapping[str, str | None], *arguments: object
) -> Iterator[dict[str, Callable[[], float]]]:
    """Start the peers of a program (names, and the distribution each needs) that can be measured here.

    Each has measured once already; those that can't go to `SKIPPED`. They end with the block.
    """
    with ExitStack() as stack:
        found: dict[str, Callable[[], float]] = {}
        for name, distribution in names.items():
            try:
                peer = Peer(program, [name, *map(str, arguments)], distribution)
                stack.callback(peer.close)
                peer.sample()
            except PeerMissing as missing:
                SKIPPED[name] = str(missing)
            else:
                found[name] = peer.sample
        yield found
