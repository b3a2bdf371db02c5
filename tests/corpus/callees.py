"""Methods of built-in values, held while an argument suspends."""

import datetime
import decimal


def pause(value=None):
    """Suspends, then returns its argument."""
    for _ in (1,):
        pass
    return value


def of_containers():
    items, table, both = [1], {"a": 1}, {1}
    items.append(pause(2))
    items.insert(pause(0), pause(0))
    table.update(pause({"b": 2}))
    both.add(pause(2))
    return items, table.get(pause("a"), pause(0)), table.setdefault(pause("c"), pause(3)), both.issubset(pause({1, 2, 3}))


def of_texts_and_numbers():
    text, data, n = "a-b", b"abc", 5
    return text.split(pause("-")), text.join(pause(["x", "y"])), data.find(pause(b"c")), n.to_bytes(pause(2), pause("big"))


def of_dates():
    day = datetime.date(2026, 11, 21)
    return day.replace(year=pause(2027)), day.strftime(pause("%Y")), datetime.date.fromisoformat(pause("2026-01-01"))


def of_decimals():
    return decimal.Decimal("1.25").quantize(pause(decimal.Decimal("0.1")))


def of_types():
    return dict.fromkeys(pause("ab")), str.upper(pause("a")), int.from_bytes(pause(b"a"), "big"), bytes.fromhex(pause("0a"))
