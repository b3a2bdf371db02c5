"""Emit a normalised function as code for an engine: the native form or the coroutine form.

The one idea: every function of a script is its native form, a plain function that native code may call back; one that
can suspend also has a twin, the same statements as a coroutine. Call sites of a twin call twins. So a value of type
function is right wherever it goes, and only how a microthread was started decides which form runs. Expressions are
shared with the normalised tree, which is never changed here.
"""

from __future__ import annotations

import ast
from typing import Literal, TypeAlias, TypeVar

from migrate.injector.boxes import is_box
from migrate.injector.residual import ERROR, LOCALS, VALUE
from migrate.injector.shared import Function, Shared
from migrate.injector.tree import (
    TYPE_PARAMETERS,
    CallPoint,
    EdgePoint,
    GuardedTry,
    NoticingTry,
    Point,
    ResumePoint,
    YieldPoint,
    assign,
    at,
    call,
    has_docstring,
    load,
    nodes_in_frame,
    none,
    set_position,
    store,
    support,
)

CALL, TWIN, LEAK, CONTEXT = "$$call", "$$twin", "$$leak", "$$context"
"""What a call of unknown colour gave; the twin of a method that is about to be called; an exception being looked at;
the context of one that is raised again. Never part of a frame."""

COMPILED, COROUTINE = "$compiled", "$coroutine"
"""What a plain residual, and what a coroutine form is called while it is compiled; under its own name its body would
find itself.

A coroutine form is compiled as a generator and marked as a coroutine afterwards (`codes`): so it can hand out a value
with a bare `yield`, where an `await` needs an object to be awaited, which makes a switch twice as long.
"""

Form: TypeAlias = Literal["native", "coroutine"]
Expression = TypeVar("Expression", bound=ast.expr)

TWIN_PREFIX = "$twin."
"""Global name of a static function's twin: `$twin.name`."""

NEVER_GENERATOR_EXIT = frozenset(
    name
    for name, value in vars(__import__("builtins")).items()
    if isinstance(value, type) and issubclass(value, Exception)
)


MARKER = "$function:"
"""Prefix of the unused local by which a code object is recognised as function `index` of its program."""


