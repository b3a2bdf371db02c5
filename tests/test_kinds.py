"""Which class of a file is its script; and what it may not define, because the region itself would run it."""

from __future__ import annotations

import pytest

from simulator.errors import ScriptRefused
from simulator.world.programs import Programs
from tests.regions import Grid, script

SCRIPT = """
from functools import cached_property

class Computed:
    def __get__(self, instance, owner):
        while True:
            pass

class Mixed:
    {mixed}

class Box(Script{bases}):
    {box}

class Open(Box):
    {state}
"""
PARTS = {"mixed": "pass", "bases": "", "box": "pass", "state": "pass"}
SPECIAL = "def {}(self, *given):\n        return self.table[given]"


def refusal(**parts: str) -> str:
    """Why a script of these parts is refused."""
    with pytest.raises(ScriptRefused) as refused:
        Programs().add(script(SCRIPT.format(**PARTS | parts)), "box.py")
    return str(refused.value)


@pytest.mark.parametrize("name", ["__new__", "__getattr__", "__getattribute__", "__setattr__"])
def test_what_python_calls_for_instances_and_attributes_is_refused(name: str) -> None:
    """It would run where no turn ends it: a mistake in it would be the end of the whole simulator."""
    reason = f"has a {name}, which would run outside of the script's turns: give it to a class of its own"
    assert f"box.py: Box {reason}" in refusal(box=SPECIAL.format(name))
    assert f"box.py: Open {reason}" in refusal(state=SPECIAL.format(name))
    assert f"box.py: Box {reason}" in refusal(mixed=SPECIAL.format(name), bases=", Mixed")


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        ("on_touch = property(lambda self: self.missing)", "property"),
        ("on_touch = cached_property(lambda self: self.missing)", "cached_property"),
        ("on_touch = Computed()", "Computed"),
    ],
)
def test_a_handler_that_is_computed_is_refused(handler: str, kind: str) -> None:
    """For the same reason; in a state too."""
    reason = (
        f"on_touch is a {kind}, which would run outside of the script's turns: make the handler a method."
    )
    assert f"box.py: Box.{reason}" == refusal(box=handler)
    assert f"box.py: Open.{reason}" == refusal(state=handler)


META = """
class Meta(type):
    def __getattribute__(cls, name):
        if name == "__init__":
            raise RuntimeError("the metaclass has run")
        return super().__getattribute__(name)

class Box(Script{}):
    def on_touch(self, toucher):
        class Open(Box, metaclass=Meta):
            pass
        self.become(Open)
"""


def test_a_metaclass_is_refused() -> None:
    """It would be asked whenever the region looks at the class."""
    with pytest.raises(
        ScriptRefused, match=r"^box\.py: a script or its state has a metaclass, which would run"
    ):
        Programs().add(script(META.format(", metaclass=Meta")), "box.py")
    grid = Grid("west")
    box = grid.rez(META.format(""))
    grid.touch(box)
    grid.tick()
    assert "ScriptError: become: a script or its state has a metaclass" in (grid.fails(box) or "")


def test_an_abstract_class_of_pythons_own_is_no_metaclass_of_the_author() -> None:
    """It runs nothing of a script."""
    source = "import abc\nclass Box(Script, abc.ABC):\n    pass\n"
    assert "Box" == (programs := Programs()).kind(programs.add(script(source), "box.py")).__name__


LOCAL = """
class Box(Script):
    def on_touch(self, toucher):
        class Open(Box):
            {state}
        self.become(Open)
"""


def test_nor_does_a_script_become_such_a_state() -> None:
    """One that is defined where it is needed, and so was not seen before."""
    grid = Grid("west")
    box = grid.rez(LOCAL.format(state="def __getattr__(self, name): return self.table[name]"))
    grid.touch(box)
    grid.tick()
    assert "ScriptError: become: Open has a __getattr__, which would run outside" in (grid.fails(box) or "")


def test_other_special_methods_and_properties_are_the_scripts_own() -> None:
    """What the region never calls is welcome."""
    own = "\n    ".join(
        (
            "def __eq__(self, other): return True",
            "def __hash__(self): return 1",
            "def __len__(self): return 0",
            "def __delattr__(self, name): pass",
            "on_fire = property(lambda self: True)",
            "on_touch = staticmethod(print)",
        )
    )
    programs = Programs()
    program = programs.add(script(SCRIPT.format(**PARTS | {"box": own})), "box.py")
    assert "Box" == programs.kind(program).__name__
