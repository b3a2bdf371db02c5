"""Values of the standard library: numbers, dates, patterns and matches, partial calls, views, random numbers.

The one idea: each is written as the few plain arguments that make it, and made by one line here that checks them. A
record chooses among these lines by a name, and its arguments can choose nothing else.
"""

from __future__ import annotations

import collections
import contextlib
import datetime
import decimal
import fractions
import functools
import gc
import operator
import random
import re
import statistics
import string
import struct
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from migrate.codec.containers import exact
from migrate.codec.instances import InstanceFactories, place_of
from migrate.codec.matches import Match, part_match
from migrate.codec.shapes import Shape, dict_of, shape_of
from migrate.errors import BadRecord, CaptureRefused
from migrate.injector.module import MARKS
from migrate.limits import PATTERN_LEN_MAX

if TYPE_CHECKING:
    from migrate.codec.instances import Parts
    from migrate.codec.writer import Parting


def _scalar(name: str, *arguments: object) -> Parts:
    return ValueFactories.scalar, (name, *arguments)


def _opaque(name: str, *arguments: object) -> Parts:
    return ValueFactories.opaque_value, (name, *arguments)


def _value(name: str, *arguments: object) -> Parts:
    return ValueFactories.value, (name, *arguments)


def _zone(value: Any) -> object:
    if value.tzinfo is not None and type(value.tzinfo) is not datetime.timezone:
        raise CaptureRefused(
            f"a time with a '{type(value.tzinfo).__name__}' cannot travel: rules of a zone belong to a machine. "
            "Keep it in UTC, or with datetime.timezone(offset)."
        )
    return value.tzinfo


def _part_date(_: object, value: datetime.date) -> Parts:
    return _scalar("date", value.year, value.month, value.day)


def _part_time(_: object, value: datetime.time) -> Parts:
    return _scalar(
        "time", value.hour, value.minute, value.second, value.microsecond, _zone(value), value.fold
    )


def _part_datetime(_: object, value: datetime.datetime) -> Parts:
    day = (value.year, value.month, value.day)
    clock = (value.hour, value.minute, value.second, value.microsecond)
    return _scalar("datetime", *day, *clock, _zone(value), value.fold)


def _part_timezone(_: object, value: datetime.timezone) -> Parts:
    return _scalar("timezone", *value.__getinitargs__())  # type: ignore[attr-defined]  # (offset[, name]); typeshed leaves it out


def _part_pattern(_: object, value: re.Pattern[Any]) -> Parts:
    if len(value.pattern) > PATTERN_LEN_MAX:
        raise CaptureRefused(
            f"a regular expression of {len(value.pattern)} characters cannot travel: at most {PATTERN_LEN_MAX} can. "
            "Compile it where it is used."
        )
    return ValueFactories.pattern, (value.pattern, value.flags)


def _part_proxy(_: object, value: Any) -> Parts:
    (inside,) = gc.get_referents(value)
    if type(inside) is not dict or "__module__" in inside:
        raise CaptureRefused("a view of a class's namespace cannot travel: keep dict(view) instead.")
    return _opaque("mappingproxy", inside)


def _part_partial(_: object, value: functools.partial[Any]) -> Parts:
    if value.__dict__:
        raise CaptureRefused(
            "a functools.partial with attributes of its own cannot travel: keep those apart."
        )
    return _value("partial", value.func, value.args, value.keywords)


def _part_by_reduce(_: object, value: Any) -> Parts:
    """Getters of `operator` say truly what they were made of."""
    kind, arguments = value.__reduce__()
    if type(value) is operator.methodcaller:
        if kind is operator.methodcaller:
            return _value("methodcaller", arguments, {})
        # With keyword arguments it says so by a partial call of its own type.
        return _value("methodcaller", (*kind.args, *arguments), kind.keywords)
    return _value(type(value).__name__, arguments)


def _part_mark(writer: Parting, value: object) -> Parts:
    """A mark means nothing but itself: one that a module holds is found there."""
    place = place_of(writer, value)
    if place is not None:
        return InstanceFactories.at_path, place
    if type(value) is object:
        return _value("object")
    raise CaptureRefused(
        f"the annotation '{value!r}' cannot travel: give it a name at the top level of the script."
    )


def _part_random(_: object, value: random.Random) -> Parts:
    version, numbers, gauss = random.Random.getstate(value)
    return ValueFactories.random_numbers, (version, struct.pack("<625I", *numbers), gauss)


def _part_view(_: object, value: Any) -> Parts:
    (inside,) = gc.get_referents(value)
    return _opaque(type(value).__name__.removeprefix("odict_").removeprefix("dict_"), inside)


LIBRARY: Final[dict[str, type]] = {
    f"{kind.__module__}.{kind.__qualname__}": kind
    for kind in (
        collections.ChainMap, collections.UserDict, collections.UserList, collections.UserString, string.Template,
        types.SimpleNamespace, statistics.NormalDist, contextlib.suppress, contextlib.closing, contextlib.nullcontext,
        contextlib.ExitStack, contextlib._GeneratorContextManager,
    )
}  # fmt: skip
"""Classes of the standard library that keep all they hold in attributes or slots."""

