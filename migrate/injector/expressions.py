"""Flatten expressions: what may suspend becomes a statement of its own, in Python's order of evaluation.

The one idea: `flatten(e)` emits statements and returns an expression that completes `e` and cannot suspend. Where a
later operand may suspend, the earlier ones are saved in locals first, so that the value stack is empty at every
suspension point. Expressions without a suspension inside are returned untouched.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from migrate.injector.tree import (
    CallPoint,
    YieldPoint,
    assign,
    at,
    call,
    load,
    position_of,
    store,
    support,
)

if TYPE_CHECKING:
    from migrate.injector.blocks import FunctionBlock


class Flattener:
    """Flattens the expressions of one function; statements go to `owner.out`."""

    def __init__(self, owner: FunctionBlock) -> None:
        self.owner = owner
        self.colours = owner.shared.colours

    def flatten(self, node: ast.expr) -> ast.expr:
        """An expression that completes `node` and cannot suspend."""
        if not self.colours.suspends(node):
            return node
        flat: Callable[[ast.expr], ast.expr] = getattr(
            self, f"_flat_{type(node).__name__}", self._flat_by_fields
        )
        return flat(node)

    def saved(self, node: ast.expr) -> ast.expr:
        """The value of `node`, evaluated now, as something that later operands cannot change."""
        if isinstance(node, ast.Starred):
            unpacked = ast.List([ast.Starred(self.flatten(node.value), ast.Load())], ast.Load())
            return at(node, ast.Starred(self._keep(node, unpacked), ast.Load()))
        if isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and self._is_stable(node.id)):
            return node
        if isinstance(node, ast.Slice):
            return self._keep(node, self.slice_object(node))
        return self._keep(node, self.flatten(node))

    def slice_object(self, node: ast.Slice) -> ast.expr:
        """`a:b:c` as a value."""
        bounds = self.sequence(
            [b or at(node, ast.Constant(None)) for b in (node.lower, node.upper, node.step)]
        )
        return call(support("slice"), *bounds)

    def _keep(self, place: ast.AST, value: ast.expr) -> ast.expr:
        if isinstance(value, ast.Name) and value.id.startswith("$"):
            return value
        name = self.owner.temporary("kept")
        self.owner.emit(place, assign(store(name), value))
        return at(place, load(name))

    def _is_stable(self, name: str) -> bool:
        if name.startswith("$"):
            return True
        return name in self.owner.constant_parameters or (
            self.owner.is_global(name)
            and (name in self.colours.static or self.colours.is_untouched_builtin(name))
        )

    def sequence(self, nodes: list[ast.expr]) -> list[ast.expr]:
        """Operands evaluated left to right: all before the last that may suspend are saved."""
        last = max((i for i, n in enumerate(nodes) if self.colours.suspends(n)), default=-1)
        return [
            self.saved(n) if i < last else self.flatten(n) if i == last else n for i, n in enumerate(nodes)
        ]

    # -- calls and yields -------------------------------------------------------------------------------------------

    def call_point(self, target: str | None, node: ast.Call) -> None:
        """Emit `target = node` as a suspension point."""
        completed = self._completed_call(node)
        completed.func = self._simple_callee(completed.func)
        point = self.owner.point(node, "call", position_of(node))
        self.owner.made.callees[point.name] = completed.func
        self.owner.emit(node, CallPoint(target, completed, point))

    def _simple_callee(self, callee: ast.expr) -> ast.expr:
        """The callee as a name, or a method of a name: so that a stack read from outside shows who was called."""
        if isinstance(callee, ast.Name):
            return callee
        if isinstance(callee, ast.Attribute):
            if not isinstance(callee.value, ast.Name):
                callee.value = self._keep(callee.value, callee.value)
            return callee
        return self._keep(callee, callee)

    def _completed_call(self, node: ast.Call) -> ast.Call:
        operands = [node.func, *node.args, *(k.value for k in node.keywords)]
        if not any(self.colours.suspends(n) for n in operands):
            return node
        alone = node.args[0] if len(node.args) == 1 and isinstance(node.args[0], ast.Starred) else None
        given = node.args if alone is None else [alone.value]
        parts = self.sequence([node.func, *given, *self._keyword_unpackings(node)])
        arguments, values = parts[1 : 1 + len(given)], parts[1 + len(given) :]
        if alone is not None:
            # CPython unpacks it only when the keywords are there.
            arguments = [at(alone, ast.Starred(arguments[0], ast.Load()))]
        keywords = [at(k, ast.keyword(k.arg, v)) for k, v in zip(node.keywords, values, strict=True)]
        return at(node, ast.Call(parts[0], arguments, keywords))

    def _keyword_unpackings(self, node: ast.Call) -> list[ast.expr]:
        """Values of keywords; `**x` is copied when something after it may suspend, as Python unpacks it at once."""
        values = [k.value for k in node.keywords]
        last = max((i for i, v in enumerate(values) if self.colours.suspends(v)), default=-1)
        return [
            at(v, ast.Dict([None], [v])) if k.arg is None and i < last else v
            for i, (k, v) in enumerate(zip(node.keywords, values, strict=True))
        ]

    def yield_point(self, target: str | None, node: ast.Yield | ast.YieldFrom) -> None:
        """Emit `target = yield …` as a suspension point."""
        point_name = position_of(node)
        if isinstance(node, ast.Yield):
            value = self.flatten(node.value) if node.value else at(node, ast.Constant(None))
            point = self.owner.point(node, "yield", point_name)
            self.owner.emit(node, YieldPoint(target, value, point, delegates=False))
            return
        held = self.owner.temporary("delegate")
        self.owner.emit(node, assign(store(held), self.owner.shared.opened(self.flatten(node.value))))
        point = self.owner.point(node, "yield", point_name)
        self.owner.emit(node, YieldPoint(target, at(node, load(held)), point, delegates=True))
        self.owner.emit(node, assign(store(held), ast.Constant(None)))

    def _flat_Call(self, node: ast.Call) -> ast.expr:
        if node not in self.colours.suspending:
            return self._completed_call(node)
        target = self.owner.temporary("result")
        self.call_point(target, node)
        return at(node, load(target))

    def _flat_yield(self, node: ast.Yield | ast.YieldFrom) -> ast.expr:
        target = self.owner.temporary("sent")
        self.yield_point(target, node)
        return at(node, load(target))

    _flat_Yield = _flat_yield
    _flat_YieldFrom = _flat_yield

    # -- short circuits ---------------------------------------------------------------------------------------------

    def _branch(self, place: ast.AST, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt]) -> None:
        self.owner.emit(place, ast.If(test, body or [ast.Pass()], orelse))

    def _into(self, target: str, node: ast.expr) -> list[ast.stmt]:
        """Statements that evaluate `node` into `target`."""

        def work() -> None:
            self.owner.emit(node, assign(store(target), self.flatten(node)))

        return self.owner.collected(work)

    def _flat_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        target = self.owner.temporary("bool")

        def rest(values: list[ast.expr]) -> list[ast.stmt]:
            head = self._into(target, values[0])
            if len(values) == 1:
                return head
            read: ast.expr = load(target)
            test = read if isinstance(node.op, ast.And) else ast.UnaryOp(ast.Not(), read)
            return [*head, at(node, ast.If(test, rest(values[1:]), []))]

        self.owner.out.extend(rest(node.values))
        return at(node, load(target))

    def _flat_IfExp(self, node: ast.IfExp) -> ast.expr:
        test = self.flatten(node.test)
        target = self.owner.temporary("either")
        self._branch(node, test, self._into(target, node.body), self._into(target, node.orelse))
        return at(node, load(target))

    def _flat_Compare(self, node: ast.Compare) -> ast.expr:
        if len(node.ops) == 1:
            left, right = self.sequence([node.left, node.comparators[0]])
            return at(node, ast.Compare(left, node.ops, [right]))
        target = self.owner.temporary("chain")

        def rest(left: ast.expr, ops: list[ast.cmpop], rights: list[ast.expr]) -> list[ast.stmt]:
            following: list[ast.expr] = []

            def work() -> None:
                right = self.flatten(rights[0])
                if len(ops) > 1:
                    right = self._keep(rights[0], right)
                following.append(right)
                self.owner.emit(node, assign(store(target), ast.Compare(left, [ops[0]], [right])))

            statements = self.owner.collected(work)
            if len(ops) > 1:
                more = rest(following[0], ops[1:], rights[1:])
                statements.append(at(node, ast.If(load(target), more, [])))
            return statements

        self.owner.out.extend(rest(self.saved(node.left), node.ops, node.comparators))
        return at(node, load(target))

    # -- displays, f-strings, assignments in expressions ------------------------------------------------------------

    def _flat_by_fields(self, node: ast.expr) -> ast.expr:
        """Nodes whose operands are evaluated in the order of their fields and then combined at once."""
        slots = [(name, i, child) for name, i, child in _operands(node)]
        for (name, index, _), value in zip(slots, self.sequence([c for _, _, c in slots]), strict=True):
            if index is None:
                setattr(node, name, value)
            else:
                getattr(node, name)[index] = value
        return node

    def _flat_Dict(self, node: ast.Dict) -> ast.expr:
        operands: list[ast.expr] = []
        for key, value in zip(node.keys, node.values, strict=True):
            operands += [value] if key is None else [key, value]
        last = max(i for i, n in enumerate(operands) if self.colours.suspends(n))
        position = 0
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None and position < last:
                operands[position] = at(value, ast.Dict([None], [value]))
            position += 1 if key is None else 2
        parts = iter(self.sequence(operands))
        pairs = [(None if k is None else next(parts), next(parts)) for k in node.keys]
        return at(node, ast.Dict([k for k, _ in pairs], [v for _, v in pairs]))

    def _flat_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        last = max(i for i, n in enumerate(node.values) if self.colours.suspends(n))
        for index, part in enumerate(node.values[: last + 1]):
            if isinstance(part, ast.FormattedValue):
                self._flatten_formatted(part)
                if index < last:
                    text = self._keep(part, at(part, ast.JoinedStr([part])))
                    node.values[index] = at(part, ast.FormattedValue(text, -1, None))
        return node

    def _flatten_formatted(self, part: ast.FormattedValue) -> None:
        specification = part.format_spec
        if specification is not None and self.colours.suspends(specification):
            part.value = self.saved(part.value)
            part.format_spec = self.flatten(specification)
        else:
            part.value = self.flatten(part.value)

    def _flat_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        value = self._keep(node, self.flatten(node.value))
        self.owner.emit(node, assign(store(node.target.id), value))
        return value

    # -- nested functions -------------------------------------------------------------------------------------------

    def _flat_Lambda(self, node: ast.Lambda) -> ast.expr:
        parts = self.sequence([*node.args.defaults, *(d for d in node.args.kw_defaults if d)])
        defaults, rest = parts[: len(node.args.defaults)], iter(parts[len(node.args.defaults) :])
        node.args.defaults = defaults
        node.args.kw_defaults = [next(rest) if d else None for d in node.args.kw_defaults]
        if not self.colours.is_lifted(node):
            return node
        return self.owner.lift_lambda(node)

    def _flat_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        first = self.flatten(node.generators[0].iter)
        function = self.owner.lift_generator(node)
        return at(node, call(function, at(first, self.owner.shared.opened(first))))

    def _flat_comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp) -> ast.expr:
        return self.owner.unroll(node)

    _flat_ListComp = _flat_comprehension
    _flat_SetComp = _flat_comprehension
    _flat_DictComp = _flat_comprehension


def _operands(node: ast.expr) -> list[tuple[str, int | None, ast.expr]]:
    found: list[tuple[str, int | None, ast.expr]] = []
    for name, value in ast.iter_fields(node):
        if isinstance(value, ast.expr):
            found.append((name, None, value))
        elif isinstance(value, list):
            found += [(name, i, v) for i, v in enumerate(value) if isinstance(v, ast.expr)]
    return found
