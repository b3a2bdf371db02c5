"""A script's source as a program: compiled once by hash, the same on every machine; forms and residuals on demand.

The one idea: `compile_program` runs the passes in order and keeps the normalised functions. The plain form is compiled
at once with the module, twins when a module is first instantiated, a residual when a frame is first restored at its
point. All of them are cached here; nothing of a running script is.
"""

from __future__ import annotations

import ast
import linecache
from functools import cached_property
from types import CodeType
from typing import Final

from migrate.errors import BadRecord
from migrate.injector.boxes import Resolver
from migrate.injector.codes import compile_tree
from migrate.injector.colours import Colours
from migrate.injector.emit import (
    MARKER,
    Emitter,
    Form,
    function_body,
    residual_definition,
    twin_definition,
)
from migrate.injector.hashing import program_hash
from migrate.injector.known import known_code
from migrate.injector.liveness import alive_at_points
from migrate.injector.mangling import mangle
from migrate.injector.nesting import BLOCKS_NESTED_MAX, LOOKED_AT_MIN, nested_blocks
from migrate.injector.normalise import TopLevel
from migrate.injector.prepare import lines_of, number, parse, shown, syntax_error, too_deep
from migrate.injector.residual import START, Residuals
from migrate.injector.scopes import Scope, analyse
from migrate.injector.shared import Function, Shared
from scripts_api.waiting import waiting_names

FUTURE_FLAGS: Final = 0x1FF0000
"""The compiler's flags of `from __future__ import …`."""


class Program:
    """A compiled script. `hash`: 32 hex digits over its meaning; `source`, `filename` as given."""

    def __init__(self, source: str, filename: str, tree: ast.Module) -> None:
        """Use `compile_program`."""
        self.source, self.filename = source, filename
        self.hash = program_hash(tree)
        self.shared = _normalised(tree, source)
        self._functions = list(self.shared.functions.values())
        self._require_shallow()
        body = Emitter(self.shared, "native", None).block(tree.body)
        self.code = compile_tree(self, ast.Module(body, []), 0)
        self._flags = self.code.co_flags & FUTURE_FLAGS
        self._plain = {f: code for code in _codes_in(self.code) if (f := _function_of(code)) is not None}
        self._residuals: dict[tuple[str, str, Form], CodeType] = {}
        self._alive: dict[Function, dict[str, frozenset[str]] | None] = {}
        self._show_lines()

    def __repr__(self) -> str:
        return f"<Program {self.filename} {self.hash[:8]}>"

    def _show_lines(self) -> None:
        """Let Python's tracebacks find the source's lines under the program's file name."""
        lines = [f"{line}\n" for line in lines_of(shown(self.source))]
        linecache.cache[self.filename] = (len(self.source), None, lines, self.filename)

    @cached_property
    def lines(self) -> list[str]:
        """The source's lines, as the author numbers them."""
        return lines_of(shown(self.source))

    def _require_shallow(self) -> None:
        """Raises ScriptSyntaxError if some form of some function is nested deeper than CPython compiles."""
        for function in self._functions:
            if function.nesting >= LOOKED_AT_MIN:
                form: Form = "coroutine" if function.has_twin else "native"
                body = function_body(self.shared, form, function)
                depth = nested_blocks(body, function.node.lineno)
                if depth.blocks > BLOCKS_NESTED_MAX:
                    raise syntax_error(
                        "nested too deeply: move the inner loops and blocks into a function of their own",
                        shown(self.source), self.filename, depth.line,
                    )  # fmt: skip

    @property
    def functions(self) -> dict[str, Function]:
        """Every function by its stable name."""
        return self.shared.functions

    def function_at(self, index: int) -> Function:
        """The function with this number in the program."""
        return self._functions[index]

    def function(self, name: str) -> Function:
        """The function of this stable name. Raises BadRecord."""
        try:
            return self.shared.functions[name]
        except KeyError:
            raise BadRecord(
                f"{self!r} has no function '{name}': the frame belongs to another program."
            ) from None

    def plain_code(self, function: Function) -> CodeType:
        """The code of a function as native code calls it."""
        return self._plain[function]

    @cached_property
    def twins(self) -> dict[Function, CodeType]:
        """Coroutine forms, all of them compiled together."""
        # The compiler leaves out what stands in a branch that is never taken.
        functions = [f for f in self._functions if f.has_twin and f in self._plain]
        bodies = [twin_definition(self.shared, f, self._plain[f].co_freevars) for f in functions]
        code = compile_tree(self, ast.Module(bodies, []), self._flags)
        factories = [c for c in code.co_consts if isinstance(c, CodeType)]
        return {f: _only_code(factory) for f, factory in zip(functions, factories, strict=True)}

    def twin_code(self, function: Function) -> CodeType:
        """The code of a function's coroutine form."""
        return self.twins[function]

    def residual(self, function: Function, point: str, form: Form) -> CodeType:
        """The code of what remains of a function at a point. Raises BadRecord if there is no such point."""
        key = (function.name, point, form)
        code = self._residuals.get(key)
        if code is None:
            code = self._residuals[key] = self._compiled_residual(function, point, form)
        return code

    def require_point(self, function: Function, point: str) -> None:
        """Raises BadRecord if the function has no such suspension point."""
        if point not in function.points and point != START:
            raise BadRecord(f"function '{function.name}' of {self!r} has no suspension point '{point}'.")

    def variables_at(self, function: Function, point: str) -> list[str]:
        """The local variables that a frame at this point may hold, sorted."""
        code = self._plain[function]
        names = {*code.co_varnames, *code.co_cellvars, *code.co_freevars}
        alive = self.alive(function, point)
        return sorted(
            n for n in (names if alive is None else names & alive) if not n.startswith((MARKER, "$$"))
        )

    def _compiled_residual(self, function: Function, point: str, form: Form) -> CodeType:
        self.require_point(function, point)
        body = Residuals(self.shared).cut(function, point)
        names = self.variables_at(function, point)
        definition = residual_definition(self.shared, function, form, body, names)
        code = compile_tree(self, ast.Module([definition], []), self._flags)
        return _only_code(_only_code(code))

    def alive(self, function: Function, point: str) -> frozenset[str] | None:
        """The locals that may still be read at a point; None: any of them."""
        if function not in self._alive:
            self._alive[function] = alive_at_points(self.shared, function)
        points = self._alive[function]
        return None if points is None or point == START else points[point]


