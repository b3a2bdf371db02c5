"""How much slower than plain CPython do untouched programs run, in each form?

Limit: plain CPython, 1.0 by definition. The programs are those of `bench.foreign`, at sizes that take milliseconds.
"""

from __future__ import annotations

import contextlib
import io
import statistics
import sys
import time
from collections.abc import Callable
from types import ModuleType

from bench.figures import Figures, figure
from bench.foreign import ENTRY, PROGRAMS, source_of
from migrate import CONTROL, Finished, Microthread, Module, compile_program


def run(quick: bool) -> Figures:
    """`slowdown.generator`, `slowdown.native` and each program's own."""
    CONTROL.count_slices(None)
    rounds = 2 if quick else 7
    found: Figures = {}
    for name in PROGRAMS:
        generator, native = _ratios(name, rounds)
        found[f"slowdown.generator.{name}"] = figure(generator, "ratio", 1.0)
        found[f"slowdown.native.{name}"] = figure(native, "ratio", 1.0)
    for form in ("generator", "native"):
        values = [f.value for n, f in found.items() if n.startswith(f"slowdown.{form}.")]
        found[f"slowdown.{form}"] = figure([statistics.geometric_mean(values)], "ratio", 1.0)
    return found


def _ratios(name: str, rounds: int) -> tuple[list[float], list[float]]:
    source = source_of(name, PROGRAMS[name].large)
    plain = ModuleType("script_timed")
    sys.modules[plain.__name__] = plain
    exec(compile(source, f"{name}.py", "exec"), plain.__dict__)  # the program to be timed
    module = Module(compile_program(source, f"{name}.py"))
    generator: list[float] = []
    native: list[float] = []
    for _ in range(rounds + 1):
        limit = _seconds(plain.__dict__[ENTRY])
        native.append(_seconds(module.namespace[ENTRY]) / limit)
        generator.append(_seconds(lambda: _as_microthread(module)) / limit)
    # The first round warms up: code is specialised, twins are made.
    return generator[1:], native[1:]


def _as_microthread(module: Module) -> None:
    step = Microthread(module.namespace[ENTRY]).resume()
    assert isinstance(step, Finished), step


def _seconds(work: Callable[[], object]) -> float:
    with contextlib.redirect_stdout(io.StringIO()):
        began = time.perf_counter()
        work()
        return time.perf_counter() - began
