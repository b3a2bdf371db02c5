"""What people grant and wear: asked for, put on, carried over borders, seats and crashes, and taken off again."""

from __future__ import annotations

import pytest

from migrate.errors import BadRecord
from scripts_api import AgentRef, Vector
from scripts_api.limits import GRANTERS_MAX
from scripts_api.testing import ScriptWorld, WorldAgent, WorldObject, everywhere
from simulator.checkpoint import capture
from simulator.checkpoint_record import read_unit
from simulator.checkpoint_restore import restore
from simulator.commands import EnterWorld, GrantToObject, SitDown, TouchObject
from simulator.testing import World
from simulator.world import agents, wearing
from simulator.world.linksets import link
from tests.regions import Grid

DEEDS = {
    "velocity": "own.velocity = Vector(9, 0, 0)",
    "spin": "own.spin = Vector(0, 0, 9)",
    "physical": "own.physical = True",
    "impulse": "own.impulse(Vector(9, 0, 0))",
    "move_to": "own.move_to(Vector(5, 5, 0), 1)",
    "follow": "own.follow([(Vector(5, 5, 0), 1)])",
    "teleport": 'own.teleport("east")',
    "far": "own.position = own.position + Vector(9, 0, 0)",
    "near": "own.position = own.position + Vector(0, 0, 0.5)",
    "unlink": "own.unlink()",
    "paint": "own.links[0].color = Color(1, 0, 0)",
    "unseat": "own.unseat(own.wearer)",
}
HAT = """
from scripts_api import AgentRef, Color, ObjectRef, Script, ScriptError, Vector

class Hat(Script):
    log = ()
    error = None

    def note(self, *what):
        self.log = (*self.log, what)

    def on_attach(self, agent):
        self.note("attach", agent.name, self.object.wearer.name)

    def on_detach(self, agent):
        self.note("detach", agent.name, self.object.wearer)

    def on_grant(self, principal, grants):
        self.note("grant", principal.name, grants)

    def on_arrive(self, from_region):
        wearer = self.object.wearer
        if wearer is not None:
            self.note("arrive", wearer.name, self.object.grants(wearer))

    def on_control(self, agent, held, edge):
        self.note("control", agent.name, held, edge)

    def on_touch(self, toucher):
        verb, *words = toucher.name.split()
        ada = AgentRef("agent:ada", "ada")
        own = self.object
        try:
            if verb == "ask":
                self.got = self.request_grants(ada, *words, timeout_s=2)
            elif verb == "attach":
                own.attach(ada, Vector(0, 0, 1))
            elif verb == "detach":
                own.detach()
            elif verb == "link":
                own.link(ObjectRef(words[0]))
            elif verb == "die":
                self.die()
            elif verb == "do":
DEEDS
        except ScriptError as error:
            self.error = str(error)
""".replace(
    "DEEDS", "\n".join(f"                if words == [{name!r}]: {deed}" for name, deed in DEEDS.items())
)
MIDDLE = Vector(128, 128, 10)


def worn(world: ScriptWorld, parts: int = 0) -> tuple[WorldAgent, WorldObject, list[WorldObject]]:
    """Somebody who wears a hat, with parts if wanted."""
    ada = world.enter("ada", MIDDLE)
    hat = world.rez(HAT, name="hat", position=MIDDLE)
    others = [world.rez(HAT, name=f"feather {number}", position=MIDDLE) for number in range(parts)]
    for number, each in enumerate(others):
        each._body.place = MIDDLE + Vector(0, 0, 0.25 * (number + 1))
        world.touch(hat, f"link {each.id}")
    ada.grant(hat, "attach")
    world.touch(hat, "attach")
    world.advance(0.1)
    assert [None] * (1 + parts) == [each.state["error"] for each in (hat, *others)]
    assert hat._body.worn_by is not None
    return ada, hat, others


