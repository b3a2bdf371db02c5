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
from typing import Any, Final

from migrate.codec import record
from migrate.codec.codes import FACTORIES
from migrate.codec.frames import part_box, part_frame
from migrate.codec.instances import Parts, Program, instance_parter, part_at_path
from migrate.codec.reader import Reader
from migrate.control import Box
from migrate.errors import CaptureRefused
from migrate.frame import Frame

Parter = Callable[[Any, Any], Parts]

PARTERS: Final[dict[type, Parter]] = {Frame: part_frame, Box: part_box}
"""How values of each known type are taken apart."""


class Parting:
    """Takes apart what is no plain value. `programs`: hashes of those met, in the order of their numbers."""

    def __init__(self, modules: Mapping[str, Program], externals: Mapping[int, str]) -> None:
        self.modules = modules
        self.externals = externals
        self.programs: dict[str, int] = {}
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
        parter = self._of_scripts.get(kind) or PARTERS.get(kind)
        if parter is None:
            parter = self._of_scripts[kind] = self._parter_for(kind)
        return parter(self, value)

    def _parter_for(self, kind: type) -> Parter:
        return instance_parter(self, kind)


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
        self.reducer_override = parting.part


def write(root: object, parting: Parting) -> bytes:
    """The heap's bytes."""
    writer = _FastWriter(parting)
    writer.dump(root)
    return writer.bytes.getvalue()


def encode(
    root: object, *, modules: Mapping[str, Program], externals: Mapping[int, str] | None = None
) -> bytes:
    """`root` and all it refers to as one record. Refuses with CaptureRefused what cannot travel.

    `modules`: the instantiated programs by hash. `externals`: the host's own objects by identity, with the
    name under which the other host provides its own.
    """
    parting = Parting(modules, externals or {})
    body = write(root, parting)
    return record.seal(tuple(parting.programs), body)


__all__ = ["CaptureRefused", "encode", "part_at_path"]
