"""A world inside an ordinary test: real regions, kernel and codec, on a clock that stands still until it is
advanced.

The one idea: nothing is pretended but the clock, the network and the disk. What a script does here it does in
a simulator too. `everywhere` drops every object behind every slice and restores it from its written form, so
a test that passes both ways shows that its script can be captured wherever it is.

Authors meet it as `scripts_api.testing`, which finds it by its entry point.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from migrate.codec import decode
from migrate.errors import ScriptSyntaxError
from scripts_api import HttpAsked, HttpResponse, Script, Vector, checks
from scripts_api.testing import ScriptFailed
from scripts_api.values import STILL
from simulator.blocking import add_new
from simulator.commands import (
    AttachScript,
    DetachScript,
    EnterWorld,
    HttpCame,
    MoveObject,
    ReleaseObject,
    Rez,
    SpeakUp,
    TouchObject,
    UpgradeScripts,
)
from simulator.errors import ScriptRefused
from simulator.live_code import live_code, name_of
from simulator.testing_frames import FRAME_US, SIZE_M, FramedWorld
from simulator.testing_things import TestAgent, TestObject
from simulator.world.agents import agent_called
from simulator.world.items import Item, Notecard, ScriptItem, template_of

# A traceback ends at the line of the test: what is behind it is ours, and no author's business.
__tracebackhide__ = True

CROSSING_FRAMES_MAX = 100  # two seconds: twice as long as an object waits before it asks again


class World(FramedWorld):
    """Regions side by side, from west to east, and what a test does there."""

    def rez(
        self,
        script: type[Script] | Path | str | None = None,
        *,
        name: str = "object",
        position: Vector | None = None,
        velocity: Vector | None = None,
        owner: str = "author",
        param: Any = None,
        contents: Mapping[str, Any] | None = None,
    ) -> TestObject:
        """Make an object. `script`: its class, the path of its file (ending in .py), or its source text.

        A path is looked up beside the test's own file first. `contents`: by name, a text for a notecard, a class
        or a path for a script, an object of this world for a copy of it as it would begin.
        """
        place, region = self._place("rez", position)
        flying = STILL if velocity is None else checks.vector("rez", velocity, "velocity")
        scripts = () if script is None else (self._compiled(script, name),)
        before = set(self._regions[region].objects)
        held = tuple((each, self._item(each, value)) for each, value in (contents or {}).items())
        self.tell(region, Rez(name, owner, place, flying, scripts, param, contents=held))
        # What its script has made meanwhile has a later number.
        made = set(self._regions[region].objects) - before
        return TestObject(self, min(made, key=lambda id: int(id.rpartition(":")[2])))

    def find(self, name: str) -> TestObject:
        """Return the object of that name, of several in one region the one that came there last. Raises `KeyError`."""
        named = [
            id
            for region in self._regions.values()
            for id, body in region.objects.items()
            if body.name == name
        ]
        if not named:
            there = sorted(
                {body.name for region in self._regions.values() for body in region.objects.values()}
            )
            raise KeyError(f"find: nothing is named {name!r} in this world; there are {', '.join(there)}")
        return TestObject(self, named[-1])

    def enter(self, name: str, position: Vector | None = None) -> TestAgent:
        """Let somebody enter the world at a place; in the middle of the first region if none is given."""
        place, region = self._place("enter", position)
        self.tell(region, EnterWorld(name, place))
        self._agents.append(TestAgent(self, name))
        return self._agents[-1]

    def touch(self, touched: TestObject, toucher: str = "somebody") -> None:
        """Touch an object, and let it react for a frame."""
        _check_object("touch", touched)
        self.tell(touched.region, TouchObject(touched.id, agent_called(toucher)))

    def release(self, touched: TestObject, toucher: str = "somebody") -> None:
        """Let go of an object that was touched, and let it react for a frame."""
        _check_object("release", touched)
        self.tell(touched.region, ReleaseObject(touched.id, agent_called(toucher)))

    def say(self, text: str, *, near: TestObject, speaker: str = "somebody", channel: int = 0) -> None:
        """Say a line beside an object, and let everything react for a frame."""
        _check_object("say", near)
        spoken = SpeakUp(
            agent_called(speaker),
            near.position,
            checks.line("say", text),
            checks.channel("say", channel),
        )
        self.tell(near.region, spoken)

    def request(
        self, asked: TestObject, path: str = "/", *, method: str = "GET", query: str = "", body: str = ""
    ) -> HttpResponse:
        """Ask an object by HTTP, as somebody outside would, and return its answer, which may take two seconds."""
        _check_object("request", asked)
        self._requests += 1
        number = self._requests
        self.tell(asked.region, HttpCame(asked.id, number, HttpAsked(method, path, query, body)))
        for _ in range(CROSSING_FRAMES_MAX):
            if number in self._replies:
                return self._replies.pop(number)
            self._frame()
        return HttpResponse(504, "the script gave no answer.")

    def upgrade(self, upgraded: TestObject, script: type[Script] | Path | str) -> None:
        """Replace the source of an object's script while it runs, and let it react for a frame."""
        present, _ = self._programs.source(self.body(upgraded.id).scripts[0].program)
        program = self._compiled(script, Path(present).stem)
        self.tell(upgraded.region, UpgradeScripts(upgraded.id, program))

    def attach(self, object: TestObject, function: Callable[..., Any], handler: str | None = None) -> None:
        """Attach a function of the test to an object, as `simulator.attaching.attach` does, and let it react for a
        frame. The world must be `trusted`.
        """
        if not self.trusted:
            raise ScriptRefused(
                "attach: this world is not in trusted mode; make it with World(trusted=True)."
            )
        code = live_code(function, handler)
        program = self._programs.add(code.source, code.filename)
        values = decode(code.values, modules={}, trusted=True)
        self.tell(object.region, AttachScript(object.id, program, values))

    def detach(self, object: TestObject, function: Callable[..., Any] | str) -> None:
        """Stop what was attached to an object."""
        self.tell(object.region, DetachScript(object.id, name_of(function)))

    def cross(self, crossing: TestObject, region: str) -> None:
        """Take an object to the middle of another region, and wait until it is there."""
        _check_object("cross", crossing)
        if region not in self._regions:
            raise ValueError(
                f"cross: this world has no region {region!r}; it has {', '.join(self._regions)}."
            )
        place = self._places.region(region)
        middle = Vector(place.corner[0] + SIZE_M / 2, place.corner[1] + SIZE_M / 2, crossing.position.z)
        self.tell(crossing.region, MoveObject(crossing.id, middle))
        for _ in range(CROSSING_FRAMES_MAX):
            if self._is_in(crossing.id, region):
                return
            self._frame()
        raise AssertionError(
            f"cross: {crossing} has not reached {region}; see what it has logged: {self.logged}"
        )

    def advance(self, seconds: float) -> None:
        """Let time pass; frames in which nothing is due are skipped. Raises `ScriptFailed` when a script fails."""
        frames = max(1, round(checks.duration_us("advance", "seconds", seconds) / FRAME_US))
        end_us = self._now_us + frames * FRAME_US
        while self._now_us < end_us:
            self._skip(end_us)
            self._frame()

    def _is_in(self, id: str, region: str) -> bool:
        return id in self._regions[region].objects

    def _place(self, call: str, position: Vector | None) -> tuple[Vector, str]:
        """Return a place, the middle of the first region if none is given, and the region there."""
        place = (
            Vector(SIZE_M / 2, SIZE_M / 2, 0)
            if position is None
            else checks.vector(call, position, "position")
        )
        region = self._places.at(place)
        if region is None:
            east = SIZE_M * len(self._regions)
            raise ValueError(
                f"{call}: there is no region at {place}; the world goes from 0 to {east:g} east, 0 to {SIZE_M:g} north"
            )
        return place, region

    def _compiled(self, script: type[Script] | Path | str, name: str) -> str:
        try:
            return add_new(self._programs, *_source_of(script, name))
        except (ScriptSyntaxError, ScriptRefused) as error:
            raise ScriptFailed(str(error)) from None

    def _item(self, name: str, value: Any) -> Item:
        if isinstance(value, TestObject):
            return template_of(self.body(value.id))
        if isinstance(value, str) and not value.endswith(".py"):
            return Notecard(value)
        return ScriptItem(self._compiled(value, name))


def _source_of(script: Any, name: str) -> tuple[str, str]:
    """Return the source of a script that a test names, and the name of its file."""
    if isinstance(script, str) and "\n" in script:
        return script, f"{name}.py"
    if isinstance(script, (str, Path)) and Path(script).suffix == ".py":
        path = _found(Path(script))
    elif isinstance(script, type) and issubclass(script, Script):
        path = Path(inspect.getfile(script))
    else:
        raise ValueError(
            f"{script!r} is no script; give its class, the path of its file, which ends in .py, or its source text"
        )
    return path.read_text(encoding="utf-8"), path.name


def _check_object(call: str, value: object) -> None:
    if not isinstance(value, TestObject):
        raise TypeError(
            f"{call}: {value!r} is no object of this world; give what world.rez or world.find has returned"
        )


def _found(path: Path) -> Path:
    """The file of a script: beside the file that asks for it, or in the folder where the tests were started."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    beside = path if frame is None else Path(frame.f_code.co_filename).parent / path
    for each in (beside, path):
        if each.exists():
            return each
    places = " nor ".join(dict.fromkeys(str(each.absolute()) for each in (beside, path)))
    raise FileNotFoundError(f"there is no script {path}: there is no {places}")
