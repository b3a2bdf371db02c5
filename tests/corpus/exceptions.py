"""Exceptions in every part of `try`, and what is seen of them: chains, `sys.exception()`, names, traces."""

import sys
import traceback


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


def _parts(log, fails):
    """Every part suspends; `fails` tells which parts raise what."""

    def part(name):
        log.append((name, pause(repr(sys.exception()))))
        if name in fails:
            raise fails[name]

    try:
        part("body")
    except ValueError:
        part("handler")
    else:
        part("else")
    finally:
        part("finally")
    part("after")


def _tried(**fails):
    log = []
    try:
        _parts(log, {name.rstrip("_"): error for name, error in fails.items()})
    except Exception as error:
        pause()
        log.append((repr(error), repr(error.__context__), repr(sys.exception())))
    log.append(pause(sys.exception()))
    return log


def no_part_raises():
    return _tried()


def body_raises_what_is_caught():
    return _tried(body=ValueError("b"))


def body_raises_what_is_not_caught():
    return _tried(body=KeyError("b"))


def handler_raises():
    return _tried(body=ValueError("b"), handler=KeyError("h"))


def else_raises_what_the_handler_would_catch():
    return _tried(else_=ValueError("e"))


def finally_raises_alone():
    return _tried(finally_=KeyError("f"))


def finally_raises_after_a_caught_error():
    return _tried(body=ValueError("b"), finally_=KeyError("f"))


def finally_raises_over_an_error_in_flight():
    return _tried(body=KeyError("b"), finally_=ValueError("f"))


def finally_raises_over_an_error_of_the_handler():
    return _tried(body=ValueError("b"), handler=TypeError("h"), finally_=KeyError("f"))


def finally_raises_over_an_error_of_else():
    return _tried(else_=TypeError("e"), finally_=KeyError("f"))


def after_all_parts():
    return _tried(body=ValueError("b"), after=KeyError("a"))


def uncaught_from_the_body():
    _parts([], {"body": KeyError("b")})


def uncaught_from_the_handler():
    _parts([], {"body": ValueError("b"), "handler": KeyError("h")})


def uncaught_from_else():
    _parts([], {"else": ValueError("e")})


def uncaught_from_finally():
    _parts([], {"body": ValueError("b"), "handler": TypeError("h"), "finally": KeyError("f")})


def context_of_three():
    try:
        try:
            try:
                raise ValueError(pause(1))
            except ValueError:
                pause()
                raise KeyError(2)
        except KeyError:
            pause()
            raise TypeError(3)
    except TypeError as error:
        pause()
        return repr(error), repr(error.__context__), repr(error.__context__.__context__)


def from_none_hides_the_context():
    try:
        try:
            raise ValueError(1)
        except ValueError:
            pause()
            raise KeyError(pause(2)) from None
    except KeyError as error:
        pause()
        return error.__cause__, repr(error.__context__), error.__suppress_context__


def cause_is_the_same_object():
    cause = TypeError("cause")
    try:
        raise ValueError(1) from pause(cause)
    except ValueError as error:
        pause()
        return error.__cause__ is cause, error.__suppress_context__


def context_is_the_same_object():
    kept = []
    try:
        try:
            raise ValueError(1)
        except ValueError as first:
            kept.append(first)
            pause()
            raise KeyError(2)
    except KeyError as second:
        pause()
        return second.__context__ is kept[0]


def exc_info_in_and_after_the_handler():
    log = [sys.exc_info()]
    try:
        raise ValueError(pause(1))
    except ValueError as error:
        pause()
        kind, value, trace = sys.exc_info()
        log.append((kind, value is error, trace is not None, error is sys.exception()))
        del trace
    pause()
    log.append(sys.exc_info())
    return log


def a_called_function_sees_the_handled_error():
    def seen():
        pause()
        return repr(sys.exception())

    log = [seen()]
    try:
        raise ValueError(1)
    except ValueError:
        log.append(seen())
        try:
            raise KeyError(2)
        except KeyError:
            log.append(seen())
        log.append(seen())
    log.append(seen())
    return log


