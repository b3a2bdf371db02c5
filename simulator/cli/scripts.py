"""`gossamer scripts`: what the scripts of a running world cost, and an operator's hands and ears in it."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import get_args

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scripts_api.limits import CHANNEL_MAX
from simulator.accounts import By, Sum, rolled_up
from simulator.attaching import attach, detach
from simulator.cli.acting import act, act_with, read_place, tell_done
from simulator.cli.groups import WholeHelpGroup
from simulator.cli.people import PEOPLE
from simulator.cli.sources import imported, source_of
from simulator.config import World, read_world
from simulator.control import (
    AskScripts,
    DoPut,
    DoScripts,
    DoTouch,
    DoUpgrade,
    Line,
    ScriptAction,
    ScriptCost,
    Scripts,
)
from simulator.errors import ControlFailed
from simulator.log import visible
from simulator.operating import Ear, Operator
from simulator.world.world import SAYS

SHOWN = 20
PIPE_WIDTH = 160
LISTEN_S = 0.2  # how often it is asked what is new: soon enough to follow a talk
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
    "where",
)
UNSAVED = "unsaved"
SUM_COLUMNS = (
    "scripts", "ms", "slices", "events", "sleeps", "queue", "drops", "microthreads", "KiB", "captures", "crossings"
)  # fmt: skip
DOES = {
    "pause": "Run nothing of an object's scripts until `resume`.",
    "resume": "Let an object's scripts go on after `pause`.",
    "reset": "Begin an object's scripts anew, also those that have failed or stopped.",
    "kill": "Stop an object's scripts, whatever they are doing.",
    "remove": "Remove an object from the world for ever, with its scripts.",
}


class _Group(WholeHelpGroup):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take `--all` and `--by` behind the world file as well as before it."""
        file, behind = args[:1], args[1:]
        if file and not file[0].startswith("-"):
            options = 0
            while behind[options:] and behind[options].startswith(("--all", "--by")):
                options += 2 if behind[options] == "--by" else 1
            args = [*behind[:options], *file, *behind[options:]]
        return super().parse_args(ctx, args)


