"""A handler that its author wrote as a generator: `yield` gives up the slice, `yield self.sleep(1.0)` waits.

The one idea: made in such a generator, a waiting call only hands back its request, and the `yield` in front of it is
what waits. A request that is not yielded would be lost without a word, so the handler is told of it where it goes on.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from types import FrameType, GeneratorType, TracebackType
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
        self._asked: tuple[object, TracebackType] | None = None

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
        place = self._place_of_call(request)
        if self._asked is not None:
            raise _not_yielded(*self._asked)
        self._asked = request, place
        return request

    def _place_of_call(self, request: object) -> TracebackType:
        frame: FrameType | None = sys._getframe(2)
        place = None
        while frame is not None and frame is not self.generator.gi_frame:
            if known_code(frame.f_code) is not None:
                if not frame.f_code.co_flags & inspect.CO_GENERATOR:
                    raise CannotWaitHere(
                        f"{_name(request)} cannot wait here: '{frame.f_code.co_qualname}' was called by a handler that "
                        "is a generator. Write the handler as a plain function, or yield the call in it."
                    )
                place = place or _place(frame)
            frame = frame.f_back
        assert frame is not None
        return place or _place(frame)

    def _go(self, go: Callable[[Any], object], argument: object) -> object:
        CONTROL.handler = self
        try:
            yielded = go(argument)
        except StopIteration:
            if self._asked is not None:
                # It has ended, so that there is no other place to show.
                raise _not_yielded(*self._asked).with_traceback(self._asked[1]) from None
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


def _place(frame: FrameType) -> TracebackType:
    return TracebackType(None, frame, frame.f_lasti, frame.f_lineno)


def _not_yielded(request: object, place: TracebackType) -> CannotWaitHere:
    return CannotWaitHere(
        f"{_name(request)} of line {place.tb_lineno} was not waited for: in a handler that is a generator write `yield`"
        " in front of the call."
    )


def _name(value: object) -> str:
    return type(value).__name__
