"""The proof of the protocol: no seed breaks it, and every broken variant is found."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from migrate.handoff import TABLE, Hands, Input, State
from migrate.link import Outbox
from migrate.sending import SENDING, Sending, Sign
from simulator.cli.sim import command
from simulator.simulation import MUTANTS, KeptCase, explain_seed, read_kept, run_seed, run_simulation
from simulator.simulation.history import LINES_MAX

QUICK_SEEDS = 2_000
SLOW_SEEDS = 25_000
MUTANT_SEEDS = 500
KEPT = Path(__file__).with_name("kept_seeds.toml")
"""Cases that once failed; the tests below add what they find."""


def test_no_seed_breaks_an_invariant() -> None:
    """Thousands of grids go through storms; nothing is lost, doubled, reordered or left behind."""
    report = run_simulation(range(QUICK_SEEDS), stop_at_first=True, keep=KEPT)
    assert (report.first_seed, report.first_violation) == (None, None)


@pytest.mark.slow
def test_no_seed_of_very_many_breaks_an_invariant() -> None:
    """The same, for longer."""
    report = run_simulation(range(QUICK_SEEDS, SLOW_SEEDS), stop_at_first=True, keep=KEPT)
    assert (report.first_seed, report.first_violation) == (None, None)


@pytest.mark.parametrize(
    "case", read_kept(KEPT), ids=lambda case: f"{case.seed}-{case.regions}-{case.objects}"
)
def test_cases_that_once_failed_hold(case: KeptCase) -> None:
    """A failing seed is kept for ever, with the size of its grid."""
    assert run_seed(case.seed, case.regions, case.objects).violation is None


def test_larger_grids_hold_too() -> None:
    """More regions and objects than the usual seed has."""
    report = run_simulation(range(20), regions=9, objects=30, stop_at_first=True, keep=KEPT)
    assert (report.first_seed, report.first_violation) == (None, None)


@pytest.mark.parametrize("name", MUTANTS)
def test_every_mutant_is_found(name: str) -> None:
    """A broken variant does not survive five hundred seeds; what it breaks is told by an invariant, with a story."""
    report = run_simulation(range(MUTANT_SEEDS), mutant=name, stop_at_first=True)
    assert report.first_seed is not None
    assert (report.first_violation or "").startswith(("Violation: ", "Wrong: "))
    assert 0 < len(explain_seed(report.first_seed, mutant=name)) <= LINES_MAX


def test_a_mutant_leaves_the_product_as_it_was() -> None:
    """Mutants are in force only while they are asked for."""
    before = run_seed(1)
    for name in MUTANTS:
        run_simulation([0], mutant=name)
    assert run_seed(1) == before


def test_a_seed_is_always_the_same_run() -> None:
    """Another process with another hash seed gets the same result."""
    script = "from simulator.simulation import run_seed; print(run_seed(7))"
    printed = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert printed == [f"{run_seed(7)}\n"] * 2


def test_every_line_of_the_table_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The storms reach every line of the hand-over's table."""
    taken: set[tuple[State, Input]] = set()
    step = Hands.step

    def watched(self: Hands, object: str, input: Input) -> object:
        hand = self.get(object)
        taken.add((hand.state if hand else State.ABSENT, input))
        return step(self, object, input)

    monkeypatch.setattr(Hands, "step", watched)
    run_simulation(range(150))
    assert set(TABLE) - taken == set()


def test_every_line_of_a_links_table_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The storms reach every line of the sending end's table too."""
    taken: set[tuple[Sending, Sign]] = set()
    sign = Outbox._sign

    def watched(self: Outbox, each: Sign, now_us: int) -> None:
        taken.add((self.state, each))
        sign(self, each, now_us)

    monkeypatch.setattr(Outbox, "_sign", watched)
    run_simulation(range(60))
    assert set(SENDING) - taken == set()


def test_the_command_counts_and_succeeds() -> None:
    """`gossamer sim --json` gives the figures, with status 0 when nothing broke."""
    result = CliRunner().invoke(command, ["--seeds", "3", "--json"])
    figures = json.loads(result.output)
    assert result.exit_code == 0
    keys = {"seeds", "violations", "first_seed", "kept", "events", "moves", "crashes"}
    assert set(figures) == {*keys, "first_violation", "history"}
    assert (figures["seeds"], figures["violations"], figures["first_seed"]) == (3, 0, None)


def test_the_command_fails_on_a_violation() -> None:
    """A mutant that is found ends with status 1 and the command that shows what led there, whole."""
    recipe = ["--seed", "0", "--mutant", "no-tombstone", "--regions", "5", "--objects", "7"]
    result = CliRunner().invoke(
        command, ["--objects", "7", "--regions", "5", "--mutant", "no-tombstone", "--seeds", "3"]
    )
    assert result.exit_code == 1
    assert f"what led there: gossamer sim {' '.join(recipe)}" == result.output.splitlines()[-1]
    assert 1 == CliRunner().invoke(command, recipe).exit_code


def test_the_command_lists_its_mutants() -> None:
    """Each mutant is named with what it breaks."""
    result = CliRunner().invoke(command, ["--list-mutants"])
    assert [line.split()[0] for line in result.output.splitlines()] == sorted(MUTANTS)


def test_of_many_violations_the_first_are_shown() -> None:
    """They are mostly one fault; the rest is counted."""
    result = CliRunner().invoke(command, ["--mutant", "no-resend", "--seeds", "12"])
    told = [line for line in result.output.splitlines() if line.startswith("seed ")]
    violations = run_simulation(range(12), mutant="no-resend").violations
    assert (5, f"… and {violations - 5} more seeds") == (len(told), result.output.splitlines()[5])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["--seeds", "3", "--seed", "9"],
            "--seeds N runs the seeds from 0 on, --seed N runs one: leave out one",
        ),
        (["--mutant", "no-tomb"], "there is no mutant 'no-tomb'. Did you mean no-tombstone"),
        (["--mutant", "xyz"], "there is no mutant 'xyz'. `gossamer sim --list-mutants` names all"),
    ],
)
def test_what_can_not_be_meant_is_a_usage_error(arguments: list[str], expected: str) -> None:
    """Status 2, and what to write instead."""
    result = CliRunner().invoke(command, arguments)
    assert (2, True) == (result.exit_code, expected in " ".join(result.output.split()))
