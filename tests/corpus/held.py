"""Iterators, generators and closures held across a suspension: the less common ones."""

import collections
import functools
import itertools
import operator
import types
from array import array
from collections import deque
from io import BytesIO, StringIO


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


def _halves(iterator):
    """Consumes an iterator with a suspension after each item."""
    log = []
    for item in iterator:
        log.append(pause(item))
    return log


def bytes_and_bytearrays():
    data = bytearray(b"ab")
    log = []
    for byte in data:
        log.append(pause(byte))
        if len(data) < 4:
            data.append(byte + 10)
    return log, _halves(b"xy"), _halves(memoryview(b"z").tolist())


def reversed_of_everything():
    return _halves(reversed([1, 2])), _halves(reversed({"a": 1, "b": 2})), _halves(reversed(range(3))), _halves(reversed("ab"))


def reversed_list_that_shrinks():
    items, log = [1, 2, 3, 4], []
    for item in reversed(items):
        log.append(pause(item))
        if len(items) > 2:
            items.pop()
    return log


def big_ranges():
    numbers = iter(range(10**20, 10**20 + 3))
    first = next(numbers)
    pause()
    return first, _halves(numbers), _halves(range(5, 0, -2))


def enumerate_from_a_number():
    numbered = enumerate("abc", start=10**20)
    log = [next(numbered)]
    pause()
    return log, _halves(numbered)


def strict_zip_that_fails():
    log = []
    try:
        for pair in zip([1, 2], [3], strict=True):
            log.append(pause(pair))
    except ValueError as error:
        log.append(str(error))
    return log


def dict_of_deleted_keys_in_order():
    table = dict.fromkeys("abcdef")
    del table["b"], table["d"]
    log = []
    for key in table:
        log.append(pause(key))
    table["b"] = 1
    return log, list(table), _halves(table.items())


def a_value_changed_while_iterated():
    table, log = {"a": 1, "b": 2, "c": 3}, []
    for key, value in table.items():
        log.append((key, pause(value)))
        table["c"] = value * 10
    return log


def a_key_deleted_and_added_again():
    table, log = {"a": 1, "b": 2}, []
    try:
        for key in table:
            pause()
            log.append(key)
            del table[key]
            table[key] = 0
            if len(log) > 5:
                break
    except RuntimeError as error:
        log.append(str(error))
    return log


def sets_keep_their_order():
    things = {None, "text", (1, "x"), 3.5, b"b", frozenset(["q"])}
    before = list(things)
    pause()
    again = list(things)
    return len(before), sorted(map(repr, again)) == sorted(map(repr, before)), len(again) == len(before)


def mapping_proxies_and_chain_maps():
    table = {"a": 1}
    proxy = types.MappingProxyType(table)
    chain = collections.ChainMap({"x": 1}, table)
    pause()
    table["b"] = 2
    return dict(proxy), sorted(chain), _halves(proxy)


def accumulate_half_done():
    sums = itertools.accumulate([1, 2, 3, 4], operator.mul, initial=2)
    log = [next(sums), next(sums)]
    pause()
    return log, _halves(sums)


def dropwhile_before_and_after_the_flip():
    log = []
    for taken in (0, 1):
        kept = itertools.dropwhile(lambda n: n < 3, [1, 2, 3, 1, 4])
        for _ in range(taken):
            log.append(next(kept))
        pause()
        log.append(_halves(kept))
    return log


def takewhile_stays_over():
    taken = itertools.takewhile(lambda n: n < 3, [1, 2, 3, 1])
    first = _halves(taken)
    pause()
    return first, list(taken)


def cycle_in_its_second_round():
    cycle = itertools.cycle([1, 2, 3])
    log = [next(cycle) for _ in range(4)]
    pause()
    return log, [next(cycle) for _ in range(4)]


def chain_of_generators():
    chain = itertools.chain.from_iterable((n, n * 10) for n in range(3))
    log = [next(chain)]
    pause()
    return log, _halves(chain)


