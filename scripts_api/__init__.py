"""What a script's author imports: `Script`, events, values, handles. It imports nothing else of Gossamer."""

from __future__ import annotations

from scripts_api.budgets import Budget
from scripts_api.contents import Contents, Item
from scripts_api.errors import HttpFailed, LimitReached, NoAnswer, ScriptError, TeleportFailed
from scripts_api.events import (
    EVENTS,
    Arrive,
    Attach,
    AtTarget,
    Changed,
    Collision,
    CollisionEnd,
    CollisionStart,
    Control,
    CrossingDenied,
    Depart,
    Detach,
    Enter,
    Event,
    Exit,
    Grant,
    Heard,
    HttpRequest,
    Land,
    Message,
    MovingEnd,
    MovingStart,
    NotAtTarget,
    ObjectRez,
    Overflow,
    Question,
    RegionStart,
    Rez,
    SensorEmpty,
    SensorFound,
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
from scripts_api.handles import Listen, Sensor, Target, Timer
from scripts_api.http import HttpResponse
from scripts_api.links import LinkedPart, Links
from scripts_api.memory import Memory
from scripts_api.objects import OwnObject
from scripts_api.rays import RayHit
from scripts_api.refs import AgentRef, ObjectRef
from scripts_api.regions import Region, RegionLoad
from scripts_api.requests import REQUESTS
from scripts_api.script import Script
from scripts_api.sensing import Sensed
from scripts_api.store import ObjectStore
from scripts_api.values import Color, Rotation, Vector
from scripts_api.web import HttpAsked

__all__ = [
    "AgentRef",
    "Arrive",
    "AtTarget",
    "Attach",
    "Budget",
    "Changed",
    "Collision",
    "CollisionEnd",
    "CollisionStart",
    "Color",
    "Contents",
    "Control",
    "CrossingDenied",
    "Depart",
    "Detach",
    "Enter",
    "Event",
    "Exit",
    "Grant",
    "Heard",
    "HttpAsked",
    "HttpFailed",
    "HttpRequest",
    "HttpResponse",
    "Item",
    "Land",
    "LimitReached",
    "LinkedPart",
    "Links",
    "Listen",
    "Memory",
    "Message",
    "MovingEnd",
    "MovingStart",
    "NoAnswer",
    "NotAtTarget",
    "ObjectRef",
    "ObjectRez",
    "ObjectStore",
    "Overflow",
    "OwnObject",
    "Question",
    "RayHit",
    "Region",
    "RegionLoad",
    "RegionStart",
    "Rez",
    "Rotation",
    "Script",
    "ScriptError",
    "Sensed",
    "Sensor",
    "SensorEmpty",
    "SensorFound",
    "Sit",
    "Stand",
    "Start",
    "StoreChanged",
    "Target",
    "TeleportFailed",
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
    Target,
    Sensor,
    ObjectStore,
    Contents,
    Item,
    Links,
    LinkedPart,
    Budget,
    HttpResponse,
    HttpAsked,
    Sensed,
    RayHit,
    RegionLoad,
    Memory,
    *EVENTS,
    *REQUESTS,
)
"""Classes whose instances may be part of what travels.

Values are tuples of floats; all others are made of their `__match_args__` fields, of which `_host` is the
host's own and bound anew. `OwnObject` and `Region` are the host's own as a whole.
"""
