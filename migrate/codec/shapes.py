"""How instances of a script's class are laid out, found without asking the class anything.

The one idea: a class can lie about itself through its own methods, so only its MRO and the descriptors that
CPython put there are read. What is found is remembered for each class.

Classes that extend something whose insides the codec does not know are refused here.
"""

from __future__ import annotations

import abc
import collections
import collections.abc
import contextlib
import dataclasses
import enum
import functools
import statistics
import string
import types
import typing
from types import BuiltinFunctionType, MemberDescriptorType
from typing import Any, Final

from migrate.codec.types import NAME_OF
from migrate.errors import CaptureRefused
from migrate.limits import SHAPES_MAX

SOLID: Final[tuple[type, ...]] = (
    collections.OrderedDict, collections.defaultdict, dict, collections.deque, list, set, frozenset, tuple, str,
    bytes, bytearray, int, float, complex, BaseException,
)  # fmt: skip
"""Built-in types that a script's class may extend: the codec knows what their instances hold."""

IMMUTABLE: Final = frozenset({frozenset, tuple, str, bytes, int, float, complex})

_EMPTY_BASES: Final = frozenset({
    object, abc.ABC, typing.Generic, typing.Protocol, enum.Enum, enum.Flag, enum.IntEnum, enum.IntFlag,
    enum.StrEnum, enum.ReprEnum, collections.Counter, collections.ChainMap, collections.UserDict,
    collections.UserList, collections.UserString, string.Template, statistics.NormalDist,
    contextlib.suppress, contextlib.closing, contextlib.nullcontext, contextlib.ExitStack,
    contextlib.ContextDecorator, contextlib.AbstractContextManager, contextlib.AbstractAsyncContextManager,
    *(getattr(collections.abc, name) for name in collections.abc.__all__ if name != "ByteString"),
})  # fmt: skip
"""Bases that keep nothing, or keep all in attributes and slots."""

_ALONE: Final = frozenset({types.SimpleNamespace})
"""Keep all in attributes, but an instance of a class that extends them can't be made empty."""


@dataclasses.dataclass(frozen=True, slots=True)
class Shape:
    """`base`: the built-in type it extends, or object. `slots`: by name. `valued`: the class hashes by
    value."""

    base: type
    slots: dict[str, MemberDescriptorType]
    has_dict: bool
    valued: bool

    @property
    def plain(self) -> bool:
        """All that an instance holds is in its `__dict__`."""
        return self.base is object and self.has_dict and not self.slots


mro_of: Final = type.__dict__["__mro__"].__get__
namespace_of: Final = type.__dict__["__dict__"].__get__
_flags_of: Final = type.__dict__["__flags__"].__get__
_dictoffset_of: Final = type.__dict__["__dictoffset__"].__get__
_HEAP_TYPE: Final = 1 << 9


def shape_of(kind: Any) -> Shape:
    """The layout of `kind`; CaptureRefused if it extends what the codec does not know."""
    return _shape_of(kind)


@functools.lru_cache(SHAPES_MAX)
def _shape_of(kind: Any) -> Shape:
    mro = mro_of(kind)
    base = next((known for known in mro if known in SOLID or _is_known_error(known)), object)
    for known in mro:
        alone = known is kind and known in _ALONE
        if not (
            alone or known in _EMPTY_BASES or known in SOLID or _is_known_error(known) or _is_written(known)
        ):
            raise CaptureRefused(
                f"an instance of '{kind.__qualname__}' cannot travel, because that extends "
                f"'{known.__module__}.{known.__qualname__}', which keeps what cannot be read. "
                "Hold such a value in an attribute instead of extending its class."
            )
    return Shape(base, _slots_of(mro), _dictoffset_of(kind) != 0, _hashes_by_value(mro, base))


def _is_known_error(kind: type) -> bool:
    return issubclass(kind, BaseException) and id(kind) in NAME_OF


def _is_written(kind: type) -> bool:
    """Whether the class was made by a class statement: of a script, or of the scripts' API."""
    heap_type = bool(_flags_of(kind) & _HEAP_TYPE)
    namespace = namespace_of(kind)
    is_of_api = str(namespace.get("__module__")).startswith("scripts_api.")
    # A type written in C may keep anything; mostly it has its own way to allocate that.
    is_of_c = type(namespace.get("__new__")) is BuiltinFunctionType
    return heap_type and not is_of_c and (id(kind) not in NAME_OF or is_of_api) and "__module__" in namespace


def _slots_of(mro: tuple[type, ...]) -> dict[str, MemberDescriptorType]:
    found: dict[str, MemberDescriptorType] = {}
    for kind in reversed(mro):
        if kind is object or kind in SOLID or _is_known_error(kind):
            continue
        for name, value in namespace_of(kind).items():
            is_slot = isinstance(value, MemberDescriptorType) and value.__objclass__ is kind
            if is_slot and name != "__dict__":
                # A class may hide a slot of its base behind one of the same name; both hold a value.
                found[name if name not in found else f"{kind.__qualname__}.{name}"] = value
    return found


def _hashes_by_value(mro: tuple[type, ...], base: type) -> bool:
    """Whether `hash` or `==` of an instance would run a script's code or look at more than its identity."""
    for name in ("__hash__", "__eq__"):
        owner = next(kind for kind in mro if name in namespace_of(kind))
        by_identity = owner is object or owner is BaseException or issubclass(owner, enum.Enum)
        if not by_identity or id(owner) not in NAME_OF:
            return True
    return False


def dict_of(value: object) -> Any:
    """The instance's `__dict__`, whatever its class says."""
    return object.__getattribute__(value, "__dict__")


def shape_of_unfilled(kind: Any) -> Shape:
    """The layout of a class that is being put together: not remembered, it may yet get methods."""
    return _shape_of.__wrapped__(kind)


__all__ = [
    "IMMUTABLE", "SOLID", "Shape", "dict_of", "mro_of", "namespace_of", "shape_of", "shape_of_unfilled",
]  # fmt: skip
