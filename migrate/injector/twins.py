"""Coroutine forms of functions: found when they are called, kept at hand.

The one idea: a script holds plain functions only; where emitted code is about to call one it asks here for the twin,
a function with other code around the same globals, defaults and closure. A waiting call of the API has a twin too:
it hands its request to the engine.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator
from types import FunctionType, MethodType, SimpleNamespace
from typing import Any, TypeGuard

from migrate.control import as_coroutine
from migrate.injector.known import known_code

_twins: dict[FunctionType, Any] = {}
TWINS_KEPT_MAX = 4096
"""Twins of function objects, and classes with a method of one name, kept at hand: closures and classes inside functions
come and go, so a table is emptied when it is full."""


def twin(callee: Any) -> Any:
    """The coroutine form of a callable, or the callable itself where it has none."""
    kind = type(callee)
    if kind is FunctionType:
        return twin_function(callee)
    if kind is MethodType:
        function = callee.__func__
        if type(function) is FunctionType:
            form = twin_function(function)
            return callee if form is function else MethodType(form, callee.__self__)
        return callee
    called = getattr(kind, "__call__", None)  # noqa: B004 - the method itself is wanted
    if type(called) is FunctionType and _is_plain(kind, called):
        form = twin_function(called)
        return callee if form is called else MethodType(form, callee)
    return callee


def _is_plain(kind: type, called: FunctionType) -> bool:
    """Whether `__call__` is a function in the class itself, not in a static method."""
    return called is next(c.__dict__["__call__"] for c in kind.__mro__ if "__call__" in c.__dict__)


def twin_function(function: FunctionType) -> Any:
    """The coroutine form of a plain function, or itself."""
    known = _twins.get(function)
    if known is None:
        known = make_twin(function)
        if _changes_functions(function):
            return known
        if len(_twins) >= TWINS_KEPT_MAX:
            _twins.clear()
        _twins[function] = known
    return known


def _changes_functions(function: FunctionType) -> bool:
    known = known_code(function.__code__)
    return known is not None and known.program.shared.colours.changes_functions


def make_twin(function: FunctionType) -> Any:
    """The coroutine form of a plain function, or the function itself."""
    known = known_code(function.__code__)
    if known is None:
        request = _request_of(function)
        return function if request is None else _waiting_form(request)
    if not known.function.has_twin:
        return function
    code = known.program.twin_code(known.function)
    closure = function.__closure__
    if closure is not None and code.co_freevars != function.__code__.co_freevars:
        cells = dict(zip(function.__code__.co_freevars, closure, strict=True))
        closure = tuple(cells[name] for name in code.co_freevars)
    form = FunctionType(code, function.__globals__, function.__name__, function.__defaults__, closure)
    form.__kwdefaults__ = function.__kwdefaults__
    return form


def _request_of(function: FunctionType) -> Callable[..., object] | None:
    """What makes the request of a waiting call; None if it is none."""
    request: Callable[..., object] | None = function.__dict__.get("request")
    return request if known_code(function.__code__) is None else None


def _waiting_form(request: Callable[..., object]) -> Callable[..., Any]:
    """Hands the request to the engine, and returns what that sends back."""

    def wait(*args: Any, **kwargs: Any) -> Generator[object, Any, Any]:
        return (yield request(*args, **kwargs))

    def wait_with_one(self: object, value: object) -> Generator[object, Any, Any]:
        return (yield request(self, value))

    if not _takes_one(request):
        return _coroutine_function(wait, {})
    # As `sleep` does: half of what any number of arguments takes. Its names are those that errors tell, and keywords.
    given = request.__code__
    names = {"co_name": given.co_name, "co_qualname": given.co_qualname, "co_varnames": given.co_varnames[:2]}
    return _coroutine_function(wait_with_one, names)


def _coroutine_function(function: Any, names: dict[str, Any]) -> FunctionType:
    code = function.__code__
    code = code.replace(co_flags=as_coroutine(code.co_flags), **names)
    return FunctionType(code, function.__globals__, code.co_name, None, function.__closure__)


def _takes_one(request: Callable[..., object]) -> TypeGuard[FunctionType]:
    """Whether it is a method of one argument, and no more, that has to be given."""
    if type(request) is not FunctionType or request.__defaults__:
        return False
    code = request.__code__
    takes_any = code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
    return code.co_argcount == 2 and not (code.co_posonlyargcount or code.co_kwonlyargcount or takes_any)


class MethodTwins(dict[type, Any]):
    """For one method name: class -> coroutine form of its method, None where it has no such method.

    `asks`: for a waiting call what makes its request, instead; the caller hands that out by itself.
    """

    def __init__(self, name: str, asks: bool) -> None:
        super().__init__()
        self.name, self.asks = name, asks

    __hash__ = object.__hash__  # type: ignore[assignment]  # a constant of code objects, which are hashed

    def __missing__(self, kind: type) -> Any:
        found = None
        if not _hides_methods(kind):
            function = next((vars(c)[self.name] for c in kind.__mro__ if self.name in vars(c)), None)
            if type(function) is FunctionType:
                request = _request_of(function) if self.asks else None
                form = request or twin_function(function)
                found = None if form is function else form
        if len(self) >= TWINS_KEPT_MAX:
            self.clear()
        self[kind] = found
        return found


def _hides_methods(kind: type) -> bool:
    """Whether what `object.name` gives may be something else than the method in the class of the object."""
    # A class is looked through before its metaclass, and a namespace takes whatever names it is made with.
    if issubclass(kind, type | SimpleNamespace):
        return True
    return any("__getattribute__" in vars(c) for c in kind.__mro__[:-1])


_tables: dict[tuple[str, bool], MethodTwins] = {}


def method_table(name: str, *, asks: bool) -> MethodTwins:
    """The one of a method name, for all programs of this process."""
    return _tables.setdefault((name, asks), MethodTwins(name, asks))
