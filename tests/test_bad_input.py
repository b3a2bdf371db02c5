"""What a script asks for and can't have: told at its own line, with the value and what to do; nothing half done."""

from __future__ import annotations

from typing import Any

import pytest

from scripts_api.testing import ScriptWorld
from simulator.testing import World
from simulator.world.extras import Extras
from simulator.world.objects import WorldObject
from simulator.world.scripts import RunningScript

SCRIPT = '''
import math
from scripts_api import *

class Clumsy(Script):
    """Makes a mistake when it is touched, and again, where nobody catches it, when it gets a message."""
    error = None

    def idle(self):
        self.sleep(99)

    def on_touch(self, toucher):
        gone, there, strange = ObjectRef("west:99", "gone"), ObjectRef("west:2", "box"), ObjectRef("east:1", "far")
        try:
            {code}
        except ScriptError as error:
            self.error = str(error)

    def on_message(self, sender, payload):
        gone, there, strange = ObjectRef("west:99", "gone"), ObjectRef("west:2", "box"), ObjectRef("east:1", "far")
        {code}
'''

CASES = [
    # colours
    ("self.object.color = 'crimson'", ["object.color", "'crimson'", "a Color"]),
    ("self.object.color = Color(2, 0, 0)", ["Color", "red is 2", "from 0 to 1"]),
    ("self.object.color = Color('red')", ["Color", "red is 'red'", "a number"]),
    # numbers and places
    ("self.object.position = Vector(math.nan, 0, 0)", ["object.position", "nan", "coordinates from"]),
    ("self.object.velocity = Vector(math.inf, 0, 0)", ["object.velocity", "inf", "coordinates from"]),
    ("self.object.position = (1, 2, 3)", ["object.position", "(1, 2, 3)", "a Vector"]),
    (
        "self.object.position = Vector(-5, 0, 0)",
        ["object.position", "no region at Vector(-5, 0, 0)", "is_edge"],
    ),
    ("self.object.move_to(Vector(0, 0, math.nan), 1)", ["object.move_to", "nan"]),
    ("self.object.move_to(Vector(0, -9, 0), 1)", ["object.move_to", "no region"]),
    ("self.object.impulse(Vector(math.nan, 0, 0))", ["object.impulse", "nan"]),
    ("self.object.rotation = Rotation(0, 0, 0, 0)", ["Rotation", "length is 0"]),
    ("self.object.scale = Vector(100, 1, 1)", ["object.scale", "100", "0.01 to 64 m"]),
    ("self.object.phantom = 1", ["object.phantom", "True or False"]),
    ("self.object.colour = Color()", ["object.colour", "no such attribute"]),
    # texts
    ("self.object.name = 'x' * 65", ["object.name", "'xxx", "at most 64 characters"]),
    ("self.object.description = 'x' * 1025", ["object.description", "at most 1024"]),
    ("self.object.text = 7", ["object.text", "7", "a text"]),
    ("self.object.name = '\\ud800'", ["object.name", "halves of characters"]),
    ("self.say(7)", ["say", "text is 7", "write str(…)"]),
    ("self.say('ü' * 513)", ["say", "text is 'üüü", "1024 bytes", "1026", "in parts"]),
    ("self.whisper('\\ud800')", ["whisper", "'\\ud800'", "halves of characters"]),
    ("self.listen(0, text='x' * 1025)", ["listen", "1024 bytes", "1025"]),
    ("self.say('x', 2**40)", ["say", "channel", "from -2147483647"]),
    ("self.region_say('x', 0)", ["region_say", "channel is 0"]),
    ("self.object.contents.write('n', 'x' * 70_000)", ["contents.write", "65536 bytes", "70000"]),
    ("self.object.contents.write('n', b'x')", ["contents.write", "a text"]),
    ("self.object.contents.write('', 'x')", ["contents.write", "the name is ''"]),
    # payloads
    ("self.send(there, lambda: 1)", ["send", "can't travel"]),
    ("self.send(there, b'x' * 20_000)", ["send", "16384", "in parts"]),
    ("self.ask(there, self.sleep)", ["ask", "can't travel"]),
    ("self.object.store['k'] = lambda: 1", ["object.store['k']", "can't travel"]),
    ("self.object.store['k'] = b'x' * 140_000", ["object.store", "131072", "Delete keys"]),
    ("self.object.links.send(lambda: 1)", ["links.send", "can't travel"]),
    ("self.rez('model', param=lambda: 1)", ["rez", "can't travel"]),
    # what is gone
    ("self.say_to(gone, 'hello')", ["say_to", "'gone' is not in the region west", "use send"]),
    ("self.ask(gone, 1)", ["ask", "west:99"]),
    ("self.object.link(gone)", ["object.link", "'gone' is not in the region west"]),
    ("self.object.link(strange)", ["object.link", "'far' is not in the region west", "one region"]),
    ("self.object.unlink(there)", ["object.unlink", "is no part"]),
    ("self.object.unlink()", ["object.unlink", "is the root"]),
    ("self.object.unseat(AgentRef('agent:ada', 'ada'))", ["object.unseat", "'ada' does not sit"]),
    ("self.give(AgentRef('agent:ada', 'ada'), 'guide')", ["give", "'ada' is not in the region", "agents()"]),
    ("self.object.links[1]", ["object.links", "the number is 1", "from 0 to 0"]),
    ("self.send('west:2', 1)", ["send", "'west:2'", "an ObjectRef"]),
    # times
    ("self.sleep(-1)", ["sleep", "seconds is -1", "from 0 to"]),
    ("self.sleep('1')", ["sleep", "seconds is '1'"]),
    ("self.after(-1)", ["after", "seconds is -1"]),
    ("self.every(-1)", ["every", "seconds is -1"]),
    ("self.every(0)", ["every", "seconds is 0", "after(0"]),
    ("self.wait(Touch, timeout_s=-1)", ["wait", "timeout_s is -1"]),
    ("self.wait()", ["wait", "no event"]),
    ("self.wait(Script)", ["wait", "a class of scripts_api such as Touch"]),
    ("self.ask(there, 1, timeout_s=-1)", ["ask", "timeout_s is -1"]),
    ("self.object.follow([])", ["object.follow", "the path is []", "1 to 64 tuples"]),
    ("self.object.follow([(Vector(1, 1, 1), 0)])", ["object.follow", "seconds is 0", "set object.position"]),
    ("self.object.follow([(Vector(1, 1, 1), 1), (Vector(-1, 0, 0), 1)])", ["object.follow", "no region"]),
    ("self.object.follow([Vector(1, 1, 1)])", ["object.follow", "a pair of a place and seconds"]),
    ("self.object.move_to(Vector(), -1)", ["object.move_to", "seconds is -1"]),
    # too many
    ("[self.listen(n) for n in range(66 - 1)] and self.listen(1)", ["listen", "65 listens", "close one"]),
    ("[self.after(99) for n in range(65)]", ["a timer", "64", "cancel one"]),
    ("self.spawn(self.sleep, 1)", ["spawn", "a method of your own"]),
    ("self.after(1, self.sense)", ["after", "'sense'", "a method of your own"]),
    ("self.spawn(self.say, 'x')", ["spawn", "'say'", "a method of your own"]),
    ("self.spawn(list)", ["spawn", "'list'", "a method of your own"]),
    ("self.every(1, len)", ["every", "'len'", "a method of your own"]),
    ("[self.spawn(self.idle) for n in range(65)]", ["spawn", "microthreads", "let some end"]),
    (
        "[self.say('x', 5) for n in range(101)]",
        ["say", "at most 100 at once", "sleep for 0.05 s", 'budget("chat")'],
    ),
    # contents
    (
        "self.object.contents['nothing']",
        ["object.contents", "no 'nothing' in 'clumsy'", "it holds guide, model"],
    ),
    ("self.object.contents.remove('nothing')", ["contents.remove", "no 'nothing'"]),
    (
        "self.object.contents.write('model', 'x')",
        ["contents.write", "holds as 'model' is no notecard", "remove it first"],
    ),
    ("self.object.contents.names('picture')", ["contents.names", "'picture'", '"notecard"']),
    ("self.rez('nothing')", ["rez", "no 'nothing'"]),
    ("self.rez('guide')", ["rez", "'guide' is a notecard"]),
    ("self.rez('model', Vector(300, 10, 0))", ["rez", "not in the region west"]),
    ("self.rez('model', Vector(math.nan, 10, 0))", ["rez", "nan"]),
    ("self.give(there, 'nothing')", ["give", "no 'nothing'"]),
    ("self.budget('sleep')", ["budget", "'sleep'", "chat, log, messages, rez, give, http"]),
    # outside
    ("self.http('ftp://example.org/')", ["http", "begins with http://"]),
    ("self.http('https://example.com/')", ["http", "is not allowed", "example.org"]),
    ("self.http('https://ada@example.org/')", ["http", "is not allowed"]),
    ("self.http('https://example.org/', method='STEAL')", ["http", "'STEAL'", "GET"]),
    ("self.http('https://example.org/', timeout_s=61)", ["http", "timeout_s is 61", "60 seconds"]),
    ("self.http('https://example.org/', timeout_s=-1)", ["http", "timeout_s is -1"]),
    ("self.http('https://example.org/', headers={'a': 'b\\nc'})", ["http", "the header a", "in one line"]),
    ("self.http('https://example.org/', headers={'a b': 'c'})", ["http", "name of a header", "'a b'"]),
    ("self.http('https://example.org/', headers={'Host': 'c'})", ["http", "Host", "leave it out"]),
    ("self.http('https://example.org/', headers={'Proxy-A': 'c'})", ["http", "Proxy-A", "leave it out"]),
    ("self.http('https://example.org/', body='x' * 20_000)", ["http", "body", "16384"]),
    # sensing
    ("self.sense(97)", ["sense", "radius is 97", "at most 96 m"]),
    ("self.sense(0)", ["sense", "radius is 0"]),
    ("self.sense(math.nan)", ["sense", "radius is nan"]),
    ("self.look('west:2')", ["look", "the reference is 'west:2'", "an ObjectRef or an AgentRef"]),
    ("self.sense(10, kind='cat')", ["sense", "'cat'", '"object", "agent"']),
    # grounds, targets, rays, teleports, grants
    ("self.object.position = Vector(1, 1, -1)", ["object.position", "-1 m", "the ground is at 0", "4096 m"]),
    ("self.object.position = Vector(1, 1, 5000)", ["object.position", "5000 m", "ends at 4096 m"]),
    ("self.rez('model', Vector(10, 10, -1))", ["rez", "-1 m", "the ground is at 0"]),
    ("self.object.move_to(Vector(1, 1, -1), 1)", ["object.move_to", "the ground is at 0"]),
    ("self.object.follow([(Vector(9, 9, 0), 1, 'up')])", ["object.follow", "'up'", "a Rotation"]),
    ("self.object.follow([(Vector(9, 9, 0), 1, None, 4)])", ["object.follow", "a Rotation as third"]),
    ("[self.object.impulse(Vector(1e9, 0, 0)) for n in range(2)]", ["impulse", "would be", "1e+09 m/s"]),
    ("self.object.physical = 1", ["object.physical", "True or False"]),
    ("self.object.bounces = 'a little'", ["object.bounces", "True or False"]),
    ("self.object.target(Vector(1, 1, 1), 0)", ["object.target", "range_m is 0", "above 0"]),
    ("self.object.target((1, 1, 1), 5)", ["object.target", "a Vector"]),
    ("self.object.teleport('nowhere')", ["object.teleport", "no region 'nowhere'"]),
    ("self.object.teleport(7)", ["object.teleport", "region is 7", "a region's name"]),
    ("self.object.teleport('east', Vector(-1, 0, 0))", ["object.teleport", "Vector(-1, 0, 0)", "256 by 256"]),
    ("self.cast_ray(Vector(), Vector(101, 0, 0))", ["cast_ray", "the distance is 101", "at most 100 m"]),
    ("self.cast_ray(Vector(), Vector(1, 0, 0), count=0)", ["cast_ray", "count is 0", "from 1 to 32"]),
    ("self.cast_ray(Vector(), Vector(1, 0, 0), kind='cat')", ["cast_ray", "'cat'"]),
    ("self.cast_ray(Vector(), None)", ["cast_ray", "a Vector"]),
    ("self.sense_every(0, 10)", ["sense_every", "seconds is 0", "use sense"]),
    ("self.sense_every(1, 97)", ["sense_every", "radius is 97"]),
    ("[self.sense_every(1, 9) for n in range(9)]", ["sense_every", "8 sensors", "cancel one"]),
    ("[self.object.target(Vector(), 9) for n in range(9)]", ["object.target", "8 targets", "cancel one"]),
    ("self.min_event_interval_s = -1", ["min_event_interval_s", "-1", "from 0"]),
    ("self.request_grants(AgentRef('agent:ada'))", ["request_grants", "no grant is named"]),
    ("self.request_grants(AgentRef('agent:ada'), 'money')", ["request_grants", "'money'", "attach, control"]),
    ("self.request_grants(there, 'attach')", ["request_grants", "an AgentRef"]),
    (
        "self.request_grants(AgentRef('agent:ada'), 'attach', timeout_s=-1)",
        ["request_grants", "timeout_s is -1"],
    ),
    ("self.object.attach(AgentRef('agent:ada', 'ada'))", ["object.attach", "ada has not granted"]),
    ("self.object.attach(there)", ["object.attach", "an AgentRef"]),
    ("self.object.detach()", ["object.detach", "nobody wears 'clumsy'"]),
    # oneself
    ("self.ask(self.object.ref, 1)", ["ask", "this very script", "call the method"]),
    ("self.object.link(self.object.ref)", ["object.link", "is linked to 'clumsy' already"]),
]
GRADUAL = ("[self.", "self.ask(gone")
"""Cases in which what was done before the mistake stays: all but the one too many, and a question that was sent."""


