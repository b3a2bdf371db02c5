"""Instances of a script's classes, and the classes, by their path in their program.

The one idea: an object is made empty, put where it is referred to, and filled when its members are there.
Neither side calls a method of the object or of its class: no `__init__`, `__setattr__`, `__reduce__`,
`__eq__`.

Each kind of thing stands here twice: taken apart by a function, put together by a factory of the mixin below.
"""

from __future__ import annotations

import enum
import functools
import io
import socket
import sys
import threading
import types
import weakref
from sys import intern
from typing import TYPE_CHECKING, Any, Final, Protocol

from migrate.codec.containers import COPIES, FILLERS
from migrate.codec.local_classes import program_of_class
from migrate.codec.shapes import IMMUTABLE, SOLID, Shape, dict_of, shape_of, shape_of_unfilled
from migrate.errors import BadRecord, CaptureRefused
from migrate.limits import SHAPES_MAX

if TYPE_CHECKING:
    from migrate.codec.writer import Parting

Parts = tuple[Any, ...]
"""What pickle wants to know of an object: (factory, arguments) or (factory, arguments, state, None, None,
filler)."""


class Program(Protocol):
    """What the codec asks of an instantiated program."""

    namespace: dict[str, Any]

    def path_of(self, value: object) -> str | None: ...
    def value_at(self, path: str) -> object: ...


def place_of(writer: Parting, kind: object) -> tuple[int, str] | None:
    """(number of the program in this record, path in it) of a script's class or function."""
    for program, module in writer.modules.items():
        path = module.path_of(kind)
        if path is not None:
            return writer.number_of(program), path
    return None


WAYS_OUT: Final[dict[type, tuple[str, str]]] = {
    io.IOBase: (
        "an open file",
        "close it before anything that loops or waits, and keep its name or what was read",
    ),
    socket.socket: ("a socket", "it belongs to this machine; use the calls of scripts_api to reach others"),
    threading.Thread: ("a thread", "use spawn for work beside this"),
    type(threading.Lock()): (
        "a lock",
        "leave it out, microthreads of one script change over only where they loop or wait",
    ),
    types.FrameType: ("a frame", "keep what you want to know from it"),
    types.TracebackType: ("a traceback", "keep the exception itself"),
    types.CoroutineType: ("a coroutine", "call plain functions; they wait by themselves"),
    memoryview: ("a memoryview", "keep the bytes or the bytearray itself"),
    weakref.ref: ("a weak reference", "keep the object, or its key in a dict of your own"),
}
"""What authors are known to keep, and what to do instead; others get a general answer."""


def instance_parter(writer: Parting, kind: type) -> Any:
    """A function that takes instances of `kind` apart."""
    place: tuple[Any, ...] | None = place_of(writer, kind)
    if place is None and program_of_class(writer, kind) is not None:
        place = (kind,)
    if place is None:
        for known, (shown, way_out) in WAYS_OUT.items():
            if issubclass(kind, known):
                raise CaptureRefused(f"{shown} cannot travel: {way_out}.")
        raise CaptureRefused(
            f"an instance of '{kind.__module__}.{kind.__qualname__}' cannot travel: its class is not one of a "
            "program of this region. Keep plain values instead."
        )
    return _parter_at(place, kind)


@functools.lru_cache(SHAPES_MAX)
def _parter_at(place: tuple[Any, ...], kind: type) -> Any:
    """The same where it is known where the class is found."""
    if issubclass(kind, enum.Enum):
        return lambda _, value: _part_member(place, value)
    shape = shape_of(kind)
    if shape.plain:
        factory = InstanceFactories.valued_instance if shape.valued else InstanceFactories.instance
        return lambda _, value: _part_plain(factory, place, value)
    if issubclass(shape.base, BaseException):
        return lambda writer, value: writer.part_error(writer, value)
    if shape.base is object:
        factory = InstanceFactories.valued_instance if shape.valued else InstanceFactories.instance
        return lambda _, value: (
            factory,
            place,
            _slot_state(shape, value),
            None,
            None,
            InstanceFactories.fill_slots,
        )
    return lambda _, value: _part_built(shape, place, value)


