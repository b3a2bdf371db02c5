"""The two runs that are compared: a program as plain Python, and as a microthread, leg by leg.

The one idea: a leg begins with a record (or the entry's call) in a new instance of the program and ends with the next
record, or with the outcome. So a leg knows nothing of where the one before it ran: in this process, in another, under
another Python. Outcomes are plain text. Output is collected by standing in for `sys.stdout`.
"""

from __future__ import annotations

import ast
import contextlib
import io
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import GeneratorType, ModuleType, TracebackType
from typing import Any

from migrate.codec import decode, encode
from migrate.control import CONTROL
from migrate.engines import Engine, Failed, Finished, Microthread
from migrate.errors import Pinned
from migrate.frame_parts import drop_generators
from migrate.injector import Module, Program
from migrate.injector.changes import changes_of, put_changes
from migrate.injector.hashing import program_hash
from migrate.injector.module import MODULE_PREFIX
from migrate.script_errors import script_entries
from migrate.verify.portrait import portrait


@dataclass(slots=True)
class Outcome:
    """What a run left behind. `raised`: its exception's text; `trace`: function and line of each frame that it came
    through."""

    output: str = ""
    result: list[str] = field(default_factory=list)
    raised: str = ""
    error: list[str] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    globals: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Leg:
    """What one leg came to: `record` if it goes on, `outcome` if it is over.

    `pinned`: suspensions where it should have ended but was below native code. `point`: where it was captured.
    """

    output: str = ""
    record: bytes | None = None
    outcome: Outcome | None = None
    suspensions: int = 0
    pinned: int = 0
    point: str = ""


def run_plain(source: str, filename: str, entry: str, args: Sequence[Any]) -> Outcome:
    """Run the source as it is."""
    # Under the name that the program's own module has, which messages and pictures may show.
    module = ModuleType(MODULE_PREFIX + program_hash(ast.parse(source)))
    module.__dict__["__file__"] = filename
    sys.modules[module.__name__] = module
    outcome = Outcome()
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        try:
            exec(
                compile(source, filename, "exec", dont_inherit=True), module.__dict__
            )  # the program to verify
            outcome.result = portrait(module.__dict__[entry](*args))
        except BaseException as error:  # whatever the program raises is what is compared
            outcome.error, outcome.raised = portrait(error), _text(error)
            outcome.trace = _plain_entries(error.__traceback__, filename)
    outcome.output = output.getvalue()
    outcome.globals = _global_values(module.__dict__)
    return outcome


class Runner:
    """Runs legs of one program in this process."""

    def __init__(
        self, program: Program, entry: str, args: Sequence[Any], every: int, *, trusted: bool = False
    ) -> None:
        self._program, self._entry, self._args, self._every = program, entry, args, every
        self._trusted = trusted
        self._pristine: Module | None = None

    def leg(self, record: bytes | None, engine: Engine) -> Leg:
        """Run from a record, or from the start, until the next capture or the end. Raises CaptureRefused."""
        leg, output = Leg(), io.StringIO()
        CONTROL.count_slices(1)
        try:
            with contextlib.redirect_stdout(io.StringIO()) as unheard:
                module = Module(self._program)
                if self._pristine is None:
                    self._pristine = Module(self._program)
            leg.output = unheard.getvalue() if record is None else ""
            with contextlib.redirect_stdout(output):
                self._run(leg, module, self._thread(module, record, engine))
        finally:
            CONTROL.count_slices(None)
        leg.output += output.getvalue()
        return leg

    def _thread(self, module: Module, record: bytes | None, engine: Engine) -> Microthread:
        if record is None:
            return Microthread(module.namespace[self._entry], self._args, engine=engine)
        modules = {self._program.hash: module}
        frames, changes = decode(record, modules=modules, trusted=self._trusted)
        put_changes(module, changes)
        return Microthread.restore(frames, modules, engine=engine)

    def _run(self, leg: Leg, module: Module, thread: Microthread) -> None:
        while True:
            step = thread.resume()
            if isinstance(step, Finished | Failed):
                leg.outcome = _outcome(step, module)
                return
            leg.suspensions += 1
            if leg.suspensions >= self._every and self._captured(leg, module, thread):
                return

    def _captured(self, leg: Leg, module: Module, thread: Microthread) -> bool:
        try:
            frames = thread.capture()
        except Pinned:
            leg.pinned += 1
            return False
        assert self._pristine is not None
        root = (frames, changes_of(module, self._pristine).parts())
        generators: list[GeneratorType[Any, Any, Any]] = []
        modules = {self._program.hash: module}
        leg.record = encode(root, modules=modules, generators=generators, trusted=self._trusted)
        leg.point = f"{frames[-1].function} {frames[-1].point}"
        thread.discard()
        drop_generators(generators)
        return True


def _outcome(step: Finished | Failed, module: Module) -> Outcome:
    outcome = Outcome(globals=_global_values(module.namespace))
    if isinstance(step, Finished):
        outcome.result = portrait(step.value)
    else:
        outcome.error, outcome.raised = portrait(step.error), _text(step.error)
        outcome.trace = [f"{name}, line {line}" for name, line in script_entries(step.error)]
    return outcome


def _text(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(error)).strip()


def _global_values(namespace: Mapping[str, Any]) -> list[str]:
    """The values of a module's own globals."""
    return portrait(
        {n: v for n, v in sorted(namespace.items()) if not n.startswith("$") and not _is_dunder(n)}
    )


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _plain_entries(trace: TracebackType | None, filename: str) -> list[str]:
    entries = [(frame.f_code, line) for frame, line in traceback.walk_tb(trace)]
    own = [(code.co_qualname, line) for code, line in entries if code.co_filename == filename]
    return [f"{name}, line {line}" for name, line in own if not name.endswith(_NO_FRAMES)]


_NO_FRAMES = ("<module>", "<listcomp>", "<setcomp>", "<dictcomp>")
"""A module's own code, and comprehensions, which have no frame of their own since Python 3.12."""
