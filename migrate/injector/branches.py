"""Normalises what decides where a function goes on: leaving, branches, loops, `match`, comprehensions that are loops.

The one idea: a loop keeps its iterator in a hidden local and has a point at its edge.
"""

from __future__ import annotations

import ast

from migrate.injector.blocks import FunctionBlock
from migrate.injector.tree import (
    SOURCE,
    EdgePoint,
    assign,
    at,
    attribute,
    call,
    load,
    none,
    store,
    support,
)

LITERALS = (ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Constant, ast.JoinedStr)
"""Iterables whose iterators run nothing of a script when they are dropped."""


class Branches(FunctionBlock):
    """Statements that branch, loop and leave."""

    # -- leaving: return, break, continue ---------------------------------------------------------------------------

    def _do_Return(self, node: ast.Return) -> None:
        if self.finals:
            result = self.temporary("return")
            self.value_into(node, result, node.value or at(node, none()))
            self._announce(node, "return", result)
            self.emit(node, ast.Return(load(result)))
            return
        node.value = self.flattener.flatten(node.value) if node.value else None
        self.out.append(node)

    def _announce(self, node: ast.stmt, exit_kind: str, result: str | None) -> None:
        """Tell every `finally` that this exit leads through, and that may suspend, what is pending."""
        for pending, depth in self.finals:
            if exit_kind != "return" and depth < self.loop_depth:
                continue
            pending.exits.add(exit_kind)
            self.emit(node, assign(store(pending.outcome), ast.Constant(exit_kind)))
            if result is not None:
                self.emit(node, assign(store(pending.result), load(result)))

    def _do_Break(self, node: ast.Break) -> None:
        self._announce(node, "break", None)
        self.out.append(node)

    def _do_Continue(self, node: ast.Continue) -> None:
        self._announce(node, "continue", None)
        self.out.append(node)

    # -- branches and loops -----------------------------------------------------------------------------------------

    def _do_If(self, node: ast.If) -> None:
        node.test = self.flattener.flatten(node.test)
        node.body, node.orelse = self.block(node.body), self.block(node.orelse)
        self.out.append(node)

    def _loop_body(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        self.loop_depth += 1
        body = self.block(statements)
        self.loop_depth -= 1
        return body

    def _do_While(self, node: ast.While) -> None:
        edge = at(node, EdgePoint(self.keyword_point(node, "loop", 5)))
        if not self.suspends(node.test):
            node.body, node.orelse = [edge, *self._loop_body(node.body)], self.block(node.orelse)
            self.out.append(node)
            return
        go_on = self.temporary("while")
        self.emit(node, assign(store(go_on), ast.Constant(True)))

        def turn() -> None:
            self.out.append(edge)
            test = self.flattener.flatten(node.test)
            stop = at(node, assign(store(go_on), ast.Constant(False)))
            self.emit(node, ast.If(test, self._loop_body(node.body), [stop]))

        body, orelse = self.collected(turn), self.block(node.orelse)
        self.emit(node, ast.While(load(go_on), body, orelse))

    def _do_For(self, node: ast.For) -> None:
        iterable = self.flattener.flatten(node.iter)
        iterator = self.temporary("iterator")
        # CPython lets go of the iterator as soon as an error leaves the loop, and a generator's `finally` runs then.
        begun = isinstance(iterable, ast.Name) and iterable.id == SOURCE
        kept_inside = begun or isinstance(iterable, LITERALS) or self._is_range(iterable)
        if isinstance(iterable, ast.Call) and getattr(iterable.func, "attr", None) == "finditer":
            iterable = call(support("found"), iterable)
        self.emit(node.iter, assign(store(iterator), iterable if begun else self.shared.opened(iterable)))
        edge = at(node, EdgePoint(self.keyword_point(node, "loop", 3)))
        target, extra = node.target, list[ast.stmt]()
        if self.suspends(target):
            item = self.temporary("item")
            extra = self.collected(lambda: self.store_into(node.target, at(node.target, load(item))))
            target = at(node.target, store(item))
        body, orelse = [edge, *extra, *self._loop_body(node.body)], self.block(node.orelse)
        loop = at(node, ast.For(target, at(node.iter, load(iterator)), body, orelse))
        forget = at(node, assign(store(iterator), none()))
        self.out += [loop, forget] if kept_inside else [at(node, ast.Try([loop], [], [], [forget]))]

    def _is_range(self, node: ast.expr) -> bool:
        called = node.func if isinstance(node, ast.Call) else None
        return isinstance(called, ast.Name) and called.id == "range" and self.is_global("range")

    def unroll(self, node: ast.ListComp | ast.SetComp | ast.DictComp) -> ast.expr:
        result = self.temporary("filled")
        empty: ast.expr
        if isinstance(node, ast.ListComp):
            empty = ast.List([], ast.Load())
        elif isinstance(node, ast.SetComp):
            empty = call(support("set"))
        else:
            empty = ast.Dict([], [])
        first = self.flattener.flatten(node.generators[0].iter)
        for box, name in self.shared.resolver.fresh.get(node, ()):
            made = call(support("Box"), ast.Constant(name), ast.Constant(self.made.shown_name))
            self.emit(node, assign(store(box), made))
        self.emit(node, assign(store(result), empty))
        for loop in self.loops_of(node, first, self._added(node, result)):
            self.statement(loop)
        return at(node, load(result))

    def _added(self, node: ast.ListComp | ast.SetComp | ast.DictComp, result: str) -> list[ast.stmt]:
        if isinstance(node, ast.DictComp):
            key = self.temporary("key")
            item = ast.Subscript(load(result), load(key), ast.Store())
            return [at(node.key, assign(store(key), node.key)), at(node.value, assign(item, node.value))]
        method = "append" if isinstance(node, ast.ListComp) else "add"
        return [at(node.elt, ast.Expr(call(attribute(result, method), node.elt)))]

    def _do_Match(self, node: ast.Match) -> None:
        subject = self.flattener.flatten(node.subject)
        if not any(c.guard is not None and self.suspends(c.guard) for c in node.cases):
            node.subject = subject
            for case in node.cases:
                case.body = self.block(case.body)
            self.out.append(node)
            return
        self._match_by_turns(node, subject)

    def _match_by_turns(self, node: ast.Match, subject: ast.expr) -> None:
        """A guard may suspend: try the cases one by one until one has matched."""
        held, matched = self.temporary("subject"), self.temporary("matched")
        self.emit(node, assign(store(held), subject))
        self.emit(node, assign(store(matched), ast.Constant(False)))
        for case in node.cases:
            self.emit(
                node,
                ast.If(ast.UnaryOp(ast.Not(), load(matched)), self._one_case(node, case, held, matched), []),
            )

    def _one_case(self, node: ast.Match, case: ast.match_case, held: str, matched: str) -> list[ast.stmt]:
        def body() -> None:
            chosen = [at(node, assign(store(matched), ast.Constant(True))), *self.block(case.body)]
            if case.guard is None:
                self.out.extend(chosen)
            else:
                self.emit(case.guard, ast.If(self.flattener.flatten(case.guard), chosen, []))

        only = ast.match_case(case.pattern, None, self.collected(body))
        return [at(node, ast.Match(load(held), [only]))]