class Emitter:
    """Emits one function's statements in one form; `function` None: a module's."""

    def __init__(self, shared: Shared, form: Form, function: Function | None) -> None:
        self.shared, self.form, self.function = shared, form, function

    def block(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        """Statements of any block, emitted."""
        return [emitted for s in statements for emitted in self._statement(s)]

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:
        match node:
            case CallPoint():
                return self._call_point(node)
            case YieldPoint():
                return [self._yield_point(node)]
            case EdgePoint():
                return [self._edge(node)]
            case ResumePoint():
                return self._resume(node)
            case GuardedTry():
                return [self._guarded_try(node)]
            case ast.Try() if self.function is None:
                return [self._guarded_try(node)]
            case ast.FunctionDef():
                return [self.definition(node)]
        return [self._rebuilt(node)]

    def _rebuilt(self, node: ast.stmt) -> ast.stmt:
        """The same statement with its blocks emitted."""
        fields = dict(ast.iter_fields(node))
        for name in ("body", "orelse", "finalbody"):
            if fields.get(name):
                fields[name] = self.block(fields[name])
        for name in ("handlers", "cases"):
            if name in fields:
                fields[name] = [self._part(p) for p in fields[name]]
        return ast.copy_location(type(node)(**fields), node)

    def _part(self, node: ast.AST) -> ast.AST:
        fields = dict(ast.iter_fields(node))
        fields["body"] = self.block(fields["body"])
        return ast.copy_location(type(node)(**fields), node)

    # -- functions --------------------------------------------------------------------------------------------------

    def definition(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """A nested definition: always the native form, which is what a script sees as its function."""
        function = self.shared.of_node[node]
        fields = dict(ast.iter_fields(node))
        fields["body"] = function_body(self.shared, "native", function)
        return ast.copy_location(ast.FunctionDef(**fields), node)

    # -- points -----------------------------------------------------------------------------------------------------

    def _call_point(self, node: CallPoint) -> list[ast.stmt]:
        calling = _positioned(ast.Call(node.call.func, node.call.args, node.call.keywords), node.point)
        if self.form == "native":
            return [_bound(node, node.target, calling)]
        static = self._static_twin(calling.func)
        if static is not None:
            calling.func = static
            return [_bound(node, node.target, _awaited(calling, node.point))]
        method = self._method(calling)
        if method is not None:
            return self._method_call(node, calling, method)
        return self._unknown_call(node, calling)

    def _static_twin(self, callee: ast.expr) -> ast.expr | None:
        colours = self.shared.colours
        if not isinstance(callee, ast.Name) or callee.id not in colours.static or self.function is None:
            return None
        if colours.changes_functions:
            return None
        if colours.scopes[self.function.source].owner_of(callee.id) is not None or not colours.has_twin(
            colours.static[callee.id]
        ):
            return None
        return at(callee, load(TWIN_PREFIX + callee.id))

    def _method(self, calling: ast.Call) -> ast.Attribute | None:
        """The callee where it is `name.method(…)` and no instance can hide the method of its class."""
        callee = calling.func
        if not isinstance(callee, ast.Attribute) or not isinstance(callee.value, ast.Name):
            return None
        colours = self.shared.colours
        is_unsure = (
            colours.hides_methods
            or colours.changes_functions
            or is_box(callee.value.id)
            or callee.attr in colours.attributes_stored
        )
        return None if is_unsure else callee

    def _method_call(self, node: CallPoint, calling: ast.Call, method: ast.Attribute) -> list[ast.stmt]:
        receiver = method.value
        may_ask = method.attr in self.shared.colours.waiting
        table = support(f"{'waits' if may_ask else 'methods'}:{method.attr}")
        found = ast.Subscript(table, call(support("type"), receiver), ast.Load())
        twin_call = _positioned(ast.Call(load(TWIN), [receiver, *calling.args], calling.keywords), node.point)
        by_twin = (
            self._asked_or_awaited(node, twin_call)
            if may_ask
            else [_bound(node, node.target, _awaited(twin_call, node.point))]
        )
        plain = _bound(node, node.target, calling)
        test = ast.Compare(load(TWIN), [ast.Is()], [none()])
        return [at(node, assign(store(TWIN), found)), at(node, ast.If(test, [plain], by_twin))]

    def _asked_or_awaited(self, node: CallPoint, calling: ast.Call) -> list[ast.stmt]:
        """What a waiting call asks for is handed out here, without a coroutine in between that does it."""
        awaited = _bound(node, node.target, _awaited(at(node, load(CALL)), node.point))
        asked = _bound(node, node.target, _positioned(ast.Yield(load(CALL)), node.point))
        return [
            _bound(node, CALL, calling),
            at(node, ast.If(_is_coroutine(), [awaited], [asked])),
            at(node, assign(store(CALL), none())),
        ]

    def _unknown_call(self, node: CallPoint, calling: ast.Call) -> list[ast.stmt]:
        """Call what may be anything: built-in functions at once, others by their twins if they have one."""
        callee = calling.func
        directly = _positioned(ast.Call(load(TWIN), calling.args, calling.keywords), node.point)
        calling.func = call(support("twin"), load(TWIN))
        is_builtin = ast.Compare(call(support("type"), load(TWIN)), [ast.Is()], [support("builtin")])
        waits = _bound(node, node.target, _awaited(at(node, load(CALL)), node.point))
        plain = [] if node.target is None else [_bound(node, node.target, load(CALL))]
        forget = at(node, assign(store(CALL), none()))
        by_twin = [
            _bound(node, CALL, at(node, calling)),
            at(node, ast.If(_is_coroutine(), [waits], plain)),
            forget,
        ]
        return [
            at(node, assign(store(TWIN), callee)),
            at(node, ast.If(is_builtin, [_bound(node, node.target, directly)], by_twin)),
        ]

    def _yield_point(self, node: YieldPoint) -> ast.stmt:
        kind = ast.YieldFrom if node.delegates else ast.Yield
        return _bound(node, node.target, _positioned(kind(node.value), node.point))

    def _edge(self, node: EdgePoint) -> ast.stmt:
        due: ast.expr = ast.Attribute(support("CONTROL"), "due", ast.Load())
        if self.form == "native":
            edge = _positioned(call(ast.Attribute(support("CONTROL"), "edge", ast.Load())), node.point)
            return at(node, ast.If(due, [ast.Expr(edge)], []))
        every = ast.Attribute(support("CONTROL"), "every", ast.Load())
        is_last = ast.BoolOp(ast.Or(), [every, call(ast.Attribute(support("CONTROL"), "tick", ast.Load()))])
        suspend = _positioned(ast.Yield(support("PREEMPTED")), node.point)
        return at(node, ast.If(ast.BoolOp(ast.And(), [due, is_last]), [ast.Expr(suspend)], []))

    def _resume(self, node: ResumePoint) -> list[ast.stmt]:
        """The error is raised here and by no helper, which would stand in its traceback; see `redo`."""
        failed = ast.Compare(load(ERROR), [ast.IsNot()], [none()])
        context = ast.Attribute(load(ERROR), "__context__", ast.Load())
        again = ast.Raise(load(ERROR), None)
        set_position(again, node.point.position)
        put_back = assign(ast.Attribute(load(ERROR), "__context__", ast.Store()), load(CONTEXT))
        forget = ast.Assign([store(ERROR), store(CONTEXT)], none())
        raised: list[ast.stmt] = [
            assign(store(CONTEXT), context),
            ast.Try([again], [], [], [put_back, forget]),
        ]
        result: list[ast.stmt] = [ast.If(failed, raised, [])]
        if node.target is not None:
            result.append(assign(store(node.target), load(VALUE)))
        result.append(ast.Assign([store(VALUE), store(ERROR)], none()))
        return [at(node, s) for s in result]

    # -- try: nothing runs while a frame is discarded ----------------------------------------------------------------

    def _guarded_try(self, node: ast.Try) -> ast.stmt:
        handlers = [self._guarded_handler(h) for h in node.handlers]
        final = self.block(node.finalbody)
        if final:
            alive = ast.UnaryOp(ast.Not(), _discarding())
            final = [at(node, ast.If(alive, final, []))]
        body = self.block(node.body)
        if self.form == "coroutine" and self.shared.colours.leaks and _may_catch_stop_iteration(node):
            if isinstance(node, NoticingTry):
                handlers = [self._unleaking_notice(h) for h in handlers]
            else:
                body = [at(node, ast.Try(body, [at(node, _unleaking())], [], []))]
        return at(node, ast.Try(body, handlers, self.block(node.orelse), final))

    def _guarded_handler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        kind = node.type
        if not (isinstance(kind, ast.Name) and kind.id in NEVER_GENERATOR_EXIT):
            nothing = ast.Tuple([], ast.Load())
            kind = at(node, ast.IfExp(_discarding(), nothing, kind or support("BaseException")))
        return at(node, ast.ExceptHandler(kind, node.name, self.block(node.body)))

    def _unleaking_notice(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        """Gives a StopIteration its type back in the handler itself: the fewer blocks the better."""
        noted, *rest = node.body
        assert isinstance(noted, ast.Assign)
        noticed = noted.targets[0]
        assert isinstance(noticed, ast.Name)
        has_changed = ast.Compare(load(noticed.id), [ast.IsNot()], [call(support("current_error"))])
        undone: list[ast.stmt] = [
            assign(store(noticed.id), call(support("unleaked"), load(noticed.id))),
            ast.If(has_changed, [ast.Expr(call(support("redo"), load(noticed.id)))], []),
        ]
        return at(node, ast.ExceptHandler(node.type, node.name, [noted, *undone, *rest]))


UNRELATED_TO_LEAKS = NEVER_GENERATOR_EXIT - {"Exception", "StopIteration", "RuntimeError"}
"""Handlers of these neither want a StopIteration nor catch the RuntimeError that a coroutine makes of it."""


def _may_catch_stop_iteration(node: ast.Try) -> bool:
    types = [h.type for h in node.handlers]
    suspends = any(isinstance(n, CallPoint | ResumePoint) for s in node.body for n in nodes_in_frame(s))
    return suspends and any(not (isinstance(t, ast.Name) and t.id in UNRELATED_TO_LEAKS) for t in types)


def _unleaking() -> ast.ExceptHandler:
    """Around the body of a `try`: gives a StopIteration that left a coroutine its own type back."""
    undone: list[ast.stmt] = [ast.Expr(call(support("unleak"), load(LEAK))), ast.Raise(None, None)]
    return ast.ExceptHandler(support("RuntimeError"), LEAK, undone)


def _discarding() -> ast.expr:
    return ast.Attribute(support("CONTROL"), "discarding", ast.Load())


def _positioned(node: Expression, point: Point) -> Expression:
    """`node` at the point's own position, new nodes below it too."""
    set_position(node, point.position)
    return at(node, node)


def _is_coroutine() -> ast.expr:
    return ast.Compare(call(support("type"), load(CALL)), [ast.Is()], [support("coroutine")])


def _awaited(value: ast.expr, point: Point) -> ast.expr:
    return _positioned(ast.YieldFrom(value), point)


def _bound(place: ast.AST, target: str | None, value: ast.expr) -> ast.stmt:
    return at(place, ast.Expr(value) if target is None else assign(store(target), value))


def function_body(shared: Shared, form: Form, function: Function) -> list[ast.stmt]:
    """The emitted statements of a whole function: docstring, marker, global declarations, body."""
    body = function.node.body
    cut = has_docstring(body)
    emitted = Emitter(shared, form, function).block(body[cut:])
    return [*body[:cut], *opening(function, form), *emitted]


def opening(function: Function, form: Form) -> list[ast.stmt]:
    """What every code object of `function` starts with."""
    # The `yield` makes a generator of it, even where nothing is left that suspends.
    unused = none() if form == "native" else ast.Yield(None)
    mark = assign(store(f"{MARKER}{function.index}"), unused)
    statements: list[ast.stmt] = [ast.If(ast.Constant(False), [mark], [])]
    if function.globals:
        statements.append(ast.Global(sorted(function.globals)))
    return [at(function.node, s) for s in statements]


def twin_definition(shared: Shared, function: Function, free: tuple[str, ...]) -> ast.stmt:
    """The coroutine form, defined inside a function whose parameters are the free variables."""
    node = function.node
    body = function_body(shared, "coroutine", function)
    form = ast.FunctionDef(COROUTINE, _bare(node.args), body, [], None, None, **TYPE_PARAMETERS)
    return _in_factory(at(node, form), [*free])


def residual_definition(
    shared: Shared, function: Function, form: Form, body: list[ast.stmt], names: list[str]
) -> ast.stmt:
    """A residual: a function of the value or error to resume with, and of the frame's locals as a dict."""
    node = function.node
    emitted = Emitter(shared, form, function).block(body)
    statements = [*opening(function, form), *(at(node, s) for s in _unpacked(names)), *emitted]
    arguments = ast.arguments([], [ast.arg(n) for n in (VALUE, ERROR, LOCALS)], None, [], [], None, [])
    name = COROUTINE if form == "coroutine" else COMPILED
    definition = ast.FunctionDef(name, arguments, statements, [], None, None, **TYPE_PARAMETERS)
    return _in_factory(at(node, definition), [])


def _unpacked(names: list[str]) -> list[ast.stmt]:
    """Every local that the frame holds becomes a local again; the others stay unbound."""
    result: list[ast.stmt] = []
    for name in names:
        held = ast.Compare(ast.Constant(name), [ast.In()], [load(LOCALS)])
        item = ast.Subscript(load(LOCALS), ast.Constant(name), ast.Load())
        result.append(ast.If(held, [assign(store(name), item)], []))
    return [*result, assign(store(LOCALS), none())]


def _bare(arguments: ast.arguments) -> ast.arguments:
    """Parameters without annotations and defaults: those are put onto the function itself."""

    def plain(argument: ast.arg) -> ast.arg:
        return ast.copy_location(ast.arg(argument.arg), argument)

    return ast.arguments(
        [plain(a) for a in arguments.posonlyargs],
        [plain(a) for a in arguments.args],
        plain(arguments.vararg) if arguments.vararg else None,
        [plain(a) for a in arguments.kwonlyargs],
        [None] * len(arguments.kwonlyargs),
        plain(arguments.kwarg) if arguments.kwarg else None,
        [],
    )


def _in_factory(definition: ast.stmt, free: list[str]) -> ast.stmt:
    arguments = ast.arguments([], [ast.arg(n) for n in free], None, [], [], None, [])
    return at(
        definition, ast.FunctionDef("$factory", arguments, [definition], [], None, None, **TYPE_PARAMETERS)
    )
