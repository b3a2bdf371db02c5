"""Which class of a program is its script, and what that class may not define.

The one idea: a region makes a script's instance and looks up its handlers outside of the script's turns, where nothing
ends code that loops and nobody catches what it raises. So none of the author's code may run there: special methods for
making instances and reaching attributes, metaclasses, and handlers that are computed, are refused when their author
brings them.

Raises `ScriptRefused`.
"""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final, TypeGuard

from migrate import Module
from scripts_api import Script
from scripts_api.events import HANDLERS
from simulator.errors import ScriptRefused

NEVER_ITS_OWN: Final = ("__new__", "__getattr__", "__getattribute__", "__setattr__")
"""What Python calls where an instance is made, or an attribute is looked up or set."""

_METACLASSES: Final = (type, ABCMeta)
"""Those that run nothing of an author's."""

_METACLASS: Final = (
    "a script or its state has a metaclass, which would run outside of the script's turns: decorate the class"
    " instead."
)


def script_class(module: Module) -> type[Script]:
    """Return the one class that is derived from Script itself; those derived from it are its states."""
    name, filename = module.namespace["__name__"], module.program.filename
    kinds = [value for value in module.namespace.values() if _is_script(value)]
    for kind in kinds:
        if type(kind) not in _METACLASSES:
            # Before anything of it is looked up: that would be asked of the metaclass.
            raise ScriptRefused(f"{filename}: {_METACLASS}")
    found = [kind for kind in kinds if kind.__module__ == name]
    roots = [kind for kind in dict.fromkeys(found) if not set(kind.__mro__[1:]) & set(found)]
    if not roots:
        raise ScriptRefused(f"{filename} holds no script: define a class derived from scripts_api.Script.")
    if len(roots) > 1:
        names = ", ".join(kind.__name__ for kind in roots)
        raise ScriptRefused(
            f"{filename} holds {len(roots)} scripts ({names}): put each into a file of its own, or derive states from"
            " the script's class."
        )
    if roots[0].__init__ is not object.__init__:
        raise ScriptRefused(
            f"{filename}: {roots[0].__name__} has an __init__: a script begins in on_start instead."
        )
    for reason in filter(None, map(unfit, found)):
        raise ScriptRefused(f"{filename}: {reason}")
    return roots[0]


def unfit(kind: type[Script]) -> str | None:
    """What of a script's class, or a state's, would run outside of its turns; None if nothing."""
    return next(_run_outside(kind), None)


def _is_script(value: object) -> TypeGuard[type[Script]]:
    return issubclass(type(value), type) and issubclass(value, Script)  # type: ignore[arg-type]  # it is a class


def _run_outside(kind: type[Script]) -> Iterator[str]:
    if type(kind) not in _METACLASSES:
        yield _METACLASS
        return
    for special in NEVER_ITS_OWN:
        if _defined(kind, special) is not None:
            yield (
                f"{kind.__name__} has a {special}, which would run outside of the script's turns: give it to a class of"
                " its own, and keep one of those in an attribute."
            )
    for handler in sorted(HANDLERS):
        value = _defined(kind, handler)
        if isinstance(value, property | cached_property) or _is_own_descriptor(value, kind.__module__):
            yield (
                f"{kind.__name__}.{handler} is a {type(value).__name__}, which would run outside of the script's turns:"
                " make the handler a method."
            )


def _defined(kind: type[Script], name: str) -> Any:
    """What a class or one that it is derived from has under a name, without calling anything; None if nothing."""
    bases = (base for base in kind.__mro__ if base is not Script and base is not object)
    return next((vars(base)[name] for base in bases if name in vars(base)), None)


def _is_own_descriptor(value: object, module: str) -> bool:
    return type(value).__module__ == module and hasattr(type(value), "__get__")
