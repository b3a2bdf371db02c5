"""A script's timers and listens, as the region keeps them; the script holds their numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts_api import AgentRef, Heard, ObjectRef
from simulator.world.clockwork import Entry

if TYPE_CHECKING:
    from simulator.world.scripts import RunningScript


class ScriptTimer:
    """One timer. `interval_us`: None if it fires once. `queued`: its event waits in the script's queue."""

    __slots__ = ("deadline_us", "entry", "function", "interval_us", "number", "queued", "script")

    def __init__(
        self,
        script: RunningScript,
        number: int,
        interval_us: int | None,
        function: Callable[..., Any] | None,
    ) -> None:
        self.script, self.number, self.interval_us, self.function = script, number, interval_us, function
        self.deadline_us = 0
        self.entry: Entry | None = None
        self.queued = False

    def set(self, deadline_us: int) -> None:
        """Fire at that time: microseconds of the region."""
        self.deadline_us = deadline_us
        self.entry = self.script.world.clockwork.set(deadline_us, self, self.entry)

    def cancel(self) -> None:
        """Do not fire; `set` may follow."""
        self.script.world.clockwork.cancel(self.entry)
        self.entry = None

    def due(self) -> None:
        """Fire; a repeating timer keeps its cadence and skips what it has missed."""
        if self.interval_us is None:
            self.entry = None
        else:
            missed = (self.script.world.time_us - self.deadline_us) // self.interval_us
            self.set(self.deadline_us + (missed + 1) * self.interval_us)
        self.script.timer_due(self)


@dataclass(slots=True)
class ScriptListen:
    """One ear: what it hears on its channel."""

    channel: int
    sender: ObjectRef | AgentRef | None
    name: str | None
    text: str | None
    enabled: bool = True

    def hears(self, heard: Heard) -> bool:
        """Whether a line gets through."""
        return (
            self.enabled
            and self.channel == heard.channel
            and self.sender in (None, heard.speaker)
            and self.name in (None, heard.speaker.name)
            and self.text in (None, heard.text)
        )
