"""Whether one frame of a native stack was called by another directly, or through native code.

The one idea: what a call point called is its callee, a name or a method of a name; look at what that is now, without
running any code of the script, and compare it with the code that runs in the frame below. When in doubt the frame is
pinned, which delays a move but is never wrong.
"""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
from types import CodeType, FrameType, FunctionType, MemberDescriptorType, MethodType
from typing import Any

from migrate.errors import Pinned
from migrate.frame_parts import point_of
from migrate.injector.known import known_code

_NOTHING = object()


def require_direct_call(caller: FrameType, callee: FrameType) -> None:
    """Raises Pinned unless the call point at which `caller` is suspended is the call of `callee` itself."""
    known = known_code(caller.f_code)
    assert known is not None
    point = point_of(known, caller.f_code, caller.f_lasti)
    if point is None or callee.f_code not in _codes_at(caller, known.function.callees.get(point), point):
        raise Pinned(
            f"'{callee.f_code.co_qualname}' was called by native code from '{caller.f_code.co_qualname}', "
            f"line {caller.f_lineno}. It can be captured when that call has returned."
        )


def _codes_at(caller: FrameType, callee: ast.expr | None, point: str) -> list[CodeType]:
    """Code objects that the call at this point may have begun."""
    kind = point.partition(":")[0]
    if kind in ("enter", "exit", "exit_error"):
        return _special_codes(caller, callee, "__enter__" if kind == "enter" else "__exit__")
    value = _NOTHING if callee is None else _value(caller, callee)
    return [] if value is _NOTHING else [code for code in (_code_of(value),) if code is not None]


def _special_codes(caller: FrameType, manager: ast.expr | None, name: str) -> list[CodeType]:
    held = _NOTHING if manager is None else _value(caller, manager)
    code = _code_of(inspect.getattr_static(type(held), name, None))
    return [] if code is None else [code]


def _value(frame: FrameType, callee: ast.expr) -> object:
    """What a name or a method of a name stands for."""
    if isinstance(callee, ast.Name):
        for names in (frame.f_locals, frame.f_globals, vars(builtins)):
            if callee.id in names:
                found: object = names[callee.id]
                return found
        return _NOTHING
    if isinstance(callee, ast.Attribute):
        holder = _value(frame, callee.value)
        return _NOTHING if holder is _NOTHING else _attribute(holder, callee.attr)
    return _NOTHING


def _attribute(holder: object, name: str) -> object:
    """An attribute, without running any code of the script."""
    if type(holder) is super:
        return _of_super(holder, name)
    found = inspect.getattr_static(holder, name, _NOTHING)
    if isinstance(found, MemberDescriptorType):
        try:
            return found.__get__(holder, type(holder))
        except AttributeError:  # an empty slot, or an empty box
            return _NOTHING
    return found


def _of_super(holder: Any, name: str) -> object:
    kinds = holder.__self_class__.__mro__
    rest = kinds[kinds.index(holder.__thisclass__) + 1 :]
    return next((vars(kind)[name] for kind in rest if name in vars(kind)), _NOTHING)


def _code_of(value: object) -> CodeType | None:
    """The code that calling this begins, if the call's result is that code's result."""
    if isinstance(value, functools.partial):
        return _code_of(value.func)
    if isinstance(value, staticmethod | classmethod):
        return _code_of(value.__func__)
    if isinstance(value, MethodType):
        return _code_of(value.__func__)
    if isinstance(value, FunctionType):
        return value.__code__
    if isinstance(value, type) or value is None:
        return None
    called = inspect.getattr_static(type(value), "__call__", None)
    return called.__code__ if isinstance(called, FunctionType) else None
