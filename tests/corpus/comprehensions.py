"""Comprehensions with suspensions in every part."""


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


def element_condition_and_iterable():
    return (
        [pause(n) * 2 for n in range(4)],
        [n for n in range(6) if pause(n) % 2],
        [n for n in pause([1, 2])],
        {pause(n) % 3 for n in range(5)},
        {pause(k): pause(v) for k, v in zip("ab", (1, 2))},
    )


def nested():
    return (
        [[pause(a * b) for b in range(3)] for a in range(3)],
        [(a, b) for a in range(3) if pause(a) for b in range(a) if pause(b) or True],
        [x for row in pause([[1, 2], [3]]) for x in pause(row)],
        {a: {b: pause(a + b) for b in range(2)} for a in range(2)},
    )


def names_do_not_leak():
    n = "outer"
    inner = [pause(n) for n in range(2)]
    return n, inner


def names_of_the_function_are_seen():
    factor = 3
    return [pause(n) * factor for n in range(3)], factor


def walrus_leaks():
    found = [last := pause(n) for n in range(3)]
    return found, last


def closures_in_comprehensions():
    makers = [lambda: (n, pause(n)) for n in range(3)]
    fixed = [lambda n=n: pause(n) for n in range(3)]
    return [f() for f in makers], [f() for f in fixed]


def comprehension_of_methods():
    words = ["b", "a"]
    return [pause(w).upper() for w in words], sorted([pause(w) for w in words])


def comprehension_as_argument():
    return sum([pause(n) for n in range(4)]), max(pause(n) for n in [3]), dict([(pause(k), 1) for k in "ab"])


def unpacking_targets():
    return [a + b for a, (b, *c) in [(1, (2, 3)), (4, (5,))] if pause(True)]


def conditional_in_a_comprehension():
    return [pause("even") if n % 2 == 0 else pause("odd") for n in range(3)]


def shadowing():
    n = 10
    return [n for n in range(2) if [n for n in range(3) if pause(n) >= 0][-1] == 2], n


def error_in_a_comprehension():
    try:
        return [1 / pause(n) for n in (1, 0)]
    except ZeroDivisionError:
        return "caught"


def comprehension_over_attributes():
    class_made = _Row([1, 2])
    return [pause(c) for c in class_made.cells], class_made.doubled()


class _Row:
    factor = 2
    table = [n * 2 for n in range(3)]

    def __init__(self, cells):
        self.cells = cells

    def doubled(self):
        return [pause(c) * self.factor for c in self.cells], {c: pause(self.table[c]) for c in self.cells}


def large_literal():
    return [pause(0), *range(300), pause(1)], {str(n): n for n in range(100) if pause(n) or True}["7"]
