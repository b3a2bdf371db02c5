"""The corpus: one small program for each thing that a script may hold, moved at every suspension point.

Each case runs as plain Python and as a microthread that is captured, encoded, dropped, decoded into a new instance of
the program and restored, and must leave the same output, result, exception with its lines, and globals.
"""

from __future__ import annotations

import dataclasses

import pytest

from migrate.codec import decode, encode
from migrate.engines import Engine
from migrate.injector import Module
from migrate.verify import Leg, Outcome, Runner, Task, verify, verify_in_processes
from tests.corpus_cases import CORPUS, cases, program_of
from tests.needs import need_python

CASES = cases()

RECORDS_COMPARED = 8

CASES_MIN = 200
"""So many things a script may hold are known to us."""

EVERY_CASE = pytest.mark.parametrize(("file", "entry"), CASES, ids=lambda part: part.removesuffix(".py"))

WHILE_THEY_ALTERNATE: tuple[Engine, ...] = ("generator", "native")


@EVERY_CASE
@pytest.mark.parametrize(
    ("engines", "every"),
    [(("generator",), 1), (("native",), 1), (WHILE_THEY_ALTERNATE, 1), (("generator",), 3)],
    ids=["generator", "native", "alternating", "every third"],
)
def test_moving_changes_nothing(file: str, entry: str, engines: tuple[Engine, ...], every: int) -> None:
    """A program that moves leaves what it would have left in one place."""
    verdict = verify(program_of(file), entry, every=every, engines=engines)
    assert verdict.difference is None
    if every == 1:
        assert verdict.restores > 0, "the case never suspends: it proves nothing"


@EVERY_CASE
def test_the_same_state_gives_the_same_bytes(file: str, entry: str) -> None:
    """Two runs write the same records, so equal ones can be told by their hash."""
    assert _records(file, entry) == _records(file, entry)


def _records(file: str, entry: str) -> list[bytes]:
    runner, records = Runner(program_of(file), entry, [], 1), list[bytes]()
    record = runner.leg(None, "generator").record
    while record is not None and len(records) < RECORDS_COMPARED:
        records.append(record)
        record = runner.leg(record, "generator").record
    return records


def test_the_corpus_is_large_enough() -> None:
    """Cases are added, not lost."""
    assert len(CASES) >= CASES_MIN


@pytest.mark.parametrize(
    ("file", "entry", "spoil"),
    [
        ("expressions.py", "left_operand_is_kept", "drop a kept operand"),
        ("control_flow.py", "while_else", "go back to the first loop"),
        ("finally_.py", "pending_error_goes_on", "forget the pending error"),
        ("functions.py", "globals_change", "forget the globals"),
    ],
)
def test_the_proof_can_fail(file: str, entry: str, spoil: str) -> None:
    """A move that loses something is found."""
    runner = _Spoiling(file, entry, spoil)
    verdict = verify(program_of(file), entry, run_leg=runner.leg)
    assert not verdict.equal


class _Spoiling:
    """Runs legs, and damages each record in one way."""

    def __init__(self, file: str, entry: str, spoil: str) -> None:
        self._program = program_of(file)
        self._runner = Runner(self._program, entry, [], 1)
        self._spoil = spoil

    def leg(self, record: bytes | None, engine: Engine) -> Leg:
        try:
            leg = self._runner.leg(record, engine)
        except Exception as error:  # noqa: BLE001 - a spoilt record may break anything; that too is found
            return Leg(outcome=Outcome(error=[repr(error)]))
        if leg.record is not None:
            leg.record = self._spoilt(leg.record)
        return leg

    def _spoilt(self, record: bytes) -> bytes:
        modules = {self._program.hash: Module(self._program)}
        frames, (values, *rest) = decode(record, modules=modules)
        outermost = frames[0]
        if self._spoil == "drop a kept operand":
            for name in [n for n in outermost.locals if n.startswith("$kept")]:
                outermost.locals[name] = [0]
        elif self._spoil == "go back to the first loop":
            outermost = dataclasses.replace(outermost, point="call:0")
        elif self._spoil == "forget the pending error":
            for name in [n for n in outermost.locals if n.startswith("$outcome")]:
                outermost.locals[name] = None
        else:
            values = {}
        return encode(((outermost, *frames[1:]), (values, *rest)), modules=modules)


OTHER_PYTHONS = ("3.12.1", "3.13.0")


@pytest.mark.slow
@pytest.mark.parametrize("version", OTHER_PYTHONS)
@pytest.mark.parametrize("file", sorted(path.name for path in CORPUS.glob("*.py")))
def test_moving_to_another_python_changes_nothing(file: str, version: str) -> None:
    """Every case goes to and fro between this Python and another one at every suspension."""
    python = need_python(version)
    source = (CORPUS / file).read_text()
    differences = {}
    for name, entry in CASES:
        if name == file:
            task = Task(source, f"tests/corpus/{file}", entry, [], 1)
            verdict = verify_in_processes(task, engines=WHILE_THEY_ALTERNATE, pythons=[python])
            if not verdict.equal:
                differences[entry] = verdict.difference
    assert {} == differences
