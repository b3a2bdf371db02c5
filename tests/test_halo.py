"""What is heard and seen over borders: chat and sensing, also when notes are lost or come twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from migrate.messages import decode_frame, encode_frame
from scripts_api import AgentRef, Vector
from scripts_api.testing import ScriptWorld, everywhere
from simulator.commands import EnterWorld, GrantToObject, Rez, SitDown
from simulator.world import linksets
from simulator.world.attributes import write_attribute
from simulator.world.halo_records import IMAGES_MAX, Image, Images, Line, Look, encode_note, read_note
from simulator.world.places import Places, RegionPlace
from simulator.world.showing import CHANGES_MAX
from tests.regions import Grid

EAR = """
from scripts_api import Script

class Ear(Script):
    heard = ()

    def on_start(self):
        self.listen(0)
        self.listen(7)

    def on_listen(self, message):
        self.heard = (*self.heard, f"{message.speaker.name}: {message.text}")
"""
MOUTH = """
from scripts_api import Script

class Mouth(Script):
    def on_touch(self, toucher):
        self.whisper("whisper", 7)
        self.say("say", 7)
        self.shout("shout", 7)
        self.region_say("region", 7)
        self.say("aloud")
"""
EYE = """
from scripts_api import Script

class Eye(Script):
    seen = None
    first = None
    count = 0

    def on_start(self):
        while True:
            self.seen = [(each.name, round(each.distance, 1)) for each in self.sense(90)]
            if self.first is None:
                self.first = self.seen
            self.count += 1
            self.sleep(0.2)
"""


@everywhere
def test_chat_is_heard_over_a_border(world: ScriptWorld) -> None:
    """As far as it is spoken, once, and by people too; what is said to a region stays there."""
    mouth = world.rez(MOUTH, name="mouth", position=Vector(250, 100, 0))
    near = world.rez(EAR, position=Vector(258, 100, 0))
    room = world.rez(EAR, position=Vector(268, 100, 0))
    far = world.rez(EAR, position=Vector(330, 100, 0))
    ada = world.enter("ada", Vector(260, 100, 0))
    world.touch(mouth)
    world.advance(0.2)
    assert ("mouth: whisper", "mouth: say", "mouth: shout", "mouth: aloud") == near.heard
    assert ("mouth: say", "mouth: shout", "mouth: aloud") == room.heard
    assert ("mouth: shout",) == far.heard
    assert (["aloud"], ["aloud"]) == (ada.heard, world.said)


@everywhere
def test_sensing_sees_over_a_border(world: ScriptWorld) -> None:
    """Also at the first look, what moves, what comes nearer, and what is gone again."""
    still = world.rez(name="still", position=Vector(276, 100, 0))
    world.rez(name="moving", position=Vector(346, 100, 0), velocity=Vector(-10, 0, 0))
    eye = world.rez(EYE, name="eye", position=Vector(236, 100, 0))
    world.advance(0.6)
    assert [("still", 40.0)] == eye.first
    world.advance(3.0)
    names = [name for name, _ in eye.seen]
    assert ["still", "moving"] == names
    assert eye.seen[1][1] == pytest.approx(70, abs=8)
    world.cross(still, "west")
    world.advance(0.5)
    assert "still" not in [name for name, distance in eye.seen if distance < 60]


@everywhere
def test_agents_are_seen_over_a_border(world: ScriptWorld) -> None:
    """Also seated ones."""
    bus = world.rez(name="bus", position=Vector(262, 100, 0))
    ada = world.enter("ada", Vector(262, 101, 0))
    ada.sit(bus)
    eye = world.rez(EYE, name="eye", position=Vector(250, 100, 0))
    world.advance(0.6)
    assert {"ada", "bus"} == {name for name, _ in eye.seen}


def test_nothing_is_shown_where_nobody_looks() -> None:
    """No note leaves a region on whose neighbours' borders nobody senses; and none after a while."""
    grid = Grid("west", "east")
    grid.rez(name="box", position=(110.0, 50.0, 0.0), region="east")
    grid.run(1.0)
    showing, seeing = grid["east"].region._world.halo.showing, grid["west"].region._world.halo.seeing
    assert () == showing.neighbours
    eye = grid.rez(EYE, position=(90.0, 50.0, 0.0))
    grid.run(1.0)
    assert ("west",) == showing.neighbours
    grid["west"].region._world.remove(grid.object(eye))
    grid.run(15.0)
    assert ((), ()) == (showing.neighbours, seeing.neighbours)


