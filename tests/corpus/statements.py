"""Statements, patterns and scopes: one case for each kind of node that is not proved elsewhere."""

import math


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


COUNT = 0


class Matrix:
    def __init__(self, n):
        self.n = n

    def __matmul__(self, other):
        return ("@", self.n, other.n)

    def __imatmul__(self, other):
        self.n = (self.n, other.n)
        return self


def all_binary_operators():
    a, b = 13, 5
    return [
        a + pause(b),
        a - pause(b),
        pause(a) * b,
        pause(a) / pause(b),
        a // pause(b),
        a % pause(b),
        a ** pause(b),
        a << pause(b),
        a >> pause(1),
        a & pause(b),
        a | pause(b),
        a ^ pause(b),
        Matrix(1) @ pause(Matrix(2)),
        divmod(pause(a), pause(b)),
    ]


def all_unary_operators():
    return -pause(1), +pause(2), ~pause(3), not pause(4), not not pause([]), -(-pause(1)) ** pause(2)


def all_comparisons():
    a, items = [1], [[1], 2]
    return [
        a == pause(a),
        a != pause([2]),
        1 < pause(2) <= pause(2) > pause(1) >= pause(1),
        a is pause(a),
        a is not pause(None),
        2 in pause(items),
        3 not in pause(items),
        1 == pause(1) in pause([1]),
    ]


def augmented_operators():
    n, m, log = 100, Matrix(1), []
    n += pause(1)
    n -= pause(2)
    n *= pause(3)
    n /= pause(2)
    log.append(n)
    n = int(n)
    n //= pause(2)
    n %= pause(50)
    n **= pause(2)
    n >>= pause(1)
    n <<= pause(2)
    n &= pause(255)
    n |= pause(256)
    n ^= pause(7)
    m @= pause(Matrix(2))
    return log, n, m.n


def annotated_assignments():
    a: int = pause(1)
    b: pause("never evaluated in a function")
    log = []
    (c): str = pause("c")
    table = {}
    table[pause("k")]: int = pause(2)
    try:
        b
    except UnboundLocalError:
        log.append("unset")
    return a, c, table, log


def statements_on_one_line():
    a = pause(1); b = pause(a + 1); c = [a, b]; c.append(pause(3)); return a, b, c


def a_line_that_goes_on():
    total = pause(1) + \
        pause(2) + \
        pause(3)
    return (
        pause(total)
        + pause(
            1
        )
    )


def one_line_bodies():
    log = []
    if pause(True): log.append(pause("if"))
    while len(log) < 3: log.append(pause("while"))
    for n in range(2): log.append(pause(n))
    try: raise ValueError(pause(1))
    except ValueError: log.append(pause("except"))
    return log


def code_after_a_loop_without_end():
    n = 0
    while True:
        n += pause(1)
        if n > 3:
            return n
    return "never"


def code_after_return_raise_and_break():
    def f():
        for _ in range(2):
            break
            pause("never")
        return pause("value")
        pause("never")

    return f()


def if_false_makes_a_name_local():
    if pause(False):
        hidden = 1
    try:
        return hidden
    except UnboundLocalError as error:
        return str(error)


def constant_conditions():
    log = []
    while 1:
        log.append(pause("once"))
        break
    if 0:
        log.append("never")
    elif "":
        log.append("never")
    else:
        log.append(pause("else"))
    while None:
        pass
    else:
        log.append(pause("loop else"))
    return log


def empty_loops():
    log = []
    for n in pause(()):
        log.append("never")
    else:
        log.append(pause("else"))
    while pause(False):
        log.append("never")
    else:
        log.append("else")
    return log


def conditions_are_tried_each_turn():
    left = [3]

    def more():
        left[0] -= 1
        return pause(left[0])

    turns = 0
    while more():
        turns += 1
    return turns


def the_iterable_is_evaluated_once():
    log = []

    def items():
        log.append("evaluated")
        return pause([1, 2])

    for n in items():
        log.append(pause(n))
    return log


def targets_of_loops():
    table, items, log = {}, [None, None], []
    for table[pause("k")], items[pause(0)] in [(1, 2), (3, 4)]:
        log.append((pause(dict(table)), list(items)))
    for a, (b, *c) in [(1, (2, 3, 4)), (5, (6,))]:
        log.append((pause(a), b, c))
    for [d, *e] in ["xyz"]:
        log.append((pause(d), e))
    return log


def three_loops_deep_with_else():
    log = []
    for a in range(3):
        for b in range(3):
            for c in range(3):
                if c == 1:
                    break
                log.append((a, b, pause(c)))
            else:
                log.append("never")
            if b == 1:
                continue
            if a == 1:
                break
        else:
            log.append(pause("middle"))
    else:
        log.append(pause("outer"))
    return log


def imports_in_functions():
    import collections.abc
    import json as notation
    from itertools import chain as together
    from math import floor, sqrt

    pause()
    text = notation.dumps({"a": pause(1)})
    pause()
    return text, floor(sqrt(pause(10))), list(together([1], pause([2]))), collections.abc.Iterable.__name__


def a_failing_import():
    try:
        from math import no_such_name
    except ImportError as error:
        pause()
        return type(error).__name__, "no_such_name" in str(error)
    return no_such_name


def modules_in_containers():
    kept = {"m": math, "f": math.floor, "t": (math,)}
    pause()
    return kept["m"] is math, kept["f"](2.5), kept["t"][0].pi == math.pi


def deleting_several():
    a, b, items, table = 1, 2, [1, 2, 3, 4, 5], {"x": 1, "y": 2}
    del a, items[pause(0)], table[pause("x")], (b, items[pause(1) : pause(3)])
    log = []
    for name in ("a", "b"):
        log.append(name in locals())
    return log, items, table


def deleting_what_is_unset():
    log = []
    gone = 1
    del gone
    pause()
    try:
        del gone
    except UnboundLocalError as error:
        log.append(str(error))
    gone = pause(2)
    return log, gone


def deleting_a_nonlocal():
    value = 1

    def drop():
        nonlocal value
        pause()
        del value

    drop()
    pause()
    try:
        return value
    except NameError as error:
        return str(error)


def global_declared_in_a_nested_function():
    def count():
        global COUNT
        COUNT += pause(1)
        return COUNT

    return count(), count(), COUNT


def a_class_body_sees_the_function_around_it():
    name = "function"
    pause()

    class Inner:
        shown = name
        other = "class"

        def method(self):
            return name

    return Inner.shown, Inner.other, Inner.method(None)


class Recorded(dict):
    def __setitem__(self, key, value):
        self.log.append((key, value))


def assignments_from_left_to_right():
    log = []

    items = Recorded()
    items.log = log
    items[pause("a")] = items[pause("b")] = [items[pause("c")], *rest] = pause((1, 2))
    return log, rest


def starred_assignments():
    *a, b = pause([1, 2, 3])
    c, *d = pause("x")
    (e, *f), *g = pause([(1, 2), 3])
    try:
        h, i, *j = pause([1])
    except ValueError as error:
        return a, b, c, d, e, f, g, str(error)


def walrus_everywhere():
    log = []
    if (n := pause(3)) > 2:
        log.append(n)
    while (n := pause(n - 1)) > 0:
        log.append(n)
    log.append([y := pause(1), y**2])
    log.append({(k := pause("k")): k + "!"})
    log.append(f"{(z := pause(7))} {z}")
    return log


def match_values_and_constants():
    log = []
    for subject in (1, -1, 1.5, "text", b"b", None, True, 3 + 4j, math.pi):
        match pause(subject):
            case None:
                log.append("none")
            case True:
                log.append("true")
            case 1 | -1:
                log.append("one")
            case 1.5 | "text" | b"b":
                log.append("several")
            case 3 + 4j:
                log.append("complex")
            case math.pi:
                log.append("pi")
    return log


def match_sequences():
    log = []
    for subject in ([], [1], (1, 2), [1, 2, 3, 4], [[1, 2], "x"], "ab", range(3), {"a": 1}):
        match pause(subject):
            case []:
                log.append("empty")
            case [[a, *_], str(b)]:
                log.append((pause(a), b))
            case [a]:
                log.append(pause(a))
            case (a, b):
                log.append((a, pause(b)))
            case [first, *middle, last]:
                log.append((first, pause(middle), last))
            case _:
                log.append("other")
    return log


def match_mappings():
    log = []
    for subject in ({}, {"a": 1}, {"a": 1, "b": 2}, {"kind": "x", "at": {"y": 2}}, [1]):
        match pause(subject):
            case {"kind": str(kind), "at": {"y": y}}:
                log.append((kind, pause(y)))
            case {"a": a, "b": b}:
                log.append((a, pause(b)))
            case {"a": a, **rest}:
                log.append((pause(a), rest))
            case {}:
                log.append("mapping")
            case _:
                log.append("other")
    return log


class Spot:
    __match_args__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y


def match_classes():
    log = []
    for subject in (Spot(0, 1), Spot(1, y=[2]), Spot(5, 5), 7, "s", True):
        match pause(subject):
            case Spot(0, y):
                log.append(("zero", pause(y)))
            case Spot(x=1, y=[inner]):
                log.append(("inner", pause(inner)))
            case Spot() as spot:
                log.append(("spot", pause(spot.x)))
            case bool():
                log.append("bool")
            case int(n) | str(n):
                log.append(pause(n))
    return log


def match_guards_that_suspend():
    log = []
    for subject in ([1, 2], [2, 1], [3, 3]):
        match subject:
            case [a, b] if pause(a) < pause(b):
                log.append(("less", a, b))
            case [c, d] if pause(c) > d:
                log.append(("more", a, c, d))
            case whole:
                log.append(("same", pause(whole), c))
    return log


def match_names_stay_after_a_failing_guard():
    match pause((1, 2)):
        case (a, b) if pause(False):
            pass
        case _:
            pass
    return a, b


def match_without_a_case_that_fits():
    match pause(3):
        case 1:
            return "one"
        case 2:
            return "two"
    return pause("none")


def match_in_loops_with_exits():
    log = []
    for command in ("go", "skip", "go", "stop", "go"):
        match pause(command):
            case "skip":
                continue
            case "stop":
                break
            case other:
                log.append(pause(other))
    else:
        log.append("never")
    return log


def match_as_patterns():
    match pause([1, [2, 3]]):
        case [int() as a, [_, *_] as b] as whole:
            pause()
            return a, b, whole, whole[1] is b


def lambdas_of_all_kinds():
    plain = lambda: pause(1)
    several = lambda a, /, b=2, *c, d, e=5, **f: (a, b, c, d, pause(e), f)
    nested = lambda a: lambda b: pause(a) + pause(b)
    conditional = lambda a: pause("yes") if pause(a) else pause("no")
    return plain(), several(1, d=4), several(1, 2, 3, d=4, z=6), nested(1)(2), conditional(0)


def strings_of_all_kinds():
    name, width = "n", 6
    return (
        f"{pause(name)}" "plain" f"{pause(1) + 1}",
        f"{pause(name)=} {pause(width)!r:>{pause(width)}}|{pause(3.14159):{pause('.2f')}}",
        f"{{}} {pause({'a': 1})['a']} {f'{pause(2)} nested'}",
        "%(a)s %(b)05.1f" % {"a": pause(1), "b": pause(2)},
        ", ".join([pause("a"), "b"]),
    )
