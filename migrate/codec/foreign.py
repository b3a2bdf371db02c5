"""Values outside the closed table, between processes that trust each other: trusted mode.

The one idea: what the codec refuses is pickled by cloudpickle, by itself, into bytes that the record carries. Reading
those bytes can run any code, so a reader does it only if its host has switched trusted mode on. A script's own classes
and functions inside such a value go by their path, as everywhere.

What such a value shares with the rest of the record becomes its own copy.
"""

from __future__ import annotations

import io
import pickle
from types import FunctionType
from typing import TYPE_CHECKING, Any

import cloudpickle

from migrate.codec.instances import InstanceFactories, place_of
from migrate.errors import BadRecord, CaptureRefused

if TYPE_CHECKING:
    from migrate.codec.instances import Parts
    from migrate.codec.writer import Parting


def part_foreign(writer: Parting, value: object, refusal: CaptureRefused) -> Parts:
    """Return the value as bytes of cloudpickle. Raises CaptureRefused with what inside it has no such form."""
    written = io.BytesIO()
    try:
        _ForeignPickler(written, writer).dump(value)
    except Exception as error:  # every library's own: whatever it is, the value cannot travel
        raise CaptureRefused(f"{refusal} Nor in trusted mode: {error}{_culprits(value)}") from error
    return ForeignFactories.foreign, (written.getvalue(),)


def _culprits(value: object) -> str:
    import dill.detect  # late: it takes 60 ms to import and is for refusals only

    found = dill.detect.badobjects(value, depth=1)
    held = {name: part for name, part in getattr(value, "__dict__", {}).items() if name in (found or ())}
    named = ", ".join(f"{name} ({type(part).__name__})" for name, part in sorted(held.items()))
    return f" (inside it: {named})" if named else ""


class _ForeignPickler(cloudpickle.Pickler):  # type: ignore[misc]  # cloudpickle has no types
    def __init__(self, file: io.BytesIO, writer: Parting) -> None:
        super().__init__(file, protocol=5)
        self._writer = writer

    def persistent_id(self, value: object) -> tuple[int, str] | None:
        """(number of the program, path) of a script's class or function."""
        return place_of(self._writer, value) if isinstance(value, type | FunctionType) else None


class _ForeignUnpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, reader: ForeignFactories) -> None:
        super().__init__(file)
        self._reader = reader

    def persistent_load(self, pid: Any) -> object:
        return self._reader.at_path(*pid)


class ForeignFactories(InstanceFactories):
    """Reads them, where the host allows it."""

    __slots__ = ()

    trusted: bool

    def foreign(self, data: bytes) -> object:
        """A value that cloudpickle wrote. Raises BadRecord where trusted mode is off."""
        if not self.trusted:
            raise BadRecord(
                "a record holds a value in the form of trusted mode, which is off here: "
                "switch it on for both sides, or have the script keep plain values."
            )
        return _ForeignUnpickler(io.BytesIO(data), self).load()
