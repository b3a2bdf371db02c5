"""Events that people bring: they touch, sit, wear, grant, press keys."""

from __future__ import annotations

from typing import Any, ClassVar

from scripts_api.events.base import Event
from scripts_api.refs import AgentRef


class Touch(Event, frozen=True):
    """Someone touches the object.

    Second Life: touch_start.
    """

    toucher: AgentRef

    handler: ClassVar[str] = "on_touch"

    def arguments(self) -> tuple[Any, ...]:
        """Who touches it."""
        return (self.toucher,)


class TouchEnd(Event, frozen=True):
    """Someone lets go of the object.

    Second Life: touch_end.
    """

    toucher: AgentRef

    handler: ClassVar[str] = "on_touch_end"

    def arguments(self) -> tuple[Any, ...]:
        """Who lets go."""
        return (self.toucher,)


class Sit(Event, frozen=True):
    """Someone has sat down on the object's linkset; all its scripts are told.

    Second Life: changed, with CHANGED_LINK, and llAvatarOnSitTarget.
    """

    agent: AgentRef

    handler: ClassVar[str] = "on_sit"

    def arguments(self) -> tuple[Any, ...]:
        """Who sits there."""
        return (self.agent,)


class Stand(Event, frozen=True):
    """Someone who sat on the object's linkset has stood up; all its scripts are told.

    Second Life: changed, with CHANGED_LINK.
    """

    agent: AgentRef

    handler: ClassVar[str] = "on_stand"

    def arguments(self) -> tuple[Any, ...]:
        """Who has stood up."""
        return (self.agent,)


class Grant(Event, frozen=True):
    """Someone has granted the object something, or taken it back. `grants`: what it has of that agent from now on.

    Second Life: run_time_permissions.
    """

    principal: AgentRef
    grants: tuple[str, ...]

    handler: ClassVar[str] = "on_grant"

    def arguments(self) -> tuple[Any, ...]:
        """Who has granted it, and all that the object has of that agent now, sorted."""
        return self.principal, self.grants


class Attach(Event, frozen=True):
    """Someone wears the object from now on.

    Second Life: attach.
    """

    agent: AgentRef

    handler: ClassVar[str] = "on_attach"

    def arguments(self) -> tuple[Any, ...]:
        """Who wears it."""
        return (self.agent,)


class Detach(Event, frozen=True):
    """Someone has taken the object off.

    Second Life: attach, with NULL_KEY.
    """

    agent: AgentRef

    handler: ClassVar[str] = "on_detach"

    def arguments(self) -> tuple[Any, ...]:
        """Who wore it."""
        return (self.agent,)


class Control(Event, frozen=True):
    """Someone who has granted "control" presses or lets go of keys.

    `held`: the keys that are down now; `edge`: those that have just gone down or up; both sorted, of "forward",
    "back", "left", "right", "up", "down" and "action".

    Second Life: control.
    """

    agent: AgentRef
    held: tuple[str, ...]
    edge: tuple[str, ...]

    handler: ClassVar[str] = "on_control"

    def arguments(self) -> tuple[Any, ...]:
        """Whose keys they are, which are down, and which have just changed."""
        return self.agent, self.held, self.edge
