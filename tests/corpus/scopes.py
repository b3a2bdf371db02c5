"""Scopes: lambdas of modules and classes, `super()` wherever it may stand, docstrings, names."""


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


MADE = []
for number in range(3):
    MADE.append(lambda x=number: x)
MADE = tuple(f() for f in MADE)


def lambdas_made_in_a_loop_of_the_module():
    return pause(MADE)


class Loopy:
    fs = []
    for j in range(3):
        fs.append(lambda self, x=j: (x, pause(x)))


def class_loop_lambdas():
    pause()
    return [f(None) for f in Loopy.fs]


class Base:
    def go(self):
        return pause("base")


class Sub(Base):
    go = lambda self: "sub " + super().go()
    who = lambda self: __class__.__name__


def lambda_with_super_in_class_body():
    s = Sub()
    pause()
    return s.go(), s.who()


def recursive_docstring():
    return _down.__doc__, _down(3)


def _down(n):
    """Goes down."""
    if n:
        return _down(pause(n - 1))
    return 0


def boxed_docstring():
    pause()
    def f():
        """Doc of f."""
        x = 1
        def g():
            return x
        return g
    pause()
    return f.__doc__, f()()


class NestedSuper(Base):
    def go(self):
        def inner(me):
            pause()
            return super().go()
        return inner(self)


def super_in_nested_function():
    return NestedSuper().go()


class NoArgSuper(Base):
    def go(self):
        def inner():
            pause()
            return super().go()
        try:
            return inner()
        except RuntimeError as e:
            return str(e)


def super_in_nested_function_without_arguments():
    return NoArgSuper().go()


class OtherFirst(Base):
    def __init__(self, tag="x"):
        self.tag = tag
    def go(self):
        def inner(me):
            pause()
            return super().__getattribute__("tag")
        return inner(OtherFirst("y"))


def super_uses_the_inner_first_argument():
    return OtherFirst().go()


class GenSuper(Base):
    def go(self):
        try:
            return list(super().go() for _ in range(2))
        except TypeError as e:
            return "TypeError"


def super_in_genexpr():
    pause()
    return GenSuper().go()


class StarSuper(Base):
    def go(*args):
        pause()
        try:
            return super().go()
        except RuntimeError as e:
            return "RuntimeError " + str(e)


def super_with_star_args_only():
    return StarSuper().go()


class RebindsSelf(Base):
    def go(self):
        self = RebindsSelf2()
        pause()
        return super().go()


class RebindsSelf2(RebindsSelf):
    pass


def super_after_self_is_rebound():
    return RebindsSelf().go()


def qualnames():
    pause()
    f = lambda: (lambda: 1)
    class A:
        g = lambda self: 1
        def m(self):
            return lambda: 2
    gen = (x for x in [1])
    pause()
    return f.__qualname__, f().__qualname__, A.g.__qualname__, A.m.__qualname__, A().m().__qualname__, gen.__qualname__, gen.__name__


def class_body_locals():
    pause()
    class A:
        f = lambda: 1
        names = sorted(k for k in locals() if "$" in k)
        y = [i for i in range(3)]
    return A.names, sorted(k for k in vars(A) if "$" in k)


class Sub2(Base):
    go = lambda self: (lambda n: [super(Sub2, self).go() + self.x for _ in range(n)])
    come = lambda self: (lambda me: super().go() + me.x)(self)
    x = "x"
    gens = tuple(i for i in range(3))
    from_class = (lambda: 5)()


def nested_lambdas_with_super():
    s = Sub2()
    pause()
    return s.go()(2), s.come(), s.gens, s.from_class


def annotated(x: (lambda: pause(7)) = 1) -> [i for i in range(2)]:
    return x


def a_lambda_in_an_annotation():
    pause()
    return annotated.__annotations__["x"](), annotated.__annotations__["return"]


def comprehension_variable_unbound():
    def f():
        return [y for x in pause([1, 2]) if y for y in pause([1])]
    out = []
    for _ in range(2):
        try:
            out.append(f())
        except NameError as e:
            out.append((type(e).__name__, str(e)))
    return out


def comprehension_variable_unbound_in_a_loop():
    out = []
    for _ in range(2):
        try:
            out.append([y for x in pause([1, 2]) if y for y in pause([1])])
        except NameError as e:
            out.append((type(e).__name__, str(e)))
    return out


def _locals_in_order(b=1, *args, a=2, **rest):
    z = 1
    y = pause(2)
    def inner():
        return y, shared, sorted(locals())
    unset = None
    del unset
    x = 3
    shared = 5
    pause()
    one = list(locals())
    pause()
    return one, sorted(vars()), dir(), inner(), (lambda q: (pause(q), dir()))(1), [k for k in dir()]


def locals_order():
    return _locals_in_order(7, 8, c=9)


def defaults_replaced():
    def f(x=1):
        pause()
        return x
    a = f()
    f.__defaults__ = (2,)
    b = f()
    f.__kwdefaults__ = {}
    return a, b, f()


def _top(x=1, *, y=1):
    pause()
    return x, y


def defaults_of_a_static_function_replaced():
    a = _top()
    _top.__defaults__ = (5,)
    _top.__kwdefaults__ = {"y": 7}
    b = _top()
    return a, b


def code_replaced():
    def f():
        pause()
        return 1
    def g():
        pause()
        return 2
    a = f()
    f.__code__ = g.__code__
    return a, f()


class Priv:
    def __f(self):
        return pause(1)

    def __fails(self, x):
        pause()
        raise ValueError((lambda: x)())

    class __Inner:
        def __deep(self):
            return pause(self.__deep.__qualname__)

        def go(self):
            return self.__deep()

    def names(self):
        pause()
        return self.__f.__name__, self.__Inner.__name__, self.__Inner.__qualname__, self.__Inner().go()

    def fails(self):
        class __Local:
            pass

        pause()
        return self.__fails(isinstance(__Local(), __Local))


def private_functions_and_classes_keep_their_names():
    pause()
    return Priv().names(), vars(Priv)["_Priv__f"].__qualname__


def private_functions_in_a_trace():
    Priv().fails()


class PrivateCaptures:
    def go(self, value):
        match pause(value):
            case [__first, *__rest]:
                pause()
                return __first, __rest
            case {"k": __k, **__others}:
                pause()
                return __k, __others


def private_names_in_patterns():
    return PrivateCaptures().go([1, 2, 3]), PrivateCaptures().go({"k": 1, "z": 2})


class Outer:
    class __Inner:
        def __init__(self):
            self.__x = pause(1)

        def read(self):
            return self.__x, sorted(vars(self)), type(self).__name__

    def make(self):
        return self.__Inner()


def private_names_in_a_private_class():
    made = Outer().make()
    pause()
    return made.read()
