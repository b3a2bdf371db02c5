"""How deep the blocks of a function are nested once it is emitted: CPython compiles no more than twenty.

The one idea: a loop, a `with` or a `try` of an author is up to four blocks of emitted code, so a script may be refused
that CPython would take. It is refused when it is compiled, with its line, not when a frame of it arrives somewhere.
"""

from __future__ import annotations

import ast
from typing import Final, NamedTuple

BLOCKS_NESTED_MAX: Final = 19
"""CPython's own limit is 20; a residual raises what it is resumed with inside one block more."""

LOOKED_AT_MIN: Final = 5
"""An author's statements nested less deep than this are never too many."""


class Depth(NamedTuple):
    """`blocks` nested, of which the innermost begins in `line`."""

    blocks: int
    line: int

    def around(self, blocks: int) -> Depth:
        """The same inside so many more."""
        return Depth(self.blocks + blocks, self.line)


def nested_blocks(body: list[ast.stmt], line: int) -> Depth:
    """The deepest place in emitted statements, as CPython's compiler counts. `line`: of what they stand in."""
    return max((_depth_of(s, getattr(s, "lineno", line)) for s in body), default=Depth(0, line))


def _depth_of(node: ast.stmt, line: int) -> Depth:
    match node:
        case ast.For(body=body, orelse=orelse) | ast.While(body=body, orelse=orelse):
            return max(nested_blocks(body, line).around(1), nested_blocks(orelse, line))
        case ast.With(body=body):
            return nested_blocks(body, line).around(1)
        case ast.If(body=body, orelse=orelse):
            return max(nested_blocks(body, line), nested_blocks(orelse, line))
        case ast.Match(cases=cases):
            return max(nested_blocks(case.body, line) for case in cases)
        case ast.Try() | ast.TryStar():
            return _depth_of_try(node, line)
    return Depth(0, line)


def _depth_of_try(node: ast.Try | ast.TryStar, line: int) -> Depth:
    outer = bool(node.finalbody)
    # One block, but CPython compiles a `finally` twice, one inside another four times, and so on.
    handled = 3 if isinstance(node, ast.TryStar) else 2
    return max(
        nested_blocks(node.body, line).around(outer + bool(node.handlers)),
        nested_blocks(node.orelse, line).around(outer),
        nested_blocks(node.finalbody, line).around(2),
        *(nested_blocks(h.body, line).around(outer + handled) for h in node.handlers),
    )
