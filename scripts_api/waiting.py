"""Calls that wait: what marks them, and the one door through which they reach the world.

The one idea: a waiting call is an ordinary function that builds a request, a frozen record of what its script
wants. Where a script runs as a microthread the engine finds the undecorated function in `.request`, suspends
with the record it returns, and the value that the world answers becomes the call's result. Elsewhere the call
goes through the door that `set_door` has put up.

It knows no request by name and holds no queue.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

from msgspec import Struct

Answer = TypeVar("Answer", covariant=True)
Parameters = ParamSpec("Parameters")


class Request(Struct, Generic[Answer], frozen=True):
    """Base of all requests. `Answer` is the type of what the call returns to the script."""


def _closed_door(request: Request[Any]) -> Any:
    raise RuntimeError(
        f"{type(request).__name__} needs a world to wait in: run the script in a simulator,"
        " or in a test in a scripts_api.testing.World."
    )


_door: Callable[[Request[Any]], Any] = _closed_door
_names: set[str] = set()


def set_door(door: Callable[[Request[Any]], Any]) -> None:
    """Put up the door that waiting calls go through where no engine has rewritten the caller."""
    global _door
    _door = door


def waits(request: Callable[Parameters, Request[Answer]]) -> Callable[Parameters, Answer]:
    """Make a waiting call of a function that returns a request.

    The function may raise `ScriptError` for wrong arguments; the request is made only if it returns. The call
    always waits: it has no way of answering by itself.
    """

    @functools.wraps(request)
    def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Any:
        return _door(request(*args, **kwargs))

    _names.add(request.__name__)
    call.request = request  # type: ignore[attr-defined]  # functions take attributes; the engines read this one
    return call


def waiting_names() -> frozenset[str]:
    """Names of all waiting calls made so far: whoever calls something of that name may wait."""
    return frozenset(_names)
