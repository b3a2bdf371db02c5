"""A microthread: one strand of a script's execution, run step by step, captured and restored between steps.

The one idea: only the innermost part of the stack needs to be alive. Callers that came in a capture stay frames, plain
data, until the call that they wait for returns; then the next one is brought to life by its residual. So restoring
costs the same at any depth. How a live part is run and read is its engine's business; a microthread may change its
engine at any capture.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import CoroutineType
from typing import Any, Literal, NamedTuple, TypeAlias

from migrate.control import CONTROL, PREEMPTED
from migrate.engines.generator import GeneratorStack
from migrate.engines.native import NativeStack
from migrate.engines.stack import Beginning, Call, Rest, Stack
from migrate.engines.steps import Failed, Finished, Step
from migrate.errors import BadRecord, Pinned, UnknownProgram
from migrate.frame import Frame
from migrate.injector.module import Module, modules_of
from migrate.injector.reraise import leaked
from migrate.limits import (
    DEEP_DEPTH_MIN,
    LIVE_DEPTH_MAX,
    RECURSION_MAX,
    SHALLOW_DEPTH_MAX,
    SLICES_PER_WEIGHING,
    UNLIKE_SLICES_MIN,
)

Engine: TypeAlias = Literal["generator", "native"]


class Habit(NamedTuple):
    """What is known of how deep a script's calls are, for its next microthread: see `Microthread`."""

    slices_left: int
    unlike: int
    runs_on: Engine


