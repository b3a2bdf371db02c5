"""Raising an exception again after a move, so that nothing shows that it was put down.

The one idea: `raise` changes an exception: its context and its traceback. These put back what it was.
"""

from __future__ import annotations

from types import TracebackType


def redo(error: BaseException) -> None:
    """Raise a saved exception again as if it had never been put down: its context stays what it was."""
    context = error.__context__
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


def unleaked(error: BaseException) -> BaseException:
    """The StopIteration that `error` was, or itself."""
    return leaked(error) or error


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
