"""A microthread: one strand of a script's execution, run step by step, captured and restored between steps.

The one idea: only the innermost part of the stack needs to be alive. Callers that came in a capture stay frames, plain
data, until the call that they wait for returns; then the next one is brought to life by its residual. So restoring
costs the same at any depth. How a live part is run and read is the engine's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from migrate.control import CONTROL
from migrate.engines.generator import GeneratorStack
from migrate.errors import BadRecord, UnknownProgram
from migrate.frame import Frame
from migrate.injector.module import Module
from migrate.injector.support import leaked


@dataclass(frozen=True, slots=True)
class Finished:
    """The microthread has ended and returned `value`."""

    value: object


@dataclass(frozen=True, slots=True)
class Failed:
    """The microthread has ended with an exception of the script."""

    error: BaseException


Step: TypeAlias = Finished | Failed | object
"""What a resume gives: these two, PREEMPTED, or the request that the script waits with."""


class Microthread:
    """A call of a script's function that can be suspended.

    `engine`: "generator". `callers`: frames of a capture that wait for the live part to return, outermost first.
    """

    __slots__ = ("_callers", "_modules", "_stack", "engine")

    def __init__(self, function: Callable[..., Any], args: Sequence[object] = (), *, engine: str = "generator") -> None:
        """Not started: the first `resume` calls `function(*args)`."""
        self.engine = engine
        self._callers: list[Frame] = []
        self._modules: Mapping[str, Module] = {}
        self._stack = GeneratorStack.calling(function, tuple(args))

    @classmethod
    def restore(
        cls, frames: Sequence[Frame], modules: Mapping[str, Module], *, engine: str = "generator"
    ) -> Microthread:
        """A microthread that goes on where `frames`, outermost first, were captured.

        Raises BadRecord if a frame names a function or point that its program does not have, UnknownProgram if
        `modules` lacks a program.
        """
        if not frames:
            raise BadRecord("a microthread without frames cannot be restored.")
        made = cls.__new__(cls)
        made.engine = engine
        made._callers = list(frames[:-1])
        made._modules = modules
        for frame in made._callers:
            function = _module_of(frame, modules).program.function(frame.function)
            if frame.point not in function.points:
                raise BadRecord(f"function '{frame.function}' has no suspension point '{frame.point}'.")
        made._stack = GeneratorStack.of_frame(frames[-1], _module_of(frames[-1], modules))
        return made

    def resume(self, value: object = None) -> Step:
        """Run until it suspends, ends or its slice is up. `value` becomes the result of what it waited with."""
        return self._run(value, None)

    def throw(self, error: BaseException) -> Step:
        """Go on by raising `error` where it is suspended."""
        return self._run(None, error)

    def _run(self, value: object, error: BaseException | None) -> Step:
        while True:
            try:
                request = self._step(value, error)
            except StopIteration as stop:
                value, error = stop.value, None
            except BaseException as raised:  # whatever a script raises ends its call, and its caller decides
                value, error = None, _without_engine(raised)
            else:
                return request
            if not self._callers:
                self._stack = GeneratorStack.ended()
                return Finished(value) if error is None else Failed(leaked(error) or error)
            caller = self._callers.pop()
            self._stack = GeneratorStack.of_frame(caller, self._modules[caller.program])

    def _step(self, value: object, error: BaseException | None) -> object:
        """One resume of the live part, below the exceptions that its callers are handling."""
        handled = self._handled_by_callers() if self._callers else None
        if handled is None:
            return self._stack.resume(value, error)
        trace = handled.__traceback__
        try:
            raise handled
        except BaseException:  # it is not caught but made current
            handled.__traceback__ = trace
            return self._stack.resume(value, error)

    def _handled_by_callers(self) -> BaseException | None:
        """The exception that the innermost handler among the callers is working on."""
        for frame in reversed(self._callers):
            function = self._modules[frame.program].program.function(frame.function)
            for name in reversed(function.points[frame.point].handled):
                held = frame.locals.get(name)
                if isinstance(held, BaseException):
                    return held
        return None

    def capture(self) -> tuple[Frame, ...]:
        """Its frames, outermost first; the microthread can go on afterwards.

        The values in them are the live ones: encode them before it does. Raises Pinned while a call from native
        code is on its stack, and CaptureRefused.
        """
        return (*self._callers, *self._stack.frames())

    def discard(self) -> None:
        """Drop it for ever. No `finally`, `except` or `with` of the script runs."""
        self._callers = []
        CONTROL.discarding = True
        try:
            self._stack.close()
        finally:
            CONTROL.discarding = False
        self._stack = GeneratorStack.ended()

    def __del__(self) -> None:
        self.discard()

    @property
    def depth(self) -> int:
        """How many frames of the script are on its stack."""
        return len(self._callers) + self._stack.depth()


def _module_of(frame: Frame, modules: Mapping[str, Module]) -> Module:
    try:
        return modules[frame.program]
    except KeyError:
        raise UnknownProgram(f"a frame belongs to program {frame.program}, which is not here.") from None


def _without_engine(error: BaseException) -> BaseException:
    """Drop the engine's own entries from the head of a traceback."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_globals.get("__name__", "").startswith("migrate."):
        trace = trace.tb_next
    return error.with_traceback(trace)
