"""Who is to blame for an error that reaches a region: found, and noted, without asking anything of a script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simulator.suspects import Suspect, note, suspect_of, take_note
from simulator.world.objects import WorldObject
from tests.regions import Grid


class Mute(Exception):
    """An error of a script, which has no words."""

    def __str__(self) -> str:
        raise AssertionError("it was asked for its words")


CLASSLESS = """
class Classless:
    @property
    def __class__(self):
        raise AssertionError("it was asked for its class")

held = Classless()
"""


def busy_with(body: WorldObject, error: Exception) -> None:
    """The region, in the middle of something, with a value of a script at hand."""

    def look_at(held: object) -> None:
        raise error

    namespace: dict[str, Any] = {}
    exec(CLASSLESS, namespace)
    look_at(namespace["held"])


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ZeroDivisionError("division by zero"), "(ZeroDivisionError: division by zero)"),
        (Mute(), "Mute: <exception str() failed>)"),
        (ValueError("\ud800"), r"(ValueError: \ud800)"),
    ],
)
def test_a_note_is_left_whatever_the_error_is(tmp_path: Path, error: Exception, told: str) -> None:
    """It names the object and the error; who begins next takes it away."""
    grid = Grid("west")
    box = grid.rez("class Box(Script):\n    pass\n")
    with pytest.raises(type(error)) as raised:
        busy_with(grid.object(box), error)
    suspect = suspect_of(raised.value)
    assert suspect is not None
    assert (box, True) == (suspect.object, told in suspect.reason)
    note(tmp_path / "west.suspect", suspect)
    assert [suspect, None] == [take_note(tmp_path / "west.suspect") for _ in range(2)]


def test_an_error_in_which_no_object_has_a_part_blames_nobody() -> None:
    """The next start tries as this one did."""
    with pytest.raises(ZeroDivisionError) as raised:
        divmod(1, 0)
    assert suspect_of(raised.value) is None


def test_a_note_that_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    """A disk that was full may have kept half of it."""
    path = tmp_path / "west.suspect"
    note(path, Suspect("west:1", "because"))
    path.write_bytes(path.read_bytes()[:9])
    assert (None, False) == (take_note(path), path.exists())