@click.group(cls=_Group, invoke_without_command=True)
@click.argument("world_file", type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Show all scripts, not only the 20 costliest.")
@click.option("--by", type=click.Choice(get_args(By)), help="Show what they come to for each of these.")
@click.pass_context
def command(context: click.Context, world_file: Path, everything: bool, by: By | None) -> None:
    """Show what the scripts of the running world WORLD_FILE cost, the costliest first; or do something there.

    OBJECT is an object's name or its id.
    """
    context.obj = world = read_world(world_file)
    if context.invoked_subcommand is None:
        costs = sorted(_costs(world), key=lambda cost: -cost.cpu_us)
        console = Console()
        # In a file or pipe there is room for the whole of a line.
        wide = console if console.is_terminal else Console(width=PIPE_WIDTH)
        if by is None:
            wide.print(_table(costs if everything else costs[:SHOWN]))
        else:
            sums = rolled_up(costs, by)
            wide.print(_sums(by, sums if everything else sums[:SHOWN]))


def _add_action(action: ScriptAction) -> None:
    @command.command(name=action, help=DOES[action])
    @click.argument("name", metavar="OBJECT")
    @click.pass_obj
    def do(world: World, name: str) -> None:
        act(world, name, action, partial(DoScripts, action=action))


for each in get_args(ScriptAction):
    _add_action(each)

for done_by_somebody in PEOPLE:
    command.add_command(done_by_somebody)


@command.command()
@click.argument("name", metavar="OBJECT")
@click.option("--as", "toucher", default="operator", show_default=True, help="Whose touch it is.")
@click.pass_obj
def touch(world: World, name: str, toucher: str) -> None:
    """Touch an object."""
    act(world, name, "touch", partial(DoTouch, toucher=toucher))


@command.command()
@click.argument("name", metavar="OBJECT")
@click.argument("into")
@click.pass_obj
def put(world: World, name: str, into: str) -> None:
    """Put a copy of OBJECT, as it would begin, into the contents of the object INTO."""
    act_with(world, name, into, "put", DoPut)


@command.command()
@click.argument("name", metavar="OBJECT")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def upgrade(world: World, name: str, file: Path) -> None:
    """Replace the source of an object's script by FILE, which has the same name. Its state stays."""
    source = source_of(file)
    act(world, name, "upgrade", partial(DoUpgrade, filename=file.name, source=source))


@command.command("attach")
@click.argument("name", metavar="OBJECT")
@click.argument("function", metavar="MODULE:FUNCTION")
@click.option("--handler", help="What it handles; else what its name says, or nothing: it runs at once.")
@click.pass_obj
def attach_function(world: World, name: str, function: str, handler: str | None) -> None:
    """Attach a live function to an object, with copies of all it uses; the world must be in trusted mode.

    MODULE is imported here: its name, or the path of its file. The function's first argument is the script.
    """
    tell_done(attach(world, name, imported(function), handler), "attach")


@command.command("detach")
@click.argument("name", metavar="OBJECT")
@click.argument("function", metavar="FUNCTION")
@click.pass_obj
def detach_function(world: World, name: str, function: str) -> None:
    """Stop what was attached to an object, by the function's name."""
    tell_done(detach(world, name, function), "detach")


@command.command()
@click.argument("text")
@click.option(
    "--channel", type=click.IntRange(-CHANNEL_MAX, CHANNEL_MAX), default=0, show_default=True, metavar="N"
)
@click.option(
    "--at", "position", metavar="X,Y", callback=read_place, help="Only to what is within 20 m of this place."
)
@click.option("--as", "speaker", default="operator", show_default=True, help="Who says it.")
@click.pass_obj
def say(
    world: World, text: str, channel: int, position: tuple[float, float, float] | None, speaker: str
) -> None:
    """Say a line to everything that listens."""
    with Operator(world) as operator:
        regions = operator.say(speaker, text, channel, position)
    click.echo(f"said in {', '.join(regions)}")


@command.command()
@click.pass_obj
def listen(world: World) -> None:
    """Print what is said and logged from now on, until Ctrl-C."""
    with Operator(world) as operator:
        ears = [Ear(name, line) for name, line in operator.lines.items()]
        try:
            for ear in ears:
                ear.hear()
            click.echo(f"listens to {', '.join(world.regions)}; Ctrl-C ends it", err=True)
            while True:
                for ear in ears:
                    for line in ear.hear():
                        click.echo(_shown(line))
                    if ear.missed:
                        click.echo(f"({ear.missed} earlier lines went by too fast)", err=True)
                time.sleep(LISTEN_S)
        except KeyboardInterrupt:
            return


def _shown(line: Line) -> str:
    text = visible(line.text).replace("\n", "\n    ")
    how = "" if line.what == SAYS else f" [{line.what}]"
    return f"{line.region}  {visible(line.name)} ({line.object}){how}: {text}"


def _costs(world: World) -> list[ScriptCost]:
    found: list[ScriptCost] = []
    with Operator(world) as operator:
        for simulator, line in operator.lines.items():
            answer = line.ask(AskScripts())
            if not isinstance(answer, Scripts):
                raise ControlFailed(f"simulator {simulator} answered with {answer}")
            found += answer.scripts
    return found


def _table(costs: list[ScriptCost]) -> Table:
    table = Table(*COLUMNS)
    for each in costs:
        table.add_row(
            each.object, _cell(each.name), _cell(each.owner), each.region, _condition(each),
            f"{each.cpu_us / 1000:,.0f}", f"{each.slices:,}", f"{each.events:,}", str(each.queued),
            str(each.drops), f"{each.memory_bytes / 1024:,.1f}", _cell(_where(each)),
        )  # fmt: skip
    return table


def _condition(cost: ScriptCost) -> str:
    return f"{cost.condition}, {UNSAVED}" if cost.unsaved else cost.condition


def _where(cost: ScriptCost) -> str:
    return f"{UNSAVED}: {cost.unsaved}; {cost.where}".removesuffix("; ") if cost.unsaved else cost.where


def _cell(text: str) -> Text:
    """A text of a script as it is: brackets in it are no markup."""
    return Text(visible(text))


def _sums(by: By, sums: list[Sum]) -> Table:
    table = Table(by, *SUM_COLUMNS)
    for each in sums:
        table.add_row(
            _cell(each.of), f"{each.scripts:,}", f"{each.cpu_us / 1000:,.0f}", f"{each.slices:,}", f"{each.events:,}",
            f"{each.sleeps:,}", f"{each.queued:,}", f"{each.drops:,}", f"{each.microthreads:,}",
            f"{each.memory_bytes / 1024:,.1f}", f"{each.captures:,}", f"{each.crossings:,}",
        )  # fmt: skip
    return table
