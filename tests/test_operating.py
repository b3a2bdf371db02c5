"""What an operator does in a running world: touch, say, listen, remove, by name or by id."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from click.testing import CliRunner

from simulator.cli import gossamer
from simulator.errors import ControlFailed
from simulator.operating import Ear
from tests.simulators import Simulators, running, wait_for, write_script

PARROT = """
class Parrot(Script):
    def on_start(self):
        if self.object.position.x in (50, 51):
            self.object.name = "twin"
        self.listen(0)
        self.listen(7)
    def on_touch(self, toucher):
        self.say(f"{toucher.name} touches me")
    def on_listen(self, message):
        self.log(f"{message.channel} {message.speaker.name} {message.text}")
"""


def at(east: float) -> dict[str, Any]:
    """A parrot of the world file."""
    return {"region": "west", "position": [east, 50.0, 0.0], "script": "parrot.py"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulators]:
    """Two simulators, and in the west a parrot, another far from it, and two things of one name."""
    folder = tmp_path_factory.mktemp("world")
    write_script(folder, "parrot.py", PARROT)
    objects = {"near": at(10.0), "far": at(90.0), "one": at(50.0), "two": at(51.0)}
    for name, owner in (("hat", "yan"), ("cap", "nobody")):
        objects[name] = {"region": "west", "position": [70.0, 50.0, 0.0], "owner": owner}
    with running(folder, ["west", "east"], objects) as simulators:
        wait_for(lambda: len(simulators.region("west").objects) == 6 and simulators.region("east"))
        yield simulators


@pytest.fixture
def ear(world: Simulators) -> Ear:
    """Hears everything in the west from now on."""
    ear = Ear("west", world.lines["west"])
    assert [] == ear.hear()
    return ear


def scripts(world: Simulators, *arguments: str) -> tuple[int, str]:
    """Run `gossamer scripts`; return its status and the last line of what it wrote."""
    result = CliRunner().invoke(gossamer, ["scripts", str(world.world.path), *arguments])
    if isinstance(result.exception, ControlFailed):
        return 2, str(result.exception)
    return result.exit_code, result.output.splitlines()[-1]


def heard(ear: Ear, count: int) -> list[tuple[str, str, str]]:
    """The next so many lines: what kind, by whom, which words."""
    found: list[tuple[str, str, str]] = []
    wait_for(
        lambda: found.extend((each.what, each.name, each.text) for each in ear.hear()) or len(found) >= count
    )
    return found


def test_an_object_is_touched_by_name_or_id(world: Simulators, ear: Ear) -> None:
    """What it says to it is heard."""
    assert (0, "near (west:1): touch done") == scripts(world, "touch", "near", "--as", "ada")
    assert [("says", "near", "ada touches me")] == heard(ear, 1)
    assert (0, "near (west:1): touch done") == scripts(world, "touch", "west:1")
    assert [("says", "near", "operator touches me")] == heard(ear, 1)


def test_a_line_is_said_to_the_whole_world(world: Simulators, ear: Ear) -> None:
    """In every region, to whatever listens on the channel; channel 0 is heard by people too."""
    assert (0, "said in west, east") == scripts(world, "say", "hello", "--channel", "7", "--as", "ada")
    assert {("script log", name, "7 ada hello") for name in ("near", "far", "twin")} == set(heard(ear, 4))


def test_a_line_is_said_at_a_place(world: Simulators, ear: Ear) -> None:
    """Only what is within 20 m hears it, and a place must be in a region."""
    assert (0, "said in west") == scripts(world, "say", "hello", "--at", "15,50")
    assert [("says", "operator", "hello"), ("script log", "near", "0 operator hello")] == heard(ear, 2)
    assert (2, "there is no region at -5,0, metres in the world.") == scripts(
        world, "say", "x", "--at", "-5,0"
    )
    status, told = scripts(world, "say", "x", "--at", "here")
    assert (2, True) == (status, "is not of the form X,Y: write numbers of metres" in told)


def test_an_unknown_object_is_named(world: Simulators) -> None:
    """With the command that lists what there is."""
    status, told = scripts(world, "touch", "nobody")
    assert (2, True) == (status, "no object with the name or id 'nobody'" in told)
    assert told.endswith("--all` lists those with scripts; people come in by `enter`.")


def test_a_name_that_several_have_is_refused_with_their_ids(world: Simulators, ear: Ear) -> None:
    """Nothing is done to any of them."""
    status, told = scripts(world, "touch", "twin")
    assert (2, "several objects are named 'twin': west:3 in west, west:4 in west. Name one by its id.") == (
        status,
        told,
    )
    assert [] == ear.hear()


def test_listen_prints_until_it_is_interrupted(world: Simulators) -> None:
    """With region, object and words; Ctrl-C ends it without a complaint."""
    command = [sys.executable, "-m", "simulator.cli", "scripts", str(world.world.path), "listen"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as listener:
        assert listener.stdout is not None
        assert listener.stderr is not None
        too_long = Timer(60.0, listener.kill)
        too_long.start()
        begun = listener.stderr.readline()
        scripts(world, "say", "hello", "--at", "15,50")
        printed = [listener.stdout.readline() for _ in range(2)]
        listener.send_signal(signal.SIGINT)
        errors = listener.stderr.read()
        too_long.cancel()
    assert "listens to west, east; Ctrl-C ends it\n" == begun
    assert [
        "west  operator (agent:operator): hello\n",
        "west  near (west:1) [script log]: 0 operator hello\n",
    ] == printed
    assert ("", 0) == (errors, listener.returncode)


def test_an_object_is_removed(world: Simulators) -> None:
    """For ever."""
    assert (0, "twin (west:4): remove done") == scripts(world, "remove", "west:4")
    assert "west:4" not in [each.id for each in world.region("west").objects]


def test_a_script_is_upgraded_while_it_runs(world: Simulators, ear: Ear, tmp_path: Path) -> None:
    """From a file of the same name; its state stays, and the next event runs the new code."""
    write_script(tmp_path, "parrot.py", PARROT.replace("touches me", "touches the new me"))
    assert (0, "near (west:1): upgrade done") == scripts(
        world, "upgrade", "near", str(tmp_path / "parrot.py")
    )
    scripts(world, "touch", "near", "--as", "ada")
    assert [("says", "near", "ada touches the new me")] == heard(ear, 1)


def test_an_upgrade_that_waits_for_a_handler_says_so(world: Simulators, tmp_path: Path) -> None:
    """One that loops for ever keeps the new code from beginning for ever."""
    write_script(
        tmp_path, "parrot.py", PARROT.replace("        self.listen(7)\n", "        self.sleep(600)\n")
    )
    upgrade = ("upgrade", "far", str(tmp_path / "parrot.py"))
    assert (0, "far (west:2): upgrade done") == scripts(world, *upgrade)
    scripts(world, "reset", "far")
    status, told = scripts(world, *upgrade)
    assert (0, True) == (status, told.startswith("on_start is at work still")), told


@pytest.mark.parametrize(
    ("name", "source", "message"),
    [
        (
            "other.py",
            PARROT,
            "no script of 'near' (west:1) comes from a file named other.py: it runs parrot.py.",
        ),
        ("parrot.py", "class Parrot(Script:\n    pass", "parrot.py, line 2:"),
        ("parrot.py", "x = 1", "parrot.py holds no script: define a class derived from scripts_api.Script."),
    ],
)
def test_what_cannot_be_an_upgrade_is_refused(
    world: Simulators, tmp_path: Path, name: str, source: str, message: str
) -> None:
    """The old code runs on."""
    write_script(tmp_path, name, source)
    status, told = scripts(world, "upgrade", "near", str(tmp_path / name))
    assert (2, True) == (status, message in told), told


def test_somebody_enters_walks_over_the_border_and_sits(world: Simulators) -> None:
    """By name, in whichever region it is; what can't be done is said."""
    assert (0, "zoe is in west") == scripts(world, "enter", "zoe", "--at", "95,50")
    status, text = scripts(world, "enter", "zoe", "--at", "5,50")
    assert (2, True) == (status, "choose another name" in text)
    assert 0 == scripts(world, "walk", "zoe", "50,0")[0]
    wait_for(lambda: "zoe" in [each.name for each in world.region("east").objects])
    assert 0 == scripts(world, "walk", "--", "zoe", "-20,0")[0]
    wait_for(lambda: "zoe" in [each.name for each in world.region("west").objects])
    status, text = scripts(world, "sit", "zoe", "near")
    assert (2, True) == (status, "walk to within 10 m" in text)
    wait_for(lambda: zoe_east_of_near(world) < 9.5 and scripts(world, "sit", "zoe", "near")[0] == 0)
    status, text = scripts(world, "stand", "near")
    assert (2, True) == (status, "nobody's body" in text)
    assert 0 == scripts(world, "stand", "zoe")[0]
    assert 0 == scripts(world, "leave", "zoe")[0]
    wait_for(lambda: "zoe" not in [each.name for each in world.region("west").objects])


