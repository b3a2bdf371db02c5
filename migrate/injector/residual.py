"""The program that remains: from a function and a suspension point, the rest of the function.

The one idea: walk down to the point and keep, at every level, only what is still to be done. A loop becomes a loop
whose first round is the rest of the round; a `try` keeps its handlers around the rest of its body; a handler is
entered again by raising the saved exception; a `finally` by recreating the outcome it holds up. Helper variables of a
residual start with `$$` and never belong to a frame, so a capture inside a residual is a capture at the original
point. Purely on trees; `program` compiles the result.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from migrate.injector.shared import Function, Shared
from migrate.injector.tree import (
    POINT_STATEMENTS,
    GuardedTry,
    ResumePoint,
    YieldPoint,
    assign,
    at,
    call,
    load,
    none,
    raised_unchanged,
    store,
    support,
)

VALUE, ERROR, LOCALS = "$$value", "$$error", "$$locals"
"""What a residual is called with."""

START = "start"
"""The point of a generator that has not begun: all of it remains."""


class Residuals:
    """Cuts residuals out of the functions of one program."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared

    def cut(self, function: Function, point: str) -> list[ast.stmt]:
        """Statements that remain at `point`, one that the function has."""
        if point == START:
            return function.node.body
        self.point = point
        self.helpers = 0
        rest = self._rest(function.node.body)
        assert rest is not None, f"point {point} of {function.name} is named but nowhere in its body"
        return rest

    def _rest(self, body: list[ast.stmt]) -> list[ast.stmt] | None:
        for index, statement in enumerate(body):
            rest = self._rest_of(statement)
            if rest is not None:
                return rest + body[index + 1 :]
        return None

    def _rest_of(self, node: ast.stmt) -> list[ast.stmt] | None:
        if isinstance(node, POINT_STATEMENTS):
            return self._resumed(node) if node.point.name == self.point else None
        cutter: Callable[[ast.stmt], list[ast.stmt] | None] | None
        cutter = getattr(self, f"_rest_of_{type(node).__name__}", None)
        return cutter(node) if cutter else None

    def _resumed(self, node: ast.stmt) -> list[ast.stmt]:
        if isinstance(node, YieldPoint):
            value = call(support("delegate_again"), node.value) if node.delegates else none()
            again = YieldPoint(node.target, at(node, value), node.point, delegates=node.delegates)
            return [at(node, again)]
        target = getattr(node, "target", None)
        return [at(node, ResumePoint(target, node.point))]  # type: ignore[attr-defined]  # all points have one

    def _rest_of_If(self, node: ast.If) -> list[ast.stmt] | None:
        rest = self._rest(node.body)
        return self._rest(node.orelse) if rest is None else rest

    def _rest_of_Match(self, node: ast.Match) -> list[ast.stmt] | None:
        for case in node.cases:
            rest = self._rest(case.body)
            if rest is not None:
                return rest
        return None

    def _helper(self, purpose: str) -> str:
        self.helpers += 1
        return f"$${purpose}.{self.helpers}"

    def _rest_of_While(self, node: ast.While) -> list[ast.stmt] | None:
        rest = self._rest(node.body)
        if rest is None:
            return self._rest(node.orelse)
        first = self._helper("first")
        test = ast.BoolOp(ast.Or(), [load(first), node.test])
        started = at(node, assign(store(first), ast.Constant(False)))
        choice = at(node, ast.If(load(first), [started, *rest], node.body))
        return [
            at(node, assign(store(first), ast.Constant(True))),
            at(node, ast.While(test, [choice], node.orelse)),
        ]

    def _rest_of_For(self, node: ast.For) -> list[ast.stmt] | None:
        rest = self._rest(node.body)
        if rest is None:
            return self._rest(node.orelse)
        item = self._helper("item")
        is_first = ast.Compare(load(item), [ast.Is()], [support("AGAIN")])
        later = [at(node.target, assign(node.target, load(item))), *node.body]
        choice = at(node, ast.If(is_first, rest, later))
        iterator = at(node.iter, call(support("again"), node.iter))
        return [at(node, ast.For(store(item), iterator, [choice], node.orelse))]

    def _rest_of_GuardedTry(self, node: GuardedTry) -> list[ast.stmt] | None:
        return self._rest_of_try(node)

    def _rest_of_NoticingTry(self, node: GuardedTry) -> list[ast.stmt] | None:
        return self._rest_of_try(node)

    def _rest_of_Try(self, node: ast.Try) -> list[ast.stmt] | None:
        return self._rest_of_try(node)

    def _rest_of_TryStar(self, node: ast.TryStar) -> list[ast.stmt] | None:
        rest = self._rest(node.body)
        if rest is not None:
            return [at(node, ast.TryStar(rest, node.handlers, node.orelse, node.finalbody))]
        rest = self._rest(node.orelse)
        if rest is not None:
            return [at(node, ast.Try(rest, [], [], node.finalbody))] if node.finalbody else rest
        return None

    def _rest_of_try(self, node: ast.Try) -> list[ast.stmt] | None:
        rest = self._rest(node.body)
        if rest is not None:
            return [self._try(node, rest, node.handlers, node.orelse, node.finalbody)]
        for handler in node.handlers:
            rest = self._rest(handler.body)
            if rest is not None:
                return self._under_final(node, [self._handler_again(node, handler, rest)])
        rest = self._rest(node.orelse)
        if rest is not None:
            return self._under_final(node, rest)
        rest = self._rest(node.finalbody)
        return None if rest is None else [self._final_again(node, rest)]

    def _try(
        self,
        node: ast.Try,
        body: list[ast.stmt],
        handlers: list[ast.ExceptHandler],
        orelse: list[ast.stmt],
        final: list[ast.stmt],
    ) -> ast.stmt:
        return at(node, type(node)(body, handlers, orelse, final))

    def _under_final(self, node: ast.Try, body: list[ast.stmt]) -> list[ast.stmt]:
        return [self._try(node, body, [], [], node.finalbody)] if node.finalbody else body

    def _handler_again(self, node: ast.Try, handler: ast.ExceptHandler, rest: list[ast.stmt]) -> ast.stmt:
        caught = self.shared.caught[handler]
        raised = at(handler, ast.Expr(call(support("redo"), load(caught))))
        settled = at(handler, ast.Expr(call(support("put_back"), load(caught))))
        again = at(handler, ast.ExceptHandler(None, None, [settled, *rest]))
        return at(node, GuardedTry([raised], [again], [], []))

    def _final_again(self, node: ast.Try, rest: list[ast.stmt]) -> ast.stmt:
        pending = self.shared.pendings[node]
        outcome = pending.outcome
        leave: list[ast.stmt] = []
        exits: dict[str, ast.stmt] = {
            "return": ast.Return(load(pending.result)),
            "break": ast.Break(),
            "continue": ast.Continue(),
        }
        for kind in sorted(pending.exits):
            test = ast.Compare(load(outcome), [ast.Eq()], [ast.Constant(kind)])
            leave.append(ast.If(test, [exits[kind]], []))
        is_error = call(support("isinstance"), load(outcome), support("BaseException"))
        leave = [ast.If(is_error, [raised_unchanged(outcome)], leave)]
        return self._try(node, [at(node, s) for s in leave], [], [], rest)
