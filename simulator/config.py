"""A world in a file: regions, the simulators that host them, objects with their scripts, limits.

The one idea: `world.toml` is read into frozen records once, at the rim, and everything that can be wrong
with it is said there: file, key, value, and what was expected. Whoever holds a `World` need not check
again.

Script files are not read here: a script that is missing or wrong must not keep the rest of its world from
running. `docs/world.md` describes every key.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from migrate.injector.choice import Wanted
from simulator.config_errors import describe, missing_name, no_such_key, wrong_value
from simulator.errors import ConfigError
from simulator.limits import SLICE_US_MAX, SLICE_US_MIN, UNINTERRUPTIBLE_US_MAX
from simulator.world.places import Places, RegionPlace

TABLES = ("world", "limits", "simulators", "regions", "objects")
Metres = float
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
Address = Annotated[str, msgspec.Meta(pattern=r"^tcp://[^/:]+:[0-9]{1,5}$")]
WebAddress = Annotated[str, msgspec.Meta(pattern=r"^[^/:]+:[0-9]{1,5}$")]
Size = Annotated[Metres, msgspec.Meta(ge=1, le=65_536)]
Triple = tuple[Metres, Metres, Metres]


class SimulatorSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One process: where it listens."""

    address: Address


class RegionSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One region: which simulator hosts it, its south-west corner in the world, and its extent, in metres. `web`: where
    its objects can be asked by HTTP.
    """

    simulator: Name
    corner: tuple[Metres, Metres]
    size: tuple[Size, Size] = (256.0, 256.0)
    web: WebAddress | None = None


class ObjectSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One object to begin with: position in metres from its region's corner, velocity in metres a second."""

    region: Name
    position: Triple
    velocity: Triple = (0.0, 0.0, 0.0)
    owner: Name = "nobody"
    script: str | None = None
    contents: tuple[str, ...] = ()


class WorldSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `[world]`: folders are relative to the file."""

    store: str = "stores"
    keys: str = "keys"
    durability: Literal["full", "process", "memory"] = "full"
    trusted: bool = False
    engine: Wanted = "auto"
    http: tuple[str, ...] = ()


class LimitSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `[limits]`: what the host may change, see `simulator/limits.py` for the reasons."""

    frame_ms: Annotated[float, msgspec.Meta(ge=1, le=1000)] = 22.2
    slice_ms: float = 1.0
    memory_kib: Annotated[int, msgspec.Meta(ge=1, le=4096)] = 128
    hop_every: Annotated[int, msgspec.Meta(ge=0)] = 0


def hopping(world: World, every: int | None) -> World:
    """The same world with `hop_every` as a command line says; None leaves it as its file says."""
    if every is None:
        return world
    return msgspec.structs.replace(world, limits=msgspec.structs.replace(world.limits, hop_every=every))


class World(msgspec.Struct, frozen=True):
    """A whole world as its file describes it. `folder` is where the file lies."""

    path: Path
    world: WorldSpec
    limits: LimitSpec
    simulators: dict[str, SimulatorSpec]
    regions: dict[str, RegionSpec]
    objects: dict[str, ObjectSpec]

    @property
    def folder(self) -> Path:
        """What the file's relative paths are relative to."""
        return self.path.parent

    @property
    def store_folder(self) -> Path:
        """Where the regions' stores lie."""
        return self.folder / self.world.store

    @property
    def keys_folder(self) -> Path:
        """Where the grid's keys lie."""
        return self.folder / self.world.keys

    @property
    def places(self) -> Places:
        """Where its regions lie."""
        return Places(RegionPlace(name, spec.corner, spec.size) for name, spec in self.regions.items())

    def regions_of(self, simulator: str) -> list[str]:
        """Return the regions that the simulator hosts, in the file's order."""
        return [name for name, region in self.regions.items() if region.simulator == simulator]

    def objects_of(self, region: str) -> dict[str, ObjectSpec]:
        """Return the objects that begin in the region."""
        return {name: spec for name, spec in self.objects.items() if spec.region == region}


def read_world(path: Path) -> World:
    """Read a world file. Raises `ConfigError` with file, key, value and what was expected."""
    try:
        raw = msgspec.toml.decode(path.read_bytes())
    except FileNotFoundError as error:
        raise ConfigError(
            f"there is no world file {path}. See examples/world.toml for one to begin with."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"can't read {path}: {error}") from error
    except msgspec.DecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    return build_world(raw, path)