def compile_program(source: str, filename: str) -> Program:
    """Compile a script.

    Raises ScriptSyntaxError, whose text shows file, line and caret, when it is no Python or holds what cannot run
    as a script.
    """
    tree = parse(source, filename)
    try:
        return Program(source, filename, tree)
    except RecursionError:
        raise too_deep(filename) from None


def _normalised(tree: ast.Module, source: str) -> Shared:
    """Run the passes; `tree` ends up holding the normalised module."""
    names = number(tree, mangle(tree, source))
    scopes = analyse(tree)
    colours = Colours(tree, scopes, waiting_names())
    resolver = Resolver(colours, names, {n for n, s in scopes.items() if _is_unrolled(s, colours)})
    resolver.visit(tree)
    shared = Shared(colours, names, resolver)
    tree.body = TopLevel(shared, "").module(tree.body)
    return shared


def _is_unrolled(scope: Scope, colours: Colours) -> bool:
    """Whether this comprehension becomes a loop: it is in a function and something in it may suspend."""
    owner: Scope | None = scope
    while owner is not None and owner.is_comprehension:
        owner = owner.parent
    return scope.is_comprehension and owner is not None and owner.is_function and colours.suspends(scope.node)


def _codes_in(code: CodeType) -> list[CodeType]:
    found = [code]
    for part in found:
        found.extend(c for c in part.co_consts if isinstance(c, CodeType))
    return found


def _function_of(code: CodeType) -> Function | None:
    known = known_code(code)
    return None if known is None else known.function


def _only_code(code: CodeType) -> CodeType:
    (inner,) = (c for c in code.co_consts if isinstance(c, CodeType))
    return inner
