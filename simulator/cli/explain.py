"""`gossamer explain`: shows an author what the injector made of a script."""

from __future__ import annotations

from pathlib import Path

import click

from migrate.injector import compile_program
from migrate.injector.emit import Form
from migrate.injector.explain import emitted_form, explain, residual_form

FORMS: dict[str, Form] = {"coroutine": "coroutine", "native": "native"}


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--function", "name", help="Show the emitted source of this function, such as Rocket.compute.")
@click.option(
    "--residual", "point", metavar="POINT", help="With --function: what remains of it at this point."
)
@click.option("--form", type=click.Choice(sorted(FORMS)), default="coroutine", show_default=True)
def command(file: Path, name: str | None, point: str | None, form: str) -> None:
    """Show the suspension points of FILE, which functions can suspend and why, and the engine it would run
    on.
    """
    program = compile_program(file.read_text(), str(file))
    if name is None:
        click.echo(explain(program))
    elif point is None:
        click.echo(emitted_form(program, program.function(name), FORMS[form]))
    else:
        click.echo(residual_form(program, program.function(name), point, FORMS[form]))
