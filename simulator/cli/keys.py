"""`gossamer keys`: make the CURVE keys by which the members of a grid know each other."""

from __future__ import annotations

from pathlib import Path

import click

from simulator.keys import known_keys, write_keys


@click.group()
def command() -> None:
    """Make and list the keys of a grid's members."""


@command.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--folder", type=click.Path(path_type=Path), default=Path("keys"), show_default=True)
def new(names: tuple[str, ...], folder: Path) -> None:
    """Make a key pair for each NAME: a simulator's name, or `operator` for the command line.

    NAME.public goes to every machine of the grid, NAME.secret stays where that simulator runs.
    """
    for name in names:
        keys = write_keys(folder, name)
        click.echo(f"{folder / name}.public  {keys.public}")


@command.command(name="list")
@click.option("--folder", type=click.Path(path_type=Path), default=Path("keys"), show_default=True)
def list_keys(folder: Path) -> None:
    """List who is admitted by the keys in a folder."""
    for name, public_key in known_keys(folder).items():
        click.echo(f"{name}  {public_key}")
