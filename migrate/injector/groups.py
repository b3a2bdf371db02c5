"""What `except*` does with exception groups, in Python: CPython has it inside one instruction.

The rules are those of PEP 654 and of `_PyExc_PrepReraiseStar` in CPython's Objects/exceptions.c.
"""

from __future__ import annotations

from collections.abc import Iterator
from traceback import walk_tb
from typing import Any


def split_group(caught: BaseException, rest: BaseException | None, kind: Any) -> tuple[Any, Any]:
    """(the part of `rest` that `except* kind` handles or None, what is left or None)."""
    _check(kind)
    if rest is None:
        return None, None
    if isinstance(rest, BaseExceptionGroup):
        return rest.split(kind)
    if isinstance(rest, kind):
        return _wrapped(rest), None
    return None, rest


def _check(kind: Any) -> None:
    for one in kind if isinstance(kind, tuple) else (kind,):
        if not (isinstance(one, type) and issubclass(one, BaseException)):
            raise TypeError("catching classes that do not inherit from BaseException is not allowed")
        if issubclass(one, BaseExceptionGroup):
            raise TypeError("catching ExceptionGroup with except* is not allowed. Use except instead.")


def _wrapped(error: BaseException) -> BaseException:
    # A tuple, as CPython does it: the group's `repr` shows which.
    return BaseExceptionGroup("", (error,))


def rest_of_group(
    caught: BaseException, rest: BaseException | None, raised: list[BaseException]
) -> BaseException | None:
    """What is raised at the end of all handlers: what is left and what they raised, or nothing."""
    if not isinstance(caught, BaseExceptionGroup):
        # A single exception was caught: at most one handler has run.
        return raised[0] if raised else rest
    again = [e for e in raised if _same_group(e, caught)] + ([] if rest is None else [rest])
    new = [e for e in raised if not _same_group(e, caught)]
    leaves = {id(leaf) for error in again for leaf in _leaves(error)}
    left = caught.subgroup(lambda e: id(e) in leaves) if leaves else None
    if not new:
        return left
    return BaseExceptionGroup("", new if left is None else [*new, left])


def _same_group(error: BaseException, caught: BaseException) -> bool:
    """Whether `error` is a part of `caught` that a handler raised again as it was."""
    return (
        isinstance(error, BaseExceptionGroup)
        and getattr(error, "__notes__", None) == getattr(caught, "__notes__", None)
        and error.__cause__ is caught.__cause__
        and error.__context__ is caught.__context__
        and _lines(error) == _lines(caught)
    )


def _lines(error: BaseException) -> list[int]:
    """Lines of its traceback, which `raise error` makes longer and a bare `raise` does not."""
    return [line for _, line in walk_tb(error.__traceback__)]


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error
