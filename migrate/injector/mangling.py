"""Names that mean something else inside a class, written out: private ones, and `super()`.

The one idea: the compiler would do both by itself, but only inside the class; twins and residuals are compiled outside
of it. What a private function or class is called (`__name__`) stays as it was written.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from migrate.injector.tree import SOURCE, Transformer, at, call, children_in_frame, support


class _Mangler(Transformer):
    """Writes `__name` inside a class as `_Class__name`, and `super()` with both its arguments."""

    def __init__(self) -> None:
        self.class_name: str | None = None
        self.first_argument: str | None = None
        self.inside_method = False
        self.private: dict[str, str] = {}

    def _mangled(self, name: str) -> str:
        if self.class_name is None or not name.startswith("__") or name.endswith("__") or "." in name:
            return name
        stripped = self.class_name.lstrip("_")
        return f"_{stripped}{name}" if stripped else name

    def _mangled_definition(self, name: str) -> str:
        """Of a function or class, which keeps the written one as its `__name__`."""
        mangled = self._mangled(name)
        if mangled != name:
            self.private[mangled] = name
        return mangled

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.decorator_list = [self.visit(d) for d in node.decorator_list]
        node.bases = [self.visit(b) for b in node.bases]
        node.keywords = [self.visit(k) for k in node.keywords]
        saved = self.class_name, self.inside_method
        written, node.name = node.name, self._mangled_definition(node.name)
        self.class_name, self.inside_method = written, False
        node.body = [self.visit(s) for s in node.body]
        self.class_name, self.inside_method = saved
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self._mangled_definition(node.name)
        return self._function(node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return self._function(node)

    def _function(self, node: ast.FunctionDef | ast.Lambda) -> ast.AST:
        for outside in children_in_frame(node, inside=False):
            self.visit(outside)
        positional = [*node.args.posonlyargs, *node.args.args]
        saved = self.first_argument, self.inside_method
        self.first_argument, self.inside_method = positional[0].arg if positional else None, True
        self.generic_visit(node)
        self.first_argument, self.inside_method = saved
        return node

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        first = node.generators[0]
        first.iter = self.visit(first.iter)
        saved, self.first_argument = self.first_argument, SOURCE
        self.generic_visit(node)
        self.first_argument = saved
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        bare_super = isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args
        if bare_super and self.inside_method and self.class_name:
            if self.first_argument is None:
                return at(node, call(support("no_arguments")))
            for name in ("__class__", self.first_argument):
                node.args.append(ast.copy_location(ast.Name(name, ast.Load()), node.func))
        self.generic_visit(node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._mangled(node.id)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        node.attr = self._mangled(node.attr)
        self.generic_visit(node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self._mangled(node.arg)
        self.generic_visit(node)
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        node.arg = self._mangled(node.arg) if node.arg else None
        self.generic_visit(node)
        return node

    def _names(self, node: ast.Global | ast.Nonlocal) -> ast.AST:
        node.names = [self._mangled(name) for name in node.names]
        return node

    visit_Global = _names
    visit_Nonlocal = _names

    def visit_alias(self, node: ast.alias) -> ast.AST:
        if node.asname:
            node.asname = self._mangled(node.asname)
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        node.name = self._mangled(node.name) if node.name else None
        self.generic_visit(node)
        return node

    def _capture(self, node: ast.MatchAs | ast.MatchStar) -> ast.AST:
        node.name = self._mangled(node.name) if node.name else None
        self.generic_visit(node)
        return node

    visit_MatchAs = _capture
    visit_MatchStar = _capture

    def visit_MatchMapping(self, node: ast.MatchMapping) -> ast.AST:
        node.rest = self._mangled(node.rest) if node.rest else None
        self.generic_visit(node)
        return node


def mangle(module: ast.Module, source: str) -> Mapping[str, str]:
    """Make private names and `super()` explicit, in place; most sources have neither.

    Returns the written name of each function and class that got another one.
    """
    mangler = _Mangler()
    if _TO_MANGLE.search(source):
        mangler.visit(module)
    return mangler.private


_TO_MANGLE = re.compile(r"\b__\w*(?<!__)\b|\bsuper\b")
