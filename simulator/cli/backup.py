"""`gossamer backup`: copies of all stores of a running world."""

from __future__ import annotations

from pathlib import Path

import click

from simulator.config import read_world
from simulator.control import ControlLine, DoBackup, Refused
from simulator.errors import ControlFailed

BACKUP_S_MAX = 600.0  # a full region's store of some gigabytes on a slow disk


@click.command()
@click.argument("world_file", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
def command(world_file: Path, folder: Path) -> None:
    """Copy the store of every region of the running world in WORLD_FILE into FOLDER.

    Each copy is a whole commit of its region. Files in FOLDER are never overwritten.
    """
    world = read_world(world_file)
    for name in world.simulators:
        line = ControlLine(world, name)
        answer = line.ask_once(DoBackup(str(folder.absolute())), BACKUP_S_MAX)
        line.close()
        if answer is None:
            raise ControlFailed(f"simulator {name} gave no answer. Is it running?")
        if isinstance(answer, Refused):
            raise ControlFailed(f"simulator {name} made no backup: {answer.reason}")
        for region in world.regions_of(name):
            click.echo(folder / f"{region}.sqlite")
