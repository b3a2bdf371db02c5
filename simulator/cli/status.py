"""`gossamer status`: how the simulators of a running world are, with every counter they keep."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from simulator.config import World, read_world
from simulator.control import ControlLine, RegionStatus, Status
from simulator.errors import ControlFailed


@click.command()
@click.argument("world_file", type=click.Path(path_type=Path))
@click.option(
    "--json", "as_json", is_flag=True, help="Print everything as JSON: by simulator, then by region."
)
def command(world_file: Path, as_json: bool) -> None:
    """Show how the regions of the running world WORLD_FILE are.

    Counters that are 0 are left out, except with --json. The status is 1 if a simulator does not answer.
    """
    statuses, silent = _ask(read_world(world_file))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(statuses)).decode())
    else:
        for status in statuses.values():
            for line in status_lines(status):
                click.echo(line)
    for reason in silent:
        click.echo(f"gossamer: {reason}", err=True)
    sys.exit(1 if silent else 0)


def status_lines(status: Status) -> Iterator[str]:
    """Yield what is shown of one simulator."""
    yield f"simulator {status.simulator}, process {status.pid}"
    yield from _counter_lines("  ", {"sockets": status.sockets})
    for name, region in status.regions.items():
        yield from _region_lines(name, region)


def _region_lines(name: str, region: RegionStatus) -> Iterator[str]:
    yield f"  region {name}: epoch {region.epoch}, tick {region.tick}"
    if region.stalled is not None:
        yield f"    stands still: {region.stalled}"
    counters = {"scripts": region.statistics, "exchange": region.exchange, "store": region.store}
    yield from _counter_lines("    ", counters)


def _counter_lines(indent: str, counters: dict[str, dict[str, int]]) -> Iterator[str]:
    for part, numbers in counters.items():
        shown = ", ".join(f"{name} {number:,}" for name, number in numbers.items() if number)
        yield f"{indent}{part}: {shown or 'all 0'}"


def _ask(world: World) -> tuple[dict[str, Status], list[str]]:
    """Return what each simulator answers, and what is wrong with those that do not."""
    statuses: dict[str, Status] = {}
    silent: list[str] = []
    for simulator in world.simulators:
        line = ControlLine(world, simulator)
        try:
            statuses[simulator] = line.status()
        except ControlFailed as error:
            silent.append(str(error))
        finally:
            line.close()
    return statuses, silent
