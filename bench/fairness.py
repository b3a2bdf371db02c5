"""Is the frame rate held whatever scripts do, and does each get its share?

The one idea: real simulator processes are overrun with scripts that loop for ever and scripts that flood each other,
and asked afterwards how many frames there were and who used how much time. A script's share error is how far its
processor time lies from the mean, as the worst of them has it. A virtual machine can lose its processor for 10 to 40
ms, which its clocks count as work of whoever was on: such turns, which a loop can't take, are counted, and owners who
had one are left out of `share_error` and are in `share_error_all`. What one keeps beside a script that does what it
should not is measured in `abuse`.

Peer: asyncio, where a loop without `await` stops everybody: the rate of a 45 Hz ticker while such a loop runs.
"""

from __future__ import annotations

import statistics
from typing import Any

from bench.abuse import beside_abuse
from bench.child import STALL_SLICES, Notes, Stretch
from bench.figures import Figures, figure
from bench.grids import REGION_M, SPINNING, run_for, world_of
from bench.peer import peers

FRAMES_PER_S = 1e6 / 22_200
MANY, FEW = 10_000, 400
MANY_QUICKLY = 200
"""In a quick run: ten thousand take longer to begin than to be measured, and each would have had no turn yet."""

FLOODING = """
class Flooding(Script):
    def on_start(self):
        self.send(self.object.ref, 0)

    def on_message(self, sender, payload):
        self.send(self.object.ref, payload + 1)
        for _ in range(1000):
            pass
"""


def run(quick: bool) -> Figures:
    """`fairness.*`."""
    seconds = 1.5 if quick else 10.0
    with peers("fairness", {"asyncio": None}, 0.2 if quick else 1.0) as found:
        theirs = {name: [sample()] for name, sample in found.items()}
    figures = _loops(_stretch(_looping(MANY_QUICKLY if quick else MANY), seconds), theirs)
    if not quick:
        figures |= _fewer_loops(_stretch(_looping(FEW), seconds))
    return figures | _floods(_stretch(_flooded(), seconds)) | beside_abuse(quick)


def _loops(many: _Stretch, theirs: dict[str, list[float]]) -> Figures:
    return {
        "fairness.frame_rate": figure(
            [many.frames_per_s], "1/s", FRAMES_PER_S, peers=theirs, better="higher", note=many.note
        ),
        "fairness.share_error": figure(
            [many.share_error], "ratio", note=f"{many.note}, the worst of them, without {many.without}"
        ),
        "fairness.share_error_all": figure(
            [many.worst_error], "ratio", note=f"{many.note}, the worst of all"
        ),
        "fairness.share_error_typical": figure([many.typical_error], "ratio", note=f"{many.note}, the mean"),
    }


def _fewer_loops(few: _Stretch) -> Figures:
    return {
        f"fairness.frame_rate.{few.scripts}": figure(
            [few.frames_per_s], "1/s", FRAMES_PER_S, better="higher", note=few.note
        ),
        f"fairness.share_error.{few.scripts}": figure(
            [few.share_error], "ratio", note=f"{few.note}, the worst, without {few.without}"
        ),
    }


def _floods(flood: _Stretch) -> Figures:
    return {
        "fairness.flood_frame_rate": figure([flood.frames_per_s], "1/s", FRAMES_PER_S, better="higher"),
        "fairness.flood_share": figure(
            [flood.owners["honest"]],
            "ratio",
            0.5,
            better="higher",
            note="of one looping script beside 50 that flood",
        ),
    }


class _Stretch:
    """What happened between two moments."""

    def __init__(self, notes: Notes) -> None:
        first, last = notes.stretches[0], notes.stretches[-1]
        seconds = (last.at_us - first.at_us) / 1e6
        self.frames_per_s = (last.frames - first.frames) / seconds
        used = {id: last.cpu_us[id] - first.cpu_us.get(id, 0) for id in last.cpu_us}
        self.scripts = len(used)
        # Who was on when the machine took the processor away has used it, as far as clocks tell, and its owner pays;
        # who was on before the stretch began still pays in it.
        most = sorted(used, key=lambda id: -last.cpu_us[id])
        stalled = {last.owners[id] for id in most[: last.stalls]}
        self.without = (
            f"{len(stalled)} owners whose scripts had {last.stalls} turns of over {STALL_SLICES} slices"
        )
        self.share_error = max(
            _errors([us for id, us in used.items() if last.owners[id] not in stalled]), default=0
        )
        errors = _errors(list(used.values()))
        self.worst_error, self.typical_error = max(errors), statistics.mean(errors)
        self.owners = _shares(first, last)
        self.note = f"{self.scripts} scripts that loop, {seconds:.0f} s"


def _errors(used: list[int]) -> list[float]:
    """How far each lies from the mean, as a share of that."""
    mean = statistics.mean(used) if used else 0
    return [abs(each / mean - 1) for each in used]


def _shares(first: Stretch, last: Stretch) -> dict[str, float]:
    used = {owner: last.owner_us[owner] - first.owner_us.get(owner, 0) for owner in last.owner_us}
    whole = sum(used.values())
    return {owner: each / whole for owner, each in used.items()}


def _stretch(objects: dict[str, Any], seconds: float) -> _Stretch:
    scripts = {"spinning.py": SPINNING, "flooding.py": FLOODING}
    with world_of(["west"], objects, scripts, "process") as world:
        (notes,) = run_for(world, seconds)
    return _Stretch(notes)


def _looping(count: int) -> dict[str, Any]:
    return {f"spinning-{n}": _object("spinning.py", f"owner-{n % 100}") for n in range(count)}


def _flooded() -> dict[str, Any]:
    floods = {f"flooding-{n}": _object("flooding.py", "flood") for n in range(50)}
    return floods | {"honest": _object("spinning.py", "honest")}


def _object(script: str, owner: str) -> dict[str, Any]:
    return {"region": "west", "position": [REGION_M / 2, 50.0, 0.0], "script": script, "owner": owner}
