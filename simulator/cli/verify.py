"""`gossamer verify`: proves of a program that moving it changes nothing."""

from __future__ import annotations

import json
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import click

from migrate.engines import Engine
from migrate.errors import CaptureRefused, ScriptSyntaxError, UnusablePython
from migrate.injector import Program
from migrate.injector.choice import choose_engine
from migrate.verify import Task, Verdict, verify, verify_in_processes
from simulator.cli.sources import compiled

DIFFERENT, REFUSED, BUG = 1, 2, 3
Engines: TypeAlias = Literal["generator", "native", "alternate", "auto"]
OF_SCRIPTS = "a script is proved by a test of it with @everywhere of scripts_api.testing."


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--entry", default="main", show_default=True, help="The function to run.")
@click.option("--args", "arguments", default="[]", metavar="JSON", help="Its arguments, as a JSON list.")
@click.option(
    "--every", type=click.IntRange(min=1), default=1, show_default=True, help="Move at each N-th suspension."
)
@click.option(
    "--engine",
    type=click.Choice(get_args(Engines)),
    default="auto",
    show_default=True,
)
@click.option("--process", is_flag=True, help="Restore in a fresh process each time.")
@click.option(
    "--python",
    "pythons",
    multiple=True,
    metavar="EXE",
    help="Take turns with this interpreter, CPython 3.11 to 3.13; may be repeated. What it needs is installed "
    "once, into ~/.cache/gossamer.",
)
@click.option(
    "--trusted", is_flag=True, help="Let what cannot travel otherwise go by cloudpickle, as in trusted mode."
)
@click.option("--json", "as_json", is_flag=True, help="Print one machine-readable line.")
def command(
    file: Path,
    entry: str,
    arguments: str,
    every: int,
    engine: Engines,
    process: bool,
    pythons: tuple[str, ...],
    trusted: bool,
    as_json: bool,
) -> None:
    """Run FILE as plain Python and as a microthread that moves at every suspension; compare what they leave.

    Ends with status 1 on a difference, 2 if the program is refused, 3 on a bug of ours.
    """
    try:
        program = compiled(file)
        engines = _engines(program, engine)
        verdict = _verified(
            program,
            Task(program.source, str(file), entry, _list(arguments), every, trusted),
            engines,
            process,
            pythons,
        )
    except UnusablePython as error:
        raise click.BadParameter(str(error), param_hint="--python") from None
    except (ScriptSyntaxError, CaptureRefused) as refusal:
        click.echo(f"{file} is refused: {refusal}", err=True)
        sys.exit(REFUSED)
    except click.ClickException:
        raise
    except Exception:  # noqa: BLE001 - shown whole: this is where a bug of ours must be seen
        traceback.print_exc()
        sys.exit(BUG)
    _tell(verdict, engines, as_json)
    sys.exit(0 if verdict.equal else DIFFERENT)


def _list(arguments: str) -> list[Any]:
    try:
        given = json.loads(arguments)
    except json.JSONDecodeError as error:
        raise click.BadParameter(f"{arguments!r} is not JSON: {error}", param_hint="--args") from None
    if not isinstance(given, list):
        raise click.BadParameter(
            f"a JSON list is expected, such as [3], not {arguments!r}", param_hint="--args"
        )
    return given


def _engines(program: Program, chosen: Engines) -> tuple[Engine, ...]:
    if chosen == "alternate":
        return ("generator", "native")
    return (choose_engine(program).engine,) if chosen == "auto" else (chosen,)


def _verified(
    program: Program, task: Task, engines: tuple[Engine, ...], process: bool, pythons: tuple[str, ...]
) -> Verdict:
    functions = [name for name in program.functions if "." not in name]
    if task.entry not in functions:
        advice = f"there are: {', '.join(functions)}." if functions else OF_SCRIPTS
        raise click.BadParameter(
            f"{task.filename} defines no function {task.entry!r}; {advice}", param_hint="--entry"
        )
    if process or pythons:
        return verify_in_processes(task, engines=engines, pythons=pythons, fresh=process)
    return verify(program, task.entry, task.args, task.every, engines=engines, trusted=task.trusted)


def _tell(verdict: Verdict, engines: tuple[Engine, ...], as_json: bool) -> None:
    if as_json:
        told = {"engine": "+".join(engines), **asdict(verdict), "points": len(verdict.points)}
        click.echo(json.dumps(told))
        return
    pinned = f", {verdict.pinned} below native code" if verdict.pinned else ""
    click.echo(
        f"{verdict.suspensions} suspensions at {len(verdict.points)} points, {verdict.restores} restores{pinned},"
        f" on the {' and the '.join(engines)} engine"
    )
    click.echo("equal to plain Python" if verdict.equal else f"DIFFERENT: {verdict.difference}")
    if verdict.raised:
        click.echo(f"plain Python ended with {verdict.raised}")
    if not verdict.suspensions:
        click.echo(
            "nothing was moved, so nothing is proved: let the function that --entry names call or loop"
        )
    elif not verdict.equal:
        click.echo(
            "a program that is random, or looks at the clock or at addresses, differs from itself as well"
        )
