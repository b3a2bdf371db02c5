"""The world around scripts: attributes, chat, listens, sensing, stores, motion, random streams."""

from __future__ import annotations

from random import Random

import pytest

from scripts_api import AgentRef, Vector
from simulator.commands import SpeakUp
from simulator.limits import RegionLimits
from simulator.world.chance import first_state, next_state, number_of
from simulator.world.clockwork import HUSKS_MIN, Clockwork
from simulator.world.places import Places, RegionPlace
from tests.regions import Grid

EAR = """
class Ear(Script):
    def on_start(self):
        self.ear = self.listen({listen})
    def on_listen(self, message):
        self.log(f"{{message.speaker.name}}: {{message.text}}")
"""


@pytest.fixture
def grid() -> Grid:
    """Two regions."""
    return Grid("west", "east")


def speaker(call: str) -> str:
    return f"class Mouth(Script):\n    def on_start(self):\n        self.sleep(0.1)\n        self.{call}\n"


@pytest.mark.parametrize(
    ("call", "distance", "heard"),
    [
        ("whisper('x', 5)", 10, True),
        ("whisper('x', 5)", 10.1, False),
        ("say('x', 5)", 20, True),
        ("say('x', 5)", 20.1, False),
        ("shout('x', 5)", 45, True),
        ("region_say('x', 5)", 49, True),
        ("say('x', 6)", 1, False),
    ],
)
def test_chat_is_heard_in_its_range_and_on_its_channel(
    grid: Grid, call: str, distance: float, heard: bool
) -> None:
    """Range is measured when the line is said."""
    grid.rez(EAR.format(listen="5"), position=(50, 50, 0))
    grid.rez(speaker(call), name="mouth", position=(50 + distance, 50, 0))
    grid.run(0.2)
    assert ([("script log", "mouth: x")] if heard else []) == grid["west"].told


@pytest.mark.parametrize(
    ("listen", "heard"),
    [
        ("5, name='mouth'", True),
        ("5, name='other'", False),
        ("5, text='x'", True),
        ("5, text='y'", False),
        ("5, sender=self.object.ref", False),
    ],
)
def test_listens_filter_exactly(grid: Grid, listen: str, heard: bool) -> None:
    """By name, text and sender."""
    grid.rez(EAR.format(listen=listen))
    grid.rez(speaker("say('x', 5)"), name="mouth")
    grid.run(0.2)
    assert heard == bool(grid["west"].told)


def test_nobody_hears_itself_or_with_a_closed_ear(grid: Grid) -> None:
    """One's own lines are not heard, nor anything by a listen that is closed or disabled."""
    grid.rez("""
        class Parrot(Script):
            def on_start(self):
                ear = self.listen(5)
                ear.enabled = False
                self.say(str(ear.enabled), 5)
                ear.enabled = True
                ear.close()
                self.log(str(ear.enabled))
            def on_listen(self, message):
                self.log("heard")
    """)
    grid.tick(3)
    assert [("script log", "False")] == grid["west"].told


def test_people_are_heard_and_spoken_to(grid: Grid) -> None:
    """A line of a client is heard by listens; channel 0 comes out for clients."""
    grid.rez(EAR.format(listen="0"))
    command = SpeakUp(AgentRef("agent:eve", "eve"), Vector(55, 50, 0), "hello")
    grid["west"].host.command(command)
    grid.tick(2)
    assert [("script log", "eve: hello")] == grid["west"].told
    assert ["hello"] == grid["west"].said


def test_a_listen_too_many_is_refused(grid: Grid) -> None:
    """The 66th raises, at the author's line, and says what to do."""
    box = grid.rez("""
        class Ears(Script):
            def on_start(self):
                for n in range(66):
                    self.listen(n)
    """)
    grid.tick(4)
    assert "LimitReached: listen: the script has 65 listens; close one first." in (grid.fails(box) or "")


def test_attributes_are_kept(grid: Grid) -> None:
    """What is set is what is read, by another script run of the object too."""
    box = grid.rez("""
        class Painter(Script):
            def on_start(self):
                self.object.name = "lamp"
                self.object.color = Color(1, 0, 0)
                self.object.scale = Vector(1, 2, 3)
                self.object.description = "a red lamp"
                self.sleep(0.1)
                o = self.object
                self.say(f"{o.name} {o.color} {o.scale} {o.mass:g} {o.owner} {o.description}")
    """)
    grid.run(0.2)
    assert ["lamp Color(1, 0, 0) Vector(1, 2, 3) 6000 ada a red lamp"] == grid["west"].said
    assert "lamp" == grid.object(box).name


