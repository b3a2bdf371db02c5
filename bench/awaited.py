"""What an author would write for an event loop: the same program with its functions `async` and their calls awaited.

The one idea: a function becomes a coroutine if every use of its name is a call that may be awaited there. What Python
allows no `await` in (special methods, generators, lambdas, class bodies), and whatever is called from there, stays as
it is; an author could not write it otherwise either. So do methods that are called as those of lists and dicts are,
because here nobody knows which is meant.
"""

from __future__ import annotations

import ast
from io import StringIO

Function = ast.FunctionDef


def awaited(source: str) -> str:
    """The program's text with as many functions awaited as can be. `entry_` must be run to its end by `send`."""
    module = ast.parse(source)
    colours = _Colours(module)
    return ast.unparse(ast.fix_missing_locations(_Awaiter(colours.coroutines).visit(module)))


class _Colours(ast.NodeVisitor):
    """`coroutines`: names of the functions that can be coroutines."""

    def __init__(self, module: ast.Module) -> None:
        self.defined: dict[str, list[Function]] = {}
        self.around: list[Function | None] = [None]
        self.calls: list[tuple[str, Function | None]] = []
        self.stuck = {name for kind in (list, dict, set, str, bytes, StringIO) for name in dir(kind)}
        self.visit(module)
        self.coroutines = self._settled()

    def _settled(self) -> set[str]:
        """Take away what is called where nobody can await, until nothing changes."""
        left = {name for name in self.defined if name not in self.stuck}
        while True:
            fixed = {name for name, caller in self.calls if caller is None or caller.name not in left} & left
            if not fixed:
                return left
            left -= fixed

    def visit_FunctionDef(self, node: Function) -> None:
        """Its body is a place of its own."""
        self.defined.setdefault(node.name, []).append(node)
        special = node.name.startswith("__")
        if special or node.decorator_list or any(_yields(statement) for statement in node.body):
            self.stuck.add(node.name)
        for outside in (*node.decorator_list, *node.args.defaults):
            self.visit(outside)
        self._inside(node, node.body)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Nobody awaits in a class body."""
        self._inside(None, [*node.bases, *node.body])

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Nor in a lambda."""
        self._inside(None, [node.body])

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        """Nor in a generator expression that plain code is to read."""
        self._inside(None, [node.elt, *node.generators])

    def _inside(self, function: Function | None, parts: list[ast.stmt] | list[ast.AST]) -> None:
        self.around.append(function)
        for part in parts:
            self.visit(part)
        self.around.pop()

    def visit_Call(self, node: ast.Call) -> None:
        """A call by name can be awaited where it stands."""
        name = _called(node)
        if name is not None:
            self.calls.append((name, self.around[-1]))
        if isinstance(node.func, ast.Attribute):
            self.visit(node.func.value)
        elif name is None:
            self.visit(node.func)
        for part in (*node.args, *node.keywords):
            self.visit(part)

    def visit_Name(self, node: ast.Name) -> None:
        """Any other use: somebody may call it who does not await."""
        self.stuck.add(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """The same."""
        self.stuck.add(node.attr)
        self.visit(node.value)


class _Awaiter(ast.NodeTransformer):
    def __init__(self, coroutines: set[str]) -> None:
        self.coroutines = coroutines

    def visit_FunctionDef(self, node: Function) -> ast.AST:
        self.generic_visit(node)
        if node.name not in self.coroutines:
            return node
        return ast.AsyncFunctionDef(**dict(ast.iter_fields(node)))

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        return ast.Await(node) if _called(node) in self.coroutines else node


def _called(node: ast.Call) -> str | None:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return None


def _yields(node: ast.AST) -> bool:
    if isinstance(node, ast.Yield | ast.YieldFrom):
        return True
    if isinstance(node, ast.FunctionDef | ast.Lambda | ast.GeneratorExp):
        return False
    return any(_yields(child) for child in ast.iter_child_nodes(node))
