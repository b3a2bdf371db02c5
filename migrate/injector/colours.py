"""Which calls can suspend and which functions can, found by name over the whole script.

The one idea: a call may suspend if something of that name in the script may. Functions that loop, wait or call
something unknown are suspendable, and so is, by a fixpoint, whoever calls them. Where the analysis says "never" and
is mistaken, the function called runs as a plain one: right, but not preemptible there. Nothing is ever wrong by it.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping

from migrate.injector.prepare import BUILTIN_NAMES
from migrate.injector.scopes import COMPREHENSIONS, Scope
from migrate.injector.tree import children_in_frame, own_nodes, walk

EXPLICIT_SPECIALS = frozenset({"__call__", "__enter__", "__exit__"})
"""Special methods that emitted code calls by itself, so that they can suspend on either engine."""


class Colours:
    """The verdicts for one module: `suspending` calls, `twins`, expressions to unroll or lift."""

    def __init__(self, module: ast.Module, scopes: dict[ast.AST, Scope], waiting: frozenset[str]) -> None:
        self.scopes = scopes
        self.waiting = waiting
        self.functions = [n for n in scopes if isinstance(n, ast.FunctionDef | ast.Lambda | ast.GeneratorExp)]
        everything, of_module = walk(module), own_nodes(module)
        own = {n: own_nodes(n) for n in self.functions}
        self.generators = {n for n, nodes in own.items() if _generates(n, nodes)}
        # What a generator yields, a handler of that kind say, waits there and not below it.
        self.yielded = {n.value for n in everything if isinstance(n, ast.Yield)}
        self.by_name = self._functions_by_name()
        self.attributes_stored = self._attributes_stored(everything)
        mentioned = set(map(_name_in, everything))
        self.has_own_iterators = "__next__" in mentioned or any(
            f not in self.generators or f.decorator_list for f in self.by_name.get("__iter__", ())
        )
        self.hides_methods = not mentioned.isdisjoint(HIDE_METHODS)
        self.leaks = not mentioned.isdisjoint(RAISE_STOP_ITERATION)
        self.changes_functions = not mentioned.isdisjoint(PARTS_OF_FUNCTIONS)
        self.rebound = self._rebound_globals()
        self.module_scope = scopes[module]
        bindings = Counter(name for node in of_module for name in _names_bound_by(node))
        self._once = {n for n, times in bindings.items() if times == 1} - self.rebound
        if any(isinstance(n, ast.ImportFrom) and n.names[0].name == "*" for n in of_module):
            # It may bind any name anew.
            self._once = set()
        self.static = {
            s.name: s for s in module.body if isinstance(s, ast.FunctionDef) and self._is_for_ever(s)
        }
        self._classes = {s.name for s in module.body if isinstance(s, ast.ClassDef) and self._is_for_ever(s)}
        self.calls = {f: self._calls_of(f) for f in self.functions}
        self.recursive = self._recursive()
        self.suspendable: set[ast.AST] = self.recursive | {n for n, nodes in own.items() if _loops(n, nodes)}
        self._spread()
        self.suspending: set[ast.Call] = {
            call for calls in self.calls.values() for call, scope in calls if self._may_suspend(call, scope)
        }
        expressions = {f for f in self.functions if not isinstance(f, ast.FunctionDef)}
        self.stuck = {f for f in expressions if self._is_stuck(f)}
        self.lifted = expressions - self.stuck
        self._suspends: dict[ast.AST, bool] = {}

    # -- facts by name ----------------------------------------------------------------------------------------------

    def _functions_by_name(self) -> dict[str, list[ast.FunctionDef]]:
        by_name: dict[str, list[ast.FunctionDef]] = {}
        for node in self.functions:
            if isinstance(node, ast.FunctionDef):
                by_name.setdefault(node.name, []).append(node)
        return by_name

    def _attributes_stored(self, everything: list[ast.AST]) -> set[str]:
        """Attribute names that may hold any value: assigned or deleted anywhere, or assigned in a class body."""
        stored = {
            n.attr for n in everything if isinstance(n, ast.Attribute) and not isinstance(n.ctx, ast.Load)
        }
        for node, scope in self.scopes.items():
            if isinstance(node, ast.ClassDef):
                defined = {s.name for s in node.body if isinstance(s, ast.FunctionDef) and _undecorated(s)}
                stored |= scope.bound - defined
        return stored

    def _rebound_globals(self) -> set[str]:
        """Names that some function declares global."""
        rebound: set[str] = set()
        for scope in self.scopes.values():
            rebound |= scope.global_names
        return rebound

    def _is_for_ever(self, node: ast.FunctionDef | ast.ClassDef) -> bool:
        """Whether a top-level name always means this: one plain definition, never assigned again."""
        return node.name in self._once and not node.decorator_list

    # -- the fixpoint -----------------------------------------------------------------------------------------------

    def _calls_of(self, function: ast.AST) -> list[tuple[ast.Call, Scope]]:
        found: list[tuple[ast.Call, Scope]] = []

        def visit(node: ast.AST, scope: Scope) -> None:
            if isinstance(node, ast.Call):
                found.append((node, scope))
            for child in children_in_frame(node, inside=False):
                inner = self.scopes[child] if isinstance(child, COMPREHENSIONS) else scope
                visit(child, scope if isinstance(child, ast.GeneratorExp) else inner)

        for child in children_in_frame(function, inside=True):
            visit(child, self.scopes[child] if self._is_comprehension(child) else self.scopes[function])
        return found

    def _is_comprehension(self, node: ast.AST) -> bool:
        return isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp)

    def _spread(self) -> None:
        """Grow `suspendable` until nothing changes."""
        changed = True
        while changed:
            changed = False
            for function in self.functions:
                if function not in self.suspendable and any(
                    self._may_suspend(call, scope) for call, scope in self.calls[function]
                ):
                    self.suspendable.add(function)
                    changed = True

    def _may_suspend(self, call: ast.Call, scope: Scope) -> bool:
        match call.func:
            case ast.Name(id=name):
                return self._name_may_suspend(name, scope)
            case ast.Attribute(attr=name):
                return (
                    name in self.waiting
                    or name in self.attributes_stored
                    or any(self._is_suspendable(f) for f in self.by_name.get(name, ()))
                )
        return True

    def _name_may_suspend(self, name: str, scope: Scope) -> bool:
        if scope.owner_of(name) is not None:
            return True
        if name in self.static:
            return self._is_suspendable(self.static[name])
        if name in self._classes:
            return False
        if name not in self.module_scope.bound and name not in self.rebound:
            return name in self.waiting or name not in BUILTIN_NAMES
        return True

    def _is_suspendable(self, function: ast.FunctionDef) -> bool:
        """Whether calling it may suspend; calling a generator function does nothing yet."""
        return function in self.suspendable and function not in self.generators

    def _recursive(self) -> set[ast.AST]:
        """Functions that may reach themselves through calls, by name: they are preempted at their entry."""
        edges: dict[ast.AST, set[ast.FunctionDef]] = {
            f: {g for call, _ in self.calls[f] for g in self._targets(call)} for f in self.functions
        }
        return {f for f in self.functions if f not in self.generators and _reaches(f, edges)}

    def _targets(self, call: ast.Call) -> list[ast.FunctionDef]:
        match call.func:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return self.by_name.get(name, [])
        return []

    # -- verdicts ---------------------------------------------------------------------------------------------------

    def has_twin(self, function: ast.AST) -> bool:
        """Whether this function also gets a coroutine form."""
        if function not in self.suspendable or function in self.generators:
            return False
        if not isinstance(function, ast.FunctionDef):
            return True
        special = function.name.startswith("__") and function.name.endswith("__")
        return not special or function.name in EXPLICIT_SPECIALS

    def suspends(self, expression: ast.AST) -> bool:
        """Whether evaluating this may suspend, or holds something that must become a statement of its own."""
        known = self._suspends.get(expression)
        if known is None:
            parts = children_in_frame(expression, inside=False)
            known = self.is_point(expression) or any(self.suspends(part) for part in parts)
            self._suspends[expression] = known
        return known

    def is_point(self, node: ast.AST) -> bool:
        """A suspending call, a `yield`, or a lambda or generator expression that must be lifted."""
        if isinstance(node, ast.Call):
            return node in self.suspending
        return isinstance(node, ast.Yield | ast.YieldFrom) or node in self.lifted

    def is_untouched_builtin(self, name: str) -> bool:
        """Whether a name that no function binds is the built-in of that name wherever it stands."""
        return name in BUILTIN_NAMES and name not in self.module_scope.bound and name not in self.rebound

    def is_lifted(self, node: ast.AST) -> bool:
        """Lambdas and generator expressions that become nested functions: they and their frames may travel."""
        return node in self.lifted

    def _is_stuck(self, node: ast.AST) -> bool:
        """In a module or class body, and inside a comprehension or in need of the class that is being made."""
        scope, outermost, in_comprehension = self.scopes[node], node, False
        while not isinstance(scope.node, ast.Module | ast.ClassDef | ast.FunctionDef):
            outermost, in_comprehension = scope.node, in_comprehension or scope.is_comprehension
            assert scope.parent is not None
            scope = scope.parent
        if isinstance(scope.node, ast.FunctionDef):
            return False
        return in_comprehension or any(
            isinstance(n, ast.Name) and n.id == "__class__" for n in walk(outermost)
        )


HIDE_METHODS = frozenset({
    "setattr", "delattr", "vars", "exec", "eval", "__dict__", "__setattr__", "__delattr__", "__bases__",
})  # fmt: skip
"""By these an instance may get, under a name found at run time, a value that hides a method of its class, or a class
may get another method."""

RAISE_STOP_ITERATION = frozenset({"next", "send", "throw", "__next__", "StopIteration", "exec", "eval"})
"""By these a StopIteration may leave a function; CPython makes a RuntimeError of it where that is a coroutine."""

PARTS_OF_FUNCTIONS = frozenset({"__defaults__", "__kwdefaults__", "__code__"})
"""By these a function may get other defaults or another body."""


def _name_in(node: ast.AST) -> object:
    """The name that a node mentions, as a text too: it may be looked up at run time."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Constant(value=name):
            return name
        case ast.FunctionDef(name=name) | ast.alias(name=name):
            return name
    return None


def _undecorated(node: ast.FunctionDef) -> bool:
    return not node.decorator_list


def _names_bound_by(node: ast.AST) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return [name]
        case ast.alias(name=name, asname=asname):
            return [(asname or name).split(".")[0]]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return [name]
    return []


def _reaches(start: ast.AST, edges: Mapping[ast.AST, set[ast.FunctionDef]]) -> bool:
    seen: set[ast.AST] = set()
    stack: list[ast.AST] = list(edges[start])
    while stack:
        node = stack.pop()
        if node is start:
            return True
        if node not in seen:
            seen.add(node)
            stack.extend(edges[node])
    return False


def _generates(function: ast.AST, own: list[ast.AST]) -> bool:
    """Whether calling a function makes a generator. `own`: the nodes of its frame."""
    return isinstance(function, ast.GeneratorExp) or any(
        isinstance(n, ast.Yield | ast.YieldFrom) for n in own
    )


def _loops(function: ast.AST, own: list[ast.AST]) -> bool:
    """Whether a function may suspend by itself: at a loop's edge, or at the ends of a `with`."""
    return isinstance(function, ast.GeneratorExp) or any(
        isinstance(n, ast.While | ast.For | ast.With) for n in own
    )