def test_an_object_moves_and_turns_by_itself(grid: Grid) -> None:
    """Velocity and spin are kept up; an impulse adds to the velocity."""
    box = grid.rez("""
        class Top(Script):
            def on_start(self):
                self.object.velocity = Vector(10, 0, 0)
                self.object.spin = Vector(0, 0, 3.0)
                self.sleep(0.5)
                self.object.impulse(Vector(0, 10, 0))
                self.turned = self.object.rotation.angle
    """)
    start = grid.object(box).position
    grid.run(1.0)
    moved = grid.object(box).position - start
    assert pytest.approx((10.0, 5.0), abs=0.6) == (moved.x, moved.y)
    assert pytest.approx(1.5, abs=0.1) == grid.state(box)["turned"]


def test_sensing_finds_the_nearest_first(grid: Grid) -> None:
    """Within the radius, in the arc, of the name; itself it never finds."""
    for east in (60, 55, 80):
        grid.rez(name=f"at {east}", position=(east, 50, 0))
    grid.rez(name="behind", position=(40, 50, 0))
    grid.rez("""
        class Eye(Script):
            def on_start(self):
                self.log(str([each.name for each in self.sense(30)]))
                self.log(str([each.name for each in self.sense(30, arc=0.5)]))
                self.log(str([each.distance for each in self.sense(30, name="at 80")]))
                self.log(str(self.sense(30, kind="agent")))
    """)
    grid.tick(2)
    expected = ["['at 55', 'at 60', 'behind', 'at 80']", "['at 55', 'at 60', 'at 80']", "[30.0]", "()"]
    assert expected == [text for _, text in grid["west"].told]


def test_a_store_holds_copies(grid: Grid) -> None:
    """What comes out is what was put in; keys by pattern; what is missing raises KeyError."""
    box = grid.rez("""
        class Keeper(Script):
            def on_start(self):
                store = self.object.store
                scores = {"ada": [1]}
                store["scores"] = scores
                scores["ada"].append(2)
                store["other"] = 1
                del store["other"]
                self.log(f"{store['scores']} {store.keys('s*')} {len(store)} {'other' in store}")
                store["other"]
    """)
    grid.tick(2)
    assert ("script log", "{'ada': [1]} ['scores'] 1 False") == grid["west"].told[0]
    assert "KeyError: 'other'" in (grid.fails(box) or "")


def test_a_full_store_says_so() -> None:
    """What does not fit is refused and what was there stays."""
    grid = Grid("west", limits=RegionLimits(store_bytes_max=2_000))
    box = grid.rez("""
        class Keeper(Script):
            def on_start(self):
                self.object.store["small"] = 1
                self.object.store["large"] = "x" * 3_000
    """)
    assert "at most 2000 fit. Delete keys that are not needed." in (grid.fails(box) or "")
    assert ["small"] == list(grid.object(box).store or ())


def test_a_script_knows_its_region(grid: Grid) -> None:
    """Name, corner, size, edges."""
    grid.rez(
        """
        class Surveyor(Script):
            def on_start(self):
                r, here = self.region, self.object.position
                self.log(f"{r.name} {r.corner} {r.size} {r.now > 0} {r.time_dilation}")
                self.log(f"{r.is_edge(here, Vector(1, 0, 0))} {r.is_edge(here, Vector(-1, 0, 0))}")
        """,
        region="east",
        position=(150, 50, 0),
    )
    expected = ["east Vector(100, 0, 0) Vector(100, 100, 0) True 1.0", "True False"]
    assert expected == [text for _, text in grid["east"].told]


def test_every_script_has_a_stream_of_its_own() -> None:
    """Streams differ by name, repeat by state, and are evenly spread."""
    assert first_state(0, "west:1", 0) != first_state(0, "west:1", 1)
    state, total = first_state(1), 0.0
    for _ in range(10_000):
        state = next_state(state)
        number = number_of(state)
        assert 0.0 <= number < 1.0
        total += number
    assert 0.49 < total / 10_000 < 0.51


TICKER = """
class Ticker(Script):
    count = 0
    def on_timer(self, timer):
        self.count += 1
"""


def test_a_timer_may_fire_for_the_first_time_at_another_interval(grid: Grid) -> None:
    """In `first_us`, and then at every interval."""
    box = grid.rez(TICKER)
    grid.object(box).scripts[0].start_timer(100_000, 1_000_000, None)
    counts = []
    for seconds in (0.2, 0.8, 0.2, 0.8, 0.2):
        grid.run(seconds)
        counts.append(grid.state(box)["count"])
    assert [1, 1, 2, 2, 3] == counts