class _Probe:
    pass


def _references_to_dict() -> int:
    state = dict_of(_Probe())
    return sys.getrefcount(state)


_UNSHARED: Final = max(_references_to_dict() for _ in range(3)) + 1
"""References that a `__dict__` has while one variable here and its instance hold it: one more means it is
shared."""


def _part_plain(factory: Any, place: tuple[Any, ...], value: object) -> Parts:
    state = dict_of(value)
    if sys.getrefcount(state) > _UNSHARED:
        # Someone else may hold this very dict and expects to see later changes in it.
        return factory, place, state, None, None, InstanceFactories.adopt
    return factory, place, state, None, None, InstanceFactories.fill


def _part_member(place: tuple[Any, ...], value: Any) -> Parts:
    name = dict_of(value).get("_name_")
    if type(name) is str and dict_of(type(value))["_member_map_"].get(name) is value:
        return InstanceFactories.member, (*place, name, None)
    return InstanceFactories.member, (*place, None, dict_of(value)["_value_"])


def _slot_state(shape: Shape, value: object) -> tuple[Any, ...]:
    """(slots by name, attributes or None[, True if something else holds that very `__dict__`])."""
    held = {}
    for name, slot in shape.slots.items():
        try:
            held[name] = slot.__get__(value)
        except AttributeError:
            continue  # An unset slot stays unset.
    if not shape.has_dict:
        return held, None
    state = dict_of(value)
    return (held, state, True) if sys.getrefcount(state) > _UNSHARED else (held, state)


def _part_built(shape: Shape, place: tuple[Any, ...], value: Any) -> Parts:
    factory = InstanceFactories.valued_built_instance if shape.valued else InstanceFactories.built_instance
    state = _slot_state(shape, value)
    if shape.base in IMMUTABLE:
        held, attributes = state
        arguments = (*place, COPIES[shape.base](value))
        if not held and not attributes:
            return factory, arguments
        return factory, arguments, (state, None), None, None, InstanceFactories.fill_built
    content = COPIES[shape.base](value)
    return factory, (*place, None), (state, content), None, None, InstanceFactories.fill_built


def _another_sort(kind: type) -> BadRecord:
    return BadRecord(f"a record takes '{kind.__qualname__}' for another sort of class than it is here.")


_missing_flag: Final[Any] = vars(enum.Flag)["_missing_"].__func__


