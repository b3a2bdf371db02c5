"""A stand-in for instantiated programs, with a few classes in the ways that scripts write them."""

from __future__ import annotations

from types import FunctionType
from typing import Any


class FakeProgram:
    """What the codec asks of a program: paths of its classes and functions, and what lies there."""

    def __init__(self, source: str, name: str = "script") -> None:
        self.namespace: dict[str, Any] = {"__name__": name}
        exec(compile(source, name, "exec"), self.namespace)
        self._at: dict[str, object] = {}
        self._collect(self.namespace, "", name)
        self._paths = {id(value): path for path, value in reversed(self._at.items())}

    def _collect(self, namespace: Any, prefix: str, name: str) -> None:
        for key, value in list(namespace.items()):
            if isinstance(value, type | FunctionType) and value.__module__ == name:
                self._at[prefix + key] = value
                if isinstance(value, type):
                    self._collect(vars(value), f"{prefix}{key}.", name)

    def path_of(self, value: object) -> str | None:
        return self._paths.get(id(value))

    def value_at(self, path: str) -> object:
        return self._at[path]
