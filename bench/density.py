"""How many bytes does a microthread take while it is suspended, alive and spilled?

Limit: a bare generator with as many locals. Peer: an asyncio task that waits.
"""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import Callable, Generator
from typing import Any

from bench.figures import Figures, figure
from migrate import CONTROL, Microthread, Module, compile_program

SOURCE = """
def parked(a, b, c):
    d, e = a + b, [c]
    while True:
        e[0] += d
        c = a + b + d
"""


def run(quick: bool) -> Figures:
    """`density.parked_bytes` and `density.spilled_bytes`."""
    count = 2_000 if quick else 20_000
    module = Module(compile_program(SOURCE, "parked.py"))
    CONTROL.count_slices(1)
    try:
        limit = _bytes_each(_generator, count)
        task = _tasks(count)
        parked = _bytes_each(lambda n: _parked(module, n, spilled=False), count)
        spilled = _bytes_each(lambda n: _parked(module, n, spilled=True), count)
    finally:
        CONTROL.count_slices(None)
    return {
        "density.parked_bytes": figure([parked], "bytes", limit, asyncio=task),
        "density.spilled_bytes": figure([spilled], "bytes", limit, asyncio=task),
    }


def _bytes_each(make: Callable[[int], Any], count: int) -> float:
    """Traced bytes for each of `count` things, the numbers in their locals included."""
    make(1)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = [make(n) for n in range(count)]
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0] - before - 8 * len(kept)
    tracemalloc.stop()
    return taken / count


def _parked(module: Module, number: int, *, spilled: bool) -> Microthread:
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


def _tasks(count: int) -> float:
    async def parked(a: int, b: int, c: int) -> None:
        d, e = a + b, [c]
        await asyncio.Event().wait()
        e[0] += d

    async def measure() -> float:
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        tasks = [asyncio.create_task(parked(n, 2, 3)) for n in range(count)]
        await asyncio.sleep(0)
        taken = tracemalloc.get_traced_memory()[0] - before - 8 * len(tasks)
        tracemalloc.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return taken / count

    return asyncio.run(measure())
