"""What does it cost to switch from one script to the next, by depth and engine?

Limit: `generator.send` on suspended generators, and a bare greenlet's switch. Peer: asyncio's `sleep(0)`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Any

from greenlet import getcurrent, greenlet

from bench.figures import Figures, figure, nanoseconds
from migrate import CONTROL, Microthread, Module, compile_program
from migrate.engines import Engine

SOURCE = """
def idle(depth):
    if depth:
        return idle(depth - 1)
    while True:
        pass
"""


def run(quick: bool) -> Figures:
    """`switch.ns` and its relatives."""
    rounds, repeats = (5, 2_000) if quick else (25, 20_000)
    limit = figure(nanoseconds(lambda: _send(repeats), repeats, rounds), "ns").value
    bare = figure(nanoseconds(lambda: _greenlet(repeats), repeats, rounds), "ns").value
    peer = figure(nanoseconds(lambda: asyncio.run(_asyncio(repeats)), repeats, rounds), "ns").value
    module = Module(compile_program(SOURCE, "idle.py"))
    found: Figures = {}
    for engine, depth in (("generator", 0), ("generator", 5), ("native", 0), ("native", 20)):
        samples = _switches(module, engine, depth, repeats, rounds)  # type: ignore[arg-type]  # one of the two engines
        found[f"switch.{engine}_{depth}_ns"] = figure(
            samples, "ns", bare if engine == "native" else limit, asyncio=peer
        )
    first = found["switch.generator_0_ns"]
    found["switch.ns"] = first
    found["switch.vs_send"] = figure([first.value / limit], "ratio")
    return found


def _switches(module: Module, engine: Engine, depth: int, repeats: int, rounds: int) -> list[float]:
    thread = Microthread(module.namespace["idle"], [depth], engine=engine)
    CONTROL.count_slices(1)
    try:
        for _ in range(depth + 2):
            thread.resume()

        def work() -> None:
            for _ in range(repeats):
                thread.resume()

        return nanoseconds(work, repeats, rounds)
    finally:
        CONTROL.count_slices(None)
        thread.discard()


def _send(repeats: int) -> None:
    def idle() -> Generator[None, None, None]:
        while True:
            yield

    made = idle()
    next(made)
    for _ in range(repeats):
        made.send(None)


def _greenlet(repeats: int) -> None:
    def idle() -> Any:
        while True:
            getcurrent().parent.switch()

    made = greenlet(idle)
    for _ in range(repeats):
        made.switch()


async def _asyncio(repeats: int) -> None:
    for _ in range(repeats):
        await asyncio.sleep(0)
