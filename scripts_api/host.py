"""What a script's calls need of the world that runs it: the kernel implements it, and so does a test's world.

The one idea: everything a script does to the world without waiting is a method here, called with checked
values in the form that the world keeps; everything it waits for is a request (`requests`). A script never
meets this object: it lies in a slot beside the author's own state, is not part of it, and is bound anew
wherever the script arrives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from scripts_api.refs import AgentRef, ObjectRef
from scripts_api.values import Rotation, Vector

if TYPE_CHECKING:
    from scripts_api.budgets import Budget
    from scripts_api.contents import Item
    from scripts_api.handles import Listen, Sensor, Target, Timer
    from scripts_api.memory import Memory
    from scripts_api.objects import OwnObject
    from scripts_api.rays import RayHit
    from scripts_api.regions import Region
    from scripts_api.requests import Sense
    from scripts_api.sensing import Sensed


class ScriptHost(Protocol):
    """The world, as one script of one object has it. Times are whole microseconds, places metres in the
    world.
    """

    @property
    def object(self) -> OwnObject:
        """The script's object; always the same view."""
        ...

    @property
    def region(self) -> Region:
        """The region that the object is in; always the same view."""
        ...

    # --- Chat and log ---

    def say(self, text: str, channel: int, range_m: float | None) -> None:
        """Say a line to everything within so many metres; None: in the whole region. Raises `LimitReached`."""
        ...

    def say_to(self, receiver: ObjectRef | AgentRef, text: str, channel: int) -> None:
        """Say a line to one object or agent of the region, to nobody else. Raises `LimitReached`."""
        ...

    def log(self, text: str) -> None:
        """Write a line for the author. Raises `LimitReached` when there were too many of late."""
        ...

    def listen(
        self, channel: int, sender: ObjectRef | AgentRef | None, name: str | None, text: str | None
    ) -> Listen:
        """Open a listen; None hears every sender, name or text. Raises `LimitReached`."""
        ...

    def close_listen(self, number: int) -> None:
        """Close a listen; unknown numbers are closed already."""
        ...

    def listen_enabled(self, number: int) -> bool:
        """Return whether a listen is open and hears."""
        ...

    def enable_listen(self, number: int, enabled: bool) -> None:
        """Let a listen hear, or not; unknown numbers are closed and stay so."""
        ...

    # --- Microthreads, timers, time ---

    def spawn(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        """Begin another microthread of the script. Raises `LimitReached`."""
        ...

    def start_timer(
        self, first_us: int, interval_us: int | None, function: Callable[..., Any] | None
    ) -> Timer:
        """Fire in so long, and then at every interval if there is one. Raises `LimitReached`."""
        ...

    def cancel_timer(self, number: int) -> None:
        """Stop a timer and take what it queued out; unknown numbers are stopped already."""
        ...

    def timer_active(self, number: int) -> bool:
        """Return whether a timer will still fire."""
        ...

    def min_event_interval_us(self) -> int:
        """Return how long passes at least between two events."""
        ...

    def set_min_event_interval(self, interval_us: int) -> None:
        """Let so much time pass at least between two events."""
        ...

    def elapsed_us(self) -> int:
        """Return for how long the script has run since it started or was reset, in every region."""
        ...

    def memory(self) -> Memory:
        """Return what the object's scripts reach, as last measured, and may reach."""
        ...

    def random(self) -> float:
        """Return the next number from 0 to below 1 of the script's own stream."""
        ...

    # --- The object, its store, its region ---

    def read(self, name: str) -> Any:
        """Return an attribute of the object, named as in `OwnObject`."""
        ...

    def write(self, name: str, value: Any) -> None:
        """Set an attribute of the object, named as in `OwnObject`, to a value that was checked.

        Raises `ScriptError` for a position where there is no region.
        """
        ...

    def move_to(self, target: Vector, duration_us: int) -> None:
        """Move the object to a place in a straight line; 0: at once. Raises `ScriptError` where there is no region."""
        ...

    def follow(self, legs: tuple[tuple[Vector, int, Rotation | None], ...], loop: bool) -> None:
        """Move the object along a path of places with microseconds. Raises `ScriptError` where there is no region."""
        ...

    def push(self, change: Vector) -> None:
        """Add to the object's velocity, metres a second."""
        ...

    def start_target(self, position: Vector, range_m: float) -> Target:
        """Watch for the object to come near a place. Raises `LimitReached`."""
        ...

    def cancel_target(self, number: int) -> None:
        """Watch for it no longer; unknown numbers are cancelled already."""
        ...

    def target_active(self, number: int) -> bool:
        """Return whether it is watched for."""
        ...

    def http_address(self) -> str:
        """Return where the object can be asked by HTTP. Raises `ScriptError`."""
        ...

    def wearer(self) -> AgentRef | None:
        """Return who wears the object."""
        ...

    def attach(self, agent: AgentRef, position: Vector, rotation: Rotation) -> None:
        """Put the object on someone. Raises `ScriptError`, `LimitReached`."""
        ...

    def detach(self) -> None:
        """Take it off. Raises `ScriptError`."""
        ...

    def grants(self, agent: AgentRef) -> tuple[str, ...]:
        """Return what someone grants to the object."""
        ...

    def store_get(self, key: str) -> Any:
        """Return a copy of what is kept under a key. Raises `KeyError`."""
        ...

    def store_put(self, key: str, value: Any) -> None:
        """Keep a copy under a key. Raises `ScriptError` for what can't travel, `LimitReached` without room."""
        ...

    def store_delete(self, key: str) -> None:
        """Forget a key of the store. Raises `KeyError`."""
        ...

    def store_keys(self) -> Iterable[str]:
        """Return all keys of the store, sorted."""
        ...

    def look(self, ref: ObjectRef | AgentRef) -> Sensed | None:
        """Return what something in the region, or in its images of neighbours, is like; None if it is not there."""
        ...

    def start_sensor(self, interval_us: int, sensing: Sense) -> Sensor:
        """Sense again and again. Raises `LimitReached`."""
        ...

    def cancel_sensor(self, number: int) -> None:
        """Sense no longer and take what it queued out; unknown numbers are cancelled already."""
        ...

    def sensor_active(self, number: int) -> bool:
        """Return whether it still senses."""
        ...

    def cast_ray(self, start: Vector, end: Vector, kind: str | None, count: int) -> tuple[RayHit, ...]:
        """Return what lies on a straight way in the region, the nearest first."""
        ...

    # --- Contents, linkset, budgets ---

    def content_names(self, kind: str | None) -> list[str]:
        """Return the names of what lies in the object, of one kind or of all, sorted."""
        ...

    def content(self, name: str) -> Item:
        """Return one of them. Raises `ScriptError`."""
        ...

    def write_notecard(self, name: str, text: str) -> None:
        """Put a notecard in. Raises `ScriptError`, `LimitReached`."""
        ...

    def remove_content(self, name: str) -> None:
        """Take something out. Raises `ScriptError`."""
        ...

    def budget(self, name: str) -> Budget:
        """Return one of the `BUDGETS`."""
        ...

    def link(self, other: ObjectRef) -> None:
        """Link another object to the root. Raises `ScriptError`, `LimitReached`."""
        ...

    def unlink(self, part: ObjectRef | None) -> None:
        """Take a part off; None: the script's own object. Raises `ScriptError`."""
        ...

    def link_count(self) -> int:
        """Return of how many objects the linkset is."""
        ...

    def link_number(self) -> int:
        """Return the number of the script's own object in it."""
        ...

    def read_link(self, number: int, name: str) -> Any:
        """Return an attribute of a part, named as in `LinkedPart`. Raises `ScriptError`."""
        ...

    def write_link(self, number: int, name: str, value: Any) -> None:
        """Set an attribute of a part to a value that was checked. Raises `ScriptError`."""
        ...

    def send_to_links(self, payload: Any, to: str) -> None:
        """Give other scripts of the linkset a copy of a value. Raises `ScriptError`, `LimitReached`."""
        ...

    def seated(self) -> tuple[AgentRef, ...]:
        """Return who sits on the linkset."""
        ...

    def unseat(self, agent: AgentRef) -> None:
        """Let someone stand up. Raises `ScriptError`."""
        ...

    # --- The region ---

    def region_fact(self, name: str) -> Any:
        """Return a fact of the region, named as in `Region`."""
        ...

    def is_edge(self, position: Vector, direction: Vector) -> bool:
        """Return whether the world ends where the direction leaves the region that holds the position."""
        ...
