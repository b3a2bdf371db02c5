"""Worlds of real simulator processes for benchmarks: a folder, a world file, a process for each region in a row.

The one idea: all times come from the processes' own notes (`bench.child`), by the one monotonic clock that they
share; who started them only waits and says when to stop.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import tomli_w

from bench.child import Notes, Stretch
from simulator.config import World, build_world
from simulator.demo_world import _free_ports
from simulator.keys import OPERATOR, ensure_keys

PROJECT = Path(__file__).resolve().parents[1]
REGION_M = 100.0
PATIENCE_S = 120.0

IMPORTS = "from scripts_api import *\n"

SPINNING = """
class Spinning(Script):
    rounds = 0

    def on_start(self):
        while True:
            self.rounds += 1
"""
SHUTTLE = """
class Shuttle(Script):
    rounds = 0

    def on_start(self):
        self.heap = [f"{n:020}" for n in range(HEAP_BYTES // 24)]
        self.spawn(self.fly)
        while COMPUTES:
            self.rounds += 1

    def fly(self):
        while True:
            self.sleep(PAUSE_S - self.region.now % PAUSE_S if TOGETHER else PAUSE_S)
            east = FIRST_M + SECOND_M - self.object.position.x
            self.object.position = Vector(east, 50, 0)
"""


class ChildFailed(Exception):
    """A simulator process of a benchmark has ended, or did not begin in time. The text is its log's end."""


class Child:
    """One process."""

    def __init__(self, world: World, name: str, plain: bool = False) -> None:
        self.notes_file = world.folder / f"{name}.json"
        self._log_file = world.folder / f"{name}.log"
        command = [sys.executable, "-m", "bench.child", str(world.path), name, str(self.notes_file)]
        with self._log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, *(["plain"] if plain else [])],
                cwd=Path.cwd(),
                env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def wait_until_running(self) -> None:
        """Wait until each of its scripts has had a turn. Raises `ChildFailed`."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE_S)
        if not ready or self.process.stdout.readline().strip() != b"running":
            raise ChildFailed(self._log_file.read_text()[-2000:])

    def begin_stretch(self) -> None:
        """Statistics are wanted from now on."""
        self.process.send_signal(signal.SIGUSR1)

    def stop(self) -> Notes:
        """Let it end, and read its notes. Raises `ChildFailed`."""
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE_S)
        if self.process.returncode:
            raise ChildFailed(self._log_file.read_text()[-2000:])
        return msgspec.json.decode(self.notes_file.read_bytes(), type=Notes)

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.communicate()


@contextmanager
def world_of(
    names: list[str], objects: Mapping[str, Any], scripts: Mapping[str, str], durability: str = "full"
) -> Iterator[World]:
    """A world in a folder that is gone afterwards; a simulator for each region, alike in name."""
    with tempfile.TemporaryDirectory(prefix="gossamer-bench-") as folder:
        for name, source in scripts.items():
            (Path(folder) / name).write_text(IMPORTS + source)
        ports = _free_ports(len(names))
        raw: dict[str, Any] = {
            "world": {"durability": durability},
            "simulators": {
                name: {"address": f"tcp://127.0.0.1:{port}"} for name, port in zip(names, ports, strict=True)
            },
            "regions": {
                name: {"simulator": name, "corner": [REGION_M * n, 0.0], "size": [REGION_M, REGION_M]}
                for n, name in enumerate(names)
            },
            "objects": objects,
        }
        path = Path(folder) / "world.toml"
        path.write_text(tomli_w.dumps(raw))
        world = build_world(raw, path)
        ensure_keys(world.keys_folder, [OPERATOR, *names])
        yield world


def run_for(world: World, seconds: float, *, plain: bool = False) -> list[Notes]:
    """Run every process, wait until all scripts have begun, let them go on for so long, and return their notes."""
    children = [Child(world, name, plain) for name in world.simulators]
    try:
        for child in children:
            child.wait_until_running()
        for child in children:
            child.begin_stretch()
        time.sleep(seconds)
        return [child.stop() for child in children]
    finally:
        for child in children:
            child.kill()


def shuttle(
    heap_bytes: int,
    pause_s: float,
    together: bool,
    first_m: float,
    second_m: float,
    computes: bool = False,
) -> str:
    """The source of a script that jumps to and fro over a border. `computes`: it never stops doing so meanwhile."""
    constants = f"HEAP_BYTES, PAUSE_S, TOGETHER, COMPUTES = {heap_bytes}, {pause_s}, {together}, {computes}\n"
    return f"{constants}FIRST_M, SECOND_M = {first_m}, {second_m}\n{SHUTTLE}"


@dataclass(frozen=True, slots=True)
class Throughput:
    """What some processes did in a second, all together: rounds of loops, and crossings."""

    rounds_per_s: list[float]
    crossings_per_s: list[float]


def throughput(processes: int, seconds: float) -> Throughput:
    """Processes that compute as much as they may, with objects jumping over each border between them."""
    names = [f"region-{n}" for n in range(processes)]
    objects: dict[str, Any] = {}
    scripts = {"spinning.py": SPINNING}
    for n, name in enumerate(names):
        for index in range(4):
            objects[f"spinning-{n}-{index}"] = _object(name, "spinning.py")
        if n + 1 < processes:
            scripts[f"shuttle-{n}.py"] = shuttle(
                1_000, 0.05, False, REGION_M * (n + 0.5), REGION_M * (n + 1.5)
            )
            for index in range(4):
                objects[f"shuttle-{n}-{index}"] = _object(name, f"shuttle-{n}.py")
    with world_of(names, objects, scripts, "process") as world:
        found = run_for(world, seconds)
    rounds = _rate(found, lambda stretch: stretch.rounds)
    crossings = _rate(found, lambda stretch: stretch.arrived)
    return Throughput([rounds], [crossings] if processes > 1 else [])


def _object(region: str, script: str) -> dict[str, Any]:
    return {"region": region, "position": [50.0, 50.0, 0.0], "script": script}


def _rate(found: list[Notes], count: Callable[[Stretch], int]) -> float:
    """Of all processes together, a second."""
    ends = [(notes.stretches[0], notes.stretches[-1]) for notes in found]
    return sum((count(last) - count(first)) * 1e6 / (last.at_us - first.at_us) for first, last in ends)
