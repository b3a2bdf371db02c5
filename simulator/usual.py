"""What most objects, scripts and microthreads have alike, and what is therefore not written down.

The one idea: a state is written as what differs from the usual, and completed when it is read. Most of what an object
could have it has not: that is two thirds of the bytes, and of the time to write, screen and read them.

The numbers and texts here belong to the format of records: whoever changes one raises `checkpoint_record.VERSION`.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import compress
from operator import attrgetter, is_not
from typing import Any, Final

from migrate.errors import BadRecord
from scripts_api.values import STILL, UPRIGHT
from simulator.world.calls import Condition
from simulator.world.objects import CUBE, WHITE

OBJECT: Final[Mapping[str, Any]] = {
    "description": "",
    "text": "",
    "color": WHITE,
    "scale": CUBE,
    "phantom": False,
    "velocity": STILL,
    "spin": STILL,
    "rotation": UPRIGHT,
    "held": False,
    "target": None,
    "store": None,
    "outgoing": None,
}

SCRIPT: Final[Mapping[str, Any]] = {
    "drops": 0,
    "drops_untold": 0,
    "condition": Condition.RUNNING.value,
    "error": None,
    "leaving": None,
    "chat_us": 0,
    "log_us": 0,
    "queue": None,
    "handler": None,
}

THREAD: Final[Mapping[str, Any]] = {
    "event": None,
    "request": None,
    "remaining_us": None,
    "number": 0,
    "answer": None,
    "error": None,
    "engine": "generator",
}

LISTS: Final = ("threads", "ready", "timers", "listens")
"""Lists of a script that are mostly empty."""

_MISSING: Final = object()


class Fields:
    """Some fields of what is written down, and what they are like mostly."""

    def __init__(self, names: tuple[str, ...], usual: Mapping[str, Any]) -> None:
        self._names, self._read = names, attrgetter(*names)
        self._usual = tuple(usual.get(name, _MISSING) for name in names)

    def differing(self, value: object) -> dict[str, Any]:
        """Return which of its fields are to be written. By identity: -0.0 is not 0.0, though they are equal."""
        held = self._read(value)
        return dict(compress(zip(self._names, held, strict=True), map(is_not, held, self._usual)))


def complete(state: Any, usual: Mapping[str, Any]) -> None:
    """Fill in what was not written, in place. Raises `BadRecord` for what is no state."""
    if type(state) is not dict:
        raise BadRecord(f"a state is a {type(state).__name__}.")
    for name, value in usual.items():
        state.setdefault(name, value)


def complete_script(state: Any) -> None:
    """The same for a script with its microthreads. Raises `BadRecord`."""
    complete(state, SCRIPT)
    for name in LISTS:
        state.setdefault(name, [])
    for thread in state["threads"] if type(state["threads"]) is list else ():
        complete(thread, THREAD)
