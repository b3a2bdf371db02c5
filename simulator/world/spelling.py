"""Methods of scripts that look like handlers and are none: `on_strat`.

The one idea: any method may be named `on_…`, so nothing is refused. One that nothing in its file mentions, and
whose name is nearly a handler's, is most likely a handler that will never be called; its author is told where
it stands and which one it may be.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from migrate import Module
from scripts_api import Script
from scripts_api.events import HANDLERS

LIKENESS_MIN: Final = 0.8
"""`on_strat`, `on_touched` and `ontouch` are that near to a handler; `on_tick` and `on_open` to none."""


def misspelt_handlers(module: Module) -> list[str]:
    """Return a remark for each."""
    tree = ast.parse(module.program.source)
    known = HANDLERS | set(_mentioned(tree))
    return [
        f"{module.program.filename}, line {method.lineno}: nothing calls {kind}.{method.name}. Is it meant to be"
        f" {near[0]}?"
        for kind, method in _methods(tree, module)
        if method.name not in known
        and (near := get_close_matches(method.name.lower(), sorted(HANDLERS), 1, LIKENESS_MIN))
    ]


def _mentioned(tree: ast.Module) -> Iterator[str]:
    """Every attribute that the file names, by a text too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _methods(tree: ast.Module, module: Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The methods of the script and of its states that begin like handlers, with the names of their classes."""
    for definition in tree.body:
        if isinstance(definition, ast.ClassDef) and _is_script(module.namespace.get(definition.name)):
            for each in definition.body:
                if isinstance(each, ast.FunctionDef) and each.name.lower().startswith("on"):
                    yield definition.name, each


def _is_script(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Script)