def test_a_timer_whose_event_was_dropped_fires_again(grid: Grid) -> None:
    """A queue that was full for a moment does not stop a clock for ever."""
    box = grid.rez(TICKER + "    def on_touch(self, toucher):\n        pass\n")
    script = grid.object(box).scripts[0]
    script.start_timer(100_000, 100_000, None)
    script.pause()
    for _ in range(grid.limits.queue_len_max):
        grid.touch(box)
    grid.run(1.0)
    script.go_on()
    grid.run(1.0)
    assert grid.state(box)["count"] >= 8


class Bell:
    """Something that is due."""

    def due(self) -> None:
        """Ring."""


def test_clockwork_fires_in_order_of_time_and_setting() -> None:
    """Equal times fire as they were set; what is cancelled never does."""
    clockwork, bells = Clockwork(), [Bell() for _ in range(4)]
    entries = [clockwork.set(when, bell) for when, bell in zip((20, 10, 20, 30), bells, strict=True)]
    clockwork.cancel(entries[3])
    clockwork.cancel(entries[3])
    assert [bells[1], bells[0], bells[2]] == list(clockwork.pop_due(25))
    assert (0, []) == (len(clockwork), list(clockwork.pop_due(100)))


def test_clockwork_fires_as_a_sorted_list_would() -> None:
    """Whatever is set, cancelled and asked for in between, near or far."""
    chance, clockwork, now_us = Random(4), Clockwork(), 0
    due: list[tuple[int, int, Bell]] = []
    for number in range(3_000):
        when_us = now_us + chance.choice((0, 1, chance.randrange(50_000), chance.randrange(10**9)))
        bell = Bell()
        entry = clockwork.set(when_us, bell)
        if chance.random() < 0.3:
            clockwork.cancel(entry)
        else:
            due.append((when_us, number, bell))
        if chance.random() < 0.1:
            now_us += chance.choice((10, 20_000, 10**7))
            came = [each for each in sorted(due, key=lambda each: each[:2]) if each[0] <= now_us]
            assert [bell for _, _, bell in came] == list(clockwork.pop_due(now_us))
            due = [each for each in due if each[0] > now_us]
            soonest_us = min((when_us for when_us, _, _ in due), default=10**12)
            assert (len(due), soonest_us) == (len(clockwork), clockwork.next_us(10**12))


def test_an_entry_is_used_again_when_it_has_come_up() -> None:
    """And not before: while it lies in its bucket, or is due in this moment, it would come twice or too early."""
    clockwork, bell = Clockwork(), Bell()
    entry = clockwork.set(10, bell)
    again = clockwork.set(20, bell, entry)
    assert again is not entry
    assert [bell, bell] == list(clockwork.pop_due(20))
    assert entry is clockwork.set(30, bell, entry)
    second, came = clockwork.set(30, bell, again), []
    for _ in clockwork.pop_due(30):
        came.append(len(clockwork))
        clockwork.cancel(second)
        assert clockwork.set(40, bell, second) is not second
    assert ([0], [bell]) == (came, list(clockwork.pop_due(40)))


def test_what_is_cancelled_in_the_same_moment_does_not_come() -> None:
    """The first of two that are due may cancel the second."""
    clockwork, bells = Clockwork(), [Bell(), Bell()]
    entries = [clockwork.set(10, bell) for bell in bells]
    came = []
    for bell in clockwork.pop_due(10):
        came.append(bell)
        clockwork.cancel(entries[1])
    assert ([bells[0]], 0) == (came, len(clockwork))


def test_cancelled_timers_take_no_room_for_long() -> None:
    """When most entries are husks they are thrown out."""
    clockwork = Clockwork()
    for entry in [clockwork.set(1_000, Bell()) for _ in range(10 * HUSKS_MIN)]:
        clockwork.cancel(entry)
    assert sum(map(len, clockwork._buckets.values())) <= HUSKS_MIN
    assert len(clockwork._buckets) == len(clockwork._numbers)


def test_places_know_their_neighbours() -> None:
    """A region holds its south and west borders; behind the others is the neighbour or nothing."""
    west, east = RegionPlace("west", (0, 0), (100, 100)), RegionPlace("east", (100, 0), (100, 100))
    places = Places([west, east])
    assert ("east", None) == (places.at(Vector(100, 0, 0)), places.at(Vector(0, 100, 0)))
    assert (0.5, 0) == west.leaves(Vector(50, 50, 0), Vector(100, 10, 0))
    assert None is west.leaves(Vector(50, 50, 0), Vector(0, 0, 9))
    assert "east" == places.beyond(west, Vector(100, 50, 0), Vector(1, 0, 0), 0)
    assert "west" == places.beyond(east, Vector(100, 50, 0), Vector(-1, 0, 0), 0)
    assert None is places.beyond(west, Vector(0, 50, 0), Vector(-1, 0, 0), 0)
    assert west.holds(west.clamped(Vector(500, -3, 0)))
