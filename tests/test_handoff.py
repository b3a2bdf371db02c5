"""The table of hand-over: complete, closed, and what the document says."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrate.crossing import Crossings
from migrate.diagram import redraw
from migrate.errors import HandoffError
from migrate.handoff import CALLS, HERE, MEANINGS, TABLE, Hands, Input, State
from migrate.rows import HandRow, Journal

NO_LINE = [(state, input) for state in State for input in sorted(Input) if (state, input) not in TABLE]
DOCUMENT = Path(__file__).parents[1] / "docs" / "protocol.md"


def hands(state: State) -> Hands:
    """A region that knows one object in the given state."""
    return Hands(Journal(), {} if state is State.ABSENT else {"a:1": HandRow(state, 3)})


def named(line: tuple[State, Input]) -> str:
    return f"{line[0].name}-{line[1].name}"


@pytest.mark.parametrize("line", TABLE, ids=named)
def test_each_line_is_taken(line: tuple[State, Input]) -> None:
    """A step takes the object to the state in the table and names its action."""
    state, input = line
    known = hands(state)
    stepped = known.step("a:1", input)
    assert stepped is not None
    hand, action = stepped
    assert (hand.state, action) == TABLE[line]


@pytest.mark.parametrize("line", [line for line in NO_LINE if line[1] not in CALLS], ids=named)
def test_a_late_message_changes_nothing(line: tuple[State, Input]) -> None:
    """A message without a line in the table is ignored and counted."""
    state, input = line
    known = hands(state)
    assert known.step("a:1", input) is None
    assert known.stale == 1
    hand = known.get("a:1")
    assert (hand.state if hand else State.ABSENT) == state


@pytest.mark.parametrize("line", [line for line in NO_LINE if line[1] in CALLS], ids=named)
def test_a_wrong_call_raises(line: tuple[State, Input]) -> None:
    """A call of the kernel without a line in the table is a bug that shows."""
    state, input = line
    with pytest.raises(HandoffError, match="a:1"):
        hands(state).step("a:1", input)


def test_every_action_exists() -> None:
    """Each action in the table is a method of `Crossings`."""
    assert [cell.action for cell in TABLE.values() if not hasattr(Crossings, f"_{cell.action}")] == []


def test_every_input_is_explained_and_used() -> None:
    """Each input has a meaning and at least one line."""
    assert set(Input) == set(MEANINGS) == {input for _, input in TABLE}


def test_only_an_arrival_a_return_or_a_birth_makes_an_owner() -> None:
    """No other line leads from not owning an object to owning it."""
    ways = {input for (state, input), cell in TABLE.items() if state not in HERE and cell.state in HERE}
    assert ways == {Input.CREATE, Input.ARRIVE, Input.REJECT}


def test_an_object_that_is_out_can_do_nothing() -> None:
    """No call of the kernel has a line for OUT: no second crossing begins before the first has ended."""
    assert [input for state, input in TABLE if state is State.OUT and input in CALLS] == []


def test_an_offer_is_not_written_down() -> None:
    """ASKING and GRANTED are OWNED in the store, so a restart forgets offers."""
    journal = Journal()
    known = Hands(journal, {"a:1": HandRow(State.OWNED, 3)})
    known.step("a:1", Input.ASK)
    known.seal()
    assert journal.seal() == {}


def test_the_document_shows_the_table() -> None:
    """docs/protocol.md is up to date; `python -m migrate.diagram docs/protocol.md` makes it so."""
    text = DOCUMENT.read_text()
    assert text == redraw(text)
