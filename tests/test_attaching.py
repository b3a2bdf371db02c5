"""Live functions of a host program on objects: they run, wait, move and are saved like any script."""

from __future__ import annotations

import argparse
import importlib.util
import math
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from simulator.attaching import attach, detach
from simulator.cli import gossamer
from simulator.commands import ResetScripts
from simulator.errors import ControlFailed, ScriptRefused
from simulator.live_code import live_code
from simulator.testing import ScriptFailed, World
from tests.simulators import Simulators, running, wait_for

GREETING = "hello"
COUNT = 0


def shout(text: str) -> str:
    """Used by the functions below."""
    return text.upper() + "!" * doubled(1)


def doubled(number: int) -> int:
    """Used by `shout`."""
    return 2 * number


def on_touch(script: Any, toucher: Any) -> None:
    """Greets, after a while, and counts in a global of this module's copy."""
    global COUNT
    for _ in range(3):
        script.sleep(0.1)  # it can wait
    COUNT += 1
    script.say(shout(f"{GREETING}, {toucher.name} {COUNT} {math.floor(2.5)}"))


def blink(script: Any) -> None:
    """Never ends."""
    rounds = 0
    while True:
        rounds += 1
        script.object.text = str(rounds)
        script.sleep(0.5)


@pytest.fixture(params=[False, True], ids=["left alone", "everywhere"])
def world(request: pytest.FixtureRequest) -> World:
    """A world in trusted mode."""
    return World(trusted=True, everywhere=request.param)


def test_a_function_becomes_a_handler(world: World) -> None:
    """By its name; it waits, calls functions beside it, uses modules and globals, and moves with its object."""
    door = world.rez(name="door")
    world.attach(door, on_touch)
    world.touch(door, "ada")
    world.advance(0.1)
    world.cross(door, "east")
    world.advance(1)
    world.touch(door, "ben")
    world.advance(1)
    assert ["HELLO, ADA 1 2!!", "HELLO, BEN 2 2!!"] == world.said
    assert COUNT == 0


def test_a_function_runs_as_a_program_of_its_own(world: World) -> None:
    """Beside the scripts that the object has, for as long as it likes."""
    lamp = world.rez("from scripts_api import *\nclass Lamp(Script):\n    lit = True\n", name="lamp")
    world.attach(lamp, blink)
    world.advance(2.1)
    assert ("5", True) == (lamp.text, lamp.lit)
    world.detach(lamp, "blink")
    world.advance(2)
    assert "5" == lamp.text


def saying(text: str) -> Callable[..., None]:
    """A handler that says something."""

    def on_touch(script: Any, toucher: Any) -> None:
        script.say(text)

    return on_touch


def test_attached_again_it_takes_the_place_of_the_one_before(world: World) -> None:
    """As a cell of a notebook that is run again."""
    door = world.rez(name="door")
    for text in ("first", "second"):
        world.attach(door, saying(text))
    world.touch(door)
    assert ["second"] == world.said


def counter() -> Callable[..., None]:
    """A function with a variable of its own."""
    count, readings = 0, argparse.Namespace(all=[])

    def on_touch(script: Any, toucher: Any, *, step: float = math.tau - math.tau + 1) -> None:
        nonlocal count
        count += 1
        readings.all.append(count * step)
        script.say(f"{count} {readings.all}")

    return on_touch


def test_a_closure_takes_its_variables_along(world: World) -> None:
    """As copies, which go on living there; values of libraries too."""
    door = world.rez(name="door")
    world.attach(door, counter())
    for _ in range(2):
        world.touch(door)
    world.cross(door, "east")
    world.touch(door)
    assert ["1 [1.0]", "2 [1.0, 2.0]", "3 [1.0, 2.0, 3.0]"] == world.said


def test_a_lambda_handles_what_is_said(world: World) -> None:
    """`handler` says what it handles."""
    door = world.rez(name="door")
    world.attach(door, lambda script, sender, payload: payload * 2, "on_message")

    def enquire(script: Any) -> None:
        script.say(str(script.ask(script.object.ref, 21)))

    world.attach(door, enquire)
    world.advance(0.2)
    assert ["42"] == world.said


class Tariff:
    """A class of the host program."""

    def __init__(self, price: int) -> None:
        self.price = price

    def of(self, days: int) -> int:
        """What so many days cost."""
        return self.price * days


def test_objects_of_the_hosts_classes_go_along(world: World) -> None:
    """By value, with their class: the simulator needs no file of the host's."""
    tariff = Tariff(7)
    door = world.rez(name="door")

    def on_touch(script: Any, toucher: Any) -> None:
        script.say(str(tariff.of(3)))

    world.attach(door, on_touch)
    world.touch(door)
    assert ["21"] == world.said


def test_a_function_without_source_goes_whole(world: World) -> None:
    """It runs; it could not wait."""
    made: dict[str, Any] = {}
    exec("def on_touch(script, toucher): script.say(toucher.name)", made)
    door = world.rez(name="door")
    world.attach(door, made["on_touch"])
    world.touch(door, "ada")
    assert ["ada"] == world.said
    assert live_code(made["on_touch"]).whole


def test_the_text_of_a_function_stays_as_it_was_written() -> None:
    """With its comments, unless a string goes over several lines and would change with the margin."""

    def long(script: Any) -> None:
        script.say("""first
        second""")

    assert "# it can wait" in live_code(on_touch).source
    assert r"'first\n        second'" in live_code(long).source


MINE = '''def on_touch(script, toucher):
    text = f"""one
  {toucher.name}
    """  # Its margin stays
    more = text + """of
two"""
    fail(more)

def fail(
    text,
    sizes=[len(each) for each in
           ("a",)], *, more=("b",
           print),
):
    # With more than
  # one margin.
    return 1 / 0  # here

class Within:
    @staticmethod
    def on_touch(script, toucher):
        script.say("""one
    two""")
        return [][0]
'''