def test_somebody_wears_grants_and_presses_keys(world: Simulators) -> None:
    """What is its own; what belongs to somebody else must ask."""
    assert (0, "yan is in west") == scripts(world, "enter", "yan", "--at", "68,50")
    assert (0, "yan (west:") == (lambda told: (told[0], told[1][:10]))(scripts(world, "wear", "yan", "hat"))
    status, text = scripts(world, "wear", "yan", "cap")
    assert (2, True) == (status, "belongs to somebody else" in text)
    assert 0 == scripts(world, "walk", "yan", "0,5")[0]
    wait_for(lambda: place(world, "hat")[1] > 50.5)
    assert 0 == scripts(world, "press", "yan", "forward", "up")[0]
    assert 0 == scripts(world, "grant", "yan", "hat", "control")[0]
    assert 2 == scripts(world, "grant", "yan", "hat", "money")[0]
    assert (0, "cap (west:6): put done") == scripts(world, "put", "cap", "hat")
    assert 0 == scripts(world, "take-off", "yan", "hat")[0]
    wait_for(lambda: place(world, "yan")[1] - place(world, "hat")[1] > 0.5)
    assert 0 == scripts(world, "leave", "yan")[0]


def place(world: Simulators, name: str) -> tuple[float, float, float]:
    """Where something in the west is."""
    return next(each.position for each in world.region("west").objects if each.name == name)


def zoe_east_of_near(world: Simulators) -> float:
    """How many metres she has to walk yet."""
    places = {each.name: each.position for each in world.region("west").objects}
    return abs(places["zoe"][0] - places["near"][0])
