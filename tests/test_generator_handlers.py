"""Handlers written as generators: `yield` gives up the slice, `yield` in front of a waiting call waits."""

from __future__ import annotations

import re
import textwrap
from typing import Any

import pytest

from scripts_api.testing import ScriptFailed, World, everywhere

WAITER = """
from scripts_api import Heard, Script

class Waiter(Script):
    def on_touch(self, toucher):
        for round in range(2):
            yield
            self.say(f"round {round}")
            yield self.sleep(1.0)
        yield from self.bow()
        answer = yield self.wait(Heard, timeout_s=1.0)
        self.say(f"answer {answer}")

    def bow(self):
        yield self.sleep(1.0)
        self.say("bows")
"""


@everywhere
def test_a_handler_that_is_a_generator_waits_where_it_yields(world: World) -> None:
    """Its sleeps last as long as those of plain handlers, also in generators that it yields from, and it travels."""
    waiter = world.rez(WAITER)
    world.touch(waiter)
    world.advance(0.5)
    assert ["round 0"] == world.said
    world.advance(1.0)
    assert ["round 0", "round 1"] == world.said
    world.advance(5.0)
    assert ["round 0", "round 1", "bows", "answer None"] == world.said


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            "self.sleep(1.0)\nyield",
            "Sleep of line 5 was not waited for: in a handler that is a generator write",
        ),
        ("yield\nself.sleep(1.0)", "Sleep of line 6 was not waited for"),
        ("self.sleep(1.0)\nself.sleep(2.0)\nyield", "Sleep of line 5 was not waited for"),
        (
            "yield self.helper()",
            "Sleep cannot wait here: 'Waiter.helper' was called by a handler that is a generator",
        ),
        ("yield 5", "a handler cannot yield a 'int': a bare `yield` gives up the slice"),
    ],
)
def test_what_a_generator_does_not_yield_is_told(world: World, body: str, told: str) -> None:
    """A call that would be lost without a word is an error, with its line."""
    lines = textwrap.indent(body, " " * 8)
    source = f"from scripts_api import Script\n\nclass Waiter(Script):\n    def on_touch(self, toucher):\n{lines}\n"
    source += "    def helper(self):\n        self.sleep(1.0)\n"
    waiter = world.rez(source)
    with pytest.raises(ScriptFailed, match=re.escape(told)):
        touch_and_wait(world, waiter)


def touch_and_wait(world: World, thing: Any) -> None:
    """Until whatever it does has failed."""
    world.touch(thing)
    world.advance(2.0)


def test_the_handler_may_go_on_after_it_was_told(world: World) -> None:
    """The error is raised where it goes on, like any other."""
    source = WAITER.replace(
        "yield from self.bow()",
        "try:\n            yield 5\n        except Exception as error:\n            self.say(type(error).__name__)",
    )
    waiter = world.rez(source)
    world.touch(waiter)
    world.advance(6.0)
    assert ["round 0", "round 1", "CannotWaitHere", "answer None"] == world.said
