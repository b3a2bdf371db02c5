"""Attribute names that all instances of a script's class share, so that each keeps its values only.

The one idea: CPython keeps the names of instances' attributes once for their class, but only those that are stored
before some thirty instances exist, and a region makes thousands before the first of them runs. So the first
instance is made at once and thrown away, with the attributes that the source stores: 150 bytes less for each script.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import islice
from typing import Final, TypeGuard

from migrate import Program
from scripts_api import Script

NAMES_SHARED_MAX: Final = 16
"""CPython shares 30 at most; each takes 8 bytes in every instance, whether it has the attribute or not."""


def share_names(kind: type[Script], program: Program) -> None:
    """Let the instances of a class share the names of their attributes, before there are any."""
    first = kind.__new__(kind)
    for name in islice(_stored_names(kind, program), NAMES_SHARED_MAX):
        # Not `setattr`: no code of the script runs.
        first.__dict__[name] = None


def _stored_names(kind: type[Script], program: Program) -> Iterator[str]:
    """The attributes that the methods of a class store, those of `on_start` first."""
    own = f"{kind.__name__}."
    methods = [each.source for name, each in program.functions.items() if name.startswith(own)]
    methods.sort(key=lambda method: getattr(method, "name", "") != "on_start")
    for method in methods:
        if isinstance(method, ast.FunctionDef) and method.args.args:
            own_name = method.args.args[0].arg
            yield from (node.attr for node in ast.walk(method) if _is_store(node, own_name))


def _is_store(node: ast.AST, own_name: str) -> TypeGuard[ast.Attribute]:
    """Whether it is where `self.name` is stored."""
    if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Store):
        return False
    return isinstance(node.value, ast.Name) and node.value.id == own_name
