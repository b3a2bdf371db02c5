"""Functions: parameters, closures, decorators, names."""

import functools


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


def all_kinds_of_parameters():
    def f(a, b=pause(2), /, c=3, *rest, d, e=pause(5), **more):
        return pause((a, b, c, rest, d, e, more))

    return f(1, d=4), f(1, 2, 3, 4, 5, d=6, e=7, z=8), f(*pause([1, 2]), **pause({"d": 3}))


def missing_arguments():
    def f(a, *, b):
        return pause((a, b))

    try:
        f(pause(1))
    except TypeError as error:
        return str(error)


def mutable_default_is_shared():
    def f(item, seen=[]):
        seen.append(pause(item))
        return seen

    return f(1), f(2), f(3, [])


def closures_share_a_cell_with_a_suspended_frame():
    count = 0

    def up():
        nonlocal count
        count += pause(1)
        return count

    def show():
        return pause(count)

    log = []
    for _ in range(3):
        up()
        log.append((count, show()))
    count = 10
    log.append((up(), show(), count))
    return log


def closures_made_in_a_loop_share_one_variable():
    makers = []
    for n in range(3):
        makers.append(lambda: pause(n))
        pause()
    bound = [lambda n=n: pause(n) for n in range(3)]
    return [f() for f in makers], [f() for f in bound]


def nonlocal_through_three_levels():
    x = 1

    def a():
        def b():
            def c():
                nonlocal x
                x = pause(x + 1)

            c()
            return pause(x)

        return b()

    return a(), a(), x


def closure_outlives_its_frame():
    def counter(start):
        def up():
            nonlocal start
            start = pause(start + 1)
            return start

        return up

    one, two = counter(0), counter(10)
    return one(), two(), one(), two()


def unbound_closure_variable():
    def f():
        return pause(later)

    try:
        f()
    except NameError as error:
        first = str(error)
    later = 1
    return first, f()


def deleted_names():
    x = 1
    pause()
    del x
    pause()
    try:
        x
    except UnboundLocalError as error:
        first = str(error)
    x = 2

    def f():
        return x

    pause()
    del x
    try:
        f()
    except NameError as error:
        return first, str(error)


COUNT = 0


def globals_change():
    global COUNT
    for _ in range(3):
        COUNT += pause(1)
    return COUNT


def a_global_is_deleted():
    global TEMPORARY
    TEMPORARY = 1
    pause()
    del TEMPORARY
    pause()
    return "TEMPORARY" in globals()


def lambdas():
    add = lambda a, b=pause(1): pause(a) + b
    make = lambda n: lambda m: pause(n) * m
    return add(1), add(1, 2), make(3)(4), (lambda: pause("x"))()


def lambda_in_a_container():
    table = {"double": lambda n: pause(n) * 2, "square": lambda n: pause(n) ** 2}
    return [table[name](3) for name in ("double", "square")]


def traced(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        pause()
        return ("traced", function(*args, **kwargs))

    return wrapper


def times(n):
    def decorate(function):
        def wrapper(*args):
            return [pause(function(*args)) for _ in range(n)]

        return wrapper

    return decorate


@traced
def decorated(n):
    """A docstring."""
    return pause(n) + 1


@times(2)
@traced
def decorated_twice(n):
    return pause(n)


def decorators():
    @traced
    def inner(n):
        return pause(n) * 2

    return decorated(1), decorated_twice(2), inner(3), decorated.__name__, decorated.__doc__


def partial_calls():
    def f(a, b, c):
        return pause((a, b, c))

    half = functools.partial(f, pause(1), c=3)
    return half(2), half(b=5, c=6), half.args, half.keywords


def reduce_and_sort_keys():
    numbers = [3, 1, 2]
    pause()
    return functools.reduce(lambda a, b: a + b, numbers), sorted(numbers, key=lambda n: -n), pause()


def cached_function():
    calls = []

    @functools.cache
    def f(n):
        calls.append(n)
        return n + 1

    return f(1), f(1), f(2), calls, pause()


def bound_methods_in_locals():
    items = [3, 1, 2]
    add, size, upper = items.append, items.__len__, "abc".upper
    pause()
    add(5)
    pause()
    return items, size(), upper()


def builtins_in_variables():
    f, g, kind, error = len, max, type(pause(1)), ValueError
    pause()
    return f([1, 2]), g(3, 4), kind("7"), error("x").args


def shadowed_builtins():
    def len(x):
        return ("mine", pause(x))

    sum = pause
    return len([1]), sum(3)


def functions_as_keys_and_values():
    def f():
        return 1

    def g():
        return 2

    table = {f: "f", g: "g"}
    twice = [f, f]
    pause()
    return table[f], table[g], twice[0] is twice[1], f in table


def function_attributes():
    def f():
        f.calls += 1
        return pause(f.calls)

    f.calls = 0
    return f(), f(), f.__name__, f.__qualname__


def redefinition():
    def f():
        return pause("old")

    old = f
    pause()

    def f():
        return pause("new")

    return old(), f()


def keyword_only_and_rebinding(a=1, *, b=2):
    return None


def rebound_arguments():
    def f(a, b):
        a, b = b, pause(a)
        a += pause(b)
        return a, b

    return f(1, 2)


def star_imports_and_modules_in_locals():
    import math
    from collections import OrderedDict as Ordered

    pause()
    table = Ordered(a=math.floor(2.5))
    pause()
    return math.pi, table


def annotations_and_docstring():
    def f(a: int = 1, *, b: "str" = "x") -> bool:
        "What it does."
        value: int = pause(a)
        later: str
        return value

    return f(), f.__doc__, f.__annotations__


def return_without_a_value():
    def f(n):
        if pause(n):
            return
        pause()

    return f(0), f(1)


def unreachable_code():
    def f():
        return pause(1)
        pause(2)

    def g():
        while True:
            if pause(True):
                break
        return 3

    return f(), g()


def many_locals():
    a = b = c = d = e = f = g = h = i = j = k = l = m = n = 1
    pause()
    a, b, *c = [a + 1, b + 2, c + 3, d]
    pause()
    return a, b, c, d + e + f + g + h + i + j + k + l + m + n


def locals_are_seen():
    x, y = 1, pause(2)
    pause()
    return sorted(name for name in locals() if name.isidentifier())


def errors_from_deep_calls():
    def a(n):
        return b(n) + 1

    def b(n):
        return c(n) * 2

    def c(n):
        if pause(n) == 2:
            raise LookupError(n)
        return n

    log = []
    for n in range(4):
        try:
            log.append(a(n))
        except LookupError as error:
            log.append(error.args)
    return log


def uncaught_error():
    def inner(n):
        pause()
        return 1 / n

    inner(pause(0))


def error_with_notes_and_cause():
    try:
        try:
            raise ValueError("cause")
        except ValueError as cause:
            error = RuntimeError("effect")
            error.add_note("a note")
            pause()
            raise error from cause
    except RuntimeError as caught:
        pause()
        return caught.__notes__, repr(caught.__cause__), caught.__suppress_context__