@pytest.mark.parametrize("lost", ["often", "twice", "in a row"])
def test_lost_and_repeated_notes_do_no_harm(lost: str) -> None:
    """What is seen is right again as soon as some get through; nothing is heard twice."""
    grid = Grid("west", "east")
    number = 0

    def spoil(notes: tuple[bytes, ...]) -> tuple[bytes, ...]:
        nonlocal number
        number += 1
        if lost == "twice":
            return notes + notes
        return () if (number % 5 < 2 if lost == "often" else 20 < number < 50) else notes

    spoil_notes(grid, "west", spoil)
    ear = grid.rez(EAR, position=(95.0, 50.0, 0.0))
    eye = grid.rez(EYE, position=(90.0, 50.0, 0.0))
    box = grid.rez(name="box", position=(120.0, 50.0, 0.0), region="east", velocity=(4.0, 0.0, 0.0))
    mouth = grid.rez(MOUTH, name="mouth", position=(101.0, 50.0, 0.0), region="east")
    grid.run(3.0)
    grid["east"].region._world.borders.set_velocity(grid.object(box), Vector(0, 0, 0))
    grid.run(3.0)
    grid.touch(mouth)
    grid.run(1.0)
    place = grid.object(box).position
    assert ("box", round(place.x - 90, 1)) in grid.state(eye)["seen"]
    heard = grid.state(ear)["heard"]
    assert len(set(heard)) == len(heard)


def spoil_notes(grid: Grid, dst: str, spoil: Callable[[tuple[bytes, ...]], tuple[bytes, ...]]) -> None:
    """Change the notes of every frame that reaches a region."""
    host = grid[dst].host
    tick = host.tick

    def spoilt(now_us: int, frames: list[tuple[str, bytes]], slicer: Any) -> Any:
        changed = []
        for src, data in frames:
            frame = decode_frame(data)
            fields = {name: getattr(frame, name) for name in frame.__struct_fields__}
            changed.append((src, encode_frame(type(frame)(**(fields | {"whispers": spoil(frame.whispers)})))))
        return tick(now_us, changed, slicer)

    host.tick = spoilt  # type: ignore[method-assign,assignment]  # the network of this test is unreliable


def test_a_neighbour_that_is_down_delays_nothing_for_long() -> None:
    """The first sensing waits for it a third of a second, the next ones do not."""
    grid = Grid("west", "east")
    grid.down.add("east")
    eye = grid.rez(EYE, position=(90.0, 50.0, 0.0))
    grid.run(0.2)
    assert 0 == grid.state(eye)["count"]
    grid.run(2.0)
    assert 7 < grid.state(eye)["count"]


def test_what_a_neighbour_no_longer_shows_is_forgotten() -> None:
    """When it has not been heard of for some seconds."""
    grid = Grid("west", "east")
    grid.rez(name="box", position=(110.0, 50.0, 0.0), region="east")
    eye = grid.rez(EYE, position=(90.0, 50.0, 0.0))
    grid.run(1.0)
    assert [("box", 20.0)] == grid.state(eye)["seen"]
    grid.down.add("east")
    grid.run(6.0)
    assert [] == grid.state(eye)["seen"]
    grid.down.clear()
    grid["east"].crash()
    grid.run(2.0)
    assert [("box", 20.0)] == grid.state(eye)["seen"]


IMAGE = Image("east:1", "box", "ada", None, (1.0, 2.0, 3.0), (0.0, 0.0, 0.0))


@pytest.mark.parametrize(
    "note",
    [
        Line(1, "east:1", "box", False, (1.0, 2.0, 3.0), "hi", 0, 20.0),
        Look(0),
        Images(2, 1, (IMAGE,), ("east:2",)),
    ],
    ids=lambda note: type(note).__name__,
)
def test_notes_are_read_as_they_were_written(note: Any) -> None:
    """Every kind."""
    assert note == read_note(encode_note(note))


