"""What each command of `simulator.commands` does to a region: one function for each, in a table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from scripts_api import Touch, TouchEnd
from scripts_api.grants import GRANTS, KEYS
from simulator import commands
from simulator.errors import ScriptRefused
from simulator.region_rows import RegionRows
from simulator.world import agents, grants, wearing
from simulator.world.attaching import attach, detach
from simulator.world.contents import begin_life
from simulator.world.items import Template
from simulator.world.scripts import RunningScript
from simulator.world.upgrades import upgrade
from simulator.world.world import World


class Commands:
    """The commands of one region: `COMMANDS[type(command)](commands, command)`. One for an object that is not here does
    nothing.
    """

    def __init__(self, world: World, rows: RegionRows) -> None:
        self._world, self._rows = world, rows

    def _rez(self, command: commands.Rez) -> None:
        if command.once is not None:
            if command.once in self._rows.made_once:
                return
            self._rows.make_once(command.once)
        template = Template(command.scripts, contents=dict(command.contents))
        body = self._world.make(command.name, command.owner, template)
        body.place, body.velocity = command.position, command.velocity
        begin_life(body, command.param)

    def _touch(self, command: commands.TouchObject) -> None:
        body = self._world.objects.get(command.object)
        if body is not None:
            touch = Touch(command.toucher)
            for script in body.scripts:
                script.deliver(touch)

    def _release(self, command: commands.ReleaseObject) -> None:
        body = self._world.objects.get(command.object)
        if body is not None:
            self._world.tell(body, TouchEnd(command.toucher))

    def _speak(self, command: commands.SpeakUp) -> None:
        chat = self._world.chat
        chat.say(command.speaker, command.position, command.text, command.channel, command.range_m)

    def _move(self, command: commands.MoveObject) -> None:
        body = self._world.objects.get(command.object)
        if body is not None and self._world.places.at(command.position) is not None:
            self._world.borders.put(body.root, command.position)
            self._world.touched(body)

    def _remove(self, command: commands.RemoveObject) -> None:
        body = self._world.objects.get(command.object)
        if body is not None:
            self._world.remove(body)

    def _put_copy(self, command: commands.PutCopy) -> None:
        body = self._world.objects.get(command.object)
        if body is not None and body.agent is None:
            self._world.contents.put_copy(body, command.into)

    def _enter(self, command: commands.EnterWorld) -> None:
        if self._world.here.holds(command.position):
            agents.enter(self._world, command.name, command.position)

    def _leave(self, command: commands.LeaveWorld) -> None:
        body = self._world.agents.get(command.agent)
        if body is not None:
            agents.leave(body)

    def _walk(self, command: commands.WalkAgent) -> None:
        body = self._world.agents.get(command.agent)
        if body is not None and body.root is body:
            self._world.borders.set_velocity(body, command.velocity)
            self._world.touched(body)

    def _sit(self, command: commands.SitDown) -> None:
        body, seat = self._world.agents.get(command.agent), self._world.objects.get(command.object)
        if body is not None and seat is not None:
            agents.sit(body, seat)

    def _stand(self, command: commands.StandUp) -> None:
        body = self._world.agents.get(command.agent)
        if body is not None:
            agents.stand(body)

    def _wear(self, command: commands.WearObject) -> None:
        wearer, body = self._world.agents.get(command.agent), self._world.objects.get(command.object)
        if wearer is not None and body is not None:
            wearing.wear_own(body, wearer)

    def _take_off(self, command: commands.TakeOffObject) -> None:
        body = self._world.objects.get(command.object)
        if body is not None and body.worn_by is not None and body.worn_by.agent == command.agent:
            wearing.take_off(body)

    def _grant(self, command: commands.GrantToObject) -> None:
        body = self._world.objects.get(command.object)
        if body is not None:
            grants.change(body, command.agent, (each for each in command.grants if each in GRANTS))

    def _press(self, command: commands.PressKeys) -> None:
        body = self._world.agents.get(command.agent)
        if body is not None:
            grants.press(body, (each for each in command.keys if each in KEYS))

    def _agent_says(self, command: commands.AgentSays) -> None:
        body = self._world.agents.get(command.agent)
        if body is not None:
            chat = self._world.chat
            chat.say(body.somebody, body.position, command.text, command.channel, command.range_m)

    def _http_answered(self, command: commands.HttpAnswered) -> None:
        outside = self._world.outside
        outside.answer(command.object, command.script, command.number, command.answer)

    def _http_came(self, command: commands.HttpCame) -> None:
        self._world.inside.came(command.object, command.number, command.asked)

    def _pause(self, command: commands.PauseScripts) -> None:
        for script in self._scripts(command.object):
            script.pause()

    def _resume(self, command: commands.ResumeScripts) -> None:
        for script in self._scripts(command.object):
            script.go_on()

    def _reset(self, command: commands.ResetScripts) -> None:
        for script in self._scripts(command.object):
            script.reset()

    def _kill(self, command: commands.KillScripts) -> None:
        for script in self._scripts(command.object):
            script.stop()

    def _upgrade(self, command: commands.UpgradeScripts) -> None:
        programs = self._world.programs
        name, _ = programs.source(command.program)
        for script in self._scripts(command.object):
            if PurePath(programs.source(script.program)[0]).name != PurePath(name).name:
                continue
            self._rows.keep_program(command.program)
            try:
                upgrade(script, command.program)
            except ScriptRefused as refusal:
                self._world.told(script.body, "script can't be upgraded", str(refusal))

    def _attach(self, command: commands.AttachScript) -> None:
        body = self._world.objects.get(command.object)
        if body is not None:
            attach(body, command.program, command.values)

    def _detach(self, command: commands.DetachScript) -> None:
        body = self._world.objects.get(command.object)
        if body is not None:
            detach(body, command.function)

    def _scripts(self, id: str) -> list[RunningScript]:
        body = self._world.objects.get(id)
        return list(body.scripts) if body is not None else []


# Any: each method takes the command it stands behind, which a dict's type can't say.
COMMANDS: dict[type, Callable[[Commands, Any], None]] = {
    commands.Rez: Commands._rez,
    commands.TouchObject: Commands._touch,
    commands.ReleaseObject: Commands._release,
    commands.SpeakUp: Commands._speak,
    commands.MoveObject: Commands._move,
    commands.RemoveObject: Commands._remove,
    commands.PutCopy: Commands._put_copy,
    commands.PauseScripts: Commands._pause,
    commands.ResumeScripts: Commands._resume,
    commands.ResetScripts: Commands._reset,
    commands.KillScripts: Commands._kill,
    commands.UpgradeScripts: Commands._upgrade,
    commands.AttachScript: Commands._attach,
    commands.DetachScript: Commands._detach,
    commands.EnterWorld: Commands._enter,
    commands.LeaveWorld: Commands._leave,
    commands.WalkAgent: Commands._walk,
    commands.SitDown: Commands._sit,
    commands.StandUp: Commands._stand,
    commands.WearObject: Commands._wear,
    commands.TakeOffObject: Commands._take_off,
    commands.GrantToObject: Commands._grant,
    commands.PressKeys: Commands._press,
    commands.AgentSays: Commands._agent_says,
    commands.HttpAnswered: Commands._http_answered,
    commands.HttpCame: Commands._http_came,
}
