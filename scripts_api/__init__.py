"""What a script's author imports: `Script`, events, values, handles. It imports nothing else of Gossamer."""

from __future__ import annotations

from scripts_api.budgets import Budget
from scripts_api.contents import Contents, Item
from scripts_api.errors import HttpFailed, LimitReached, NoAnswer, ScriptError
from scripts_api.events import (
    EVENTS,
    Arrive,
    Changed,
    Collision,
    CollisionEnd,
    CollisionStart,
    CrossingDenied,
    Depart,
    Enter,
    Event,
    Exit,
    Heard,
    Message,
    MovingEnd,
    Overflow,
    Question,
    RegionStart,
    Rez,
    Sensed,
    Sit,
    Stand,
    Start,
    StoreChanged,
    TimerFired,
    Touch,
    TouchEnd,
    Undeliverable,
    Upgrade,
)
from scripts_api.handles import Listen, Timer
from scripts_api.http import HttpResponse
from scripts_api.links import LinkedPart, Links
from scripts_api.memory import Memory
from scripts_api.objects import OwnObject
from scripts_api.refs import AgentRef, ObjectRef
from scripts_api.regions import Region
from scripts_api.requests import REQUESTS
from scripts_api.script import Script
from scripts_api.store import ObjectStore
from scripts_api.values import Color, Rotation, Vector

__all__ = [
    "AgentRef",
    "Arrive",
    "Budget",
    "Changed",
    "Collision",
    "CollisionEnd",
    "CollisionStart",
    "Color",
    "Contents",
    "CrossingDenied",
    "Depart",
    "Enter",
    "Event",
    "Exit",
    "Heard",
    "HttpFailed",
    "HttpResponse",
    "Item",
    "LimitReached",
    "LinkedPart",
    "Links",
    "Listen",
    "Memory",
    "Message",
    "MovingEnd",
    "NoAnswer",
    "ObjectRef",
    "ObjectStore",
    "Overflow",
    "OwnObject",
    "Question",
    "Region",
    "RegionStart",
    "Rez",
    "Rotation",
    "Script",
    "ScriptError",
    "Sensed",
    "Sit",
    "Stand",
    "Start",
    "StoreChanged",
    "Timer",
    "TimerFired",
    "Touch",
    "TouchEnd",
    "Undeliverable",
    "Upgrade",
    "Vector",
]

TRAVELLING: tuple[type, ...] = (
    Vector,
    Rotation,
    Color,
    ObjectRef,
    AgentRef,
    Timer,
    Listen,
    ObjectStore,
    Contents,
    Item,
    Links,
    LinkedPart,
    Budget,
    HttpResponse,
    Sensed,
    Memory,
    *EVENTS,
    *REQUESTS,
)
"""Classes whose instances may be part of what travels.

Values are tuples of floats; all others are made of their `__match_args__` fields, of which `_host` is the
host's own and bound anew. `OwnObject` and `Region` are the host's own as a whole.
"""
