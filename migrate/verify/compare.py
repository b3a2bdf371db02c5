"""`verify`: run both, compare, tell the first difference."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

from migrate.engines import Engine
from migrate.injector import Program
from migrate.verify.running import Leg, Outcome, Runner, run_plain
from migrate.verify.workers import Task, Worker, environment_for, this_python


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found. `difference`: the first one, None if there is none.

    `pinned`: suspensions below native code, where nothing could be captured. `points`: where it was captured.
    `raised`: the exception that plain Python ended with, if it did.
    """

    equal: bool
    suspensions: int
    restores: int
    pinned: int
    points: frozenset[str]
    difference: str | None
    raised: str = ""


RunLeg: TypeAlias = Callable[[bytes | None, Engine], Leg]


def verify(
    program: Program,
    entry: str = "main",
    args: Sequence[Any] = (),
    every: int = 1,
    *,
    engines: tuple[Engine, ...] = ("generator",),
    trusted: bool = False,
    run_leg: RunLeg | None = None,
) -> Verdict:
    """Compare a plain run with one that moves at every so manieth suspension, each time to the next of `engines`.

    `trusted`: with the values of trusted mode. `run_leg`: how a leg is run; by default in this process. Raises
    CaptureRefused when something in the program cannot travel.
    """
    plain = run_plain(program.source, program.filename, entry, args)
    return _verdict(
        plain, _legs(run_leg or Runner(program, entry, args, every, trusted=trusted).leg, engines)
    )


def verify_in_processes(
    task: Task,
    *,
    engines: tuple[Engine, ...] = ("generator",),
    pythons: Sequence[str] = (),
    fresh: bool = False,
) -> Verdict:
    """The same in processes of their own: `fresh` for each leg, `pythons` in turn with this one.

    Raises CaptureRefused, and WorkerFailed if a process ends with a bug of ours.
    """
    interpreters = [this_python(), *(environment_for(python) for python in pythons)]
    with _Crew(task, interpreters, fresh) as crew:
        return _verdict(crew.plain(), _legs(crew.leg, engines))


class _Crew:
    """Workers under several Pythons that take turns."""

    def __init__(self, task: Task, interpreters: list[str], fresh: bool) -> None:
        self._task, self._fresh = task, fresh
        self._turns = itertools.cycle(interpreters)
        self._workers: dict[str, Worker] = {}

    def __enter__(self) -> _Crew:
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self._workers.values():
            worker.close()

    def _next(self) -> Worker:
        python = next(self._turns)
        if self._fresh and python in self._workers:
            self._workers.pop(python).close()
        if python not in self._workers:
            self._workers[python] = Worker(python, self._task)
        return self._workers[python]

    def plain(self) -> Outcome:
        return self._next().plain()

    def leg(self, record: bytes | None, engine: Engine) -> Leg:
        return self._next().leg(record, engine)


def _legs(run_leg: RunLeg, engines: tuple[Engine, ...]) -> Iterator[Leg]:
    record: bytes | None = None
    for engine in itertools.cycle(engines):
        leg = run_leg(record, engine)
        yield leg
        record = leg.record
        if record is None:
            return


def _verdict(plain: Outcome, legs: Iterator[Leg]) -> Verdict:
    listed = list(legs)
    moved = listed[-1].outcome
    assert moved is not None
    moved.output = "".join(leg.output for leg in listed)
    difference = _first_difference(plain, moved)
    if difference is not None:
        difference += (
            f" (captured at {', '.join(leg.point for leg in listed[:-1][-3:]) or 'no point'} before it)"
        )
    return Verdict(
        difference is None,
        sum(leg.suspensions for leg in listed),
        len(listed) - 1,
        sum(leg.pinned for leg in listed),
        frozenset(leg.point for leg in listed if leg.point),
        difference,
        plain.raised,
    )


def _first_difference(plain: Outcome, moved: Outcome) -> str | None:
    for field in fields(Outcome):
        expected, actual = getattr(plain, field.name), getattr(moved, field.name)
        if expected != actual:
            if isinstance(expected, str):
                expected, actual = expected.splitlines(), actual.splitlines()
            return f"{field.name}: {_first_line(expected, actual)}"
    return None


def _first_line(expected: list[Any], actual: list[Any]) -> str:
    for number, (one, other) in enumerate(zip(expected, actual, strict=False), 1):
        if one != other:
            return f"line {number}: plain Python has {one!r}, the microthread {other!r}"
    longer, side = (expected, "plain Python") if len(expected) > len(actual) else (actual, "the microthread")
    return f"only {side} has {longer[min(len(expected), len(actual))]!r}"
