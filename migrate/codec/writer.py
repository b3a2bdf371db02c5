"""Writes a graph of values as the heap of a record.

The one idea: CPython's C pickler walks the graph and keeps identity, sharing and cycles; it asks
`reducer_override` for everything that is no plain value, and that decides by the exact type, never by a
method of the object.

What the C pickler cannot do right (keep NaN's identity, follow a chain of thousands of objects, postpone keys that
hash by value) is written by `careful`, in the same format.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Mapping
from io import BytesIO
from types import GeneratorType
from typing import Any, Final

from migrate.codec import buffers, callables, iterators, record, values
from migrate.codec.apivalues import API_TYPES, part_fields, part_numbers
from migrate.codec.careful import write_carefully
from migrate.codec.codes import FACTORIES, UNUSED
from migrate.codec.containers import CONTAINER_TYPES, part_container
from migrate.codec.failures import part_error
from migrate.codec.foreign import part_foreign
from migrate.codec.frames import part_box, part_frame
from migrate.codec.instances import Parts, Program, instance_parter
from migrate.codec.paths import path_to
from migrate.codec.reader import Reader
from migrate.codec.screen import screen
from migrate.codec.types import NAME_OF
from migrate.control import Box
from migrate.errors import BadRecord, CaptureRefused, TooMuch
from migrate.frame import Frame
from migrate.limits import COLLIDING_KEYS_MAX, RECORD_BYTES_MAX, RECORD_MEMORY_MAX

VALUED: Final = frozenset({Reader.valued_instance, Reader.valued_built_instance})
"""Factories of instances that run a script's code when they are hashed."""

Parter = Callable[[Any, Any], Parts]

NUMBERS: Final[dict[type, Parter]] = {
    kind: part_numbers for kind in API_TYPES.values() if issubclass(kind, tuple)
}
"""Of those that every object has several of: never a host's own."""

PARTERS: Final[dict[type, Parter]] = {
    Frame: part_frame,
    Box: part_box,
    **callables.PARTERS,
    **values.PARTERS,
    **buffers.PARTERS,
    **iterators.PARTERS,
    **dict.fromkeys(CONTAINER_TYPES, part_container),
    **dict.fromkeys(API_TYPES.values(), part_fields),
    **NUMBERS,
}
"""How values of each known type are taken apart."""


class Parting:
    """Takes apart what is no plain value. `programs`: hashes of those met, in the order of their numbers."""

    def __init__(
        self, modules: Mapping[str, Program], externals: Mapping[int, str], trusted: bool = False
    ) -> None:
        self.modules = modules
        self.externals = externals
        self.trusted = trusted
        self.programs: dict[str, int] = {}
        self.has_valued_keys = False
        self.refused: object = None
        self.generators: list[GeneratorType[Any, Any, Any]] = []
        self._of_scripts: dict[type, Parter] = {}

    def number_of(self, program: str) -> int:
        """The program's number in this record."""
        number = self.programs.get(program)
        if number is None:
            number = self.programs[program] = len(self.programs)
        return number

    def part(self, value: Any) -> Parts:
        """The value as a factory, its arguments and its later state."""
        kind = type(value)
        quick = NUMBERS.get(kind)
        if quick is not None:
            return quick(self, value)
        if self.externals:
            name = self.externals.get(id(value))
            if name is not None:
                return Reader.external, (name,)
        try:
            parter = self._of_scripts.get(kind) or PARTERS.get(kind)
            if parter is None:
                parter = self._of_scripts[kind] = self._parter_for(kind)
            parts = parter(self, value)
        except CaptureRefused as refusal:
            self.refused = value
            if not self.trusted:
                raise
            return part_foreign(self, value, refusal)
        if parts[0] in VALUED:
            self.has_valued_keys = True
        return parts

    def _parter_for(self, kind: type) -> Parter:
        if issubclass(kind, type):
            return callables.part_named
        if issubclass(kind, BaseException) and id(kind) in NAME_OF:
            return part_error
        parter: Parter = instance_parter(self, kind)
        return parter

    part_error = staticmethod(part_error)


_INITIAL: Final = pickle.Pickler(BytesIO(), 5)
_NUMBERED: Final = (
    *(getattr(Reader, factory.name) for factory in FACTORIES),
    *(object() for _ in range(UNUSED)),
)
_INITIAL.memo = {id(each): (number, each) for number, each in enumerate(_NUMBERED)}
_INITIAL_MEMO: Final = _INITIAL.memo


class _FastWriter(pickle.Pickler):
    """The C pickler. `reducer_override`: found as an attribute, it is called faster."""

    __slots__ = ("reducer_override",)


