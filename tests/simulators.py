"""Worlds of real simulator processes for tests: scripts in a folder, a world file, a supervisor, control
lines.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

from simulator.config import World, build_world
from simulator.control import AskState, ControlLine, RegionStatus, State
from simulator.demo_world import _free_ports
from simulator.keys import OPERATOR, ensure_keys
from simulator.supervisor import Supervisor

PATIENCE_S = 20.0
LOOK_AGAIN_S = 0.02


class Simulators:
    """The processes of a world whose simulators have one region each, named alike, from west to east."""

    def __init__(
        self, folder: Path, names: list[str], objects: dict[str, dict[str, Any]], **settings: Any
    ) -> None:
        self.folder = folder
        self.world = write_world(folder, names, objects, **settings)
        self.supervisor = Supervisor(self.world, folder / "logs")
        self.lines = {name: ControlLine(self.world, name) for name in names}

    def region(self, name: str) -> RegionStatus:
        """How a region is."""
        return self.lines[name].status(timeout_s=PATIENCE_S).regions[name]

    def object(self, region: str, name: str) -> dict[str, str]:
        """The attributes of the script of the object of that name, or nothing if it is not there."""
        for each in self.region(region).objects:
            if each.name == name:
                answer = self.lines[region].ask(AskState(each.id), PATIENCE_S)
                return answer.attributes if isinstance(answer, State) else {}
        return {}

    def log(self, simulator: str) -> str:
        """What a simulator has logged."""
        return (self.folder / "logs" / f"{simulator}.log").read_text()

    def close(self) -> None:
        """Stop everything."""
        for line in self.lines.values():
            line.close()
        self.supervisor.stop()


@contextmanager
def running(
    folder: Path, names: list[str], objects: dict[str, dict[str, Any]], **settings: Any
) -> Iterator[Simulators]:
    """Run a world, and stop it in the end. `settings`: of its `[world]` table."""
    simulators = Simulators(folder, names, objects, **settings)
    try:
        simulators.supervisor.start()
        yield simulators
    finally:
        simulators.close()


def write_world(folder: Path, names: list[str], objects: dict[str, dict[str, Any]], **settings: Any) -> World:
    """Write a world file and its keys, and read it."""
    import tomli_w

    raw = {
        "world": settings,
        "simulators": {
            name: {"address": f"tcp://127.0.0.1:{port}"}
            for name, port in zip(names, _free_ports(len(names)), strict=True)
        },
        "regions": {
            name: {"simulator": name, "corner": [100.0 * index, 0.0], "size": [100.0, 100.0]}
            for index, name in enumerate(names)
        },
        "objects": objects,
    }
    path = folder / "world.toml"
    path.write_text(tomli_w.dumps(raw))
    world = build_world(raw, path)
    ensure_keys(world.keys_folder, [OPERATOR, *names])
    return world


def write_script(folder: Path, name: str, source: str) -> None:
    """Write a script file."""
    (folder / name).write_text("from scripts_api import *\n" + dedent(source))


def wait_for(happens: Callable[[], Any]) -> Any:
    """Look again and again until something is true, and return it; fail when it never is."""
    until = time.monotonic() + PATIENCE_S
    while not (found := happens()):
        assert time.monotonic() < until, "it has not happened"
        time.sleep(LOOK_AGAIN_S)
    return found
