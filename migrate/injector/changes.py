"""What a running program has changed in its module: for carrying a whole program, globals and all, as `verify` does.

The one idea: compare the module with a pristine instance of the same program by identity. What the source gives back
by itself is left out. Scripts in a region share their module and do not carry it; their state is on `self`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any

from migrate.injector.known import known_code
from migrate.injector.module import Module
from migrate.injector.twins import twin_function

DELETED = "$deleted"
"""Stands for a global that is gone."""

_MODULE_NAMES = frozenset({*ModuleType("").__dict__, "__file__", "__builtins__", "__annotations__"})

Defaults = tuple[tuple[object, ...] | None, dict[str, object] | None, dict[str, object]]


@dataclass(slots=True)
class Changes:
    """`values`: changed globals. `attributes`: by class path. `defaults`: by function path, with the attributes."""

    values: dict[str, object] = field(default_factory=dict)
    attributes: dict[str, dict[str, object]] = field(default_factory=dict)
    defaults: dict[str, Defaults] = field(default_factory=dict)

    def parts(self) -> tuple[object, ...]:
        """As plain values that a record can hold."""
        return self.values, self.attributes, self.defaults


def changes_of(module: Module, pristine: Module) -> Changes:
    """How `module` differs from a new instance of its program."""
    changes = Changes()
    for name, value in module.namespace.items():
        if _is_carried(name) and module.path_of(value) != name and not _same(pristine.namespace, name, value):
            changes.values[name] = value
    gone = [name for name in pristine.namespace if _is_carried(name) and name not in module.namespace]
    changes.values.update((name, DELETED) for name in gone)
    for path, value in module.definitions():
        if isinstance(value, enum.EnumType):
            continue
        if isinstance(value, type):
            changed = dict(_changed_attributes(value, pristine.value_at(path), module))
            if changed:
                changes.attributes[path] = changed
        elif isinstance(value, FunctionType) and known_code(value.__code__) is not None:
            _note_defaults(changes, path, value, pristine.value_at(path))
    return changes


def _is_carried(name: str) -> bool:
    return not name.startswith("$") and name not in _MODULE_NAMES


def _same(namespace: Any, name: str, value: object) -> bool:
    return name in namespace and namespace[name] is value


def _changed_attributes(kind: type, pristine: Any, module: Module) -> Iterator[tuple[str, object]]:
    for name, value in vars(kind).items():
        is_own = not name.startswith(("__", "_abc_")) and not hasattr(type(value), "__get__")
        if is_own and module.path_of(value) is None and not _same(vars(pristine), name, value):
            yield name, value


def _note_defaults(changes: Changes, path: str, function: Any, pristine: Any) -> None:
    parts: Defaults = (function.__defaults__, function.__kwdefaults__, vars(function))
    before: Defaults = (pristine.__defaults__, pristine.__kwdefaults__, vars(pristine))
    if _objects(parts) != _objects(before):
        changes.defaults[path] = parts


def _objects(parts: Defaults) -> list[int]:
    positional, keywords, attributes = parts
    return [id(value) for value in (*(positional or ()), *(keywords or {}).values(), *attributes.values())]


def put_changes(module: Module, parts: tuple[Any, ...]) -> None:
    """Make a new instance of the program what the one was that `parts` came from."""
    values, attributes, defaults = parts
    for name, value in values.items():
        if type(value) is str and value == DELETED:
            module.namespace.pop(name, None)
        else:
            module.namespace[name] = value
    for path, changed in attributes.items():
        for name, value in changed.items():
            setattr(module.value_at(path), name, value)
    for path, (positional, keywords, own) in defaults.items():
        function: Any = module.value_at(path)
        function.__dict__.update(own)
        for form in (function, twin_function(function)):
            form.__defaults__, form.__kwdefaults__ = positional, keywords
