"""`gossamer simulator`: one simulator process by itself, the way a grid runs across machines."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import click

from simulator.cli.options import hop_every
from simulator.config import World, hopping, read_world
from simulator.errors import ConfigError
from simulator.hosting import run_simulator


@click.command()
@click.option("--world", "world_file", type=click.Path(path_type=Path), required=True, help="The world file.")
@click.option("--region", help="Run the simulator that hosts this region.")
@click.option("--name", help="Run the simulator of this name.")
@hop_every
@click.option("--quiet", is_flag=True, help="Leave what scripts say and log out of the log.")
@click.option("--parent", type=int, hidden=True, help="End when this process is no longer the parent.")
@click.option("--begun", type=int, hidden=True, help="Tell this file descriptor when the first tick is next.")
def command(
    world_file: Path,
    region: str | None,
    name: str | None,
    hop_every: int | None,
    quiet: bool,
    parent: int | None,
    begun: int | None,
) -> None:
    """Run one simulator of a world in this process until Ctrl-C or SIGTERM.

    The regions of one simulator run together; the others of the world may run on other machines. Every
    machine needs the same world file, the public keys of all, and the secret key of the simulators that run
    there.
    """
    world = hopping(read_world(world_file), hop_every)
    run_simulator(world, _wanted(world, region, name), parent, quiet=quiet, begun=partial(_tell, begun))


def _tell(descriptor: int | None) -> None:
    if descriptor is not None:
        os.write(descriptor, b".")
        os.close(descriptor)


def _wanted(world: World, region: str | None, name: str | None) -> str:
    if (region is None) == (name is None):
        raise click.UsageError("name the simulator: either --region REGION or --name SIMULATOR")
    if region is not None:
        if region not in world.regions:
            raise ConfigError(
                f"{world.path} has no region {region!r}: expected one of {', '.join(world.regions)}."
            )
        return world.regions[region].simulator
    assert name is not None
    if name not in world.simulators:
        known = ", ".join(world.simulators)
        raise ConfigError(f"{world.path} has no simulator {name!r}: expected one of {known}.")
    return name
