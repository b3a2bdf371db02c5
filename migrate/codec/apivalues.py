"""Values, records and handles of the scripts' API.

The one idea: which classes there are, `scripts_api` says itself (`TRAVELLING`). A value of three or four numbers is
those numbers; all others are the fields that they are matched by, one of which may be the host's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import scripts_api
from migrate.errors import BadRecord

if TYPE_CHECKING:
    from migrate.codec.instances import Parts

API_TYPES: Final = {kind.__name__: kind for kind in scripts_api.TRAVELLING}


def part_api_value(_: object, value: Any) -> Parts:
    """Its numbers, or its fields."""
    kind = type(value)
    if issubclass(kind, tuple):
        return ApiFactories.api_value, (kind.__name__, *tuple.__iter__(value))
    return ApiFactories.api_value, (kind.__name__, *(getattr(value, name) for name in kind.__match_args__))


class ApiFactories:
    """The factory of these values; raises `BadRecord` for anything that `scripts_api` does not have."""

    __slots__ = ()

    def api_value(self, name: str, *fields: Any) -> object:
        """One of `TRAVELLING`."""
        kind: Any = API_TYPES.get(name)
        if kind is None:
            raise BadRecord(f"a record makes a '{name}', which the scripts' API does not have.")
        if issubclass(kind, tuple):
            if len(fields) != len(kind.__match_args__) or not all(type(number) is float for number in fields):
                raise BadRecord(
                    f"a record makes a {name} of what are not its {len(kind.__match_args__)} floats."
                )
            return tuple.__new__(kind, fields)
        names = kind.__match_args__
        if len(fields) != len(names):
            raise BadRecord(f"a record makes a {name} of {len(fields)} fields; it has {len(names)}.")
        made = object.__new__(kind)
        for field, value in zip(names, fields, strict=True):
            object.__setattr__(made, field, value)
        return made
