"""`gossamer inspect`: looks into a region's store."""

from __future__ import annotations

from pathlib import Path

import click

from simulator.inspection import inspect_region
from simulator.store.reading import read_store


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(file: Path) -> None:
    """Show what the store FILE of a stopped region, or a backup, holds.

    Objects, their scripts with state, queue and timers, every frame with its point and locals, links and
    outbox.
    """
    for line in inspect_region(read_store(file)):
        click.echo(line)
