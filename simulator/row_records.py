"""The small records among a region's rows: its time, its programs, its host's clock.

The one idea: each is a frozen record whose tag carries its version, like those of the exchange
(`migrate.rows`). A row of another kind or version is refused by name, never taken for something else.

Objects are written by `checkpoint`; when each row is read and written is the business of `region_rows` and
`host`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, TypeVar

import msgspec

from migrate.rows import RowKey
from simulator.errors import StoreDamaged

SHOWN_BYTES_MAX: Final = 24
"""How much of a row that can't be read its error shows: the tag and the beginning."""

Natural = Annotated[int, msgspec.Meta(ge=0)]


class RegionRow(msgspec.Struct, frozen=True, array_like=True, tag="region1"):
    """What the region itself must not forget: its time, and the number of its last object."""

    time_us: Natural
    born: Natural


class ProgramRow(msgspec.Struct, frozen=True, array_like=True, tag="program1"):
    """The source of a program that scripts of this region use, or have used."""

    filename: str
    source: str


class ClockRow(msgspec.Struct, frozen=True, array_like=True, tag="clock1"):
    """When the region last committed a tick, in microseconds since 1970."""

    now_us: Natural


Row = TypeVar("Row", RegionRow, ProgramRow, ClockRow)

encode_row = msgspec.msgpack.Encoder().encode


def read_row(key: RowKey, value: bytes, kind: type[Row]) -> Row:
    """Read a row. Raises `StoreDamaged` for bytes of anything else, or of another version."""
    try:
        return msgspec.msgpack.decode(value, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreDamaged(
            f"row {'/'.join(key)} can't be read ({error}): it begins with {value[:SHOWN_BYTES_MAX]!r}. Open the"
            " store with the Gossamer that wrote it, or put all regions back from one backup."
        ) from None


def rows_of_kind(rows: Mapping[RowKey, bytes], kind: str) -> list[tuple[str, bytes]]:
    """Return the keys and values of one kind, in the order of their keys, which is the same everywhere."""
    return sorted((key, value) for (each, key), value in rows.items() if each == kind)
