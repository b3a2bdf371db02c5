"""Scripts that name `time.sleep`: refused when they are brought, with the line."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from migrate.errors import ScriptSyntaxError
from simulator.blocking import add_new, refuse_sleep
from simulator.errors import ScriptRefused
from simulator.live_code import live_code
from simulator.testing import ScriptFailed, World
from simulator.world.programs import Programs

LAMP = """from scripts_api import *
class Lamp(Script):
    def on_start(self):
        import time as clock
        if clock.time():
            clock.sleep(1)
"""


@pytest.mark.parametrize(
    ("source", "line", "caret"),
    [
        (LAMP, 6, "            ^"),
        ("import time\nnap = time.sleep\n", 2, "      ^"),
        ("from time import time, sleep as nap\n", 1, "^"),
    ],
)
def test_time_sleep_is_refused_at_its_line(source: str, line: int, caret: str) -> None:
    """With a caret, and what to write instead."""
    with pytest.raises(ScriptSyntaxError) as refused:
        refuse_sleep(source, "lamp.py")
    assert f"lamp.py, line {line}:" in str(refused.value)
    assert f"\n    {caret}\ntime.sleep holds up everybody" in str(refused.value)
    assert "self.sleep(1.0)" in str(refused.value)


@pytest.mark.parametrize(
    "source",
    [
        "import time\nclass Lamp:\n    def on_start(self):\n        self.sleep(time.time() % 1)\n",
        "class time:\n    sleep = print\ntime.sleep(1)\n",
        "import time\ntime = self\ntime.sleep(1)\n",
        "from mine.time import sleep\n",
    ],
)
def test_what_is_only_called_so_is_left_alone(source: str) -> None:
    """Another module, another thing of that name, the clock itself."""
    refuse_sleep(source, "lamp.py")


def test_a_text_full_of_the_word_is_gone_through_once() -> None:
    """If each of its words went through what follows, this would take minutes."""
    refuse_sleep("# " + "time " * 100_000, "lamp.py")


def test_what_is_in_a_world_already_is_not_looked_at() -> None:
    """What ran yesterday is read today, and comes over a border."""
    programs = Programs()
    assert programs.add(LAMP, "lamp.py") in programs
    with pytest.raises(ScriptSyntaxError):
        add_new(programs, LAMP, "lamp.py")


def test_a_file_with_it_is_refused(tmp_path: Path) -> None:
    """Wherever an author brings one."""
    (tmp_path / "lamp.py").write_text(LAMP)
    with pytest.raises(ScriptFailed, match=r"lamp.py, line 6:"):
        World().rez(tmp_path / "lamp.py")


nap = time.sleep


def by_module(script: Any) -> None:
    """Uses the module of its host program."""
    pause = time.sleep
    pause(1)


def by_name(script: Any) -> None:
    """Uses what its host program has of it."""
    nap(1)


def test_a_live_function_with_it_is_refused() -> None:
    """By what its names mean, in the lines of its own file."""
    for function, words in ((by_module, "pause = time.sleep"), (by_name, "nap(1)")):
        line = function.__code__.co_firstlineno + 2
        expected = rf"attach: test_blocking.py \(by_\w+ attached\), line {line}:\n +{re.escape(words)}\n"
        with pytest.raises(ScriptRefused, match=expected):
            live_code(function)
