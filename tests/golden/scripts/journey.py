"""Kept for ever: the program of the golden records. It suspends in the middle of every kind of statement."""

import contextlib
import dataclasses
import enum
import itertools


class Phase(enum.Enum):
    OUT = 1
    BACK = 2


@dataclasses.dataclass
class Stop:
    name: str
    phase: Phase
    weight: float = 0.5


class Log:
    __slots__ = ("lines",)

    def __init__(self):
        self.lines = []

    def add(self, *parts):
        self.lines.append(" ".join(map(str, parts)))

    @contextlib.contextmanager
    def section(self, name):
        self.add("begin", name)
        try:
            yield name.upper()
        finally:
            self.add("end", name)


def numbers(first, log):
    try:
        while True:
            got = yield first
            first += got or 1
    finally:
        log.add("closed at", first)


def evens(limit):
    yield from (n for n in range(limit) if n % 2 == 0)
    return limit


def counter():
    total = 0

    def add(n=1, *, times=2):
        nonlocal total
        for _ in range(times):
            total += n
        return total

    return add


def factorial(n):
    return 1 if n < 2 else n * factorial(n - 1)


def risky(n):
    if n == 2:
        raise ValueError("two", n)
    return n


def loops(log):
    squares = [n * n for n in range(4)]
    found = {}
    for name, number in zip(("a", "b", "c"), itertools.count(10), strict=False):
        found[name] = number
    for name in found:
        log.add(name, found[name])
    remaining = 3
    while remaining:
        remaining -= 1
        if remaining == 1:
            continue
    else:
        log.add("loop done", remaining)
    return squares, found, {n for n in (1, 2, 3)}, frozenset("ab"), b"\x00\xff", 2**70, 1.5 - 2j


def errors(log):
    caught = []
    for n in range(4):
        try:
            caught.append(risky(n))
        except ValueError as error:
            for part in error.args:
                caught.append(part)
        finally:
            for _ in range(1):
                log.add("after", n)
    try:
        try:
            risky(2)
        except ValueError as error:
            raise KeyError("later") from error
    except KeyError as error:
        caught.append(type(error.__cause__).__name__)
    return caught


def generators(log):
    stream = numbers(1, log)
    got = [next(stream)]
    for step in (2, 3):
        got.append(stream.send(step))
    rest = evens(7)
    got += [n for n in rest]
    del stream
    return got


def managers(log):
    with log.section("one") as name, contextlib.suppress(ValueError):
        for n in range(3):
            log.add(name, n)
            risky(n)
    return name


def choose(value):
    match value:
        case {"kind": kind, **rest} if rest:
            return kind, rest
        case [first, *others]:
            total = 0
            for other in others:
                total += other
            return first, total
        case Stop(name=name, phase=Phase.BACK):
            return name
    return None


def main():
    log, add = Log(), counter()
    stops = [Stop("west", Phase.OUT), Stop("east", Phase.BACK, weight=2.0)]
    stops.append(stops[0])
    shared = {"log": log, "stops": stops}
    shared["self"] = shared
    result = [loops(log), errors(log), generators(log), managers(log)]
    result += [choose(each) for each in ({"kind": "k", "n": 1}, [1, 2, 3], stops[1])]
    result += [add(), add(3, times=1), factorial(5)]
    ordered = sorted(stops, key=lambda stop: (stop.weight, stop.name))
    result.append([stop.name for stop in ordered])
    result.append((shared["self"] is shared, shared["log"] is log, stops[0] is stops[2]))
    return result, log.lines
