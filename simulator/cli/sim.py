"""`gossamer sim`: shows that the protocol between regions holds, and that the test for it can fail."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click
from click.core import ParameterSource

from simulator.simulation import MUTANTS, SeedResult, SimulationReport, checkout_file, run_simulation

JSON_KEYS = ("seeds", "violations", "first_seed", "kept", "events", "moves", "crashes")
REPEATED = ("mutant", "regions", "objects")  # options that change what a seed does


@click.command()
@click.option(
    "--seeds", type=click.IntRange(min=1), default=500, show_default=True, help="Run seeds 0 to N-1."
)
@click.option("--seed", type=click.IntRange(min=0), help="Run this seed only.")
@click.option(
    "--mutant", type=click.Choice(sorted(MUTANTS)), metavar="NAME", help="Run a broken variant instead."
)
@click.option("--list-mutants", is_flag=True, help="Name the broken variants and what each breaks.")
@click.option("--regions", type=click.IntRange(2, 64), default=4, show_default=True)
@click.option("--objects", type=click.IntRange(1, 1000), default=6, show_default=True)
@click.option(
    "--keep",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    show_default="the checkout's tests/kept_seeds.toml, if it runs from one",
    help="Add the first seed that fails to this file.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one machine-readable line.")
def command(
    seeds: int,
    seed: int | None,
    mutant: str | None,
    list_mutants: bool,
    regions: int,
    objects: int,
    keep: Path | None,
    as_json: bool,
) -> None:
    """Simulate a whole grid with every fault there is and check that nothing is lost or doubled.

    Ends with status 1 if an invariant did not hold: the seed that is named then shows it again. In a checkout
    the first seed that fails is kept in a file, and the tests run what is in there every time.
    """
    if list_mutants:
        for each in sorted(MUTANTS.values(), key=lambda each: each.name):
            click.echo(f"{each.name:28} {each.breaks}")
        return
    if mutant is not None and keep is not None:
        raise click.UsageError("mutants are meant to fail, so none of their cases is kept: leave out --keep")
    chosen = range(seeds) if seed is None else [seed]
    started = time.monotonic()
    report = run_simulation(
        chosen,
        mutant=mutant,
        regions=regions,
        objects=objects,
        keep=keep or (checkout_file() if mutant is None else None),
        on_seed=None if as_json else _tell,
    )
    if as_json:
        click.echo(json.dumps({key: getattr(report, key) for key in JSON_KEYS}, default=str))
    else:
        _summarise(report, time.monotonic() - started)
        if report.first_seed is not None:
            if report.kept is not None:
                click.echo(f"kept as a test in {report.kept}")
            click.echo(f"see it again: {_recipe(report.first_seed)}")
    sys.exit(1 if report.violations else 0)


def _tell(result: SeedResult) -> None:
    if result.violation is not None:
        click.echo(f"seed {result.seed}: {result.violation}")


def _summarise(report: SimulationReport, seconds: float) -> None:
    click.echo(
        f"{report.seeds} seeds, {report.violations} with violations;"
        f" {report.events} events, {report.moves} moves, {report.crashes} crashes;"
        f" {report.seeds / seconds:.0f} seeds a second"
    )


def _recipe(seed: int) -> str:
    """The command that runs this seed alone, with everything else as it was asked for."""
    context = click.get_current_context()
    given = [name for name in REPEATED if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    return " ".join(
        ["gossamer sim", f"--seed {seed}", *(f"--{name} {context.params[name]}" for name in given)]
    )
