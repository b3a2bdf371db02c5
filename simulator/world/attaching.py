"""Scripts that are added to an object while it lives, and taken off it again: functions of a host program.

The one idea: what is attached is a script like any other; its file name tells the function's. Attached again, it takes
the place of the one before, as a cell of a notebook that is run again does.

What it is given before it begins was made by `live_code`, in trusted mode only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from simulator.world.calls import Condition
from simulator.world.chance import first_state
from simulator.world.modules import kind_of
from simulator.world.scripts import RunningScript

if TYPE_CHECKING:
    from simulator.world.objects import WorldObject


def attach(body: WorldObject, program: str, values: Any) -> None:
    """Give an object another script and let it begin. `values`: becomes its attribute of that name."""
    world, earlier = body.world, attached(body, function_in(body.world.programs.source(program)[0]))
    script = RunningScript(body, program, kind_of(body, program), first_state(body.id, len(body.scripts)))
    script.instance.values = values  # type: ignore[attr-defined]  # as `live_code` writes it
    world.keep_program(program)
    if earlier is None:
        body.scripts.append(script)
    else:
        earlier.halt(Condition.STOPPED, "is replaced")
        body.scripts[body.scripts.index(earlier)] = script
    world.touched(body)
    script.begin()


def attached_as(function: str, file: str) -> str:
    """The file name of a script that is a function out of a file."""
    return f"{file} ({function} attached)"


def function_in(filename: str) -> str | None:
    """The function that a script of that file name is; None if it was not attached."""
    found = re.fullmatch(r".* \((\S+) attached\)", filename)
    return None if found is None else found.group(1)


def attached(body: WorldObject, function: str | None) -> RunningScript | None:
    """The script of an object that is a function of that name."""
    if function is None:
        return None
    sources = body.world.programs.source
    return next((each for each in body.scripts if function_in(sources(each.program)[0]) == function), None)


def detach(body: WorldObject, function: str) -> None:
    """Stop what was attached; it keeps its place, so that nothing that refers to the others goes astray."""
    script = attached(body, function)
    if script is not None:
        script.stop()
