"""Every example script, run twice: left alone, and dropped and restored behind every slice. Both say the
same.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from scripts_api import AgentRef, Vector
from scripts_api.testing import ScriptWorld, World, everywhere
from simulator.commands import TouchObject
from tests.regions import Grid

FOLDER = Path(__file__).parents[1] / "examples"
EXAMPLES = sorted(FOLDER.glob("*.py"))


def story(path: Path, everywhere: bool) -> dict[str, Any]:
    """What comes of an example that is touched now and then for three seconds."""
    grid = Grid("west", edges=200, slices=1, everywhere=everywhere)
    box = grid.rez(path.read_text(), name=path.stem, velocity=(2.0, 1.0, 0.0))
    for visit in range(10):
        grid["west"].host.command(TouchObject(box, AgentRef(f"agent:{visit % 3}", f"visitor {visit}")))
        grid.run(0.3)
    body = grid.object(box)
    return {
        "said": grid["west"].said,
        "told": grid["west"].told,
        "state": {name: repr(value) for name, value in grid.state(box).items()},
        "place": body.position,
        "color": body.color,
    }


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_does_the_same_captured_everywhere(path: Path) -> None:
    """What it says, keeps and looks like does not depend on where it was captured."""
    alone = story(path, everywhere=False)
    assert [] == [text for what, text in alone["told"] if what == "script failed"]
    assert alone == story(path, everywhere=True)


def test_every_example_is_in_the_gallery() -> None:
    """The page that tells what each shows leaves none out."""
    page = (FOLDER / "README.md").read_text()
    assert [] == [path.name for path in EXAMPLES if f"]({path.name})" not in page]


@everywhere
def test_greeter_remembers(world: ScriptWorld) -> None:
    """Also in another region."""
    greeter = world.rez(FOLDER / "greeter.py")
    world.touch(greeter, "ada")
    world.advance(0.1)
    world.cross(greeter, "east")
    world.touch(greeter, "ada")
    world.advance(0.1)
    assert ["Hello ada, nice to meet you", "Welcome back ada, this is visit 2"] == world.said


@everywhere
def test_door_opens_and_closes(world: ScriptWorld) -> None:
    """By a touch, and by itself."""
    door = world.rez(FOLDER / "door.py")
    world.touch(door, "ada")
    world.advance(4.0)
    world.touch(door, "bob")
    world.advance(0.5)
    world.touch(door, "bob")
    world.advance(0.5)
    assert ["opens for ada", "closes", "opens for bob", "closes"] == world.said
    assert 2 == door.opened


@everywhere
def test_elevator_goes_where_it_is_told(world: ScriptWorld) -> None:
    """One floor after the other, in the order of the calls."""
    elevator = world.rez(FOLDER / "elevator.py")
    for floor in ("3", "1", "attic"):
        world.say(floor, near=elevator, channel=1)
    world.advance(4.0)
    assert ["floor 3", "floor 1", "I go to the floors 0 to 9, not to attic"] == world.said
    assert 4.0 == elevator.position.z


@everywhere
def test_quiz_waits_for_answers_and_for_time(world: ScriptWorld) -> None:
    """A wrong answer changes nothing, a right one counts, silence ends the question."""
    quiz = world.rez(FOLDER / "quiz.py")
    world.touch(quiz)
    for text in ("7", "3"):
        world.say(text, near=quiz, speaker="ada")
        world.advance(0.1)
    world.advance(11.0)
    assert ["Right, ada", "Nobody knew: pi", "Points: {'ada': 1}"] == [
        line for line in world.said if line[:5] in ("Right", "Nobod", "Point")
    ]


@everywhere
def test_traveller_keeps_a_diary(world: ScriptWorld) -> None:
    """Over a border and back from the world's end."""
    traveller = world.rez(FOLDER / "traveller.py", position=Vector(253, 10, 0))
    world.advance(1.5)
    assert ["set out in west", "saw east ahead", "came from west to east"] == traveller.diary


@everywhere
def test_lookout_tells_who_comes(world: ScriptWorld) -> None:
    """And who is out of sight again."""
    lookout = world.rez(FOLDER / "lookout.py", name="lookout")
    world.rez(name="cat", position=lookout.position + Vector(35, 0, 0), velocity=Vector(3, 0, 0))
    world.advance(2.2)
    assert ["cat comes into sight", "cat is out of sight"] == world.said


@everywhere
def test_foreman_and_workers_count_primes(world: ScriptWorld) -> None:
    """There are 168 primes below 1000."""
    foreman = world.rez(FOLDER / "foreman.py", name="foreman")
    workers = [world.rez(FOLDER / "worker.py", name="worker") for _ in range(3)]
    world.touch(foreman)
    world.advance(4.0)
    assert ["168 primes below 1000"] == world.said
    assert 10 == sum(worker.done for worker in workers)


