"""A handler that its author wrote as a generator: `yield` gives up the slice, `yield self.sleep(1.0)` waits.

The one idea: made in such a generator, a waiting call only hands back its request, and the `yield` in front of it is
what waits. A request that is not yielded would be lost without a word, so the handler is told of it where it goes on.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from types import FrameType, GeneratorType
from typing import Any

from migrate.control import CONTROL
from migrate.errors import CannotWaitHere
from migrate.injector.known import known_code
from scripts_api.waiting import Request


class GeneratorHandler:
    """Drives one generator; has what the engine needs of a coroutine."""

    __slots__ = ("_asked", "generator")

    def __init__(self, generator: GeneratorType[Any, Any, Any]) -> None:
        self.generator = generator
        self._asked: tuple[object, int] | None = None

    def send(self, value: object) -> object:
        """Go on with the answer to what was yielded."""
        return self._go(self.generator.send, value)

    def throw(self, error: BaseException) -> object:
        """Go on by raising this where it is suspended."""
        return self._go(self.generator.throw, error)

    def close(self) -> None:
        """End it."""
        self.generator.close()

    def take(self, request: object) -> object:
        """A waiting call that was made while it ran: the request itself, to be yielded.

        Raises CannotWaitHere if anything but generators lies between, or the request before was never yielded.
        """
        line = self._line_of_call(request)
        if self._asked is not None:
            raise _not_yielded(*self._asked)
        self._asked = request, line
        return request

    def _line_of_call(self, request: object) -> int:
        frame: FrameType | None = sys._getframe(2)
        line = 0
        while frame is not None and frame is not self.generator.gi_frame:
            if known_code(frame.f_code) is not None:
                if not frame.f_code.co_flags & inspect.CO_GENERATOR:
                    raise CannotWaitHere(
                        f"{_name(request)} cannot wait here: '{frame.f_code.co_qualname}' was called by a handler that "
                        "is a generator. Write the handler as a plain function, or yield the call in it."
                    )
                line = line or frame.f_lineno
            frame = frame.f_back
        assert frame is not None
        return line or frame.f_lineno

    def _go(self, go: Callable[[Any], object], argument: object) -> object:
        CONTROL.handler = self
        try:
            yielded = go(argument)
        except StopIteration:
            if self._asked is not None:
                raise _not_yielded(*self._asked) from None
            raise
        finally:
            CONTROL.handler = None
            asked, self._asked = self._asked, None
        if asked is not None and asked[0] is not yielded:
            return self.throw(_not_yielded(*asked))
        if yielded is not None and not isinstance(yielded, Request):
            return self.throw(
                CannotWaitHere(
                    f"a handler cannot yield a '{_name(yielded)}': a bare `yield` gives up the slice, and `yield` in "
                    "front of a call that waits, such as self.sleep(1.0), waits."
                )
            )
        return yielded


def _not_yielded(request: object, line: int) -> CannotWaitHere:
    return CannotWaitHere(
        f"{_name(request)} of line {line} was not waited for: in a handler that is a generator write `yield` in front "
        "of the call."
    )


def _name(value: object) -> str:
    return type(value).__name__
