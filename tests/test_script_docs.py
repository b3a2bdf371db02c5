"""What an author reads of `scripts_api`: every call tells its arguments, when it waits, what it raises, and what it is
called in Second Life.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

from scripts_api import (
    Color,
    Contents,
    Item,
    LinkedPart,
    Links,
    Listen,
    ObjectStore,
    OwnObject,
    Region,
    Rotation,
    Script,
    Sensor,
    Target,
    Timer,
    Vector,
)
from scripts_api.attributes import Attribute, Fact
from scripts_api.events import EVENTS

CALLED = (
    Script,
    OwnObject,
    LinkedPart,
    Links,
    Contents,
    Item,
    ObjectStore,
    Timer,
    Listen,
    Target,
    Sensor,
    Region,
)
VALUES = (Vector, Rotation, Color)
OPERATORS = ("__getitem__", "__setitem__", "__delitem__", "__len__", "__contains__", "__iter__")
COORDINATES = ("x", "y", "z", "w", "red", "green", "blue")


def members(kinds: tuple[type, ...]) -> Iterator[tuple[str, Any]]:
    """What these classes offer: calls, properties, attributes, operators."""
    for kind in kinds:
        for name, value in vars(kind).items():
            is_slot = inspect.ismemberdescriptor(value)
            if (name in OPERATORS or not name.startswith("_")) and not is_slot and name not in COORDINATES:
                yield f"{kind.__name__}.{name}", value


CALLS = [(name, value) for name, value in members(CALLED) if inspect.isfunction(value) and "__" not in name]


def doc(value: object) -> str:
    """Its documentation in one line."""
    return " ".join((inspect.getdoc(value) or "").split())


@pytest.mark.parametrize(("name", "value"), CALLS, ids=[name for name, _ in CALLS])
def test_a_call_tells_its_arguments_and_when_it_waits(name: str, value: Any) -> None:
    """Each argument by its name; "Waits." where it does and "Never waits." where it does not; what it raises."""
    text, arguments = doc(value), list(inspect.signature(getattr(value, "request", value)).parameters)[1:]
    assert [] == [each for each in arguments if not re.search(rf"`[^`]*\b{each}\b", text)]
    assert (hasattr(value, "request")) is bool(
        re.search(r"(?<!Never )(?<!never )\b[Ww]aits\b(?! [io]n)", text)
    )
    assert bool(arguments) <= bool(re.search(r"\b[Rr]aises\b", text))


@pytest.mark.parametrize("name", sorted({value.__name__ for _, value in CALLS if hasattr(value, "request")}))
def test_what_waits_is_told_in_the_documents(name: str) -> None:
    """The guide lists all calls that wait."""
    guide = (scripts_api_docs()).split("Calls that wait say so")[1].split("\n\n")[0]
    assert f"`{name}`" in guide


def scripts_api_docs() -> str:
    """docs/scripts.md."""
    from tests.test_tidy import ROOT

    return (ROOT / "docs" / "scripts.md").read_text()


@pytest.mark.parametrize(
    ("name", "value"),
    [*members((*CALLED, *VALUES)), *((event.__name__, event) for event in EVENTS)],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_everything_names_its_counterpart_in_second_life(name: str, value: Any) -> None:
    """Or says that there is none."""
    assert "Second Life:" in doc(value)


def test_every_handler_is_in_the_guide() -> None:
    """And every attribute of an object."""
    guide = scripts_api_docs()
    assert [] == [event.handler for event in EVENTS if f"`{event.handler}(" not in guide]
    attributes = [name for name, value in vars(OwnObject).items() if isinstance(value, (Attribute, Fact))]
    assert [] == [name for name in attributes if not re.search(rf"\b{name}\b", guide)]
