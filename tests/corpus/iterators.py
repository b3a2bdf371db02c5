"""Iterators held across suspensions, their containers changed meanwhile."""

import collections
import itertools


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


def each_iterable():
    log = []
    for things in (
        [1, 2],
        (3, 4),
        "ab",
        "\u0100b",
        b"ab",
        bytearray(b"cd"),
        range(2),
        range(10, 0, -4),
        range(1 << 70, (1 << 70) + 2),
        {"k": 1, "l": 2},
        {"k": 1}.keys(),
        {"k": 1, "m": 5}.values(),
        {"k": 1, "n": 6}.items(),
        collections.OrderedDict(a=1, b=2),
        collections.deque([1, 2, 3]),
        collections.Counter("aab"),
        collections.defaultdict(int, x=1),
        enumerate("ab", 5),
        zip("ab", [1, 2]),
        map(str, [1, 2]),
        filter(None, [0, 1, 2]),
        reversed([1, 2, 3]),
        reversed((1, 2)),
        reversed("xy"),
        reversed(range(3)),
        reversed({"a": 1, "b": 2}),
        reversed({"a": 1, "b": 2}.items()),
        reversed(collections.deque([1, 2])),
        iter([7, 8]),
    ):
        for item in things:
            log.append(pause(item))
        else:
            log.append("end")
    return log


def sets():
    log = set()
    for item in {3, 1, 2}:
        log.add(pause(item))
    for item in frozenset("abc"):
        log.add(pause(item))
    return sorted(log, key=str)


def list_grows_and_shrinks():
    items, log = [1, 2, 3], []
    for item in items:
        log.append(pause(item))
        if item == 2:
            items.append(4)
        if item == 4:
            items.insert(0, 0)
            break
    for item in items:
        items.pop()
        log.append(pause(item))
    return log, items


def dict_values_change():
    table, log = {"a": 1, "b": 2, "c": 3}, []
    for key, value in table.items():
        log.append((key, value))
        pause()
        for other in table:
            table[other] += 10
    return log, table


def dict_views_see_changes():
    table = {"a": 1}
    keys, values, items = table.keys(), table.values(), table.items()
    pause()
    table["b"] = 2
    table["a"] = 5
    pause()
    return list(keys), list(values), list(items)


def dict_changes_size():
    table = {"a": 1, "b": 2}
    try:
        for key in table:
            pause(key)
            table[key + "x"] = 1
    except RuntimeError as error:
        return str(error), len(table)


def set_changes_size():
    members = {1, 2}
    try:
        for member in members:
            pause(member)
            members.add(member + 10)
    except RuntimeError as error:
        return str(error), len(members)


def deque_changes():
    items = collections.deque([1, 2])
    try:
        for item in items:
            pause(item)
            items.append(3)
    except RuntimeError as error:
        return str(error)


def iterator_shared_by_two_loops():
    numbers, log = iter(range(6)), []
    for a in numbers:
        log.append(("a", pause(a)))
        for b in numbers:
            log.append(("b", pause(b)))
            if b % 2:
                break
    return log


def iterator_shared_by_a_zip():
    numbers = iter(range(6))
    log = []
    for pair in zip(numbers, numbers):
        log.append(pause(pair))
    return log


def calls_until_a_sentinel():
    numbers = [3, 2, 1, 0, 5]
    log = []
    for n in iter(numbers.pop, 1):
        log.append(pause(n))
    return log, numbers


def exhausted_stays_exhausted():
    done = iter([1])
    list(done)
    table = iter({"a": 1})
    list(table)
    pause()
    return list(done), list(table), next(iter(()), "none")


def at_first_and_last_element():
    log = []
    numbers = iter([1, 2])
    pause()
    log.append(next(numbers))
    pause()
    log.append(next(numbers))
    pause()
    log.append(next(numbers, "end"))
    pause()
    log.append(next(numbers, "end"))
    return log


def itertools_all():
    log = []
    for things in (
        itertools.islice(itertools.count(2.5, 0.5), 3),
        itertools.islice(itertools.cycle("ab"), 5),
        itertools.repeat("r", 2),
        itertools.chain([1], "b", (2,)),
        itertools.chain.from_iterable([[1, 2], [3]]),
        itertools.accumulate([1, 2, 3]),
        itertools.accumulate([1, 2, 3], max, initial=2),
        itertools.compress("abcd", [1, 0, 1, 1]),
        itertools.dropwhile(bool, [1, 0, 2]),
        itertools.takewhile(bool, [1, 2, 0, 3]),
        itertools.filterfalse(bool, [0, 1, ""]),
        itertools.islice("abcdef", 1, 5, 2),
        itertools.starmap(pow, [(2, 3), (3, 2)]),
        itertools.zip_longest("ab", [1], fillvalue="-"),
        itertools.product("ab", [1, 2]),
        itertools.permutations("abc", 2),
        itertools.combinations("abc", 2),
        itertools.combinations_with_replacement("ab", 2),
        itertools.pairwise("abc"),
    ):
        for item in things:
            log.append(pause(item))
    return log


def tee_with_unequal_progress():
    one, two = itertools.tee(iter([1, 2, 3, 4]))
    log = [next(one), next(one)]
    pause()
    log.append(next(two))
    pause()
    return log, list(one), list(two)


def groups():
    log = []
    for key, group in itertools.groupby("aabbbc"):
        pause()
        log.append((key, next(group)))
        pause()
        log.append(list(group))
    return log


def nested_iterators():
    numbers = zip(map(lambda n: n * 2, [1, 2, 3]), enumerate(reversed("abc")), strict=True)
    log = []
    for pair in numbers:
        log.append(pause(pair))
    return log


def unpacking_from_iterators():
    numbers = iter(range(7))
    a, b = next(numbers), next(numbers)
    pause()
    c, *d = itertools.islice(numbers, 3)
    pause()
    return a, b, c, d, [*numbers]


def loop_variable_after_the_loop():
    for n in range(pause(3)):
        pause()
    for m in ():
        pass
    return n, "m" in locals()


def nested_loops_over_one_dict():
    table, log = {"a": 1, "b": 2}, []
    for k in table:
        for v in table.values():
            log.append((k, pause(v)))
    return log


def ordered_dict_moves():
    table = collections.OrderedDict.fromkeys("abc")
    log = []
    for key in table:
        log.append(pause(key))
    table.move_to_end("a")
    for key in reversed(table):
        log.append(pause(key))
    return log


def counter_and_defaultdict():
    counts, groups = collections.Counter(), collections.defaultdict(list)
    for word in "the cat the dog".split():
        counts[word] += pause(1)
        groups[len(word)].append(pause(word))
    return counts.most_common(1), dict(groups), counts["none"], groups.default_factory
