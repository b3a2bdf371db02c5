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


_names: dict[type, tuple[str, ...]] = {}


def _parts(root: ast.AST) -> list[str]:
    parts: list[str] = []
    stack: list[object] = [root]
    while stack:
        value = stack.pop()
        kind = type(value)
        if isinstance(value, ast.AST):
            names, values = _fields(value, kind)
            parts.append(f"({kind.__name__} {' '.join(names)}")
            stack += reversed(values)
        elif kind is list:
            parts.append(f"[{len(value)}")  # type: ignore[arg-type]  # told by its type
            stack += reversed(value)  # type: ignore[call-overload]  # the same
        else:
            parts.append(f"{kind.__name__} {value!r}")
    return parts


def _fields(node: ast.AST, kind: Any) -> tuple[list[str], list[object]]:
    """Names and values of what the node holds."""
    known = _names.get(kind)
    if known is None:
        known = _names[kind] = tuple(name for name in kind._fields if name not in LAYOUT_FIELDS)
    names, values = list[str](), list[object]()
    for name in known:
        value = getattr(node, name, None)
        if kind is ast.JoinedStr:
            value = _merged(value)
        if value is not None and value != []:
            names.append(name)
            values.append(value)
    return names, values


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