def imported(path: Path, text: str = MINE) -> Any:
    """What a module of that text holds."""
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_errors_show_the_lines_of_the_author(world: World, tmp_path: Path) -> None:
    """Under the name of the file, from its first line on, and no others."""
    mine = imported(tmp_path / "mine.py")
    for function, report in (
        (
            mine.on_touch,
            """Traceback (most recent call last):
  File "mine.py (on_touch attached)", line 7, in on_touch
    fail(more)
    ^^^^^^^^^^
  File "mine.py (on_touch attached)", line 17, in fail
    return 1 / 0  # here
           ~~^~~
ZeroDivisionError: division by zero""",
        ),
        (
            mine.Within.on_touch,
            """Traceback (most recent call last):
  File "mine.py (on_touch attached)", line 24, in on_touch
    return [][0]
           ~~^^^
IndexError: list index out of range""",
        ),
    ):
        door = world.rez(name="door")
        world.attach(door, function)
        with pytest.raises(ScriptFailed) as failed:
            world.touch(door)
        assert report in str(failed.value)


def test_the_same_function_in_other_lines_shows_those(world: World, tmp_path: Path) -> None:
    """Edited above and attached again: what is meant is the same, and where it stands is not."""
    door = world.rez(name="door")
    for first, line in ((MINE, 17), (f"WORDS = 1\n\n{MINE}", 19)):
        world.attach(door, imported(tmp_path / f"mine{line}.py", first).on_touch)
        with pytest.raises(ScriptFailed, match=f"line {line}, in fail"):
            world.touch(door)


def test_what_cannot_go_along_is_named() -> None:
    """The variable, and the way to what stands in the way."""
    holder = Tariff(1)
    holder.lock = threading.Lock()  # type: ignore[attr-defined]  # any attribute

    def on_touch(script: Any, toucher: Any) -> None:
        script.say(str(holder))

    with pytest.raises(
        ScriptRefused, match=r"what on_touch uses can't be taken along: \['holder'\]: .*\.lock \(lock\)"
    ):
        live_code(on_touch)


def test_a_handler_that_scripts_do_not_have_is_refused() -> None:
    """It would never be called."""
    with pytest.raises(ScriptRefused, match="scripts have no handler 'on_tuch'"):
        live_code(blink, "on_tuch")


def test_a_reset_tells_that_its_values_are_gone() -> None:
    """They were given once."""
    world = World(trusted=True)
    door = world.rez(name="door")
    world.attach(door, blink)
    world.advance(0.1)
    with pytest.raises(ScriptFailed, match="is gone since the reset; attach it again"):
        world.tell("west", ResetScripts(door.id))


def test_a_world_that_is_not_trusted_takes_nothing() -> None:
    """The switch is off by default."""
    world = World()
    with pytest.raises(ScriptRefused, match=r"World\(trusted=True\)"):
        world.attach(world.rez(), blink)


# --- Real processes ---


@pytest.fixture(scope="module")
def simulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulators]:
    """A simulator in trusted mode, with a door."""
    folder = tmp_path_factory.mktemp("trusted")
    with running(
        folder, ["west"], {"door": {"region": "west", "position": [10.0, 10.0, 0.0]}}, trusted=True
    ) as found:
        wait_for(lambda: found.region("west").objects)
        yield found


def test_a_function_is_attached_to_a_running_world(simulators: Simulators) -> None:
    """It runs there, survives a restart of the simulator, and can be taken off."""

    def count(script: Any) -> None:
        rounds = 0
        while True:
            script.sleep(0.05)
            rounds += 1
            script.log(f"round {rounds} {GREETING}")

    found = attach(simulators.world.path, "door", count)
    assert ("west", "door") == (found.region, found.name)
    wait_for(lambda: "round 3 hello" in simulators.log("west"))
    simulators.supervisor.kill("west")
    wait_for(simulators.supervisor.watch)
    wait_for(lambda: "round 20 hello" in simulators.log("west"))
    assert 1 == simulators.log("west").count('text="round 1 hello"')
    detach(simulators.world.path, "door", count)


def test_the_command_attaches_a_function_of_a_file(simulators: Simulators) -> None:
    """Named by its file or module."""
    (simulators.folder / "mine.py").write_text("WORD = 'cuckoo'\ndef call(script): script.log(WORD)\n")
    world, function = str(simulators.world.path), f"{simulators.folder / 'mine.py'}:call"
    result = CliRunner().invoke(gossamer, ["scripts", world, "attach", "door", function])
    assert "door (west:1): attach done\n" == result.output
    wait_for(lambda: "cuckoo" in simulators.log("west"))
    result = CliRunner().invoke(gossamer, ["scripts", world, "attach", "door", "nowhere:call"])
    assert "names no function: No module named 'nowhere'" in result.output


def test_both_sides_must_trust(tmp_path: Path) -> None:
    """The host program's world file, and the simulator's own."""
    door = {"door": {"region": "west", "position": [10.0, 10.0, 0.0]}}
    with running(tmp_path, ["west"], door) as simulators:
        wait_for(lambda: simulators.region("west").objects)
        with pytest.raises(ScriptRefused, match=r"world.toml is not in trusted mode"):
            attach(simulators.world.path, "door", blink)
        mine = tmp_path / "mine.toml"
        mine.write_text("world.trusted = true\n" + simulators.world.path.read_text().replace("[world]\n", ""))
        with pytest.raises(ControlFailed, match="region west is not in trusted mode"):
            attach(mine, "door", blink)
