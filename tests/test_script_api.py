"""What an author meets in `scripts_api` without any world: calls that check, records, typed helpers."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import scripts_api
from migrate.limits import NAME_LEN_MAX
from scripts_api import (
    TRAVELLING,
    AgentRef,
    Color,
    Message,
    ObjectRef,
    OwnObject,
    Script,
    ScriptError,
    Timer,
    Touch,
    TouchEnd,
    Vector,
)
from scripts_api.events import EVENTS
from scripts_api.limits import ID_LEN_MAX
from scripts_api.requests import Ask, Sense, Sleep, WaitFor
from scripts_api.waiting import Request


class Host:
    """A world that notes what a script does to it."""

    def __init__(self) -> None:
        self.done: list[tuple[Any, ...]] = []
        self.values: dict[str, Any] = {"id": "west:1", "name": "box", "velocity": Vector(1, 0, 0)}
        self.object = OwnObject(self)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args: self.done.append((name, *args))

    def read(self, name: str) -> Any:
        return self.values[name]


@pytest.fixture
def host() -> Host:
    """A host."""
    return Host()


@pytest.fixture
def script(host: Host) -> Script:
    """A script in an object of that host."""
    made = Script()
    made._host = host
    return made


def asked(call: Any, *args: Any, **kwargs: Any) -> Request[Any]:
    """The request that a waiting call makes."""
    request: Request[Any] = call.request(*args, **kwargs)
    return request


def test_waiting_calls_make_requests(script: Script) -> None:
    """A waiting call is a request with checked values, in microseconds."""
    box = ObjectRef("west:2", "box")
    assert Sleep(1_500_000) == asked(Script.sleep, script, 1.5)
    assert WaitFor(("Touch", "Message"), 2_000_000) == asked(Script.wait, script, Touch, Message, timeout_s=2)
    assert WaitFor(("Touch",), None) == asked(Script.wait, script, Touch)
    assert Ask(box, {"n": 1}, 10_000_000) == asked(Script.ask, script, box, {"n": 1})
    assert Sense(10.0, 1.0, "agent", None) == asked(Script.sense, script, 10, arc=1, kind="agent")


def test_waiting_calls_need_a_world(script: Script) -> None:
    """Called where no engine runs the script, they say what is missing."""
    with pytest.raises((RuntimeError, Exception), match="wait"):
        script.sleep(1)


@pytest.mark.parametrize(
    ("call", "args", "message"),
    [
        ("sleep", (-1,), "sleep: seconds is -1; it must be from 0 to"),
        ("sleep", (float("nan"),), "sleep: seconds is nan"),
        ("sleep", ("1",), "sleep: seconds is '1'"),
        ("wait", (), "no event is named"),
        ("wait", (str,), "wait: an event is <class 'str'>"),
        ("ask", ("box", 1), "ask: the receiver is 'box'; it must be an ObjectRef"),
        ("sense", (97,), "sense: radius is 97; it must be above 0 and at most 96 m"),
        ("become", (Script,), "it must be a class derived from this script's class"),
    ],
)
def test_wrong_arguments_of_waiting_calls_are_refused(
    script: Script, call: str, args: tuple[Any, ...], message: str
) -> None:
    """The error says what, the value and what it must be."""
    with pytest.raises(ScriptError, match=message):
        asked(getattr(Script, call), script, *args)


@pytest.mark.parametrize(
    ("call", "args", "message"),
    [
        ("say", (5,), "say: text is 5; it must be a text"),
        ("say", ("hi", 2**31), "say: channel is 2147483648"),
        ("region_say", ("hi", 0), "channel is 0, which people hear"),
        ("every", (0,), "every: seconds is 0"),
        ("every", (1, 2), "every: the function is 2"),
        ("spawn", ("x",), "spawn: the function is 'x'"),
        ("send", (None, 1), "send: the receiver is None"),
        ("send", (ObjectRef("x" * 129), 1), "send: the id of the receiver is 'xxx"),
        ("say_to", (AgentRef("agent:\ud800"), "hi"), "say_to: the id of the receiver is 'agent:"),
        ("listen", (1.5,), "listen: channel is 1.5"),
    ],
)
def test_wrong_arguments_do_nothing(
    script: Script, host: Host, call: str, args: tuple[Any, ...], message: str
) -> None:
    """The error says what, the value and what it must be, and the world has heard nothing."""
    with pytest.raises(ScriptError, match=message):
        getattr(script, call)(*args)
    assert [] == host.done


def test_a_name_is_a_text_that_can_be_written(script: Script) -> None:
    """Half a character, which Python's texts may hold, would end on every way out of the region."""
    with pytest.raises(ScriptError, match="without halves of characters"):
        script.object.name = "\ud800"


def test_ids_fit_into_messages() -> None:
    """What a script may name, an exchange can send."""
    assert ID_LEN_MAX <= NAME_LEN_MAX


