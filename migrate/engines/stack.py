"""The live part of a microthread, whatever engine runs it: the interface, and what both engines share.

The one idea: a stack begins either with a call or with a captured frame, and is built when it is first resumed. Until
then it is data.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import FunctionType, GeneratorType, MethodType
from typing import Any, Protocol, TypeAlias

from migrate.engines.steps import Step
from migrate.errors import CaptureRefused
from migrate.frame import Frame
from migrate.frame_parts import make_generator, start_generator
from migrate.injector.emit import Form
from migrate.injector.known import known_code
from migrate.injector.module import Module
from migrate.injector.residual import START


class Stack(Protocol):
    """Live frames of a script, innermost last."""

    def resume(self, value: object, error: BaseException | None, handled: BaseException | None) -> Step:
        """Go on with a value or by raising an error; `handled` is what a caller's handler is working on."""

    def frames(self) -> list[Frame]:
        """The frames, outermost first. Raises Pinned, CaptureRefused."""

    def depth(self) -> int:
        """How many frames there are."""

    def close(self) -> None:
        """Drop them; the caller has seen to it that nothing of the script runs."""


class Call:
    """A call that has not begun."""

    __slots__ = ("args", "function")

    def __init__(self, function: Callable[..., Any], args: tuple[object, ...]) -> None:
        self.function, self.args = function, args

    @property
    def is_generator(self) -> bool:
        """Whether the function is a handler written as a generator."""
        plain = getattr(self.function, "__func__", self.function)
        known = known_code(plain.__code__) if isinstance(plain, FunctionType) else None
        return known is not None and known.function.is_generator

    def frame(self) -> Frame:
        """The call as a frame before its first statement. Raises CaptureRefused."""
        function = self.function
        plain = function.__func__ if isinstance(function, MethodType) else function
        known = known_code(plain.__code__) if isinstance(plain, FunctionType) else None
        if known is None:
            raise CaptureRefused(
                f"{function!r} has not begun and belongs to no program: start functions of scripts only."
            )
        try:
            bound = inspect.signature(function).bind(*self.args)
        except TypeError as wrong:
            raise CaptureRefused(
                f"{function!r} has not begun and cannot be called with {self.args!r}: {wrong}."
            ) from None
        bound.apply_defaults()
        variables = dict(bound.arguments)
        if isinstance(function, MethodType):
            variables[plain.__code__.co_varnames[0]] = function.__self__
        return Frame(known.program.hash, known.function.name, START, variables)


class Rest:
    """A captured frame that has not been brought to life again."""

    __slots__ = ("_frame", "_module")

    def __init__(self, frame: Frame, module: Module) -> None:
        self._frame, self._module = frame, module

    @property
    def is_generator(self) -> bool:
        """Whether the frame is one of a handler written as a generator."""
        return self._module.program.function(self._frame.function).is_generator

    def frame(self) -> Frame:
        """The frame itself."""
        return self._frame

    def revived_generator(self) -> GeneratorType[Any, Any, Any]:
        """The generator, where it was suspended."""
        generator = make_generator(self._frame, self._module)
        start_generator(generator, self._frame)
        del self._frame
        return generator

    def revived(self, form: Form, value: object, error: BaseException | None) -> Any:
        """Call the residual. Once it runs nothing but itself holds what the frame held."""
        frame, module = self._frame, self._module
        del self._frame
        residual, variables = module.residual(frame.function, frame.point, form), [frame.locals]
        del frame
        return residual(value, error, variables.pop())


Beginning: TypeAlias = Call | Rest
