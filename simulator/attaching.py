"""Attach live functions of this program, a notebook say, to objects of a running world.

    from simulator.attaching import attach

    def on_touch(script, toucher):
        script.say(f"{greeting}, {toucher.name}")
        script.sleep(1.0)
        script.say("Goodbye")

    attach("world.toml", "door", on_touch)

The one idea: the function becomes a script of the object (`live_code`), with copies of all it uses. It is preempted,
saved and moved as every other; attached again it takes the place of the one before.

Such a function may do anything that its simulators may. So it takes the operator's key of the world, and `trusted =
true` in the world's file on both sides: here, and where the simulators were started.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulator.config import World, read_world
from simulator.control import DoAttach, DoDetach, FoundObject
from simulator.errors import ScriptRefused
from simulator.live_code import live_code, name_of
from simulator.operating import Operator

NOT_TRUSTED = (
    "{} is not in trusted mode, which attaching takes: a function can do anything that a simulator may. Write"
    " `trusted = true` into its [world] table, for all its simulators, and start them again."
)


def attach(
    world: World | Path | str, name: str, function: Callable[..., Any], handler: str | None = None
) -> FoundObject:
    """Attach a function to the one object of that name or id; return where that is, when it is committed there.

    The function's first argument is the script, then come those of its handler: `def on_touch(script, toucher)`.
    `handler`: what it handles; by default what its name says, and if that names no handler it runs at once, for as long
    as it likes. Raises `ScriptRefused`, `ControlFailed`, `ConfigError`, `KeyFileError`.
    """
    world = _trusting(world)
    code = live_code(function, handler)
    with Operator(world) as operator:
        return operator.act(name, lambda id: DoAttach(id, code.source, code.filename, code.values)).object


def detach(world: World | Path | str, name: str, function: Callable[..., Any] | str) -> FoundObject:
    """Stop what was attached to an object, by the function or its name. Raises as `attach` does."""
    world = _trusting(world)
    with Operator(world) as operator:
        return operator.act(name, lambda id: DoDetach(id, name_of(function))).object


def _trusting(world: World | Path | str) -> World:
    known = world if isinstance(world, World) else read_world(Path(world))
    if not known.world.trusted:
        raise ScriptRefused("attach: " + NOT_TRUSTED.format(known.path))
    return known