@pytest.mark.parametrize("data", [b"", b"\xff", b"\x92\xa5look1\xff", b"\x91" * 5000], ids=repr)
def test_strangers_notes_are_counted(data: bytes) -> None:
    """And do nothing else."""
    grid = Grid("west", "east")
    grid["west"].region._world.halo.take("east", data[:100])
    grid["west"].region._world.halo.take("nowhere", encode_note(Look(0)))
    assert 2 == grid["west"].region.statistics().events_unread


LOOKER = """
from scripts_api import AgentRef, ObjectRef, Script

class Looker(Script):
    found = None

    def on_touch(self, toucher):
        ref = AgentRef(toucher.name) if toucher.name.startswith("agent") else ObjectRef(toucher.name)
        seen = self.look(ref)
        self.found = None if seen is None else (seen.name, round(seen.distance))
"""


@everywhere
def test_what_is_known_can_be_looked_at(world: ScriptWorld) -> None:
    """In the region however far away, beyond the border from some frames after the first look on."""
    looker = world.rez(LOOKER, position=Vector(250, 100, 0))
    far = world.rez(name="far", position=Vector(10, 100, 0))
    beyond = world.rez(name="beyond", position=Vector(270, 100, 0))
    world.enter("ada", Vector(240, 100, 0))
    found = []
    for id in (far.id, "agent:ada", beyond.id, "west:99"):
        world.touch(looker, id)
        found.append(looker.found)
    world.advance(0.1)
    world.touch(looker, beyond.id)
    assert [("far", 240), ("ada", 10), None, None, ("beyond", 20)] == [*found, looker.found]


def test_no_region_is_its_own_neighbour() -> None:
    """Whichever copy of its place it is asked with; corners count, and what is further away does not."""
    places = Places(
        RegionPlace(f"{x}{y}", (100.0 * x, 100.0 * y), (100.0, 100.0)) for x in range(4) for y in range(2)
    )
    near = places.near(RegionPlace("10", (100.0, 0.0), (100.0, 100.0)), 50.0)
    assert {"00", "01", "11", "20", "21"} == {each.name for each in near}


# --- Each tick ---

WATCHER = """
from scripts_api import Script

class Watcher(Script):
    seen = ()

    def on_start(self):
        while True:
            self.seen = [(each.name, round(each.position.x, 2), each.velocity.x) for each in self.sense(96)]
            self.sleep(0.02)
"""


def watched(**box: Any) -> tuple[Grid, str, str]:
    """Somebody in the east who watches something in the west, which is ticked before it, in every frame."""
    grid = Grid("west", "east")
    box_id = grid.rez(name="box", **({"position": (90.0, 50.0, 0.0)} | box))
    watcher = grid.rez(WATCHER, position=(105.0, 50.0, 0.0), region="east")
    grid.run(0.5)
    return grid, box_id, watcher


def test_what_a_tick_has_done_is_seen_over_the_border_at_once() -> None:
    """In the very tick that takes it in: another place, another course, another name, and that it is gone."""
    grid, box, watcher = watched()
    body, world = grid.object(box), grid["west"].region._world
    seen = [grid.state(watcher)["seen"]]
    for change in (
        lambda: world.borders.put(body, Vector(80, 50, 0)),
        lambda: world.borders.set_velocity(body, Vector(5, 0, 0)),
        lambda: write_attribute(body, "name", "crate"),
        lambda: world.remove(body),
    ):
        change()
        grid.tick()
        seen.append(grid.state(watcher)["seen"])
    assert [
        [("box", 90.0, 0.0)],
        [("box", 80.0, 0.0)],
        [("box", 80.1, 5.0)],
        [("crate", 80.2, 5.0)],
        [],
    ] == seen


def test_a_script_s_work_is_heard_and_seen_over_the_border_in_the_same_frame() -> None:
    """What it does in its turn leaves with that tick."""
    grid, _, watcher = watched()
    mouth = grid.rez(
        """
        class Mover(Script):
            def on_touch(self, toucher):
                self.say("now", 7)
                self.object.velocity = Vector(-10, 0, 0)
        """,
        name="mover",
        position=(98.0, 50.0, 0.0),
    )
    ear = grid.rez(EAR, position=(102.0, 50.0, 0.0), region="east")
    grid.touch(mouth)
    grid.tick()
    assert ("mover: now",) == grid.state(ear)["heard"]
    assert ("mover", 98.0, -10.0) in grid.state(watcher)["seen"]


