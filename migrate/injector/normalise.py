"""Rewrite functions so that at every suspension point all that matters is in local variables.

The one idea: statement by statement, each construct keeps in a hidden local what CPython would keep on its value
stack: a loop its iterator, a `with` its manager, a handler its exception, a `finally` the outcome it holds up. What
comes out is plain Python plus the point statements of `tree`; it means the same as before, line by line. Engines and
forms are `emit`'s business.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from migrate.injector.boxes import Resolver
from migrate.injector.colours import Colours
from migrate.injector.expressions import Flattener
from migrate.injector.prepare import Names
from migrate.injector.scopes import Comprehension, arguments_of
from migrate.injector.tree import (
    SOURCE,
    TYPE_PARAMETERS,
    CallPoint,
    EdgePoint,
    GuardedTry,
    NoticingTry,
    Point,
    Position,
    Transformer,
    assign,
    at,
    attribute,
    call,
    has_docstring,
    load,
    nodes_in_frame,
    none,
    own_nodes,
    position_of,
    raised_unchanged,
    store,
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
        return FunctionNormaliser(self.shared, node, source, shown).run()

    def class_body(self, node: ast.ClassDef) -> list[ast.stmt]:
        """Class bodies run at once and cannot suspend; the functions inside can. Returns what must stand before."""
        inner = TopLevel(self.shared, f"{self.prefix}{node.name}.")
        node.body = inner.block(node.body)
        return inner.before


class TopLevel(Block):
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


LITERALS = (ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Constant, ast.JoinedStr)
"""Iterables whose iterators run nothing of a script when they are dropped."""


class FunctionNormaliser(Block):
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
            entry = [at(self.node, EdgePoint(self._keyword_point(self.node, "entry", 3)))]
        body = self.block(self.node.body)
        cut = has_docstring(body)
        self.node.body = [*body[:cut], *entry, *body[cut:]]
        self.made.nesting = self.deepest
        return self.node

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

    def _keyword_point(self, node: ast.AST, kind: str, width: int) -> Point:
        line, _, column, _ = position_of(node)
        return self.point(node, kind, (line, line, column, column + width))

    def _suspends(self, *nodes: ast.AST) -> bool:
        return any(self.colours.suspends(n) for n in nodes)

    def _has_points(self, statements: list[ast.stmt]) -> bool:
        return any(
            self.colours.is_point(n) or isinstance(n, ast.While | ast.For | ast.With | _Leaving)
            for s in statements
            for n in nodes_in_frame(s)
        )

    def statement(self, node: ast.stmt) -> None:
        handler = getattr(self, f"_do_{type(node).__name__}", None)
        if handler is None:
            self.out.append(node)
        else:
            handler(node)

    # -- simple statements ------------------------------------------------------------------------------------------

    def _value_into(self, place: ast.AST, target: str, value: ast.expr) -> None:
        """`target = value` with the point as the statement itself where the value is a suspending call."""
        if isinstance(value, ast.Call) and value in self.colours.suspending:
            self.flattener.call_point(target, value)
        elif isinstance(value, ast.Yield | ast.YieldFrom):
            self.flattener.yield_point(target, value)
        else:
            self.emit(place, assign(store(target), self.flattener.flatten(value)))

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
        if not self._suspends(*node.targets):
            if len(node.targets) == 1 and isinstance(target, ast.Name) and not self.is_global(target.id):
                self._value_into(node, target.id, node.value)
            else:
                node.value = self.flattener.flatten(node.value)
                self.out.append(node)
            return
        value = self.temporary("value")
        self._value_into(node, value, node.value)
        for target in node.targets:
            self._store(target, at(node, load(value)))

    def _store(self, target: ast.expr, value: ast.expr) -> None:
        """`target = value` where the target's own expressions may suspend."""
        if isinstance(target, ast.Tuple | ast.List) and self._suspends(target):
            parts = [self.temporary("part") for _ in target.elts]
            stores: list[ast.expr] = [
                ast.Starred(store(p), ast.Store()) if isinstance(e, ast.Starred) else store(p)
                for p, e in zip(parts, target.elts, strict=True)
            ]
            self.emit(target, assign(ast.Tuple(stores, ast.Store()), value))
            for part, element in zip(parts, target.elts, strict=True):
                self._store(
                    element.value if isinstance(element, ast.Starred) else element, at(target, load(part))
                )
        else:
            self.emit(target, assign(self._place(target), value))

    def _place(self, target: ast.expr) -> ast.expr:
        """A target with its own expressions flattened."""
        if self._suspends(target):
            if isinstance(target, ast.Attribute):
                target.value = self.flattener.flatten(target.value)
            elif isinstance(target, ast.Subscript):
                target.value, target.slice = self.flattener.sequence([target.value, target.slice])
        return target

    def _do_AugAssign(self, node: ast.AugAssign) -> None:
        if not self._suspends(node.target, node.value):
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
            self.emit(node, ast.Delete([self._place(target)]))

    def _do_Assert(self, node: ast.Assert) -> None:
        if not self._suspends(node.test, *([node.msg] if node.msg else [])):
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

    # -- leaving: return, break, continue ---------------------------------------------------------------------------

    def _do_Return(self, node: ast.Return) -> None:
        if self.finals:
            result = self.temporary("return")
            self._value_into(node, result, node.value or at(node, none()))
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
        edge = at(node, EdgePoint(self._keyword_point(node, "loop", 5)))
        if not self._suspends(node.test):
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
        edge = at(node, EdgePoint(self._keyword_point(node, "loop", 3)))
        target, extra = node.target, list[ast.stmt]()
        if self._suspends(target):
            item = self.temporary("item")
            extra = self.collected(lambda: self._store(node.target, at(node.target, load(item))))
            target = at(node.target, store(item))
        body, orelse = [edge, *extra, *self._loop_body(node.body)], self.block(node.orelse)
        loop = at(node, ast.For(target, at(node.iter, load(iterator)), body, orelse))
        forget = at(node, assign(store(iterator), none()))
        self.out += [loop, forget] if kept_inside else [at(node, ast.Try([loop], [], [], [forget]))]

    def _is_range(self, node: ast.expr) -> bool:
        called = node.func if isinstance(node, ast.Call) else None
        return isinstance(called, ast.Name) and called.id == "range" and self.is_global("range")

    def unroll(self, node: ast.ListComp | ast.SetComp | ast.DictComp) -> ast.expr:
        """A comprehension that may suspend becomes a loop that fills a hidden local."""
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
        if not any(c.guard is not None and self._suspends(c.guard) for c in node.cases):
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

    # -- try and with -----------------------------------------------------------------------------------------------

    def _do_Try(self, node: ast.Try) -> None:
        if node.finalbody and self._has_points(node.finalbody):
            self._try_with_suspending_finally(node)
        else:
            self._guarded_try(node)

    def _guarded_try(self, node: ast.Try) -> None:
        body = self.block(node.body)
        handlers = [self._handler(h) for h in self._handlers_with_plain_types(node)]
        self.emit(node, GuardedTry(body, handlers, self.block(node.orelse), self.block(node.finalbody)))

    def _handlers_with_plain_types(self, node: ast.Try) -> list[ast.ExceptHandler]:
        """Where the type of a handler may suspend, one handler for everything that asks them one by one."""
        if not any(h.type is not None and self._suspends(h.type) for h in node.handlers):
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
        if not self._has_points(node.body):
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
            _Leaving(item, "exit_error", swallowed, manager, [at(node, d) for d in details]),
            at(node, ast.If(load(swallowed), [ast.Pass()], [ast.Raise(None, None)])),
        ]
        handler = at(node, ast.ExceptHandler(None, error, on_error))
        leave = _Leaving(item, "exit", None, manager, [at(node, none()) for _ in range(3)])
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

    def _do__Leaving(self, node: _Leaving) -> None:
        self._special_call(node.item, node.kind, node.target, node.manager, node.arguments)

    def _do_TryStar(self, node: ast.TryStar) -> None:
        parts = [*node.finalbody, *(s for h in node.handlers for s in h.body)]
        if self._has_points(parts) or any(self._suspends(h.type) for h in node.handlers if h.type):
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


class _Leaving(ast.stmt):
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


def _as_load(target: ast.expr) -> ast.expr:
    """The same place, read instead of written."""
    if isinstance(target, ast.Attribute):
        return at(target, ast.Attribute(target.value, target.attr, ast.Load()))
    if isinstance(target, ast.Subscript):
        return at(target, ast.Subscript(target.value, target.slice, ast.Load()))
    assert isinstance(target, ast.Name)
    return at(target, load(target.id))
