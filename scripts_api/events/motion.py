"""Events of the object's way: over borders, on a journey, down to the ground, to a target."""

from __future__ import annotations

from typing import Any, ClassVar

from scripts_api.events.base import Event
from scripts_api.handles import Target


class Depart(Event, frozen=True):
    """The object has reached a border and asked to cross it; it runs on and may still be denied.

    Second Life: none.
    """

    to_region: str

    handler: ClassVar[str] = "on_depart"

    def arguments(self) -> tuple[Any, ...]:
        """The region it asked to enter."""
        return (self.to_region,)


class Arrive(Event, frozen=True):
    """The object has come to another region. Jumps the queue.

    Second Life: changed, with CHANGED_REGION.
    """

    from_region: str

    handler: ClassVar[str] = "on_arrive"

    def arguments(self) -> tuple[Any, ...]:
        """The region it came from."""
        return (self.from_region,)


class CrossingDenied(Event, frozen=True):
    """The object could not cross a border and has bounced off it, or stopped there. `region` is empty where the world
    ends, above too.

    Second Life: none; it is returned to its owner.
    """

    region: str
    reason: str

    handler: ClassVar[str] = "on_crossing_denied"

    def arguments(self) -> tuple[Any, ...]:
        """The region that was not entered, and why."""
        return self.region, self.reason


class MovingStart(Event, frozen=True):
    """The object has set out to where `move_to` or `follow` has sent it. All scripts of its linkset are told.

    Second Life: moving_start.
    """

    handler: ClassVar[str] = "on_moving_start"

    def arguments(self) -> tuple[Any, ...]:
        """Nothing."""
        return ()


class MovingEnd(Event, frozen=True):
    """The object has come to where `move_to` has sent it, or to the end of a path. All scripts of its linkset are told.

    Second Life: moving_end.
    """

    handler: ClassVar[str] = "on_moving_end"

    def arguments(self) -> tuple[Any, ...]:
        """Nothing."""
        return ()


class Land(Event, frozen=True):
    """The object has come down to the ground. `speed`: how fast it came down, in metres a second.

    Second Life: land_collision_start.
    """

    speed: float

    handler: ClassVar[str] = "on_land"

    def arguments(self) -> tuple[Any, ...]:
        """How fast it came down."""
        return (self.speed,)


class AtTarget(Event, frozen=True):
    """The object has come within range of one of its targets. Told once, and again when it has been away.

    Second Life: at_target, which comes again and again.
    """

    target: Target

    handler: ClassVar[str] = "on_target"

    def arguments(self) -> tuple[Any, ...]:
        """The target."""
        return (self.target,)


class NotAtTarget(Event, frozen=True):
    """The object has left the range of one of its targets.

    Second Life: not_at_target, which comes again and again.
    """

    target: Target

    handler: ClassVar[str] = "on_not_target"

    def arguments(self) -> tuple[Any, ...]:
        """The target."""
        return (self.target,)
