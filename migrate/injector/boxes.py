"""Resolve names: shared variables become boxes, variables of unrolled comprehensions get names of their own.

The one idea: after this pass every variable of a frame is a plain local of exactly one function, and sharing goes
through `Box` objects that are themselves plain locals (`$x` holds the box of `x`). So a frame's locals are all there
is to save. Names that are not boxed are left as the author wrote them.
"""

from __future__ import annotations

import ast
from typing import TypeVar

from migrate.injector.colours import Colours
from migrate.injector.prepare import Names
from migrate.injector.scopes import Comprehension, Scope, arguments_of, boxed_variables, read_early
from migrate.injector.tree import (
    Transformer,
    assign,
    at,
    attribute,
    call,
    delete,
    has_docstring,
    load,
    none,
    store,
    support,
)

Node = TypeVar("Node", bound=ast.AST)


def hidden(name: str) -> str:
    """The local that holds the box of `name`."""
    return f"${name}"


def is_box(local: str) -> bool:
    """Whether a local holds a box; other hidden locals have a dot in their names."""
    return local.startswith("$") and "." not in local


LOOKS_AT_LOCALS = frozenset({"locals", "vars", "dir"})
"""Called without arguments they tell the local variables, of which some are ours and some are boxes."""


class Resolver(Transformer):
    """Rewrites one module in place. `unrolled`: the comprehensions that will become loops.

    `fresh`: what each needs before it starts, as pairs of the hidden name of a box and the author's name.
    """

    def __init__(self, colours: Colours, names: Names, unrolled: set[ast.AST]) -> None:
        self.colours, self.names = colours, names
        self.scopes = colours.scopes
        self.unrolled = unrolled
        self.fresh: dict[ast.AST, list[tuple[str, str]]] = {}
        self.scope = self.scopes[next(n for n in self.scopes if isinstance(n, ast.Module))]
        self.boxed: dict[Scope, set[str]] = {
            s: boxed_variables(s) | (read_early(s) if s.node in unrolled else set())
            for s in self.scopes.values()
            if (s.is_function and s.node not in colours.stuck) or s.node in unrolled
        }
        self.renamed: dict[Scope, dict[str, str]] = {}

    # -- names ------------------------------------------------------------------------------------------------------

    def _place(self, name: str) -> tuple[str, bool]:
        """(local that holds it, whether that local is a box) for `name` as seen from here."""
        owner = self.scope.owner_of(name)
        if owner is None or (owner not in self.boxed):
            return name, False
        renamed = self.renamed.get(owner, {}).get(name, name)
        if name in self.boxed[owner]:
            return hidden(renamed), True
        return renamed, False

    def visit_Name(self, node: ast.Name) -> ast.expr:
        place, is_box = self._place(node.id)
        if is_box:
            return at(node, ast.Attribute(at(node, load(place)), "v", node.ctx))
        node.id = place
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Call(ast.Name(id=name), [], []) if name in LOOKS_AT_LOCALS and self._is_our_frame(name):
                seen = call(support("own_locals"), call(support("locals")))
                return at(node, call(support("sorted"), seen) if name == "dir" else seen)
        return node

    def _is_our_frame(self, name: str) -> bool:
        """Whether `name` is the built-in, and tells of a function's frame."""
        is_bound = self.scope.owner_of(name) is not None or not self.colours.is_untouched_builtin(name)
        return not is_bound and self.scope.around_comprehensions.is_function

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        node.value = self.visit(node.value)
        owner = self.scope.around_comprehensions.owner_of(node.target.id)
        if owner is not None and node.target.id in self.boxed.get(owner, ()):
            box = at(node, load(hidden(node.target.id)))
            return at(node, call(support("set_box"), box, node.value))
        return node

    # -- statements that bind a bare name ---------------------------------------------------------------------------

    def _rebind(self, node: Node, name: str) -> list[ast.stmt]:
        """After a statement bound the bare local `name`: move the value into its box."""
        place, is_box = self._place(name)
        if not is_box:
            return []
        return [at(node, assign(attribute(place, "v", ast.Store()), load(name))), at(node, delete(name))]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | list[ast.stmt]:
        node.decorator_list = [self.visit(d) for d in node.decorator_list]
        self._visit_signature(node.args)
        if node.returns:
            node.returns = self.visit(node.returns)
        after = self._rebind(node, node.name)
        self._enter_function(node)
        return [node, *after] if after else node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST | list[ast.stmt]:
        node.decorator_list = [self.visit(d) for d in node.decorator_list]
        node.bases = [self.visit(b) for b in node.bases]
        node.keywords = [self.visit(k) for k in node.keywords]
        after = self._rebind(node, node.name)
        self._inside(node, lambda: self._visit_body(node.body))
        return [node, *after] if after else node

    def _visit_imports(self, node: ast.Import | ast.ImportFrom) -> ast.AST | list[ast.stmt]:
        after = [s for a in node.names for s in self._rebind(node, (a.asname or a.name).split(".")[0])]
        return [node, *after] if after else node

    visit_Import = _visit_imports
    visit_ImportFrom = _visit_imports

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST:
        return at(node, ast.Pass())

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        node.type = self.visit(node.type) if node.type else None
        body = self._visited(node.body)
        if node.name is not None:
            place, is_box = self._place(node.name)
            if is_box:
                body = self._boxed_handler(node, place, node.name, body)
                node.name = f"{place}.caught"
        node.body = body
        return node

    def _boxed_handler(
        self, node: ast.ExceptHandler, box: str, name: str, body: list[ast.stmt]
    ) -> list[ast.stmt]:
        """`except T as x` with a boxed x: bound at the start, gone at the end, as Python does it."""
        start = at(node, assign(attribute(box, "v", ast.Store()), load(f"{box}.caught")))
        forget: list[ast.stmt] = [
            at(node, assign(attribute(box, "v", ast.Store()), none())),
            at(node, ast.Delete([attribute(box, "v", ast.Del())])),
        ]
        return [start, at(node, ast.Try(body, [], [], forget))]

    def visit_match_case(self, node: ast.match_case) -> ast.AST:
        self.captures: list[tuple[str, str]] = []
        node.pattern = self.visit(node.pattern)
        captures = self.captures
        node.guard = self.visit(node.guard) if node.guard else None
        node.body = self._visited(node.body)
        stores = [call(support("set_box"), load(box), load(bare)) for bare, box in captures]
        if stores and node.guard:
            kept = [ast.Tuple([s], ast.Load()) for s in stores]
            node.guard = at(node.guard, ast.BoolOp(ast.And(), [*kept, node.guard]))
        elif stores:
            node.body[:0] = [at(node.body[0], ast.Expr(s)) for s in stores]
        return node

    def _captured(self, name: str | None) -> str | None:
        if name is None:
            return None
        place, is_box = self._place(name)
        if not is_box:
            return place
        bare = f"{place}.matched"
        self.captures.append((bare, place))
        return bare

    def visit_MatchAs(self, node: ast.MatchAs) -> ast.AST:
        node.pattern = self.visit(node.pattern) if node.pattern else None
        node.name = self._captured(node.name)
        return node

    def visit_MatchStar(self, node: ast.MatchStar) -> ast.AST:
        node.name = self._captured(node.name)
        return node

    def visit_MatchMapping(self, node: ast.MatchMapping) -> ast.AST:
        node.patterns = [self.visit(p) for p in node.patterns]
        node.keys = [self.visit(k) for k in node.keys]
        node.rest = self._captured(node.rest)
        return node

    # -- scopes -----------------------------------------------------------------------------------------------------

    def _visited(self, body: list[ast.stmt]) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        for statement in body:
            seen = self.visit(statement)
            result.extend(seen if isinstance(seen, list) else [seen])
        return result

    def _visit_body(self, body: list[ast.stmt]) -> None:
        body[:] = self._visited(body)

    def _inside(self, node: ast.AST, work: object) -> None:
        outer, self.scope = self.scope, self.scopes[node]
        assert callable(work)
        work()
        self.scope = outer

    def _visit_signature(self, arguments: ast.arguments) -> None:
        arguments.defaults = [self.visit(d) for d in arguments.defaults]
        arguments.kw_defaults = [self.visit(d) if d else None for d in arguments.kw_defaults]
        for argument in arguments_of(arguments):
            if argument.annotation:
                argument.annotation = self.visit(argument.annotation)

    def _enter_function(self, node: ast.FunctionDef) -> None:
        self._inside(node, lambda: self._visit_body(node.body))
        cut = has_docstring(node.body)
        node.body[cut:cut] = self.prologue(node)

    def prologue(self, node: ast.FunctionDef | ast.Lambda) -> list[ast.stmt]:
        """Statements that make the boxes of a function's own shared variables."""
        shared = self.boxed[self.scopes[node]]
        parameters = {a.arg for a in arguments_of(node.args)}
        owner = (
            self.names.private.get(node.name, node.name) if isinstance(node, ast.FunctionDef) else "<lambda>"
        )
        first = node.body[0] if isinstance(node, ast.FunctionDef) else node.body
        result: list[ast.stmt] = []
        for name in sorted(shared):
            facts = ast.Constant(name), ast.Constant(owner)
            if name in parameters:
                result += [
                    assign(store(hidden(name)), call(support("new_box"), *facts, load(name))),
                    delete(name),
                ]
            else:
                result.append(assign(store(hidden(name)), call(support("Box"), *facts)))
        return [at(first, s) for s in result]

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self._visit_signature(node.args)

        def body() -> None:
            node.body = self.visit(node.body)

        self._inside(node, body)
        return node

    def _comprehension(self, node: Comprehension, work: object) -> ast.AST:
        first = node.generators[0]
        first.iter = self.visit(first.iter)
        scope = self.scopes[node]
        if node in self.unrolled:
            number = len(self.renamed)
            self.renamed[scope] = {name: f"{name}@{number}" for name in sorted(scope.bound)}
            shared = sorted(self.boxed[scope])
            self.fresh[node] = [(hidden(self.renamed[scope][n]), n) for n in shared]

        def inside() -> None:
            first.target = self.visit(first.target)
            first.ifs = [self.visit(c) for c in first.ifs]
            for generator in node.generators[1:]:
                generator.iter = self.visit(generator.iter)
                generator.target = self.visit(generator.target)
                generator.ifs = [self.visit(c) for c in generator.ifs]
            assert callable(work)
            work()

        self._inside(node, inside)
        return node

    def _visit_element(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> ast.AST:
        def element() -> None:
            node.elt = self.visit(node.elt)

        return self._comprehension(node, element)

    visit_ListComp = _visit_element
    visit_SetComp = _visit_element
    visit_GeneratorExp = _visit_element

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        def element() -> None:
            node.key, node.value = self.visit(node.key), self.visit(node.value)

        return self._comprehension(node, element)
