"""`gossamer scripts`: what the scripts of a running world cost, and how to pause, reset or kill one."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import click
from rich.console import Console
from rich.table import Table

from simulator.config import World, read_world
from simulator.control import (
    AskScripts,
    ControlLine,
    Done,
    DoScripts,
    Refused,
    ScriptAction,
    ScriptCost,
    Scripts,
)
from simulator.errors import ControlFailed

SHOWN = 20
PIPE_WIDTH = 160
COLUMNS = (
    "object",
    "name",
    "owner",
    "region",
    "condition",
    "ms",
    "slices",
    "events",
    "queue",
    "drops",
    "KiB",
)


@click.command()
@click.argument("world_file", type=click.Path(path_type=Path))
@click.argument("action", type=click.Choice(get_args(ScriptAction)), required=False)
@click.argument("object_id", required=False)
@click.option("--all", "everything", is_flag=True, help="Show all scripts, not only the 20 costliest.")
def command(world_file: Path, action: ScriptAction | None, object_id: str | None, everything: bool) -> None:
    """Show what the scripts of the running world WORLD_FILE cost, the costliest first.

    With ACTION and OBJECT_ID: pause, resume, reset or kill the scripts of that object.
    """
    world = read_world(world_file)
    if action is None:
        costs = sorted(_costs(world), key=lambda cost: -cost.cpu_us)
        console = Console()
        # In a file or pipe there is room for the whole of a line.
        wide = console if console.is_terminal else Console(width=PIPE_WIDTH)
        wide.print(_table(costs if everything else costs[:SHOWN]))
    elif object_id is None:
        raise click.UsageError(f"name the object: gossamer scripts {world_file} {action} OBJECT_ID")
    else:
        _act(world, action, object_id)


def _costs(world: World) -> list[ScriptCost]:
    found: list[ScriptCost] = []
    for simulator in world.simulators:
        line = ControlLine(world, simulator)
        try:
            answer = line.ask(AskScripts())
        finally:
            line.close()
        if not isinstance(answer, Scripts):
            raise ControlFailed(f"simulator {simulator} answered with {answer}")
        found += answer.scripts
    return found


def _act(world: World, action: ScriptAction, object_id: str) -> None:
    """Tell whichever simulator has the object."""
    reasons: list[str] = []
    for simulator in world.simulators:
        line = ControlLine(world, simulator)
        try:
            answer = line.ask(DoScripts(object_id, action))
        finally:
            line.close()
        if isinstance(answer, Done):
            click.echo(f"{object_id}: {action} done")
            return
        reasons.append(answer.reason if isinstance(answer, Refused) else str(answer))
    raise ControlFailed("; ".join(reasons))


def _table(costs: list[ScriptCost]) -> Table:
    table = Table(*COLUMNS)
    for each in costs:
        table.add_row(
            each.object, each.name, each.owner, each.region, each.condition, f"{each.cpu_us / 1000:,.0f}",
            f"{each.slices:,}", f"{each.events:,}", str(each.queued), str(each.drops),
            f"{each.memory_bytes / 1024:,.1f}",
        )  # fmt: skip
    return table