class Microthread:
    """A call of a script's function that can be suspended.

    `engine`: the one that was chosen for it. `runs_on`: the one that its live part is on: a microthread of the
    generator engine whose calls are deep for many slices moves to the native one by itself, and back when they
    are not any more. `moves`: how often it did. `slices_left`: slices until its depth is looked at.
    """

    __slots__ = (
        "_callers", "_live", "_modules", "_stack", "_unlike", "engine", "moves", "runs_on", "slices_left"
    )  # fmt: skip

    # Callers that are kept as data, each with what it handles, outermost first.
    _callers: list[tuple[Frame, BaseException | None]] | None
    # The whole live part, where it is one chain of coroutines.
    _live: CoroutineType[Any, Any, Any] | None
    engine: Engine
    runs_on: Engine
    _stack: Stack | None

    def __init__(
        self,
        function: Callable[..., Any],
        args: Sequence[object] = (),
        *,
        engine: Engine = "generator",
        habit: Habit | None = None,
    ) -> None:
        """Not started: the first `resume` calls `function(*args)`. `habit`: of one before it that did the like."""
        self._callers = None
        self._modules: Mapping[str, Module] = modules_of(function)
        self.moves = 0
        self.engine = engine
        if habit is None:
            self.slices_left, self._unlike = SLICES_PER_WEIGHING, 0
            self._begin(Call(function, tuple(args)), engine)
        else:
            self.slices_left, self._unlike, runs_on = habit
            self._begin(Call(function, tuple(args)), runs_on)

    @classmethod
    def restore(
        cls, frames: Sequence[Frame], modules: Mapping[str, Module], *, engine: Engine = "generator"
    ) -> Microthread:
        """A microthread that goes on where `frames`, outermost first, were captured.

        `modules`: program hash -> instance. Raises BadRecord if a frame names a function or point that its program
        does not have, UnknownProgram if `modules` lacks a program.
        """
        made = cls.__new__(cls)
        made._callers, made._stack, made._live = None, None, None
        if not frames:
            raise BadRecord("a microthread without frames cannot be restored.")
        for frame in frames:
            _require_point(frame, modules)
        made._modules = modules
        made._unlike = made.moves = 0
        made.slices_left = SLICES_PER_WEIGHING
        made.engine = engine
        made._seat(frames, engine)
        return made

    def _seat(self, frames: Sequence[Frame], engine: Engine) -> None:
        self._shelve(frames[:-1])
        self._begin_rest(frames[-1], engine)

    def _begin_rest(self, frame: Frame, engine: Engine) -> None:
        self._begin(Rest(frame, self._modules[frame.program]), engine)

    def _begin(self, beginning: Beginning, engine: Engine) -> None:
        # A generator gives up its slice by itself; only the generator engine can take it.
        self._live = None
        if engine == "generator" or beginning.is_generator:
            self.runs_on = "generator"
            self._stack = GeneratorStack(beginning)
        else:
            self.runs_on = "native"
            self._stack = NativeStack(beginning)

    def resume(self, value: object = None) -> Step:
        """Run until it suspends, ends or its slice is up. `value` becomes the result of what it waited with."""
        live = self._live
        if live is None:
            return self._run(value, None)
        # The usual case, with as little as can be around the one call that matters.
        try:
            step: Step = live.send(value)
        except StopIteration as stop:
            self._live = self._stack = None
            return Finished(stop.value)
        except BaseException as raised:  # whatever a script raises ends its call, and its caller decides
            self._live = self._stack = None
            return _failed(_without_engine(raised))
        if step is PREEMPTED:
            left = self.slices_left - 1
            self.slices_left = left
            if not left:
                self._weigh()
        return step

    def throw(self, error: BaseException) -> Step:
        """Go on by raising `error` where it is suspended."""
        return self._run(None, error)

    def _run(self, value: object, error: BaseException | None) -> Step:
        """The same for any kind of live part, and where there are callers that are kept as data."""
        self._live = None
        while True:
            assert self._stack is not None, "a microthread that has ended was resumed"
            handled, called = self._callers[-1][1] if self._callers else None, None
            step = self._stack.resume(value, error, handled)
            kind = type(step)
            if kind is Finished:
                value, error = step.value, None  # type: ignore[attr-defined]  # told by its type, which is faster
            elif kind is Failed:
                value, error = None, _without_engine(step.error)  # type: ignore[attr-defined]  # the same
                called = step.called  # type: ignore[attr-defined]  # the same
            elif step is PREEMPTED and self._callers and len(self._callers) > RECURSION_MAX:
                # CPython counts live frames only, and callers that are kept as data would grow for ever.
                value, error = None, RecursionError("maximum recursion depth exceeded")
                continue
            else:
                self._suspended(step)
                return step
            if not self._callers:
                self._stack = None
                return Finished(value) if error is None else _failed(error, called)
            self._begin_rest(self._callers.pop()[0], self.runs_on)

    def _suspended(self, step: Step) -> None:
        if step is PREEMPTED:
            self.slices_left -= 1
            if not self.slices_left:
                self._weigh()
        stack = self._stack
        if type(stack) is GeneratorStack and type(stack.live) is CoroutineType and not self._callers:
            self._live = stack.live

    def _weigh(self) -> None:
        """Look how deep its calls are, now and then, and count slices in which that is unlike what its engine is good
        at: keep callers as data, or move, accordingly.
        """
        self.slices_left = SLICES_PER_WEIGHING
        live = self._live
        if live is not None and type(live.cr_await) is not CoroutineType:
            # A single frame, which most slices end in.
            self._unlike = 0
            return
        if self.engine != "generator":
            return
        depth = self.depth
        if self.runs_on == "native":
            self._unlike = self._unlike + 1 if depth <= SHALLOW_DEPTH_MAX else 0
            other: Engine = "generator"
        else:
            assert self._stack is not None
            if self._stack.depth() > LIVE_DEPTH_MAX:
                self.spill()
            self._unlike = self._unlike + 1 if depth >= DEEP_DEPTH_MIN else 0
            other = "native"
        if self._unlike >= UNLIKE_SLICES_MIN:
            self._move(other)

    def habit(self, before: Habit | None) -> Habit:
        """Tell what it has shown, when it has ended, for the next one: its slices are counted on. `before`: what it
        began with itself. One that did not use up a slice on a greenlet did not need it.
        """
        shown = Habit(self.slices_left, self._unlike, self.runs_on)
        if shown == before and self.runs_on != self.engine:
            return Habit(1, UNLIKE_SLICES_MIN - 1, self.engine)
        return shown

    def _move(self, engine: Engine) -> None:
        self._unlike = 0
        try:
            frames = self._live_frames()
        except Pinned:
            # Below native code now; the next slices will tell again.
            return
        self._close()
        self._seat(frames, engine)
        self.moves += self.runs_on == engine

    def _shelve(self, frames: Sequence[Frame]) -> None:
        """Put frames on top of the callers, each with the exception that it or a caller of it is handling."""
        callers = self._callers or []
        handled = callers[-1][1] if callers else None
        for frame in frames:
            handled = self._handled_in(frame) or handled
            callers.append((frame, handled))
        self._callers = callers or None

    def _handled_in(self, frame: Frame) -> BaseException | None:
        """The exception that the innermost handler in a frame is working on."""
        point = self._modules[frame.program].program.function(frame.function).points[frame.point]
        held = (frame.locals.get(name) for name in reversed(point.handled))
        return next((error for error in held if isinstance(error, BaseException)), None)

    def capture(self) -> tuple[Frame, ...]:
        """Its frames, outermost first; the microthread can go on afterwards.

        The values in them are the live ones: encode them before it does. Raises Pinned while a call from native
        code is on its stack, and CaptureRefused.
        """
        return (*(frame for frame, _ in self._callers or ()), *self._live_frames())

    def _live_frames(self) -> list[Frame]:
        return self._stack.frames() if self._stack else []

    def spill(self, engine: Engine | None = None) -> None:
        """Turn its live part into frames: the smallest form, brought to life by the next resume.

        `engine`: chosen for it from now on. Raises what `capture` raises; it then stays as it was.
        """
        frames = self._live_frames()
        self._close()
        self.engine = engine or self.engine
        self._seat(frames, engine or self.runs_on)

    def discard(self) -> None:
        """Drop it for ever. No `finally`, `except` or `with` of the script runs."""
        self._callers = None
        self._close()

    def _close(self) -> None:
        self._live = None
        stack, self._stack = self._stack, None
        if stack is None:
            return
        CONTROL.discarding = True
        try:
            stack.close()
            del stack
        finally:
            CONTROL.discarding = False

    def __del__(self) -> None:
        self.discard()

    @property
    def depth(self) -> int:
        """How many frames of the script are on its stack."""
        return len(self._callers or ()) + (self._stack.depth() if self._stack else 0)


def _require_point(frame: Frame, modules: Mapping[str, Module]) -> None:
    module = modules.get(frame.program)
    if module is None:
        raise UnknownProgram(f"a frame belongs to program {frame.program}, which is not here.")
    module.program.require_point(module.program.function(frame.function), frame.point)


def _failed(error: BaseException, called: Callable[..., Any] | None = None) -> Failed:
    return Failed(leaked(error) or error, called)


def _without_engine(error: BaseException) -> BaseException:
    """Drop the engine's own entries from the head of a traceback."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_globals.get("__name__", "").startswith("migrate."):
        trace = trace.tb_next
    return error.with_traceback(trace)