_LIBRARY_NAMES: Final = {kind: name for name, kind in LIBRARY.items()}


def _part_library(_: object, value: Any) -> Parts:
    shape = shape_of(type(value))
    held = {name: slot.__get__(value) for name, slot in shape.slots.items()}
    state = (held, dict_of(value) if shape.has_dict else None)
    return (
        ValueFactories.library_instance,
        (_LIBRARY_NAMES[type(value)],),
        state,
        None,
        None,
        InstanceFactories.fill_slots,
    )


_FUNCTIONS: Final = (types.FunctionType, types.BuiltinFunctionType, functools.partial, types.NoneType)


def _function(value: Any) -> Any:
    if type(value) not in _FUNCTIONS:
        raise CaptureRefused(
            f"a property or static method of a '{type(value).__name__}' cannot travel: make it of a function."
        )
    return value


PARTERS: Final[dict[type, Callable[[Any, Any], Parts]]] = {
    complex: lambda _, value: _scalar("complex", value.real, value.imag),
    decimal.Decimal: lambda _, value: _scalar("Decimal", str(value)),
    fractions.Fraction: lambda _, value: _scalar("Fraction", value.numerator, value.denominator),
    range: lambda _, value: _scalar("range", value.start, value.stop, value.step),
    datetime.date: _part_date,
    datetime.time: _part_time,
    datetime.datetime: _part_datetime,
    datetime.timedelta: lambda _, value: _scalar("timedelta", value.days, value.seconds, value.microseconds),
    datetime.timezone: _part_timezone,
    re.RegexFlag: lambda _, value: _scalar("RegexFlag", int(value)),
    struct.Struct: lambda _, value: _value("Struct", value.format),
    slice: lambda _, value: _opaque("slice", value.start, value.stop, value.step),
    types.MappingProxyType: _part_proxy,
    functools.partial: _part_partial,
    operator.itemgetter: _part_by_reduce,
    operator.attrgetter: _part_by_reduce,
    operator.methodcaller: _part_by_reduce,
    random.Random: _part_random,
    **dict.fromkeys(MARKS, _part_mark),
    property: lambda _, value: _value(
        "property", *map(_function, (value.fget, value.fset, value.fdel)), value.__doc__
    ),
    classmethod: lambda _, value: _value("classmethod", _function(value.__func__)),
    staticmethod: lambda _, value: _value("staticmethod", _function(value.__func__)),
    re.Pattern: _part_pattern,
    re.Match: part_match,
    Match: part_match,
    type({}.keys()): _part_view,
    type({}.values()): _part_view,
    type({}.items()): _part_view,
    type(collections.OrderedDict().keys()): _part_view,
    type(collections.OrderedDict().values()): _part_view,
    type(collections.OrderedDict().items()): _part_view,
    **dict.fromkeys(LIBRARY.values(), _part_library),
}


def _plain_function(value: Any) -> Any:
    """What a property or a static method may be made of. They look up attributes of it, which of anything else could
    be code of a script.
    """
    if type(value) not in _FUNCTIONS:
        raise BadRecord(f"a record holds a method of a {type(value).__name__}, which is no function.")
    return value


def _integers(*values: object) -> tuple[Any, ...]:
    for value in values:
        exact(value, int)
    return values


def _fraction(numerator: int, denominator: int) -> fractions.Fraction:
    _integers(numerator, denominator)
    if denominator <= 0:
        raise BadRecord(f"a record holds a fraction whose denominator is {denominator}.")
    # Its constructor would look for a common divisor, which takes too long for very large numbers.
    made = object.__new__(fractions.Fraction)
    made._numerator, made._denominator = numerator, denominator  # type: ignore[attr-defined]  # its two slots
    return made


def _zoned(*values: Any) -> tuple[Any, ...]:
    *numbers, zone, fold = values
    _integers(*numbers, fold)
    if zone is not None and type(zone) is not datetime.timezone:
        raise BadRecord(f"a record holds a time whose zone is a {type(zone).__name__}.")
    return (*numbers, zone)


def _names_without_underscore(names: tuple[Any, ...]) -> tuple[str, ...]:
    for name in names:
        if any(
            part.startswith("_") or part in ("format", "format_map") for part in exact(name, str).split(".")
        ):
            raise BadRecord(f"a record holds a getter of '{name}', which scripts may not reach.")
    return names


def _methodcaller(arguments: tuple[Any, ...], keywords: dict[str, object]) -> object:
    name, *rest = arguments
    return operator.methodcaller(*_names_without_underscore((name,)), *rest, **exact(keywords, dict))


_REGEX_FLAGS: Final = int(functools.reduce(operator.or_, re.RegexFlag))
"""The flags that there are: `RegexFlag` would remember any other number for ever."""

