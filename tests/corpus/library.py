"""Things of the standard library in a frame: methods of named tuples and errors, iterators half-way."""

import collections
import contextlib
import itertools
import typing


def pause(value=None):
    for _ in (1,):
        pass
    return value


class P(typing.NamedTuple):
    x: int
    y: int = 5


Q = collections.namedtuple("Q", "a b")


class R(Q):
    def both(self): return pause(self.a), self.b


def named_tuple_methods():
    p = P(1)
    q = p._replace(y=pause(7))
    r = R(1, 2)._replace(b=pause(3))
    make = P._make
    pause()
    return q, r, type(r).__name__, r.both(), make([pause(1), 2]), q._asdict(), Q._make(pause([1, 2])), P(x=pause(1))._asdict()


class Boom(Exception): pass


def error_methods():
    try:
        raise Boom(1)
    except Boom as e:
        e.add_note(pause("n"))
        f = e.with_traceback(pause(None))
    g = ExceptionGroup("g", [f, KeyError(1)])
    return f.__notes__, g.split(pause(Boom)), g.subgroup(pause(lambda e: True)), g.derive(pause([f]))


def null_contexts():
    with contextlib.nullcontext(5) as n:
        pause()
    return n


def groups_half_taken():
    g = itertools.groupby(iter("aaabbbccd"), key=lambda c: pause(c))
    k1, grp1 = next(g)
    a = next(grp1)
    pause()
    b = next(grp1)
    k2, grp2 = next(g)
    pause()
    h = itertools.groupby([1, 1, 2])
    next(next(h)[1])
    pause()
    return k1, a, b, k2, list(grp1), next(grp2), [(k, list(v)) for k, v in g], list(grp2), [(k, list(v)) for k, v in h]


def batches_half_taken():
    # Python 3.11 has none, but goes on with one that comes from a later one.
    batches = iter([(0, 1, 2), (3, 4, 5), (6,)])
    if hasattr(itertools, "batched"):
        batches = itertools.batched(iter(range(7)), 3)
    first = next(batches)
    pause()
    return first, list(batches), list(batches)
