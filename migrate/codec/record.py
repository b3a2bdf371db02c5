"""The typed record around a heap: version, programs, checksum, and the heap's own bytes.

The one idea: everything that can be refused before the heap is touched stands in front of it. An unknown
version, a missing program and a damaged byte have each an error of their own.

The checksum finds accidents, not enemies: those are the business of the link's keys and of `screen`.
"""

from __future__ import annotations

import zlib
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from migrate.errors import BadRecord, UnknownProgram
from migrate.limits import RECORD_BYTES_MAX, RECORD_PROGRAMS_MAX

VERSION: Final = 1

_ENVELOPE_BYTES_MAX: Final = 64 + 40 * RECORD_PROGRAMS_MAX
"""What a record has around its heap: a hash of 32 digits with its length for each program, and the rest."""

Hash = Annotated[str, Meta(min_length=32, max_length=32, pattern="^[0-9a-f]+$")]


class _Head(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="heap"):
    """How a record begins. `programs`: hashes of the programs that the heap speaks of by number."""

    version: int
    programs: Annotated[tuple[Hash, ...], Meta(max_length=RECORD_PROGRAMS_MAX)]


class Heap(_Head, frozen=True, array_like=True, gc=False, tag="heap"):
    """`checksum`: CRC-32 of `body`."""

    checksum: int
    body: bytes


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Heap)
_HEAD_DECODER: Final = msgspec.msgpack.Decoder(_Head)


def seal(programs: tuple[str, ...], body: bytes) -> bytes:
    """The bytes that travel."""
    return _ENCODER.encode(Heap(VERSION, programs, zlib.crc32(body), body))


def open_record(data: bytes, bytes_max: int = RECORD_BYTES_MAX) -> Heap:
    """The record in `data`, whole and undamaged; its heap is still a stranger's."""
    if len(data) > bytes_max + _ENVELOPE_BYTES_MAX:
        raise BadRecord(f"a record of {len(data)} bytes is larger than {bytes_max}: let it keep less.")
    try:
        heap = _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _no_record(data, error) from None
    _check_version(heap)
    if heap.checksum != zlib.crc32(heap.body):
        raise BadRecord("a record's checksum does not fit its bytes: it was damaged, have it sent again.")
    return heap


def programs_of(data: bytes) -> tuple[str, ...]:
    """Hashes of the programs that decoding `data` needs. Nothing behind them is looked at."""
    try:
        head = _HEAD_DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _no_record(data, error) from None
    _check_version(head)
    return head.programs


def _no_record(data: bytes, error: Exception) -> BadRecord:
    return BadRecord(f"{len(data)} bytes are no record of a heap ({error}): have them sent again.")


def _check_version(head: _Head) -> None:
    if head.version != VERSION:
        raise BadRecord(
            f"a record has version {head.version}, this Gossamer reads {VERSION}: upgrade the older side."
        )


def require_programs(heap: Heap, known: object) -> None:
    """Refuse a record whose programs are not all here."""
    missing = [program for program in heap.programs if program not in known]  # type: ignore[operator]  # any container of hashes
    if missing:
        raise UnknownProgram(
            f"a record needs the program {missing[0]}, which is not here: fetch its source by this hash."
        )
