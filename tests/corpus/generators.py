"""A script's own generators, held across suspensions."""


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


def count(n):
    for i in range(n):
        yield i


def half_consumed():
    numbers = count(5)
    first = next(numbers)
    pause()
    second = next(numbers)
    pause()
    return first, second, list(numbers), list(numbers)


def loop_over_a_generator():
    log = []
    for n in count(4):
        log.append(pause(n))
    return log


def one_generator_two_loops():
    numbers, log = count(6), []
    for n in numbers:
        log.append(pause(n))
        if n == 2:
            break
    for n in numbers:
        log.append(("later", pause(n)))
    return log


def _echo():
    received = yield "ready"
    while received is not None:
        received = yield ("echo", received)
    return "done"


def send_and_return_value():
    talk = _echo()
    log = [next(talk)]
    pause()
    log.append(talk.send("a"))
    pause()
    log.append(talk.send("b"))
    try:
        talk.send(pause(None))
    except StopIteration as stop:
        log.append(stop.value)
    return log


def guarded(log):
    try:
        while True:
            try:
                yield len(log)
            except ValueError as error:
                log.append(("caught", error.args))
    finally:
        log.append("finally")


def throw_and_close():
    log = []
    numbers = guarded(log)
    log.append(next(numbers))
    pause()
    log.append(numbers.throw(ValueError("in")))
    pause()
    numbers.close()
    pause()
    return log, list(numbers)


def throw_that_is_not_caught():
    log = []
    numbers = guarded(log)
    next(numbers)
    pause()
    try:
        numbers.throw(KeyError("out"))
    except KeyError as error:
        pause()
        log.append(error.args)
    return log


def delegating(*parts):
    result = []
    for part in parts:
        result.append((yield from part))
    return result


def yield_from():
    inner = _echo()
    outer = delegating(inner, [1, 2], "ab")
    log = [next(outer)]
    pause()
    log.append(outer.send("x"))
    pause()
    for item in (None, None, None, None):
        log.append(outer.send(item))
        pause()
    try:
        next(outer)
    except StopIteration as stop:
        log.append(stop.value)
    return log


def throw_into_a_delegate():
    log = []
    outer = delegating(guarded(log), count(2))
    log.append(next(outer))
    pause()
    log.append(outer.throw(ValueError("through")))
    pause()
    outer.close()
    return log


def generator_expression():
    base = pause(10)
    squares = (base + n * n for n in range(4) if n != 2)
    log = [next(squares)]
    base = 100
    pause()
    return log, next(squares), list(squares)


def nested_generator_expressions():
    table = ((a, b) for a in range(3) for b in range(a))
    log = [next(table)]
    pause()
    log.append(next(table))
    inner = (n + 1 for n in (m * 2 for m in range(3)))
    pause()
    return log, list(table), sum(inner)


def never_started_and_finished():
    unstarted, finished = count(2), count(1)
    list(finished)
    pause()
    return list(unstarted), list(finished), next(finished, "end")


def unstarted_cannot_be_sent_to():
    unstarted = _echo()
    pause()
    try:
        unstarted.send(1)
    except TypeError as error:
        return str(error)


def two_references():
    numbers = count(4)
    again = [numbers, numbers]
    next(numbers)
    pause()
    return next(again[0]), next(again[1]), again[0] is numbers


def generator_in_a_closure():
    numbers = count(5)

    def step():
        return pause(next(numbers))

    return step(), step(), next(numbers)


def generator_that_refers_to_itself():
    holder = []

    def make():
        me = holder[0]
        yield me is holder[0]
        yield me.__name__

    holder.append(make())
    first = next(holder[0])
    pause()
    return first, next(holder[0])


def shared_state():
    log = []

    def writer():
        for n in range(3):
            log.append(n)
            yield log

    lines = writer()
    next(lines)
    pause()
    log.append("outside")
    return next(lines) is log, log


def generators_consumed_by_builtins():
    pause()
    return sum(count(4)), list(count(3)), "".join(str(n) for n in count(3)), max(count(3)), dict(zip("ab", count(2))), pause()


def generator_with_a_for_inside():
    def pairs():
        for a in "xy":
            for b in range(2):
                yield a, b
            else:
                yield a, "end"

    numbers = pairs()
    log = [next(numbers), next(numbers)]
    pause()
    log.append(next(numbers))
    pause()
    return log + list(numbers)


def generator_with_try_and_with():
    log = []

    class Manager:
        def __enter__(self):
            log.append("enter")
            return self

        def __exit__(self, *error):
            log.append(("exit", error[0] is None))

    def inside():
        with _Manager(log):
            yield 1
            yield 2
        yield 3

    numbers = inside()
    first = next(numbers)
    pause()
    return first, list(numbers), log


class _Manager:
    def __init__(self, log):
        self.log = log

    def __enter__(self):
        self.log.append("enter")
        return self

    def __exit__(self, *error):
        self.log.append(("exit", error[0] is None))


def generator_in_a_handler():
    def careful():
        try:
            raise ValueError("inside")
        except ValueError as error:
            yield "caught"
            yield error.args
        finally:
            yield "finally"

    steps = careful()
    log = [next(steps)]
    pause()
    log.append(next(steps))
    pause()
    return log + list(steps)


def generator_methods():
    class Unused:
        pass

    bag = _Bag([1, 2, 3])
    log = []
    for item in bag:
        for other in bag.pairs(item):
            log.append(pause(other))
    return log


class _Bag:
    def __init__(self, items):
        self.items = items

    def __iter__(self):
        for item in self.items:
            yield item

    def pairs(self, item):
        yield item, len(self.items)


def fibonacci_without_end():
    def numbers():
        a, b = 0, 1
        while True:
            yield a
            a, b = b, a + b

    log = []
    for n in numbers():
        if n > 50:
            break
        log.append(pause(n))
    return log


def stop_iteration_inside_a_generator():
    def bad():
        yield 1
        raise StopIteration

    steps = bad()
    next(steps)
    pause()
    try:
        next(steps)
    except RuntimeError as error:
        return str(error), type(error.__cause__).__name__
