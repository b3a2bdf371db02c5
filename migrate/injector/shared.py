"""What the passes know of a module's functions after normalisation.

It holds no logic: the normaliser fills these records, `emit`, `residual`, `liveness` and `explain` read them.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from migrate.injector.boxes import Resolver
from migrate.injector.colours import Colours
from migrate.injector.prepare import Names
from migrate.injector.tree import (
    Point,
    call,
    support,
)


@dataclass(slots=True, eq=False)
class Function:
    """One function of a script after normalisation. `node.body` holds point statements.

    `source`: the node that the analysis knows, a lambda's own where it was lifted. `callees`: by point, what a call
    calls (a name or a method of a name), or the manager whose `__enter__` or `__exit__` it is. `nesting`: how deep its
    statements are nested.
    """

    name: str
    source: ast.AST
    node: ast.FunctionDef
    shown_name: str
    qualified: str
    is_generator: bool
    has_twin: bool
    is_static: bool
    points: dict[str, Point] = field(default_factory=dict)
    callees: dict[str, ast.expr] = field(default_factory=dict)
    globals: set[str] = field(default_factory=set)
    index: int = 0
    nesting: int = 0


@dataclass(slots=True, eq=False)
class Pending:
    """A `finally` that may suspend: where its pending outcome is kept and which exits lead through it."""

    outcome: str
    result: str
    exits: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Shared:
    """What the normalisers of one module have in common."""

    colours: Colours
    names: Names
    resolver: Resolver
    functions: dict[str, Function] = field(default_factory=dict)
    of_node: dict[ast.FunctionDef, Function] = field(default_factory=dict)
    pendings: dict[ast.Try, Pending] = field(default_factory=dict)
    caught: dict[ast.ExceptHandler, str] = field(default_factory=dict)

    def opened(self, iterable: ast.expr) -> ast.expr:
        """The iterator of `iterable`, ready for a loop that may be interrupted and go on."""
        return call(support("begin" if self.colours.has_own_iterators else "iter"), iterable)
