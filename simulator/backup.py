"""A backup of a whole running world, driven from outside: every region holds, all are copied, all go on.

The one idea: nothing is kept until every simulator has said, behind the last copy, that it has held all the time. The
simulators copy at the same time, each in its own folder of that name; those that are done are told to hold on.

What holding means is `backup_desk`, why it is enough docs/protocol.md.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from itertools import count
from pathlib import Path

from simulator.config import World
from simulator.control import BackupStep, ControlLine, DoBackup, Refused, StepDone
from simulator.errors import ControlFailed

COPY_S_MAX = 600.0  # a full region's store of some gigabytes on a slow disk
ANSWER_S_MAX = 10.0  # a simulator answers behind a tick; one that has just been started again within seconds
DROP_S_MAX = 1.0  # whoever does not hear it ends its hold by itself
ASK_AGAIN_S = 1.0
WORD_S = 5.0  # how often those that hold hear of the command, and those that copy are asked


class Backup:
    """One backup, and the lines to all simulators of its world."""

    def __init__(self, world: World, folder: Path) -> None:
        """Begin to connect. Raises `KeyFileError`."""
        self._world, self._folder = world, folder
        self._id, self._turns = uuid.uuid4().hex, count(1)
        self._lines = {name: ControlLine(world, name) for name in world.simulators}
        self._given_up = False

    def make(self) -> list[Path]:
        """Make it, and return the copies. Raises `ControlFailed`, and then no simulator keeps any."""
        try:
            self._ask_all("hold")
            self._copy_all()
            # Whoever holds now has held since before the first copy: a hold that has ended is never taken up again.
            self._ask_all("hold_on")
        except BaseException:  # Ctrl-C too: the regions must not hold for a command that is gone
            self._drop()
            raise
        self._keep_all()
        return [self._folder / f"{region}.sqlite" for region in self._world.regions]

    def close(self) -> None:
        """Hang up."""
        for line in self._lines.values():
            line.close()

    def _copy_all(self) -> None:
        with ThreadPoolExecutor(len(self._lines)) as pool:
            copies = {pool.submit(self._copy, name): name for name in self._lines}
            try:
                self._watch(copies)
            finally:
                # Nobody waits for those that still copy, if one has failed.
                self._given_up = True

    def _watch(self, copies: dict[Future[None], str]) -> None:
        """Wait until all have copied; those that have are told to hold on."""
        copying: Iterable[Future[None]] = copies
        while copying:
            done, copying = wait(copying, WORD_S, FIRST_EXCEPTION)
            for copy in done:
                copy.result()
            for copy, name in copies.items():
                if copying and copy not in copying:
                    self._ask(name, "hold_on", ANSWER_S_MAX, ASK_AGAIN_S)

    def _copy(self, name: str) -> None:
        self._ask(name, "copy", COPY_S_MAX, WORD_S)

    def _keep_all(self) -> None:
        try:
            self._ask_all("keep")
        except BaseException as error:  # Ctrl-C too
            self._drop()
            raise ControlFailed(
                f"{error} What others have copied is kept already: {self._folder} holds a part only, remove it."
            ) from error

    def _ask_all(self, step: BackupStep) -> None:
        for name in self._lines:
            self._ask(name, step, ANSWER_S_MAX, ASK_AGAIN_S)

    def _ask(self, name: str, step: BackupStep, timeout_s: float, again_s: float) -> None:
        """Ask for a step until it is done. Raises `ControlFailed`."""
        question = DoBackup(self._id, step, str(self._folder.absolute()), next(self._turns))
        until = time.monotonic() + timeout_s
        while time.monotonic() < until and not (step == "copy" and self._given_up):
            match self._lines[name].ask_once(question, again_s):
                case StepDone(turn) if turn == question.turn:
                    return
                case Refused(reason):
                    raise ControlFailed(f"simulator {name} made no backup: {reason}")
        raise ControlFailed(
            f"simulator {name} gave no answer for {timeout_s:g} s, and there is no backup without it. Is it running?"
        )

    def _drop(self) -> None:
        for line in self._lines.values():
            line.ask_once(DoBackup(self._id, "drop", str(self._folder), next(self._turns)), DROP_S_MAX)
