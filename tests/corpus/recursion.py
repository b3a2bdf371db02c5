"""Recursion, far deeper than a native stack."""


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


def down(n):
    if n == 0:
        return pause(0)
    return 1 + down(n - 1)


def is_even(n):
    return True if n == 0 else is_odd(n - 1)


def is_odd(n):
    return False if n == 0 else is_even(n - 1)


def deep():
    return down(300)


def mutual():
    return is_even(150), is_odd(150)


def fibonacci():
    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)

    return fib(8)


def ackermann():
    def a(m, n):
        if m == 0:
            return n + 1
        return a(m - 1, 1) if n == 0 else a(m - 1, a(m, n - 1))

    return a(2, 2)


def error_through_many_frames():
    def fall(n):
        if n == 0:
            raise ValueError(pause("bottom"))
        fall(n - 1)

    try:
        fall(100)
    except ValueError as error:
        return error.args


