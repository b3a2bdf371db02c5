"""Values, records and handles of the scripts' API.

The one idea: which classes there are, `scripts_api` says itself (`TRAVELLING`). A value of three or four numbers is
those numbers; all others are the fields that they are matched by, one of which may be the host's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

import scripts_api
from migrate.errors import BadRecord

if TYPE_CHECKING:
    from migrate.codec.instances import Parts

API_TYPES: Final = {kind.__name__: kind for kind in scripts_api.TRAVELLING}


def part_numbers(_: object, value: Any) -> Parts:
    """The numbers of a vector, a rotation or a colour, behind its class's name."""
    return ApiFactories.api_value, _joined(_NAMES[type(value)], value)


def part_fields(_: object, value: Any) -> Parts:
    """The fields of any other value, behind its class's name."""
    kind = type(value)
    return ApiFactories.api_value, (kind.__name__, *(getattr(value, name) for name in kind.__match_args__))


_joined: Final = tuple.__add__
"""A vector's own `+` adds coordinates."""
_NAMES: Final = {kind: (kind.__name__,) for kind in API_TYPES.values()}


_NUMBERS: Final = {
    kind: len(scripts_api.__dict__[name].__match_args__)
    for name, kind in API_TYPES.items()
    if issubclass(kind, tuple)
}
_FLOATS: Final = {float}


def made_of_numbers(kind: type[Any], numbers: tuple[Any, ...]) -> object:
    """Make a vector, a rotation or a colour of just these floats. Raises `BadRecord`."""
    count = _NUMBERS[kind]
    if len(numbers) != count or {*map(type, numbers)} != _FLOATS:
        raise BadRecord(f"a record makes a {kind.__name__} of what are not its {count} floats.")
    return tuple.__new__(kind, numbers)


class ApiFactories:
    """The factory of these values; raises `BadRecord` for anything that `scripts_api` does not have."""

    __slots__ = ()

    def api_value(self, name: str, *fields: Any) -> object:
        """One of `TRAVELLING`."""
        kind: Any = API_TYPES.get(name)
        if kind is None:
            raise BadRecord(f"a record makes a '{name}', which the scripts' API does not have.")
        if kind in _NUMBERS:
            return made_of_numbers(kind, fields)
        names = kind.__match_args__
        if len(fields) != len(names):
            raise BadRecord(f"a record makes a {name} of {len(fields)} fields; it has {len(names)}.")
        if issubclass(kind, Struct):
            return kind(*fields)
        made = object.__new__(kind)
        for field, value in zip(names, fields, strict=True):
            object.__setattr__(made, field, value)
        return made
