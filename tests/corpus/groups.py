"""`except*`: handlers that suspend."""

import sys


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


def _group():
    return ExceptionGroup("all", [ValueError(1), ExceptionGroup("inner", [TypeError(2), KeyError(3)])])


def each_handler_gets_its_part():
    log = []
    try:
        pause()
        raise _group()
    except* ValueError as errors:
        pause()
        log.append(repr(errors))
    except* (TypeError, KeyError) as errors:
        pause()
        log.append(repr(errors))
    else:
        log.append("else")
    finally:
        pause()
        log.append("finally")
    return log


def what_is_left_goes_on():
    try:
        raise _group()
    except* TypeError:
        pause()


def a_single_exception_is_wrapped():
    log = []
    try:
        raise ValueError(pause("one"))
    except* ValueError as errors:
        pause()
        log.append((type(errors), errors.message, errors.exceptions[0].args))
    return log


def a_single_exception_of_another_kind_goes_on():
    try:
        raise ValueError(pause("one"))
    except* TypeError:
        pause()


def handlers_that_raise():
    try:
        raise _group()
    except* ValueError:
        pause()
        raise RuntimeError("new")
    except* KeyError:
        pause()
        raise


def nothing_raised():
    log = []
    try:
        pause()
    except* ValueError:
        pause()
    else:
        log.append(pause("else"))
    return log


def what_handlers_see():
    log = []
    try:
        raise _group()
    except* TypeError:
        pause()
        log.append(repr(sys.exception()))
    except* Exception:
        pause()
        log.append(repr(sys.exception()))
    log.append(sys.exception())
    return log
