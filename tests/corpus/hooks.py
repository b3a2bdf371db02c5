"""Methods that Python calls by itself, and callbacks that built-in functions call: they suspend, or nothing moves there."""

import copy
import dataclasses
import enum
import functools
import heapq
import json
import math
import re
import statistics


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


class Steps:
    """Every method suspends."""

    def __init__(self, n=0):
        self.n = pause(n)

    def __iter__(self):
        pause()
        self.at = 0
        return self

    def __next__(self):
        pause()
        if self.at >= self.n:
            raise StopIteration
        self.at += 1
        return self.at

    def __getitem__(self, key):
        return ("item", pause(key))

    def __setitem__(self, key, value):
        self.n = (key, pause(value))

    def __delitem__(self, key):
        self.n = ("deleted", pause(key))

    def __contains__(self, key):
        return pause(key) == 1

    def __len__(self):
        return pause(3)

    def __bool__(self):
        return pause(True)

    def __add__(self, other):
        return ("+", self.n, pause(other))

    def __radd__(self, other):
        return ("r+", pause(other), self.n)

    def __iadd__(self, other):
        self.n += pause(other)
        return self

    def __eq__(self, other):
        return pause(self.n) == getattr(other, "n", other)

    __hash__ = None

    def __lt__(self, other):
        return pause(self.n) < other.n

    def __neg__(self):
        return ("-", pause(self.n))

    def __str__(self):
        return f"<{pause(self.n)}>"

    def __format__(self, spec):
        return f"{pause(self.n)}:{spec}"

    def __call__(self, *args, **names):
        return pause((args, names))

    def __index__(self):
        return pause(1)


def construction():
    first, second = Steps(1), Steps(n=2)
    pause()
    return first.n, second.n


def iteration():
    log = []
    for n in Steps(3):
        log.append(pause(n))
    return log, [n * 2 for n in Steps(2)]


def items():
    steps = Steps()
    log = [steps[1], steps["a"]]
    steps["k"] = pause("v")
    log.append(steps.n)
    del steps["k"]
    pause()
    return log, steps.n, 1 in steps, 2 in steps


def truth_and_length():
    steps = Steps()
    log = ["true" if steps else "false", not steps, len(steps), pause(bool(steps))]
    return log


def arithmetic():
    steps = Steps(5)
    log = [steps + 1, 1 + steps, -steps]
    steps += 2
    pause()
    return log, steps.n


def comparison():
    log = [Steps(1) == Steps(1), Steps(1) != Steps(2), Steps(1) < Steps(2), Steps(1) == 1]
    return log, pause("end")


def texts():
    return str(Steps(1)), f"{Steps(2)} {Steps(3):x}", pause("end")


def calls():
    steps = Steps()
    return steps(1, a=2), [pause(steps)(n) for n in range(2)]


def as_an_index():
    return [10, 20, 30][Steps()], pause("end")


def sort_keys():
    items = [3, 1, 2]
    ordered = sorted(items, key=lambda n: pause(-n))
    items.sort(key=pause)
    pause()
    return ordered, items, max(items, key=pause), min([[2], [1]], key=lambda n: pause(n)[0])


def comparison_keys():
    ordered = sorted([3, 1, 2], key=functools.cmp_to_key(lambda a, b: pause(a) - b))
    return pause(ordered)


def maps_and_filters():
    return pause(list(map(pause, [1, 2]))), list(filter(pause, [0, 1])), functools.reduce(lambda a, b: pause(a) + b, [1, 2, 3])


def generators_in_builtins():
    return (
        pause(sum(pause(n) for n in range(3))),
        any(pause(n) for n in (0, 1)),
        all(pause(n) for n in (1, 0)),
        ",".join(pause(c) for c in "ab"),
        dict((pause(k), 1) for k in "ab"),
        tuple(pause(n) for n in range(2)),
        sorted(pause(n) for n in (2, 1)),
    )


def unpacking_of_generators():
    a, *b = (pause(n) for n in range(3))
    pause()
    return a, b, [*(pause(n) for n in range(2))]