@everywhere
def test_who_is_asked_may_grant(world: ScriptWorld) -> None:
    """Whoever acts for it is told what is asked; the handler goes on with what is granted."""
    ada, hat = world.enter("ada", MIDDLE), world.rez(HAT, name="hat")
    world.touch(hat, "ask control attach")
    assert ["hat asks ada for attach, control"] == world.asked
    ada.grant(hat, "attach")
    world.advance(0.1)
    assert (("attach",), (("grant", "ada", ("attach",)),)) == (hat.got, hat.log)
    ada.grant(hat)
    world.advance(0.1)
    assert ("grant", "ada", ()) == hat.log[-1]


@everywhere
def test_what_is_granted_is_not_asked_for_again(world: ScriptWorld) -> None:
    """And who says nothing has granted nothing."""
    ada, hat = world.enter("ada", MIDDLE), world.rez(HAT, name="hat")
    world.touch(hat, "ask control")
    world.advance(2.1)
    assert () == hat.got
    ada.grant(hat, "control")
    world.touch(hat, "ask control")
    world.advance(0.1)
    assert (("control",), 1) == (hat.got, len(world.asked))


@everywhere
def test_what_is_asked_may_be_answered_behind_a_border(world: ScriptWorld) -> None:
    """Both the question and the grant travel with the object."""
    ada, hat = world.enter("ada", MIDDLE), world.rez(HAT, name="hat")
    world.touch(hat, "ask control")
    world.cross(hat, "east")
    ada.grant(hat, "control")
    world.advance(0.1)
    assert ("east", ("control",)) == (hat.region, hat.got)
    world.cross(hat, "west")
    assert {"agent:ada": ("control",)} == hat._body.extras.grants


@everywhere
def test_nothing_is_put_on_who_has_not_granted_it(world: ScriptWorld) -> None:
    """Nor on who is elsewhere."""
    world.enter("ada", MIDDLE)
    hat = world.rez(HAT, name="hat")
    world.touch(hat, "attach")
    world.advance(0.1)
    assert (
        'object.attach: ada has not granted "attach" to \'hat\'; ask by self.request_grants(agent, "attach").'
        == hat.state["error"]
    )
    assert hat._body.worn_by is None


@everywhere
def test_what_is_worn_goes_where_its_wearer_goes(world: ScriptWorld) -> None:
    """Over a border too, with its parts; its scripts see it as a linkset of its own."""
    ada, hat, (feather,) = worn(world, parts=1)
    assert (("grant", "ada", ("attach",)), ("attach", "ada", "ada")) == hat.log
    ada.walk(Vector(100, 0, 0))
    world.advance(2.0)
    ada.walk(Vector())
    assert {"east"} == {each.region for each in (ada, hat, feather)}
    assert Vector(0, 0, 1) == hat.position - ada.position
    assert Vector(0, 0, 0.25) == feather.position - hat.position
    assert ("arrive", "ada", ("attach",)) == hat.log[-1]
    assert ["hat", "feather 0"] == [each.name for each in hat._body.links]


@everywhere
def test_what_is_worn_sits_down_and_stands_up(world: ScriptWorld) -> None:
    """And is no part of the seat for anybody's scripts, nor for who rides with it over a border."""
    ada, hat, (feather,) = worn(world, parts=1)
    bus = world.rez(HAT, name="bus", position=MIDDLE + Vector(4, 0, 0))
    ada.sit(bus)
    world.advance(0.1)
    assert ["bus", "ada"] == [each.name for each in bus._body.links]
    assert (4, Vector(0, 0, 1)) == (len(bus._body.members), hat.position - ada.position)
    world.cross(bus, "east")
    assert {"east"} == {each.region for each in (ada, hat, feather, bus)}
    ada.stand()
    world.advance(0.1)
    assert (1, 3) == (len(bus._body.members), len(ada._body.members))
    assert Vector(0, 0, 1) == hat.position - ada.position
    ada.walk(Vector(-10, 0, 0))
    world.advance(1.0)
    assert Vector(0, 0, 1) == hat.position - ada.position


