"""From emitted trees to code objects: constants of the runtime put in, names put right, functions registered.

The one idea: a code object is recognised as a function of a program by the name of an unused local, its marker. So
every code object of that function (its plain form, its twin, a residual, a copy inside a residual of the function
around it) leads to the same `Function`.
"""

from __future__ import annotations

import ast
import warnings
from types import CodeType
from typing import TYPE_CHECKING

from migrate.control import as_coroutine
from migrate.injector.emit import COROUTINE, MARKER
from migrate.injector.known import KNOWN, Known
from migrate.injector.support import SUPPORT
from migrate.injector.tree import SUPPORT_PREFIX, place_all
from migrate.injector.twins import method_table

if TYPE_CHECKING:
    from migrate.injector.program import Program
    from migrate.injector.shared import Function

FACTORY_PREFIX = "$factory.<locals>."


def compile_tree(program: Program, tree: ast.Module, flags: int) -> CodeType:
    """Compile an emitted tree and finish its code objects."""
    place_all(tree)
    with warnings.catch_warnings():
        # Placeholders are strings; the compiler warns of a call or a subscript of one.
        warnings.simplefilter("ignore", SyntaxWarning)
        code = compile(tree, program.filename, "exec", flags=flags, dont_inherit=True)
    return _finished(program, code, "")


def _finished(program: Program, code: CodeType, around: str) -> CodeType:
    """`code` with its constants resolved. `around`: qualified name of the function that it is defined in."""
    function = _function_of(program, code)
    name = function.shown_name if function else code.co_name
    qualified = function.qualified if function else _qualified(code.co_qualname, around)
    inside = qualified if function else around
    constants = tuple(_constant(program, c, inside, qualified, code) for c in code.co_consts)
    flags = as_coroutine(code.co_flags) if code.co_name == COROUTINE else code.co_flags
    made = code.replace(co_consts=constants, co_name=name, co_qualname=qualified, co_flags=flags)
    if function is not None:
        KNOWN[id(made)] = Known(made, program, function)
    return made


def _qualified(given: str, around: str) -> str:
    """A class's or comprehension's qualified name inside a function that was compiled away from its place."""
    if not given.startswith(FACTORY_PREFIX):
        return given
    return f"{around}.<locals>.{given.rpartition('<locals>.')[2]}"


def _function_of(program: Program, code: CodeType) -> Function | None:
    for name in reversed(code.co_varnames):
        if name.startswith(MARKER):
            return program.function_at(int(name.rpartition(":")[2]))
    return None


def _constant(program: Program, value: object, around: str, qualified: str, code: CodeType) -> object:
    if isinstance(value, CodeType):
        return _finished(program, value, around)
    if isinstance(value, str):
        if value.startswith(SUPPORT_PREFIX):
            name, is_table, method = value.removeprefix(SUPPORT_PREFIX).partition(":")
            return method_table(method, asks=name == "waits") if is_table else SUPPORT[name]
        if value == code.co_qualname and value.startswith(FACTORY_PREFIX):
            return qualified
    return value
