"""Reads a record: checks it, screens its heap, and lets the C unpickler put the values together.

The one idea: the unpickler can reach nothing but the factories. They lie in its memo before it reads the
first byte; `find_class`, which would look names up, refuses every name.

It resumes nothing and runs nothing of a script, but for the `__hash__` and `__eq__` of keys that have their
own, when everything else is in place.
"""

from __future__ import annotations

import operator
import pickle
from collections.abc import Callable, Mapping
from io import BytesIO
from types import GeneratorType
from typing import Any, Final, NoReturn

from migrate.codec import record
from migrate.codec.apivalues import ApiFactories
from migrate.codec.buffers import BufferFactories
from migrate.codec.callables import CallableFactories
from migrate.codec.codes import FACTORIES, PREFIX
from migrate.codec.containers import ContainerFactories
from migrate.codec.failures import ErrorFactories
from migrate.codec.foreign import ForeignFactories
from migrate.codec.frames import FrameFactories
from migrate.codec.instances import Program
from migrate.codec.iterators import IteratorFactories, Unsettled
from migrate.codec.keys import KeyFactories
from migrate.codec.local_classes import LocalClassFactories
from migrate.codec.screen import Room
from migrate.codec.shapes import Shape
from migrate.codec.values import ValueFactories
from migrate.errors import BadRecord, CaptureRefused, UnknownProgram
from migrate.frame import Frame
from migrate.frame_parts import drop_generators, start_generator
from migrate.limits import RECORD_BYTES_MAX, RECORD_MEMORY_MAX

_ITEM_BYTES: Final = 40

_COPIED: Final = frozenset({list, dict, set, bytearray})

OWN_ROOM: Final = 1 << 62
"""Room for a record that nobody else can have written: no limit."""


class Reader(
    BufferFactories,
    FrameFactories,
    ForeignFactories,
    CallableFactories,
    ContainerFactories,
    ErrorFactories,
    IteratorFactories,
    ApiFactories,
    KeyFactories,
    LocalClassFactories,
    ValueFactories,
):
    """What the factories of one record know: its programs, the host's objects, and how much room is left."""

    __slots__ = (
        "classes", "externals", "frames", "hashes", "kinds", "late", "programs", "room", "stand_in", "trusted"
    )  # fmt: skip

    def __init__(
        self,
        hashes: tuple[str, ...],
        modules: Mapping[str, Program],
        externals: Mapping[str, object],
        room: int,
        trusted: bool,
        stand_in: Callable[[bytes], object] | None = None,
    ) -> None:
        self.hashes = hashes
        self.programs = [modules[program] for program in hashes]
        self.externals = externals
        self.kinds: dict[type, Shape] = {}
        self.classes: set[type] = set()
        self.frames: list[tuple[Any, Frame]] = []
        self.late: list[Unsettled] = []
        self.room = room
        self.trusted, self.stand_in = trusted, stand_in

    def spend_on(self, content: Any) -> None:
        """Account for the items of a container that a factory copies. A deque's and a defaultdict's stand in a pair."""
        # By types: what is of another one is refused later, and a script's own would be asked for its length.
        parts = content if type(content) is tuple else (content,)
        self.spend(sum(len(part) for part in parts if type(part) in _COPIED))

    def settle(self) -> None:
        """Everything is in place: iterators may open, generators go to where they were suspended."""
        for iterator in self.late:
            iterator.settle()
        for generator, frame in self.frames:
            start_generator(generator, frame)

    def spend(self, items: int) -> None:
        """Account for `items` that a factory copies."""
        self.room -= _ITEM_BYTES * items
        if self.room < 0:
            raise BadRecord(f"a record would take more than {RECORD_MEMORY_MAX} bytes of memory.")


_factories_of: Final = operator.attrgetter(*(factory.name for factory in FACTORIES))


class _Unpickler(pickle.Unpickler):
    """The C unpickler without names."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise BadRecord(f"a record names '{module}.{name}': records hold no names.")

    def persistent_load(self, pid: Any) -> NoReturn:
        raise BadRecord("a record holds a persistent id: records hold none.")


def decode(
    data: bytes,
    *,
    modules: Mapping[str, Program],
    externals: Mapping[str, object] | None = None,
    trusted: bool = False,
    own: bool = False,
    together: Room | None = None,
    stand_in: Callable[[bytes], object] | None = None,
    generators: list[GeneratorType[Any, Any, Any]] | None = None,
) -> Any:
    """The values of a record made by `encode`, maybe by a stranger. `trusted`: never by a stranger. `own`: from this
    host's own store, so what it wrote it reads again, unscreened. `together`: what other records that came with this
    one have left of what they may take. `stand_in`: makes what stands in for values of trusted mode, which are not
    read then. `generators`: takes the scripts' own, for `drop_generators` if the values come to nothing. Those of a
    record that is refused have been dropped.

    Raises BadRecord for anything else, UnknownProgram if a program's source is not here yet.
    """
    heap = record.open_record(data, RECORD_BYTES_MAX if not own else OWN_ROOM)
    record.require_programs(heap, modules)
    together = together or Room()
    room = OWN_ROOM if own else together.screen(heap.body)
    reader = Reader(heap.programs, modules, externals or {}, room, trusted, stand_in)
    unpickler = _Unpickler(BytesIO(PREFIX + heap.body), buffers=_factories_of(reader))
    try:
        root = _loaded(unpickler, reader)
    except (BadRecord, UnknownProgram):
        raise
    except CaptureRefused as error:
        raise BadRecord(f"a record holds what cannot travel: {error}") from None
    except Exception as error:  # whatever hostile arguments make the built-in types raise
        raise BadRecord(f"a record's heap makes no values: {type(error).__name__}: {error}") from error
    if generators is not None:
        generators += [generator for generator, _ in reader.frames]
    together.bytes = reader.room
    return root


def _loaded(unpickler: _Unpickler, reader: Reader) -> Any:
    try:
        root = unpickler.load()
        reader.settle()
    except BaseException:  # the end of a time limit too
        drop_generators(generator for generator, _ in reader.frames)
        raise
    return root
