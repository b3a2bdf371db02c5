"""What the injector made of a program, as text for its author.

The one idea: everything shown is read from the program itself: its normalised functions, their points, and the trees
that are compiled, written back as source. Helpers of the runtime appear as ⟨name⟩.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

from migrate.injector.choice import choose_engine
from migrate.injector.emit import Emitter, Form, residual_definition, twin_definition
from migrate.injector.program import Program
from migrate.injector.residual import Residuals
from migrate.injector.shared import Function
from migrate.injector.tree import SUPPORT_PREFIX, Point


def explain(program: Program) -> str:
    """Functions, whether and why they can suspend, their points, and the engine."""
    choice = choose_engine(program)
    lines = [f"program {program.hash}", f"engine {choice.engine}: {'; '.join(choice.reasons)}", ""]
    for function in program.functions.values():
        lines += [f"{function.name} (line {function.node.lineno}): {_verdict(program, function)}"]
        lines += [f"    {_point(point)}" for point in function.points.values()]
    return "\n".join(lines)


def _verdict(program: Program, function: Function) -> str:
    if function.is_generator:
        return "a generator: suspends at its yields, and is carried as a value"
    if not function.has_twin:
        reasons = "it neither loops nor calls anything that may suspend"
        if function.source in program.shared.colours.suspendable:
            reasons = "Python itself calls it; on the generator engine it runs to its end"
        return f"runs at one go: {reasons}"
    return f"can suspend: {', '.join(_reasons(program, function))}"


def _reasons(program: Program, function: Function) -> Iterator[str]:
    kinds = {name.partition(":")[0] for name in function.points}
    if "loop" in kinds:
        yield "it loops"
    if function.source in program.shared.colours.recursive:
        yield "it may call itself"
    if kinds & {"call", "enter", "exit", "exit_error"}:
        yield "it calls what may suspend"


def _point(point: Point) -> str:
    line, _, column, _ = point.position
    return f"{point.name:<14} line {line}, column {column + 1}"


def emitted_form(program: Program, function: Function, form: Form) -> str:
    """The source of one form of a function, as it is compiled."""
    if form == "coroutine":
        definition = twin_definition(program.shared, function, program.plain_code(function).co_freevars)
        return _text(_inner(definition))
    return _text(Emitter(program.shared, "native", None).definition(function.node))


def residual_form(program: Program, function: Function, point: str, form: Form) -> str:
    """The source of what remains of a function at a point. Raises BadRecord if there is no such point."""
    program.require_point(function, point)
    body = Residuals(program.shared).cut(function, point)
    names = program.variables_at(function, point)
    return _text(_inner(residual_definition(program.shared, function, form, body, names)))


def _inner(factory: ast.stmt) -> ast.stmt:
    assert isinstance(factory, ast.FunctionDef)
    return factory.body[0]


def _text(tree: ast.stmt) -> str:
    shown = _Shown().visit(copy.deepcopy(tree))
    return ast.unparse(ast.fix_missing_locations(shown)).replace("'⟨", "⟨").replace("⟩'", "⟩")


class _Shown(ast.NodeTransformer):
    """Writes placeholders of the runtime's helpers so that they can be told from strings."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, str) and node.value.startswith(SUPPORT_PREFIX):
            node.value = f"⟨{node.value.removeprefix(SUPPORT_PREFIX)}⟩"
        return node