class _Bounded(BytesIO):
    """Takes what a record may have and no more: however much a script keeps, to find out takes no longer."""

    __slots__ = ()

    def write(self, data: Any) -> int:
        """Called by the pickler for every 64 KiB. Raises TooMuch."""
        written = _take(self, data)
        if written > _FEW_BYTES and self.tell() > RECORD_BYTES_MAX:
            raise TooMuch(_TOO_MUCH)
        return written


_take: Final = BytesIO.write
_FEW_BYTES: Final = 16 * 1024
"""The pickler gives more at a time, but for the last time: what a usual record has in all is not looked at."""

_TOO_MUCH: Final = f"more than {RECORD_BYTES_MAX} bytes cannot travel at once: keep less."


def write(root: object, parting: Parting) -> bytes:
    """The heap's bytes. Raises CaptureRefused for what cannot travel."""
    written = _Bounded()
    writer = _FastWriter(written, 5)
    writer.memo = _INITIAL_MEMO
    writer.reducer_override = parting.part  # type: ignore[method-assign]  # it is a slot
    try:
        writer.dump(root)
    except RecursionError:
        return _written_carefully(root, parting)
    return written.getvalue()


def _written_carefully(root: object, parting: Parting) -> bytes:
    return write_carefully(root, parting.part, _INITIAL_MEMO.copy(), _Bounded())


def encode(
    root: object,
    *,
    modules: Mapping[str, Program],
    externals: Mapping[int, str] | None = None,
    generators: list[GeneratorType[Any, Any, Any]] | None = None,
    trusted: bool = False,
) -> bytes:
    """`root` and all it refers to as one record. Refuses with CaptureRefused what cannot travel.

    `modules`: the instantiated programs by hash. `externals`: the host's own objects by identity, with the
    name under which the other host provides its own. `generators`: takes the scripts' generators that were
    met; whoever drops the originals passes them to `drop_generators`, so that no `finally` of theirs runs.
    `trusted`: write what cannot travel otherwise with cloudpickle, for readers in trusted mode.
    """
    parting = Parting(modules, externals or {}, trusted)
    try:
        body = write(root, parting)
        if _has_nan(body) or (parting.has_valued_keys and not _can_be_read(body)):
            body = _written_carefully(root, parting)
        elif _may_be_too_much(body) and not _can_be_read(body):
            # Only where it is the keys that are too much does it help to put them off.
            body = _readable(_written_carefully(root, parting) if _has_many_keys(body) else body)
    except CaptureRefused as refusal:
        path = "" if parting.refused is None else path_to(parting.refused, root, modules)
        raise (CaptureRefused(f"{path}: {refusal}") if path else refusal) from None
    if generators is not None:
        generators += parting.generators
    return record.seal(tuple(parting.programs), body)


def _has_nan(body: bytes) -> bool:
    """Whether the heap may hold a NaN: equal to nothing, it is found again by its identity only."""
    return _NAN.search(body) is not None


_NAN: Final = re.compile(rb"G[\x7f\xff](?!\xf0\0{6})[\xf0-\xff]")
"""A float whose exponent is all ones and that is no infinity."""


_SUSPECT_BYTES: Final = 2 * COLLIDING_KEYS_MAX
"""Fewer bytes hold no more keys than a reader takes: each is at least two bytes long."""

BYTES_PER_BYTE: Final = 128
"""No byte of a heap makes more bytes of memory: a set of empty sets comes to that."""

_COSTLY: Final = tuple(bytes((op,)) for op in (0x74, 0x85, 0x86, 0x87, 0x91, 0x8A, 0x8B, 0x52))
"""Opcodes that make what may be a key and is not free to hash: tuples, frozensets, long integers, calls."""


def _may_be_too_much(body: bytes) -> bool:
    """Whether a reader could refuse the heap for its size or its keys. Cheap, so that every capture can ask."""
    if len(body) * BYTES_PER_BYTE > RECORD_MEMORY_MAX:
        return True
    return _has_many_keys(body)


def _has_many_keys(body: bytes) -> bool:
    return len(body) > _SUSPECT_BYTES and sum(map(body.count, _COSTLY)) > COLLIDING_KEYS_MAX


def _readable(body: bytes) -> bytes:
    """The heap, if a reader will take it. Raises TooMuch: better here than where it arrives."""
    if len(body) > RECORD_BYTES_MAX:
        raise TooMuch(_TOO_MUCH)
    try:
        screen(body, RECORD_MEMORY_MAX)
    except BadRecord as refusal:
        raise TooMuch(f"it is too much to travel at once: {refusal}") from None
    return body


def _can_be_read(body: bytes) -> bool:
    """Whether a reader takes the heap as it is."""
    if len(body) > RECORD_BYTES_MAX:
        return False
    try:
        screen(body, RECORD_MEMORY_MAX)
    except BadRecord:
        return False
    return True