def test_what_flies_in_is_seen_as_soon_as_it_is_near() -> None:
    """Though nothing but its place has changed, and wherever the edges of the cells are."""
    wide = {"west": ((0.0, 0.0), (205.0, 100.0)), "east": ((205.0, 0.0), (100.0, 100.0))}
    grid = Grid("west", "east", layout=wide)
    grid.rez(name="box", position=(85.0, 50.0, 0.0), velocity=(30.0, 0.0, 0.0))
    watcher = grid.rez(WATCHER, position=(205.5, 50.0, 0.0), region="east")
    first = None
    while first is None:
        grid.tick()
        first = next(iter(grid.state(watcher)["seen"]), None)
    assert 205.5 - 96 <= first[1] <= 205.5 - 96 + 2 * 30 * 0.02


def test_who_sits_on_what_turns_is_seen_where_it_is() -> None:
    """In each tick, because no velocity says where it will be."""
    grid, box, watcher = watched()
    world, root = grid["west"].region._world, grid.object(box)
    bench = grid.object(grid.rez(name="bench", position=(95.0, 50.0, 0.0)))
    linksets.link(root, bench.ref)
    grid["west"].host.command(EnterWorld("ada", Vector(92, 50, 0)))
    grid.tick()
    grid["west"].host.command(SitDown("agent:ada", bench.id))
    grid.tick()
    write_attribute(root, "spin", Vector(0, 0, 2))
    for _ in range(20):
        grid.tick()
        (ada,) = [each for each in grid.state(watcher)["seen"] if each[0] == "ada"]
        assert round(world.agents["agent:ada"].position.x, 2) == ada[1]
    assert ada[1] < 94


def test_what_falls_is_seen_where_it_is() -> None:
    """In each tick, because it gets faster."""
    grid, box, watcher = watched()
    body = grid.object(box)
    body.world.borders.put(body, Vector(92, 50, 40))
    grid.tick(2)
    write_attribute(body, "physical", True)
    seeing = grid.region_of(watcher).region._world.halo.seeing
    for _ in range(20):
        grid.tick()
        seen = [image.position(age_us).z for _, image, age_us in seeing.images(Vector(100, 50, 0), 90)]
        assert [pytest.approx(body.position.z)] == seen


def test_a_new_owner_is_known_over_the_border_at_once() -> None:
    """Who has given it away is told no longer."""
    grid, _, _ = watched()
    asking = grid.rez(ASKING, position=(95.0, 50.0, 0.0), name="gift")
    grid["west"].host.command(EnterWorld("eve", Vector(95, 52, 0)))
    grid.tick(2)
    grid["west"].host.command(GrantToObject(AgentRef("agent:eve", "eve"), asking, ("own",)))
    grid.tick(5)
    images = grid["east"].region._world.halo.seeing.images(Vector(105, 50, 0), 96)
    assert ("eve", "eve") == (
        grid.object(asking).owner,
        next(image.owner for _, image, _ in images if image.name == "gift"),
    )


ASKING = """
from scripts_api import AgentRef, Script

class Asking(Script):
    def on_start(self):
        eve = AgentRef("agent:eve", "eve")
        self.request_grants(eve, "own")
        self.object.transfer(eve)
"""


def sent(grid: Grid, region: str) -> tuple[int, int]:
    """How many images and baselines a region has sent."""
    statistics = grid[region].region.statistics()
    return statistics.images_sent, statistics.baselines_sent


def test_nothing_is_sent_while_nothing_changes() -> None:
    """But a baseline every ten seconds, and an answer to each look: what flies straight on moves by itself."""
    grid, _, _ = watched(velocity=(0.1, 0.0, 0.0))
    notes = notes_of(grid["west"].region._world.halo.showing)
    before = sent(grid, "west")
    grid.run(9.0)
    assert (before, 9) == (sent(grid, "west"), len(notes))
    grid.run(2.0)
    assert (before[0] + 1, before[1] + 1) == sent(grid, "west")


def notes_of(side: Any) -> list[Any]:
    """What one side of a halo sends from now on, which still arrives."""
    notes, send = [], side._send

    def keep(name: str, data: bytes) -> None:
        notes.append(read_note(data))
        send(name, data)

    side._send = keep
    return notes


