"""Events of what is in, on and around the object: its store, contents and links, collisions, sensors."""

from __future__ import annotations

from typing import Any, ClassVar

from scripts_api.events.base import Event
from scripts_api.handles import Sensor
from scripts_api.refs import AgentRef, ObjectRef
from scripts_api.sensing import Sensed


class StoreChanged(Event, frozen=True):
    """Another script of the object has changed its store; `value` is None if it deleted the key.

    Second Life: linkset_data.
    """

    key: str
    value: Any

    handler: ClassVar[str] = "on_store_changed"

    def arguments(self) -> tuple[Any, ...]:
        """The key and its new value."""
        return self.key, self.value


class Changed(Event, frozen=True):
    """Something about the object is not as it was. `what`: "contents", "links" or "owner". Repeats merge in the queue.

    Second Life: changed, with CHANGED_INVENTORY, CHANGED_LINK or CHANGED_OWNER.
    """

    what: str

    handler: ClassVar[str] = "on_changed"

    def arguments(self) -> tuple[Any, ...]:
        """What has changed."""
        return (self.what,)


class ObjectRez(Event, frozen=True):
    """Another script of the object has made an object of something in the contents. Who made it gets it from `rez`.

    Second Life: object_rez.
    """

    made: ObjectRef

    handler: ClassVar[str] = "on_object_rez"

    def arguments(self) -> tuple[Any, ...]:
        """The object that was made."""
        return (self.made,)


class CollisionStart(Event, frozen=True):
    """The object begins to touch others: their bounding boxes overlap. `others`: in the order of their ids;
    it touches at most 32 at a time.

    Second Life: collision_start.
    """

    others: tuple[ObjectRef | AgentRef, ...]

    handler: ClassVar[str] = "on_collision_start"

    def arguments(self) -> tuple[Any, ...]:
        """What it begins to touch."""
        return (self.others,)


class Collision(Event, frozen=True):
    """The object still touches others. Comes once a frame, more seldom where more than 256 objects of a region want
    to know; at most one is in the queue, the newest.

    Second Life: collision.
    """

    others: tuple[ObjectRef | AgentRef, ...]

    handler: ClassVar[str] = "on_collision"

    def arguments(self) -> tuple[Any, ...]:
        """What it goes on touching."""
        return (self.others,)


class CollisionEnd(Event, frozen=True):
    """The object touches others no longer: they moved apart, left the region, or are gone.

    Second Life: collision_end.
    """

    others: tuple[ObjectRef | AgentRef, ...]

    handler: ClassVar[str] = "on_collision_end"

    def arguments(self) -> tuple[Any, ...]:
        """What it touches no longer."""
        return (self.others,)


class SensorFound(Event, frozen=True):
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


class SensorEmpty(Event, frozen=True):
    """A repeating sensor has found nothing. At most one of a sensor is in the queue.

    Second Life: no_sensor.
    """

    sensor: Sensor

    handler: ClassVar[str] = "on_no_sensor"

    def arguments(self) -> tuple[Any, ...]:
        """Nothing."""
        return ()
