"""Writes a graph of values as the heap of a record.

The one idea: CPython's C pickler walks the graph and keeps identity, sharing and cycles; it asks
`reducer_override` for everything that is no plain value, and that decides by the exact type, never by a
method of the object.

What the C pickler cannot do right (sort sets, keep NaN's identity, nest deeply, postpone keys that hash by
value) is written by `careful`, in the same format.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from io import BytesIO
from types import GeneratorType
from typing import Any, Final

from migrate.codec import callables, iterators, record, values
from migrate.codec.apivalues import API_TYPES, part_api_value
from migrate.codec.careful import write_carefully
from migrate.codec.codes import FACTORIES
from migrate.codec.containers import CONTAINER_TYPES, part_container
from migrate.codec.failures import part_error
from migrate.codec.frames import part_box, part_frame
from migrate.codec.instances import Parts, Program, instance_parter
from migrate.codec.paths import path_to
from migrate.codec.reader import Reader
from migrate.codec.screen import screen
from migrate.codec.types import NAME_OF
from migrate.control import Box
from migrate.errors import BadRecord, CaptureRefused
from migrate.frame import Frame
from migrate.limits import RECORD_MEMORY_MAX

VALUED: Final = frozenset({Reader.valued_instance, Reader.valued_built_instance})
"""Factories of instances that run a script's code when they are hashed."""

Parter = Callable[[Any, Any], Parts]

PARTERS: Final[dict[type, Parter]] = {
    Frame: part_frame,
    Box: part_box,
    **callables.PARTERS,
    **values.PARTERS,
    **iterators.PARTERS,
    **dict.fromkeys(CONTAINER_TYPES, part_container),
    **dict.fromkeys(API_TYPES.values(), part_api_value),
}
"""How values of each known type are taken apart."""


class Parting:
    """Takes apart what is no plain value. `programs`: hashes of those met, in the order of their numbers."""

    def __init__(self, modules: Mapping[str, Program], externals: Mapping[int, str]) -> None:
        self.modules = modules
        self.externals = externals
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
        if self.externals:
            name = self.externals.get(id(value))
            if name is not None:
                return Reader.external, (name,)
        kind = type(value)
        try:
            parter = self._of_scripts.get(kind) or PARTERS.get(kind)
            if parter is None:
                parter = self._of_scripts[kind] = self._parter_for(kind)
            parts = parter(self, value)
        except CaptureRefused:
            self.refused = value
            raise
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
_INITIAL.memo = {
    id(function): (number, function)
    for number, function in enumerate(getattr(Reader, factory.name) for factory in FACTORIES)
}
_INITIAL_MEMO: Final = _INITIAL.memo


class _FastWriter(pickle.Pickler):
    """The C pickler with our factories in its memo."""

    def __init__(self, parting: Parting) -> None:
        self.bytes = BytesIO()
        super().__init__(self.bytes, 5)
        self.memo = _INITIAL_MEMO
        self.reducer_override = parting.part  # type: ignore[method-assign]  # found as an attribute, it is called faster


def write(root: object, parting: Parting) -> bytes:
    """The heap's bytes. Raises CaptureRefused."""
    writer = _FastWriter(parting)
    try:
        writer.dump(root)
    except RecursionError:
        raise CaptureRefused("values are nested too deeply to travel: keep them flatter.") from None
    return writer.bytes.getvalue()


def encode(
    root: object,
    *,
    modules: Mapping[str, Program],
    externals: Mapping[int, str] | None = None,
    generators: list[GeneratorType[Any, Any, Any]] | None = None,
) -> bytes:
    """`root` and all it refers to as one record. Refuses with CaptureRefused what cannot travel.

    `modules`: the instantiated programs by hash. `externals`: the host's own objects by identity, with the
    name under which the other host provides its own. `generators`: takes the scripts' generators that were
    met; whoever drops the originals passes them to `drop_generator`, so that no `finally` of theirs runs.
    """
    parting = Parting(modules, externals or {})
    try:
        body = write(root, parting)
    except CaptureRefused as refusal:
        path = path_to(parting.refused, root, modules)
        raise (CaptureRefused(f"{path}: {refusal}") if path else refusal) from None
    if _has_nan(body) or (parting.has_valued_keys and not _can_be_read(body)):
        body = write_carefully(root, parting.part, _INITIAL_MEMO.copy())
    if generators is not None:
        generators += parting.generators
    return record.seal(tuple(parting.programs), body)


def _has_nan(body: bytes) -> bool:
    """Whether the heap may hold a NaN: equal to nothing, it is found again by its identity only."""
    return b"G\x7f\xf8" in body or b"G\xff\xf8" in body


def _can_be_read(body: bytes) -> bool:
    """Whether no key in the heap runs a script's code when it is hashed."""
    try:
        screen(body, RECORD_MEMORY_MAX)
    except BadRecord:
        return False
    return True
