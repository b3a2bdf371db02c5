"""What can happen to a script: one frozen record for each event, and the handler that it calls.

The one idea: an event is a value. It waits in the script's queue, travels with it, can be waited for by its
class (`self.wait(Touch)`), and calls the handler named in `handler` with what `arguments` returns.

How long a queue is and which events merge in it is the simulator's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from scripts_api.handles import Sensor, Target, Timer
from scripts_api.refs import AgentRef, ObjectRef
from scripts_api.values import Vector
from scripts_api.web import HttpAsked


class Event:
    """Base of all events."""

    __slots__ = ()

    handler: ClassVar[str]

    def arguments(self) -> tuple[Any, ...]:
        """Return what the handler is called with."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Start(Event):
    """The script starts, for the first time or after a reset. Jumps the queue.

    Second Life: state_entry.
    """

    handler: ClassVar[str] = "on_start"

    def arguments(self) -> tuple[Any, ...]:
        """Nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class Enter(Event):
    """The script has become another state.

    Second Life: state_entry of a state.
    """

    handler: ClassVar[str] = "on_enter"

    def arguments(self) -> tuple[Any, ...]:
        """Nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class Exit(Event):
    """The script is about to become another state, and is still in the old one.

    Second Life: state_exit.
    """

    handler: ClassVar[str] = "on_exit"

    def arguments(self) -> tuple[Any, ...]:
        """Nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class Rez(Event):
    """The object has been made, with a parameter.

    Second Life: on_rez.
    """

    param: Any

    handler: ClassVar[str] = "on_rez"

    def arguments(self) -> tuple[Any, ...]:
        """The parameter."""
        return (self.param,)


@dataclass(frozen=True, slots=True)
class Touch(Event):
    """Someone touches the object.

    Second Life: touch_start.
    """

    toucher: AgentRef

    handler: ClassVar[str] = "on_touch"

    def arguments(self) -> tuple[Any, ...]:
        """Who touches it."""
        return (self.toucher,)


@dataclass(frozen=True, slots=True)
class TouchEnd(Event):
    """Someone lets go of the object.

    Second Life: touch_end.
    """

    toucher: AgentRef

    handler: ClassVar[str] = "on_touch_end"

    def arguments(self) -> tuple[Any, ...]:
        """Who lets go."""
        return (self.toucher,)


@dataclass(frozen=True, slots=True)
class TimerFired(Event):
    """A timer without a function of its own is due. At most one of a timer is in the queue.

    Second Life: timer.
    """

    timer: Timer

    handler: ClassVar[str] = "on_timer"

    def arguments(self) -> tuple[Any, ...]:
        """The timer."""
        return (self.timer,)


@dataclass(frozen=True, slots=True)
class Heard(Event):
    """A listen has heard a line of chat.

    Second Life: listen.
    """

    channel: int
    speaker: ObjectRef | AgentRef
    text: str

    handler: ClassVar[str] = "on_listen"

    def arguments(self) -> tuple[Any, ...]:
        """The message itself: channel, speaker, text."""
        return (self,)


@dataclass(frozen=True, slots=True)
class Message(Event):
    """Another object has sent something.

    Second Life: link_message, email.
    """

    sender: ObjectRef
    payload: Any

    handler: ClassVar[str] = "on_message"

    def arguments(self) -> tuple[Any, ...]:
        """Who sent it, and what."""
        return self.sender, self.payload


@dataclass(frozen=True, slots=True)
class Question(Event):
    """Another object asks, and waits for what `on_message` returns.

    Second Life: none.
    """

    sender: ObjectRef
    payload: Any
    number: int

    handler: ClassVar[str] = "on_message"

    def arguments(self) -> tuple[Any, ...]:
        """Who asks, and what."""
        return self.sender, self.payload


@dataclass(frozen=True, slots=True)
class HttpRequest(Event):
    """Somebody outside asks by HTTP, at `object.http_address`, and gets what `on_http_request` returns: a text, an
    `HttpResponse`, or None for an empty answer. It waits half a minute; who crosses a border leaves it behind.

    Second Life: http_request, and llHTTPResponse.
    """

    asked: HttpAsked
    number: int

    handler: ClassVar[str] = "on_http_request"

    def arguments(self) -> tuple[Any, ...]:
        """What is asked: method, path, query, body."""
        return (self.asked,)


@dataclass(frozen=True, slots=True)
class Undeliverable(Event):
    """What this object has sent came back: the receiver is gone for ever.

    Second Life: none; it is lost silently.
    """

    receiver: ObjectRef
    payload: Any
    reason: str

    handler: ClassVar[str] = "on_undeliverable"

    def arguments(self) -> tuple[Any, ...]:
        """To whom it was sent, what, and why it came back."""
        return self.receiver, self.payload, self.reason


@dataclass(frozen=True, slots=True)
class Depart(Event):
    """The object has reached a border and asked to cross it; it runs on and may still be denied.

    Second Life: none.
    """

    to_region: str

    handler: ClassVar[str] = "on_depart"

    def arguments(self) -> tuple[Any, ...]:
        """The region it asked to enter."""
        return (self.to_region,)


@dataclass(frozen=True, slots=True)
class Arrive(Event):
    """The object has come to another region. Jumps the queue.

    Second Life: changed, with CHANGED_REGION.
    """

    from_region: str

    handler: ClassVar[str] = "on_arrive"

    def arguments(self) -> tuple[Any, ...]:
        """The region it came from."""
        return (self.from_region,)


@dataclass(frozen=True, slots=True)
class CrossingDenied(Event):
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


@dataclass(frozen=True, slots=True)
class MovingStart(Event):
    """The object has set out to where `move_to` or `follow` has sent it. All scripts of its linkset are told.

    Second Life: moving_start.
    """

    handler: ClassVar[str] = "on_moving_start"

    def arguments(self) -> tuple[Any, ...]:
        """Nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class MovingEnd(Event):
    """The object has come to where `move_to` has sent it, or to the end of a path. All scripts of its linkset are told.

    Second Life: moving_end.
    """

    handler: ClassVar[str] = "on_moving_end"

    def arguments(self) -> tuple[Any, ...]:
        """Nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class Land(Event):
    """The object has come down to the ground. `speed`: how fast it came down, in metres a second.

    Second Life: land_collision_start.
    """

    speed: float

    handler: ClassVar[str] = "on_land"

    def arguments(self) -> tuple[Any, ...]:
        """How fast it came down."""
        return (self.speed,)


@dataclass(frozen=True, slots=True)
class AtTarget(Event):
    """The object has come within range of one of its targets. Told once, and again when it has been away.

    Second Life: at_target, which comes again and again.
    """

    target: Target

    handler: ClassVar[str] = "on_target"

    def arguments(self) -> tuple[Any, ...]:
        """The target."""
        return (self.target,)


@dataclass(frozen=True, slots=True)
class NotAtTarget(Event):
    """The object has left the range of one of its targets.

    Second Life: not_at_target, which comes again and again.
    """

    target: Target

    handler: ClassVar[str] = "on_not_target"

    def arguments(self) -> tuple[Any, ...]:
        """The target."""
        return (self.target,)


@dataclass(frozen=True, slots=True)
class Upgrade(Event):
    """The script's source was replaced; this is the first event that the new code gets. Jumps the queue.

    `old_version`: what the old code had as the class attribute `version`, else its program's hash.

    Second Life: none; new code begins anew.
    """

    old_version: Any

    handler: ClassVar[str] = "on_upgrade"

    def arguments(self) -> tuple[Any, ...]:
        """The version before."""
        return (self.old_version,)


@dataclass(frozen=True, slots=True)
class RegionStart(Event):
    """The region runs again after it was away.

    Second Life: changed, with CHANGED_REGION_START.
    """

    away_s: float

    handler: ClassVar[str] = "on_region_start"

    def arguments(self) -> tuple[Any, ...]:
        """For how many seconds it was away."""
        return (self.away_s,)


@dataclass(frozen=True, slots=True)
class Overflow(Event):
    """The script's queue was full and events were dropped.

    Second Life: none; they are dropped silently.
    """

    dropped: int

    handler: ClassVar[str] = "on_overflow"

    def arguments(self) -> tuple[Any, ...]:
        """How many were dropped since this was last told."""
        return (self.dropped,)


@dataclass(frozen=True, slots=True)
class StoreChanged(Event):
    """Another script of the object has changed its store; `value` is None if it deleted the key.

    Second Life: linkset_data.
    """

    key: str
    value: Any

    handler: ClassVar[str] = "on_store_changed"

    def arguments(self) -> tuple[Any, ...]:
        """The key and its new value."""
        return self.key, self.value


@dataclass(frozen=True, slots=True)
class Changed(Event):
    """Something about the object is not as it was. `what`: "contents", "links" or "owner". Repeats merge in the queue.

    Second Life: changed, with CHANGED_INVENTORY, CHANGED_LINK or CHANGED_OWNER.
    """

    what: str

    handler: ClassVar[str] = "on_changed"

    def arguments(self) -> tuple[Any, ...]:
        """What has changed."""
        return (self.what,)


@dataclass(frozen=True, slots=True)
class Sit(Event):
    """Someone has sat down on the object's linkset; all its scripts are told.

    Second Life: changed, with CHANGED_LINK, and llAvatarOnSitTarget.
    """

    agent: AgentRef

    handler: ClassVar[str] = "on_sit"

    def arguments(self) -> tuple[Any, ...]:
        """Who sits there."""
        return (self.agent,)


@dataclass(frozen=True, slots=True)
class Stand(Event):
    """Someone who sat on the object's linkset has stood up; all its scripts are told.

    Second Life: changed, with CHANGED_LINK.
    """

    agent: AgentRef

    handler: ClassVar[str] = "on_stand"

    def arguments(self) -> tuple[Any, ...]:
        """Who has stood up."""
        return (self.agent,)


@dataclass(frozen=True, slots=True)
class ObjectRez(Event):
    """Another script of the object has made an object of something in the contents. Who made it gets it from `rez`.

    Second Life: object_rez.
    """

    made: ObjectRef

    handler: ClassVar[str] = "on_object_rez"

    def arguments(self) -> tuple[Any, ...]:
        """The object that was made."""
        return (self.made,)


@dataclass(frozen=True, slots=True)
class Grant(Event):
    """Someone has granted the object something, or taken it back. `grants`: what it has of that agent from now on.

    Second Life: run_time_permissions.
    """

    principal: AgentRef
    grants: tuple[str, ...]

    handler: ClassVar[str] = "on_grant"

    def arguments(self) -> tuple[Any, ...]:
        """Who has granted it, and all that the object has of that agent now, sorted."""
        return self.principal, self.grants


@dataclass(frozen=True, slots=True)
class Attach(Event):
    """Someone wears the object from now on.

    Second Life: attach.
    """

    agent: AgentRef

    handler: ClassVar[str] = "on_attach"

    def arguments(self) -> tuple[Any, ...]:
        """Who wears it."""
        return (self.agent,)


@dataclass(frozen=True, slots=True)
class Detach(Event):
    """Someone has taken the object off.

    Second Life: attach, with NULL_KEY.
    """

    agent: AgentRef

    handler: ClassVar[str] = "on_detach"

    def arguments(self) -> tuple[Any, ...]:
        """Who wore it."""
        return (self.agent,)


@dataclass(frozen=True, slots=True)
class Control(Event):
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


@dataclass(frozen=True, slots=True)
class CollisionStart(Event):
    """The object begins to touch others: their bounding boxes overlap. `others`: in the order of their ids.

    Second Life: collision_start.
    """

    others: tuple[ObjectRef | AgentRef, ...]

    handler: ClassVar[str] = "on_collision_start"

    def arguments(self) -> tuple[Any, ...]:
        """What it begins to touch."""
        return (self.others,)


@dataclass(frozen=True, slots=True)
class Collision(Event):
    """The object still touches others. Comes once a frame, more seldom where more than 256 objects of a region want
    to know; at most one is in the queue, the newest.

    Second Life: collision.
    """

    others: tuple[ObjectRef | AgentRef, ...]

    handler: ClassVar[str] = "on_collision"

    def arguments(self) -> tuple[Any, ...]:
        """What it goes on touching."""
        return (self.others,)


@dataclass(frozen=True, slots=True)
class CollisionEnd(Event):
    """The object touches others no longer: they moved apart, left the region, or are gone.

    Second Life: collision_end.
    """

    others: tuple[ObjectRef | AgentRef, ...]

    handler: ClassVar[str] = "on_collision_end"

    def arguments(self) -> tuple[Any, ...]:
        """What it touches no longer."""
        return (self.others,)


@dataclass(frozen=True, slots=True)
class Sensed:
    """What a sensing found of one object or agent, as it was at that moment. Metres, metres a second.

    Second Life: llDetectedKey, llDetectedPos and the like.
    """

    ref: ObjectRef | AgentRef
    name: str
    owner: str
    position: Vector
    velocity: Vector
    distance: float


@dataclass(frozen=True, slots=True)
class SensorFound(Event):
    """A repeating sensor has found something. `found`: as `sense` returns it. At most one of a sensor is in the queue,
    the newest.

    Second Life: sensor.
    """

    sensor: Sensor
    found: tuple[Sensed, ...]

    handler: ClassVar[str] = "on_sensor"

    def arguments(self) -> tuple[Any, ...]:
        """What it has found, the nearest first."""
        return (self.found,)


@dataclass(frozen=True, slots=True)
class SensorEmpty(Event):
    """A repeating sensor has found nothing. At most one of a sensor is in the queue.

    Second Life: no_sensor.
    """

    sensor: Sensor

    handler: ClassVar[str] = "on_no_sensor"

    def arguments(self) -> tuple[Any, ...]:
        """Nothing."""
        return ()


EVENTS: tuple[type[Event], ...] = (
    Start, Enter, Exit, Rez, Touch, TouchEnd, TimerFired, Heard, Message, Question, HttpRequest, Undeliverable, Depart,
    Arrive, CrossingDenied, MovingStart, MovingEnd, Land, AtTarget, NotAtTarget, RegionStart, Overflow, StoreChanged,
    Upgrade, Changed, Sit, Stand, ObjectRez, Grant, Attach, Detach, Control, CollisionStart, Collision, CollisionEnd,
    SensorFound, SensorEmpty,
)  # fmt: skip
"""Every event; a script waits for one by its class."""
