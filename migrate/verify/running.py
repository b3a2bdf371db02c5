"""The two runs that are compared: a program as plain Python, and as a microthread that moves.

The one idea: both leave an `Outcome`, plain text, so that it makes no difference in which process or Python a run
ended. Output is collected by standing in for `sys.stdout` while a script runs.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType, TracebackType
from typing import Any

from migrate.control import CONTROL, PREEMPTED
from migrate.engines import Engine, Failed, Finished, Microthread
from migrate.errors import Pinned
from migrate.frame import Frame
from migrate.injector import Module, Program
from migrate.script_errors import script_entries
from migrate.verify.portrait import portrait

PLAIN_MODULE = "script_plain"


@dataclass(slots=True)
class Outcome:
    """What a run left behind. `trace`: (function, line) of each frame that its exception came through."""

    output: str = ""
    result: list[str] = field(default_factory=list)
    error: list[str] = field(default_factory=list)
    trace: list[tuple[str, int]] = field(default_factory=list)
    globals: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Hops:
    """How often a run suspended, was restored, and was below native code when it should have been captured."""

    suspensions: int = 0
    restores: int = 0
    pinned: int = 0
    points: set[str] = field(default_factory=set)


def run_plain(program: Program, entry: str, args: list[Any]) -> Outcome:
    """Run the source as it is."""
    module = ModuleType(PLAIN_MODULE)
    module.__dict__["__file__"] = program.filename
    sys.modules[PLAIN_MODULE] = module
    outcome = Outcome()
    with _collected() as output:
        try:
            exec(compile(program.source, program.filename, "exec", dont_inherit=True), module.__dict__)
            outcome.result = portrait(module.__dict__[entry](*args))
        except BaseException as error:  # whatever the program raises is what is compared
            outcome.error = portrait(error)
            outcome.trace = _plain_entries(error.__traceback__, program.filename)
    outcome.output = output.getvalue()
    outcome.globals = global_values(module.__dict__)
    return outcome


Hop = Callable[[tuple[Frame, ...], Module], tuple[tuple[Frame, ...], Module]]
"""Carries frames and module state away and brings them back."""


def run_hopping(
    program: Program, entry: str, args: list[Any], every: int, hop: Hop, engines: tuple[Engine, ...] = ("generator",)
) -> tuple[Outcome, Hops]:
    """Run it as a microthread that is captured, dropped and restored at every so manieth suspension; 0: never."""
    outcome, hops = Outcome(), Hops()
    CONTROL.count_slices(1)
    with _collected() as output:
        try:
            module = Module(program)
            thread = Microthread(module.namespace[entry], args, engine=engines[0])
            step, module = _steps(thread, module, every, hop, hops, itertools.cycle(engines[1:] + engines[:1]))
            _note(outcome, step)
        finally:
            CONTROL.count_slices(None)
    outcome.output = output.getvalue()
    outcome.globals = global_values(module.namespace)
    return outcome, hops


def _steps(
    thread: Microthread, module: Module, every: int, hop: Hop, hops: Hops, engines: Iterator[Engine]
) -> tuple[Finished | Failed, Module]:
    value: object = None
    while True:
        step = thread.resume(value)
        if isinstance(step, Finished | Failed):
            return step, module
        # A waiting call of a program that runs by itself gets None.
        value = None
        hops.suspensions += 1
        assert step is PREEMPTED or step is not None
        if every and hops.suspensions % every == 0:
            try:
                frames = thread.capture()
            except Pinned:
                hops.pinned += 1
                continue
            hops.points.add(f"{frames[-1].function} {frames[-1].point}")
            moved, module = hop(frames, module)
            thread.discard()
            thread = Microthread.restore(moved, {module.program.hash: module}, engine=next(engines))
            hops.restores += 1


def _note(outcome: Outcome, step: Finished | Failed) -> None:
    if isinstance(step, Finished):
        outcome.result = portrait(step.value)
    else:
        outcome.error = portrait(step.error)
        outcome.trace = script_entries(step.error)


def global_values(namespace: Mapping[str, Any]) -> list[str]:
    """The values of a module's own globals."""
    own = {n: v for n, v in sorted(namespace.items()) if not n.startswith("$") and not _is_dunder(n)}
    return portrait(own)


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _plain_entries(trace: TracebackType | None, filename: str) -> list[tuple[str, int]]:
    entries = traceback.walk_tb(trace)
    found = [(frame.f_code.co_qualname, line) for frame, line in entries if frame.f_code.co_filename == filename]
    return [(name, line) for name, line in found if name != "<module>"]


@contextlib.contextmanager
def _collected() -> Iterator[io.StringIO]:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        yield output


__all__ = ["Hop", "Hops", "Outcome", "run_hopping", "run_plain"]
