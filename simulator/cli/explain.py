"""`gossamer explain`: shows an author what the injector made of a script."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import click

from migrate.errors import ScriptSyntaxError
from migrate.injector.emit import Form
from migrate.injector.explain import emitted_form, explain, residual_form
from simulator.cli.sources import compiled


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--function", "name", help="Show the emitted source of this function, such as Rocket.compute.")
@click.option(
    "--residual", "point", metavar="POINT", help="With --function: what remains of it at this point."
)
@click.option("--form", type=click.Choice(get_args(Form)), default="coroutine", show_default=True)
def command(file: Path, name: str | None, point: str | None, form: Form) -> None:
    """Show the suspension points of FILE, which functions can suspend and why, and the engine it would run
    on.
    """
    try:
        program = compiled(file)
    except ScriptSyntaxError as refusal:
        raise click.ClickException(str(refusal)) from None
    if name is None:
        if point is not None:
            raise click.UsageError("--residual needs --function: which function's point is it?")
        click.echo(explain(program))
        return
    function = program.functions.get(name)
    if function is None:
        raise click.BadParameter(_choices(name, program.functions), param_hint="--function")
    if point is None:
        click.echo(emitted_form(program, function, form))
    elif point in function.points:
        click.echo(residual_form(program, function, point, form))
    else:
        raise click.BadParameter(_choices(point, function.points), param_hint="--residual")


def _choices(given: str, known: Iterable[str]) -> str:
    return f"there is no {given!r}; there are: {', '.join(known) or 'none'}"
