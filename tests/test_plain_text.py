"""Values as text for an operator: as Python writes them, and nothing of a script runs."""

from __future__ import annotations

from typing import Any

import pytest

from scripts_api import AgentRef, Message, ObjectRef, Touch, Vector
from simulator.plain_text import DEPTH_MAX, as_plain_text


class Loud:
    """What no operator's question may ask."""

    def __repr__(self) -> str:
        raise AssertionError("a script's own __repr__ was called")


@pytest.mark.parametrize(
    "value",
    [
        1,
        1.5,
        "ada's",
        b"x",
        None,
        True,
        [],
        [1, [2]],
        (),
        (1,),
        (1, 2),
        set(),
        {1},
        frozenset({1}),
        {},
        {"a": {1: 2}},
        Vector(1, 2, 3),
        AgentRef("agent:a", "ada"),
        Touch(AgentRef("agent:a", "ada")),
    ],
    ids=repr,
)
def test_what_is_built_in_is_written_as_python_writes_it(value: object) -> None:
    """Also values and records of scripts_api."""
    assert repr(value) == as_plain_text(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Loud(), "<Loud>"),
        ([Loud()], "[<Loud>]"),
        ({"a": (Loud(),)}, "{'a': (<Loud>,)}"),
        (
            Message(ObjectRef("west:1", "box"), Loud()),
            "Message(sender=ObjectRef(id='west:1', name='box'), payload=<Loud>)",
        ),
    ],
)
def test_what_a_script_has_made_shows_its_class(value: object, text: str) -> None:
    """Wherever it lies, in a message too."""
    assert text == as_plain_text(value)


def test_text_is_cut() -> None:
    """Behind so many characters, and where values are nested too deep."""
    nested: list[Any] = []
    for _ in range(2 * DEPTH_MAX):
        nested = [nested]
    assert "'aaaa…" == as_plain_text("a" * 100, 5)
    assert f"{'[' * DEPTH_MAX}…{']' * DEPTH_MAX}" == as_plain_text(nested)


def test_a_large_integer_shows_its_size() -> None:
    """Python itself refuses to write one that is too large."""
    assert "<int of 100001 bits>" == as_plain_text(1 << 100_000)


def test_shared_parts_do_not_multiply() -> None:
    """A thousand lists of a thousand lists of … take no more than the room there is."""
    shared: list[Any] = [0]
    for _ in range(DEPTH_MAX - 2):
        shared = [shared] * 1000
    assert 1_001 == len(as_plain_text(shared, 1_000))
