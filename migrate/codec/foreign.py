"""Values outside the closed table, between processes that trust each other: trusted mode.

The one idea: what the codec refuses is pickled by cloudpickle, by itself, into bytes that the record carries. Reading
those bytes can run any code, so a reader does it only if its host has switched trusted mode on. A script's own classes
and functions inside such a value go by their path, as everywhere.

What such a value shares with the rest of the record becomes its own copy.
"""

from __future__ import annotations

import io
import pickle
import warnings
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any

import cloudpickle

from migrate.codec.instances import InstanceFactories, place_of
from migrate.errors import BadRecord, CaptureRefused

if TYPE_CHECKING:
    from migrate.codec.instances import Parts
    from migrate.codec.writer import Parting

CULPRIT_DEPTH_MAX = 8
"""Steps into an object that a refusal tells: each tries to write every part of one."""


def part_foreign(writer: Parting, value: object, refusal: CaptureRefused) -> Parts:
    """Return the value as bytes of cloudpickle. Raises CaptureRefused with what inside it has no such form."""
    written = io.BytesIO()
    try:
        _ForeignPickler(written, writer).dump(value)
    except Exception as error:  # every library's own: whatever it is, the value cannot travel
        raise CaptureRefused(f"{refusal} Nor in trusted mode: {error}{_culprits(writer, value)}") from error
    return ForeignFactories.foreign, (written.getvalue(),)


def _culprits(writer: Parting, value: object) -> str:
    """What inside the value stands in the way: what dill's detection names at each step, as far in as it leads."""
    import dill.detect  # late: it takes 60 ms to import and is for refusals only

    way, kind = "", type(value).__name__
    for _ in range(CULPRIT_DEPTH_MAX):
        # dill tells of each attempt, and of some whatever the filters say.
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("ignore")
            bad = dill.detect.badobjects(value, depth=1) or {}
        # What dill could write and cloudpickle could not, such as a lock, stands in the way as well.
        steps = [(name, part) for name, part in _parts(value) if name[1:] in bad or not _writes(writer, part)]
        if not steps:
            break
        if len(steps) > 1:
            return (
                f" (inside it: {', '.join(f'{way}{name} ({type(part).__name__})' for name, part in steps)})"
            )
        ((step, value),) = steps
        way, kind = way + step, type(value).__name__
    return f" (inside it: {way} ({kind}))" if way else ""


def _parts(value: object) -> list[tuple[str, object]]:
    """(how it is reached, part) of what an object holds in attributes or as items."""
    held = [(f".{name}", part) for name, part in sorted(getattr(value, "__dict__", {}).items())]
    if isinstance(value, dict):
        held += [(f"[{key!r}]", part) for key, part in value.items()]
    elif isinstance(value, list | tuple):
        held += [(f"[{index}]", part) for index, part in enumerate(value)]
    return held


def _writes(writer: Parting, value: object) -> bool:
    try:
        _ForeignPickler(io.BytesIO(), writer).dump(value)
    except Exception:  # noqa: BLE001 - every library's own: whatever it is, the value can't be written
        return False
    return True


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
    stand_in: Callable[[bytes], object] | None

    def foreign(self, data: bytes) -> object:
        """A value that cloudpickle wrote, or what stands in for it. Raises BadRecord where trusted mode is off."""
        if self.stand_in is not None:
            return self.stand_in(data)
        if not self.trusted:
            raise BadRecord(
                "a record holds a value in the form of trusted mode, which is off here: "
                "switch it on for both sides, or have the script keep plain values."
            )
        return _ForeignUnpickler(io.BytesIO(data), self).load()
