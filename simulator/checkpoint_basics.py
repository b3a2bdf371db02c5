"""Small checks of values that may come from a stranger: kinds, numbers, references, lists.

The one idea: each returns the value as what it was found to be, or raises `BadRecord` that says what is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from migrate.errors import BadRecord
from scripts_api import ScriptError, checks

NATURAL_MAX: Final = 2**64 - 1
"""No count or time is larger: statistics travel as 64 bits, and a float can still hold it."""


_CONTAINERS: Final = (dict, list, tuple)
_name_of_class = type.__dict__["__name__"].__get__
_args_of = BaseException.__dict__["args"].__get__
"""Asked for by name, a class of a script could answer by itself."""


def a_tuple(value: Any, what: str) -> tuple[Any, ...]:
    """Return a tuple."""
    require(value, tuple, what)
    return tuple(value)


def reference(value: Any, kinds: type | tuple[type, ...], what: str) -> None:
    """Check a reference with the rules that scripts' calls have."""
    require(value, kinds, what)
    try:
        checks.any_ref("a record", what, value)
    except ScriptError as error:
        raise BadRecord(str(error)) from None


def require(value: Any, kinds: type | tuple[type, ...], what: str) -> None:
    """Check of which kind a value is. By its type, which a script's class can't deny; and a script's own kind of
    container is none, because it would be asked for what is in it.
    """
    kind = type(value)
    if not issubclass(kind, kinds) or (kinds in _CONTAINERS and kind is not kinds):
        raise BadRecord(f"{what} is a {_name_of_class(kind)}.")


def one_of(value: Any, known: Sequence[str], what: str) -> None:
    """Check that a text is one of some."""
    require(value, str, what)
    if value not in known:
        raise BadRecord(f"{what} is {value!r}; it must be one of {', '.join(known)}.")


def natural(value: Any, what: str) -> int:
    """Return a whole number from 0."""
    if type(value) is not int:
        raise BadRecord(f"{what} is a {type(value).__name__}; it must be a whole number.")
    if not 0 <= value <= NATURAL_MAX:
        raise BadRecord(f"{what} is {value}; it must be from 0 to {NATURAL_MAX}.")
    return value


def a_list(value: Any, len_max: int | None, what: str) -> list[Any]:
    """Return a list of at most so many; None: however many."""
    require(value, list, what)
    if len_max is not None and len(value) > len_max:
        raise BadRecord(f"there are {len(value)} {what}; at most {len_max} can be.")
    return list(value)


def told(error: BaseException) -> str:
    """Tell an error that may be a script's own, or hold values of scripts: their methods are not asked."""
    shown = (repr(each) for each in _args_of(error) if type(each) in (str, int))
    return f"{_name_of_class(type(error))}({', '.join(shown)})"
