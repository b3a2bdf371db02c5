"""`verify`: run both, compare, tell the first difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from migrate.codec import decode, encode
from migrate.engines import Engine
from migrate.frame import Frame
from migrate.injector import Module, Program
from migrate.verify.running import Hop, Hops, Outcome, run_hopping, run_plain


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found. `difference`: the first one, None if there is none."""

    equal: bool
    suspensions: int
    restores: int
    pinned: int
    points: frozenset[str]
    difference: str | None


def verify(
    program: Program,
    entry: str = "main",
    args: Sequence[Any] = (),
    every: int = 1,
    *,
    hop: Hop | None = None,
    engines: tuple[Engine, ...] = ("generator",),
) -> Verdict:
    """Compare a plain run with one that moves at every so manieth suspension, each time to the next of `engines`.

    Raises CaptureRefused when something in the program cannot travel.
    """
    plain = run_plain(program, entry, list(args))
    moved, hops = run_hopping(program, entry, list(args), every, hop or through_bytes, engines)
    return _verdict(plain, moved, hops)


def through_bytes(frames: tuple[Frame, ...], module: Module) -> tuple[tuple[Frame, ...], Module]:
    """Encode everything, and decode it into a new instance of the program."""
    fresh = module.sibling()
    data = encode((frames, module.changes(fresh)), modules={module.program.hash: module})
    moved, changes = decode(data, modules={fresh.program.hash: fresh})
    fresh.put_changes(changes)
    return moved, fresh


def without_bytes(frames: tuple[Frame, ...], module: Module) -> tuple[tuple[Frame, ...], Module]:
    """Keep the live values: shows what the injector alone does."""
    return frames, module


def _verdict(plain: Outcome, moved: Outcome, hops: Hops) -> Verdict:
    difference = _first_difference(plain, moved)
    return Verdict(difference is None, hops.suspensions, hops.restores, hops.pinned, frozenset(hops.points), difference)


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
            return f"item {number}: plain Python has {one!r}, the microthread {other!r}"
    longer, side = (expected, "plain Python") if len(expected) > len(actual) else (actual, "the microthread")
    return f"only {side} has {longer[min(len(expected), len(actual))]!r}"
