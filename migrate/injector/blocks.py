"""What normalising the statements of a function, a module and a class body have in common.

The one idea: statements go in one by one, and any number come out. Nested functions, lambdas and generator expressions
are the same everywhere; what a function needs besides (hidden locals, points, handlers around) is `FunctionBlock`'s.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from migrate.injector.expressions import Flattener
from migrate.injector.scopes import Comprehension, arguments_of
from migrate.injector.shared import Function, Pending, Shared
from migrate.injector.tree import (
    SOURCE,
    TYPE_PARAMETERS,
    EdgePoint,
    Point,
    Position,
    assign,
    at,
    call,
    has_docstring,
    load,
    nodes_in_frame,
    own_nodes,
    position_of,
    store,
    support,
)


class Block:
    """Collects statements; base of the normalisers of functions and of module and class bodies.

    `lifts_once`: what is lifted out of a statement is defined before it and not each time it runs.
    """

    lifts_once = False

    def __init__(self, shared: Shared, prefix: str) -> None:
        self.shared = shared
        self.prefix = prefix
        self.out: list[ast.stmt] = []
        self.inside = self.deepest = 0

    def emit(self, place: ast.AST, statement: ast.stmt) -> None:
        """Append a statement at the position of `place`."""
        self.out.append(at(place, statement))

    def collected(self, work: Callable[[], None]) -> list[ast.stmt]:
        """The statements that `work` emits."""
        saved, self.out = self.out, []
        work()
        result, self.out = self.out, saved
        return result

    def block(self, statements: Iterable[ast.stmt]) -> list[ast.stmt]:
        """A nested block, never empty unless it was."""
        listed = list(statements)
        self.inside += 1
        self.deepest = max(self.deepest, self.inside)

        def work() -> None:
            for statement in listed:
                self.statement(statement)

        result = self.collected(work)
        self.inside -= 1
        return result or [at(s, ast.Pass()) for s in listed[:1]]

    def statement(self, node: ast.stmt) -> None:
        raise NotImplementedError  # abstract: FunctionNormaliser and TopLevel say how

    # -- nested functions and classes, the same everywhere -----------------------------------------------------------

    def lift_lambda(self, node: ast.Lambda) -> ast.expr:
        """A lambda whose frame may be captured becomes a nested function; its defaults are bound where it stands."""
        name = f"$lambda.{len(self.shared.functions)}"
        arguments, defaults, kw_defaults = node.args, node.args.defaults, node.args.kw_defaults
        bare = ast.arguments(
            arguments.posonlyargs,
            arguments.args,
            arguments.vararg,
            arguments.kwonlyargs,
            [None] * len(kw_defaults),
            arguments.kwarg,
            [],
        )
        body = [*self.shared.resolver.prologue(node), at(node.body, ast.Return(node.body))]
        self._lift(node, name, bare, body)
        made: ast.expr = call(support("made_anew"), load(name)) if self.lifts_once else load(name)
        if not defaults and not any(kw_defaults):
            return at(node, made)
        given = [(a.arg, d) for a, d in zip(arguments.kwonlyargs, kw_defaults, strict=True) if d is not None]
        keyword_defaults = ast.Dict([ast.Constant(n) for n, _ in given], [d for _, d in given])
        positional = ast.Tuple(list(defaults), ast.Load())
        return at(node, call(support("with_defaults"), made, positional, keyword_defaults))

    def lift_generator(self, node: ast.GeneratorExp) -> ast.expr:
        """A generator expression becomes a nested generator function of its first iterator."""
        name, names = f"$genexpr.{len(self.shared.functions)}", self.shared.names
        item = at(node.elt, ast.Yield(node.elt))
        names.points[item, "yield"] = names.points[node, "item"]
        loops = self.loops_of(node, load(SOURCE), [at(node.elt, ast.Expr(item))])
        boxed = sorted(self.shared.resolver.boxed[self.shared.colours.scopes[node]])
        boxes = [
            at(node, assign(store(f"${n}"), call(support("Box"), ast.Constant(n), ast.Constant("<genexpr>"))))
            for n in boxed
        ]
        bare = ast.arguments([], [ast.arg(SOURCE)], None, [], [], None, [])
        self._lift(node, name, at(node, bare), [*boxes, *loops])
        return at(node, load(name))

    def _lift(
        self, node: ast.Lambda | ast.GeneratorExp, name: str, arguments: ast.arguments, body: list[ast.stmt]
    ) -> None:
        definition = at(node, ast.FunctionDef(name, arguments, body, [], None, None, **TYPE_PARAMETERS))
        self.shared.names.functions[definition] = self.shared.names.functions[node]
        self.shared.names.points[definition, "entry"] = self.shared.names.points[node, "entry"]
        shown = "<lambda>" if isinstance(node, ast.Lambda) else "<genexpr>"
        self.out.append(self.function(definition, node, shown))

    def loops_of(
        self, node: Comprehension, first: ast.expr | None, innermost: list[ast.stmt]
    ) -> list[ast.stmt]:
        """The `for` and `if` statements that a comprehension stands for; `first` replaces its first iterable."""
        body = innermost
        for index, generator in reversed(list(enumerate(node.generators))):
            for condition in reversed(generator.ifs):
                body = [at(condition, ast.If(condition, body, []))]
            iterable = first if index == 0 and first is not None else generator.iter
            loop = at(generator.target, ast.For(generator.target, at(generator.target, iterable), body, []))
            self.shared.names.points[loop, "loop"] = self.shared.names.points[generator, "each"]
            body = [loop]
        return body

    def function(self, node: ast.FunctionDef, source: ast.AST, shown: str) -> ast.FunctionDef:
        """Normalise a nested function's body and register it."""
        raise NotImplementedError

    def class_body(self, node: ast.ClassDef) -> list[ast.stmt]:
        """Class bodies run at once and cannot suspend; the functions inside can. Returns what must stand before."""
        raise NotImplementedError


