"""`except*`: handlers that suspend."""

import sys
import traceback


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


def groups_reraised():
    out = []
    try:
        try:
            raise ExceptionGroup("g", [ValueError(1), KeyError(2), TypeError(3)])
        except* ValueError:
            pause()
            raise
        except* KeyError as e:
            pause()
            raise e
    except* TypeError as t:
        out.append(repr(pause(t)))
    except* (ValueError, KeyError) as e:
        out.append((repr(pause(e)), repr(e.__context__), repr(e.__cause__)))
    return out


def star_naked_error():
    try:
        try:
            raise KeyError(pause(1))
        except* KeyError as e:
            pause()
            kept = repr(e)
            raise
    except KeyError as k:
        return "naked", kept, _chain(k)
    except BaseExceptionGroup as g:
        return "group", kept, repr(g), _chain(g), _lines(g)


def _chain(e):
    out = []
    while e is not None:
        out.append((type(e).__name__, e.args, e.__suppress_context__, type(e.__cause__).__name__, getattr(e, "__notes__", None)))
        e = e.__cause__ or e.__context__
    return out


def _lines(e):
    return [(f.name, f.lineno) for f in traceback.extract_tb(e.__traceback__)]
