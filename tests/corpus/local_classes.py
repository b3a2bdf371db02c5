"""Classes made by a class statement inside a function: they and their instances travel with the frame."""

import abc


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


def methods_close_over_the_function():
    log = []

    class Counter:
        step = 2

        def __init__(self, start):
            self.n = start

        def up(self):
            for _ in range(2):
                self.n += self.step
            log.append(self.n)
            return log

    counter = Counter(pause(1))
    same = counter.up()
    pause()
    return counter.up() is same, log, Counter.__qualname__, type(counter) is Counter


def slots_properties_and_class_methods():
    class Body:
        __slots__ = ("__dict__", "mass")

        def __init__(self, mass):
            self.mass = mass

        @property
        def weight(self):
            """In newtons."""
            return self.mass * 10

        @weight.setter
        def weight(self, value):
            self.mass = value / 10

        @classmethod
        def heavy(cls):
            return cls(1000)

        @staticmethod
        def unit():
            return "kg"

    body = Body.heavy()
    body.name = "rock"
    pause()
    body.weight = pause(50)
    return body.mass, body.name, body.unit(), Body.weight.__doc__, Body.heavy().mass


def inheritance_and_super():
    class Base:
        def who(self):
            return ["base", pause("b")]

    class Derived(Base):
        def who(self):
            pause()
            return ["derived", *super().who()]

    thing = Derived()
    pause()
    return thing.who(), isinstance(thing, Base), [k.__name__ for k in Derived.__mro__]


def keys_by_value():
    class Point:
        def __init__(self, x):
            self.x = x

        def __eq__(self, other):
            return self.x == other.x

        def __hash__(self):
            return hash(self.x)

    table = {Point(1): "one", Point(2): "two"}
    points = frozenset(table)
    pause()
    return table[Point(1)], Point(2) in points, Point(3) in points


def errors():
    class Broken(ValueError):
        def __init__(self, where, why):
            super().__init__(f"{where}: {why}")
            self.where = where

    try:
        try:
            raise Broken("left", "worn")
        except Broken as error:
            pause()
            kept = error
            raise
    except ValueError as again:
        pause()
        return again is kept, str(again), again.where, type(again) is Broken


def extended_built_ins():
    class Stack(list):
        def top(self):
            return self[-1]

    class Table(dict):
        def __missing__(self, key):
            return pause(key) * 2

    stack, table = Stack([1, 2]), Table(a=1)
    table.stack = stack
    pause()
    stack.append(3)
    return stack.top(), table["a"], table["b"], table.stack is stack


def abstract_ones():
    class Shape(abc.ABC):
        @abc.abstractmethod
        def area(self): ...

    class Square(Shape):
        def area(self):
            return pause(4)

    pause()
    log = [Square().area()]
    try:
        Shape()
    except TypeError as error:
        log.append(type(error).__name__)
    return log


def class_and_instance_refer_to_each_other():
    class Node:
        registry = []

        def __init__(self):
            self.registry.append(self)
            self.kind = Node

    first, second = Node(), Node()
    pause()
    third = Node()
    return Node.registry == [first, second, third], first.kind is Node, Node.registry[1] is second


def factory_of_classes():
    def make(factor):
        class Scaled:
            def of(self, n):
                return pause(n) * factor

        return Scaled

    double, triple = make(2), make(3)
    one, other = double(), triple()
    pause()
    return one.of(5), other.of(5), type(one) is double, double is triple


def made_by_type():
    kind = type("Made", (), {"x": 1, "f": lambda self: pause(self.x)})
    thing = kind()
    pause()
    return thing.f(), kind.__name__


class Replaced:
    def which(self):
        return "first"


_old = Replaced()


class Replaced:  # noqa: F811
    def which(self):
        return "second"


def a_class_that_was_replaced():
    old, new = _old, Replaced()
    pause()
    return old.which(), new.which(), type(old) is type(new)
