"""Events of the script itself: it starts, changes its state or its source, has slept with its region, falls behind."""

from __future__ import annotations

from typing import Any, ClassVar

from scripts_api.events.base import Event
from scripts_api.handles import Timer


class Start(Event, frozen=True):
    """The script starts, for the first time or after a reset. Jumps the queue.

    Second Life: state_entry.
    """

    handler: ClassVar[str] = "on_start"

    def arguments(self) -> tuple[Any, ...]:
        """Nothing."""
        return ()


class Enter(Event, frozen=True):
    """The script has become another state.

    Second Life: state_entry of a state.
    """

    handler: ClassVar[str] = "on_enter"

    def arguments(self) -> tuple[Any, ...]:
        """Nothing."""
        return ()


class Exit(Event, frozen=True):
    """The script is about to become another state, and is still in the old one.

    Second Life: state_exit.
    """

    handler: ClassVar[str] = "on_exit"

    def arguments(self) -> tuple[Any, ...]:
        """Nothing."""
        return ()


class Rez(Event, frozen=True):
    """The object has been made, with a parameter.

    Second Life: on_rez.
    """

    param: Any

    handler: ClassVar[str] = "on_rez"

    def arguments(self) -> tuple[Any, ...]:
        """The parameter."""
        return (self.param,)


class TimerFired(Event, frozen=True):
    """A timer without a function of its own is due. At most one of a timer is in the queue.

    Second Life: timer.
    """

    timer: Timer

    handler: ClassVar[str] = "on_timer"

    def arguments(self) -> tuple[Any, ...]:
        """The timer."""
        return (self.timer,)


class Upgrade(Event, frozen=True):
    """The script's source was replaced; this is the first event that the new code gets. Jumps the queue.

    `old_version`: what the old code had as the class attribute `version`, else its program's hash.

    Second Life: none; new code begins anew.
    """

    old_version: Any

    handler: ClassVar[str] = "on_upgrade"

    def arguments(self) -> tuple[Any, ...]:
        """The version before."""
        return (self.old_version,)


class RegionStart(Event, frozen=True):
    """The region runs again after it was away.

    Second Life: changed, with CHANGED_REGION_START.
    """

    away_s: float

    handler: ClassVar[str] = "on_region_start"

    def arguments(self) -> tuple[Any, ...]:
        """For how many seconds it was away."""
        return (self.away_s,)


class Overflow(Event, frozen=True):
    """The script's queue was full and events were dropped.

    Second Life: none; they are dropped silently.
    """

    dropped: int

    handler: ClassVar[str] = "on_overflow"

    def arguments(self) -> tuple[Any, ...]:
        """How many were dropped since this was last told."""
        return (self.dropped,)
