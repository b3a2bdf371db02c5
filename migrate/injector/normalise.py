"""Rewrite functions so that at every suspension point all that matters is in local variables.

The one idea: statement by statement, each construct keeps in a hidden local what CPython would keep on its value
stack: a loop its iterator, a `with` its manager, a handler its exception, a `finally` the outcome it holds up. What
comes out is plain Python plus the point statements of `tree`; it means the same as before, line by line. Engines and
forms are `emit`'s business.
"""

from __future__ import annotations

import ast

from migrate.injector.blocks import Block
from migrate.injector.branches import Branches
from migrate.injector.guards import Guards
from migrate.injector.shared import Shared
from migrate.injector.tree import (
    Transformer,
    assign,
    at,
    call,
    load,
    store,
    support,
)


class _Nesting(Block):
    """Functions and classes inside of any block."""

    def function(self, node: ast.FunctionDef, source: ast.AST, shown: str) -> ast.FunctionDef:
        return FunctionNormaliser(self.shared, node, source, shown).run()

    def class_body(self, node: ast.ClassDef) -> list[ast.stmt]:
        inner = TopLevel(self.shared, f"{self.prefix}{node.name}.")
        node.body = inner.block(node.body)
        return inner.before


class TopLevel(_Nesting):
    """Module and class bodies: statements stay, nested functions are normalised, generator expressions are lifted."""

    lifts_once = True

    def __init__(self, shared: Shared, prefix: str) -> None:
        super().__init__(shared, prefix)
        self.before: list[ast.stmt] = []

    def module(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """A module's statements, each behind what was lifted out of it."""
        result: list[ast.stmt] = []
        for statement in body:
            done = self.block([statement])
            result += [*self.before, *done]
            self.before = []
        return result

    def statement(self, node: ast.stmt) -> None:
        lifted = _Lifter(self)
        for name in ("body", "orelse", "finalbody"):
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) and isinstance(
                getattr(node, name, None), list
            ):
                setattr(node, name, self.block(getattr(node, name)))
        for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            part.body = self.block(part.body)
        self.before.extend(self.collected(lambda: lifted.headers(node)))
        if isinstance(node, ast.FunctionDef):
            node = self.function(node, node, node.name)
        elif isinstance(node, ast.ClassDef):
            self.before.extend(self.class_body(node))
            if self.prefix:
                # Python mangles the name in the class around it, and the class keeps the one that is written here.
                node.name = self.shared.names.private.get(node.name, node.name)
        self.out.append(node)


class _Lifter(Transformer):
    """Lifts lambdas and generator expressions out of the expressions of one statement."""

    def __init__(self, owner: TopLevel) -> None:
        self.owner = owner

    def headers(self, node: ast.stmt) -> None:
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                setattr(node, name, self.visit(value))
            elif isinstance(value, list):
                value[:] = [
                    self.visit(v) if isinstance(v, ast.expr | ast.keyword | ast.withitem) else v
                    for v in value
                ]
        if isinstance(node, ast.FunctionDef):
            for name in ("defaults", "kw_defaults"):
                setattr(node.args, name, [d and self.visit(d) for d in getattr(node.args, name)])

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        return node

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        return node

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self.generic_visit(node.args)
        return self.owner.lift_lambda(node) if self.owner.shared.colours.is_lifted(node) else node

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        first = self.visit(node.generators[0].iter)
        function = self.owner.lift_generator(node)
        return at(node, call(function, at(first, self.owner.shared.opened(first))))


