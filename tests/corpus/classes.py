"""Classes that a script defines, and their instances in frames."""

import abc
import dataclasses
import enum
import functools
import typing


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


class Base:
    kind = "base"

    def __init__(self, name):
        self.name = name

    def greet(self, other="you"):
        return f"{self.name} greets {pause(other)}"

    @classmethod
    def make(cls, name):
        return cls(pause(name))

    @staticmethod
    def twice(n):
        return pause(n) * 2

    @property
    def loud(self):
        return self.name.upper()

    @loud.setter
    def loud(self, value):
        self.name = value.lower()


class Derived(Base):
    kind = "derived"

    def greet(self, other="all"):
        return "derived " + super().greet(pause(other))

    def __call__(self, n):
        return pause(n) + len(self.name)


class Mixed(Derived, abc.ABC):
    def greet(self, other="mixed"):
        return [pause(other), super().greet(other + "!")]


def inheritance_and_super():
    return Base("b").greet(), Derived("d").greet(), Mixed("m").greet()


def class_and_static_methods():
    return Derived.make("x").name, Derived.twice(4), Base("q").twice(5), type(Mixed.make("z")).__name__


def properties():
    thing = Base("abc")
    pause()
    before = thing.loud
    thing.loud = pause("XYZ")
    return before, thing.name


def callable_objects():
    call = Derived("abc")
    return call(1), [call(n) for n in range(3)], functools.partial(call, 5)()


def class_attributes():
    thing = Base("a")
    log = [thing.kind, Base.kind]
    thing.kind = pause("own")
    Base.kind = pause("changed")
    log += [thing.kind, Base.kind, Base("b").kind, Derived("c").kind]
    del thing.kind
    pause()
    return [*log, thing.kind]


def bound_methods_are_kept():
    thing = Derived("m")
    greet, call = thing.greet, thing
    pause()
    thing.name = "changed"
    return greet("x"), call(1), greet.__self__ is thing


def instance_attribute_that_is_a_function():
    thing = Base("a")
    thing.greet = lambda other: ("own", pause(other))
    return thing.greet("x"), Base.greet(thing, "y")


class Private:
    def __init__(self):
        self.__secret = 1

    def __hidden(self, n):
        return pause(n) + self.__secret

    def show(self):
        self.__secret += pause(1)
        return self.__hidden(10)


def private_names():
    thing = Private()
    return thing.show(), thing._Private__secret


class Slotted:
    __slots__ = ("a", "b", "__weakref__")

    def __init__(self, a):
        self.a = a

    def add(self, n):
        self.a += pause(n)
        return self.a


class SlottedMore(Slotted):
    __slots__ = ("c", "__dict__")


def slots():
    one, two = Slotted(1), SlottedMore(2)
    two.c, two.free = 3, 4
    log = [one.add(1), two.add(2)]
    pause()
    try:
        one.b
    except AttributeError:
        log.append("unset")
    return log, two.c, two.free


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0
    tags: list = dataclasses.field(default_factory=list)

    def moved(self, dx):
        return dataclasses.replace(self, x=self.x + pause(dx))


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Frozen:
    x: int
    y: int = 1

    def plus(self, n):
        return Frozen(self.x + pause(n), self.y)


def dataclasses_travel():
    point = Point(1, tags=["a"])
    moved = point.moved(5)
    pause()
    point.tags.append("b")
    table = {Frozen(1): "one", Frozen(2): "two"}
    pause()
    return point, moved, moved.tags is point.tags, table[Frozen(1)], Frozen(1).plus(2), Frozen(1) < Frozen(2)


class Colour(enum.Enum):
    RED = 1
    GREEN = 2

    def next(self):
        return Colour.GREEN if pause(self) is Colour.RED else Colour.RED


class Rights(enum.Flag):
    READ = enum.auto()
    WRITE = enum.auto()


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


def enums_keep_their_identity():
    colour, both = Colour.RED, Rights.READ | Rights.WRITE
    table = {Colour.RED: "r", Level.HIGH: "h"}
    pause()
    log = [colour is Colour.RED, colour.next() is Colour.GREEN, both is Rights.READ | Rights.WRITE]
    for member in Colour:
        log.append(pause(member).name)
    for member in reversed(Level):
        log.append(pause(member))
    return log, table[colour], table[Level(2)], sorted([Level.HIGH, Level.LOW])


class Named(typing.NamedTuple):
    x: int
    y: str = "d"

    def both(self):
        return pause(self.x), self.y


def named_tuples():
    one = Named(1)
    x, y = pause(one)
    return one.both(), x, y, one._replace(x=5).both()


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...

    def describe(self):
        return f"{type(self).__name__} {self.area():.2f}"


class Square(Shape):
    def __init__(self, side):
        self.side = side

    def area(self):
        for _ in range(2):
            pass
        return self.side**2


def abstract_classes():
    try:
        Shape()
    except TypeError:
        refused = True
    return refused, pause(Square(2)).describe(), isinstance(Square(1), Shape)


class Numbers:
    """An iterable and its iterator."""

    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return NumbersIterator(self)

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        if index >= self.n:
            raise IndexError(index)
        return index * 10

    def __contains__(self, item):
        return item == 7

    def __bool__(self):
        return True


