"""Loops, branches, match: suspended in every part."""


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


def while_else():
    log = []
    n = 0
    while pause(n < 3):
        n += 1
        log.append(n)
    else:
        log.append("else")
    return log


def nested_loops_with_break_and_continue():
    log = []
    for a in range(4):
        b = 0
        while True:
            b += 1
            if b == 2:
                continue
            if b > pause(a):
                break
            for c in "xyz":
                if c == "y":
                    continue
                log.append((a, b, c))
        else:
            log.append("never")
    return log


def for_else_without_break():
    for i in range(pause(3)):
        pause(i)
    else:
        return "done", i


def elif_chain():
    log = []
    for n in range(4):
        if pause(n) == 0:
            log.append("zero")
        elif pause(n) == 1:
            log.append("one")
        elif n == 2:
            log.append(pause("two"))
        else:
            log.append("many")
    return log


def matching():
    log = []
    for subject in (1, "a", [1, 2, 3], {"k": 1, "z": 2}, (1, (2, 3)), None, 5.5):
        match pause(subject):
            case int(n) if pause(n) > 3:
                log.append(("big", n))
            case int() | float() as n if pause(True):
                log.append(("number", n))
            case [first, *rest]:
                log.append((pause(first), rest))
            case {"k": value, **others}:
                log.append((value, pause(others)))
            case str() as text:
                log.append(pause(text) + text)
            case _:
                log.append(pause("other"))
    return log


def conditional_expressions():
    return [(pause(1) if pause(n) else pause(2)) for n in (0, 1)]


def returns_from_loops():
    def find(items):
        for index, item in enumerate(items):
            if pause(item) == 3:
                return pause(index)

    return find([1, 2, 3, 4]), find([])