class FunctionNormaliser(_Nesting, Branches, Guards):
    """Normalises one function: the simple statements, and all of its bases."""

    def _do_Expr(self, node: ast.Expr) -> None:
        value = node.value
        if isinstance(value, ast.Call) and value in self.colours.suspending:
            self.flattener.call_point(None, value)
        elif isinstance(value, ast.Yield | ast.YieldFrom):
            self.flattener.yield_point(None, value)
        else:
            node.value = self.flattener.flatten(value)
            self.out.append(node)

    def _do_Assign(self, node: ast.Assign) -> None:
        target = node.targets[0]
        if not self.suspends(*node.targets):
            if len(node.targets) == 1 and isinstance(target, ast.Name) and not self.is_global(target.id):
                self.value_into(node, target.id, node.value)
            else:
                node.value = self.flattener.flatten(node.value)
                self.out.append(node)
            return
        value = self.temporary("value")
        self.value_into(node, value, node.value)
        for target in node.targets:
            self.store_into(target, at(node, load(value)))

    def _do_AugAssign(self, node: ast.AugAssign) -> None:
        if not self.suspends(node.target, node.value):
            self.out.append(node)
            return
        target = self._fixed_place(node.target)
        old = self.temporary("old")
        self.emit(node, assign(store(old), _as_load(target)))
        value = self.flattener.flatten(node.value)
        self.emit(node, ast.AugAssign(store(old), node.op, value))
        self.emit(node, assign(target, load(old)))

    def _fixed_place(self, target: ast.expr) -> ast.expr:
        """A target whose container and index are evaluated once, into locals."""
        saved = self.flattener.saved
        if isinstance(target, ast.Attribute):
            if isinstance(target.value, ast.Name) and target.value.id.startswith("$"):
                return target
            return at(target, ast.Attribute(saved(target.value), target.attr, ast.Store()))
        if isinstance(target, ast.Subscript):
            container = saved(target.value)
            return at(target, ast.Subscript(container, saved(target.slice), ast.Store()))
        return target

    def _do_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is None:
            self.out.append(node)
        else:
            self._do_Assign(at(node, ast.Assign([node.target], node.value)))

    def _do_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self.emit(node, ast.Delete([self.placed(target)]))

    def _do_Assert(self, node: ast.Assert) -> None:
        if not self.suspends(node.test, *([node.msg] if node.msg else [])):
            self.out.append(node)
            return
        test = self.flattener.flatten(node.test)

        def fail() -> None:
            arguments = [self.flattener.flatten(node.msg)] if node.msg else []
            self.emit(node, ast.Raise(call(support("AssertionError"), *arguments), None))

        self.emit(node, ast.If(test, [ast.Pass()], self.collected(fail)))

    def _do_Raise(self, node: ast.Raise) -> None:
        parts = [p for p in (node.exc, node.cause) if p is not None]
        values = iter(self.flattener.sequence(parts))
        node.exc = next(values) if node.exc else None
        node.cause = next(values) if node.cause else None
        self.out.append(node)

    def _do_Global(self, node: ast.Global) -> None:
        self.made.globals.update(node.names)

    def _do_FunctionDef(self, node: ast.FunctionDef) -> None:
        kw_defaults = [d for d in node.args.kw_defaults if d is not None]
        parts = self.flattener.sequence([*node.decorator_list, *node.args.defaults, *kw_defaults])
        cut = len(node.decorator_list)
        node.decorator_list, parts = parts[:cut], parts[cut:]
        cut = len(node.args.defaults)
        node.args.defaults, rest = parts[:cut], iter(parts[cut:])
        node.args.kw_defaults = [next(rest) if d is not None else None for d in node.args.kw_defaults]
        self.out.append(self.function(node, node, node.name))

    def _do_ClassDef(self, node: ast.ClassDef) -> None:
        keywords = [k.value for k in node.keywords]
        parts = self.flattener.sequence([*node.decorator_list, *node.bases, *keywords])
        cut = len(node.decorator_list)
        node.decorator_list, parts = parts[:cut], parts[cut:]
        node.bases, values = parts[: len(node.bases)], parts[len(node.bases) :]
        for keyword, value in zip(node.keywords, values, strict=True):
            keyword.value = value
        self.out.extend(self.class_body(node))
        self.out.append(node)


def _as_load(target: ast.expr) -> ast.expr:
    """The same place, read instead of written."""
    if isinstance(target, ast.Attribute):
        return at(target, ast.Attribute(target.value, target.attr, ast.Load()))
    if isinstance(target, ast.Subscript):
        return at(target, ast.Subscript(target.value, target.slice, ast.Load()))
    assert isinstance(target, ast.Name)
    return at(target, load(target.id))
