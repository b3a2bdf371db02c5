"""Four simulators in a square as real processes, with a bad network between them, and walkers that count.

The one idea: each walker's script keeps its own books (steps, letters sent, letters got), and stops by itself
after a given number of each. So however it was moved, killed and delayed, the books must agree in the end.

`Square` is handled by one thread. It restarts nobody by itself.
"""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import tomli_w

from simulator.config import World, read_world
from simulator.control import AskState, ControlLine, State
from simulator.demo_world import _free_ports
from simulator.keys import OPERATOR, ensure_keys
from tests.proxies import Proxies, Proxy

NAMES = ("sw", "se", "nw", "ne")
CORNERS = {"sw": (0.0, 0.0), "se": (100.0, 0.0), "nw": (0.0, 100.0), "ne": (100.0, 100.0)}
REGION_M = 100.0
ASK_S = 20.0
LOOK_AGAIN_S = 0.2

WALKER = """
from scripts_api import ObjectRef, Script, Vector

STEPS, STEP_S = {steps}, {step_s}
LETTERS, LETTER_S = {letters}, {letter_s}
NEXT = {{"sw": "se", "se": "ne", "ne": "nw", "nw": "sw"}}


class Walker(Script):
    \"\"\"Steps, crosses and writes, and keeps books of it all.\"\"\"

    steps = sent = got = crossings = 0
    forks = gaps = overflown = came_back = 0

    def on_start(self):
        self.spawn(self.walk)
        self.spawn(self.write)

    def walk(self):
        sum = 0
        for n in range(1, STEPS + 1):
            self.sleep(STEP_S)
            sum += n
            self.steps += 1
            if self.steps != n or sum != n * (n + 1) // 2:
                self.forks += 1
        self.rest()

    def write(self):
        region, _, number = self.object.id.rpartition(":")
        friend = ObjectRef(NEXT[region] + ":" + number)
        for n in range(1, LETTERS + 1):
            self.sleep(LETTER_S)
            self.send(friend, n)
            self.sent += 1
        self.rest()

    def on_message(self, sender, n):
        if n != self.got + 1:
            self.gaps += 1
        self.got += 1
        self.rest()

    def rest(self):
        if self.steps == STEPS and self.sent == self.got == LETTERS:
            self.object.velocity = Vector()

    def on_arrive(self, region):
        self.crossings += 1

    def on_overflow(self, dropped):
        self.overflown += dropped

    def on_undeliverable(self, receiver, payload, reason):
        self.came_back += 1
"""


@dataclass(frozen=True, slots=True)
class Walk:
    """What each walker is to do: so many steps and letters, seconds apart; metres a second on each axis."""

    steps: int
    step_s: float
    letters: int
    letter_s: float
    speed_min: float = 15.0
    speed_max: float = 45.0

    def script(self) -> str:
        """The walker's source."""
        return WALKER.format(
            steps=self.steps, step_s=self.step_s, letters=self.letters, letter_s=self.letter_s
        )

    def books(self) -> dict[str, int]:
        """What each walker's books say in the end."""
        return {
            "steps": self.steps,
            "sent": self.letters,
            "got": self.letters,
            "forks": 0,
            "gaps": 0,
            "overflown": 0,
            "came_back": 0,
        }


def crossing_walkers(count: int, walk: Walk, random: Random) -> dict[str, dict[str, Any]]:
    """Walkers all over the square, on slanting ways, so that each crosses both inner borders again and again."""

    def speed() -> float:
        return random.choice((-1, 1)) * random.uniform(walk.speed_min, walk.speed_max)

    return {
        f"walker-{number}": walker(
            NAMES[number % 4], random.uniform(1, 99), random.uniform(1, 99), speed(), speed()
        )
        for number in range(count)
    }


def corner_walkers(count: int, random: Random) -> dict[str, dict[str, Any]]:
    """Walkers that come near the corner of all four regions, and so cross twice within a moment."""
    towards = {"sw": (1, 1), "se": (-1, 1), "nw": (1, -1), "ne": (-1, -1)}
    found = {}
    for number in range(count):
        name = NAMES[number % 4]
        east, north = towards[name]
        from_corner, speed = random.uniform(20, 80), random.uniform(25, 50)
        x, y = ((100 - from_corner) if way > 0 else from_corner for way in (east, north))
        x = min(99.0, max(1.0, x + random.uniform(-8, 8)))
        found[f"walker-{number}"] = walker(name, x, y, east * speed, north * speed)
    return found


def walker(region: str, x: float, y: float, east: float, north: float) -> dict[str, Any]:
    """One object of the world file."""
    place = {"region": region, "position": [x, y, 20.0], "velocity": [east, north, 0.0]}
    return place | {"owner": "founder", "script": "walker.py"}


