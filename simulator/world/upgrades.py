"""New code for a script that runs: its state stays, its handlers in flight finish on the code they began with.

The one idea: the new code gets an instance of its own that shares the old one's attributes. Frames in flight still hold
the old instance, whose methods are the old ones; the next event calls the new one. The old program travels along for
as long as something refers to it, and no longer.

Objects of the script's other classes keep the class they were made with: `on_upgrade` is the place to renew them.
"""

from __future__ import annotations

from typing import Any

from migrate import Module
from scripts_api import Script, Upgrade
from simulator.errors import ScriptRefused
from simulator.world.calls import Condition
from simulator.world.modules import keep_module, kind_of, module_of
from simulator.world.scripts import RunningScript


def upgrade(script: RunningScript, program: str) -> None:
    """Let the script's next event run another program of this process. One that has failed goes on.

    Raises ScriptRefused if the new program has not the state that the script is in; then nothing has changed.
    """
    old_program, old = script.program, script.instance
    state = _counterpart(script, type(old), program)
    leaving = script.leaving and _counterpart(script, script.leaving, program)
    keep_module(script.body, old_program)
    script.program, script.kind, script.leaving = program, kind_of(script.body, program), leaving
    script.instance = _sharing(state, old, script)
    for timer in (script.timers or {}).values():
        timer.function = _renewed(timer.function, old, script.instance)
    if script.condition is Condition.FAILED:
        script.condition, script.error = Condition.RUNNING, None
    script.deliver(Upgrade(_version(type(old), old_program)))
    script.world.touched(script.body)
    script.world.collisions.consider(script.body)
    script.wake_up()


def check_state(script: RunningScript, program: str) -> None:
    """Raise ScriptRefused if a program of this process has not the state that the script is in."""
    programs = script.world.programs
    for state in filter(None, (type(script.instance), script.leaving)):
        _state_in(programs.modules[program], programs.kind(program), state, script)


def waits_for(script: RunningScript) -> str | None:
    """The handler of the old code that keeps `on_upgrade` waiting, by name; None: nothing does."""
    waits = any(type(each) is Upgrade for each in script.queue or ())
    if not waits or script.handler is None or script.handler.event is None:
        return None
    return script.handler.event.handler


def _counterpart(script: RunningScript, old: type[Script], program: str) -> type[Script]:
    """The class of the new program that a state's class of the old one becomes."""
    body = script.body
    return _state_in(module_of(body, program), kind_of(body, program), old, script)


def _state_in(module: Module, new: type[Script], old: type[Script], script: RunningScript) -> type[Script]:
    if old is script.kind:
        return new
    path = module_of(script.body, script.program).path_of(old)
    found = next((kind for at, kind in module.definitions() if at == path), None)
    if not isinstance(found, type) or not issubclass(found, new):
        raise ScriptRefused(
            f"the script of {script.body.name!r} is in state {path}, which the new code does not have: "
            "keep that state, or reset the script."
        )
    return found


def _sharing(kind: type[Script], old: Script, script: RunningScript) -> Script:
    made = kind.__new__(kind)
    made._host = script
    object.__setattr__(made, "__dict__", old.__dict__)
    return made


def _renewed(function: Any, old: Script, new: Script) -> Any:
    """A timer's own function in the new code; the old one where that has none of the name."""
    if getattr(function, "__self__", None) is not old:
        return function
    return getattr(new, function.__name__, function)


def _version(kind: type[Script], program: str) -> Any:
    return getattr(kind, "version", program)