@everywhere
def test_what_is_taken_off_is_its_own_again(world: ScriptWorld) -> None:
    """By its script or by its wearer; it stays there as a whole."""
    ada, hat, (feather,) = worn(world, parts=1)
    world.touch(hat, "detach")
    world.advance(0.1)
    ada.walk(Vector(10, 0, 0))
    world.advance(1.0)
    assert (MIDDLE + Vector(0, 0, 1), MIDDLE + Vector(0, 0, 1.25)) == (hat.position, feather.position)
    assert ["hat", "feather 0"] == [each.name for each in hat._body.members]
    assert ("detach", "ada", None) == hat.log[-1] == feather.log[-1]
    world.touch(hat, "attach")
    ada.take_off(feather)
    assert hat._body.worn_by is None


@everywhere
def test_people_wear_what_is_theirs(world: ScriptWorld) -> None:
    """Without asking; not what belongs to somebody else, and not from far away."""
    ada = world.enter("ada", MIDDLE)
    mine, far, other = (
        world.rez(HAT, name=name, owner=owner, position=place)
        for name, owner, place in (
            ("mine", "ada", MIDDLE),
            ("far", "ada", MIDDLE + Vector(50, 0, 0)),
            ("other", "ben", MIDDLE),
        )
    )
    for each in (mine, far, other):
        ada.wear(each)
    assert [True, False, False] == [each._body.worn_by is not None for each in (mine, far, other)]


@everywhere
@pytest.mark.parametrize(
    ("deed", "said"),
    [
        ("velocity", "object.velocity: 'hat' is worn by 'ada' and goes where that goes"),
        ("spin", "object.spin: 'hat' is worn by 'ada'"),
        ("physical", "object.physical: 'hat' is worn by 'ada'"),
        ("impulse", "object.impulse: 'hat' is worn by 'ada'"),
        ("move_to", "object.move_to: 'hat' is worn by 'ada'"),
        ("follow", "object.follow: 'hat' is worn by 'ada'"),
        ("teleport", "object.teleport: 'hat' is worn by 'ada'"),
        ("unlink", "object.unlink: 'hat' is worn by 'ada'"),
        ("unseat", "object.unseat: 'ada' does not sit on"),
        (
            "far",
            "object.position: that is 9.05539 m from the body that wears it; at most 3.5 m are possible.",
        ),
    ],
)
def test_what_is_worn_moves_nobody(deed: str, said: str, world: ScriptWorld) -> None:
    """Neither its wearer nor what that sits on; on the body it can be moved."""
    ada, hat, _ = worn(world)
    bus = world.rez(HAT, name="bus", position=MIDDLE)
    ada.sit(bus)
    before = bus.position, ada.position, hat.position
    world.touch(hat, f"do {deed}")
    world.advance(0.2)
    assert said in (hat.state["error"] or "")
    assert before == (bus.position, ada.position, hat.position)
    world.touch(hat, "do near")
    world.advance(0.1)
    assert Vector(0, 0, 1.5) == hat.position - ada.position


@everywhere
def test_what_is_worn_paints_only_itself(world: ScriptWorld) -> None:
    """Its `links[0]` is its own first part, whatever its wearer sits on."""
    ada, hat, _ = worn(world)
    bus = world.rez(HAT, name="bus", position=MIDDLE)
    ada.sit(bus)
    world.touch(hat, "do paint")
    world.advance(0.1)
    assert [(1.0, 0.0, 0.0), (1.0, 1.0, 1.0)] == [tuple(each._body.color) for each in (hat, bus)]


@everywhere
def test_what_dies_while_it_is_worn_takes_nobody_along(world: ScriptWorld) -> None:
    """And who leaves leaves what it wears."""
    ada, hat, (feather,) = worn(world, parts=1)
    bus = world.rez(HAT, name="bus", position=MIDDLE)
    ada.sit(bus)
    world.touch(feather, "die")
    world.advance(0.1)
    assert [False, False, True] == [each.exists for each in (hat, feather, bus)]
    assert "west" == ada.region
    other = world.rez(HAT, name="other", position=MIDDLE)
    ada.grant(other, "attach")
    world.touch(other, "attach")
    ada.leave()
    world.advance(0.1)
    assert ("detach", "ada", None) == other.log[-1]


