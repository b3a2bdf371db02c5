"""State that a script keeps in its module: told from constants, each object's own, travelling with it."""

from __future__ import annotations

import textwrap

import pytest

from migrate.injector.module_state import keeps_state
from scripts_api.testing import ScriptFailed, ScriptWorld, World, everywhere
from simulator.testing import TestObject
from tests.scripts import module_of

STATEFUL = {
    "a rebound global": "n = 1\ndef f():\n    global n\n    n = 2",
    "a list that grows": "x = []\ndef f():\n    x.append(1)",
    "a list that gets another name": "x = []\ndef f():\n    return x",
    "a table that is written": "x = {}\ndef f():\n    x[1] = 2",
    "a table of lists": "x = {'a': []}\ndef f():\n    return x['a']",
    "an object": "class A: pass\nx = A()",
    "a class's list": "class A:\n    x = []\n    def f(self):\n        self.x.append(1)",
    "a mutable default": "def f(a=[]):\n    return a",
    "an attribute of a function": "def f(): pass\nf.calls = []",
}

STATELESS = {
    "constants": "import math\nx = 1\ny = 'a', (2, 3.0)\nz = frozenset('ab')",
    "a table to look things up in": """
        x = {'a': (1, 2)}
        def f(k):
            return x[k], x.get(k), k in x, len(x), [v for v in x]
    """,
    "a bare object": "MISSING = object()\ndef f(x):\n    return x is MISSING",
    "functions and classes": """
        import functools
        @functools.lru_cache
        def f(): pass
        class A:
            @property
            def x(self): return 1
    """,
    "dataclasses and enums": """
        import dataclasses, enum
        @dataclasses.dataclass
        class A:
            x: int = 0
            y: list = dataclasses.field(default_factory=list)
        class E(enum.Enum):
            A = 1
    """,
}


@pytest.mark.parametrize("source", STATEFUL.values(), ids=STATEFUL.keys())
def test_what_may_change_is_state(source: str) -> None:
    """Each object needs a module of its own."""
    assert keeps_state(module_of(source))


@pytest.mark.parametrize("source", STATELESS.values(), ids=STATELESS.keys())
def test_what_cannot_change_is_none(source: str) -> None:
    """One module serves everybody."""
    assert not keeps_state(module_of(textwrap.dedent(source)))


DOOR = """
from scripts_api import Script
TABLE = {"a": []}
MISSING = object()
total = 0
class Door(Script):
    visitors = []
    def on_touch(self, toucher, seen=[]):
        global total
        table, mark = TABLE, MISSING
        self.visitors.append(toucher.name)
        seen.append(1)
        self.sleep(0.1)
        table["a"].append(1)
        total += 1
        self.say(f"{len(self.visitors)} {len(TABLE['a'])} {total} {len(seen)} {mark is MISSING}")
"""


@everywhere
def test_each_object_has_its_own_and_takes_it_along(world: ScriptWorld) -> None:
    """What a local and a global name stays one thing on the way."""
    first, second = world.rez(DOOR, name="door"), world.rez(DOOR, name="door")
    world.touch(first, "ann")
    world.touch(second, "bob")
    world.advance(0.5)
    world.touch(first, "ann")
    world.cross(first, "east")
    world.touch(first, "ann")
    world.advance(0.5)
    one, two, three = (f"{n} {n} {n} {n} True" for n in (1, 2, 3))
    assert [one, one, two, three] == world.said


def test_a_reset_begins_with_a_new_module() -> None:
    """As everything else of the script."""
    world = World()
    door = world.rez(DOOR, name="door")
    assert isinstance(door, TestObject)
    world.touch(door)
    world.advance(0.5)
    world.body(door.id).scripts[0].reset()  # type: ignore[attr-defined]  # the simulator's own world
    world.touch(door)
    world.advance(0.5)
    assert ["1 1 1 1 True"] * 2 == world.said


@pytest.mark.parametrize(
    ("top", "body", "way"),
    [
        ("LOCK = threading.Lock()", "pass", r"LOCK \(global\): a lock"),
        ("KEPT = {'a': [threading.Lock()]}", "pass", r"KEPT\['a'\]\[0\] \(global\): a lock"),
        ("", "held = threading.Lock()", r"Held\.held \(class attribute\): a lock"),
        ("", "def f(self, held=threading.Lock()): pass", r"Held\.f \(default of Held\.f\): a lock"),
    ],
)
def test_what_cannot_travel_is_named_as_in_the_file(top: str, body: str, way: str) -> None:
    """By its name there, not by where the record has it."""
    source = f"import threading\nfrom scripts_api import Script\n{top}\nclass Held(Script):\n    {body}\n"
    with pytest.raises(ScriptFailed, match=rf"script can't be saved:\n{way}"):
        World().rez(source)