class Square:
    """The processes, the proxies between them, and the operator's lines to them, which go past the proxies."""

    def __init__(self, folder: Path, walk: Walk, objects: dict[str, dict[str, Any]]) -> None:
        self._folder = folder
        self.objects = list(objects)
        self._proxies = Proxies()
        self.paths: list[Proxy] = []
        (folder / "walker.py").write_text(walk.script())
        ports = dict(zip(NAMES, _free_ports(len(NAMES)), strict=True))
        self._worlds = {name: self._write_world(name, ports, objects) for name in NAMES}
        ensure_keys(self._worlds["sw"].keys_folder, [OPERATOR, *NAMES])
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.lines = {name: ControlLine(self._worlds[name], name) for name in NAMES}
        self.starts = 0

    def start(self, name: str) -> None:
        """Start a simulator."""
        command = [sys.executable, "-m", "simulator.cli", "simulator", "--quiet", "--name", name]
        command += ["--world", str(self._worlds[name].path), "--parent", str(os.getpid())]
        with (self._folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stderr=log, start_new_session=True
            )
        self.starts += 1

    def kill(self, name: str) -> None:
        """End it with SIGKILL and start it again."""
        self.processes[name].kill()
        self.processes[name].wait()
        self.start(name)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a simulator a signal."""
        self.processes[name].send_signal(number)

    def change_network(self, change: Any) -> None:
        """Call a function in the proxies' thread."""
        self._proxies.do(change)

    def ended(self) -> dict[str, str]:
        """Which simulators have ended by themselves, with their last words: none should."""
        return {
            name: (self._folder / f"{name}.log").read_text()[-2000:]
            for name, process in self.processes.items()
            if process.poll() is not None
        }

    def resting(self) -> list[tuple[str, str]]:
        """The walkers that have done all they had to and stand still, as (region, id)."""
        return [
            (region, each.id)
            for region, line in self.lines.items()
            for each in line.status(timeout_s=ASK_S).regions[region].objects
            if each.velocity == (0.0, 0.0, 0.0)
        ]

    def books(self, region: str, id: str, patience_s: float = 0.5) -> dict[str, int] | None:
        """A walker's books, or None if it is not there or the simulator does not answer in time."""
        answer = self.lines[region].ask_once(AskState(id), patience_s)
        if not isinstance(answer, State):
            return None
        return {name: ast.literal_eval(value) for name, value in answer.attributes.items()}

    def settle(self, patience_s: float) -> dict[str, dict[str, int]]:
        """Wait until all walkers rest, and return their books by id; without those that never came to rest."""
        until = time.monotonic() + patience_s
        while len(found := self.resting()) < len(self.objects) and time.monotonic() < until:
            time.sleep(LOOK_AGAIN_S)
        books = {id: self.books(region, id, ASK_S) for region, id in found}
        return {id: each for id, each in books.items() if each is not None}

    def heal(self) -> None:
        """Let the whole network work."""
        self.change_network(lambda: [path.heal() for path in self.paths])

    def drain(self, patience_s: float) -> dict[str, int]:
        """Wait until nothing is under way between regions; return how much still is, by region."""
        until = time.monotonic() + patience_s
        while (waits := self._under_way()) and time.monotonic() < until:
            time.sleep(LOOK_AGAIN_S)
        return waits

    def _under_way(self) -> dict[str, int]:
        found = {}
        for region, line in self.lines.items():
            now = line.status(timeout_s=ASK_S).regions[region].exchange
            if waits := now["outbox_len"] + now["held_len"] + now["objects_out"]:
                found[region] = waits
        return found

    def stop(self) -> dict[str, int]:
        """Stop all simulators in order; return their exit statuses."""
        for process in self.processes.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        return {name: process.wait(30) for name, process in self.processes.items()}

    def close(self) -> None:
        """End whatever is left."""
        for line in self.lines.values():
            line.close()
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
                process.wait()
        self._proxies.close()

    def store(self, name: str) -> Path:
        """Where a region's file is."""
        return self._worlds[name].store_folder / f"{name}.sqlite"

    def _write_world(self, name: str, ports: dict[str, int], objects: dict[str, dict[str, Any]]) -> World:
        """Write the world file of one simulator: in it all others have the addresses of proxies."""
        addresses = dict(ports)
        for other, proxied in zip(NAMES, _free_ports(len(NAMES)), strict=True):
            if other != name:
                self.paths.append(self._proxies.open(proxied, ports[other]))
                addresses[other] = proxied
        raw = {
            "simulators": {each: {"address": f"tcp://127.0.0.1:{port}"} for each, port in addresses.items()},
            "regions": {
                each: {"simulator": each, "corner": list(CORNERS[each]), "size": [REGION_M, REGION_M]}
                for each in NAMES
            },
            "objects": objects,
        }
        path = self._folder / f"{name}.toml"
        path.write_text(tomli_w.dumps(raw))
        return read_world(path)
