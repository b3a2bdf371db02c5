"""The generator engine: the live part of a microthread is a chain of coroutines.

The one idea: CPython's own coroutines are resumable frames that cost 400 bytes and 20 to 50 ns a switch. The engine
sends into the outermost one; what the innermost hands out comes back. Suspended frames are read through `cr_await`.
Plain functions below native code cannot suspend here; they run to their end.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import CoroutineType, FunctionType, GeneratorType, MethodType
from typing import Any

from migrate.control import PREEMPTED
from migrate.errors import CaptureRefused
from migrate.frame import Frame
from migrate.frame_parts import generator_frame, live_frame, make_generator, start_generator
from migrate.injector.known import known_code
from migrate.injector.module import Module
from migrate.injector.residual import START
from migrate.injector.twins import twin


class GeneratorStack:
    """Coroutines or one generator handler of a script, or a call that has not begun."""

    __slots__ = ("_frame", "_live", "_module", "_start")

    _start: tuple[Callable[..., Any], tuple[object, ...]] | None
    _frame: Frame | None
    _module: Module | None
    _live: Any

    def __init__(self) -> None:
        self._start = self._frame = self._module = self._live = None

    @classmethod
    def calling(cls, function: Callable[..., Any], args: tuple[object, ...]) -> GeneratorStack:
        """A call that has not begun."""
        made = cls()
        made._start = function, args
        return made

    @classmethod
    def of_frame(cls, frame: Frame, module: Module) -> GeneratorStack:
        """A captured frame, brought to life when it is first resumed."""
        made = cls()
        made._frame, made._module = frame, module
        # Compiled here, so that a frame that does not fit its program is found at once.
        function = module.program.function(frame.function)
        module.residual(frame.function, frame.point, "native" if function.is_generator else "coroutine")
        return made

    @classmethod
    def ended(cls) -> GeneratorStack:
        """Nothing."""
        return cls()

    def resume(self, value: object, error: BaseException | None) -> object:
        """Go on. Returns the request it suspends with; raises StopIteration with the result, or its exception."""
        live = self._live
        if live is None:
            return self._begin(value, error)
        asked = live.send(value) if error is None else live.throw(error)
        # A handler that is a generator gives up its slice with a bare `yield`.
        return PREEMPTED if asked is None else asked

    def _begin(self, value: object, error: BaseException | None) -> object:
        if self._frame is not None:
            return self._begin_frame(self._frame, value, error)
        if self._start is None:
            raise RuntimeError("this microthread has ended and cannot be resumed")
        if error is not None:
            raise error
        function, args = self._start
        self._start = None
        made = twin(function)(*args)
        if type(made) is CoroutineType or _is_generator_handler(made):
            self._live = made
            return self.resume(None, None)
        raise StopIteration(made)

    def _begin_frame(self, frame: Frame, value: object, error: BaseException | None) -> object:
        module = self._module
        assert module is not None
        self._frame = self._module = None
        if module.program.function(frame.function).is_generator:
            generator = make_generator(frame, module)
            start_generator(generator, frame)
            self._live = generator
            return self.resume(value, error)
        self._live = module.residual(frame.function, frame.point, "coroutine")(value, error, frame.locals)
        return self.resume(None, None)

    def frames(self) -> list[Frame]:
        """The live frames of the script, outermost first."""
        if self._frame is not None:
            return [self._frame]
        if self._start is not None:
            return [_frame_of_start(*self._start)]
        live = self._live
        if type(live) is GeneratorType:
            frame = generator_frame(live)
            return [] if frame is None else [frame]
        found: list[Frame] = []
        while type(live) is CoroutineType:
            known = known_code(live.cr_code)
            if known is not None:
                frame = live.cr_frame
                found.append(live_frame(known, live.cr_code, frame.f_lasti, dict(frame.f_locals)))
            live = live.cr_await
        return found

    def depth(self) -> int:
        """How many frames of the script are alive."""
        if self._frame is not None or self._start is not None:
            return 1
        depth, live = 0, self._live
        while type(live) is CoroutineType:
            depth += known_code(live.cr_code) is not None
            live = live.cr_await
        return depth or self._live is not None

    def close(self) -> None:
        """Drop the live frames; the caller has seen to it that nothing of the script runs."""
        live, self._live, self._start, self._frame = self._live, None, None, None
        if live is not None:
            live.close()


def _is_generator_handler(made: object) -> bool:
    return type(made) is GeneratorType and known_code(made.gi_code) is not None


def _frame_of_start(function: Callable[..., Any], args: tuple[object, ...]) -> Frame:
    """A call that has not begun, as a frame before its first statement."""
    plain = function.__func__ if isinstance(function, MethodType) else function
    known = known_code(plain.__code__) if isinstance(plain, FunctionType) else None
    if known is None:
        raise CaptureRefused(f"{function!r} has not begun and belongs to no program: start functions of scripts only.")
    try:
        bound = inspect.signature(function).bind(*args)
    except TypeError as wrong:
        raise CaptureRefused(f"{function!r} has not begun and cannot be called with {args!r}: {wrong}.") from None
    bound.apply_defaults()
    variables = dict(bound.arguments)
    if isinstance(function, MethodType):
        variables[plain.__code__.co_varnames[0]] = function.__self__
    return Frame(known.program.hash, known.function.name, START, variables)
