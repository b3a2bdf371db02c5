"""What an author is told whose script keeps too much: which script, how much, how much may be, and of what.

The one idea: no line of a script is to blame, so the largest thing that it keeps is named instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from migrate import CaptureRefused, Frame, Pinned
from migrate.limits import RECORD_BYTES_MAX
from simulator.accounts import line_of
from simulator.checkpoint import value_bytes
from simulator.world.scripts import RunningScript
from simulator.world.threads import ScriptThread

MEASURED_BYTES_MAX: Final = 4 * RECORD_BYTES_MAX
"""What is written at most to find the largest part of what a script keeps: half a second of work."""

CALLS_MANY: Final = 100
"""From so many on it is their number, not what one of them keeps."""


def memory_report(script: RunningScript, size: int) -> str:
    """Return the report on a script whose written form has `size` bytes."""
    world = script.body.world
    filename, _ = world.programs.source(script.program)
    largest = largest_part(script)
    return (
        f"MemoryError: {script.kind.__name__} ({filename}) keeps {_shown(size)}, as it would be written down; at most"
        f" {world.limits.memory_bytes_max} are allowed. The largest part, {_shown(largest[0])}, is {largest[1]}. Keep"
        " less in attributes and local variables, or allow more: memory_kib in the world file."
    )


def largest_part(script: RunningScript) -> tuple[int, str]:
    """Return how many bytes the largest of what a script keeps takes, and its name; without what can't travel."""
    return max(_measured(script), default=(0, "nothing"))


def _shown(size: int) -> str:
    return f"{size} bytes" if size <= RECORD_BYTES_MAX else f"more than {RECORD_BYTES_MAX} bytes"


def _measured(script: RunningScript) -> Iterator[tuple[int, str]]:
    """Parts with their sizes, until as much is written as takes a moment: many may share what is large."""
    left = MEASURED_BYTES_MAX
    for name, held in _kept(script):
        try:
            size = value_bytes(script.body, held)
        except CaptureRefused:
            continue  # What can't travel is not what is too large.
        yield size, name
        left -= size
        if left < 0:
            return


def _kept(script: RunningScript) -> Iterator[tuple[str, object]]:
    """What the script keeps, by the names that its author gave it."""
    # Not `vars`: it would ask a class of the script that has a `__getattribute__`.
    for name, held in object.__getattribute__(script.instance, "__dict__").items():
        yield f"self.{name}", held
    yield "its queue", script.queue
    for thread in script.threads or ():
        frames = _frames(thread)
        if len(frames) >= CALLS_MANY:
            yield f"what its {len(frames)} calls need that wait for each other", frames
        for frame in frames:
            place = f"in {frame.function}, line {line_of(frame, script.world.programs)}"
            for name, held in frame.locals.items():
                if held is not script.instance:
                    yield f"local '{name}' {place}", held


def _frames(thread: ScriptThread) -> tuple[Frame, ...]:
    try:
        return thread.microthread.capture()
    except (CaptureRefused, Pinned):
        return ()