def products_and_permutations_half_done():
    log = []
    for made in (itertools.product("ab", [1, 2]), itertools.permutations("abc", 2), itertools.combinations(range(4), 3)):
        log.append(next(made))
        pause()
        log.append(_halves(made))
    return log


def slices_of_a_shared_source():
    source = iter(range(10))
    first = itertools.islice(source, 1, 6, 2)
    log = [next(first)]
    pause()
    log.append(next(source))
    pause()
    return log, list(first), list(source)


def zip_longest_with_a_fill():
    fill = ["fill"]
    pairs = itertools.zip_longest([1], iter("abc"), fillvalue=fill)
    log = [next(pairs)]
    pause()
    rest = list(pairs)
    return log, rest, rest[0][0] is fill


def repeat_counts_down():
    same = itertools.repeat([1], 3)
    first = next(same)
    pause()
    rest = list(same)
    return len(rest), rest[0] is first


def count_by_floats():
    counted = itertools.count(0.5, 0.25)
    log = [next(counted)]
    pause()
    return log, next(counted), next(itertools.count(10**30))


def pairwise_and_starmap():
    pairs = itertools.pairwise([1, 2, 3, 4])
    log = [next(pairs)]
    pause()
    powers = itertools.starmap(pow, [(2, 3), (3, 2)])
    log.append(next(powers))
    pause()
    return log, list(pairs), list(powers)


def a_generator_from_a_frame_and_a_container():
    def numbers():
        yield from range(4)

    source = numbers()
    kept = {"g": source, "z": zip(source, source)}
    first = next(source)
    pause()
    return first, next(kept["z"]), next(source), kept["g"] is source


def generator_state_after_a_caught_throw():
    def patient():
        while True:
            try:
                got = yield
                log.append(got)
            except ValueError as error:
                log.append(error.args)

    log = []
    held = patient()
    next(held)
    held.send(1)
    pause()
    held.throw(ValueError("thrown"))
    pause()
    held.send(2)
    held.close()
    pause()
    return log


def a_generator_suspended_inside_a_handler():
    def careful():
        try:
            raise ValueError("kept")
        except ValueError as error:
            yield repr(error)
            try:
                raise
            except ValueError as again:
                yield again is error

    held = careful()
    log = [next(held)]
    pause()
    return log, next(held)


def a_generator_suspended_in_finally():
    def tidy():
        try:
            yield 1
            raise KeyError("pending")
        finally:
            yield 2

    held = tidy()
    log = [next(held), next(held)]
    pause()
    try:
        next(held)
    except KeyError as error:
        log.append(error.args)
    return log


def delegation_through_three_levels():
    def leaf():
        got = yield 1
        got = yield got * 2
        return got

    def middle():
        return (yield from leaf()) + 1

    def top():
        return (yield from middle()) + 1

    held = top()
    log = [next(held), held.send(10)]
    pause()
    try:
        held.send(100)
    except StopIteration as stop:
        log.append(stop.value)
    return log


def delegation_to_plain_iterators():
    def mixed():
        yield from [1, 2]
        yield from "ab"
        yield from zip((3,), (4,))

    held = mixed()
    log = []
    for item in held:
        log.append(pause(item))
    return log


def a_coroutine_style_pipeline():
    def doubled(target):
        while True:
            target.send((yield) * 2)

    def collected(into):
        while True:
            into.append((yield))

    out = []
    sink = collected(out)
    next(sink)
    pipe = doubled(sink)
    next(pipe)
    for n in range(3):
        pipe.send(pause(n))
    return out


def generator_arguments_are_evaluated_at_once():
    log = []

    def source():
        log.append("source")
        return [1, 2]

    held = (n for n in source())
    log.append("made")
    pause()
    return log, list(held)