def clumsy(code: str, everywhere: bool = False) -> tuple[World, Any]:
    """A world with a script that makes a mistake, something else, and something in another region."""
    world = World(everywhere=everywhere)
    model = world.rez(name="model")
    box = world.rez("from scripts_api import *\nclass Box(Script):\n    pass", name="box")
    world.rez(name="far", position=model.position.__class__(300, 10, 0))
    assert ("west:2", "east:1") == (box.id, world.find("far").id)
    made = world.rez(SCRIPT.format(code=code), name="clumsy", contents={"guide": "text", "model": model})
    return world, made


LOOKS = (
    "name",
    "description",
    "text",
    "color",
    "scale",
    "phantom",
    "place",
    "velocity",
    "rotation",
    "spin",
    "outgoing",
)


def portrait(world: World) -> dict[str, Any]:
    """What could have been half changed, of everything in the world."""
    bodies = (body for region in world._regions.values() for body in region.objects.values())
    return {body.id: _portrait(body) for body in bodies}


def _portrait(body: WorldObject) -> dict[str, Any]:
    extras = body.extras or Extras()
    return {
        "looks": [getattr(body, name) for name in LOOKS],
        "extras": {name: getattr(extras, name) for name in Extras.__slots__ if name not in ("root", "parts")},
        "links": [each.id for each in body.members],
        "store": dict(body.store or {}),
        "journey": None if body.journey is None else body.journey.target,
        "scripts": [_parts_of(script) for script in body.scripts],
    }


