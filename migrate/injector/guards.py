"""Normalises `try`, `with` and `except*`, any part of which may suspend.

The one idea: a handler keeps its exception in a hidden local, a `finally` how it was entered, a `with` its manager, so
that the rest of each can be resumed and then leave as it would have left.
"""

from __future__ import annotations

import ast

from migrate.injector.blocks import FunctionBlock, Leaving
from migrate.injector.shared import Pending
from migrate.injector.tree import (
    CallPoint,
    GuardedTry,
    NoticingTry,
    assign,
    at,
    attribute,
    call,
    load,
    none,
    position_of,
    raised_unchanged,
    store,
    support,
)


class Guards(FunctionBlock):
    """Statements with an exception in them."""

    def _do_Try(self, node: ast.Try) -> None:
        if node.finalbody and self.has_points(node.finalbody):
            self._try_with_suspending_finally(node)
        else:
            self._guarded_try(node)

    def _guarded_try(self, node: ast.Try) -> None:
        body = self.block(node.body)
        handlers = [self._handler(h) for h in self._handlers_with_plain_types(node)]
        self.emit(node, GuardedTry(body, handlers, self.block(node.orelse), self.block(node.finalbody)))

    def _handlers_with_plain_types(self, node: ast.Try) -> list[ast.ExceptHandler]:
        """Where the type of a handler may suspend, one handler for everything that asks them one by one."""
        if not any(h.type is not None and self.suspends(h.type) for h in node.handlers):
            return node.handlers
        otherwise: list[ast.stmt] = [at(node, ast.Raise(None, None))]
        for handler in reversed(node.handlers):
            otherwise = self._asked(handler, otherwise)
        return [at(node, ast.ExceptHandler(None, None, otherwise))]

    def _asked(self, handler: ast.ExceptHandler, otherwise: list[ast.stmt]) -> list[ast.stmt]:
        body = handler.body
        if handler.name is not None:
            current = call(support("current_error"))
            forget: list[ast.stmt] = [
                assign(store(handler.name), none()),
                ast.Delete([ast.Name(handler.name, ast.Del())]),
            ]
            guarded = ast.Try(body, [], [], forget)
            body = [at(handler, assign(store(handler.name), current)), at(handler, guarded)]
        if handler.type is None:
            return body
        test = at(handler.type, call(support("error_matches"), handler.type))
        return [at(handler, ast.If(test, body, otherwise))]

    def _handler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        if not self.has_points(node.body):
            node.body = self.block(node.body)
            return node
        caught = self.temporary("caught")
        start: list[ast.stmt] = [at(node, assign(store(caught), call(support("current_error"))))]
        forget: list[ast.stmt] = [assign(store(caught), none())]
        if node.name is not None:
            start.append(at(node, assign(store(node.name), load(caught))))
            forget += [assign(store(node.name), none()), ast.Delete([ast.Name(node.name, ast.Del())])]
        self.handled.append(caught)
        body = self.block(node.body)
        self.handled.pop()
        cleanup = at(node, ast.Try(body, [], [], forget))
        made = at(node, ast.ExceptHandler(node.type, None, [*start, cleanup]))
        self.shared.caught[made] = caught
        return made

    def _try_with_suspending_finally(self, node: ast.Try) -> None:
        """Keeps in locals how the body was left, so that the rest of the `finally` can be resumed and then leave so."""
        pending = Pending(self.temporary("outcome"), self.temporary("pending"))
        self.emit(node, assign(store(pending.outcome), none()))
        self.finals.append((pending, self.loop_depth))

        def protected() -> None:
            if node.handlers:
                self.statement(at(node, ast.Try(node.body, node.handlers, node.orelse, [])))
            else:
                self.out.extend(self.block(node.body))
            self.emit(node, assign(store(pending.outcome), none()))

        inner = self.collected(protected)
        self.finals.pop()
        note: list[ast.stmt] = [
            at(node, assign(store(pending.outcome), call(support("current_error")))),
            at(node, ast.Raise(None, None)),
        ]
        noticing = at(node, NoticingTry(inner, [at(node, ast.ExceptHandler(None, None, note))], [], []))
        self.handled.append(pending.outcome)
        final = self.block(node.finalbody)
        self.handled.pop()
        final.append(at(node, assign(store(pending.outcome), none())))
        made = at(node, GuardedTry([noticing], [], [], final))
        self.shared.pendings[made] = pending
        self.out.append(made)

    def _do_With(self, node: ast.With) -> None:
        """The reference expansion of `with` in the language manual, its entry and two exits as suspension points."""
        item, rest = node.items[0], node.items[1:]
        body: list[ast.stmt] = [at(node, ast.With(rest, node.body))] if rest else node.body
        manager, clean = self.temporary("manager"), self.temporary("clean")
        self.emit(item.context_expr, assign(store(manager), self.flattener.flatten(item.context_expr)))
        target = item.optional_vars
        entered = self.temporary("entered") if target is not None else None
        self._special_call(item, "enter", entered, manager, [])
        self.emit(node, assign(store(clean), ast.Constant(True)))
        if entered is not None and target is not None:
            body = [at(target, assign(target, load(entered))), *body]
        swallowed, error = self.temporary("swallowed"), self.temporary("error")
        details = [call(support("type"), load(error)), load(error), attribute(error, "__traceback__")]
        on_error: list[ast.stmt] = [
            at(node, assign(store(clean), ast.Constant(False))),
            Leaving(item, "exit_error", swallowed, manager, [at(node, d) for d in details]),
            at(node, ast.If(load(swallowed), [ast.Pass()], [ast.Raise(None, None)])),
        ]
        handler = at(node, ast.ExceptHandler(None, error, on_error))
        leave = Leaving(item, "exit", None, manager, [at(node, none()) for _ in range(3)])
        self.statement(at(node, ast.Try(body, [handler], [], [at(node, ast.If(load(clean), [leave], []))])))
        self.emit(node, assign(store(manager), none()))

    def _special_call(
        self, item: ast.withitem, kind: str, target: str | None, manager: str, arguments: list[ast.expr]
    ) -> None:
        method = call(support("enter_method" if kind == "enter" else "exit_method"), load(manager))
        line, _, column, _ = position_of(item.context_expr)
        width = {"enter": 1, "exit": 2, "exit_error": 0}[kind]
        point = self.point(item, kind, (line, line, column, column + width))
        self.made.callees[point.name] = load(manager)
        self.emit(item.context_expr, CallPoint(target, ast.Call(method, arguments, []), point))

    def _do_Leaving(self, node: Leaving) -> None:
        self._special_call(node.item, node.kind, node.target, node.manager, node.arguments)

    def _do_TryStar(self, node: ast.TryStar) -> None:
        parts = [*node.finalbody, *(s for h in node.handlers for s in h.body)]
        if self.has_points(parts) or any(self.suspends(h.type) for h in node.handlers if h.type):
            self._do_Try(self._star_by_hand(node))
            return
        node.body, node.orelse = self.block(node.body), self.block(node.orelse)
        node.finalbody = self.block(node.finalbody)
        for handler in node.handlers:
            handler.body = self.block(handler.body)
        self.out.append(node)

    def _star_by_hand(self, node: ast.TryStar) -> ast.Try:
        """`except*` as PEP 654 spells it out: each handler gets its part of the group, what is left is raised."""
        caught, rest, raised = (self.temporary(n) for n in ("group", "rest", "raised"))
        body: list[ast.stmt] = [
            assign(store(rest), load(caught)),
            assign(store(raised), ast.List([], ast.Load())),
            *(s for handler in node.handlers for s in self._star_handler(handler, caught, rest, raised)),
            assign(store(rest), call(support("rest_of_group"), load(caught), load(rest), load(raised))),
            ast.If(ast.Compare(load(rest), [ast.IsNot()], [none()]), [raised_unchanged(rest)], []),
        ]
        everything = at(node, ast.ExceptHandler(None, caught, [at(node, s) for s in body]))
        return at(node, ast.Try(node.body, [everything], node.orelse, node.finalbody))

    def _star_handler(self, node: ast.ExceptHandler, caught: str, rest: str, raised: str) -> list[ast.stmt]:
        part, error = self.temporary("part"), self.temporary("error")
        assert node.type is not None
        both = ast.Tuple([store(part), store(rest)], ast.Store())
        split = ast.Assign([both], call(support("split_group"), load(caught), load(rest), node.type))
        settled = ast.Expr(call(support("put_back"), load(part)))
        inner = ast.Try(
            [ast.Expr(call(support("redo"), load(part)))],
            [ast.ExceptHandler(None, node.name, [settled, *node.body])],
            [],
            [],
        )
        note = ast.Expr(call(attribute(raised, "append"), load(error)))
        outer = ast.Try([inner], [ast.ExceptHandler(None, error, [note])], [], [])
        matched = ast.Compare(load(part), [ast.IsNot()], [none()])
        return [at(node, split), at(node, ast.If(matched, [outer], []))]
