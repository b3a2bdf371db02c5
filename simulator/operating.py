"""What an operator does in a running world from outside: find objects, do something to one, say a line, listen.

The one idea: an object is named by its id or by its name, and found wherever it is; a name that several have is
refused with their ids. Nothing that changes the world is asked for twice: whether it was done is known, or said
not to be.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import NamedTuple

from scripts_api import Vector
from simulator.config import World
from simulator.control import (
    Answer,
    AskLines,
    AskObjects,
    ControlLine,
    DoEnter,
    Done,
    DoSay,
    FoundObject,
    Line,
    Lines,
    Objects,
    Question,
    Refused,
)
from simulator.errors import ControlFailed

ANSWER_S_MAX = 5.0  # a simulator that was killed is back by then
FIND_TRIES = 5  # an object may be between two regions for some milliseconds
FIND_AGAIN_S = 0.1


class DoneTo(NamedTuple):
    """What something was done to, and where it was found. `remark`: what is still to come of it, if anything is."""

    object: FoundObject
    remark: str


class Operator:
    """The operator's lines to all simulators of a world; a context manager."""

    def __init__(self, world: World) -> None:
        """Begin to connect. Raises `KeyFileError`."""
        self._world = world
        self.lines = {name: ControlLine(world, name) for name in world.simulators}

    def __enter__(self) -> Operator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for line in self.lines.values():
            line.close()

    def act(self, name: str, question_of: Callable[[str], Question]) -> DoneTo:
        """Do something to the one object of that id or name. Raises `ControlFailed`."""
        reason = ""
        for _ in range(FIND_TRIES):
            simulator, found = self._find_one(name)
            answer = self._ask_for(simulator, question_of(found.id))
            if isinstance(answer, Done):
                return DoneTo(found, answer.remark)
            reason = _why_not(answer)
            # It may have crossed a border since it was found.
            time.sleep(FIND_AGAIN_S)
        raise ControlFailed(reason)

    def act_with(self, name: str, other: str, question_of: Callable[[str, str], Question]) -> DoneTo:
        """Do something to the one object of that id or name, with another one. Raises `ControlFailed`."""
        _, found = self._find_one(other)
        return self.act(name, lambda id: question_of(id, found.id))

    def say(
        self, speaker: str, text: str, channel: int, position: tuple[float, float, float] | None
    ) -> list[str]:
        """Say a line at a place, or to the whole world; return the regions in which it was said."""
        regions = list(self._world.regions) if position is None else [self._region_at(position)]
        for region in regions:
            self._do(region, DoSay(region, speaker, text, channel, position))
        return regions

    def enter(self, name: str, position: tuple[float, float, float]) -> str:
        """Let somebody enter the world at a place; return the region. Raises `ControlFailed`."""
        if found := self._find(name):
            raise ControlFailed(_taken(name, found[0][1]))
        region = self._region_at(position)
        self._do(region, DoEnter(region, name, position))
        return region

    def _find_one(self, name: str) -> tuple[str, FoundObject]:
        for tries_left in reversed(range(FIND_TRIES)):
            found = self._find(name)
            exact = [each for each in found if each[1].id == name]
            if len(exact or found) == 1:
                return (exact or found)[0]
            if found:
                raise ControlFailed(_ambiguous(name, [each for _, each in found]))
            if tries_left:
                time.sleep(FIND_AGAIN_S)
        raise ControlFailed(
            f"{self._world.path} has no object with the name or id {name!r}. `gossamer scripts"
            f" {self._world.path} --all` lists those with scripts; people come in by `enter`."
        )

    def _find(self, name: str) -> list[tuple[str, FoundObject]]:
        found: list[tuple[str, FoundObject]] = []
        for simulator, line in self.lines.items():
            answer = line.ask(AskObjects(name), ANSWER_S_MAX)
            if not isinstance(answer, Objects):
                raise ControlFailed(f"simulator {simulator} answered with {answer}")
            found += [(simulator, each) for each in answer.objects]
        return found

    def _do(self, region: str, question: Question) -> None:
        """Let something be done in a region. Raises `ControlFailed`."""
        answer = self._ask_for(self._world.regions[region].simulator, question)
        if not isinstance(answer, Done):
            raise ControlFailed(_why_not(answer))

    def _ask_for(self, simulator: str, question: Question) -> Answer:
        """Ask for a deed once. Raises `ControlFailed` if nobody knows whether it was done."""
        answer = self.lines[simulator].ask_once(question, ANSWER_S_MAX)
        if answer is None:
            raise ControlFailed(
                f"simulator {simulator} gave no answer for {ANSWER_S_MAX:g} s: look whether it was done."
            )
        return answer

    def _region_at(self, position: tuple[float, float, float]) -> str:
        region = self._world.places.at(Vector(*position))
        if region is None:
            raise ControlFailed(
                f"there is no region at {position[0]:g},{position[1]:g}, metres in the world."
            )
        return region


class Ear:
    """Hears what is said and logged in one simulator, from its first hearing on. `missed`: lines that were gone
    when it last asked.
    """

    def __init__(self, simulator: str, line: ControlLine) -> None:
        self._simulator, self._line = simulator, line
        self._after: int | None = None
        self._pid = self.missed = 0

    def hear(self) -> list[Line]:
        """Return what is new. Raises `ControlFailed` while the simulator is silent."""
        answer = self._line.ask(AskLines(self._after), ANSWER_S_MAX)
        if not isinstance(answer, Lines):
            raise ControlFailed(f"simulator {self._simulator} answered with {answer}")
        if self._after is not None and answer.pid != self._pid:
            self._pid, self._after = answer.pid, 0
            return self.hear()
        self.missed = answer.lines[0].number - self._after - 1 if answer.lines and self._after else 0
        self._pid, self._after = answer.pid, answer.last
        return answer.lines


def _why_not(answer: Answer) -> str:
    return answer.reason if isinstance(answer, Refused) else str(answer)


def _taken(name: str, found: FoundObject) -> str:
    return f"there is a {name!r} in region {found.region} already ({found.id}); choose another name."


def _ambiguous(name: str, found: Iterable[FoundObject]) -> str:
    ids = ", ".join(f"{each.id} in {each.region}" for each in found)
    return f"several objects are named {name!r}: {ids}. Name one by its id."
