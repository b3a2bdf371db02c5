"""A program brought to life: its module's namespace, and the residuals of its functions in it.

The one idea: the module's top level runs once for each process, plainly; what it defines is found again on any machine
by its path in the namespace (`Rocket`, `Rocket.burn`, `helper`). All scripts of a program share the module.
"""

from __future__ import annotations

import sys
import typing
from collections.abc import Mapping
from functools import lru_cache
from types import CodeType, FunctionType, GenericAlias, MappingProxyType, ModuleType, UnionType
from typing import Any

from migrate.errors import BadRecord
from migrate.injector.emit import TWIN_PREFIX, Form
from migrate.injector.known import known_code
from migrate.injector.program import Program
from migrate.injector.twins import twin_function

MODULE_PREFIX = "script_"
"""What the names of scripts' modules begin with: whoever meets a frame or a class tells by it whose it is."""

SELF = "$module"
"""Where a namespace holds its `Module`."""


MARKS = (
    object,
    *(GenericAlias, UnionType, typing.NewType, typing.TypeVar, typing.ParamSpec, typing.TypeVarTuple),
    *(type(typing.List[int]), type(typing.Optional[int])),  # noqa: UP006, UP045 - the types of old annotations
    *((typing.TypeAliasType,) if hasattr(typing, "TypeAliasType") else ()),
)
"""Types of values that mean nothing but themselves, or nothing at run time: one that a module holds is found there."""

_FUNCTIONS = FunctionType | type(lru_cache(len))


class Module:
    """One instance of a program. `namespace`: its globals."""

    def __init__(self, program: Program, name: str | None = None) -> None:
        """Run the module's top level. Raises what it raises.

        `name`: the module's `__name__`; by default one that is the program's own.
        """
        self.program = program
        module = ModuleType(name or f"{MODULE_PREFIX}{program.hash}")
        self.namespace: dict[str, Any] = module.__dict__
        self.namespace["__file__"] = program.filename
        self.namespace[SELF] = self
        # Dataclasses and enums look their module up there.
        sys.modules[module.__name__] = module
        exec(program.code, self.namespace)  # the program's own code
        for function in program.functions.values():
            if function.is_static and function.has_twin:
                short = function.node.name
                self.namespace[TWIN_PREFIX + short] = twin_function(self.namespace[short])
        self._at: dict[str, object] = {}
        self._collect(self.namespace, "")
        self._paths = {id(value): path for path, value in reversed(self._at.items())}
        self._residuals: dict[CodeType, FunctionType] = {}
        self.alone: Mapping[str, Module] = MappingProxyType({program.hash: self})
        """It by its program's hash: one table for all microthreads of its functions."""

    def _collect(self, namespace: dict[str, Any], prefix: str) -> None:
        """Note every function, class and mark of this module by its path, classes with what they hold."""
        for name, value in list(namespace.items()):
            path = prefix + name
            is_mark = type(value) in MARKS
            if (
                name.startswith("$")
                or not (is_mark or isinstance(value, type | _FUNCTIONS))
                or path in self._at
            ):
                continue
            if not self._is_own(value) or any(value is known for known in self._at.values()):
                continue
            self._at[path] = value
            if isinstance(value, type):
                self._collect(dict(vars(value)), f"{path}.")

    def _is_own(self, value: Any) -> bool:
        """Whether it is this program's class or function, what a library's decorator made of one, or a mark."""
        if type(value) in MARKS:
            return True
        if isinstance(value, type):
            return value.__module__ == str(self.namespace["__name__"])
        # A decorator's own function is not a script's; what it decorated says whose it is.
        while isinstance(value, _FUNCTIONS):
            known = known_code(value.__code__) if isinstance(value, FunctionType) else None
            if known is not None:
                return known.program is self.program
            value = vars(value).get("__wrapped__")
        return False

    def path_of(self, value: object) -> str | None:
        """The path of a function or class that the namespace holds, None for anything else."""
        return self._paths.get(id(value))

    def value_at(self, path: str) -> object:
        """The function or class at a path. Raises BadRecord."""
        try:
            return self._at[path]
        except KeyError:
            raise BadRecord(f"{self.program!r} defines nothing at '{path}'.") from None

    def definitions(self) -> list[tuple[str, object]]:
        """(path, value) of every function and class that the namespace holds."""
        return list(self._at.items())

    def residual(self, function: str, point: str, form: Form) -> Any:
        """A function of (value, error, locals) that goes on with `function` at `point`. Raises BadRecord."""
        code = self.program.residual(self.program.function(function), point, form)
        made = self._residuals.get(code)
        if made is None:
            made = self._residuals[code] = FunctionType(code, self.namespace)
        return made


_NONE: Mapping[str, Module] = MappingProxyType({})


def modules_of(function: Any) -> Mapping[str, Module]:
    """The program that a script's function or method belongs to, by hash; empty for other callables."""
    plain = getattr(function, "__func__", function)
    module = getattr(plain, "__globals__", {}).get(SELF)
    return _NONE if module is None else module.alone
