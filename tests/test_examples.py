"""Every example script, run twice: left alone, and dropped and restored behind every slice. Both say the
same.
"""

from __future__ import annotations

from itertools import combinations
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


LINES = (
    "",
    " ",
    "²",
    "3",
    "x" * 1024,
    "ü" * 512,
    "+999 " + "y" * 1000,
    "-1 \x00",
    "lamp",
    "guide",
    "(",
    "{}",
    "pi",
)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_nothing_that_people_say_stops_an_example(path: Path) -> None:
    """Whatever they say, wherever it listens, and whoever they are."""
    world = World()
    lamp = world.rez(FOLDER / "lamp.py", name="lamp")
    held = {"guide": "", "lamp": lamp, "line": "Hill, 300, 20"}
    example = world.rez(path, name=path.stem, contents=held)
    world.touch(example)
    for text in LINES:
        for channel in (0, 1, 5):
            world.say(text, near=example, channel=channel, speaker="s" * 64)
        world.touch(example, "t" * 64)
    world.advance(12.0)
    assert example.error is None


def test_every_example_is_in_the_gallery() -> None:
    """The page that tells what each shows leaves none out."""
    page = (FOLDER / "README.md").read_text()
    assert [] == [path.name for path in EXAMPLES if f"]({path.name})" not in page]


def test_examples_are_as_short_as_the_gallery_says() -> None:
    """10 to 60 lines, so that each is read at a glance."""
    lines = {path.name: len(path.read_text().splitlines()) for path in EXAMPLES}
    assert {} == {name: count for name, count in lines.items() if not 10 <= count <= 60}


@everywhere
def test_greeter_knows_whom_it_has_met(world: ScriptWorld) -> None:
    """Once for each visit, in another region too."""
    greeter = world.rez(FOLDER / "greeter.py")
    ada = world.enter("ada", greeter.position + Vector(4, 0, 0))
    world.advance(2.0)
    ada.walk(Vector(20, 0, 0))
    world.advance(2.0)
    world.cross(greeter, "east")
    ada.walk((greeter.position - ada.position) * 0.5)
    world.advance(2.0)
    ada.walk(Vector())
    world.advance(1.0)
    world.touch(greeter)
    assert [
        "Hello ada, nice to meet you",
        "Welcome back ada, this is visit 2",
        "I have met 1 people",
    ] == ada.heard


@everywhere
def test_lamp_follows_the_time(world: ScriptWorld) -> None:
    """From midnight to the next evening; and whoever touches it."""
    lamp = world.rez(FOLDER / "lamp.py", name="lamp")
    lit = []
    for hours in (0.5, 7, 7, 4):
        world.advance(hours * 3600)
        lit.append((lamp.lit, lamp.color.red > 0.5))
    world.touch(lamp, "ada")
    assert [(True, True), (False, False), (False, False), (True, True)] == lit
    assert (["ada switches me off"], False) == (world.said, lamp.lit)


@everywhere
def test_fish_school(world: ScriptWorld) -> None:
    """From all directions at first; after a while they swim the same way, together and not through each other."""
    fish = [
        world.rez(FOLDER / "fish.py", name=f"fish-{n}", position=Vector(250 + 3 * n, 100 + 4 * (n % 2), 5))
        for n in range(4)
    ]
    assert 3.0 > harmony(fish)
    world.advance(12.0)
    assert 3.5 < harmony(fish)
    middle = sum((each.position for each in fish), Vector()) * (1 / len(fish))
    assert 6.0 > max(each.position.distance(middle) for each in fish)
    assert 0.3 < min(one.position.distance(two.position) for one, two in combinations(fish, 2))


def harmony(fish: list[Any]) -> float:
    """How many of them swim the same way, as it were."""
    return sum((each.velocity.unit for each in fish), Vector()).length


@everywhere
def test_fish_find_food_over_the_border(world: ScriptWorld) -> None:
    """And eat it up."""
    fish = [
        world.rez(FOLDER / "fish.py", name=f"fish-{n}", position=Vector(250, 100 + 2 * n, 5))
        for n in range(3)
    ]
    food = world.rez(FOLDER / "food.py", name="food", position=Vector(259, 101, 5))
    world.advance(12.0)
    assert not food.exists
    assert 20 <= sum(each.eaten for each in fish) <= 22


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
    assert ["floor 3", "floor 1", "I go to the floors 0 to 9"] == world.said
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
    """There are 168 primes below 1000, whoever of the workers is gone or broken."""
    foreman = world.rez(FOLDER / "foreman.py", name="foreman")
    workers = [world.rez(FOLDER / "worker.py", name=f"worker-{n}") for n in range(3)]
    leaving = world.rez(LEAVING, name="worker-9")
    world.touch(foreman)
    world.advance(4.0)
    assert ["168 primes below 1000"] == world.said
    assert (10, False) == (sum(worker.done for worker in workers), leaving.exists)


LEAVING = """
from scripts_api import Script

class Leaving(Script):
    def on_message(self, sender, payload):
        self.die()
"""


@everywhere
def test_a_foreman_without_workers_says_so(world: ScriptWorld) -> None:
    """Once."""
    foreman = world.rez(FOLDER / "foreman.py")
    world.touch(foreman)
    world.advance(0.3)
    assert ["I have no workers"] == world.said


REGIONS = tuple(f"region {n}" for n in range(1, 9))