@everywhere
def test_keys_come_to_what_somebody_sits_on_or_wears(world: ScriptWorld) -> None:
    """If it has granted that; and are let go when that ends."""
    ada, hat, _ = worn(world)
    bus = world.rez(HAT, name="bus", position=MIDDLE)
    ada.grant(hat, "attach", "control")
    ada.sit(bus)
    ada.press("forward")
    ada.grant(bus, "control")
    world.cross(bus, "east")
    ada.press("forward", "up")
    ada.grant(hat, "attach")
    ada.stand()
    ada.press()
    world.advance(0.1)
    held = ("forward", "up")
    assert [
        ("control", "ada", ("forward",), ("forward",)),
        ("control", "ada", held, ("up",)),
        ("control", "ada", (), held),
    ] == [each for each in hat.log if each[0] == "control"]
    assert [("control", "ada", held, ("up",)), ("control", "ada", (), held)] == [
        each for each in bus.log if each[0] == "control"
    ]


@everywhere
def test_a_part_that_dies_lets_everybody_stand_up(world: ScriptWorld) -> None:
    """Whoever sits on a linkset survives it, whichever part ends it."""
    bus, wheel = world.rez(HAT, name="bus", position=MIDDLE), world.rez(HAT, name="wheel", position=MIDDLE)
    world.touch(bus, f"link {wheel.id}")
    ada = world.enter("ada", MIDDLE)
    ada.sit(bus)
    world.touch(wheel, "die")
    world.advance(0.1)
    assert (False, False, "west") == (bus.exists, wheel.exists, ada.region)


def test_a_crash_keeps_what_is_worn_where_it_is() -> None:
    """On who stands, and on who sits; nothing is there twice."""
    grid = Grid("west")
    hat, bus = grid.rez(HAT, name="hat"), grid.rez(HAT, name="bus")
    west = grid["west"].host
    west.command(EnterWorld("ada", Vector(50, 50, 0)))
    grid.tick()
    ada = grid["west"].region._world.agents["agent:ada"].somebody
    west.command(GrantToObject(ada, hat, ("attach",)))
    west.command(TouchObject(hat, type(ada)("agent:attach", "attach")))
    grid.run(0.1)
    grid["west"].crash()
    assert "ada" == grid.object(hat).worn_by.name
    grid["west"].host.command(SitDown("agent:ada", bus))
    grid.run(0.1)
    grid["west"].crash()
    assert (3, "ada") == (len(grid["west"].region.objects), grid.object(hat).worn_by.name)
    assert bus == grid.object(hat).root.id


GIFT = """
from scripts_api import AgentRef, Script, ScriptError

class Gift(Script):
    log = ()
    error = None

    def on_start(self):
        self.spawn(self.count)

    def count(self):
        self.ticks = 0
        while True:
            self.ticks += 1
            self.sleep(0.1)

    def on_touch(self, toucher):
        try:
            self.object.transfer(AgentRef("agent:ada", "ada"))
        except ScriptError as error:
            self.error = str(error)
        else:
            self.log = (*self.log, self.object.owner, self.object.grants(AgentRef("agent:ada")))

    def on_changed(self, what):
        self.log = (*self.log, what, self.object.owner)
"""


@everywhere
def test_who_wants_it_becomes_the_owner(world: ScriptWorld) -> None:
    """Its scripts go on in the middle of what they do, on the new owner's time; all grants are over."""
    gift = world.rez(GIFT, name="gift", position=MIDDLE)
    world.touch(gift)
    world.advance(0.1)
    assert (
        'object.transfer: ada has not granted "own" to \'gift\'; ask by self.request_grants(agent, "own").'
        == gift.state["error"]
    )
    ada = world.enter("ada", MIDDLE)
    ada.grant(gift, "own")
    ticks = gift.ticks
    world.touch(gift)
    world.advance(1.0)
    assert "ada" == gift._body.owner
    assert ("ada", (), "changed", "ada") == (*gift.log[:2], "changed", gift.log[3])
    assert gift.ticks > ticks + 8
    world.cross(gift, "east")
    assert "ada" == gift._body.owner
    ada.wear(gift)
    assert gift._body.worn_by is None


