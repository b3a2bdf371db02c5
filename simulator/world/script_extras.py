"""What few scripts have: targets, repeating sensors, a least time between events.

The one idea: a region holds a million scripts, and most of them have none of this. So it lies beside the script, made
when it is first needed, and costs the others eight bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scripts_api import Vector
from scripts_api.requests import Sense
from simulator.world.clockwork import Entry

if TYPE_CHECKING:
    from simulator.world.scripts import RunningScript


@dataclass(slots=True)
class ScriptTarget:
    """A place that an object is watched to come to. `inside`: what was last told."""

    number: int
    position: Vector
    range_m: float
    inside: bool = False


class ScriptSensor:
    """A sensing that repeats. `remaining_us`: until the next one, while it is not set."""

    __slots__ = ("entry", "interval_us", "number", "remaining_us", "request", "script")

    def __init__(
        self, script: RunningScript, number: int, interval_us: int, request: Sense, remaining_us: int
    ) -> None:
        self.script, self.number, self.interval_us, self.request = script, number, interval_us, request
        self.remaining_us = remaining_us
        self.entry: Entry | None = None

    def set(self, when_us: int) -> None:
        """Sense at that time: microseconds of the region."""
        self.entry = self.script.world.clockwork.set(when_us, self)

    def remaining(self, time_us: int) -> int:
        """Return how long it is until it senses, in microseconds."""
        return self.remaining_us if self.entry is None else max(0, int(self.entry[0]) - time_us)

    def cancel(self) -> None:
        """Sense no longer."""
        self.script.world.clockwork.cancel(self.entry)
        self.entry = None

    def due(self) -> None:
        """Sense, and tell the script; the next time is an interval later."""
        self.set(self.script.world.time_us + self.interval_us)
        self.script.sensor_due(self)


class Rest:
    """The time after an event in which a script takes no other. `over_us`: when it is over."""

    __slots__ = ("entry", "over_us", "script")

    def __init__(self, script: RunningScript, over_us: int) -> None:
        self.script, self.over_us = script, over_us
        self.entry: Entry = script.world.clockwork.set(over_us, self)

    def due(self) -> None:
        """It is over."""
        assert self.script.extras is not None
        self.script.extras.rest = None
        self.script.wake_up()


class ScriptExtras:
    """`min_interval_us`: between two events that the script takes; `rest`: while it takes none for that reason;
    `rest_us`: what remains of it, where it was restored and time does not count yet.
    """

    __slots__ = ("min_interval_us", "rest", "rest_us", "sensors", "targets")

    def __init__(self) -> None:
        self.min_interval_us = 0
        self.rest_us: int | None = None
        self.rest: Rest | None = None
        self.sensors: dict[int, ScriptSensor] = {}
        self.targets: dict[int, ScriptTarget] = {}


# --- As plain values, with times as what remains of them ---


def extras_state(extras: ScriptExtras, time_us: int) -> dict[str, Any]:
    """Return what is there as plain values."""
    return {
        "interval_us": extras.min_interval_us,
        "rest_us": None if extras.rest is None else max(0, extras.rest.over_us - time_us),
        "targets": [
            (each.number, each.position, each.range_m, each.inside) for each in extras.targets.values()
        ],
        "sensors": [
            (each.number, each.remaining(time_us), each.interval_us, each.request)
            for each in extras.sensors.values()
        ],
    }


def restore_extras(script: RunningScript, state: dict[str, Any]) -> None:
    """Make a script's extras of plain values, which were checked; `wind_up_extras` follows."""
    extras = script.extras = ScriptExtras()
    extras.min_interval_us, extras.rest_us = state["interval_us"], state["rest_us"]
    extras.targets = {each[0]: ScriptTarget(*each) for each in state["targets"]}
    extras.sensors = {
        number: ScriptSensor(script, number, interval_us, request, remaining_us)
        for number, remaining_us, interval_us, request in state["sensors"]
    }


def wind_up_extras(script: RunningScript, extras: ScriptExtras, at_us: int) -> None:
    """Count the times of what was restored from `at_us`."""
    if extras.rest_us is not None:
        extras.rest = Rest(script, at_us + extras.rest_us)
        extras.rest_us = None
    for sensor in extras.sensors.values():
        sensor.set(at_us + sensor.remaining_us)
