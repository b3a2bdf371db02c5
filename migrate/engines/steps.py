"""What a step of a microthread gives, and how one is made in the midst of a handler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec


class Finished(msgspec.Struct, frozen=True):
    """The call has ended and returned `value`."""

    value: Any


class Failed(msgspec.Struct, frozen=True):
    """The call has ended with an exception of the script. `called`: the function that it could not begin with, for it
    takes other arguments.
    """

    error: BaseException
    called: Callable[..., Any] | None = None


def not_begun(error: TypeError, function: Callable[..., Any]) -> Failed:
    """A call has failed: of itself, or in the function."""
    trace = error.__traceback__
    return Failed(error, function if trace is None or trace.tb_next is None else None)


Step: TypeAlias = Finished | Failed | object
"""What a resume gives: these two, PREEMPTED, or the request that the script waits with."""


def while_handling(handled: BaseException, step: Callable[..., Step], *arguments: Any) -> Step:
    """Make a step with `handled` as the exception being handled: that of a caller which is kept as data."""
    trace = handled.__traceback__
    try:
        raise handled
    except BaseException:  # it is not caught but made current
        handled.__traceback__ = trace
        return step(*arguments)