@everywhere(*REGIONS)
def test_train_takes_people_through_eight_regions(world: ScriptWorld) -> None:
    """There and back, with a stop at each station; who sits down is carried over every border."""
    line = "\n".join(f"Station {n}, {128 + 256 * n}, 100" for n in range(1, 8))
    train = world.rez(
        FOLDER / "train.py", name="train", position=Vector(128, 100, 0), contents={"line": line}
    )
    ada, ben = (world.enter(name, train.position + Vector(1, 1, 0)) for name in ("ada", "ben"))
    ada.sit(train)
    ben.sit(train)
    seen = [train.region]
    for _ in range(90):
        world.advance(0.98)  # at whole seconds it is on a border
        if train.region != seen[-1]:
            seen.append(train.region)
            assert (train.region, train.region) == (ada.region, ben.region)
            assert 2.0 > ada.position.distance(train.position)
    assert [*REGIONS, *REGIONS[-2::-1]] == seen
    assert ["Welcome aboard, ada", *(f"Now in {name}" for name in seen[1:])] == ada.heard
    assert 14 == train.borders


@everywhere
def test_vending_machine_sells_what_it_holds(world: ScriptWorld) -> None:
    """In another region too."""
    lamp = world.rez(FOLDER / "lamp.py", name="lamp")
    vending = world.rez(FOLDER / "vending.py", name="vending", contents={"lamp": lamp})
    world.cross(vending, "east")
    for wish in ("lamp", "moon"):
        world.say(wish, near=vending, speaker="ada", channel=5)
        world.advance(0.2)
    assert ["ada, here is your lamp", "I don't have that"] == world.said
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
    assert (["guide: Read me and more"], ["guide"], 1) == (world.said, ada.contents, librarian.given)


@everywhere
def test_doormat_greets_people_only(world: ScriptWorld) -> None:
    """Once for each step onto it."""
    mat = world.rez(FOLDER / "doormat.py", name="mat")
    world.rez(name="box", position=mat.position)
    ada = world.enter("ada", mat.position - Vector(3, 0, 0))
    ada.walk(Vector(2, 0, 0))
    world.advance(4.0)
    assert (["Hello, ada"], 1) == (world.said, mat.steps)


@everywhere("west", "middle", "east")
def test_pet_follows_its_owner_across_regions(world: ScriptWorld) -> None:
    """And nobody else; where it loses sight of its owner it waits."""
    pet = world.rez(FOLDER / "pet.py", name="pet", owner="ada", position=Vector(240, 100, 0))
    ada = world.enter("ada", Vector(244, 100, 0))
    ben = world.enter("ben", Vector(239, 100, 0))
    ben.touch(pet)
    ada.walk(Vector(20, 0, 0))
    world.advance(15.0)
    ada.walk(Vector())
    world.advance(3.0)
    assert ("east", "east") == (ada.region, pet.region)
    assert 3 > pet.position.distance(ada.position)
    ada.touch(pet)
    assert [
        "from west to middle, after ada",
        "from middle to east, after ada",
    ] == world.logged
    ada.walk(Vector(0, 0, 200))
    world.advance(2.0)
    assert ["Where is ada?", Vector()] == [world.said[-1], pet.velocity]
    assert ["growls", "ada!", "purrs"] == [line for line in world.said if line != "Where is ada?"]


@everywhere("a", "b", "c", "d")
def test_relay_race_over_four_regions(world: ScriptWorld) -> None:
    """The baton goes from hand to hand, to the end of the world."""
    runners = [
        world.rez(FOLDER / "runner.py", name=f"runner {n}", position=Vector(256.0 * n + 100, 9, 0))
        for n in range(4)
    ]
    world.touch(runners[0])
    world.advance(30.0)
    assert ["Home in d: runner 0 from a, runner 1 from b, runner 2 from c, runner 3 from d"] == world.said
    assert ["b", "c", "d", "d"] == [runner.region for runner in runners]


@everywhere("a", "b", "c")
def test_radios_carry_words_across_the_grid(world: ScriptWorld) -> None:
    """Each knows all that the one beside it knows, however far apart they are later."""
    radios = []
    for n in range(3):
        radios.append(world.rez(FOLDER / "radio.py", name=f"radio-{n}", position=Vector(10 + 4 * n, 9, 0)))
        world.advance(0.3)
    world.cross(radios[1], "b")
    world.cross(radios[2], "c")
    ada, ben = world.enter("ada", radios[2].position), world.enter("ben", radios[0].position)
    ben.say("hello")
    world.advance(0.3)
    assert ["[radio] ben: hello"] == ada.heard
    assert [2, 2, 2] == [len(radio.others) for radio in radios]


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


@everywhere
def test_weather_is_asked_outside(world: ScriptWorld) -> None:
    """When it begins, now and then, and at a touch; what comes instead of an answer is told in the log."""
    url = "https://example.org/weather"
    script = (FOLDER / "weather.py").read_text().replace("https://wttr.in/Lisbon?format=3", url)
    world.pages[url] = "Lisbon: sunny"
    sign = world.rez(script)
    world.advance(0.2)
    assert "Lisbon: sunny" == sign.text
    world.pages[url] = "Lisbon: fog"
    world.advance(900.0)
    assert "Lisbon: fog" == sign.text
    del world.pages[url]
    ada = world.enter("ada")
    ada.touch(sign)
    world.advance(0.2)
    assert ["no weather: 404"] == ada.heard
    refused = world.rez(FOLDER / "weather.py")
    assert "no weather" == refused.text
    assert "wttr.in/Lisbon?format=3 is not allowed in this world" in world.logged[0]
