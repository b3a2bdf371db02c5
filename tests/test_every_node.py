"""Every node of Python's syntax is proved, moving at every suspension, or refused with line and caret."""

from __future__ import annotations

import ast
import sys
import textwrap
from collections.abc import Iterator

import pytest

from migrate import compile_program
from migrate.engines import Engine
from migrate.errors import ScriptSyntaxError
from migrate.verify import verify

PAUSE = """
def pause(value=None):
    for _ in (1,):
        pass
    return value

class Thing:
    def __init__(self, **names):
        self.__dict__.update(names)
    def __getitem__(self, key):
        return key
    def __matmul__(self, other):
        return ("@", other)
    def __enter__(self):
        return pause(self)
    def __exit__(self, *error):
        return pause(True)
"""

PROVED = {
    "operators": """
        def main():
            a, b = pause(7), pause(3)
            log = [a + b, a - b, a * b, a / b, a // b, a % b, a ** b, a << b, a >> b, a | b, a ^ b, a & b]
            log += [Thing() @ pause(1), -a, +a, ~a, not pause(a)]
            log += [a < pause(b), a <= b, a > b, a >= b, a == b, a != b, a is b, a is not b]
            log += [a in [pause(a)], a not in ()]
            return log, a and pause(b) or pause(0)
    """,
    "augmented": """
        def main():
            n, box, items = 5, Thing(n=1), [1, 2]
            n += pause(1); n -= pause(1); n *= pause(2); n /= pause(2); n //= pause(1); n %= pause(4); n **= pause(2)
            m = 6
            m <<= pause(1); m >>= pause(1); m |= pause(1); m ^= pause(2); m &= pause(7)
            box.n += pause(1)
            items[pause(0)] += pause(1)
            thing = Thing()
            thing @= pause(1)
            return n, m, box.n, items, thing
    """,
    "statements": """
        import math
        from math import floor as down
        count = 0
        def main():
            global count
            total: int = pause(1)
            bare: str
            count, *rest = pause([1, 2, 3])
            a = b = pause([4])
            del a[pause(0)], rest
            assert pause(True), "never shown"
            def inner(x, /, y=pause(2), *args, z, **names) -> int:
                nonlocal total
                total += pause(x)
                return total, args, z, names
            if pause(0):
                pass
            elif pause(1):
                got = inner(1, 2, 3, z=4, w=5)
            else:
                got = None
            import string as text
            return got, b, count, total, math.pi, text.digits
    """,
    "loops": """
        def main():
            log = []
            for n in range(pause(4)):
                if n == 1:
                    continue
                if n == 3:
                    break
                log.append(pause(n))
            else:
                log.append("no break")
            while pause(len(log)) < 4:
                log.append("more")
            else:
                log.append("done")
            return log
    """,
    "errors": """
        def main():
            log = []
            try:
                try:
                    raise pause(KeyError("a")) from pause(ValueError("b"))
                except (KeyError, TypeError) as error:
                    log.append(repr(error.__cause__))
                    pause()
                    raise
                else:
                    log.append("else")
                finally:
                    log.append(pause("finally"))
            except Exception as error:
                log.append(error.args)
            try:
                raise ExceptionGroup("g", [ValueError(pause(1)), TypeError(2)])
            except* ValueError as group:
                log.append(pause(group.exceptions[0].args))
            except* TypeError:
                log.append(pause("type"))
            return log
    """,
    "with": """
        def main():
            with Thing(a=1) as first, Thing() as (second):
                pause()
                raise ValueError(pause(1))
            return first.a
    """,
    "match": """
        def main():
            log = []
            for subject in (0, None, [1, 2, 3], {"k": 1, "l": 2}, Thing(x=5), "text", (9,), 3.5):
                match pause(subject):
                    case 0 | 7:
                        log.append("or")
                    case None:
                        log.append("singleton")
                    case [first, *others] if pause(first) == 1:
                        log.append((first, others))
                    case {"k": value, **more}:
                        log.append((value, more))
                    case Thing(x=5 as five):
                        log.append(five)
                    case str() as words:
                        log.append(words)
                    case (9,):
                        log.append("value")
                    case _:
                        log.append(pause("any"))
            return log
    """,
    "expressions": """
        def main():
            items, key = [3, 1, 2], lambda n, m=pause(2): pause(n) * m
            made = [pause(n) for n in items if pause(n) > 1], {pause(n) for n in items}, {n: pause(n) for n in items}
            lazy = list(n * 2 for n in items)
            text = f"{pause('a')!r:>{pause(5)}} {key(1)=}"
            parts = items[pause(0):pause(3):pause(2)], [*items, *pause((4,))], {**{"a": 1}, pause("b"): 2}, (*items,)
            chosen = pause("yes") if (found := pause(3)) in items else pause("no")
            called = max(*items, key=key), dict(**{"x": pause(1)}, y=2), Thing()[pause(1), ...], Thing(a=pause(1)).a
            return made, lazy, text, parts, chosen, found, called, {1, pause(2)}, None, True, b"b", 1j
    """,
    "generators": """
        def numbers(n):
            got = yield pause(n)
            while got:
                got = yield got * 2
            return (yield from [pause("end")])
        def main():
            held = numbers(1)
            log = [next(held), held.send(pause(3)), held.send(0)]
            pause()
            return log, list(held)
    """,
    "classes": """
        def deco(kind):
            kind.seen = pause(True)
            return kind
        @deco
        class Base:
            x: int = 1
            @property
            def double(self):
                return self.x * pause(2)
        class Derived(Base, metaclass=type):
            def __init__(self):
                super().__init__()
                self.x = pause(4)
        def main():
            thing = Derived()
            pause()
            return thing.double, Derived.seen
    """,
    "layout": r"""
        def main():
            a = 1; b = pause(2) \
                + 3
            if pause(a): return a, b, "joined" " text", f"{'x' + pause('y')}"
            return
            never = pause()
    """,
}

