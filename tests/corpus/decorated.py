"""What a library's decorators make of a script's functions, at the top level and in classes, held across a suspension."""

import contextlib
import functools
import re


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


@contextlib.contextmanager
def noted(log):
    log.append("in")
    try:
        yield log
    finally:
        log.append("out")


@functools.lru_cache(None)
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


@functools.singledispatch
def kind(value):
    return pause("any")


@kind.register
def _(value: int):
    return pause("int")


class Holder:
    @contextlib.contextmanager
    def opened(self):
        yield pause(self)

    @functools.cached_property
    def made_once(self):
        return [pause(1)]

    @functools.singledispatchmethod
    def kind(self, value):
        return "any"

    @kind.register
    def _(self, value: int):
        return "int"

    three = functools.partialmethod(lambda self, n: pause(n), 3)


def context_manager():
    log, same = [], noted
    with noted(log) as held:
        held.append(pause("inside"))
    return log, same is noted


def context_manager_method():
    holder = Holder()
    with holder.opened() as same:
        pause()
    return same is holder


def cached_function():
    same = fibonacci
    first = pause(fibonacci(10))
    return first, same is fibonacci, same(12)


def dispatched_function():
    show, log = kind, []
    for value in (1, "a"):
        log.append(show(value))
        pause()
    return log, show is kind


def dispatched_method():
    holder = Holder()
    pause()
    return holder.kind(1), holder.kind("a"), holder.three()


def cached_property():
    holder = Holder()
    before = holder.made_once
    pause()
    return before is holder.made_once, before


def found_one_by_one():
    log = []
    for match in re.finditer(r"\d+", "a1b22c333"):
        log.append((pause(match.group()), match.span()))
    return log, [pause(m.start()) for m in re.compile("a").finditer("banana")]


class _Finder:
    def finditer(self, text):
        yield from text


def a_finditer_of_ones_own():
    letters = _Finder()
    return [pause(letter) for letter in letters.finditer("abc")]
