"""Objects that fly over the border between two regions, for tests of what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.regions import Grid, script

WITH_GENERATOR = """
class Counting(Script):
    def on_start(self):
        self.numbers = self.count()
        next(self.numbers)
    def count(self):
        try:
            yield 1
            yield 2
        finally:
            self.say("finally")
    def on_touch(self, toucher):
        self.say(f"{next(self.numbers)}")
"""


def flown(grid: Grid, source: str, meanwhile: Callable[[str], Any] = lambda box: None) -> str:
    """Let an object fly from west to east, where its program is known. `meanwhile`: what is done between its offer and
    the border.
    """
    grid["east"].programs.add(script(source), "box.py")
    box = grid.rez(source, position=(80, 50, 0), velocity=(100, 0, 0))
    grid.run(0.1)
    meanwhile(box)
    grid.run(0.3)
    assert box in grid["east"].region.objects
    return box
