"""`with`: suspension on entry, in the body and on exit, with and without an error that is swallowed or not."""

import contextlib
import sys


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


class Manager:
    def __init__(self, log, name, enters=True, exits=True, swallow=False):
        self.log, self.name, self.enters, self.exits, self.swallow = log, name, enters, exits, swallow

    def __enter__(self):
        if self.enters:
            pause()
        self.log.append(("enter", self.name))
        return self

    def __exit__(self, kind, error, trace):
        self.log.append(("exit", self.name, kind, (trace is None) == (error is None)))
        del trace
        if self.exits:
            pause()
        self.log.append((self.name, repr(error), repr(sys.exception())))
        return self.swallow


def _with(enters, exits, raises, swallow):
    log = []
    try:
        with Manager(log, "m", enters, exits, swallow) as manager:
            log.append(pause(manager.name))
            if raises:
                raise ValueError("body")
        log.append(pause("after"))
    except ValueError as error:
        log.append(repr(error))
    log.append(sys.exception())
    return log


def body_alone_suspends():
    return [_with(False, False, raises, swallow) for raises in (False, True) for swallow in (False, True)]


def entry_suspends():
    return [_with(True, False, raises, swallow) for raises in (False, True) for swallow in (False, True)]


def exit_suspends():
    return [_with(False, True, raises, swallow) for raises in (False, True) for swallow in (False, True)]


def entry_and_exit_suspend():
    return [_with(True, True, raises, swallow) for raises in (False, True) for swallow in (False, True)]


def the_manager_expression_suspends():
    log = []
    with pause(Manager(log, "a")) as a, Manager(log, pause("b")) as b:
        log.append((a.name, b.name))
    return log


class BrokenTheSecond(Manager):
    def __enter__(self):
        pause()
        raise KeyError("enter")


def the_second_fails_to_enter():
    log = []
    try:
        with Manager(log, "a"), BrokenTheSecond(log, "b"), Manager(log, "c"):
            log.append("wrong")
    except KeyError as error:
        log.append(repr(error))
    return log


class BrokenExitRaises(Manager):
    def __exit__(self, *error):
        pause()
        raise KeyError("exit")


def exit_raises_over_the_body():
    try:
        with BrokenExitRaises([], "a"):
            raise ValueError("body")
    except KeyError as error:
        pause()
        return repr(error), repr(error.__context__)


def the_inner_swallows_for_the_outer():
    log = []
    with Manager(log, "outer") as outer:
        with Manager(log, "inner", swallow=True):
            raise ValueError(pause(1))
        log.append(pause(outer.name))
    return log


def break_continue_and_return():
    log = []

    def f():
        for n in range(5):
            with Manager(log, n):
                if n == 0:
                    continue
                if n == 1:
                    break
        with Manager(log, "r"):
            return pause("value")

    return f(), log


def a_return_inside_nested_managers():
    log = []

    def f():
        with Manager(log, "a"):
            try:
                with Manager(log, "b"):
                    return pause(1)
            finally:
                log.append(pause("finally"))

    return f(), log


class PairTargetsOf(Manager):
    def __enter__(self):
        pause()
        return 1, (2, 3)


def targets_of_all_kinds():
    table, log = {}, []
    with PairTargetsOf(log, "p") as (a, (b, *c)), PairTargetsOf(log, "q") as table[pause("key")]:
        pause()
    return a, b, c, table


def parenthesised_managers():
    log = []
    with (
        Manager(log, "a") as a,
        Manager(log, "b", swallow=True),
    ):
        raise ValueError(pause(a.name))
    return log


def one_manager_entered_twice():
    log = []
    manager = Manager(log, "m")
    with manager:
        with manager as again:
            pause()
    return log, again is manager


class OddAManager:
    def __enter__(self):
        return pause("class")

    def __exit__(self, *error):
        return None


def a_manager_with_methods_on_its_class_only():
    odd = OddAManager()
    odd.__enter__ = lambda: "instance"
    with odd as value:
        pause()
    return value


def what_is_no_manager():
    try:
        with pause(3):
            pass
    except TypeError as error:
        return str(error)


def generator_manager_that_swallows():
    log = []

    @contextlib.contextmanager
    def managed(name):
        log.append(("in", name))
        try:
            yield name
        except ValueError as error:
            log.append(("caught", repr(error)))
        finally:
            log.append(("out", name))

    try:
        with managed("g") as name:
            pause(name)
            raise ValueError("body")
    except ValueError as error:
        log.append(repr(pause(error)))
    return log


def generator_manager_that_raises_again():
    log = []

    @contextlib.contextmanager
    def managed(name):
        log.append(("in", name))
        try:
            yield name
        except ValueError as error:
            log.append(("caught", repr(error)))
            raise
        finally:
            log.append(("out", name))

    try:
        with managed("g") as name:
            pause(name)
            raise ValueError("body")
    except ValueError as error:
        log.append(repr(pause(error)))
    return log


def generator_manager_without_an_error():
    log = []

    @contextlib.contextmanager
    def managed(name):
        log.append(("in", name))
        try:
            yield name
        finally:
            log.append(("out", name))

    with managed("a") as a:
        log.append(pause(a))
    pause()
    return log


def suppress():
    log = []
    for error in (KeyError(1), ValueError(2)):
        try:
            with contextlib.suppress(LookupError, TypeError):
                pause()
                raise error
            log.append("suppressed")
        except ValueError:
            log.append("not")
    return log


class ThingNullAnd:
    closed = False

    def close(self):
        self.closed = True


def closing():
    with contextlib.closing(ThingNullAnd()) as thing:
        pause()
        open_inside = thing.closed
    return open_inside, thing.closed


def exit_stack_in_a_loop():
    log = []
    with contextlib.ExitStack() as stack:
        for name in "ab":
            stack.enter_context(Manager(log, name, exits=False))
            pause()
    return log


def exit_stack_that_swallows():
    log = []
    with contextlib.ExitStack() as stack:
        stack.enter_context(Manager(log, "s", exits=False, swallow=True))
        stack.push(lambda *error: log.append(repr(error[1])))
        pause()
        raise ValueError("in the stack")
    return log


def a_manager_held_by_a_generator():
    log = []

    def items():
        with Manager(log, "g", enters=False, exits=False):
            yield from (1, 2, 3)

    source = items()
    log.append(next(source))
    pause()
    log.append(next(source))
    pause()
    source.close()
    return log


def a_suspended_manager_of_a_discarded_original_does_not_exit():
    log = []
    with Manager(log, "once", enters=False, exits=False):
        for n in range(3):
            log.append(pause(n))
    return log
