"""`gossamer backup`: copies of all stores of a running world, which fit together."""

from __future__ import annotations

from pathlib import Path

import click

from simulator.backup import Backup
from simulator.config import read_world


@click.command()
@click.argument("world_file", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
def command(world_file: Path, folder: Path) -> None:
    """Copy the store of every region of the running world in WORLD_FILE into FOLDER.

    The world runs on; what is on its way between regions waits until all are copied. Every simulator must run.
    Files in FOLDER are never overwritten.
    """
    backup = Backup(read_world(world_file), folder)
    try:
        for copy in backup.make():
            click.echo(copy)
    finally:
        backup.close()
