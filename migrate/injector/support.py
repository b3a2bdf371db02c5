"""Helpers that emitted code calls. They stand in its code objects as constants, so no script can hide them.

The one idea: each does in Python what CPython does inside one instruction (look up `__enter__`, raise without
touching the context, …), because the emitted code has to do it in two halves, before and after a move.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Generator, Iterator
from types import BuiltinFunctionType, CoroutineType, FunctionType, MethodType, TracebackType
from typing import Any

from migrate.control import CONTROL, PREEMPT_TRAP, Box, Sentinel, new_box
from migrate.injector.twins import twin

AGAIN = Sentinel("AGAIN")
"""First item of a resumed loop's iterator: finish the round that was interrupted."""


def set_box(box: Box, value: object) -> object:
    """`(x := value)` for a boxed x."""
    box.v = value
    return value


def with_defaults(
    function: FunctionType, defaults: tuple[object, ...], keywords: dict[str, object]
) -> FunctionType:
    """A lambda's function with the defaults that were evaluated where the lambda stands."""
    function.__defaults__ = defaults or None
    function.__kwdefaults__ = keywords or None
    return function


def enter_method(manager: object) -> Any:
    """`type(manager).__enter__`, bound, after checking as `with` does that the protocol is there."""
    kind = type(manager)
    if not hasattr(kind, "__enter__"):
        raise TypeError(f"'{kind.__qualname__}' object does not support the context manager protocol")
    if not hasattr(kind, "__exit__"):
        raise TypeError(
            f"'{kind.__qualname__}' object does not support the context manager protocol (missed __exit__ method)"
        )
    return _special(manager, kind, "__enter__")


def exit_method(manager: object) -> Any:
    """`type(manager).__exit__`, bound."""
    return _special(manager, type(manager), "__exit__")


def _special(manager: object, kind: type, name: str) -> Any:
    function = getattr(kind, name)
    if isinstance(function, FunctionType):
        return MethodType(function, manager)
    return getattr(manager, name)


def current_error() -> BaseException | None:
    """The exception being handled."""
    return sys.exception()


def error_matches(kind: Any) -> bool:
    """Whether the exception being handled is caught by `except kind`."""
    try:
        raise
    except kind:
        return True
    except BaseException:
        return False


def redo(error: BaseException) -> None:
    """Raise a saved exception again as if it had never been put down: its context stays what it was."""
    context = error.__context__
    if context is None:
        raise error
    try:
        raise error
    finally:
        error.__context__ = context


def leaked(error: BaseException) -> StopIteration | None:
    """The StopIteration that CPython has turned into `error` because it left a coroutine."""
    cause = error.__cause__
    if type(error) is RuntimeError and isinstance(cause, StopIteration) and error.args == _LEAK_ARGS:
        cause.__traceback__ = _joined(error.__traceback__, cause.__traceback__)
        return cause
    return None


_LEAK_ARGS = ("coroutine raised StopIteration",)


def _joined(outer: TracebackType | None, inner: TracebackType | None) -> TracebackType | None:
    if outer is None:
        return inner
    return TracebackType(_joined(outer.tb_next, inner), outer.tb_frame, outer.tb_lasti, outer.tb_lineno)


def unleak(error: BaseException) -> None:
    """Raise the StopIteration that `error` was, if it was one."""
    stop = leaked(error)
    if stop is not None:
        redo(stop)


def put_back(error: BaseException) -> None:
    """First statement of a resumed handler: drop the traceback entries that `redo` has added."""
    trace = error.__traceback__
    if trace is not None and trace.tb_next is not None:
        error.__traceback__ = trace.tb_next.tb_next


def again(iterator: Iterator[object]) -> Iterator[object]:
    """The rest of `iterator`, behind a marker for the round in progress."""
    return itertools.chain((AGAIN,), iterator)


def delegate_again(iterator: Any) -> Generator[Any, Any, Any]:
    """Goes on with a `yield from` after a move: first the yield that was waiting, then as PEP 380 says."""
    sent = yield None
    while True:
        try:
            item = next(iterator) if sent is None else iterator.send(sent)
        except StopIteration as stop:
            return stop.value
        try:
            sent = yield item
        except GeneratorExit:
            if not CONTROL.discarding and hasattr(iterator, "close"):
                iterator.close()
            raise
        except BaseException as error:
            if not hasattr(iterator, "throw"):
                raise
            try:
                sent = yield iterator.throw(error)
            except StopIteration as stop:
                return stop.value


def is_coroutine(value: object) -> bool:
    """Whether a call of unknown colour gave a suspended call back."""
    return type(value) is CoroutineType


SUPPORT: dict[str, object] = {
    "AGAIN": AGAIN,
    "AssertionError": AssertionError,
    "BaseException": BaseException,
    "RuntimeError": RuntimeError,
    "Box": Box,
    "CONTROL": CONTROL,
    "PREEMPT_TRAP": PREEMPT_TRAP,
    "again": again,
    "builtin": BuiltinFunctionType,
    "coroutine": CoroutineType,
    "current_error": sys.exception,
    "delegate_again": delegate_again,
    "enter_method": enter_method,
    "error_matches": error_matches,
    "exit_method": exit_method,
    "isinstance": isinstance,
    "iter": iter,
    "new_box": new_box,
    "put_back": put_back,
    "redo": redo,
    "set": set,
    "set_box": set_box,
    "slice": slice,
    "twin": twin,
    "unleak": unleak,
    "type": type,
    "with_defaults": with_defaults,
}