class NumbersIterator:
    def __init__(self, numbers):
        self.numbers, self.at = numbers, 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.at >= self.numbers.n:
            raise StopIteration
        self.at += 1
        return self.at - 1


def own_iterators():
    log = []
    numbers = Numbers(3)
    for n in numbers:
        log.append(pause(n))
    for n in numbers:
        for m in numbers:
            log.append((n, pause(m)))
    return log, len(numbers), 7 in numbers, list(numbers)


class Indexed:
    def __getitem__(self, index):
        if index > 2:
            raise IndexError
        return index


def old_style_iteration():
    return [pause(item) for item in Indexed()]


class Money:
    def __init__(self, amount):
        self.amount = amount

    def __add__(self, other):
        return Money(self.amount + getattr(other, "amount", other))

    __radd__ = __add__

    def __iadd__(self, other):
        self.amount += other
        return self

    def __eq__(self, other):
        return self.amount == other.amount

    def __hash__(self):
        return hash(self.amount)

    def __lt__(self, other):
        return self.amount < other.amount

    def __repr__(self):
        return f"Money({self.amount})"

    def __format__(self, spec):
        return format(self.amount, spec)


def operators():
    a, b = Money(1), Money(2)
    total = a + pause(b) + pause(3)
    kept = total
    total += pause(4)
    table = {a: "a", b: "b"}
    pause()
    return total, kept is total, 5 + a, table[Money(1)], max(a, b), f"{pause(b):>5}", sorted([b, a])


class Managed:
    log = []

    def __enter__(self):
        self.log.append("enter")
        return self

    def __exit__(self, *error):
        self.log.append(error[0])
        return True


def managers_with_plain_methods():
    with Managed() as one:
        pause()
        raise ValueError
    return one.log


class Typed:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, instance, owner=None):
        return self if instance is None else getattr(instance, self.name)

    def __set__(self, instance, value):
        setattr(instance, self.name, value * 2)


class Described:
    value = Typed()

    def __init__(self):
        self.value = 1

    def bump(self):
        self.value += pause(1)
        return self.value


def descriptors():
    return Described().bump(), pause(Described()).value


class Registry:
    classes = []

    def __init_subclass__(cls, **options):
        Registry.classes.append((cls.__name__, options))


class Registered(Registry, tag="x"):
    pass


def subclass_hooks():
    return pause(Registry.classes)


class Lazy:
    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return name.upper()

    def __setattr__(self, name, value):
        object.__setattr__(self, name, ("set", value))


def attribute_hooks():
    thing = Lazy()
    thing.x = pause(1)
    pause()
    return thing.x, thing.missing


class Stack(list):
    """A built-in type extended."""

    limit = 3

    def push(self, item):
        if len(self) >= self.limit:
            raise OverflowError(item)
        self.append(pause(item))
        return self


class Text(str):
    def shout(self):
        return Text(pause(self.upper()))


class Problem(Exception):
    def __init__(self, code, detail):
        super().__init__(f"{code}: {detail}")
        self.code = code


def extended_builtins():
    stack = Stack([1])
    stack.push(2).push(3)
    text = Text("abc")
    text.extra = pause(1)
    pause()
    try:
        stack.push(4)
    except OverflowError as error:
        return stack, type(stack).__name__, error.args, text.shout(), text.extra


def own_exceptions():
    try:
        pause()
        raise Problem(7, "bad")
    except Problem as problem:
        kept = problem
        pause()
        try:
            raise
        except Problem as again:
            return again is kept, again.code, str(again), again.args


def shared_and_cyclic():
    a, b = Base("a"), Base("b")
    a.other, b.other = b, a
    a.items = b.items = items = [a, b]
    items.append(items)
    pause()
    a.items.append("x")
    return a.other.other is a, b.items[2] is items, items[3], len(b.items)


def dict_of_an_instance():
    thing = Base("a")
    inside = thing.__dict__
    pause()
    inside["name"] = "changed"
    pause()
    thing.more = 1
    return thing.name, sorted(inside)


def half_initialised():
    class_log = []

    thing = object.__new__(Base)
    class_log.append(hasattr(thing, "name"))
    pause()
    thing.__init__("late")
    return class_log, thing.name


class Tree:
    def __init__(self, value, *children):
        self.value, self.children = value, children

    def total(self):
        return self.value + sum([child.total() for child in self.children])

    def walk(self):
        yield self.value
        for child in self.children:
            yield from child.walk()


def trees():
    tree = Tree(1, Tree(2, Tree(3)), Tree(4))
    log = []
    for value in tree.walk():
        log.append(pause(value))
    return tree.total(), log


class Generic(typing.Generic[typing.TypeVar("T")]):
    def __init__(self, item):
        self.item = item

    def get(self):
        return pause(self.item)


def generic_classes():
    return Generic[int](3).get()


def cached_property():
    class_made = Cached()
    return class_made.value, pause(class_made).value, class_made.count


class Cached:
    count = 0

    @functools.cached_property
    def value(self):
        self.count += 1
        return self.count * 10


def type_tests():
    things = [Base("a"), Derived("b"), 3, "x", Colour.RED]
    log = []
    for thing in things:
        match pause(thing):
            case Derived(name=name):
                log.append(("derived", name))
            case Base():
                log.append("base")
            case int(n):
                log.append(n)
            case Colour.RED:
                log.append("red")
            case _:
                log.append("other")
    return log
