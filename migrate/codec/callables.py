"""Functions, types, modules, methods, and a script's own generators.

The one idea: what the standard library or a program defines is referred to by name or path and found again on the
other side; what a script made at run time (a closure, a generator) is taken apart by the engine that made it.

No factory calls any of them.
"""

from __future__ import annotations

import collections
import contextlib
import datetime
import decimal
import fractions
import functools
import io
import itertools
import random
import re
import struct
from array import array
from sys import intern
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    EllipsisType,
    FunctionType,
    GeneratorType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    NotImplementedType,
    WrapperDescriptorType,
)
from typing import TYPE_CHECKING, Any, Final

from migrate.codec.containers import exact
from migrate.codec.instances import InstanceFactories, place_of
from migrate.codec.iterators import PARTERS as ITERATORS
from migrate.codec.iterators import part_members
from migrate.codec.local_classes import part_local_class, program_of_class
from migrate.codec.matches import Match
from migrate.codec.types import NAME_OF, NAMED
from migrate.codec.values import LIBRARY
from migrate.errors import BadRecord, CaptureRefused
from migrate.frame import Frame
from scripts_api import Color, Listen, ObjectStore, OwnObject, Region, Rotation, Script, Timer, Vector

if TYPE_CHECKING:
    from migrate.codec.instances import Parts
    from migrate.codec.writer import Parting

OWNERS: Final[dict[str, type]] = {
    kind.__name__: kind
    for kind in (
        list, dict, set, frozenset, tuple, str, bytes, bytearray, int, float, complex, range, collections.deque,
        collections.OrderedDict, collections.defaultdict, collections.Counter, random.Random,
        datetime.datetime, datetime.date, datetime.time, datetime.timedelta, decimal.Decimal, fractions.Fraction,
        re.Pattern, Match, struct.Struct, array, io.StringIO, io.BytesIO, itertools.chain, GeneratorType,
        BaseException, BaseExceptionGroup, *LIBRARY.values(),
        contextlib.AbstractContextManager, contextlib._BaseExitStack,
        Script, OwnObject, ObjectStore, Region, Timer, Listen, Vector, Rotation, Color,
    )
} | {"_random.Random": random.Random.__bases__[0]}  # fmt: skip
"""Classes of the standard library and of `scripts_api` whose methods a record may refer to."""

OWNER_NAMES: Final = {kind: name for name, kind in OWNERS.items()}

_METHOD_KINDS: Final = (
    MethodDescriptorType, WrapperDescriptorType, ClassMethodDescriptorType, FunctionType, classmethod, staticmethod,
)  # fmt: skip

_HARMFUL_METHODS: Final = frozenset({"format", "format_map"})
"""They reach attributes by a text that only shows itself at run time."""

_OPEN_SPECIAL_METHODS: Final = frozenset({
    "__enter__", "__exit__", "__len__", "__contains__", "__getitem__", "__iter__", "__next__", "__eq__", "__lt__",
    "__repr__", "__str__",
})  # fmt: skip
"""What a suspended `with` keeps of a manager of the standard library, and what scripts hold for speed."""


def part_named(writer: Parting, value: object) -> Parts:
    """A function, type or module of the closed table, or whatever the script's program defines."""
    name = NAME_OF.get(id(value))
    if name is not None:
        return CallableFactories.named, (name,)
    place = place_of(writer, value)
    if place is not None:
        return InstanceFactories.at_path, place
    if isinstance(value, type) and program_of_class(writer, value) is not None:
        return part_local_class(writer, value)
    raise CaptureRefused(f"{_described(value)} cannot travel: {_way_out(value)}")


def _described(value: object) -> str:
    kind = "class" if isinstance(value, type) else type(value).__name__
    name = getattr(value, "__qualname__", getattr(value, "__name__", ""))
    return f"the {kind} '{name}'"


def _way_out(value: object) -> str:
    if isinstance(value, type):
        return "it is not one of a program of this region. Define it at the top level of the script."
    if isinstance(value, FunctionType) and "__wrapped__" in vars(value):
        return "a decorator of a library made it inside a function. Decorate at the top level of the script."
    if isinstance(value, FunctionType) and value.__name__ == "<lambda>":
        return "it stands in an annotation, or outside of all functions. Write a def at the top level of the script."
    return (
        "it is not among the functions and types that scripts share. Keep what it does, not the thing itself."
    )


