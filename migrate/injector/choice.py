"""Which engine fits a program, and why: read from the source, before anything runs.

The one idea: generators are denser, so they are the default; a script that waits where only a native stack can be
suspended (in a special method, in a generator of its own) needs greenlets.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal, TypeAlias

from migrate.injector.colours import Colours
from migrate.injector.program import Program

Wanted: TypeAlias = Literal["auto", "generator", "native"]
"""What a host may say of all scripts; "auto": what fits each."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The engine, and one sentence for each reason."""

    engine: Literal["generator", "native"]
    reasons: tuple[str, ...]


def choose_engine(program: Program, wanted: Wanted = "auto") -> Choice:
    """The engine for scripts of this program: what its author has chosen, else the host, else what fits it."""
    chosen = _chosen_by_author(program)
    if chosen is not None:
        return chosen
    if wanted != "auto":
        return Choice(wanted, ("the host has chosen it",))
    colours = program.shared.colours
    waiting = _functions_that_wait(colours)
    stuck = [f for f in program.functions.values() if f.source in waiting and not f.has_twin]
    if not stuck:
        return Choice("generator", ("nothing waits below native code, so the denser engine does",))
    reasons = tuple(
        f"line {f.node.lineno}: '{f.name}' may wait, and it is "
        + ("a generator" if f.is_generator else "a special method")
        for f in stuck
    )
    return Choice("native", reasons)


def _chosen_by_author(program: Program) -> Choice | None:
    """What `class Name(Script, engine="…")` says; what else it may be is refused where the class is made."""
    if "engine" not in program.source:
        return None
    for node in ast.walk(ast.parse(program.source)):
        for keyword in node.keywords if isinstance(node, ast.ClassDef) else ():
            match keyword:
                case ast.keyword("engine", ast.Constant("generator" | "native" as engine)):
                    return Choice(engine, (f"line {keyword.value.lineno}: its author has chosen it",))
    return None


def _functions_that_wait(colours: Colours) -> set[ast.AST]:
    """Functions that make a waiting call, and by name whoever calls them."""
    names = set(colours.waiting)
    found: set[ast.AST] = set()
    changed = True
    while changed:
        changed = False
        for function in colours.functions:
            if function not in found and any(
                _called_name(call) in names and call not in colours.yielded
                for call, _ in colours.calls[function]
            ):
                found.add(function)
                changed = True
                if isinstance(function, ast.FunctionDef):
                    names.add(function.name)
    return found


def _called_name(call: ast.Call) -> str | None:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return None