def _parts_of(script: RunningScript) -> list[Any]:
    extras = script.extras
    return [
        script.chat_full_us > script.world.time_us,
        len(script.timers or ()),
        len(script.listens or ()),
        len(script.threads or ()),
        0 if extras is None else len(extras.targets) + len(extras.sensors),
        0 if extras is None else extras.min_interval_us,
    ]


@pytest.mark.parametrize("everywhere", [False, True], ids=["left alone", "captured everywhere"])
@pytest.mark.parametrize(("code", "said"), CASES, ids=[code for code, _ in CASES])
def test_a_mistake_is_told_and_leaves_nothing_behind(code: str, said: list[str], everywhere: bool) -> None:
    """A `ScriptError` says what, the value, the limit and what to do; everything is as before."""
    world, made = clumsy(code, everywhere)
    before = portrait(world)
    world.touch(made)
    world.advance(0.4)
    error = made.state["error"]
    assert error is not None
    assert [] == [part for part in said if part not in error], error
    if not code.startswith(GRADUAL):
        assert before == portrait(world)


@pytest.mark.parametrize(("code", "said"), CASES, ids=[code for code, _ in CASES])
def test_a_mistake_that_nobody_catches_is_shown_at_its_line(code: str, said: list[str]) -> None:
    """In the author's file, with the line itself and none of ours."""
    world, made = clumsy(code)
    caller = world.rez(CALLER)
    with pytest.raises(AssertionError) as failed:
        ask_for_it(world, caller, made)
    report = str(failed.value)
    assert "clumsy.py" in report
    assert code.splitlines()[0][:60] in report
    assert "scripts_api/" not in report
    assert "simulator/" not in report