_SCALAR_MAKERS: Final[dict[str, Callable[..., object]]] = {
    "complex": lambda real, imag: complex(exact(real, float), exact(imag, float)),
    "Decimal": lambda text: decimal.Decimal(exact(text, str)),
    "Fraction": _fraction,
    "range": lambda *bounds: range(*_integers(*bounds)),
    "date": lambda *numbers: datetime.date(*_integers(*numbers)),
    "time": lambda *values: datetime.time(*_zoned(*values), fold=values[-1]),
    "datetime": lambda *values: datetime.datetime(*_zoned(*values), fold=values[-1]),
    "timedelta": lambda *numbers: datetime.timedelta(*_integers(*numbers)),
    "timezone": lambda offset, *name: datetime.timezone(
        exact(offset, datetime.timedelta), *(exact(text, str) for text in name)
    ),
    "RegexFlag": lambda value: re.RegexFlag(exact(value, int) & _REGEX_FLAGS),
}

_OPAQUE_MAKERS: Final[dict[str, Callable[..., object]]] = {
    "slice": slice,
    "mappingproxy": lambda inside: types.MappingProxyType(exact(inside, dict)),
    "keys": lambda inside: _view(inside, "keys"),
    "values": lambda inside: _view(inside, "values"),
    "items": lambda inside: _view(inside, "items"),
}


def _view(inside: Any, name: str) -> object:
    if not isinstance(inside, dict):
        raise BadRecord(f"a record holds a view of a {type(inside).__name__}.")
    base = collections.OrderedDict if isinstance(inside, collections.OrderedDict) else dict
    return getattr(base, name)(inside)


_MAYBE_WIDE: Final = re.compile(r"[^\0-\x7f]|\\[xuUN0-7]")
"""Where a range may be of more than ASCII's characters."""


def _pattern_cost(text: str | bytes) -> int:
    """What compiling takes, as items of containers that are copied in the same time (0.4 us each): 5 us a character,
    150 us a set, which alternatives may become too, and up to 5 ms for one with a wide range.
    """
    if isinstance(text, bytes):
        text = text.decode("latin-1")
    sets = text.count("[")
    per_set = 12_500 if "-" in text and _MAYBE_WIDE.search(text) else 400
    return 12 * len(text) + per_set * sets + 400 * text.count("|")


_VALUE_MAKERS: Final[dict[str, Callable[..., object]]] = {
    "partial": lambda function, arguments, keywords: functools.partial(
        function, *exact(arguments, tuple), **exact(keywords, dict)
    ),
    "object": object,
    "Struct": lambda layout: struct.Struct(exact(layout, str)),
    "property": lambda *values: property(*map(_plain_function, values[:3]), *values[3:]),
    "classmethod": lambda function: classmethod(_plain_function(function)),
    "staticmethod": lambda function: staticmethod(_plain_function(function)),
    "itemgetter": lambda items: operator.itemgetter(*exact(items, tuple)),
    "attrgetter": lambda names: operator.attrgetter(*_names_without_underscore(exact(names, tuple))),
    "methodcaller": _methodcaller,
    "Match": lambda *fields: Match(*fields),
}


class ValueFactories:
    """The factories of these values; each raises `BadRecord`, or what the type itself raises, for wrong arguments."""

    __slots__ = ()

    kinds: dict[type, Shape]

    def spend(self, items: int) -> None:
        """Account for `items` that a factory copies; the reader does it."""
        raise NotImplementedError

    def scalar(self, name: str, *arguments: object) -> object:
        """A number, a date, a range: hashed by value, quickly."""
        return _SCALAR_MAKERS[name](*arguments)

    def value(self, name: str, *arguments: Any) -> object:
        """A value that is hashed by identity."""
        self.spend(sum(len(argument) for argument in arguments if type(argument) in (tuple, dict)))
        if arguments and type(arguments[0]) is functools.partial:
            # One of another holds copies of that one's arguments.
            self.spend(len(arguments[0].args) + len(arguments[0].keywords))
        return _VALUE_MAKERS[name](*arguments)

    def opaque_value(self, name: str, *arguments: object) -> object:
        """A value that is not hashed, or at a cost that nobody knows."""
        return _OPAQUE_MAKERS[name](*arguments)

    def library_instance(self, name: str) -> object:
        """An empty instance of one of the classes in LIBRARY."""
        kind: Any = LIBRARY[name]
        self.kinds[kind] = shape_of(kind)
        return kind.__new__(kind)

    def pattern(self, text: Any, flags: int) -> re.Pattern[Any]:
        """A regular expression, compiled."""
        if type(text) not in (str, bytes) or len(text) > PATTERN_LEN_MAX:
            raise BadRecord("a record holds a regular expression that is no text or too long.")
        self.spend(_pattern_cost(text))
        return re.compile(text, exact(flags, int) & ~re.DEBUG)

    def random_numbers(self, version: int, numbers: bytes, gauss: float | None) -> random.Random:
        """A generator of random numbers that goes on where it was."""
        made = random.Random(0)
        if gauss is not None:
            exact(gauss, float)
        made.setstate((exact(version, int), struct.unpack("<625I", exact(numbers, bytes)), gauss))
        return made
