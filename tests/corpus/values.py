"""Values that a frame holds: identity, sharing, cycles, odd ones."""

import collections
import copy
import datetime
import decimal
import fractions
import math
import operator
import random
import re
import string
import types
import typing


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


def numbers():
    big, nan, inf, zero = 10**400 + 1, float("nan"), float("-inf"), -0.0
    items = [nan, nan]
    pause()
    return big, items[0] is items[1], inf, math.copysign(1, zero), 1 + 2j, True, 1 << 70, -(1 << 63), nan in items


def texts_and_bytes():
    odd, empty, data = "\ud800\0\U0001f680", "", bytearray(b"ab")
    alias = data
    pause()
    alias.append(99)
    return odd == "\ud800\0\U0001f680", empty, data, bytes(data), alias is data


def singletons():
    a, b, c, d = ..., NotImplemented, None, type(None)
    pause()
    return a is ..., b is NotImplemented, c is None, d is type(None)


def one_object_in_many_places():
    shared = [1]
    table = {"a": shared, "b": [shared, (shared,)]}

    def f():
        return shared

    pause()
    shared.append(2)
    return table["a"] is shared, table["b"][1][0] is shared, f() is shared, table


def cycles():
    items = [1]
    items.append(items)
    table = {"self": None}
    table["self"] = table
    pair = ([],)
    pair[0].append(pair)
    pause()
    return items[1] is items, table["self"] is table, pair[0][0] is pair


def deep_nesting():
    nested = []
    for _ in range(500):
        nested = [nested]
    pause()
    depth = 0
    while nested:
        nested, depth = nested[0], depth + 1
    return depth


def library_values():
    values = [
        decimal.Decimal("1.10"),
        fractions.Fraction(1, 3),
        datetime.datetime(2026, 11, 21, 5, 30, tzinfo=datetime.timezone.utc),
        datetime.date(2026, 1, 2),
        datetime.time(1, 2, 3),
        datetime.timedelta(days=1, seconds=2),
        range(1, 10, 3),
        slice(1, None, 2),
        collections.deque([1, 2], maxlen=2),
        collections.OrderedDict(b=1, a=2),
        collections.Counter("aab"),
        frozenset([1, 2]),
        types.SimpleNamespace(a=1),
        complex(1, -0.0),
        operator.itemgetter(1),
        types.MappingProxyType({"a": 1}),
    ]
    pause()
    return [repr(v) for v in values if not isinstance(v, operator.itemgetter)], values[14]("xyz"), values[8].maxlen


def random_numbers():
    dice = random.Random(7)
    first = dice.random()
    pause()
    second = dice.gauss(0, 1)
    pause()
    return first, second, dice.gauss(0, 1), dice.randint(1, 6), dice.choice("abc")


def patterns_and_matches():
    pattern = re.compile(r"(?P<word>\w+) (\d+)?", re.IGNORECASE)
    match = pattern.search("say Hello 42")
    pause()
    return match.group("word"), match.groups(), match.span(), pattern.flags, pattern.sub("-", "a 1"), match.re is pattern


def default_dict_of_lists():
    table = collections.defaultdict(lambda: [pause(1)])
    table["a"] = [2]
    nested = collections.defaultdict(lambda: collections.defaultdict(int))
    nested["x"]["y"] += 1
    pause()
    nested["x"]["z"] += 2
    return table["a"], {k: dict(v) for k, v in nested.items()}


def chain_maps_and_templates():
    both = collections.ChainMap({"a": 1}, {"b": 2})
    template = string.Template("$a and $b")
    pause()
    both["c"] = 3
    return template.substitute(both), dict(both.maps[0])


def named_tuple_by_function():
    point = Pair(1, [2])
    pause()
    point.b.append(3)
    return point, point._asdict(), type(point) is Pair


Pair = collections.namedtuple("Pair", "a b")


def keys_of_all_kinds():
    table = {None: 1, True: 2, 1.5: 3, "s": 4, b"b": 5, (1, ("x",)): 6, frozenset([1]): 7, int: 8, ...: 9}
    pause()
    return [table[k] for k in (None, 1, 1.5, "s", b"b", (1, ("x",)), frozenset([1]), int, ...)], list(table.values())


def dict_order():
    table = dict.fromkeys("hgfedcba")
    del table["f"]
    pause()
    table["f"] = 1
    return list(table)


def exceptions_as_values():
    error = ValueError("kept", 1)
    error.extra = [error]
    error.add_note("note")
    group = ExceptionGroup("many", [error, KeyError("k")])
    pause()
    return error.args, error.extra[0] is error, error.__notes__, group.exceptions[0] is error, repr(group)


def raised_twice():
    error = ValueError("again")
    log = []
    for n in range(2):
        try:
            pause()
            raise error
        except ValueError as caught:
            log.append(caught is error)
            pause()
    return log


def types_in_variables():
    kinds = [int, list, ValueError, type(pause), collections.deque]
    pause()
    return [k.__name__ for k in kinds], isinstance(3, kinds[0]), kinds[1]("ab")


def copies():
    original = {"a": [1, 2]}
    shallow, deep = copy.copy(original), copy.deepcopy(original)
    pause()
    original["a"].append(3)
    return shallow, deep


def swap_and_unpack():
    a, b, c = 1, 2, 3
    a, b = pause(b), a
    (a, *b), c = pause(([a, b, 3], 4))
    try:
        a, b = pause([1, 2, 3])
    except ValueError as error:
        return a, b, c, str(error)


def text_formatting():
    pi, name = 3.14159, "x"
    pause()
    return f"{pi:.2f} {name!r:>5} {pause(pi):{pause(8)}.{pause(3)}} {{}} {'nested ' + f'{pause(1)}'}", "%s-%d" % (name, pause(2))


def large_state():
    items = list(range(1000))
    words = ["word"] * 50
    wide = {f"key{n}": n for n in range(100)}
    pause()
    return sum(items), words.count("word"), sum(wide.values())


def augmented_everything():
    items, table, n = [1, 2, 3], {"a": 1}, 5
    items[pause(0)] += pause(10)
    items[pause(1) :] += [pause(4)]
    table["a"] -= pause(1)
    n **= pause(2)
    n //= pause(3)
    n <<= pause(2)
    items *= pause(2)
    n |= pause(1)
    return items, table, n


def conditional_and_boolean():
    n = pause(0)
    return (pause("a") if n else pause("b")), n or pause("c"), n and pause("d"), not pause(n), pause(1) < pause(2) <= pause(2)


def bare_objects_as_marks():
    missing, other = object(), object()
    table = {missing: 1, "a": missing}
    pause()
    return table["a"] is missing, table[missing], missing is other, type(missing) is object


def methods_of_iterators_and_random_numbers():
    step, choose, find = iter([1, 2, 3]).__next__, random.Random(5).choice, re.compile("b+").search
    words = iter({"x", "y"}).__next__
    first, word, chosen = step(), words(), choose("abc")
    pause()
    second = step()
    pause()
    return first, second, {word, words()}, chosen, choose("abc"), find("abb").group(), step()


T = typing.TypeVar("T")
Number = int | float
Names = list[str]
Maybe = typing.Optional[int]  # noqa: UP045


def annotations_as_values():
    held = {"t": T, "n": Number, "l": Names, "m": Maybe}
    pause()
    return held["t"] is T, held["n"] is Number, held["l"] is Names, held["m"] is Maybe, isinstance(1.5, held["n"])
