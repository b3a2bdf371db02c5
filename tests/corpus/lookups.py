"""Methods as CPython looks them up: in classes, metaclasses and bases that change, static ones, special ones."""

LOG = []


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


class Meta(type):
    def walk(cls):
        return pause("meta walk")


class Walker(metaclass=Meta):
    def walk(self):
        return pause("class walk")


class Child(Walker):
    def walk(self):
        return "child " + super().walk() + Walker.walk(self)


def plain_method_called_on_its_class():
    w = Walker()
    return w.walk(), Walker.walk(w), Child().walk()


class Base:
    def step(self, n):
        return pause(n)


class Sub(Base):
    def step(self, n):
        return Base.step(self, n) + super().step(n)


class Sub3(Sub):
    pass


def explicit_base_call():
    return Sub().step(2)


def deleted_method():
    c = Sub()
    a = c.step(1)
    del Sub.step
    return a, c.step(1)


class Meta2(type):
    def __enter__(cls): return pause(1)
    def __exit__(cls, *a): return pause(True)


class Managed(metaclass=Meta2):
    pass


def metaclass_protocol():
    with Managed as m:
        raise ValueError
    try:
        with Managed():
            pass
    except TypeError as e:
        return m, pause(str(e))


def no_exit():
    class A:
        def __enter__(self): pass
    try:
        with pause(A()): pass
    except TypeError as e:
        return str(e)


def instance_enter_is_ignored():
    class A:
        def __exit__(self, *a): pass
    a = A()
    a.__enter__ = lambda: 1
    try:
        with pause(a): pass
    except TypeError as e:
        return str(e)


class StaticCall:
    @staticmethod
    def __call__(x):
        return pause(x)


def static_call():
    return pause(StaticCall()(5))


class GetEnter:
    def __init__(self): self.log = []
    class D:
        def __get__(self, obj, kind=None):
            return lambda *a: pause((len(a), obj is None))
    __enter__ = D()
    __exit__ = D()


def enter_is_a_descriptor():
    with GetEnter() as x:
        pause()
    return x


class ClassEnter:
    @classmethod
    def __enter__(cls):
        return pause(cls.__name__)
    @classmethod
    def __exit__(cls, *details):
        return pause(len(details))


def class_enter_and_exit():
    with ClassEnter() as x:
        pause()
        raise ValueError
    return x


class Parent2:
    def go(self):
        return pause("other parent")


class Child2(Base):
    def go(self):
        return pause("own")


class Child3(Child2):
    pass


def changed_bases():
    c = Child3()
    before = c.go()
    Child3.__bases__ = (Parent2,)
    return before, c.go()


class StaticEnter:
    __enter__ = staticmethod(lambda: pause("entered"))

    @staticmethod
    def __exit__(*details):
        return pause(True)


def static_enter_and_exit():
    with StaticEnter() as entered:
        pause()
        raise ValueError
    return entered
