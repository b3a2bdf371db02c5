"""Instances of a script's class share their attributes' names, however many there are before the first runs."""

from __future__ import annotations

import sys

import pytest

from simulator.world.programs import Programs
from tests.regions import Grid

MANY = 100

LABELLED = """
class Labelled(Script):
    def on_touch(self, toucher):
        self.touched = True
    def on_start(self):
        self.count = 0
        self.label, self.object.text = "idle", "x"
"""


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="values lie within the instance there")
def test_many_instances_made_at_once_share_names() -> None:
    """Each keeps values only: its attributes take less than half of what a dictionary of them takes."""
    programs = Programs()
    kind = programs.kind(programs.add("from scripts_api import *\n" + LABELLED, "labelled.py"))
    made = [kind.__new__(kind) for _ in range(MANY)]
    for each in made:
        each.count, each.label = 0, "idle"  # type: ignore[attr-defined]  # attributes of a script
    attributes = vars(made[-1])
    assert sys.getsizeof(attributes) * 2 < sys.getsizeof({**attributes})


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="values lie within the instance there")
def test_names_that_few_use_take_no_room_with_all() -> None:
    """Of a class that stores many names in its handlers not all are shared."""
    stores = "\n".join(f"        self.a{n} = 0" for n in range(40))
    source = f"from scripts_api import *\nclass Many(Script):\n    def on_touch(self, toucher):\n{stores}\n"
    programs = Programs()
    kind = programs.kind(programs.add(source, "many.py"))
    made = [kind.__new__(kind) for _ in range(MANY)][-1]
    made.a0 = 0  # type: ignore[attr-defined]  # an attribute of a script
    assert sys.getsizeof(vars(made)) < sys.getsizeof({**vars(made)})


def test_only_what_was_stored_is_there() -> None:
    """Names that are shared are no attributes of anybody."""
    grid = Grid("west")
    box = grid.rez(LABELLED)
    assert {"count": 0, "label": "idle"} == grid.state(box)
