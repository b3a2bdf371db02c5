"""The record of an object, around its heap: what can be told of one without looking at what its scripts keep.

The one idea: one record for one object, the same in the store and on the way to another region; a linkset is its
root's record with those of its parts inside.

What is in a heap is written in `checkpoint` and read in `checkpoint_restore`.
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec.structs import replace

from migrate.codec import programs_of
from migrate.errors import BadRecord

VERSION: Final = 2
READS: Final = (1, VERSION)
"""The first wrote out what is usual too."""

SELDOM: Final = ("physical", "falls", "worn", "grants", "keys")
"""What few objects have, written where it is not empty."""

APPEARANCE: Final = ("description", "text", "color", "scale", "phantom", "velocity", "spin")
"""What every object has, written where it is not as usual."""


class UnitRecord(msgspec.Struct, frozen=True, array_like=True, tag="unit"):
    """`programs`: of each script, in order. `frames`: how many frames of scripts are in the heap. `carried`: programs
    that its contents need. `parts`: the records of what hangs on it.
    """

    version: int
    object: str
    name: str
    owner: str
    at_us: int
    programs: tuple[str, ...]
    frames: int
    heap: bytes
    carried: tuple[str, ...] = ()
    parts: tuple[bytes, ...] = ()


encode_unit = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(UnitRecord)


def read_unit(data: bytes) -> UnitRecord:
    """Read the record around an object. Raises `BadRecord`."""
    try:
        record = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRecord(f"{len(data)} bytes are no object ({error}): have them sent again.") from None
    if record.version not in READS:
        raise BadRecord(
            f"an object has version {record.version}, this Gossamer reads {READS[0]} to {VERSION}:"
            " upgrade the older side."
        )
    return record


def begun_at(record: UnitRecord, at_us: int) -> bytes:
    """Return a record's bytes with its times counted from `at_us` of another region."""
    return encode_unit(replace(record, at_us=at_us))


def programs_needed(record: UnitRecord) -> tuple[str, ...]:
    """Return its scripts' programs, those of its contents, and what something in it refers to since an upgrade."""
    parts = map(read_unit, record.parts)
    own = (*record.programs, *record.carried, *programs_of(record.heap))
    return tuple(dict.fromkeys((*own, *(each for part in parts for each in programs_needed(part)))))


def frames_in(record: UnitRecord) -> int:
    """Return how many frames of scripts are in an object and what hangs on it."""
    return record.frames + sum(frames_in(read_unit(part)) for part in record.parts)
