"""What does an honest script keep of its share beside one that does what it should not?

The one idea: a script that loops, alone in a region that keeps its pace, has all the time there is; beside a loop of
another owner it has half of that. Beside whatever else the other does it must have no less, give or take a tenth: the
figure is its time by what half would be.
"""

from __future__ import annotations

import time

from bench.figures import Figures, figure
from bench.regions import EVE, OneRegion
from simulator.clock import monotonic_us
from simulator.commands import TouchObject
from simulator.limits import FRAME_US
from simulator.process import reserve
from simulator.world.scripts import RunningScript

HONEST = """
from scripts_api import *

class Honest(Script):
    def on_start(self):
        while True:
            pass
"""
BEGINS = "from scripts_api import *\nclass Bad(Script):\n    def on_touch(self, toucher):\n        "

ABUSE = {
    "never_ends": "while True: pass",
    "recursion": "while True:\n            try: self.down()\n            except RecursionError: pass\n"
    "    def down(self): self.down()",
    "events": "pass",
    "timers_of_zero": "self.after(0, self.again)\n    def again(self): self.after(0, self.again)",
    "timers_cancelled": "while True: self.after(1000).cancel()",
    "errors": "raise ValueError(toucher)",
    "catches_all": "while True:\n            try:\n                while True: pass\n"
    "            except BaseException: pass\n            finally: pass",
    "spawns": "while True:\n            try: self.spawn(self.on_touch, toucher)\n            except LimitReached: pass",
    "uninterruptible": "while True: sum(range(1_000_000))",
}
FEW = ("never_ends", "recursion", "spawns", "uninterruptible")
"""For a quick run: those that come near to getting more than their half."""

EVENTS = 100_000
"""Of one frame, for one script."""


def beside_abuse(quick: bool) -> Figures:
    """`fairness.beside.*`."""
    kinds, seconds = (FEW, 0.3) if quick else (tuple(ABUSE), 5.0)
    half = _share("", seconds) / 2
    return {
        f"fairness.beside.{name}": figure(
            [_share(BEGINS + ABUSE[name], seconds, EVENTS if name == "events" else 1) / half],
            "ratio",
            1.0,
            better="higher",
            note="time of a script that loops, by half of what it has alone",
        )
        for name in kinds
    }


def _share(source: str, seconds: float, events: int = 0) -> float:
    """Which part of the time an honest script has beside a bad one, each of an owner of its own."""
    frames = _Frames()
    honest = frames.begun(HONEST, "honest")
    touches = [TouchObject(frames.begun(source, "bad").body.id, EVE)] * events if source else []
    frames.run(0.2)
    before_us, began_us = honest.cpu_us, monotonic_us()
    frames.run(seconds, touches)
    return (honest.cpu_us - before_us) / (monotonic_us() - began_us)


class _Frames:
    """A region that keeps its pace as a simulator process does."""

    def __init__(self) -> None:
        self._one, self._reserved_us = OneRegion(), 0

    def begun(self, source: str, owner: str) -> RunningScript:
        """A script of that owner's."""
        (id,) = self._one.rez(source, 1, time_us=0)
        body = self._one.region.objects[id]
        body.owner = owner
        return body.scripts[0]

    def run(self, seconds: float, commands: list[TouchObject] | None = None) -> None:
        """Run frames for so long; the commands come in the first."""
        until_us, commands = monotonic_us() + round(seconds * 1e6), commands or []
        while (now_us := monotonic_us()) < until_us:
            self._one.step(commands, FRAME_US - self._reserved_us)
            late_us = monotonic_us() - now_us - FRAME_US
            self._reserved_us = reserve(self._reserved_us, late_us, FRAME_US)
            time.sleep(max(0, -late_us) / 1e6)
            commands = []