def test_changes_of_one_tick_are_bounded() -> None:
    """What does not fit comes with the next ticks, the oldest first."""
    grid, _, _ = watched()
    for number in range(CHANGES_MAX + 50):
        grid["west"].host.command(Rez(f"b{number}", "ada", Vector(60, 50, 0)))
    before, _ = sent(grid, "west")
    grid.tick()
    first, _ = sent(grid, "west")
    grid.tick()
    second, _ = sent(grid, "west")
    assert (CHANGES_MAX, 50) == (first - before, second - first)


def crowded(count: int) -> tuple[Grid, str]:
    """So many that are seen from the east, 50 m and more behind the border, and their watcher."""
    grid, _, watcher = watched(position=(50.0, 50.0, 0.0))
    for number in range(count - 1):
        grid["west"].host.command(Rez(f"b{number}", "ada", Vector(30 + 20 * number / count, 90, 0)))
    grid.run(11.0)
    return grid, watcher


def test_who_comes_to_a_crowd_is_shown_if_it_is_nearer() -> None:
    """The nearest are chosen anew within a second, and never more than a neighbour takes."""
    grid, watcher = crowded(IMAGES_MAX)
    _, before = sent(grid, "west")
    grid.rez(name="late", position=(99.0, 50.0, 0.0))
    grid.run(1.1)
    assert "late" == grid.state(watcher)["seen"][0][0]
    assert before + 2 == sent(grid, "west")[1]
    assert 0 == grid["east"].region.statistics().events_unread


def test_who_stands_behind_a_crowd_is_shown_when_there_is_room() -> None:
    """Within a second."""
    grid, _ = crowded(IMAGES_MAX + 5)
    images = grid["east"].region._world.halo.seeing._seen["west"].images
    hidden = next(id for id in grid["west"].region.objects if id not in images)
    for id in list(images)[:5]:
        grid["west"].region._world.remove(grid.object(id))
    grid.run(1.1)
    assert hidden in images


def test_a_lost_change_is_right_again_with_the_next_look() -> None:
    """Though nothing else changes: the answer to a look does not fit what is there."""
    grid, box, watcher = watched()
    losing = True
    spoil_notes(grid, "east", lambda notes: () if losing else notes)
    grid["west"].region._world.borders.put(grid.object(box), Vector(70, 50, 0))
    grid.tick()
    losing = False
    grid.tick()
    assert [("box", 90.0, 0.0)] == grid.state(watcher)["seen"]
    grid.run(1.2)
    assert [("box", 70.0, 0.0)] == grid.state(watcher)["seen"]


def test_who_asks_for_baselines_all_the_time_gets_ten_a_second() -> None:
    """They cost time, and a neighbour may be anybody."""
    grid, _, _ = watched()
    _, before = sent(grid, "west")
    for _ in range(50):
        grid["west"].region._world.halo.take("east", encode_note(Look(0)))
        grid.tick()
    assert 9 <= sent(grid, "west")[1] - before <= 11


def test_a_neighbour_that_shows_too_much_is_not_believed() -> None:
    """Its images are dropped, counted, and never more than one honest neighbour's."""
    grid, _, _ = watched()
    seeing = grid["east"].region._world.halo.seeing
    for number in range(2):
        images = tuple(
            Image(f"x:{number}:{n}", "x", "ada", None, (90, 50, 0), (0, 0, 0)) for n in range(IMAGES_MAX)
        )
        seeing.take("west", Images(number + 1, number, images, ()))
    assert [] == list(seeing.images(Vector(105, 50, 0), 96))
    assert 1 == grid["east"].region.statistics().events_unread


def test_who_has_lost_the_thread_asks_once_and_again_later() -> None:
    """Changes that do not fit come tick by tick; each would bring a baseline."""
    grid, _, _ = watched()
    seeing = grid["east"].region._world.halo.seeing
    notes = notes_of(seeing)
    grid.down.add("west")

    def take(count: int) -> int:
        for number in range(count):
            seeing.take("west", Images(2**60 + number, 2**60 - 1, (), ()))
        return len([note for note in notes if note == Look(0)])

    assert [1, 1] == [take(3), take(3)]
    grid.run(0.32)
    assert [2, 2] == [take(1), take(1)]