def docstrings() -> Iterator[tuple[str, str]]:
    """Every docstring of the package, and the documentation of the attributes of objects."""
    for path in sorted(Path(scripts_api.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
                yield f"{path.name} {getattr(node, 'name', '')}", ast.get_docstring(node) or ""
    for name, attribute in vars(OwnObject).items():
        yield f"OwnObject.{name}", inspect.getdoc(attribute) or ""


def test_counterparts_in_second_life_have_one_form() -> None:
    """They are the last paragraph of a docstring, and nowhere else."""
    wrong = []
    for name, text in docstrings():
        *others, last = re.split(r"\n\s*\n", text)
        counterpart = re.fullmatch(r"Second Life: [^.\n]+\.", last.strip())
        if re.search(r"\bSL\b|Second Life:|\bll[A-Z]", "\n".join(others if counterpart else [*others, last])):
            wrong.append(name)
    assert [] == wrong


def test_a_line_may_have_1024_bytes(script: Script, host: Host) -> None:
    """Of UTF-8; one that is longer is refused, so that nothing of it is lost."""
    script.say("ü" * 512)
    with pytest.raises(ScriptError, match=r"at most 1024 bytes of UTF-8, and has 1026; say it in parts"):
        script.say("ü" * 513)
    assert [("say", "ü" * 512, 0, 20.0)] == host.done


def test_chat_reaches_as_far_as_it_says(script: Script, host: Host) -> None:
    """Whisper 10 m, say 20 m, shout 100 m, region_say everywhere in the region."""
    script.whisper("a")
    script.say("b", 5)
    script.shout("c")
    script.region_say("d", 7)
    expected = [
        ("say", "a", 0, 10.0),
        ("say", "b", 5, 20.0),
        ("say", "c", 0, 100.0),
        ("say", "d", 7, None),
    ]
    assert expected == host.done


def test_object_attributes_are_checked(script: Script, host: Host) -> None:
    """What is set is checked and passed on; facts and unknown attributes can't be set."""
    script.object.velocity = Vector(0, 2, 0)
    script.object.color = Color(1, 0, 0)
    assert [("write", "velocity", Vector(0, 2, 0)), ("write", "color", Color(1, 0, 0))] == host.done
    assert Vector(1, 0, 0) == script.object.velocity
    with pytest.raises(ScriptError, match=r"object\.position: the value is"):
        script.object.position = Vector(float("inf"), 0, 0)
    with pytest.raises(ScriptError, match=r"object\.id can't be set"):
        script.object.id = "me"
    with pytest.raises(ScriptError, match="it has no such attribute"):
        script.object.colour = 1


def test_references_mean_the_same_under_every_name() -> None:
    """Two references are equal when they mean the same object; an object is no agent."""
    assert ObjectRef("west:1", "old") == ObjectRef("west:1", "new")
    refs: list[ObjectRef | AgentRef] = [ObjectRef("west:1")]
    assert AgentRef("west:1") not in refs
    assert 1 == len({ObjectRef("west:1", "old"), ObjectRef("west:1", "new")})


def test_timers_are_told_apart_by_number_and_script(host: Host) -> None:
    """A handle is a number of one script, and goes through its host."""
    timer = Timer(host, 3)
    assert timer == Timer(host, 3) != Timer(host, 4)
    timer.cancel()
    assert [("cancel_timer", 3)] == host.done


def test_every_event_names_its_handler() -> None:
    """Each event calls a handler whose name begins with on_."""
    assert [] == [event for event in EVENTS if not event.handler.startswith("on_")]


def test_events_and_requests_are_values() -> None:
    """They show their fields, equal others of their class with the same ones, can be matched, and can't be changed."""
    touch, sleep = Touch(AgentRef("agent:eve", "eve")), Sleep(5)
    assert ("Touch(toucher=AgentRef(id='agent:eve', name='eve'))", "Sleep(duration_us=5)") == (
        repr(touch),
        repr(sleep),
    )
    assert (touch, sleep) == (Touch(AgentRef("agent:eve", "Eve")), Sleep(5))
    assert touch != TouchEnd(touch.toucher)
    assert 1 == len({touch, Touch(touch.toucher)})
    match touch:
        case Touch(AgentRef(id)):
            assert "agent:eve" == id
    for record, field in ((touch, "toucher"), (sleep, "duration_us")):
        with pytest.raises(AttributeError):
            setattr(record, field, None)


def test_all_public_names_have_a_docstring() -> None:
    """Whatever an author imports explains itself."""
    assert [] == [name for name in scripts_api.__all__ if not getattr(scripts_api, name).__doc__]


def test_what_travels_can_be_taken_apart() -> None:
    """Every class in TRAVELLING is a tuple of floats or has fields that `__match_args__` names."""
    assert [] == [
        kind for kind in TRAVELLING if not (issubclass(kind, tuple) or hasattr(kind, "__match_args__"))
    ]


def test_state_of_the_author_is_only_what_the_author_sets(script: Script) -> None:
    """The host is no part of the script's `__dict__`."""

    class Counter(Script):
        count = 0

    made = Counter()
    made._host = script._host
    made.count += 1
    assert {"count": 1} == made.__dict__
