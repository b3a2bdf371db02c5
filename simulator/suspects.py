"""Who a region was busy with when it died: the object is kept out of the next start, so that the others run.

The one idea: an error that no script may cause, and that reaches the region itself, ends its process: what is in
memory can't be trusted any more, and the store has the last commit. But the next start would do the same again, and
the next. So the dying process looks in the traceback for the object that its innermost function was busy with, and
leaves a note beside the store. Who begins there next takes the note away and puts that object in quarantine; the
start after that tries it again.

A process that is killed leaves no note.
"""

from __future__ import annotations

import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from simulator.log import visible
from simulator.world.calls import ScriptCalls
from simulator.world.objects import WorldObject
from simulator.world.threads import ScriptThread

REASON = (
    "the region died of an error while it was busy with this object ({}), so it is left out until the next start."
    " The log has the traceback: please report it."
)


class Suspect(msgspec.Struct, frozen=True):
    """An object, and why it is kept out."""

    object: str
    reason: str


def suspect_of(error: BaseException) -> Suspect | None:
    """The object that the innermost function of a traceback was busy with, if any was."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    for frame in reversed(frames):
        for value in frame.f_locals.values():
            body = _body_of(value)
            if body is not None:
                # Not `str`, which would ask an error of a script for its words.
                told = "".join(traceback.format_exception_only(error)).strip()
                return Suspect(body.root.id, REASON.format(visible(told)))
    return None


def _body_of(value: Any) -> WorldObject | None:
    # By types alone: `isinstance` would ask a value of a script for its `__class__`.
    if issubclass(type(value), ScriptThread):
        value = value.script
    if issubclass(type(value), ScriptCalls):
        value = value.body
    return value if issubclass(type(value), WorldObject) else None


def note(path: Path, suspect: Suspect) -> None:
    """Leave a note; a disk that is full keeps none, and the next start tries as this one did."""
    with suppress(OSError):
        path.write_bytes(msgspec.json.encode(suspect))


def take_note(path: Path) -> Suspect | None:
    """Take away the note that the process before has left; one that can't be read says nothing."""
    try:
        written = path.read_bytes()
        path.unlink()
        return msgspec.json.decode(written, type=Suspect)
    except (OSError, msgspec.DecodeError):
        return None
