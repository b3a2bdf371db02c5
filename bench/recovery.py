"""How long after SIGKILL do all scripts of a region run again, by number of scripts?

The one idea: a real process with a store on disk is killed and started again, as its supervisor would. It is over
when every script, parked in the middle of a loop, has run the handler that tells it that its region is back. Limit:
reading the store's file, which nobody can do without.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from bench.figures import Figures, figure
from bench.grids import Child, world_of
from simulator.clock import monotonic_us
from simulator.config import World

PARKED = """
class Parked(Script):
    def on_start(self):
        self.backs = 0
        self.spawn(self.work)

    def work(self):
        for step in range(1_000_000):
            parts = [step, 2.5, "as new"]
            self.sleep(3600.0)

    def on_region_start(self, away_s):
        self.backs += 1
"""


def run(quick: bool) -> Figures:
    """`recovery.*`."""
    figures: Figures = {}
    sizes = (1_000,) if quick else (100, 1_000, 10_000)
    for scripts in sizes:
        figures |= _recovery(scripts, kills=2 if quick else 5)
    figures["recovery.scripts_per_s"] = figures[f"recovery.scripts_per_s.{sizes[-1]}"]
    return figures


def _recovery(scripts: int, kills: int) -> Figures:
    objects: dict[str, Any] = {
        f"parked-{n}": {"region": "west", "position": [50.0, 50.0, 0.0], "script": "parked.py"}
        for n in range(scripts)
    }
    with world_of(["west"], objects, {"parked.py": PARKED}) as world:
        whole, processes, loads = [], [], []
        for _ in range(kills):
            child = Child(world, "west")
            child.wait_until_running()
            killed_us = monotonic_us()
            child.kill()
            child = Child(world, "west")
            child.wait_until_running()
            notes = child.stop()
            whole.append((notes.all_ran_us - killed_us) / 1e6)
            processes.append((notes.began_us - killed_us) / 1e3)
            loads.append((notes.loaded_us - notes.began_us) / 1e3)
        reading_s = _reading_s(world)
    return {
        f"recovery.seconds.{scripts}": figure(whole, "s", reading_s),
        f"recovery.process_ms.{scripts}": figure(
            processes, "ms", note="of that, until the new process has begun"
        ),
        f"recovery.load_ms.{scripts}": figure(loads, "ms", note="of that, opening the store and restoring"),
        f"recovery.scripts_per_s.{scripts}": figure(
            [scripts / each for each in whole], "1/s", scripts / reading_s, better="higher"
        ),
    }


def _reading_s(world: World) -> float:
    """Seconds to read the store's file, which the system has in memory as after a crash of a process."""
    began = time.perf_counter()
    for path in Path(world.store_folder).iterdir():
        path.read_bytes()
    return time.perf_counter() - began
