"""How many bytes does a script take while it is idle, parked and spilled, and how many fit into a gibibyte?

The one idea: what is traced is what Python allocates for one more; the million is resident memory of this whole
process, which is what its owner pays. Limits: an instance with the same state, a bare generator with as many locals.
Peers: an asyncio and a trio task that wait, a greenlet, a thread.
"""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable, Generator, Sequence
from typing import Any

from bench.figures import Figures, figure
from bench.peer import peers
from bench.regions import LONG_US, TOUCHED, OneRegion, resident_bytes
from migrate import CONTROL, Microthread, Module, compile_program
from simulator.clock import monotonic_us
from simulator.limits import FRAME_US

PARKED = """
def parked(a, b, c):
    d, e = a + b, [c]
    while True:
        e[0] += d
        c = a + b + d
"""
SLEEPING = """
from scripts_api import *

class Sleeping(Script):
    def on_start(self):
        while True:
            self.sleep(10 * self.random())
"""
PEERS = {"asyncio": None, "trio": "trio", "greenlet": None, "threads": None}
SCRIPTS_EACH = 4
MILLION, SLEEPERS = 1_000_000, 200_000
GIB = 2**30


def run(quick: bool) -> Figures:
    """`density.*`."""
    count = 2_000 if quick else 20_000
    # The million first: what others leave behind in the process would be counted as its own.
    figures = _million(MILLION // 25 if quick else MILLION)
    figures |= _wakes(SLEEPERS // 20 if quick else SLEEPERS, 5 if quick else 30)
    return figures | _idle(count) | _parked(count)


# --- Many ---


def _million(scripts: int) -> Figures:
    """Idle scripts, four on each object, in one region of this process."""
    before = resident_bytes()
    one = OneRegion()
    began = time.perf_counter()
    one.rez(TOUCHED, scripts // SCRIPTS_EACH, SCRIPTS_EACH)
    building_us = (time.perf_counter() - began) * 1e6 / scripts
    gc.collect()
    each = (resident_bytes() - before) / scripts
    frames = [_frame_ms(one) for _ in range(50)]
    note = "" if scripts == MILLION else f"scaled up from {scripts} scripts"
    return {
        "density.million_rss_bytes": figure([before + each * MILLION], "bytes", note=note),
        "density.million_frame_ms": figure(frames, "ms", note=f"with {scripts} scripts"),
        "density.scripts_per_gib": figure([(GIB - before) / each], "scripts", better="higher"),
        "density.rez_us": figure([building_us], "us", note="to make a script, its object's row included"),
    }


def _frame_ms(one: OneRegion) -> float:
    began = time.perf_counter()
    one.step()
    return (time.perf_counter() - began) * 1e3


def _wakes(scripts: int, frames: int) -> Figures:
    """Scripts that sleep for up to ten seconds, again and again: how many can be woken, and put to sleep again, in a
    second.
    """
    one = OneRegion(written=False)
    one.rez(SLEEPING, scripts)
    world, samples = one.region._world, []
    # A world in which nobody sleeps in step with others any more, after twenty seconds of a clock of our own.
    for step_us in [1_000_000] * 20 + [4 * FRAME_US] * frames:
        before, began = world.counts.slices, time.perf_counter()
        one.slicer.allow(monotonic_us() + LONG_US)
        one.region.step(world.now_us + step_us, (), one.slicer)
        samples.append((world.counts.slices - before) / (time.perf_counter() - began))
    note = f"of {scripts} sleeping scripts"
    return {"density.wakes_per_s": figure(samples[-frames:], "1/s", better="higher", note=note)}


# --- One more ---


def _idle(count: int) -> Figures:
    """An idle script with two attributes, and the object that carries some."""
    objects = count // SCRIPTS_EACH
    bare, full = _rezzed_bytes(objects, 0), _rezzed_bytes(objects, SCRIPTS_EACH)
    limit = _bytes_each(_instance, count)
    return {
        "density.idle_bytes": figure([(full - bare) / SCRIPTS_EACH], "bytes", limit),
        "density.object_bytes": figure([bare], "bytes"),
    }


def _rezzed_bytes(objects: int, scripts: int) -> float:
    one = OneRegion()
    one.rez(TOUCHED, 10, scripts)
    return _traced(lambda: one.rez(TOUCHED, objects, scripts)) / objects


class _Instance:
    def __init__(self, number: int) -> None:
        self.count = number
        self.label = "idle"


def _instance(number: int) -> _Instance:
    return _Instance(number)


def _parked(count: int) -> Figures:
    """A microthread that is suspended in a function with five locals, alive and spilled."""
    module = Module(compile_program(PARKED, "parked.py"))
    with peers("density", PEERS, count) as others:
        theirs = {name: [sample()] for name, sample in others.items()}
    CONTROL.count_slices(1)
    try:
        limit = _bytes_each(_generator, count)
        parked = _bytes_each(lambda n: _microthread(module, n, spilled=False), count)
        spilled = _bytes_each(lambda n: _microthread(module, n, spilled=True), count)
    finally:
        CONTROL.count_slices(None)
    return {
        "density.parked_bytes": figure([parked], "bytes", limit, peers=theirs),
        "density.spilled_bytes": figure([spilled], "bytes", limit, peers=theirs),
    }


def _microthread(module: Module, number: int, *, spilled: bool) -> Microthread:
    thread = Microthread(module.namespace["parked"], (number, 2, 3))
    thread.resume()
    if spilled:
        thread.spill()
    return thread


def _generator(number: int) -> Generator[None, None, None]:
    def parked(a: int, b: int, c: int) -> Generator[None, None, None]:
        d, e = a + b, [c]
        while True:
            yield
            e[0] += d
            c = a + b + d

    made = parked(number, 2, 3)
    next(made)
    return made


def _bytes_each(make: Callable[[int], Any], count: int) -> float:
    """Traced bytes for each of `count` things, the numbers in their locals included."""
    make(1)
    kept: list[Any] = [None] * count

    def fill() -> Sequence[Any]:
        for number in range(count):
            kept[number] = make(number)
        return kept

    return _traced(fill) / count


def _traced(work: Callable[[], Any]) -> int:
    """Bytes that are allocated by `work` and still there after it."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = work()
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    del kept
    return taken
