"""How a run of a world has ended: one truthful sentence for each kind of end.

The one idea: nobody is told that something was committed who can't know it. A simulator that ends with status
0 has committed its last tick; one that was told to stop before it had begun has done nothing; whatever else
happened is said as it is.
"""

from __future__ import annotations

import signal
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from simulator.supervisor import how_it_ended


@dataclass(frozen=True, slots=True)
class RunEnding:
    """`statuses`: of the simulators that were told to stop. `begun`: which had begun. `down`: which had ended
    before by themselves, and stayed down.
    """

    world_file: Path
    statuses: dict[str, int]
    begun: frozenset[str]
    down: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """Whether nothing went wrong: whoever stops a world early has stopped it all the same."""
        return not self.down and not self._broken

    @property
    def _committed(self) -> list[str]:
        return [name for name, status in self.statuses.items() if status == 0]

    @property
    def _not_begun(self) -> list[str]:
        early = self.statuses.keys() - self.begun
        return [name for name, status in self.statuses.items() if status == -signal.SIGTERM and name in early]

    @property
    def _broken(self) -> list[str]:
        good = {*self._committed, *self._not_begun}
        return [name for name in self.statuses if name not in good]

    def __str__(self) -> str:
        said = [f"{name} {how_it_ended(self.statuses[name])}." for name in self._broken]
        if self.down:
            said.append(f"Down, for the reason above: {_listed(self.down)}.")
        if self._not_begun:
            said.append(f"Stopped before beginning: {_listed(self._not_begun)}.")
        if self._committed:
            said.append(f"Stopped after a last commit: {_listed(self._committed)}.")
        if self._committed or self._broken:
            said.append(f"Run {self.world_file} again and it carries on.")
        return " ".join(said)


def _listed(names: Collection[str]) -> str:
    return ", ".join(names)
