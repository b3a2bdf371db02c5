"""What can happen to a script: one frozen record for each event, and the handler that it calls.

The one idea: an event is a value. It waits in the script's queue, travels with it, can be waited for by its
class (`self.wait(Touch)`), and calls the handler named in `handler` with what `arguments` returns.

How long a queue is and which events merge in it is the simulator's business.
"""

from __future__ import annotations

from typing import Final

from scripts_api.events.base import Event
from scripts_api.events.messages import Heard, HttpRequest, Message, Question, Undeliverable
from scripts_api.events.motion import (
    Arrive,
    AtTarget,
    CrossingDenied,
    Depart,
    Land,
    MovingEnd,
    MovingStart,
    NotAtTarget,
)
from scripts_api.events.people import Attach, Control, Detach, Grant, Sit, Stand, Touch, TouchEnd
from scripts_api.events.running import Enter, Exit, Overflow, RegionStart, Rez, Start, TimerFired, Upgrade
from scripts_api.events.surroundings import (
    Changed,
    Collision,
    CollisionEnd,
    CollisionStart,
    ObjectRez,
    SensorEmpty,
    SensorFound,
    StoreChanged,
)

EVENTS: tuple[type[Event], ...] = (
    Start, Enter, Exit, Rez, Touch, TouchEnd, TimerFired, Heard, Message, Question, HttpRequest, Undeliverable, Depart,
    Arrive, CrossingDenied, MovingStart, MovingEnd, Land, AtTarget, NotAtTarget, RegionStart, Overflow, StoreChanged,
    Upgrade, Changed, Sit, Stand, ObjectRez, Grant, Attach, Detach, Control, CollisionStart, Collision, CollisionEnd,
    SensorFound, SensorEmpty,
)  # fmt: skip
"""Every event; a script waits for one by its class."""

HANDLERS: Final = frozenset(event.handler for event in EVENTS)
"""Names of the methods that events call."""

__all__ = [
    "EVENTS",
    "HANDLERS",
    "Arrive",
    "AtTarget",
    "Attach",
    "Changed",
    "Collision",
    "CollisionEnd",
    "CollisionStart",
    "Control",
    "CrossingDenied",
    "Depart",
    "Detach",
    "Enter",
    "Event",
    "Exit",
    "Grant",
    "Heard",
    "HttpRequest",
    "Land",
    "Message",
    "MovingEnd",
    "MovingStart",
    "NotAtTarget",
    "ObjectRez",
    "Overflow",
    "Question",
    "RegionStart",
    "Rez",
    "SensorEmpty",
    "SensorFound",
    "Sit",
    "Stand",
    "Start",
    "StoreChanged",
    "TimerFired",
    "Touch",
    "TouchEnd",
    "Undeliverable",
    "Upgrade",
]