def late_binding_in_generator_expressions():
    factor = 1
    held = (n * factor for n in [1, 2, 3])
    log = [next(held)]
    factor = pause(10)
    return log, list(held)


def closures_share_what_a_generator_changes():
    total = 0

    def adder():
        nonlocal total
        while True:
            total += yield total

    held = adder()
    next(held)
    held.send(5)
    pause()
    total += 100
    return held.send(1), total


def a_counter_made_by_a_factory():
    def factory():
        count = 0

        def up():
            nonlocal count
            count += pause(1)
            return count

        def seen():
            return count

        return up, seen

    up, seen = factory()
    other, _ = factory()
    log = [up(), up(), other()]
    pause()
    return log, seen()


def partials_of_partials():
    def f(a, b, c, *, d=0):
        return pause((a, b, c, d))

    made = functools.partial(functools.partial(f, 1), 2, d=4)
    pause()
    return made(3), made(5, d=6)


def wrapped_functions_keep_their_names():
    def loud(f):
        @functools.wraps(f)
        def wrapper(*args, **names):
            return ("loud", pause(f(*args, **names)))

        return wrapper

    @loud
    @loud
    def speak(word="hi"):
        """Says it."""
        return pause(word)

    pause()
    return speak(), speak("yo"), speak.__name__, speak.__doc__


def recursion_of_a_lambda():
    factorial = lambda n: 1 if n < 2 else n * factorial(pause(n) - 1)
    return factorial(5)


def a_function_that_returns_itself():
    def chain(n):
        log.append(pause(n))
        return chain

    log = []
    chain(1)(2)(3)
    return log


def iterators_in_a_deque():
    waiting = collections.deque([iter([1, 2]), iter("ab")])
    log = []
    while waiting:
        item = next(waiting[0], None)
        if pause(item) is None:
            waiting.popleft()
        else:
            log.append(item)
            waiting.rotate(1)
    return log


def exhausted_ones_of_many_kinds():
    spent = [iter([]), iter({}), zip(), map(str, ()), (n for n in ()), itertools.chain(), iter(""), reversed([])]
    for one in spent:
        list(one)
    pause()
    return [next(one, "over") for one in spent]


def exhausted_iterators():
    ended = [iter(kind) for kind in ([], (), "", b"", bytearray(), array("b"), {}, set(), range(0), deque())]
    begun = [iter(bytearray(b"a")), iter(array("d", [0.5])), iter([1]), iter("a"), iter({1})]
    for iterator in begun:
        next(iterator)
    log = [next(iterator, "ended") for iterator in ended]
    pause()
    return log, [list(iterator) for iterator in (*ended, *begun)]


def arrays():
    numbers, shared = array("d", [0.5, -0.0, 1e300]), array("q", range(3))
    both = [shared, shared]
    for number in numbers:
        if len(numbers) < 6:
            numbers.append(pause(number) / 2)
    pause()
    both[0].append(7)
    return numbers, both, both[1] is both[0], [array(code, [1]) for code in "bBhHiIlLqQf"], array("u", "h\u00e9")


def texts_in_memory():
    text, data, ended = StringIO("one\ntwo\nthree\n"), BytesIO(b"abcdef"), StringIO()
    ended.close()
    log = []
    for line in text:
        log.append((pause(line), data.read(2)))
    text.write("four")
    pause()
    data.seek(1)
    data.write(b"Z")
    same = StringIO("a\r\nb", newline="")
    first = same.readline()
    pause()
    return log, text.getvalue(), text.tell(), data.getvalue(), data.tell(), ended.closed, first, same.read()


def modules_of_a_function():
    import hashlib
    import struct
    import urllib.parse

    pair = struct.Struct("<Hb")
    pack, unpack = pair.pack, struct.unpack
    digest = pause(hashlib.sha256)
    return pack(pause(513), -1), unpack(">H", b"ab"), pair.size, digest(b"a").hexdigest(), urllib.parse.quote("a b")
