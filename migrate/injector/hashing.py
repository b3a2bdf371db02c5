"""The hash of a program: over what it means, not how it is written down.

The one idea: walk the author's tree and feed names, constants and structure to SHA-256. Positions, comments, blank
lines, the file's name and fields that some versions of Python lack leave no trace, so a program has one hash on all.
"""

from __future__ import annotations

import ast
import hashlib
from typing import Any

HASH_DIGITS = 32
"""128 bits: a collision would need 2**64 programs."""

LAYOUT_FIELDS = frozenset({"type_comment", "kind", "ctx", "type_ignores"})
"""Fields that say how something was written, or that follow from where it stands."""


def program_hash(module: ast.Module) -> str:
    """32 hex digits."""
    text = "\0".join([*_parts(module), ""])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:HASH_DIGITS]


_last_first = {
    kind: tuple(name for name in reversed(kind._fields) if name not in LAYOUT_FIELDS)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
"""The fields of each class of nodes in the order in which they are put on the stack."""


def _parts(root: ast.AST) -> list[str]:
    parts: list[str] = []
    stack: list[Any] = [root]
    while stack:
        value = stack.pop()
        kind = value.__class__
        if kind is ast.Name:
            parts.append(f"(Name id\0str {value.id!r}")
        elif kind in _last_first:
            parts.append(f"({kind.__name__} {' '.join(_push(value, kind, stack))}")
        elif kind is list:
            parts.append(f"[{len(value)}")
            stack += value[::-1]
        else:
            parts.append(f"{kind.__name__} {value!r}")
    return parts


def _push(node: ast.AST, kind: type[ast.AST], stack: list[Any]) -> list[str]:
    """Put what the node holds on the stack, the last field first; their names."""
    names, values = list[str](), node.__dict__
    if isinstance(node, ast.JoinedStr):
        values = {"values": _merged(node.values)}
    for name in _last_first[kind]:
        value = values.get(name)
        if value or (value is not None and value.__class__ is not list):
            names.append(name)
            stack.append(value)
    return names[::-1]


def _merged(parts: Any) -> list[ast.expr]:
    """An f-string's parts with neighbouring pieces of text joined: parsers differ in how they cut them."""
    merged: list[ast.expr] = []
    for part in parts:
        last = merged[-1] if merged else None
        if not isinstance(part, ast.Constant):
            merged.append(part)
        elif isinstance(last, ast.Constant):
            merged[-1] = ast.Constant(str(last.value) + str(part.value))
        elif part.value:
            merged.append(part)
    return merged
