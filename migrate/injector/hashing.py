"""The hash of a program: over what it means, not how it is written down.

The one idea: walk the author's tree and feed names, constants and structure to SHA-256. Positions, comments, blank
lines, the file's name and fields that some versions of Python lack leave no trace, so a program has one hash on all.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator

HASH_DIGITS = 32
"""128 bits: a collision would need 2**64 programs."""

LAYOUT_FIELDS = frozenset({"type_comment", "kind", "ctx", "type_ignores"})
"""Fields that say how something was written, or that follow from where it stands."""


def program_hash(module: ast.Module) -> str:
    """32 hex digits."""
    digest = hashlib.sha256()
    for part in _parts(module):
        digest.update(part.encode("utf-8", "surrogatepass"))
        digest.update(b"\0")
    return digest.hexdigest()[:HASH_DIGITS]


def _parts(root: ast.AST) -> Iterator[str]:
    stack: list[object] = [root]
    while stack:
        value = stack.pop()
        if isinstance(value, ast.AST):
            fields = [
                (n, v) for n, v in _fields(value) if n not in LAYOUT_FIELDS and v is not None and v != []
            ]
            yield f"({type(value).__name__} {' '.join(name for name, _ in fields)}"
            stack.extend(v for _, v in reversed(fields))
        elif isinstance(value, list):
            yield f"[{len(value)}"
            stack.extend(reversed(value))
        else:
            yield f"{type(value).__name__} {value!r}"


def _fields(node: ast.AST) -> Iterator[tuple[str, object]]:
    for name, value in ast.iter_fields(node):
        yield name, _merged(value) if isinstance(node, ast.JoinedStr) and name == "values" else value


def _merged(parts: list[ast.expr]) -> list[ast.expr]:
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
