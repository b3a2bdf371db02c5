"""The main job, watched from outside: a rocket that never stops computing crosses borders unharmed.

The one idea: the demo is a client like any other. It starts three simulators as processes, asks them how
they are, touches the rocket now and then, kills one of them if it is told to, and leaves the judgement to
`demo_verdict`.

How it looks is in `demo_view`, what it adds up in `demo_tally`.
"""

from __future__ import annotations

import ast
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from simulator.config import World
from simulator.control import AskState, ControlLine, Done, DoTouch, ObjectStatus, State
from simulator.demo_tally import Tally
from simulator.demo_verdict import Carried, DemoResult, Touches, judge
from simulator.demo_view import MapObject, Picture
from simulator.demo_world import REGION_M, REGIONS, ROCKET
from simulator.errors import ControlFailed, SimulatorStopped
from simulator.supervisor import Supervisor

ASK_S = 0.1  # how often the simulators are asked and the picture is drawn: often enough to see a rocket fly
ANSWER_S_MAX = 0.5  # a simulator that is silent for longer is shown as absent
TOUCH_S = 1.5
START_S_MAX = 20.0  # three Pythons, with keys and stores, on a slow machine that is busy
SETTLE_S_MAX = 20.0  # in which one that was killed near the end is back, and the rocket lands
KILL_AFTER = 1 / 3  # of the way


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the command line can choose. With `seconds` it ends by the clock, else with the crossings."""

    crossings: int = 24
    seconds: float | None = None
    kill: bool = False
    seconds_max: float = 180.0


class Demo:
    """One run of the demo over a world that was written before."""

    def __init__(self, world: World, options: DemoOptions, show: Callable[[Picture], None]) -> None:
        self._world, self._options, self._show = world, options, show
        self._supervisor = Supervisor(world, world.folder / "logs")
        self._lines = {name: ControlLine(world, name) for name in world.simulators}
        self._tally, self._carried, self._touches = Tally(), Carried(), Touches()
        self._began = self._touched_at = time.monotonic()
        self._rocket_told = False
        self._crossings_before: int | None = None
        self._killed: str | None = None
        self._note = "starting"

    def run(self) -> DemoResult:
        """Run it to its end. Raises `SimulatorStopped` when a simulator cannot run at all."""
        try:
            self._start()
            while not self._is_over():
                self._look()
                self._touch_if_due()
                self._kill_if_due()
            faults = self._settle()
        finally:
            statuses = self._stop()
        faults += [
            f"simulator {name} ended with status {status}" for name, status in statuses.items() if status
        ]
        return self._judge(faults)

    def _start(self) -> None:
        self._supervisor.start()
        until = time.monotonic() + START_S_MAX
        while len(self._tally.latest) < len(self._lines) or not self._rocket_told:
            if time.monotonic() > until:
                logs = self._world.folder / "logs"
                raise SimulatorStopped(f"the simulators did not start within {START_S_MAX:g} s. See {logs}.")
            self._look()
        # A world that was kept from an earlier demo goes on from there.
        self._crossings_before = self._carried.crossings
        self._touches.begin_after(self._carried.answered)
        self._note = ""
        self._began = time.monotonic()

    def _stop(self) -> dict[str, int]:
        for line in self._lines.values():
            line.close()
        return self._supervisor.stop()

    def _is_over(self) -> bool:
        seconds = time.monotonic() - self._began
        if self._options.seconds is not None:
            return seconds >= self._options.seconds
        return self._crossings() >= self._options.crossings or seconds >= self._options.seconds_max

    def _crossings(self) -> int:
        """How many there were in this demo; none before it has begun."""
        return 0 if self._crossings_before is None else self._carried.crossings - self._crossings_before

    def _look(self) -> None:
        """Ask everybody, show what they tell, and rest until it is time to ask again."""
        began = time.monotonic()
        self._look_after_processes()
        for name in self._lines:
            self._ask(name)
        self._ask_rocket()
        self._show(self._picture())
        time.sleep(max(0.0, began + ASK_S - time.monotonic()))

    def _look_after_processes(self) -> None:
        for ended in self._supervisor.watch():
            if not ended.restarted:
                raise SimulatorStopped(str(ended))
            self._tally.forget(ended.simulator)
            self._note = f"{ended.simulator} was killed and is back"

    def _ask(self, name: str) -> None:
        """Ask a simulator how it is; one that is down or slow is asked again next time."""
        try:
            self._tally.add(self._lines[name].status(self._tally.said_after(name), ANSWER_S_MAX))
        except ControlFailed:
            self._tally.forget(name)

    def _rocket(self) -> tuple[str, ObjectStatus] | None:
        return self._tally.find(ROCKET)

    def _line_to(self, region: str) -> ControlLine:
        return self._lines[self._world.regions[region].simulator]

    def _ask_rocket(self) -> None:
        """Read what the rocket carries; what it carried before stands while it is between regions."""
        if found := self._rocket():
            answer = self._line_to(found[0]).ask_once(AskState(found[1].id), ANSWER_S_MAX)
            if isinstance(answer, State):
                values = {name: ast.literal_eval(answer.attributes[name]) for name in Carried.__slots__}
                self._carried, self._rocket_told = Carried(**values), True

    def _touch_if_due(self) -> None:
        found = self._rocket()
        if found is None or time.monotonic() - self._touched_at < TOUCH_S:
            return
        self._touched_at = time.monotonic()
        visitor = self._touches.next_visitor()
        answer = self._line_to(found[0]).ask_once(DoTouch(found[1].id, visitor), ANSWER_S_MAX)
        # Anything but a plain yes (it has just left, the simulator died) leaves open whether it was felt.
        (self._touches.confirmed if isinstance(answer, Done) else self._touches.doubtful).append(visitor)

    def _kill_if_due(self) -> None:
        found = self._rocket()
        if (
            not self._options.kill
            or self._killed is not None
            or found is None
            or self._progress() < KILL_AFTER
        ):
            return
        self._killed = self._world.regions[found[0]].simulator
        self._note = f"{self._killed} was killed"
        self._supervisor.kill(self._killed)
        self._tally.forget(self._killed)
        self._show(self._picture())

    def _progress(self) -> float:
        """How much of the way is done, from 0 to 1."""
        if self._options.seconds is not None:
            return (time.monotonic() - self._began) / self._options.seconds
        return self._crossings() / self._options.crossings

    def _settle(self) -> list[str]:
        """Wait until every object is somewhere and every touch is answered; a fault if that never comes."""
        self._note = "landing"
        until = time.monotonic() + SETTLE_S_MAX
        while time.monotonic() < until:
            self._look()
            everybody = self._tally.count_by_name() == Counter(self._world.objects.keys())
            if everybody and set(self._touches.confirmed) <= set(self._carried.answered):
                return self._kill_fault()
        return [f"the world did not come to rest within {SETTLE_S_MAX:g} s", *self._kill_fault()]

    def _kill_fault(self) -> list[str]:
        return ["no simulator was killed"] if self._options.kill and self._killed is None else []

    def _judge(self, faults: list[str]) -> DemoResult:
        wanted = self._options.crossings if self._options.seconds is None else 0
        return judge(
            self._tally,
            self._carried,
            self._touches,
            self._world.objects,
            crossings=self._crossings(),
            crossings_wanted=wanted,
            seconds=time.monotonic() - self._began,
            killed=self._killed,
            other_faults=faults,
        )

    def _picture(self) -> Picture:
        latencies = self._tally.latencies_ms()
        down = {
            region for region, spec in self._world.regions.items() if spec.simulator not in self._tally.latest
        }
        return Picture(
            regions=REGIONS,
            region_m=REGION_M,
            down=frozenset(down),
            objects=tuple(self._on_map(region, each) for region, each in self._tally.objects()),
            digits=len(self._carried.digits),
            crossings=self._crossings(),
            crossings_wanted=self._options.crossings if self._options.seconds is None else None,
            last_latency_ms=latencies[-1] if latencies else None,
            median_latency_ms=self._tally.latency().p50 if latencies else None,
            slices=self._tally.statistic("slices"),
            touches=self._touches.felt(self._carried.answered),
            answers=self._touches.answers(self._carried.answered),
            seconds=0.0 if self._crossings_before is None else time.monotonic() - self._began,
            said=tuple(f"{line.speaker}: {line.text}" for line in self._tally.said),
            note=self._note,
        )

    def _on_map(self, region: str, each: ObjectStatus) -> MapObject:
        corner = self._world.regions[region].corner
        east, north = each.position[0] - corner[0], each.position[1] - corner[1]
        kind = each.name.partition("-")[0]
        return MapObject(kind, region, east, north, each.velocity[0] < 0, each.name == ROCKET)