def ask_for_it(world: World, caller: Any, made: Any) -> None:
    """Send the message that makes it make its mistake."""
    world.touch(caller, made.id)
    world.advance(0.4)


CALLER = """
from scripts_api import ObjectRef, Script

class Caller(Script):
    def on_touch(self, toucher):
        self.send(ObjectRef(toucher.name), 1)
"""


@pytest.mark.parametrize(
    ("budget", "code"),
    [
        ("chat", "self.say_to(gone, 'hello')"),
        ("chat", "self.say('hello', 2**40)"),
        ("messages", "self.send(there, lambda: 1)"),
        ("messages", "self.ask(self.object.ref, 1)"),
        ("messages", "self.object.links.send(lambda: 1)"),
        ("rez", "self.rez('guide')"),
        ("rez", "self.rez('model', param=lambda: 1)"),
        ("give", "self.give(there, 'nothing')"),
        ("give", "self.give(AgentRef('agent:ada', 'ada'), 'guide')"),
        ("http", "self.http('https://example.com/')"),
    ],
)
def test_what_is_refused_costs_nothing(budget: str, code: str) -> None:
    """Of what may be done so often a refused call takes nothing."""
    world = World()
    contents = {"guide": "text", "model": world.rez(name="model")}
    counting = world.rez(COUNTING.format(code=code, budget=budget), name="counting", contents=contents)
    world.touch(counting)
    world.advance(0.1)
    assert "ScriptError" == counting.error_kind
    assert counting.before == counting.behind


