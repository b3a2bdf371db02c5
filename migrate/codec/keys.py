"""Dicts and sets whose keys have a `__hash__` of their script, or are too many to be hashed unlooked-at: filled last.

The one idea: hashing such a key may take long, may need the key to be complete, and may run a script's code. So these
containers are written empty, and filled by the factories below when the rest of the record is in place. A stranger may
have chosen the keys: before any of them is compared it is known how many comparisons there can be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from migrate.codec.apivalues import API_TYPES
from migrate.codec.shapes import dict_of
from migrate.errors import BadRecord
from migrate.limits import HASH_VISITS_MAX, KEY_COMPARISONS_MAX, KEY_VISITS_MAX, NESTING_VISITS

_COMPOSED: Final = frozenset({tuple, frozenset, *API_TYPES.values()})
"""What is hashed by what it holds, however deep that is."""


class KeyFactories:
    """Fills containers by key. Both sequences of a dict have the same length."""

    __slots__ = ()

    def put_items(self, value: dict[object, object], keys: list[object], values: list[object]) -> None:
        """Put items into a new dict."""
        if type(value) is not dict or type(keys) is not list or type(values) is not list:
            raise BadRecord(f"a record puts items into a {type(value).__name__}.")
        require_cheap(keys)
        value.update(zip(keys, values, strict=True))

    def put_members(self, value: set[object], members: list[object]) -> None:
        """Put members into a new set."""
        if type(value) is not set or type(members) is not list:
            raise BadRecord(f"a record puts members into a {type(value).__name__}.")
        require_cheap(members)
        value.update(members)

    def frozen(self, members: list[object]) -> frozenset[object]:
        """A frozenset, whose members must be complete."""
        if type(members) is not list:
            raise BadRecord(f"a record makes a frozenset of a {type(members).__name__}.")
        require_cheap(members)
        return frozenset(members)


def require_cheap(keys: Sequence[object]) -> None:
    """Raise BadRecord if keys would take too long to hash, or to tell apart because their hashes are the same."""
    visits = _Visits()
    if sum(map(visits.of, keys)) > HASH_VISITS_MAX:
        raise BadRecord("a record has keys that would take too long to hash: they are nested too deeply.")
    same = Counter(map(hash, keys)).values()
    comparisons = sum(count * count // 2 for count in same)
    if comparisons > KEY_COMPARISONS_MAX:
        raise BadRecord(
            f"a record has keys with the same hash: telling them apart would take {comparisons} comparisons, "
            f"{KEY_COMPARISONS_MAX} are allowed."
        )


class _Visits:
    """How many values hashing a key looks at. A shared tuple counts each time, as hashing counts it."""

    def __init__(self) -> None:
        self._known: dict[int, int] = {}

    def of(self, key: object) -> int:
        """The number; a level of nesting counts as `NESTING_VISITS`. Raises BadRecord beyond KEY_VISITS_MAX."""
        # Without recursion: what a stranger nests may be deeper than the stack.
        stack = [(key, False)]
        while stack:
            value, is_summed = stack.pop()
            if is_summed:
                visits = NESTING_VISITS + sum(self._known.get(id(part), 1) for part in _hashed(value))
                self._known[id(value)] = min(visits, KEY_VISITS_MAX + 1)
            elif id(value) not in self._known:
                self._known[id(value)] = 1
                parts = [part for part in _hashed(value) if type(part) in _COMPOSED]
                stack += [(value, True), *((part, False) for part in parts)]
        if self._known[id(key)] > KEY_VISITS_MAX:
            raise BadRecord("a record has a key that is nested too deeply.")
        return self._known[id(key)]


def _hashed(value: Any) -> Iterable[Any]:
    """What hashing a value may hash in turn: an object's own `__hash__` mostly looks at its attributes."""
    kind = type(value)
    if kind in (tuple, frozenset):
        return value  # type: ignore[no-any-return]  # both are iterable
    if kind in _COMPOSED:
        return [getattr(value, name) for name in kind.__match_args__]
    try:
        return dict_of(value).values()  # type: ignore[no-any-return]  # a dict's
    except AttributeError:
        return ()
