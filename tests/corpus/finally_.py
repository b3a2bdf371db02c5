"""`finally` that suspends, with everything that can be pending."""

import sys


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


def pending_error_goes_on():
    try:
        raise ValueError("first")
    finally:
        pause()


def pending_return_value():
    def f():
        try:
            return pause("value")
        finally:
            pause()

    return f()


def pending_break_and_continue():
    log = []
    for n in range(5):
        try:
            if n == 1:
                continue
            if n == 3:
                break
            log.append(n)
        finally:
            log.append(("finally", pause(n)))
    return log


def error_in_finally_chains():
    try:
        try:
            raise ValueError("first")
        finally:
            pause()
            raise KeyError("second")
    except KeyError as error:
        pause()
        return repr(error.__context__)


def return_in_finally_overrides():
    def f():
        try:
            raise ValueError("lost")
        finally:
            return pause("kept")

    return f()


def nested_finally_with_return():
    log = []

    def f():
        for n in range(3):
            try:
                try:
                    if n == 1:
                        return pause("out")
                finally:
                    log.append(("inner", pause(n)))
            finally:
                log.append(("outer", pause(n)))

    return f(), log


def bare_raise_after_a_suspension():
    try:
        try:
            raise ValueError("again")
        except ValueError:
            pause()
            raise
    except ValueError as error:
        pause()
        return repr(error), repr(error.__context__)


def handlers_in_handlers():
    log = []
    try:
        raise ValueError(1)
    except ValueError:
        pause()
        try:
            raise KeyError(2)
        except KeyError as inner:
            pause()
            log.append((repr(inner), repr(inner.__context__), repr(sys.exception())))
        pause()
        log.append(repr(sys.exception()))
    log.append(sys.exception())
    return log


def error_names_are_gone_after_the_handler():
    try:
        raise ValueError(1)
    except ValueError as error:
        kept = error
        pause()
    try:
        error
    except UnboundLocalError:
        return kept.args


def raise_from_in_a_handler():
    try:
        raise ValueError(pause(1))
    except ValueError as error:
        pause()
        raise KeyError(pause(2)) from error


def type_expressions_that_suspend():
    log = []
    for error in (ValueError(1), KeyError(2), TypeError(3)):
        try:
            try:
                raise error
            except pause(ValueError) as caught:
                log.append(("value", caught.args))
            except (pause(KeyError), IndexError):
                log.append("key")
        except TypeError:
            log.append("type")
    return log


def else_parts():
    log = []
    for fail in (0, 1):
        try:
            if pause(fail):
                raise ValueError
        except ValueError:
            log.append(pause("except"))
        else:
            log.append(pause("else"))
        finally:
            log.append(pause("finally"))
    return log


def error_in_else_is_not_caught():
    log = []
    try:
        try:
            pause()
        except ValueError:
            log.append("wrong")
        else:
            pause()
            raise ValueError("from else")
        finally:
            log.append("finally")
    except ValueError as error:
        log.append(error.args)
    return log


class Manager:
    def __init__(self, log, name, swallow=False):
        self.log, self.name, self.swallow = log, name, swallow

    def __enter__(self):
        pause()
        self.log.append(("enter", self.name))
        return self.name

    def __exit__(self, kind, error, trace):
        pause()
        self.log.append(("exit", self.name, kind, repr(error)))
        return self.swallow


def managers_that_swallow():
    log = []
    with Manager(log, "a"), Manager(log, "b", swallow=True) as name:
        log.append(pause(name))
        raise ValueError("swallowed")
    return log


def managers_and_exits():
    log = []

    def f():
        for n in range(3):
            with Manager(log, n):
                if n == 0:
                    continue
                pause()
                return n

    return f(), log


def manager_and_error():
    log = []
    try:
        with Manager(log, "a") as a, Manager(log, a + "b"):
            raise KeyError(pause("k"))
    except KeyError as error:
        log.append(error.args)
    return log


def context_manager_function():
    import contextlib

    log = []

    @contextlib.contextmanager
    def managed(name):
        log.append(("in", name))
        try:
            yield name.upper()
        finally:
            log.append(("out", name))

    with managed("x") as x, contextlib.suppress(ValueError), contextlib.ExitStack() as stack:
        stack.enter_context(Manager(log, "stacked"))
        log.append(pause(x))
        raise ValueError
    return log
