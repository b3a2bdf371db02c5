"""How long does an object take from one simulator process to the next, and how many cross in a second?

The one idea: two real processes, joined by their real sockets, with the times that they note themselves. A crossing
is timed from the moment at which the object is frozen (the end of the last slice before it) to these: *runnable* on
the other side, which is when it stands in the queue of those who run, in the tick that takes it in; *durable* there,
which is that tick's commit, before which nothing that it does can be seen; *cleaned*, when the source knows that, and
may forget it: the next commit there does.

Limits: a bare ZeroMQ one-way of the same bytes between two processes, with and without CURVE; a bare `fsync` of them.
Both at the pace of the crossings: after 30 ms of rest a machine takes several times what it takes back to back.
Peer: a call of a Ray actor in another process with the same bytes.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from bench.child import Notes
from bench.figures import Figures, Samples, figure, percentile
from bench.grids import run_for, shuttle, world_of
from bench.peer import peers

HEAP_BYTES = 10_000
PAUSE_S = 0.03
"""Between two crossings."""

TOGETHER = 100
NAMES = ["west", "east"]


def run(quick: bool) -> Figures:
    """`migration.*`."""
    full = _crossings("full", 2.5 if quick else 40.0)
    memory = _crossings("memory", 1.5 if quick else 40.0)
    size = round(percentile(full["bytes"], 50))
    limits = _limits(size, quick)
    figures = _standard(full, memory, limits, size, _ray(size, quick))
    figures |= _together(2.0 if quick else 15.0)
    if not quick:
        figures |= _variants(limits)
    return figures


def _standard(
    full: Mapping[str, Samples],
    memory: Mapping[str, Samples],
    limits: Mapping[str, float],
    size: int,
    ray: Samples,
) -> Figures:
    """One object with a 10 KB heap. In memory mode nothing waits for a disk, so ZeroMQ is its limit."""
    found: Figures = {}
    # It may leave when the source's commit is on the disk, and is there for good when the other's is too.
    syncs = {"runnable": 1, "durable": 2, "cleaned": 2}
    others = {"ray": ray} if ray else {}
    for what, count in syncs.items():
        for percent in (50, 99, 99.9):
            name = f"migration.{what}_ms_p{percent:g}"
            found[name] = figure(
                # The median has all crossings as its samples; of a percentile there is one.
                full[what] if percent == 50 else [percentile(full[what], percent)],
                "ms",
                limits["curve"] + count * limits["fsync"],
                peers=others,
                note=f"{len(full[what])} crossings",
            )
    found["migration.memory_ms"] = figure(memory["runnable"], "ms", limits["curve"])
    found["migration.memory_vs_zmq"] = figure(
        [each / limits["curve"] for each in memory["runnable"]],
        "ratio",
        1.0,
        note="by a bare one-way with CURVE at the same pace",
    )
    found["migration.bytes"] = figure([size], "bytes", HEAP_BYTES)
    for name, value in limits.items():
        found[f"migration.bare_{name}_ms"] = figure([value], "ms")
    return found


def _variants(limits: Mapping[str, float]) -> Figures:
    """`migration.runnable_ms.HEAP.DURABILITY`, without CURVE, and of an object that computes all the time."""
    found: Figures = {}
    for heap, durability, plain in (
        (1_000, "full", False),
        (100_000, "full", False),
        (HEAP_BYTES, "process", False),
        (HEAP_BYTES, "full", True),
        (HEAP_BYTES, "memory", True),
    ):
        samples = _crossings(durability, 12.0, heap=heap, plain=plain)["runnable"]
        name = f"migration.runnable_ms.{heap}.{durability}{'.plain' if plain else ''}"
        limit = limits["plain" if plain else "curve"] if heap == HEAP_BYTES and durability != "full" else None
        found[name] = figure(samples, "ms", limit)
    computing = _crossings("full", 12.0, computes=True)["runnable"]
    note = "its script never stops computing, so it can't be read before it comes"
    found["migration.runnable_ms.computing"] = figure(computing, "ms", note=note)
    return found


# --- Crossings ---


def _crossings(
    durability: str,
    seconds: float,
    *,
    heap: int = HEAP_BYTES,
    objects: int = 1,
    plain: bool = False,
    pause_s: float = PAUSE_S,
    computes: bool = False,
) -> dict[str, list[float]]:
    """Milliseconds of each crossing from frozen to each later moment, and bytes."""
    script = shuttle(heap, pause_s, objects > 1, 50.0, 150.0, computes)
    spec = {"region": "west", "position": [50.0, 50.0, 0.0], "script": "shuttle.py"}
    with world_of(
        NAMES, {f"shuttle-{n}": spec for n in range(objects)}, {"shuttle.py": script}, durability
    ) as world:
        return _latencies(run_for(world, seconds, plain=plain))


def _latencies(found: list[Notes]) -> dict[str, list[float]]:
    marks = [mark for notes in found for mark in notes.marks]
    frozen = {(mark.object, mark.gen): mark for mark in marks if mark.what == "frozen"}
    later: dict[str, list[float]] = {
        "runnable": [],
        "durable": [],
        "cleaned": [],
        "frozen_us": [],
        "done_us": [],
    }
    for mark in marks:
        # The source knows an object that has left by the generation that it had there.
        began = frozen.get((mark.object, mark.gen + (mark.what == "cleaned")))
        if began is None or mark.what == "frozen":
            continue
        later["runnable" if mark.what == "ready" else mark.what].append((mark.at_us - began.at_us) / 1e3)
        if mark.what == "durable":
            later["frozen_us"].append(began.at_us)
            later["done_us"].append(mark.at_us)
    return later | {"bytes": [mark.bytes for mark in frozen.values()]}


def _together(seconds: float) -> Figures:
    """A hundred objects with 1 KB that cross in the same moment, again and again: from the first frozen to the last
    there.
    """
    found = _crossings("full", seconds, heap=1_000, objects=TOGETHER, pause_s=0.5)
    waves: dict[int, list[tuple[float, float]]] = {}
    for began, done in zip(found["frozen_us"], found["done_us"], strict=True):
        waves.setdefault(round(began / 500_000), []).append((began, done))
    rates = [
        len(wave) * 1e6 / (max(done for _, done in wave) - min(began for began, _ in wave))
        for wave in waves.values()
        if len(wave) > TOGETHER // 2
    ]
    return {
        "migration.objects_per_s": figure(
            rates, "1/s", better="higher", note=f"{TOGETHER} of them together, first frozen to last there"
        ),
        "migration.together_ms_p50": figure(
            found["durable"], "ms", note=f"each of {TOGETHER} that cross together"
        ),
    }


# --- Limits and peers ---


def _limits(size: int, quick: bool) -> dict[str, float]:
    """Milliseconds: a message of that size one way, with and without CURVE, back to back too, and its `fsync`."""
    rounds = 25 if quick else 200
    found: dict[str, float] = {}
    for suffix, count, pause_s in (("", rounds, PAUSE_S), ("_back_to_back", 8 * rounds, 0.0)):
        with peers("oneway", {"curve": None, "plain": None}, size, count, pause_s) as oneways:
            found |= {f"{name}{suffix}": sample() for name, sample in oneways.items()}
    return dict.fromkeys(("curve", "plain"), float("nan")) | found | {"fsync": _fsync_ms(size, rounds)}


def _fsync_ms(size: int, rounds: int) -> float:
    """The median of appending so many bytes to a file and `fsync`."""
    found = []
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "bare").open("wb") as file:
        for _ in range(rounds):
            time.sleep(PAUSE_S)
            began = time.perf_counter()
            file.write(bytes(size))
            file.flush()
            os.fdatasync(file.fileno())
            found.append((time.perf_counter() - began) * 1e3)
    return percentile(found, 50)


def _ray(size: int, quick: bool) -> list[float]:
    if quick:
        return []  # Ray takes many seconds to start.
    with peers("actors", {"ray": "ray"}, size) as found:
        return [sample() for name, sample in found.items() for _ in range(5)]
