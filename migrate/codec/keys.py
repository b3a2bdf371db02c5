"""Dicts and sets whose keys have a `__hash__` of their script: filled last.

The one idea: such a key cannot be hashed before it is complete, and hashing it runs a script's code. So these
containers are written empty, and filled by the factories below when the rest of the record is in place.
"""

from __future__ import annotations

from migrate.errors import BadRecord


class KeyFactories:
    """Fill them."""

    __slots__ = ()

    def put_items(self, value: dict[object, object], keys: list[object], values: list[object]) -> None:
        """Put items into a new dict."""
        if type(value) is not dict or type(keys) is not list or type(values) is not list:
            raise BadRecord(f"a record puts items into a {type(value).__name__}.")
        value.update(zip(keys, values, strict=True))

    def put_members(self, value: set[object], members: list[object]) -> None:
        """Put members into a new set."""
        if type(value) is not set or type(members) is not list:
            raise BadRecord(f"a record puts members into a {type(value).__name__}.")
        value.update(members)

    def frozen(self, members: list[object]) -> frozenset[object]:
        """A frozenset, whose members must be complete."""
        if type(members) is not list:
            raise BadRecord(f"a record makes a frozenset of a {type(members).__name__}.")
        return frozenset(members)
