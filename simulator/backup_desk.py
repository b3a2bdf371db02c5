"""A simulator's part in a backup: it holds its regions, copies their stores, and releases them.

The one idea: all regions of a world hold before the first is copied, and go on behind the last, so that no copy has
taken what another has not sent: docs/protocol.md says why that is enough. The command drives the steps, each of which
may be asked for twice. Where it falls silent, the hold ends by itself and the copies go; later steps are refused.

It trusts its caller like `control_desk`, and knows nothing of other simulators.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from simulator.control import Answer, BackupStep, DoBackup, Refused, StepDone
from simulator.errors import StoreError

HOLD_S = 60.0  # without a word of the command, which says one every few seconds; what crosses waits meanwhile
UNFINISHED = ".unfinished"


class HeldRegion(Protocol):
    """What a backup needs of a region."""

    def hold(self, held: Callable[[], None]) -> None:
        """Take nothing from neighbours; `held` is called when all that was taken before is committed."""

    def release(self) -> None:
        """Take messages again."""

    def backup(self, target: Path) -> None:
        """Write a copy of the store; raises `StoreError`, and then there is none."""


@dataclass(slots=True)
class _Backup:
    """A backup under way. `awaited`: the regions that do not hold yet; `tell`: called when all of them do."""

    id: str
    folder: Path
    awaited: set[str]
    until_s: float
    tell: Callable[[], object] | None = None
    copied: bool = False
    copies: list[Path] = field(default_factory=list)


class BackupDesk:
    """Takes the steps of one backup at a time."""

    def __init__(
        self, simulator: str, regions: Mapping[str, HeldRegion], now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._simulator, self._regions, self._now_s = simulator, regions, now_s
        self._current: _Backup | None = None
        self._kept = self._ended = ""

    def take(self, question: DoBackup, reply: Callable[[Answer], object]) -> None:
        """Do a step, and answer when it is done."""
        done = partial(reply, StepDone(question.turn))
        try:
            _STEPS[question.step](self, question, done)
        except (StoreError, OSError) as error:
            reply(Refused(str(error)))

    def end_if_silent(self) -> bool:
        """End a hold whose command has said nothing for too long; return whether there was one."""
        silent = self._current is not None and self._now_s() > self._current.until_s
        if silent:
            self._end()
        return silent

    def _hold(self, question: DoBackup, done: Callable[[], object]) -> None:
        if self._current is None:
            self._begin(question)
        backup = self._under_way(question)
        backup.tell = done
        self._tell_if_held(backup)

    def _begin(self, question: DoBackup) -> None:
        if question.backup == self._ended:
            return
        folder = Path(question.folder)
        for name in self._regions:
            _check_free(folder / f"{name}.sqlite")
        folder.mkdir(parents=True, exist_ok=True)
        self._current = backup = _Backup(question.backup, folder, set(self._regions), self._now_s() + HOLD_S)
        for name, region in self._regions.items():
            region.hold(partial(self._holds, backup, name))

    def _holds(self, backup: _Backup, name: str) -> None:
        backup.awaited.discard(name)
        self._tell_if_held(backup)

    def _tell_if_held(self, backup: _Backup) -> None:
        if not backup.awaited and backup.tell is not None:
            tell, backup.tell = backup.tell, None
            tell()

    def _hold_on(self, question: DoBackup, done: Callable[[], object]) -> None:
        self._under_way(question).until_s = self._now_s() + HOLD_S
        done()

    def _copy(self, question: DoBackup, done: Callable[[], object]) -> None:
        backup = self._under_way(question)
        _check_order(not backup.awaited, question)
        if not backup.copied:
            for name, region in self._regions.items():
                unfinished = backup.folder / f"{name}.sqlite{UNFINISHED}"
                unfinished.unlink(missing_ok=True)
                backup.copies.append(unfinished)
                region.backup(unfinished)
            backup.copied = True
        # Nothing was taken meanwhile: this process did nothing else.
        backup.until_s = self._now_s() + HOLD_S
        done()

    def _keep(self, question: DoBackup, done: Callable[[], object]) -> None:
        if question.backup != self._kept:
            backup = self._under_way(question)
            _check_order(backup.copied, question)
            for copy in backup.copies:
                whole = copy.with_name(copy.name.removesuffix(UNFINISHED))
                _check_free(whole)
                copy.rename(whole)
            self._kept = backup.id
            self._end()
        done()

    def _drop(self, question: DoBackup, done: Callable[[], object]) -> None:
        if self._current is not None and self._current.id == question.backup:
            self._end()
        done()

    def _under_way(self, question: DoBackup) -> _Backup:
        """The backup that the step belongs to. Raises `StoreError` if it is over, or another one is under way."""
        if self._current is not None and self._current.id == question.backup:
            return self._current
        if question.step == "hold" and self._current is not None:
            raise StoreError(
                f"another backup is under way. Wait for its end; if its command was killed, for {HOLD_S:g} s."
            )
        raise StoreError(
            f"simulator {self._simulator} does not hold for this backup any more: it was started again, or heard"
            f" nothing of the command for {HOLD_S:g} s. Make the backup again."
        )

    def _end(self) -> None:
        """Release the regions, and remove what has not got its name."""
        assert self._current is not None
        backup, self._current = self._current, None
        self._ended = backup.id
        for region in self._regions.values():
            region.release()
        for copy in backup.copies:
            # What can't be removed now has a name that says what it is, and the next backup replaces it.
            with suppress(OSError):
                copy.unlink(missing_ok=True)


def _check_free(target: Path) -> None:
    if target.exists():
        raise StoreError(f"{target} exists already. Name another folder for the backup.")


def _check_order(is_its_turn: bool, question: DoBackup) -> None:
    if not is_its_turn:
        raise StoreError(f"{question.step!r} is asked for too early in backup {question.backup}.")


_STEPS: dict[BackupStep, Callable[[BackupDesk, DoBackup, Callable[[], object]], None]] = {
    "hold": BackupDesk._hold,
    "hold_on": BackupDesk._hold_on,
    "copy": BackupDesk._copy,
    "keep": BackupDesk._keep,
    "drop": BackupDesk._drop,
}
