"""What of an object and its scripts is numbers, texts and flags of the host's own: fields, beside the heap.

The one idea: what the host keeps of an object changes with every tick, and shares nothing with what its scripts keep.
So it stands outside of their heap, as typed fields that are written, read and checked by C code; and a heap in which
no script has run stays the same, byte for byte. Only what differs from the usual is written.

The names and defaults here belong to the format of records: whoever changes one raises `checkpoint_record.VERSION`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final, TypeAlias

import msgspec
from msgspec import Meta

from migrate.codec.apivalues import made_of_numbers
from migrate.engines import Engine
from migrate.errors import BadRecord
from scripts_api import Color, Rotation, ScriptError, Vector, checks
from scripts_api.values import STILL, UPRIGHT
from simulator.world.calls import Condition
from simulator.world.objects import CUBE, WHITE
from simulator.world.threads import Role

Natural: TypeAlias = Annotated[int, Meta(ge=0, le=2**53)]
"""A count, or a time in microseconds: 285 years. What the kernel adds to it must still be below the 2**64 that can be
written.
"""

Interval: TypeAlias = Annotated[int, Meta(ge=1, le=2**53)]

Bits: TypeAlias = Annotated[int, Meta(ge=0)]
"""Sixty-four of them: MessagePack has no more."""


FEW: Final = Meta(max_length=1_024)
"""Bounds what reading takes before anything else is looked at: several times what any limit allows."""


class ObjectFields(msgspec.Struct, frozen=True, omit_defaults=True):
    """`place` and what else tells of its motion: as they were `age_us` ago. `held`: it waits at a border."""

    place: Vector
    age_us: Natural
    description: str = ""
    text: str = ""
    color: Color = WHITE
    scale: Vector = CUBE
    phantom: bool = False
    velocity: Vector = STILL
    spin: Vector = STILL
    rotation: Rotation = UPRIGHT
    held: bool = False
    target: Vector | None = None


class ThreadFields(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """`remaining_us`: until it gives up, None for never. `number`: of the question that it waits for."""

    role: Role
    remaining_us: Natural | None = None
    number: Natural = 0
    engine: Engine = "generator"


class TimerFields(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`queued`: its event waits. `alive`: it fires again, or for the first time."""

    number: Natural
    remaining_us: Natural
    interval_us: Interval | None
    queued: bool
    alive: bool


class ScriptFields(msgspec.Struct, frozen=True, omit_defaults=True):
    """`elapsed_us`: since the script began. `chat_us`, `log_us`: until it may say as much again as at first. `handler`:
    the index of the microthread that handles an event; `ready`: of those that wait for nothing, in their order.
    """

    cpu_us: Natural
    slices: Natural
    events: Natural
    next_number: Natural
    random_state: Bits
    elapsed_us: Natural
    drops: Natural = 0
    drops_untold: Natural = 0
    chat_us: Natural = 0
    log_us: Natural = 0
    condition: Condition = Condition.RUNNING
    error: str | None = None
    handler: Natural | None = None
    ready: Annotated[tuple[Natural, ...], FEW] = ()
    threads: Annotated[tuple[ThreadFields, ...], FEW] = ()
    timers: Annotated[tuple[TimerFields, ...], FEW] = ()


def made(kind: type, value: Any) -> object:
    """Make a value of the scripts' API of what was read: msgspec's hook for decoding. Raises `BadRecord`."""
    if isinstance(value, kind):
        return value
    if type(value) is not list:
        raise BadRecord(f"a record makes a {kind.__name__} of a {type(value).__name__}.")
    return made_of_numbers(kind, tuple(value))


_RANGES: Final[tuple[tuple[str, object, Callable[[str, Any], object]], ...]] = (
    ("velocity", STILL, checks.vector),
    ("spin", STILL, checks.vector),
    ("target", None, checks.vector),
    ("scale", CUBE, checks.scale),
    ("description", "", checks.description),
    ("text", "", checks.description),
)
"""What a type can't say of a field, the usual value of it, and what looks at it."""


def check_ranges(fields: ObjectFields) -> None:
    """Check what the types of an object's fields leave open. Raises `BadRecord`."""
    try:
        checks.vector("place", fields.place)
        for name, usual, check in _RANGES:
            value = getattr(fields, name)
            if value is not usual:
                check(name, value)
    except ScriptError as error:
        raise BadRecord(f"an object's state is wrong: {error}") from None