@everywhere
def test_a_part_s_owner_is_its_linkset_s(world: ScriptWorld) -> None:
    """And whoever sits on it stays whose it is."""
    gift, wheel = world.rez(GIFT, name="gift", position=MIDDLE), world.rez(HAT, name="wheel", position=MIDDLE)
    world.touch(wheel, f"link {gift.id}")
    ben, ada = world.enter("ben", MIDDLE), world.enter("ada", MIDDLE)
    ben.sit(wheel)
    ada.grant(gift, "own")
    world.touch(gift)
    world.advance(0.2)
    assert ["ada", "ada", "ben"] == [each._body.owner for each in (gift, wheel, ben)]


def test_nobody_is_flooded_with_requests() -> None:
    """To ask somebody is a line of chat; what is granted already is not asked."""
    grid = Grid("west")
    beggar = grid.rez(
        """
        class Beggar(Script):
            asked = 0
            error = None

            def on_start(self):
                for _ in range(20):
                    self.spawn(self.beg)

            def beg(self):
                try:
                    while True:
                        self.request_grants(AgentRef("agent:ada"), "own", timeout_s=0)
                        self.asked += 1
                except LimitReached as error:
                    self.error = str(error)
        """
    )
    grid.run(3.0)
    state = grid.state(beggar)
    assert 100 <= state["asked"] <= 110
    assert state["error"].startswith("request_grants: at most 100 at once and 20 a second")


def test_what_a_stranger_says_is_worn_is_worn_by_somebody_in_it() -> None:
    """Else an attachment could be taken off somebody in the region who never wore it."""
    grid = Grid("west", "east")
    bus, wheel = (grid.object(grid.rez(name=name)) for name in ("bus", "wheel"))
    link(bus, wheel.ref)
    for worn in ((bus.id, wheel.id), ("west:99", wheel.id), ("west:99", "west:98")):
        wheel.more().worn = worn
        with pytest.raises(BadRecord, match="is worn by"):
            restore(read_unit(capture(bus)), grid["east"].region._world)


def test_of_too_many_grants_the_oldest_lapse() -> None:
    """And the script is told whose."""
    grid = Grid("west")
    hat = grid.rez(HAT)
    west = grid["west"].host
    for number in range(GRANTERS_MAX + 1):
        west.command(GrantToObject(AgentRef(f"agent:a{number}", f"a{number}"), hat, ("control",)))
        grid.tick()
    assert GRANTERS_MAX == len(grid.object(hat).extras.grants)
    assert ("grant", "a0", ()) == grid.state(hat)["log"][-1]


@everywhere
def test_nothing_is_put_on_that_somebody_sits_on_or_wears(world: ScriptWorld) -> None:
    """Whoever sits there would be worn too."""
    ada, ben, bus = (
        world.enter("ada", MIDDLE),
        world.enter("ben", MIDDLE),
        world.rez(HAT, name="bus", position=MIDDLE),
    )
    ben.sit(bus)
    ada.grant(bus, "attach")
    world.touch(bus, "attach")
    world.advance(0.1)
    assert "object.attach: somebody sits on 'bus'" in bus.state["error"]
    ben.stand()
    world.touch(bus, "attach")
    world.touch(bus, "attach")
    world.advance(0.1)
    assert "object.attach: 'bus' is worn by 'ada' already" in bus.state["error"]
    ben.sit(bus)
    assert ben._body.root is ben._body


def test_who_wears_much_finds_no_more_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither for another thing nor on a seat that has parts enough."""
    world = World()
    ada, hat, _ = worn(world)
    monkeypatch.setattr(wearing, "LINKSET_LEN_MAX", 2)
    monkeypatch.setattr(agents, "LINKSET_LEN_MAX", 2)
    cap = world.rez(HAT, name="cap", position=MIDDLE)
    ada.grant(cap, "attach")
    world.touch(cap, "attach")
    assert "would have 3 parts; at most 2 are possible" in cap.state["error"]
    ada.sit(cap)
    assert ada._body.root is ada._body
    assert hat._body.root is ada._body
