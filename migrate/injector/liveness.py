"""Which locals are alive at each suspension point: those that may be read before they are bound again.

The one idea: one backward pass over the normalised function. Only what is alive travels, so a large argument that was
rebound, or an open file that is done with, neither costs bytes nor stops a capture. Where the flow is hard to follow
(exceptions, `finally`) a name counts as alive rather than dead.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TypeAlias

from migrate.injector.shared import Function, Shared
from migrate.injector.tree import (
    POINT_STATEMENTS,
    SUPPORT_PREFIX,
    CallPoint,
    EdgePoint,
    YieldPoint,
    children,
    walk,
)

Names: TypeAlias = frozenset[str]

NONE: Names = frozenset()

SEES_ALL_LOCALS: Names = frozenset({"locals", "vars", "dir", "eval", "exec"})
"""A function that uses one of these names keeps every local alive."""


@dataclass(frozen=True, slots=True)
class _Exits:
    """What is alive where control may go besides the next statement."""

    error: Names = NONE
    end_of_loop: Names = NONE
    next_round: Names = NONE
    result: Names = NONE

    def through(self, names: Names) -> _Exits:
        """The same exits, each leading first through a `finally` that reads `names`."""
        return _Exits(
            self.error | names, self.end_of_loop | names, self.next_round | names, self.result | names
        )

    def anywhere(self) -> Names:
        return self.error | self.end_of_loop | self.next_round | self.result


def alive_at_points(shared: Shared, function: Function) -> dict[str, Names] | None:
    """Point -> the locals that are alive there; None where the function may look at all of them by name."""
    if names_in(function.node) & SEES_ALL_LOCALS:
        return None
    analysis = _Liveness(shared)
    analysis.block(function.node.body, NONE, _Exits())
    return analysis.points


def names_in(node: ast.AST) -> Names:
    """Every name that a tree mentions, nested functions included."""
    found: set[str] = set()
    for part in walk(node):
        if isinstance(part, ast.Name):
            found.add(part.id)
        elif isinstance(part, ast.Constant) and part.value == SUPPORT_PREFIX + "locals":
            found.add("locals")
        for text in (getattr(part, "name", None), getattr(part, "rest", None), getattr(part, "target", None)):
            if isinstance(text, str):
                found.add(text)
    return frozenset(found)


class _Liveness:
    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.points: dict[str, Names] = {}

    def block(self, body: list[ast.stmt], after: Names, exits: _Exits) -> Names:
        """What is alive before `body`, given what is alive after it."""
        for statement in reversed(body):
            after = self._before(statement, after, exits)
        return after

    def _before(self, node: ast.stmt, after: Names, exits: _Exits) -> Names:
        match node:
            case CallPoint() | YieldPoint() | EdgePoint():
                return self._before_point(node, after, exits)
            case ast.If(test=test, body=body, orelse=orelse):
                return _read(test) | self.block(body, after, exits) | self.block(orelse, after, exits)
            case ast.While() | ast.For():
                return self._before_loop(node, after, exits)
            case ast.Try() | ast.TryStar():
                return self._before_try(node, after, exits)
            case ast.Match(subject=subject, cases=cases):
                return after | _read(subject) | self._before_cases(cases, after, exits)
            case ast.Return(value=value):
                return (_read(value) if value else NONE) | exits.result
            case ast.Raise():
                return _read(node) | exits.error
            case ast.Break():
                return exits.end_of_loop
            case ast.Continue():
                return exits.next_round
        return (after - _surely_bound(node)) | _read(node) | exits.error

    def _before_point(self, node: CallPoint | YieldPoint | EdgePoint, after: Names, exits: _Exits) -> Names:
        target = getattr(node, "target", None)
        left = after - {target} if target else after
        left |= exits.error | set(node.point.handled)
        resumed = _read(node.value) if isinstance(node, YieldPoint) and node.delegates else NONE
        self.points[node.point.name] = self.points.get(node.point.name, NONE) | left | resumed
        return left | _read(node)

    def _before_loop(self, node: ast.While | ast.For, after: Names, exits: _Exits) -> Names:
        orelse = self.block(node.orelse, after, exits)
        bound = _surely_bound_target(node.target) if isinstance(node, ast.For) else NONE
        header = _read(node.test) if isinstance(node, ast.While) else _read(node.iter) | _read(node.target)
        head = header | orelse | exits.error
        # A residual goes round the loop again to finish its round: the iterator must be there at every point inside.
        error = exits.error | _read(node.iter) if isinstance(node, ast.For) else exits.error
        while True:
            inside = replace(exits, error=error, end_of_loop=after, next_round=head)
            wider = head | (self.block(node.body, head, inside) - bound)
            if wider == head:
                return head
            head = wider

    def _before_cases(self, cases: list[ast.match_case], after: Names, exits: _Exits) -> Names:
        alive: Names = NONE
        for case in cases:
            guard = _read(case.guard) if case.guard else NONE
            alive |= self.block(case.body, after, exits) | guard | _read(case.pattern)
        return alive

    def _before_try(self, node: ast.Try | ast.TryStar, after: Names, exits: _Exits) -> Names:
        final: Names = NONE
        if node.finalbody:
            pending = self.shared.pendings.get(node) if isinstance(node, ast.Try) else None
            kept = frozenset((pending.outcome, pending.result)) if pending else NONE
            final = self.block(node.finalbody, after | exits.anywhere() | kept, exits.through(kept)) | kept
            after, exits = final, exits.through(final)
        handled: Names = exits.error
        for handler in node.handlers:
            kind = _read(handler.type) if handler.type else NONE
            handled |= kind | self.block(handler.body, after, exits)
        orelse = self.block(node.orelse, after, exits)
        return self.block(node.body, orelse, replace(exits, error=handled)) | handled


def _read(node: ast.AST) -> Names:
    """Names that a statement or expression may read; those of nested functions and `del` count."""
    if isinstance(node, POINT_STATEMENTS):
        return frozenset().union(*(_read(child) for child in children(node)))
    found: set[str] = set()
    for part in walk(node):
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Store):
            found.add(part.id)
        if isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
            found.add(part.target.id)
        if isinstance(part, (ast.FunctionDef | ast.Lambda | ast.ClassDef, POINT_STATEMENTS)):
            found |= names_in(part)
    return frozenset(found)


def _surely_bound(node: ast.stmt) -> Names:
    """Locals that hold a new value once the statement is done."""
    if isinstance(node, ast.Assign):
        return frozenset().union(*(_surely_bound_target(t) for t in node.targets))
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return frozenset((node.name,))
    return NONE


def _surely_bound_target(target: ast.expr) -> Names:
    if isinstance(target, ast.Name):
        return frozenset((target.id,))
    if isinstance(target, ast.Tuple | ast.List):
        return frozenset().union(*(_surely_bound_target(e) for e in target.elts))
    if isinstance(target, ast.Starred):
        return _surely_bound_target(target.value)
    return NONE
