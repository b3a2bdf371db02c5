"""The desk of one simulator: what it answers at once, and what only when it is committed."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from simulator.control import Answer, Done, DoSay, DoTouch, DoUpgrade, Question, Refused
from simulator.control_desk import ControlDesk
from simulator.errors import ScriptRefused

TOUCH = DoTouch("west:1", "ada")
SAY = DoSay("west", "ada", "hello", 0, None)


def answers(region: Any, question: Question) -> list[Answer]:
    """What the desk of a simulator with that region answers."""
    answered: list[Answer] = []
    desk = ControlDesk("one", {"west": region}, lambda: None, dict)
    desk.take(
        msgspec.msgpack.encode(question),
        lambda data: answered.append(msgspec.msgpack.decode(data, type=Answer)),  # type: ignore[arg-type]  # a union
    )
    return answered


def region_that(stalled: str | None = None, **does: Callable[..., object]) -> Any:
    """A region that has every object."""
    return SimpleNamespace(stalled=stalled, holds=lambda id: True, **does)


@pytest.mark.parametrize("question", [TOUCH, SAY])
def test_nothing_is_done_in_a_region_that_stands_still(question: Question) -> None:
    """It would wait for room on the disk, and whoever asks for an answer."""
    assert [Refused("no room")] == answers(region_that("no room"), question)


def test_what_is_done_is_answered_with_what_is_still_to_come() -> None:
    """When it is committed, and not before."""
    confirms: list[Callable[..., None]] = []
    region = region_that(upgrade=lambda question, done: confirms.append(done))
    answered = answers(region, DoUpgrade("west:1", "lamp.py", ""))
    assert [] == answered
    confirms[0]("on_start is at work still")
    assert [Done("on_start is at work still")] == answered


def test_a_deed_that_is_refused_is_answered_at_once() -> None:
    """With the reason that the region gives."""

    def touch(question: DoTouch, done: object) -> None:
        raise ScriptRefused("nobody may")

    assert [Refused("nobody may")] == answers(region_that(touch=touch), TOUCH)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (DoSay("east", "ada", "hello", 0, None), "region east is not in simulator one"),
        (TOUCH, "object west:1 is not in simulator one"),
    ],
)
def test_what_is_not_here_is_said(question: Question, words: str) -> None:
    """It may be in another simulator, or have crossed a border."""
    region = SimpleNamespace(stalled=None, holds=lambda id: False)
    assert [Refused(words)] == answers(region, question)