COUNTING = """
from scripts_api import *

class Counting(Script):
    error_kind = None

    def on_touch(self, toucher):
        gone, there = ObjectRef("west:99", "gone"), ObjectRef("west:1", "model")
        self.before = self.budget({budget!r})
        try:
            {code}
        except ScriptError as error:
            self.error_kind = type(error).__name__
        self.behind = self.budget({budget!r})

    def on_message(self, sender, payload):
        pass
"""


# --- Anything at all ---

NONSENSE = """
import math
from scripts_api import *

NONSENSE = (
    None, True, -1, 0, 7, 2.5, -0.0, 2**63, 10**400, math.nan, math.inf, 1e300, 1j,
    "", "x", "west:2", "x" * 100_000, "\\ud800", b"x", (), (1, 2), [], [[]], {{}}, {{"k": math.nan}}, {{1, 2}},
    Vector(math.nan, 0, 0), Vector(1e300, 0, 0), Vector(-5, 0, 0), Color(), Rotation(), ..., NotImplemented, slice(1),
    ObjectRef("x" * 999), ObjectRef("west:99"), ObjectRef(7), ObjectRef("\\ud800"), AgentRef(""), AgentRef(None),
    object, Script, Touch, Event, len, range(3),
)
URL = "https://example.org/"

class Clumsy(Script):
    def idle(self, value):
        self.sleep(0.1)

    def on_touch(self, toucher):
        for value in NONSENSE:
            self.spawn(self.try_with, value)

    def try_with(self, v):
        box, ada, place = ObjectRef("west:2"), AgentRef("agent:ada"), Vector(10, 10, 1)
        try:
            {code}
        except ScriptError:
            pass
"""
CALLS = """
self.sleep(v)
self.wait(v)
self.wait(Touch, timeout_s=v)
self.spawn(v)
self.spawn(self.idle, v)
self.every(v)
self.every(1, v)
self.after(v)
self.after(0, v)
self.become(v)
self.say(v)
self.say("x", v)
self.region_say("x", v)
self.say_to(v, "x")
self.say_to(self.object.ref, "x", v)
self.listen(v)
self.listen(1, sender=v)
self.listen(1, name=v)
self.listen(1, text=v)
self.send(v, 1)
self.send(box, v)
self.ask(v, 1, 0.1)
self.ask(box, v, 0.1)
self.ask(box, 1, v)
self.rez(v)
self.rez("model", v)
self.rez("model", velocity=v)
self.rez("model", rotation=v)
self.rez("model", param=v)
self.give(v, "guide")
self.give(box, v)
self.http(v)
self.http(URL, method=v)
self.http(URL, headers=v)
self.http(URL, headers={{"a": v}})
self.http(URL, body=v)
self.http(URL, timeout_s=v)
self.budget(v)
self.sense(v)
self.sense(1, arc=v)
self.sense(1, kind=v)
self.sense(1, name=v)
self.sense_every(v, 10)
self.sense_every(1, v)
self.cast_ray(v, place)
self.cast_ray(place, v)
self.cast_ray(place, Vector(1, 1, 1), count=v)
self.look(v)
self.request_grants(v, "own", timeout_s=0.1)
self.request_grants(ada, v, timeout_s=0.1)
self.request_grants(ada, "own", timeout_s=v)
self.min_event_interval_s = v
self.object.name = v
self.object.description = v
self.object.text = v
self.object.color = v
self.object.scale = v
self.object.position = v
self.object.velocity = v
self.object.rotation = v
self.object.spin = v
self.object.phantom = v
self.object.physical = v
self.object.id = v
self.object.strange = v
self.object.link(v)
self.object.unlink(v)
self.object.unseat(v)
self.object.attach(v)
self.object.attach(ada, v)
self.object.attach(ada, place, v)
self.object.grants(v)
self.object.move_to(v, 1)
self.object.move_to(place, v)
self.object.follow(v)
self.object.follow([v])
self.object.follow([(place, v)])
self.object.follow([(v, 1)])
self.object.follow([(place, 1, v)])
self.object.follow([(place, 1)], loop=v)
self.object.impulse(v)
self.object.target(v, 1)
self.object.target(place, v)
self.object.teleport(v)
self.object.teleport("west", v)
self.object.store[v] = 1
self.object.store["k"] = v
self.object.store.get(v)
self.object.store.keys(v)
self.object.contents[v]
self.object.contents.names(v)
self.object.contents.write(v, "x")
self.object.contents.write("n", v)
self.object.contents.remove(v)
self.object.links[v]
self.object.links[0].color = v
self.object.links[0].position = v
self.object.links.send(v)
self.object.links.send(1, to=v)
self.region.is_edge(v, Vector(1, 0, 0))
self.region.is_edge(place, v)
Vector(v, 0, 0)
Color(v, 0, 0)
Rotation(v, 0, 0, 1)
""".strip().splitlines()


