"""The demo's world in a folder: three regions side by side, a simulator for each, a rocket, and company.

The one idea: the demo has nothing of its own. It writes an ordinary world file with ordinary scripts beside
it, which `gossamer run` runs as well, and then only watches.
"""

from __future__ import annotations

import math
import shutil
import socket
from pathlib import Path
from typing import Any

import tomli_w

from simulator.config import World, read_world
from simulator.errors import ConfigError
from simulator.keys import OPERATOR, ensure_keys

REGIONS = ("west", "middle", "east")
REGION_M = 256.0
ROCKET = "rocket"
ROCKET_M_PER_S = 375.0  # a fast jet: 24 crossings in some 25 s, each still to be followed by eye
COMPANY = ("rocket", "fish", "lamp")
PACKAGE = Path(__file__).parent


def write_demo_world(folder: Path, objects: int) -> World:
    """Write world file, keys and scripts into the folder, unless a demo's world lies there already, and read it.

    `objects` is how many more rockets there are beside the first; with any there come some fish and lamps.
    Raises `ConfigError` for a folder that is somebody else's.
    """
    path = folder / "world.toml"
    if not path.exists():
        _check_is_free(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for name in COMPANY:
            shutil.copy(example(f"{name}.py"), folder)
        path.write_text(tomli_w.dumps(_world(objects)))
    world = read_world(path)
    if tuple(world.regions) != REGIONS or ROCKET not in world.objects:
        raise ConfigError(f"{path} is a world, but not one of the demo's. {_ELSEWHERE}")
    ensure_keys(world.keys_folder, [OPERATOR, *world.simulators])
    return world


_ELSEWHERE = "Name a new or empty folder, or that of an earlier demo."


def _check_is_free(folder: Path) -> None:
    """The demo writes several files: not over a file, and not among somebody's own."""
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is a file. {_ELSEWHERE}")
    if folder.is_dir() and any(folder.iterdir()):
        raise ConfigError(f"{folder} holds files, but no world. {_ELSEWHERE}")


def example(name: str) -> Path:
    """Return where an example script lies: beside the packages in a checkout, inside ours when installed."""
    for folder in (PACKAGE.parent / "examples", PACKAGE / "examples"):
        if (folder / name).exists():
            return folder / name
    raise ConfigError(f"the example {name} is not installed with Gossamer. Run the demo from a checkout.")


def _world(objects: int) -> dict[str, Any]:
    ports = _free_ports(len(REGIONS))
    return {
        # Rockets keep all their digits: enough for some days of them.
        "limits": {"memory_kib": 1024},
        "simulators": {
            name: {"address": f"tcp://127.0.0.1:{port}"} for name, port in zip(REGIONS, ports, strict=True)
        },
        "regions": {
            name: {"simulator": name, "corner": [index * REGION_M, 0.0], "size": [REGION_M, REGION_M]}
            for index, name in enumerate(REGIONS)
        },
        "objects": {ROCKET: _object("west", 128.0, 128.0, ROCKET_M_PER_S, "rocket.py")} | _company(objects),
    }


def _company(objects: int) -> dict[str, Any]:
    """More rockets, each on its own track and at its own pace; a fish and a lamp for every three."""
    company: dict[str, Any] = {}
    for index in range(objects):
        region, north = REGIONS[index % 3], 8.0 + 240.0 * math.modf(index * 0.381966)[0]
        speed = ROCKET_M_PER_S * (0.4 + 0.05 * (index % 8)) * (1 if index % 2 else -1)
        company[f"rocket-{index + 2}"] = _object(region, 30.0 + 27.0 * (index % 8), north, speed, "rocket.py")
    for index in range(math.ceil(objects / 3)):
        north = 16.0 + 224.0 * math.modf(index * 0.618034)[0]
        company[f"fish-{index + 1}"] = _object(REGIONS[index % 3], 60.0, north, 12.0, "fish.py")
        company[f"lamp-{index + 1}"] = _object(REGIONS[(index + 1) % 3], 200.0, north, 0.0, "lamp.py")
    return company


def _object(region: str, east: float, north: float, speed: float, script: str) -> dict[str, Any]:
    place = {"region": region, "position": [east, north, 20.0], "velocity": [speed, 0.0, 0.0]}
    return place | {"owner": "founder", "script": script}


def _free_ports(count: int) -> list[int]:
    """Return ports that nothing listens on at this moment, all different."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports
