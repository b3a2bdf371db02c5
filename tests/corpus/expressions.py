"""Order of evaluation: what was computed before a suspension is still there after it."""


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


LOG = []


def note(value):
    LOG.append(value)
    for _ in (1,):
        pass
    return value


class Thing:
    def __init__(self):
        self.items = [1, 2, 3]
        self.n = 1

    def get(self):
        return pause(self)

    def __setitem__(self, key, value):
        LOG.append(("set", key, value))

    def __getitem__(self, key):
        LOG.append(("get", key))
        return 10

    def __delitem__(self, key):
        LOG.append(("del", key))


def take(*args, **kwargs):
    return args, kwargs


def arguments():
    return take(note(1), *note([2, 3]), note(4), k=note(5), **note({"z": 6}), y=note(7))


def left_operand_is_kept():
    x = [1]
    result = x + note(grow(x)) + [note(4)]
    return result


def grow(x):
    x.append(pause(2))
    x = x + [3]
    return x


def names_are_read_in_order():
    n = 1

    def change():
        nonlocal n
        n += pause(1)
        return n

    return n + change() * n - change(), n


def augmented_name():
    total = 5

    def f():
        nonlocal total
        total = pause(100)
        return 1

    total += f()
    return total


def augmented_attribute_and_item():
    thing = Thing()
    thing.get().n += note(5)
    thing.get().items[note(0)] += note(10)
    thing.items[pause(1) : note(2)] += [note(9)]
    thing[note("k")] += note(1)
    return thing.n, thing.items


def chained_assignment():
    thing = Thing()
    a = thing[note("x")] = b, *c = note([1, 2, 3])
    return a, b, c


def chained_comparison():
    return (
        note(1) < note(2) < note(3),
        note(3) < note(2) < note(4),
        note(1) < note(5) > note(2) != note(7),
    )


def short_circuits():
    return (
        note(0) or note("") or note("x"),
        note(1) and note(0) and note("never"),
        not note([]),
        (note(1) and note(2)) or note(3),
    )


def displays():
    return (
        [note(1), *note((2, 3)), note(4)],
        {note("a"): note(1), **note({"b": 2}), note("c"): note(3)},
        {note(1), *note([2])},
        (note(1), note(2)),
    )


def f_strings():
    width = 7
    return f"{note(1)!r:>{note(width)}}|{note('x')!s}|{note(3.14159):.{note(2)}f}|{f'{note(2)}'}"


def slices():
    items = list(range(10))
    return items[note(1) : note(8) : note(2)], items[note(3)], items[: note(2)]


def walrus():
    log = []
    while (n := pause(len(log))) < 3:
        log.append(n)
    return log, n, [(y := pause(x), y * 2) for x in range(3)], y


def deleting():
    thing = Thing()
    items = [1, 2, 3, 4]
    del items[note(0)], thing[note("k")], thing.get().n
    return items, hasattr(thing, "n")


def assertion():
    try:
        assert note(1) == 1, note("never")
        assert note(0), note("message")
    except AssertionError as error:
        return error.args


def raising():
    try:
        raise note(ValueError("a")) from note(KeyError("b"))
    except ValueError as error:
        return error, error.__cause__, error.__suppress_context__


def starred_subscript_and_store():
    thing = Thing()
    thing.get().items[note(0)], thing.n = note((7, 8))
    (thing.get().n, [thing[note("i")], *rest]) = note((1, [2, 3, 4]))
    return thing.items, thing.n, rest


def lambdas():
    double = lambda x, y=note(2): pause(x) * y
    return double(3), double(3, y=note(4)), (lambda *a, k: (a, k))(note(1), k=note(2))


def two_on_one_line():
    return pause(1) + pause(2), pause(3); pause(4)


def keyword_defaults():
    def f(a, b=note(1), *, c=note(2), d=note(3)):
        return a, b, c, d

    return f(0), f(0, d=note(9))


def _take(*args, **kwargs):
    return args, kwargs


def a_lone_starred_argument_is_unpacked_last():
    def numbers(log):
        log.append("unpacked")
        yield 1

    log = []
    alone = _take(*numbers(log), k=note(len(log)))
    return alone, _take(*numbers(log), note(len(log)), k=note(len(log)))


def deleting_tuples():
    a, b = {1: 1, 2: 2}, [1, 2, 3]
    del (a[pause(1)], b[pause(0)]), b[pause(-1)]
    del [a[pause(2)]]
    return a, b
