"""The record of an object, around its heap: what can be told of one without looking at what its scripts keep.

The one idea: one record for one object, the same in the store and on the way to another region; a linkset is its
root's record with those of its parts inside.

What is in a heap is written in `checkpoint` and read in `checkpoint_restore`.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec.structs import replace

from migrate.codec import programs_of
from migrate.errors import BadRecord
from simulator.checkpoint_fields import FEW, Natural, ObjectFields, ScriptFields, made

VERSION: Final = 3
READS: Final = (1, 2, VERSION)
"""The first two had their fields in the heap, and the first wrote out what is usual too: see `checkpoint_earlier`."""

SELDOM: Final = ("physical", "falls", "worn", "grants", "keys")
"""What few objects have, written where it is not empty."""

FIELDS_BYTES_MAX: Final = 512 * 1024
"""Of a record, beside its heap and its parts: twice what 64 scripts full of microthreads and timers take. A stranger's
may take 80 times as much memory while they are read, which is below the 64 MiB promised.
"""

_NOTHING: Final = msgspec.Raw()


class _Head(msgspec.Struct, frozen=True, array_like=True, tag="unit"):
    """How a record of any version begins."""

    version: int


class _Outline(_Head, frozen=True, array_like=True, tag="unit"):
    """Where things lie in a record: nothing but its version is made."""

    object: msgspec.Raw
    name: msgspec.Raw
    owner: msgspec.Raw
    at_us: msgspec.Raw
    programs: msgspec.Raw
    frames: msgspec.Raw
    heap: msgspec.Raw
    carried: msgspec.Raw = _NOTHING
    parts: msgspec.Raw = _NOTHING


class UnitRecord(_Head, frozen=True, array_like=True, tag="unit"):
    """`programs`: of each script, in order. `frames`: how many frames of scripts are in the heap. `carried`: programs
    that its contents need. `parts`: the records of what hangs on it. `fields`, and those of each of its `scripts`: None
    and none in earlier versions. `frozen_after_us`: how long after the GRANT, of a unit that crosses a border.
    """

    object: str
    name: str
    owner: str
    at_us: Natural
    programs: Annotated[tuple[str, ...], FEW]
    frames: Natural
    heap: bytes
    carried: tuple[str, ...] = ()
    parts: Annotated[tuple[bytes, ...], FEW] = ()
    fields: ObjectFields | None = None
    scripts: Annotated[tuple[ScriptFields, ...], FEW] = ()
    frozen_after_us: Natural | None = None


encode_unit = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(UnitRecord, dec_hook=made)
_head_decoder = msgspec.msgpack.Decoder(_Head)
_outline_decoder = msgspec.msgpack.Decoder(_Outline)
# Damaged text is a UnicodeDecodeError, nesting without end a RecursionError.
_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, BadRecord)


def read_unit(data: bytes) -> UnitRecord:
    """Read the record around an object. Raises `BadRecord`."""
    try:
        if len(data) > FIELDS_BYTES_MAX:
            _check_fields(data)
        record = _decoder.decode(data)
    except _UNREADABLE as error:
        _check_version(data)
        raise BadRecord(f"{len(data)} bytes are no object ({error}): have them sent again.") from None
    if record.version not in READS:
        raise _unknown_version(record.version)
    return record


def _check_fields(data: bytes) -> None:
    """Check how much there is beside the heap and the parts, which are bytes that nothing is made of here."""
    outline = _outline_decoder.decode(data)
    size = len(data) - len(memoryview(outline.heap)) - len(memoryview(outline.parts))
    if size > FIELDS_BYTES_MAX:
        raise BadRecord(f"{size} bytes of fields, at most {FIELDS_BYTES_MAX} can be")


def _check_version(data: bytes) -> None:
    """What a later version has written may look otherwise behind its version."""
    try:
        version = _head_decoder.decode(data).version
    except _UNREADABLE:
        return
    if version not in READS:
        raise _unknown_version(version)


def _unknown_version(version: int) -> BadRecord:
    return BadRecord(
        f"an object has version {version}, this Gossamer reads {READS[0]} to {VERSION}: upgrade the older side."
    )


def begun_at(record: UnitRecord, at_us: int) -> bytes:
    """Return a record's bytes with its times counted from `at_us` of another region."""
    return encode_unit(replace(record, at_us=at_us, frozen_after_us=None))


def programs_needed(record: UnitRecord) -> tuple[str, ...]:
    """Return its scripts' programs, those of its contents, and what something in it refers to since an upgrade."""
    parts = map(read_unit, record.parts)
    own = (*record.programs, *record.carried, *programs_of(record.heap))
    return tuple(dict.fromkeys((*own, *(each for part in parts for each in programs_needed(part)))))


def frames_in(record: UnitRecord) -> int:
    """Return how many frames of scripts are in an object and what hangs on it."""
    return record.frames + sum(frames_in(read_unit(part)) for part in record.parts)
