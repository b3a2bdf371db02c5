"""The containers of `collections`, and the built-in half of instances whose class extends a built-in type.

The one idea: what a container holds is copied out into a plain list or dict and back, by methods of the built-in type
itself, so a class that overrides them is not asked.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from migrate.errors import BadRecord

if TYPE_CHECKING:
    from migrate.codec.instances import Parts

_default_factory: Final[Callable[[Any], Any]] = vars(defaultdict)["default_factory"].__get__
_maxlen: Final[Callable[[Any], Any]] = vars(deque)["maxlen"].__get__
_real: Final[Callable[[Any], Any]] = vars(complex)["real"].__get__
_imag: Final[Callable[[Any], Any]] = vars(complex)["imag"].__get__


def _ordered_items(value: Any) -> dict[object, object]:
    # Its own `items` would ask the class for each value.
    return {key: dict.__getitem__(value, key) for key in OrderedDict.keys(value)}


COPIES: Final[Mapping[type, Callable[[Any], Any]]] = {
    OrderedDict: _ordered_items,
    defaultdict: lambda value: (_default_factory(value), dict.copy(value)),
    dict: dict.copy,
    deque: lambda value: (list(deque.__iter__(value)), _maxlen(value)),
    list: list.copy,
    set: lambda value: set().union(value),
    frozenset: lambda value: frozenset().union(value),
    tuple: lambda value: tuple.__getitem__(value, slice(None)),
    str: str.__str__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
    bytearray: lambda value: bytearray.__getitem__(value, slice(None)),
    int: int.__int__,
    float: float.__float__,
    complex: lambda value: complex(_real(value), _imag(value)),
}
"""The built-in part of an instance as a plain value."""


def exact(value: Any, kind: type) -> Any:
    """`value`, which must be of this very type."""
    if type(value) is not kind:
        raise BadRecord(f"a record gives a {type(value).__name__} where a {kind.__name__} belongs.")
    return value


def _fill_deque(value: Any, content: Any) -> None:
    items, maxlen = content
    deque.__init__(value, exact(items, list), maxlen)


def _fill_defaultdict(value: Any, content: Any) -> None:
    factory, items = content
    defaultdict.__init__(value, factory)
    dict.update(value, exact(items, dict))


def _fill_ordered(value: Any, content: Any) -> None:
    for key, member in exact(content, dict).items():
        OrderedDict.__setitem__(value, key, member)


FILLERS: Final[Mapping[type, Callable[[Any, Any], None]]] = {
    OrderedDict: _fill_ordered,
    defaultdict: _fill_defaultdict,
    dict: lambda value, content: dict.update(value, exact(content, dict)),
    deque: _fill_deque,
    list: lambda value, content: list.extend(value, exact(content, list)),
    set: lambda value, content: set.update(value, exact(content, set)),
    bytearray: lambda value, content: bytearray.extend(value, exact(content, bytearray)),
}
"""Fills the built-in part with a plain value."""

KINDS: Final[dict[str, tuple[type, type]]] = {
    "deque": (deque, deque),
    "defaultdict": (defaultdict, defaultdict),
    "Counter": (Counter, dict),
    "OrderedDict": (OrderedDict, OrderedDict),
}
"""Name in a record: the type, and the built-in type that keeps what it holds."""

_OF_TYPE: Final = {kind: (name, base) for name, (kind, base) in KINDS.items()}


def part_container(_: object, value: Any) -> Parts:
    """Empty first, so that it may contain itself."""
    name, base = _OF_TYPE[type(value)]
    attributes = None if type(value) in (deque, defaultdict) else vars(value)
    state = (COPIES[base](value), attributes or None)
    return ContainerFactories.container, (name,), state, None, None, ContainerFactories.fill_container


class ContainerFactories:
    """Puts containers of `collections` together."""

    __slots__ = ()

    def spend_on(self, content: Any) -> None:
        """Account for the items that are copied out of `content`; the reader does it."""
        raise NotImplementedError

    def container(self, name: str) -> object:
        """An empty one."""
        kind, base = KINDS[name]
        make: Any = base.__new__
        return make(kind)

    def fill_container(self, value: Any, state: tuple[Any, dict[str, object] | None]) -> None:
        """Put in what it contains; a Counter or an OrderedDict may have attributes."""
        content, attributes = state
        if type(value) not in _OF_TYPE:
            raise BadRecord(f"a record fills a {type(value).__name__} as if it were a container.")
        self.spend_on(content)
        FILLERS[_OF_TYPE[type(value)][1]](value, content)
        if attributes is not None:
            vars(value).update(exact(attributes, dict))


CONTAINER_TYPES: Final = tuple(_OF_TYPE)

__all__ = ["CONTAINER_TYPES", "COPIES", "FILLERS", "ContainerFactories", "exact", "part_container"]