def part_function(writer: Parting, function: FunctionType) -> Parts:
    """By name, by path, or, for a closure and a lambda, by where it was defined and what it closes over."""
    if id(function) in NAME_OF or place_of(writer, function) is not None:
        return part_named(writer, function)
    from migrate import frame_parts

    parts = frame_parts.function_parts(function)
    if parts is None:
        return part_named(writer, function)
    place = (writer.number_of(parts.program), parts.function)
    state = (parts.free, parts.defaults, parts.kwdefaults, parts.attributes)
    return CallableFactories.function, (*place, *state)


def part_method(writer: Parting, method: MethodType) -> Parts:
    """A method bound to its object, or one that the closed table has, such as `random.choice`."""
    if id(method) in NAME_OF:
        return part_named(writer, method)
    if _owner_of(method) is not None or type(method.__self__) in ITERATORS:
        return part_bound(writer, method)
    if (
        method.__name__ in _NAMED_TUPLE_METHODS
        and _of_named_tuple(method.__self__, method.__name__) == method
    ):
        return CallableFactories.method, ("named tuple", method.__name__, method.__self__)
    return CallableFactories.method, ("script", method.__func__, method.__self__)


_NAMED_TUPLE_METHODS: Final = frozenset({"_replace", "_asdict", "_make"})
"""Each class of named tuples has its own, made by the standard library."""


def _of_named_tuple(receiver: Any, name: str) -> object:
    """The method that the standard library gave the receiver's class, bound; None if there is none."""
    kind = receiver if isinstance(receiver, type) else type(receiver)
    found: Any = next((vars(base)[name] for base in kind.__mro__ if name in vars(base)), None)
    made = getattr(found, "__func__", found)
    if not issubclass(kind, tuple) or getattr(made, "__module__", None) != "collections":
        return None
    bound: object = found.__get__(None if receiver is kind else receiver, kind)
    return bound


def part_builtin(writer: Parting, function: Any) -> Parts:
    """A function of the table, or a built-in method bound to its object."""
    if id(function) in NAME_OF or function.__self__ is None or isinstance(function.__self__, ModuleType):
        return part_named(writer, function)
    return part_bound(writer, function)


def part_bound(_: Parting, method: Any) -> Parts:
    """`[].append`, `rng.choice`, `dict.fromkeys`: the owner of the method, its name, the receiver."""
    if method.__name__ == "__next__" and type(method.__self__) in ITERATORS:
        return CallableFactories.method, ("next", method.__self__)
    owner = _owner_of(method)
    if owner is None:
        raise CaptureRefused(
            f"the method '{method.__name__}' of a {type(method.__self__).__name__} cannot travel: keep the object "
            "and call the method where it is needed."
        )
    return CallableFactories.method, ("bound", owner, method.__name__, method.__self__)


def _owner_of(method: Any) -> str | None:
    """Name of the class of the closed list that defines the bound method."""
    receiver = method.__self__
    for kind in (receiver if isinstance(receiver, type) else type(receiver)).__mro__:
        name = OWNER_NAMES.get(kind)
        is_its_own = name is not None and _is_open(method.__name__) and method.__name__ in vars(kind)
        if is_its_own and _bind(kind, method.__name__, receiver) == method:
            return name
    return None


def _is_open(name: str) -> bool:
    return name in _OPEN_SPECIAL_METHODS or not (name.startswith("_") or name in _HARMFUL_METHODS)


def _bind(owner: type, name: str, receiver: Any) -> Any:
    descriptor = vars(owner)[name]
    if not isinstance(descriptor, _METHOD_KINDS):
        return None
    if isinstance(receiver, type):
        return descriptor.__get__(None, receiver)
    # Without the type, CPython crashes on methods that want to know their class.
    return descriptor.__get__(receiver, type(receiver))


def part_unbound(_: Parting, method: Any) -> Parts:
    """`str.upper`, `list.append`: the type and the method's name."""
    owner = OWNER_NAMES.get(method.__objclass__)
    if owner is None or not _is_open(method.__name__):
        raise CaptureRefused(
            f"the method '{method.__qualname__}' cannot travel: use a lambda that calls it instead."
        )
    return CallableFactories.method, ("unbound", owner, method.__name__)