@pytest.mark.parametrize("code", CALLS)
def test_no_value_does_more_than_a_mistake(code: str) -> None:
    """Whatever a call is given, it does what it is for or raises a `ScriptError`; then its object can still be saved,
    and goes on.
    """
    world = World(everywhere=True)
    model, _, _ = world.rez(name="model"), world.rez(CALLER, name="box"), world.enter("ada")
    script = NONSENSE.format(code=code.replace("{{", "{").replace("}}", "}"))
    made = world.rez(script, name="clumsy", contents={"guide": "text", "model": model})
    world.touch(made)
    world.advance(0.3)
    assert made.error is None


def test_what_is_sent_to_what_is_gone_comes_back(world: ScriptWorld) -> None:
    """It can't be known when it is sent: it is told later, with the reason."""
    sender = world.rez(SENDER)
    world.touch(sender)
    world.advance(0.2)
    assert ("west:99", "hello") == sender.back[:2]


SENDER = """
from scripts_api import ObjectRef, Script

class Sender(Script):
    back = ()

    def on_touch(self, toucher):
        self.send(ObjectRef("west:99"), "hello")

    def on_undeliverable(self, receiver, payload, reason):
        self.back = (receiver.id, payload, reason)
"""


@pytest.mark.parametrize("everywhere", [False, True], ids=["left alone", "captured everywhere"])
def test_whoever_deletes_itself_in_a_handler_is_gone(everywhere: bool) -> None:
    """Nothing behind that line runs, and what it wanted before is done."""
    world = World(everywhere=everywhere)
    dying = world.rez(DYING, contents={"model": world.rez(name="model")})
    world.touch(dying)
    world.advance(0.2)
    with pytest.raises(KeyError):
        _ = dying.position
    assert ["bye"] == world.said
    assert "model" == world.find("model").name


DYING = """
from scripts_api import Script

class Dying(Script):
    def on_touch(self, toucher):
        try:
            self.rez("model")
            self.say("bye")
            self.die()
        finally:
            self.say("never")
"""


def test_a_message_to_oneself_arrives(world: ScriptWorld) -> None:
    """As another event, behind those that wait; it counts for nobody's budget."""
    echo = world.rez(ECHO)
    world.touch(echo)
    world.advance(0.2)
    assert (["object: again"], 1000) == (world.said, echo.left)


ECHO = """
from scripts_api import Script

class Echo(Script):
    left = None

    def on_touch(self, toucher):
        self.send(self.object.ref, "again")
        self.left = self.budget("messages").left

    def on_message(self, sender, payload):
        self.say(f"{sender.name}: {payload}")
"""
