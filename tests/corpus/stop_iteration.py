"""StopIteration that leaves a helper function, which a coroutine may not let out."""

import sys


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


class Reader:
    def __init__(self, items):
        self.source = iter(items)

    def advance(self):
        pause()
        return next(self.source)

    def twice(self):
        return self.advance(), self.advance()


def caught_by_the_caller():
    reader, log = Reader([1, 2]), []
    while True:
        try:
            log.append(reader.advance())
        except StopIteration as stop:
            log.append(repr(stop))
            break
    return log


def caught_two_levels_up_with_its_value():
    def values():
        yield 1
        return "end"

    reader, log = Reader(values()), []
    try:
        log.append(reader.twice())
    except RuntimeError:
        log.append("wrong")
    except StopIteration as stop:
        log.append(stop.value)
    return log


def not_caught():
    Reader([]).twice()


def a_real_runtime_error_stays_one():
    def fail():
        pause()
        raise RuntimeError("coroutine raised StopIteration") from KeyError("k")

    try:
        fail()
    except Exception as error:
        return type(error), error.__cause__


def through_a_finally_that_suspends():
    log = []

    def first(numbers):
        pause()
        return next(numbers)

    def guarded(numbers):
        try:
            return first(numbers)
        finally:
            log.append(repr(pause(sys.exception())))
            log.append(repr(sys.exception()))

    try:
        guarded(iter(()))
    except StopIteration as stop:
        pause()
        log.append((repr(stop.__context__), repr(stop.__cause__)))
    return log
