"""An object's first record, when nothing that it has become since could be written.

The one idea: its scripts stand aside for a moment for others that have not begun, whose first events wait, so the
record is one like any other. What its modules keep is left out: that may be what can't be written.
"""

from __future__ import annotations

from typing import Any

from scripts_api import Rez, Start
from simulator.checkpoint import capture
from simulator.world.modules import kind_of
from simulator.world.objects import WorldObject
from simulator.world.scripts import RunningScript


def capture_unbegun(body: WorldObject, param: Any) -> bytes:
    """Return an object, with what hangs on it, whose scripts have not begun. Raises `CaptureRefused`.

    `param`: what it was made with.
    """
    members = tuple(body.members)
    as_they_are = [(each, each.scripts, each.modules) for each in members]
    try:
        for each in members:
            each.modules = None
            each.scripts = [_unbegun(script, param) for script in each.scripts]
        return capture(body, with_modules=False)
    finally:
        for each, scripts, modules in as_they_are:
            each.scripts, each.modules = scripts, modules


def _unbegun(script: RunningScript, param: Any) -> RunningScript:
    made = RunningScript(
        script.body, script.program, kind_of(script.body, script.program), script.random_state
    )
    first = Start(), Rez(param)
    made.queue = [event for event in first if made.handles(event)] or None
    return made