class FunctionBlock(Block):
    """Normalises one function. `source` is the node the analysis knows (a lambda's own, when it was lifted)."""

    def __init__(self, shared: Shared, node: ast.FunctionDef, source: ast.AST, shown: str) -> None:
        super().__init__(shared, "")
        self.node, self.source = node, source
        self.colours = shared.colours
        self.scope = shared.colours.scopes[source]
        name = shared.names.functions[source]
        static = shared.colours.static.get(node.name) is source
        self.made = Function(
            name,
            source,
            node,
            shared.names.private.get(shown, shown),
            shared.names.shown(name),
            source in self.colours.generators,
            self.colours.has_twin(source),
            static,
            index=len(shared.functions),
        )
        shared.functions[name] = shared.of_node[node] = self.made
        self.flattener = Flattener(self)
        self.counter = 0
        self.positions: dict[Position, str] = {}
        self.handled: list[str] = []
        self.finals: list[tuple[Pending, int]] = []
        self.loop_depth = 0
        stored = {
            n.id for n in own_nodes(node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
        }
        self.constant_parameters = {a.arg for a in arguments_of(node.args)} - stored

    def run(self) -> ast.FunctionDef:
        """The definition with its body normalised."""
        entry: list[ast.stmt] = []
        if self.source in self.colours.recursive:
            entry = [at(self.node, EdgePoint(self.keyword_point(self.node, "entry", 3)))]
        body = self.block(self.node.body)
        cut = has_docstring(body)
        self.node.body = [*body[:cut], *entry, *body[cut:]]
        self.made.nesting = self.deepest
        return self.node

    def unroll(self, node: ast.ListComp | ast.SetComp | ast.DictComp) -> ast.expr:
        """A comprehension that may suspend becomes a loop that fills a hidden local."""
        raise NotImplementedError

    # -- small services ---------------------------------------------------------------------------------------------

    def temporary(self, purpose: str) -> str:
        """A fresh hidden local."""
        self.counter += 1
        return f"${purpose}.{self.counter}"

    def is_global(self, name: str) -> bool:
        """Whether `name`, used here, is a global or a builtin."""
        return "@" not in name and self.scope.owner_of(name) is None

    def point(self, node: ast.AST, kind: str, position: Position) -> Point:
        """The point of `node`, made at its first use. Positions are unique within a function."""
        name = self.shared.names.points[node, kind]
        known = self.made.points.get(name)
        if known is not None:
            return known
        line, end_line, column, end_column = position
        while (line, end_line, column, end_column) in self.positions:
            end_column += 1
        made = Point(name, (line, end_line, column, end_column), tuple(self.handled))
        self.positions[made.position] = name
        self.made.points[name] = made
        return made

    def keyword_point(self, node: ast.AST, kind: str, width: int) -> Point:
        line, _, column, _ = position_of(node)
        return self.point(node, kind, (line, line, column, column + width))

    def suspends(self, *nodes: ast.AST) -> bool:
        return any(self.colours.suspends(n) for n in nodes)

    def has_points(self, statements: list[ast.stmt]) -> bool:
        return any(
            self.colours.is_point(n) or isinstance(n, ast.While | ast.For | ast.With | Leaving)
            for s in statements
            for n in nodes_in_frame(s)
        )

    def statement(self, node: ast.stmt) -> None:
        handler = getattr(self, f"_do_{type(node).__name__}", None)
        if handler is None:
            self.out.append(node)
        else:
            handler(node)

    def value_into(self, place: ast.AST, target: str, value: ast.expr) -> None:
        """`target = value` with the point as the statement itself where the value is a suspending call."""
        if isinstance(value, ast.Call) and value in self.colours.suspending:
            self.flattener.call_point(target, value)
        elif isinstance(value, ast.Yield | ast.YieldFrom):
            self.flattener.yield_point(target, value)
        else:
            self.emit(place, assign(store(target), self.flattener.flatten(value)))

    def store_into(self, target: ast.expr, value: ast.expr) -> None:
        """`target = value` where the target's own expressions may suspend."""
        if isinstance(target, ast.Tuple | ast.List) and self.suspends(target):
            parts = [self.temporary("part") for _ in target.elts]
            stores: list[ast.expr] = [
                ast.Starred(store(p), ast.Store()) if isinstance(e, ast.Starred) else store(p)
                for p, e in zip(parts, target.elts, strict=True)
            ]
            self.emit(target, assign(ast.Tuple(stores, ast.Store()), value))
            for part, element in zip(parts, target.elts, strict=True):
                self.store_into(
                    element.value if isinstance(element, ast.Starred) else element, at(target, load(part))
                )
        else:
            self.emit(target, assign(self.placed(target), value))

    def placed(self, target: ast.expr) -> ast.expr:
        """A target with its own expressions flattened."""
        if self.suspends(target):
            if isinstance(target, ast.Attribute):
                target.value = self.flattener.flatten(target.value)
            elif isinstance(target, ast.Subscript):
                target.value, target.slice = self.flattener.sequence([target.value, target.slice])
        return target


class Leaving(ast.stmt):
    """A call of `__exit__` that is still to be normalised where it ends up."""

    _fields = ()

    def __init__(
        self, item: ast.withitem, kind: str, target: str | None, manager: str, arguments: list[ast.expr]
    ) -> None:
        super().__init__()
        self.item, self.kind, self.target, self.manager, self.arguments = (
            item,
            kind,
            target,
            manager,
            arguments,
        )
