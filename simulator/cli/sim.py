"""`gossamer sim`: shows that the protocol between regions holds, and that the test for it can fail."""

from __future__ import annotations

import difflib
import json
import sys
import time
from pathlib import Path

import click
from click.core import ParameterSource

from simulator.simulation import (
    MUTANTS,
    SeedResult,
    SimulationReport,
    checkout_file,
    explain_seed,
    run_simulation,
)

JSON_KEYS = ("seeds", "violations", "first_seed", "first_violation", "kept", "events", "moves", "crashes")
REPEATED = ("mutant", "regions", "objects")  # options that change what a seed does
TOLD_MAX = 5
"""Violations that are shown of many seeds: they are mostly one fault."""


def _known(context: click.Context, parameter: click.Parameter, name: str | None) -> str | None:
    if name is None or name in MUTANTS:
        return name
    near = difflib.get_close_matches(name, MUTANTS, 3, 0.4)
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    raise click.BadParameter(
        f"there is no mutant {name!r}.{meant} `gossamer sim --list-mutants` names all {len(MUTANTS)}."
    )


@click.command()
@click.option(
    "--seeds", type=click.IntRange(min=1), default=500, show_default=True, help="Run seeds 0 to N-1."
)
@click.option(
    "--seed", type=click.IntRange(min=0), help="Run this seed only, and show what led to what it breaks."
)
@click.option("--mutant", callback=_known, metavar="NAME", help="Run a broken variant instead.")
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

    Ends with status 1 if an invariant did not hold: the seed that is named then shows what led there. In a checkout
    the first seed that fails is kept in a file, and the tests run what is in there every time.
    """
    if list_mutants:
        for each in sorted(MUTANTS.values(), key=lambda each: each.name):
            click.echo(f"{each.name:28} {each.breaks}")
        return
    if mutant is not None and keep is not None:
        raise click.UsageError("mutants are meant to fail, so none of their cases is kept: leave out --keep")
    if seed is not None and _given("seeds"):
        raise click.UsageError("--seeds N runs the seeds from 0 on, --seed N runs one: leave out one of them")
    chosen = range(seeds) if seed is None else [seed]
    teller = Teller()
    started = time.monotonic()
    report = run_simulation(
        chosen,
        mutant=mutant,
        regions=regions,
        objects=objects,
        keep=keep or (checkout_file() if mutant is None else None),
        on_seed=None if as_json else teller.tell,
    )
    seconds = time.monotonic() - started
    history = [] if seed is None else explain_seed(seed, mutant=mutant, regions=regions, objects=objects)
    if as_json:
        click.echo(
            json.dumps({key: getattr(report, key) for key in JSON_KEYS} | {"history": history}, default=str)
        )
    else:
        teller.end(history)
        _summarise(report, seconds)
        if report.kept is not None:
            click.echo(f"kept as a test in {report.kept}")
        if seed is None and report.first_seed is not None:
            click.echo(f"what led there: {_recipe(report.first_seed)}")
    sys.exit(1 if report.violations else 0)


class Teller:
    """Prints the first violations as they are found, and counts the others."""

    def __init__(self) -> None:
        self._found = 0

    def tell(self, result: SeedResult) -> None:
        """Tell what has become of a seed."""
        if result.violation is None:
            return
        self._found += 1
        if self._found <= TOLD_MAX:
            click.echo(f"seed {result.seed}: {result.violation}")

    def end(self, history: list[str]) -> None:
        """Tell of the rest, and what led to the violation of a single seed."""
        if self._found > TOLD_MAX:
            click.echo(f"… and {self._found - TOLD_MAX} more seeds")
        if history:
            click.echo("What led there, the last of it, for what the violation names:")
        for line in history:
            click.echo(f"  {line}")


def _summarise(report: SimulationReport, seconds: float) -> None:
    click.echo(
        f"{report.seeds} seeds, {report.violations} with violations;"
        f" {report.events} events, {report.moves} moves, {report.crashes} crashes;"
        f" {report.seeds / seconds:.0f} seeds a second"
    )


def _recipe(seed: int) -> str:
    """The command that runs this seed alone, with everything else as it was asked for."""
    params = click.get_current_context().params
    again = [f"--{name} {params[name]}" for name in REPEATED if _given(name)]
    return " ".join(["gossamer sim", f"--seed {seed}", *again])


def _given(name: str) -> bool:
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE
