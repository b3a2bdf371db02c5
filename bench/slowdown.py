"""How much slower than plain CPython do untouched programs run, in each form?

Limit: plain CPython, 1.0 by definition. Peer: the same program with every call awaited, as for an event loop. The
programs are those of `bench.foreign`, at sizes that take milliseconds. `unguarded` forms show what the guards cost.
A mean is taken over the programs of each round, so that it has a spread of its own.
"""

from __future__ import annotations

import ast
import contextlib
import io
import statistics
import sys
import time
from collections.abc import Callable, Coroutine
from types import ModuleType
from typing import Any
from unittest.mock import patch

from bench.awaited import awaited
from bench.figures import Figures, figure
from bench.foreign import ENTRY, PROGRAMS, source_of
from migrate import CONTROL, Finished, Microthread, Module, compile_program
from migrate.injector.emit import Emitter
from migrate.injector.tree import at

FEW = "bpe_tokeniser", "comprehensions", "generators", "go", "pyflate", "raytrace", "scimark", "spectral_norm"
"""For a quick run: short ones, whose means in a full run differ from those of all by about a hundredth."""

Ratios = dict[str, list[float]]
"""By form, how many times as long as plain CPython, round by round."""


def run(quick: bool) -> Figures:
    """`slowdown.generator`, `slowdown.native`, each program's own, and both without the guards at loop edges."""
    CONTROL.count_slices(None)
    programs, rounds = (FEW, 3) if quick else (tuple(PROGRAMS), 7)
    found = {name: _ratios(name, rounds) for name in programs}
    figures: Figures = {}
    for name, ratios in found.items():
        figures |= _figures(ratios, f".{name}")
    note = f"geometric mean over {', '.join(programs) if quick else f'{len(programs)} programs'}"
    return figures | _figures(_geometric_means(list(found.values())), note=note)


def _figures(ratios: Ratios, of: str = "", note: str = "") -> Figures:
    """`slowdown.FORM`, or that of one program."""
    ours, awaited_too = dict(ratios), {"awaited": ratios["awaited"]}
    del ours["awaited"]
    return {
        f"slowdown.{form}{of}": figure(samples, "ratio", 1.0, peers=awaited_too, note=note)
        for form, samples in ours.items()
    }


def _geometric_means(programs: list[Ratios]) -> Ratios:
    """Over the programs, round by round."""
    rounds = {form: zip(*(ratios[form] for ratios in programs), strict=True) for form in programs[0]}
    return {form: [statistics.geometric_mean(each) for each in found] for form, found in rounds.items()}


def _ratios(name: str, rounds: int) -> Ratios:
    """Of one program."""
    source = source_of(name, PROGRAMS[name].large)
    plain = _plain(source, f"{name}.py")[ENTRY]
    coroutine = _plain(awaited(source), f"{name}_awaited.py")[ENTRY]
    guarded, bare = _module(source, name), _unguarded(source, name)
    forms: dict[str, Callable[[], object]] = {
        "native": guarded.namespace[ENTRY],
        "generator": lambda: _as_microthread(guarded),
        "unguarded_native": bare.namespace[ENTRY],
        "unguarded_generator": lambda: _as_microthread(bare),
        "awaited": lambda: _to_its_end(coroutine()),
    }
    found: dict[str, list[float]] = {kind: [] for kind in forms}
    for _ in range(rounds + 1):
        limit = _seconds(plain)
        for kind, run_it in forms.items():
            found[kind].append(_seconds(run_it) / limit)
    # The first round warms up: code is specialised, twins are made.
    return {kind: samples[1:] for kind, samples in found.items()}


def _plain(source: str, filename: str) -> dict[str, Any]:
    module = ModuleType(f"script_timed_{filename.removesuffix('.py')}")
    sys.modules[module.__name__] = module
    exec(compile(source, filename, "exec"), module.__dict__)  # the program to be timed
    return module.__dict__


def _module(source: str, name: str) -> Module:
    return Module(compile_program(source, f"{name}.py"))


def _unguarded(source: str, name: str) -> Module:
    """The same program without what it asks at each loop edge: such a one could not be preempted."""
    with patch.object(Emitter, "_edge", lambda _, node: at(node, ast.Pass())):
        module = _module(source, name)
        # Its coroutine forms are made when they are first run.
        _as_microthread(module)
    return module


def _to_its_end(coroutine: Coroutine[Any, Any, object]) -> None:
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError(f"{coroutine} awaits what is no function of its program")


def _as_microthread(module: Module) -> None:
    step = Microthread(module.namespace[ENTRY]).resume()
    assert isinstance(step, Finished), step


def _seconds(work: Callable[[], object]) -> float:
    """Of the processor: programs that only compute are not to blame for what else runs on the machine."""
    with contextlib.redirect_stdout(io.StringIO()):
        began = time.process_time()
        work()
        return time.process_time() - began