if sys.version_info >= (3, 12):
    PROVED["type parameters"] = """
        type Alias[T] = list[T]
        def first[T: int, *Ts, **P](items: list[T]) -> T:
            return pause(items)[0]
        class Holder[T]:
            pass
        def main():
            pause()
            return first([1]), Alias.__name__, Holder.__name__
    """

REFUSED = {
    "async def f():\n    pass": "scripts need no 'async'",
    "def f():\n    async def g():\n        async for x in y: pass": "scripts need no 'async'",
    "async def f():\n    async with a: await b": "scripts need no 'async'",
}

EXPRESSIONS_OF_NO_SOURCE = {
    "FunctionType",
    "Interactive",
    "Expression",
    "Suite",
    "TypeIgnore",
    "FormattedValue",
}
"""Nodes of other modes of the parser, or of Python 2."""

ENGINES: list[tuple[Engine, ...]] = [("generator",), ("native",)]


def _nodes(source: str) -> set[str]:
    return {type(node).__name__ for node in ast.walk(ast.parse(textwrap.dedent(source)))}


def _concrete(kind: type[ast.AST]) -> Iterator[str]:
    """Names of the node classes of this Python that nothing is derived from."""
    below = [each for each in kind.__subclasses__() if each.__module__ in ("ast", "_ast")]
    if not below and kind is not ast.AST:
        yield kind.__name__
    for each in below:
        yield from _concrete(each)


@pytest.mark.parametrize("engines", ENGINES, ids=["generator", "native"])
@pytest.mark.parametrize("name", PROVED)
def test_it_moves_at_every_suspension(name: str, engines: tuple[Engine, ...]) -> None:
    """What plain Python leaves, the microthread leaves."""
    program = compile_program(PAUSE + textwrap.dedent(PROVED[name]), f"{name}.py")
    verdict = verify(program, every=1, engines=engines)
    assert verdict.difference is None
    assert ("", True) == (verdict.raised, verdict.restores > 0)


@pytest.mark.parametrize("source", REFUSED)
def test_it_is_refused_where_it_stands(source: str) -> None:
    """At compile time, with what to write instead."""
    with pytest.raises(ScriptSyntaxError, match=REFUSED[source]) as caught:
        compile_program(source, "script.py")
    assert "^" in str(caught.value)


def test_no_node_is_left_out() -> None:
    """A node that a later Python adds has to be decided on here."""
    proved = set[str]().union(*map(_nodes, [PAUSE, *PROVED.values()]))
    refused = set[str]().union(*map(_nodes, REFUSED))
    wanted = set(_concrete(ast.AST)) - EXPRESSIONS_OF_NO_SOURCE
    deprecated = {
        "Num",
        "Str",
        "Bytes",
        "NameConstant",
        "Ellipsis",
        "Index",
        "ExtSlice",
        "AugLoad",
        "AugStore",
        "Param",
    }
    assert set() == wanted - deprecated - proved - refused