def part_generator(writer: Parting, generator: Any) -> Parts:
    """A script's own generator, as the frame that it is; it may be referred to from that frame."""
    from migrate import frame_parts

    frame = frame_parts.generator_frame(generator)
    if not isinstance(frame, Frame):
        members = part_members(generator)
        if members is not None:
            return members
        raise CaptureRefused(
            f"the generator '{generator.__qualname__}' cannot travel: it belongs to no script. "
            "Turn what it still yields into a list first."
        )
    writer.generators.append(generator)
    arguments = (writer.number_of(frame.program), frame.function, frame.point)
    return CallableFactories.generator, arguments, frame.locals, None, None, CallableFactories.fill_generator


class CallableFactories:
    """Finds or makes them."""

    __slots__ = ()

    hashes: tuple[str, ...]
    programs: list[Any]
    frames: list[tuple[Any, Frame]]

    def named(self, name: str) -> object:
        """A function, type or module of the closed table."""
        if name not in NAMED:
            raise BadRecord(
                f"a record refers to '{name}', which is not among what scripts may refer to here."
            )
        return NAMED[name]

    def function(
        self, program: int, name: str, free: Any, defaults: Any, kwdefaults: Any, attributes: Any
    ) -> FunctionType:
        """A closure or a lambda."""
        from migrate import frame_parts

        parts = frame_parts.FunctionParts(
            self.hashes[program], exact(name, str), exact(free, tuple), defaults, kwdefaults, attributes
        )
        made: FunctionType = frame_parts.make_function(parts, self.programs[program])
        return made

    def method(self, how: str, *arguments: Any) -> object:
        """A bound or unbound method."""
        if how == "script":
            function, receiver = arguments
            if not callable(function) or receiver is None:
                raise BadRecord("a record binds to an object what is no function.")
            return MethodType(function, receiver)
        if how == "next":
            (iterator,) = arguments
            if type(iterator) not in ITERATORS:
                raise BadRecord(f"a record takes a {type(iterator).__name__} for an iterator.")
            return iterator.__next__
        if how == "named tuple":
            name, receiver = arguments
            bound = _of_named_tuple(receiver, name) if name in _NAMED_TUPLE_METHODS else None
            if bound is None:
                raise BadRecord(f"a record takes '{name}' for a method of a named tuple.")
            return bound
        owner, name, *rest = arguments
        kind = OWNERS[owner]
        if not _is_open(name) or not isinstance(vars(kind).get(name), _METHOD_KINDS):
            raise BadRecord(f"a record refers to the method '{owner}.{name}', which scripts may not.")
        if how == "unbound":
            return vars(kind)[name]
        (receiver,) = rest
        if not (issubclass(receiver, kind) if isinstance(receiver, type) else isinstance(receiver, kind)):
            raise BadRecord(f"a record binds '{owner}.{name}' to a {type(receiver).__name__}.")
        return _bind(kind, name, receiver)

    def generator(self, program: int, function: str, point: str) -> object:
        """A script's own generator, its variables still missing."""
        from migrate import frame_parts

        frame = Frame(self.hashes[program], intern(exact(function, str)), intern(exact(point, str)), {})
        made = frame_parts.make_generator(frame, self.programs[program])
        self.frames.append((made, frame))
        return made

    def fill_generator(self, generator: object, variables: dict[str, object]) -> None:
        """Its variables; it reads them when it is first resumed."""
        for made, frame in self.frames:
            if made is generator:
                frame.locals.update((intern(name), value) for name, value in variables.items())
                return
        raise BadRecord(
            f"a record fills a {type(generator).__name__} as if it were a generator that it made."
        )


PARTERS: Final[dict[type, Any]] = {
    FunctionType: part_function,
    MethodType: part_method,
    BuiltinFunctionType: part_builtin,
    type(re.compile("").search): part_builtin,
    MethodWrapperType: part_bound,
    MethodDescriptorType: part_unbound,
    WrapperDescriptorType: part_unbound,
    ClassMethodDescriptorType: part_unbound,
    GeneratorType: part_generator,
    ModuleType: part_named,
    EllipsisType: part_named,
    NotImplementedType: part_named,
    functools._lru_cache_wrapper: part_named,
}
"""How callables and what is found by name are taken apart; classes too, whatever their metaclass."""
