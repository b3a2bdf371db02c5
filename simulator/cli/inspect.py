"""`gossamer inspect`: looks into a region's store."""

from __future__ import annotations

from pathlib import Path

import click

from simulator.inspection import inspect_region
from simulator.log import visible
from simulator.store.reading import read_store


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--trusted",
    is_flag=True,
    help="Read values of trusted mode too, which can run any code: only for a store that you trust.",
)
def command(file: Path, trusted: bool) -> None:
    """Show what the store FILE of a stopped or killed region, or a backup, holds.

    Objects, their scripts with state, queue and timers, every frame with its point and locals, links and
    outbox.
    """
    for line in inspect_region(read_store(file), trusted=trusted):
        click.echo(visible(line))