def build_world(raw: Mapping[str, Any], path: Path) -> World:
    """Check a world that was read or made, and return it as records."""
    for key in raw:
        if key not in TABLES:
            raise no_such_key(path, key, list(TABLES))
    world = World(
        path,
        _table(path, raw, "world", WorldSpec),
        _table(path, raw, "limits", LimitSpec),
        _tables(path, raw, "simulators", SimulatorSpec),
        _tables(path, raw, "regions", RegionSpec),
        _tables(path, raw, "objects", ObjectSpec),
    )
    for check in (
        _check_not_empty,
        _check_slice,
        _check_http,
        _check_names_met,
        _check_addresses,
        _check_overlaps,
        _check_positions,
    ):
        check(world)
    return world


def _table(path: Path, raw: Mapping[str, Any], key: str, kind: type[Any]) -> Any:
    return _convert(path, key, raw.get(key, {}), kind)


def _tables(path: Path, raw: Mapping[str, Any], key: str, kind: type[Any]) -> dict[str, Any]:
    tables = _convert(path, key, raw.get(key, {}), dict[str, Any])
    for name in tables:
        if not re.fullmatch(r"[a-z][a-z0-9_-]{0,31}", name):
            raise wrong_value(
                path, key, name, "a name of 1 to 32 lower-case letters, digits, - and _, letter first"
            )
    return {name: _convert(path, f"{key}.{name}", table, kind) for name, table in tables.items()}


def _convert(path: Path, key: str, value: Any, kind: Any) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise describe(path, key, value, kind, error) from error


def _check_not_empty(world: World) -> None:
    for key, tables in (("simulators", world.simulators), ("regions", world.regions)):
        if not tables:
            raise ConfigError(f"{world.path}: {key}: there is none. Add a table [{key}.NAME].")


def _check_slice(world: World) -> None:
    shortest_ms, longest_ms, limit_ms = (
        us / 1000 for us in (SLICE_US_MIN, SLICE_US_MAX, UNINTERRUPTIBLE_US_MAX)
    )
    if not shortest_ms <= world.limits.slice_ms <= longest_ms:
        expected = (
            f"{shortest_ms:g} to {longest_ms:g}: a script that can't be preempted is ended after {limit_ms:g} ms, and"
            " only if the ends of several slices have found it at the same work"
        )
        raise wrong_value(world.path, "limits.slice_ms", world.limits.slice_ms, expected)


def _check_http(world: World) -> None:
    for host in world.world.http:
        if not re.fullmatch(r"[a-z0-9.-]+(:[0-9]{1,5})?", host):
            expected = 'a host in lower case and perhaps a port, as "api.example.org" or "localhost:8080"'
            raise wrong_value(world.path, "world.http", host, expected)


def _check_names_met(world: World) -> None:
    for name, region in world.regions.items():
        if region.simulator not in world.simulators:
            raise missing_name(world.path, f"regions.{name}.simulator", region.simulator, world.simulators)
    for name, spec in world.objects.items():
        if spec.region not in world.regions:
            raise missing_name(world.path, f"objects.{name}.region", spec.region, world.regions)


def _check_addresses(world: World) -> None:
    taken: dict[str, str] = {}
    for name, simulator in world.simulators.items():
        port = int(simulator.address.rpartition(":")[2])
        if not 1 <= port <= 65_535:
            raise wrong_value(
                world.path, f"simulators.{name}.address", simulator.address, "a port from 1 to 65535"
            )
        if simulator.address in taken:
            expected = f"an address of its own; simulator {taken[simulator.address]} has this one"
            raise wrong_value(world.path, f"simulators.{name}.address", simulator.address, expected)
        taken[simulator.address] = name


def _check_overlaps(world: World) -> None:
    for (name, one), (other_name, other) in combinations(world.regions.items(), 2):
        apart = any(
            one.corner[axis] + one.size[axis] <= other.corner[axis]
            or other.corner[axis] + other.size[axis] <= one.corner[axis]
            for axis in (0, 1)
        )
        if not apart:
            expected = f"a place of its own; region {name} at {list(one.corner)} overlaps it"
            raise wrong_value(world.path, f"regions.{other_name}.corner", list(other.corner), expected)


def _check_positions(world: World) -> None:
    for name, spec in world.objects.items():
        size = world.regions[spec.region].size
        if not all(0 <= spec.position[axis] < size[axis] for axis in (0, 1)):
            expected = (
                f"a place inside region {spec.region}: from 0 to {size[0]:g} and from 0 to {size[1]:g} metres"
            )
            raise wrong_value(world.path, f"objects.{name}.position", list(spec.position), expected)
        for key, triple in (("position", spec.position), ("velocity", spec.velocity)):
            if not all(map(math.isfinite, triple)):
                raise wrong_value(world.path, f"objects.{name}.{key}", list(triple), "three finite numbers")
