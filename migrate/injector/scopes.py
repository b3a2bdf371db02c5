"""Which variable belongs to which scope, and which variables need a box.

The one idea: Python's own scoping rules, worked out on the tree (`symtable` reads only text, and passes before this
one have changed the tree). A variable of a function that a nested function, lambda, generator expression or class
body uses becomes a `Box` held in the local `$name`, so that sharing survives a capture. Comprehensions share their
owner's frame here and never force a box.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from migrate.injector.tree import Visitor, walk

FunctionNode: TypeAlias = ast.FunctionDef | ast.Lambda
Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
ScopeNode: TypeAlias = ast.Module | ast.ClassDef | FunctionNode | Comprehension

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(slots=True, eq=False)
class Scope:
    """One scope: its node, its parent, and what its own statements bind, declare and use."""

    node: ScopeNode
    parent: Scope | None
    bound: set[str] = field(default_factory=set)
    global_names: set[str] = field(default_factory=set)
    nonlocal_names: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    children: list[Scope] = field(default_factory=list)

    @property
    def is_function(self) -> bool:
        return isinstance(self.node, ast.FunctionDef | ast.Lambda | ast.GeneratorExp)

    @property
    def is_comprehension(self) -> bool:
        return isinstance(self.node, ast.ListComp | ast.SetComp | ast.DictComp)

    @property
    def around_comprehensions(self) -> Scope:
        """The module, class or function that this scope belongs to, generator expressions left out too."""
        scope = self
        while isinstance(scope.node, COMPREHENSIONS):
            assert scope.parent is not None
            scope = scope.parent
        return scope

    def owner_of(self, name: str) -> Scope | None:
        """The function or comprehension scope that `name` lives in as seen from here; None: global or class-local."""
        if name in self.global_names:
            return None
        if name in self.bound and name not in self.nonlocal_names:
            return self if not isinstance(self.node, ast.Module | ast.ClassDef) else None
        scope = self.parent
        while scope is not None:
            if scope.is_function or scope.is_comprehension:
                if name in scope.global_names:
                    return None
                if name in scope.bound and name not in scope.nonlocal_names:
                    return scope
            scope = scope.parent
        return None


def arguments_of(arguments: ast.arguments) -> list[ast.arg]:
    """All parameters in the order of the signature."""
    listed = [*arguments.posonlyargs, *arguments.args]
    if arguments.vararg:
        listed.append(arguments.vararg)
    listed.extend(arguments.kwonlyargs)
    if arguments.kwarg:
        listed.append(arguments.kwarg)
    return listed


def analyse(module: ast.Module) -> dict[ast.AST, Scope]:
    """Every scope of the module, by its node."""
    builder = _Builder(module)
    return builder.scopes


class _Builder(Visitor):
    def __init__(self, module: ast.Module) -> None:
        self.scope = Scope(module, None)
        self.scopes: dict[ast.AST, Scope] = {module: self.scope}
        for statement in module.body:
            self.visit(statement)

    def _inside(self, node: ScopeNode, parts: list[ast.AST]) -> Scope:
        outer = self.scope
        self.scope = inner = Scope(node, outer)
        outer.children.append(inner)
        self.scopes[node] = inner
        for part in parts:
            self.visit(part)
        self.scope = outer
        return inner

    def _visit_all(self, nodes: list[ast.expr] | list[ast.expr | None] | list[ast.keyword]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def _signature(self, arguments: ast.arguments) -> None:
        self._visit_all(arguments.defaults)
        self._visit_all(arguments.kw_defaults)
        self._visit_all([a.annotation for a in arguments_of(arguments)])

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._visit_all(node.decorator_list)
        self._signature(node.args)
        if node.returns:
            self.visit(node.returns)
        self.scope.bound.add(node.name)
        inner = self._inside(node, list(node.body))
        inner.bound.update(a.arg for a in arguments_of(node.args))

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._signature(node.args)
        inner = self._inside(node, [node.body])
        inner.bound.update(a.arg for a in arguments_of(node.args))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._visit_all(node.decorator_list)
        self._visit_all(node.bases)
        self._visit_all(node.keywords)
        self.scope.bound.add(node.name)
        self._inside(node, list(node.body))

    def _comprehension(self, node: Comprehension, elements: list[ast.AST]) -> None:
        first = node.generators[0]
        self.visit(first.iter)
        parts: list[ast.AST] = [first.target, *first.ifs]
        for generator in node.generators[1:]:
            parts += [generator.iter, generator.target, *generator.ifs]
        self._inside(node, parts + elements)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._comprehension(node, [node.elt])

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._comprehension(node, [node.elt])

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._comprehension(node, [node.elt])

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._comprehension(node, [node.key, node.value])

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        scope = self.scope
        while isinstance(scope.node, COMPREHENSIONS):
            scope.used.add(node.target.id)
            assert scope.parent is not None
            scope = scope.parent
        scope.bound.add(node.target.id)

    def visit_Name(self, node: ast.Name) -> None:
        (self.scope.used if isinstance(node.ctx, ast.Load) else self.scope.bound).add(node.id)

    def visit_Global(self, node: ast.Global) -> None:
        self.scope.global_names.update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.scope.nonlocal_names.update(node.names)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.scope.bound.add(node.name)
        self.generic_visit(node)

    def visit_alias(self, node: ast.alias) -> None:
        self.scope.bound.add((node.asname or node.name).split(".")[0])

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name:
            self.scope.bound.add(node.name)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self.scope.bound.add(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self.scope.bound.add(node.rest)
        self.generic_visit(node)


def descendants(scope: Scope) -> Iterator[Scope]:
    """All scopes nested in `scope`."""
    for child in scope.children:
        yield child
        yield from descendants(child)


def boxed_variables(scope: Scope) -> set[str]:
    """Variables of this function that nested functions or class bodies share."""
    shared: set[str] = set()
    for inner in descendants(scope):
        if inner.is_comprehension:
            continue
        for name in inner.used | inner.nonlocal_names | inner.bound:
            if inner.owner_of(name) is scope:
                shared.add(name)
    return shared


def read_early(scope: Scope) -> set[str]:
    """Variables of this comprehension that stand to the left of the target that binds them: they may be unbound."""
    assert isinstance(scope.node, COMPREHENSIONS)
    early, bound = set[str](), set[str]()
    for index, generator in enumerate(scope.node.generators):
        early |= (_names(generator.iter) & scope.bound) - bound if index else set()
        bound |= _names(generator.target)
        early |= {name for test in generator.ifs for name in _names(test) & scope.bound} - bound
    return early


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in walk(node) if isinstance(part, ast.Name)}