def bare_raise_in_a_called_function():
    def again():
        pause()
        raise

    try:
        try:
            raise ValueError("kept")
        except ValueError:
            again()
    except ValueError as error:
        return repr(pause(error)), repr(error.__context__)


def bare_raise_with_nothing_to_raise():
    try:
        pause()
        raise
    except RuntimeError as error:
        return str(error)


def bare_raise_after_an_inner_handler():
    log = []
    try:
        try:
            raise ValueError("outer")
        except ValueError:
            try:
                raise KeyError("inner")
            except KeyError:
                pause()
            raise
    except ValueError as error:
        log.append((repr(error), repr(error.__context__)))
    return log


def bare_raise_after_a_loop_in_the_handler():
    try:
        try:
            raise ValueError("kept")
        except ValueError:
            for n in range(3):
                try:
                    raise KeyError(n)
                except KeyError:
                    pause()
                    continue
            raise
    except ValueError as error:
        return repr(error), repr(error.__context__)


def the_name_is_rebound_in_the_handler():
    try:
        raise ValueError(1)
    except ValueError as error:
        pause()
        error = pause("rebound")
        log = [error, repr(sys.exception())]
    try:
        error
    except UnboundLocalError:
        log.append("gone")
    return log


def the_name_is_deleted_in_the_handler():
    try:
        raise ValueError(1)
    except ValueError as error:
        del error
        pause()
    return "error" in locals()


def the_name_hides_an_outer_value():
    error = "outer"
    try:
        raise ValueError(pause(1))
    except ValueError as error:
        pause()
    pause()
    try:
        return error
    except NameError as gone:
        return str(gone)


def the_name_is_shared_with_a_closure():
    def see():
        return repr(pause(error))

    try:
        raise ValueError(1)
    except ValueError as error:
        log = [see()]
    try:
        see()
    except NameError:
        log.append("unset")
    return log


def return_from_a_handler_in_a_loop():
    for n in range(4):
        try:
            if n == 2:
                raise ValueError(n)
            pause(n)
        except ValueError as error:
            return pause(error.args), n
    return None


def break_and_continue_from_handlers():
    log = []
    for n in range(5):
        try:
            raise (ValueError, KeyError)[n % 2](n)
        except ValueError:
            log.append(("continue", pause(n)))
            continue
        except KeyError:
            if n == 3:
                log.append(("break", pause(n)))
                break
        log.append((n, sys.exception()))
    return log


def break_in_finally_drops_the_error():
    log = []
    while True:
        try:
            raise ValueError(1)
        finally:
            log.append(repr(sys.exception()))
            pause()
            break
    return log, sys.exception()


def continue_in_finally_drops_the_return():
    def f():
        for n in range(3):
            try:
                return pause(n)
            finally:
                pause()
                if n < 2:
                    continue

    return f()


def the_first_of_several_handlers_that_fit():
    log = []
    for kind in (LookupError, KeyError, IndexError, ArithmeticError, ZeroDivisionError):
        try:
            raise kind(pause(1))
        except (KeyError, ZeroDivisionError):
            log.append(pause("first"))
        except LookupError:
            log.append(pause("second"))
        except:
            log.append(pause("any"))
    return log


def a_type_expression_that_raises():
    def broken():
        pause()
        raise TypeError("expression")

    try:
        try:
            raise ValueError("body")
        except broken():
            pass
    except TypeError as error:
        return repr(pause(error)), repr(error.__context__)


def a_type_expression_that_is_no_type():
    try:
        try:
            raise ValueError("body")
        except pause(3):
            pass
    except TypeError as error:
        return str(error), repr(error.__context__)


def type_expressions_stop_at_the_first_that_fits():
    log = []

    def kind(which):
        log.append(pause(which.__name__))
        return which

    try:
        raise KeyError
    except kind(ValueError):
        pass
    except (kind(TypeError), kind(KeyError)):
        log.append("here")
    except kind(Exception):
        pass
    return log


