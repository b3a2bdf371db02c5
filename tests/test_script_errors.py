"""What an author sees of a script that has failed: always file, line and caret."""

from __future__ import annotations

import pytest

from migrate import Module, compile_program, format_script_error
from scripts_api.testing import ScriptFailed, World

HEAD = "from scripts_api import Script\n\nclass A(Script):\n"
SPINS = "        for each in range(3):\n            self.spin = each\n"
"""Makes a function one that may be suspended."""

WRONG = {
    "a handler": (
        "    def on_touch(self):\n        pass\n",
        "on_touch",
        "def on_touch(self):",
        "A.on_touch() takes 1 positional argument but 2 were given\n"
        "An event calls it: `gossamer api on_touch` tells with what. self counts as one.",
    ),
    "a handler with a loop": (
        f"    def on_touch(self, toucher, more):\n{SPINS}",
        "on_touch",
        "def on_touch(self, toucher, more):",
        "A.on_touch() missing 1 required positional argument: 'more'\n"
        "An event calls it: `gossamer api on_touch` tells with what. self counts as one.",
    ),
    "a timer's method": (
        "    def on_touch(self, toucher):\n        self.after(0, self.blink)\n"
        "    def blink(self, timer):\n        pass\n",
        "blink",
        "def blink(self, timer):",
        "A.blink() missing 1 required positional argument: 'timer'\n"
        "A timer calls it, without arguments. self counts as one.",
    ),
    "a method that is spawned": (
        f"    def on_touch(self, toucher):\n        self.spawn(self.work)\n    def work(self, count):\n{SPINS}",
        "work",
        "def work(self, count):",
        "A.work() missing 1 required positional argument: 'count'\n"
        "It was begun by spawn, with the arguments that are given there. self counts as one.",
    ),
}


def touch(world: World, source: str) -> None:
    world.touch(world.rez(source))
    world.advance(1.0)


def failure(world: World, source: str) -> str:
    """What the author sees of a script that fails when it is touched."""
    with pytest.raises(ScriptFailed) as failed:
        touch(world, source)
    return str(failed.value)


@pytest.mark.parametrize("engine", ["generator", "native"])
@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_signature_shows_its_line(world: World, case: tuple[str, str, str, str], engine: str) -> None:
    """With file, caret, and who calls the function."""
    body, name, line, expected = case
    source = HEAD.replace("Script)", f"Script, engine={engine!r})") + body
    number = source.splitlines().index(f"    {line}") + 1
    told = failure(world, source)
    shown = f"line {number}, in {name}\n    {line}\n    {'^' * len(line)}\nTypeError: {expected}"
    assert shown in told
    assert '  File "' in told


def test_an_error_inside_of_a_function_shows_where_it_was(world: World) -> None:
    """A `TypeError` of its own is no wrong call."""
    told = failure(world, f"{HEAD}    def on_touch(self, toucher):\n        len()\n")
    assert "line 5, in on_touch\n    len()\n    ^^^^^\nTypeError: len() takes exactly one" in told
    assert "calls it" not in told


def test_what_was_not_yielded_before_the_end_shows_its_line(world: World) -> None:
    """The handler has ended then; the place is that of the call."""
    told = failure(world, f"{HEAD}    def on_touch(self, toucher):\n        yield\n        self.sleep(1.0)\n")
    assert "line 6, in on_touch\n    self.sleep(1.0)\n    ^^^^^^^^^^^^^^^\n" in told
    assert "Sleep of line 6 was not waited for" in told


def test_each_line_is_its_own_programs() -> None:
    """A loop of the old code may call a method of the new, from a file of the same name."""
    old = Module(compile_program("def outer(inner):\n    return inner()\n", "a.py"))
    new = Module(compile_program("# new\n\ndef inner():\n    return 1 / 0\n", "a.py"))
    with pytest.raises(ZeroDivisionError) as failed:
        old.namespace["outer"](new.namespace["inner"])
    assert [
        "Traceback (most recent call last):",
        '  File "a.py", line 2, in outer',
        "    return inner()",
        "           ^^^^^^^",
        '  File "a.py", line 4, in inner',
        "    return 1 / 0",
        "           ~~^~~",
        "ZeroDivisionError: division by zero",
    ] == format_script_error(failed.value).splitlines()
