"""Helpers that emitted code calls. They stand in its code objects as constants, so no script can hide them.

The one idea: each does in Python what CPython does inside one instruction (look up `__enter__`, raise without
touching the context, …), because the emitted code has to do it in two halves, before and after a move.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Generator, Iterable, Iterator
from functools import partial
from types import BuiltinFunctionType, CoroutineType, FunctionType
from typing import Any

from migrate.control import CONTROL, PREEMPTED, Box, Sentinel, begin, new_box
from migrate.injector.groups import rest_of_group, split_group
from migrate.injector.known import known_code
from migrate.injector.reraise import put_back, redo, unleak, unleaked
from migrate.injector.twins import twin

AGAIN = Sentinel("AGAIN")
"""First item of a resumed loop's iterator: finish the round that was interrupted."""


def set_box(box: Box, value: object) -> object:
    """`(x := value)` for a boxed x."""
    box.v = value
    return value


def own_locals(found: dict[str, Any]) -> dict[str, Any]:
    """What `locals()` tells an author: no names of ours, what boxes hold, and in CPython's order."""
    shown = {n: v for n, v in found.items() if not n.startswith("$") and "@" not in n}
    known = known_code(sys._getframe(1).f_code)
    names = () if known is None else known.program.plain_code(known.function).co_varnames
    ordered = {n: shown[n] for n in names if n in shown} | shown
    boxes = [b for n, b in sorted(found.items()) if type(b) is Box and "." not in n and "@" not in n]
    return ordered | {b.name: b.v for b in boxes if hasattr(b, "v")}


def with_defaults(
    function: FunctionType, defaults: tuple[object, ...], keywords: dict[str, object]
) -> FunctionType:
    """A lambda's function with the defaults that were evaluated where the lambda stands."""
    function.__defaults__ = defaults or None
    function.__kwdefaults__ = keywords or None
    return function


def made_anew(function: FunctionType) -> FunctionType:
    """A lambda's function as a new object: `lambda` gives another one each time, its lifted definition runs once."""
    made = FunctionType(
        function.__code__, function.__globals__, function.__name__, None, function.__closure__
    )
    made.__qualname__ = function.__qualname__
    return made


def no_arguments() -> None:
    """What `super()` does in a function without parameters."""
    raise RuntimeError("super(): no arguments")


def enter_method(manager: object) -> Any:
    """`type(manager).__enter__`, bound, after checking as `with` does that the protocol is there."""
    kind = type(manager)
    try:
        enter = _special(manager, kind, "__enter__")
    except AttributeError:
        raise _no_manager(kind) from None
    if not any("__exit__" in base.__dict__ for base in kind.__mro__):
        raise _no_manager(kind, " (missed __exit__ method)")
    return enter


def _no_manager(kind: type, detail: str = "") -> TypeError:
    return TypeError(f"'{kind.__name__}' object does not support the context manager protocol{detail}")


def exit_method(manager: object) -> Any:
    """`type(manager).__exit__`, bound."""
    return _special(manager, type(manager), "__exit__")


def _special(manager: object, kind: type, name: str) -> Any:
    """As CPython finds special methods: in the class and its bases, never in the instance or the metaclass."""
    found = next((base.__dict__[name] for base in kind.__mro__ if name in base.__dict__), _MISSING)
    if found is _MISSING:
        raise AttributeError(name)
    bind = getattr(type(found), "__get__", None)
    return found if bind is None else bind(found, manager, kind)


_MISSING = Sentinel("MISSING")


def error_matches(kind: Any) -> bool:
    """Whether the exception being handled is caught by `except kind`."""
    try:
        raise
    except kind:
        return True
    except BaseException:
        return False


def found(matches: Iterable[object]) -> Iterable[object]:
    """What `finditer` found, all at once: its own iterator does not tell how far it is. Others pass unchanged."""
    return (
        list(matches) if type(matches) is _CALLS and "Scanner" in repr(matches.__reduce__()[1]) else matches
    )


_CALLS: Any = type(iter(int, 1))


def again(iterator: Iterator[object]) -> Iterator[object]:
    """The rest of `iterator`, behind a marker for the round in progress."""
    return itertools.chain((AGAIN,), iterator)


def delegate_again(iterator: Any) -> Generator[Any, Any, Any]:
    """Goes on with a `yield from` after a move: first the yield that was waiting, then as PEP 380 says."""
    iterator, item = iter(iterator), None
    while True:
        try:
            sent = yield item
        except GeneratorExit:
            if not CONTROL.discarding and hasattr(iterator, "close"):
                iterator.close()
            raise
        except BaseException as error:
            if not hasattr(iterator, "throw"):
                raise
            step = partial(iterator.throw, error)
        else:
            step = partial(next, iterator) if sent is None else partial(iterator.send, sent)
        try:
            item = step()
        except StopIteration as stop:
            return stop.value


SUPPORT: dict[str, object] = {
    "AGAIN": AGAIN,
    "AssertionError": AssertionError,
    "BaseException": BaseException,
    "RuntimeError": RuntimeError,
    "Box": Box,
    "CONTROL": CONTROL,
    "PREEMPTED": PREEMPTED,
    "again": again,
    "begin": begin,
    "builtin": BuiltinFunctionType,
    "coroutine": CoroutineType,
    "current_error": sys.exception,
    "delegate_again": delegate_again,
    "enter_method": enter_method,
    "error_matches": error_matches,
    "exit_method": exit_method,
    "isinstance": isinstance,
    "locals": locals,
    "found": found,
    "iter": iter,
    "made_anew": made_anew,
    "new_box": new_box,
    "no_arguments": no_arguments,
    "own_locals": own_locals,
    "put_back": put_back,
    "rest_of_group": rest_of_group,
    "redo": redo,
    "set": set,
    "set_box": set_box,
    "slice": slice,
    "sorted": sorted,
    "split_group": split_group,
    "twin": twin,
    "unleak": unleak,
    "unleaked": unleaked,
    "type": type,
    "with_defaults": with_defaults,
}