def nothing_catches_the_suspension():
    log = []
    try:
        try:
            pause()
        except BaseException as error:
            log.append(repr(error))
        try:
            pause()
        except:
            log.append("bare")
    finally:
        log.append("finally")
    return log


class Stop(BaseException):
    pass


def base_exceptions_of_the_script():
    log = []
    try:
        try:
            pause()
            raise Stop(1)
        except Exception:
            log.append("wrong")
        finally:
            log.append(pause("finally"))
    except Stop as stop:
        log.append(stop.args)
    return log


def an_error_kept_and_raised_much_later():
    kept = None
    try:
        raise ValueError(pause("early"))
    except ValueError as error:
        kept = error
    for _ in range(2):
        pause()
    raise kept


def an_error_raised_across_frames_with_finally():
    log = []

    def inner(n):
        try:
            if n == 0:
                raise ValueError(pause("deep"))
            inner(n - 1)
        finally:
            log.append((n, pause(repr(sys.exception()))))

    try:
        inner(3)
    except ValueError as error:
        log.append(error.args)
    return log


def an_error_changed_on_the_way_out():
    def inner(n):
        try:
            if n == 0:
                raise ValueError(0)
            inner(n - 1)
        except ValueError as error:
            pause()
            raise ValueError(n) from error

    try:
        inner(2)
    except ValueError as error:
        chain = []
        while error is not None:
            chain.append(error.args)
            error = pause(error.__cause__)
        return chain


def notes_survive():
    try:
        try:
            raise ValueError(1)
        except ValueError as error:
            note = pause("one")
            error.add_note(note)
            pause()
            error.add_note("two")
            raise
    except ValueError as error:
        return pause(error).__notes__


class Needy(Exception):
    def __init__(self, code, *, detail):
        self.code, self.detail = code, detail

    def __str__(self):
        return f"{self.code} {self.detail}"


def an_error_with_required_arguments():
    try:
        raise Needy(7, detail=pause("d"))
    except Needy as error:
        pause()
        return str(error), error.code, error.args


def errors_of_the_language():
    log = []
    for attempt in (
        lambda: 1 / 0,
        lambda: [][1],
        lambda: {}["k"],
        lambda: None.x,
        lambda: "a" + 1,
        lambda: int("z"),
        lambda: undefined,
    ):
        try:
            pause()
            attempt()
        except Exception as error:
            pause()
            log.append(repr(error))
    return log


def a_key_error_keeps_its_object():
    key = ["key"]
    try:
        raise KeyError(key)
    except KeyError as error:
        pause()
        return error.args[0] is key


def a_raised_class_and_a_raised_call():
    log = []
    for raised in (ValueError, ValueError("made")):
        try:
            raise pause(raised)
        except ValueError as error:
            log.append(error.args)
    return log


def raising_what_is_no_error():
    try:
        raise pause(3)
    except TypeError as error:
        return str(error)


def assertion_messages():
    log = []
    for n in (0, 1):
        try:
            assert pause(n), pause("message")
            log.append("held")
        except AssertionError as error:
            log.append(error.args)
    return log


def trace_of_a_caught_error():
    def fall():
        pause()
        raise ValueError(1)

    try:
        fall()
    except ValueError as error:
        pause()
        outer, inner = error.__traceback__.tb_lineno, error.__traceback__.tb_next.tb_lineno
        return outer, inner, error.__traceback__.tb_next.tb_frame.f_code.co_name


def traceback_in_a_handler_has_no_frames_of_ours():
    def fails():
        pause()
        raise ValueError

    def calls():
        for i in range(3):
            while True:
                pause()
                if i == 1:
                    fails()
                break

    try:
        calls()
    except ValueError as error:
        return [(entry.name, entry.lineno) for entry in traceback.extract_tb(error.__traceback__)]
