"""Whether a program keeps state in its module: in globals, in attributes of its classes, in defaults of its functions.

The one idea: most programs do not, and one instance of their module can serve everybody. What only looks like state is
told apart: constants, and tables of constants that the source uses in no way that could change them or give them away.
When in doubt it is state, which costs memory but is never wrong.
"""

from __future__ import annotations

import ast
import datetime
import decimal
import enum
import fractions
import re
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any, Final

from migrate.codec.apivalues import API_TYPES
from migrate.codec.types import NAME_OF
from migrate.injector.module import Module

CONSTANT_TYPES: Final[tuple[type, ...]] = (
    int, float, complex, str, bytes, bool, type(None), type(...), type(NotImplemented), range, slice, ModuleType,
    decimal.Decimal, fractions.Fraction, datetime.date, datetime.time, datetime.timedelta, datetime.timezone,
    re.Pattern, property, enum.Enum, *API_TYPES.values(),
)  # fmt: skip

READING_METHODS: Final = frozenset({"get", "items", "keys", "values", "index", "count", "copy"})

READING_FUNCTIONS: Final = frozenset({
    "len", "sorted", "list", "tuple", "set", "dict", "frozenset", "sum", "min", "max", "enumerate",
})  # fmt: skip


DEFAULT: Final = "(a default)"


def keeps_state(module: Module) -> bool:
    """Whether what one script does may change what another finds in the module. `module`: as it was made."""
    tree = ast.parse(module.program.source)
    if any(isinstance(node, ast.Global) for node in ast.walk(tree)):
        return True
    given_away = _given_away(tree)
    return any(
        not (_is_constant(module, value) or (name != DEFAULT and _is_table(value) and name not in given_away))
        for name, value in _values(module)
    )


def _values(module: Module) -> Iterator[tuple[str, Any]]:
    """(name, value) of all that the module, its classes and its functions' defaults hold."""
    yield from _named(module.namespace)
    for _, value in module.definitions():
        if isinstance(value, enum.EnumType):
            continue
        if isinstance(value, type):
            yield from _named(vars(value))
        elif isinstance(value, FunctionType):
            defaults = (*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values())
            yield from ((DEFAULT, default) for default in defaults)
            yield from vars(value).items()


def _named(namespace: Any) -> Iterator[tuple[str, Any]]:
    for name, value in namespace.items():
        if not name.startswith(("$", "__", "_abc_")):
            yield name, value


def _is_constant(module: Module, value: Any) -> bool:
    if isinstance(value, (*CONSTANT_TYPES, type)) or id(value) in NAME_OF:
        return True
    if isinstance(value, tuple | frozenset):
        return all(_is_constant(module, item) for item in value)
    if isinstance(value, staticmethod | classmethod):
        return _is_constant(module, value.__func__)
    # A descriptor, such as a slot, a function or what a decorator made of one, belongs to its class.
    return module.path_of(value) is not None or (hasattr(type(value), "__get__") and not vars_of(value))


def vars_of(value: Any) -> dict[str, Any]:
    """Attributes that a value keeps, if it can."""
    return getattr(value, "__dict__", {})


def _is_table(value: Any) -> bool:
    """Whether it is a container of plain values, and no more."""
    if type(value) not in (list, dict, set):
        return False
    items = [*value, *value.values()] if type(value) is dict else [*value]
    return all(_is_plain(item) for item in items)


def _is_plain(value: Any) -> bool:
    if type(value) is tuple:
        return all(_is_plain(item) for item in value)
    return isinstance(value, CONSTANT_TYPES) and not isinstance(value, ModuleType)


def _given_away(tree: ast.Module) -> set[str]:
    """Names, of variables and of attributes, that are used otherwise than to look something up."""
    looked_up = {id(node) for parent in ast.walk(tree) for node in _only_read(parent)}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in looked_up:
            is_bound_here = isinstance(node.ctx, ast.Store) and isinstance(node, ast.Name)
            if not is_bound_here:
                found.add(node.id if isinstance(node, ast.Name) else node.attr)
    return found


def _only_read(parent: ast.AST) -> list[ast.expr]:
    """Parts of a node that it looks something up in."""
    match parent:
        case ast.Subscript(value=value, ctx=ast.Load()):
            return [value]
        case ast.For(iter=iterable) | ast.comprehension(iter=iterable):
            return [iterable]
        case ast.Compare(ops=ops, comparators=values):
            return [
                value for op, value in zip(ops, values, strict=True) if isinstance(op, ast.In | ast.NotIn)
            ]
        case ast.Call(func=ast.Name(id=name), args=values) if name in READING_FUNCTIONS:
            return list(values)
        case ast.Attribute(value=value, attr=name) if name in READING_METHODS:
            return [value]
    return []