class InstanceFactories:
    """Puts instances together.

    `programs`: the record's programs, instantiated, by number. `kinds`: the classes that this record has made
    instances of; nothing else is ever filled.
    """

    __slots__ = ()

    programs: list[Program]
    kinds: dict[type, Shape]
    classes: set[type]

    def spend(self, items: int) -> None:
        """Account for `items` that a factory copies; the reader does it."""
        raise NotImplementedError

    def spend_on(self, content: Any) -> None:
        """The same for all items of a container."""
        raise NotImplementedError

    def at_path(self, program: int, path: str) -> object:
        """A script's class or function."""
        module = self.programs[program]
        found = module.value_at(path)
        if module.path_of(found) != path:
            raise BadRecord(f"a record names '{path}', which its program does not define.")
        return found

    def _class_at(self, *place: Any) -> tuple[type, Shape]:
        """The class at (program, path), or the class itself where this record has made it, and its layout."""
        if len(place) == 1:
            (kind,) = place
            if not isinstance(kind, type) or kind not in self.classes:
                raise BadRecord("a record makes an instance of a class that it has not made.")
            shape = self.kinds[kind] = shape_of_unfilled(kind)
            return kind, shape
        program, path = place
        kind = self.at_path(program, path)
        if not isinstance(kind, type) or issubclass(kind, enum.Enum):
            raise BadRecord(f"a record makes an instance of '{path}', which is no class of that sort.")
        shape = self.kinds[kind] = shape_of(kind)
        return kind, shape

    def instance(self, *place: Any) -> object:
        """An empty instance that is hashed by identity."""
        kind, shape = self._class_at(*place)
        if shape.valued or shape.base is not object:
            raise _another_sort(kind)
        return object.__new__(kind)

    def valued_instance(self, *place: Any) -> object:
        """An empty instance that is not hashed before it is filled."""
        kind, shape = self._class_at(*place)
        if shape.base is not object:
            raise _another_sort(kind)
        return object.__new__(kind)

    def built_instance(self, *place_and_value: Any) -> object:
        """An instance of a class that extends a built-in type, hashed as that type is."""
        *place, value = place_and_value
        kind, shape = self._class_at(*place)
        if shape.valued:
            raise _another_sort(kind)
        return self._built(kind, shape.base, value)

    def valued_built_instance(self, *place_and_value: Any) -> object:
        """The same for one that is not hashed before it is filled."""
        *place, value = place_and_value
        kind, shape = self._class_at(*place)
        return self._built(kind, shape.base, value)

    def _built(self, kind: type, base: type, value: Any) -> object:
        if base in IMMUTABLE:
            if type(value) is not base:
                raise BadRecord(f"a record makes a '{kind.__qualname__}' of a {type(value).__name__}.")
            self.spend(len(value) if hasattr(value, "__len__") else 1)
            return base.__new__(kind, value)
        if base not in SOLID or issubclass(base, BaseException):
            raise BadRecord(f"a record makes a '{kind.__qualname__}' as if it extended a built-in container.")
        return base.__new__(kind)

    def member(self, program: int, path: str, name: str | None, value: object) -> object:
        """A member of an Enum, or of a Flag by value where it is a combination without a name."""
        kind = self.at_path(program, path)
        if not isinstance(kind, enum.EnumType):
            raise BadRecord(f"a record takes '{path}' for an Enum, which it is not in this program.")
        if name is not None:
            return dict.__getitem__(kind._member_map_, name)
        if not issubclass(kind, enum.Flag) or type(value) is not int:
            raise BadRecord(f"a record asks '{path}' for a member that it does not have.")
        known = kind._value2member_map_.get(value)
        return _missing_flag(kind, value) if known is None else known

    def _shape_to_fill(self, value: object) -> Shape:
        shape = self.kinds.get(type(value))
        if shape is None:
            raise BadRecord(f"a record fills a {type(value).__name__}, which is no instance that it made.")
        return shape

    def _attributes_to_fill(self, value: object) -> dict[str, object]:
        if not self._shape_to_fill(value).has_dict:
            raise BadRecord(f"a record fills attributes of a {type(value).__name__}, which has none.")
        attributes: dict[str, object] = dict_of(value)
        return attributes

    def fill(self, value: object, state: dict[str, object]) -> None:
        """Set all attributes. Interned names are what makes access to them fast."""
        attributes = self._attributes_to_fill(value)
        self.spend(len(state))
        for name, member in state.items():
            attributes[intern(name)] = member

    def adopt(self, value: object, state: dict[str, object]) -> None:
        """The same where something else refers to the `__dict__` as well."""
        self._attributes_to_fill(value)
        if type(state) is not dict or any(type(name) is not str for name in state):
            raise BadRecord("a record gives an instance attributes that have no names.")
        object.__setattr__(value, "__dict__", state)

    def fill_slots(self, value: object, state: tuple[Any, ...]) -> None:
        """Set slots, and attributes where there are any."""
        slots, attributes, *shared = state
        known = self._shape_to_fill(value).slots
        for name, member in slots.items():
            if name not in known:
                raise BadRecord(
                    f"a record fills the slot '{name}' of a {type(value).__name__}, which has none."
                )
            known[name].__set__(value, member)
        if shared:
            self.adopt(value, attributes)
        elif attributes is not None:
            self.fill(value, attributes)

    def fill_built(self, value: object, state: tuple[Any, Any]) -> None:
        """Set slots and attributes, and what the built-in part contains."""
        held, content = state
        base = self._shape_to_fill(value).base
        if content is not None:
            if base not in FILLERS:
                raise BadRecord(f"a record fills a {type(value).__name__} as if it were a container.")
            self.spend_on(content)
            FILLERS[base](value, content)
        self.fill_slots(value, held)
