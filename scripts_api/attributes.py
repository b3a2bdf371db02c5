"""Attributes of objects, as scripts read and set them: descriptors with a check and a line of documentation.

The one idea: an attribute is a name that the world knows, what may be written to it, and its documentation.
The view that it belongs to says how it is read and written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, NoReturn, Protocol, TypeVar, overload

from scripts_api.errors import ScriptError

Value = TypeVar("Value")


class Readable(Protocol):
    """A view of an object."""

    def _read(self, name: str) -> Any: ...
    def _write(self, name: str, value: Any) -> None: ...


def _documentation(doc: str, second_life: str) -> str:
    return f"{doc}\n\nSecond Life: {second_life}."


class Fact(Generic[Value]):
    """An attribute that can only be read; to set it raises `ScriptError`."""

    def __init__(self, doc: str, second_life: str) -> None:
        self.__doc__ = _documentation(doc, second_life)

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, own: None, owner: type) -> Fact[Value]: ...
    @overload
    def __get__(self, own: Readable, owner: type) -> Value: ...
    def __get__(self, own: Readable | None, owner: type) -> Any:
        return self if own is None else own._read(self._name)

    def __set__(self, own: Readable, value: Any) -> NoReturn:
        raise ScriptError(f"object.{self._name} can't be set; it can only be read.")


class Attribute(Generic[Value]):
    """An attribute that can be read and set. `check` raises `ScriptError` for a value that it can't have."""

    def __init__(self, check: Callable[[str, object], Value], doc: str, second_life: str) -> None:
        self._check = check
        self.__doc__ = _documentation(doc, second_life)

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, own: None, owner: type) -> Attribute[Value]: ...
    @overload
    def __get__(self, own: Readable, owner: type) -> Value: ...
    def __get__(self, own: Readable | None, owner: type) -> Any:
        return self if own is None else own._read(self._name)

    def __set__(self, own: Readable, value: Value) -> None:
        own._write(self._name, self._check(f"object.{self._name}", value))
