"""Programs made up at random: every construct that a script may hold, with suspending calls sprinkled in.

The one idea: a program is a list of statements over a few variables that always hold integers or lists of them, so any
mixture runs; what goes wrong on the way (a name unbound, a division by zero) is caught by some handler or comes out,
and is part of what is compared. Loops end by themselves. Hypothesis shrinks what fails to a few lines.
"""

from __future__ import annotations

import textwrap
from typing import Any

from hypothesis import strategies as st

NAMES = ("a", "b", "c", "d")
PRELUDE = '''
LOG = []

def pause(value):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    LOG.append(value)
    return value

class Manager:
    def __init__(self, swallow):
        self.swallow = swallow
    def __enter__(self):
        return pause(7)
    def __exit__(self, kind, error, trace):
        pause(kind is None)
        return self.swallow

class Cell:
    def __init__(self):
        self.value, self.items = 1, [1, 2, 3]
    def bump(self, by):
        self.value += pause(by)
        return self.value

CELL = Cell()

def numbers(n):
    try:
        for i in range(n):
            got = yield i
            if got:
                LOG.append(("got", got))
    finally:
        LOG.append(("closed", n))

'''

name = st.sampled_from(NAMES)
small = st.integers(0, 4).map(str)


def _expressions(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    triple = st.tuples(inner, inner, inner)
    return st.one_of(
        inner.map(lambda e: f"pause({e})"),
        st.tuples(inner, st.sampled_from(["+", "-", "*", "|", "//"]), inner).map(
            lambda p: f"({p[0]} {p[1]} {p[2]})"
        ),
        st.tuples(inner, st.sampled_from(["and", "or", "<", "==", "<="]), inner).map(
            lambda p: f"({p[0]} {p[1]} {p[2]})"
        ),
        triple.map(lambda p: f"({p[0]} <= {p[1]} < {p[2]})"),
        triple.map(lambda p: f"({p[0]} if {p[1]} else {p[2]})"),
        pair.map(lambda p: f"sum([{p[0]}, *[{p[1]}]])"),
        st.tuples(name, inner).map(lambda p: f"({p[0]} := {p[1]})"),
        inner.map(lambda e: f"len(f'{{{e}!r:>3}}')"),
        # Before Python 3.12 a name unbound in a comprehension is another error, so it names none.
        st.tuples(small, small).map(lambda p: f"sum([x + pause({p[0]}) for x in range(3) if pause({p[1]})])"),
        inner.map(lambda e: f"sum(x for x in [1, {e}])"),
        inner.map(lambda e: f"(lambda y: pause(y) + {e})(2)"),
        inner.map(lambda e: f"CELL.bump({e})"),
        pair.map(lambda p: f"{{'k': {p[0]}, 'l': {p[1]}}}['l']"),
        pair.map(lambda p: f"[10, 20, 30][min(2, max(0, {p[0]}))] + {p[1]}"),
        inner.map(lambda e: f"(not {e})"),
        inner.map(lambda e: f"helper({e})"),
    )


expression = st.recursive(st.one_of(small, name), _expressions, max_leaves=3)


def _indented(lines: list[str]) -> str:
    return textwrap.indent("\n".join(lines) or "pass", "    ")


def _blocks(inner: st.SearchStrategy[str], *, in_loop: bool) -> st.SearchStrategy[str]:
    block = st.lists(inner, min_size=1, max_size=3).map(_indented)
    raising = st.sampled_from(["ValueError", "KeyError", "ZeroDivisionError", "NameError", "Exception"])
    return st.one_of(
        st.tuples(expression, block, block).map(lambda p: f"if {p[0]}:\n{p[1]}\nelse:\n{p[2]}"),
        st.tuples(expression, block).map(lambda p: f"for {'a'} in range(min(3, abs(int({p[0]})))):\n{p[1]}"),
        st.tuples(block, block).map(lambda p: f"for b in numbers(2):\n{p[0]}\nelse:\n{p[1]}"),
        st.tuples(name, block).map(lambda p: f"for _w in [0, 1]:\n    {p[0]} = pause(_w)\n{p[1]}"),
        st.tuples(block, raising, block, block).map(
            lambda p: (
                f"try:\n{p[0]}\nexcept {p[1]} as error:\n    LOG.append(type(error).__name__)\n{p[2]}\nfinally:\n{p[3]}"
            )
        ),
        st.tuples(block, raising, block, block).map(
            lambda p: f"try:\n{p[0]}\nexcept {p[1]}:\n{p[2]}\n    raise\nelse:\n{p[3]}"
        ),
        st.tuples(st.booleans(), block).map(lambda p: f"with Manager({p[0]}) as c:\n{p[1]}"),
        st.tuples(expression, block, block).map(
            lambda p: (
                f"match {p[0]}:\n    case 0 | 1 if pause(1):\n{textwrap.indent(p[1], '    ')}\n    case int(c):\n"
                f"{textwrap.indent(p[2], '    ')}\n    case _:\n        pass"
            )
        ),
        st.tuples(block, name).map(
            lambda p: (
                f"def inner(z):\n    nonlocal_free = z\n{p[0]}\n    return {p[1]}\nLOG.append(inner(pause(3)))"
            )
        ),
    )


def _simple(*, in_loop: bool) -> st.SearchStrategy[str]:
    kinds = [
        st.tuples(name, expression).map(lambda p: f"{p[0]} = {p[1]}"),
        st.tuples(name, st.sampled_from(["+", "-", "*"]), expression).map(lambda p: f"{p[0]} {p[1]}= {p[2]}"),
        st.tuples(name, name, expression, expression).map(lambda p: f"{p[0]}, {p[1]} = {p[2]}, {p[3]}"),
        st.tuples(name, expression).map(lambda p: f"{p[0]}, *rest = [{p[1]}, 5, 6]"),
        expression.map(lambda e: f"LOG.append({e})"),
        expression.map(lambda e: f"CELL.items[pause(0)] += {e}"),
        expression.map(lambda e: f"CELL.value = {e}"),
        name.map(lambda n: f"del {n}"),
        st.tuples(expression, expression).map(lambda p: f"assert {p[0]}, {p[1]}"),
        expression.map(lambda e: f"raise ValueError({e})"),
        expression.map(lambda e: f"return {e}"),
    ]
    if in_loop:
        kinds += [st.just("break"), st.just("continue")]
    return st.one_of(*kinds)


statement = st.recursive(_simple(in_loop=False), lambda inner: _blocks(inner, in_loop=False), max_leaves=5)


@st.composite
def programs(draw: Any) -> str:
    """The source of a program whose entry is `main`."""
    body = draw(st.lists(statement, min_size=1, max_size=5))
    # It must not call itself: twice would be for ever.
    helper = [line.replace("helper(", "pause(") for line in draw(st.lists(statement, min_size=1, max_size=2))]
    start = "    a, b, c, d = 1, 2, 3, 4\n"
    return (
        PRELUDE
        + f"def helper(a):\n    b = c = d = a\n{_indented(helper)}\n    return a\n\n"
        + f"def main():\n{start}{_indented(body)}\n    return a, b, LOG\n"
    )