def substitution_callbacks():
    return pause(re.sub(r"\d", lambda match: pause(match.group() * 2), "a1b2"))


def json_hooks():
    text = json.dumps({"a": {1}}, default=lambda value: pause(sorted(value)))
    return pause(text), json.loads(text, object_hook=lambda value: pause(list(value.items())))


@dataclasses.dataclass
class Made:
    items: list = dataclasses.field(default_factory=lambda: pause([1]))

    def __post_init__(self):
        self.total = sum(pause(self.items))


def dataclass_hooks():
    made = Made()
    pause()
    return made, made.total


class Missing(dict):
    def __missing__(self, key):
        return ("missing", pause(key))


def missing_keys():
    table = Missing(a=1)
    pause()
    return table["a"], table["b"]


class Lazy:
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return pause(name.upper())


def missing_attributes():
    lazy = Lazy()
    pause()
    return lazy.x, getattr(lazy, "y", None)


class Watched:
    @property
    def value(self):
        return pause(self.kept)

    @value.setter
    def value(self, value):
        self.kept = pause(value)

    @value.deleter
    def value(self):
        pause()
        del self.kept


def properties_that_suspend():
    watched = Watched()
    watched.value = pause(1)
    watched.value += 2
    seen = watched.value
    del watched.value
    pause()
    return seen, vars(watched)


class Copied:
    def __init__(self):
        self.items = [1]

    def __deepcopy__(self, memo):
        made = Copied()
        made.items = pause(["deep"])
        return made


def copy_hooks():
    original = Copied()
    deep = copy.deepcopy(original)
    pause()
    return deep.items, original.items


class Planet(enum.Enum):
    EARTH = (1, 2)
    MARS = (3, 4)

    def __init__(self, mass, radius):
        self.mass, self.radius = mass, radius

    @property
    def ratio(self):
        return pause(self.mass) / self.radius


def enums_with_values():
    planet = Planet.EARTH
    pause()
    return planet.ratio, planet is Planet((1, 2)), [pause(p).name for p in Planet]


class Meta(type):
    def __call__(cls, *args):
        made = super().__call__(*args)
        made.marked = True
        return made

    @property
    def label(cls):
        return cls.__name__.lower()


class Marked(metaclass=Meta):
    def __init__(self, n):
        self.n = n


def metaclasses():
    marked = Marked(pause(1))
    pause()
    return marked.n, marked.marked, Marked.label, type(type(marked)) is Meta


class Left:
    def who(self):
        return ["left", pause("l")]


class Top(Left):
    def who(self):
        return ["top", *super().who()]


class Side(Left):
    def who(self):
        return ["side", pause("s"), *super().who()]


class Diamond(Top, Side):
    def who(self):
        inner = super().who
        pause()
        return ["diamond", *inner()]


def method_resolution_in_a_diamond():
    return Diamond().who()


def heaps_of_own_objects():
    heap = []
    for n in (3, 1, 2):
        heapq.heappush(heap, (n, pause([n])))
    return [heapq.heappop(heap) for _ in range(len(heap))]


def library_calls_between_suspensions():
    numbers = [pause(n) for n in (1, 2, 3, 4)]
    mean = statistics.mean(numbers)
    pause()
    return mean, math.isclose(mean, pause(2.5)), sum(numbers)


class Counted:
    made = 0

    def __new__(cls, *args):
        cls.made += 1
        return super().__new__(cls)

    def __init__(self, n):
        self.n = n


def new_runs_once():
    counted = Counted(pause(1))
    for _ in range(3):
        pause()
    return Counted.made, counted.n


class Reduced:
    """What pickle would call must not run."""

    log = []

    def __init__(self):
        self.n = 1

    def __reduce__(self):
        self.log.append("reduce")
        return (Reduced, ())

    def __getstate__(self):
        self.log.append("getstate")
        return {}

    def __setstate__(self, state):
        self.log.append("setstate")


def own_pickling_methods_do_not_run():
    reduced = Reduced()
    reduced.n = 2
    pause()
    return reduced.n, Reduced.log