@everywhere
def test_train_takes_people_over_the_border(world: ScriptWorld) -> None:
    """There, and back again, with a rest at each station."""
    train = world.rez(FOLDER / "train.py", name="train", position=Vector(180, 100, 0))
    ada = world.enter("ada", Vector(181, 100, 0))
    ada.sit(train)
    world.advance(6.0)
    assert ("east", 300) == (ada.region, round(train.position.x))
    world.advance(8.0)
    assert ["Welcome aboard, ada", "east, with ada aboard", "west, with ada aboard"] == ada.heard


@everywhere
def test_vending_machine_sells_what_it_holds(world: ScriptWorld) -> None:
    """In another region too."""
    lamp = world.rez(FOLDER / "lamp.py", name="lamp")
    vending = world.rez(FOLDER / "vending.py", name="vending", contents={"lamp": lamp})
    world.cross(vending, "east")
    for wish in ("lamp", "moon"):
        world.say(wish, near=vending, speaker="ada", channel=5)
        world.advance(0.2)
    assert ["ada, here is your lamp", "There is no moon here"] == world.said
    assert ("east", vending.position - Vector(0, 1, 0)) == (
        world.find("lamp").region,
        world.find("lamp").position,
    )


@everywhere
def test_librarian_gives_notecards(world: ScriptWorld) -> None:
    """To who is there."""
    librarian = world.rez(FOLDER / "librarian.py", contents={"guide": "Read me\nand more"})
    ada = world.enter("ada")
    ada.touch(librarian)
    world.advance(0.2)
    assert (["guide: Read me"], ["guide"], 1) == (world.said, ada.contents, librarian.given)


@everywhere
def test_doormat_greets_people_only(world: ScriptWorld) -> None:
    """Once for each step onto it."""
    mat = world.rez(FOLDER / "doormat.py", name="mat")
    world.rez(name="box", position=mat.position)
    ada = world.enter("ada", mat.position - Vector(3, 0, 0))
    ada.walk(Vector(2, 0, 0))
    world.advance(4.0)
    assert (["Hello, ada"], 1) == (world.said, mat.steps)


@everywhere
def test_pet_follows_over_the_border(world: ScriptWorld) -> None:
    """And stays when it is there."""
    pet = world.rez(FOLDER / "pet.py", name="pet", position=Vector(240, 100, 0))
    ada = world.enter("ada", Vector(244, 100, 0))
    ada.touch(pet)
    ada.walk(Vector(5, 0, 0))
    world.advance(5.0)
    ada.walk(Vector())
    world.advance(2.0)
    assert ("east", "east") == (ada.region, pet.region)
    assert pet.position.distance(ada.position) <= 4
    assert Vector() == pet.velocity


@pytest.mark.parametrize("everywhere", [False, True], ids=["left alone", "captured everywhere"])
def test_relay_race_over_four_regions(everywhere: bool) -> None:
    """The baton goes from hand to hand, and home."""
    world = World("a", "b", "c", "d", everywhere=everywhere)
    runners = [
        world.rez(FOLDER / "runner.py", name=f"runner {n}", position=Vector(256.0 * n + 200, 9, 0))
        for n in range(4)
    ]
    for runner, after in pairwise(runners):
        place = after.position
        world.touch(runner, f"{after.id} {place.x:g},{place.y:g}")
    world.touch(world.rez(STARTER), runners[0].id)
    world.advance(22.0)
    assert ["Home after 4: runner 0 in a, runner 1 in b, runner 2 in c, runner 3 in d"] == world.said
    assert ["b", "c", "d", "d"] == [runner.region for runner in runners]


STARTER = """
from scripts_api import ObjectRef, Script

class Starter(Script):
    def on_touch(self, toucher):
        self.send(ObjectRef(toucher.name), [])
"""


@everywhere
def test_radios_know_each_other_and_carry_words(world: ScriptWorld) -> None:
    """Also one that has moved to another region."""
    radios = [
        world.rez(FOLDER / "radio.py", name=f"radio {n}", position=Vector(40 * n + 10, 9, 0))
        for n in range(3)
    ]
    world.touch(radios[0], radios[1].id)
    world.touch(radios[2], radios[0].id)
    world.advance(0.3)
    world.cross(radios[2], "east")
    world.say("hello", near=radios[1], speaker="ada")
    world.advance(0.5)
    assert ["[radio] ada: hello"] * 2 == [line for line in world.said if "hello" in line and "radio" in line]


@everywhere
def test_scores_are_kept(world: ScriptWorld) -> None:
    """By name, the best first."""
    scores = world.rez(FOLDER / "scores.py")
    for line in ("+3 ada", "+5 ben", "nonsense", "-1 ben", "+2 ada"):
        world.say(line, near=scores)
    world.touch(scores)
    world.advance(0.1)
    assert ["ada has 3", "ben has 5", "ben has 4", "ada has 5", "ada: 5\nben: 4"] == [
        line for line in world.said if not line.startswith(("+", "-", "nonsense"))
    ]
