"""Real processes in a storm: simulators are killed and stopped, connections cut, held, delayed and doubled.

Each test ends with everything mended, and then the walkers' own books must be complete and without a gap, and
the stores must hold each walker once and nothing under way. `CHAOS_OBJECTS`, `CHAOS_SECONDS` and `CHAOS_SEED`
make a storm larger, longer or another one; a seed draws the same faults, but processes have their own time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from migrate.handoff import State
from migrate.rows import ExchangeState
from simulator.store.reading import read_store
from tests.squares import NAMES, Square, Walk, corner_walkers, crossing_walkers
from tests.storms import Storm

OBJECTS = int(os.environ.get("CHAOS_OBJECTS", "2000"))
STORM_S = float(os.environ.get("CHAOS_SECONDS", "60"))
SEED = int(os.environ.get("CHAOS_SEED", "1"))
PATIENCE_S = 300.0
STORM_WALK = Walk(steps=60, step_s=1.0, letters=20, letter_s=3.0)
CORNER_WALK = Walk(steps=50, step_s=0.4, letters=20, letter_s=1.0)

pytestmark = pytest.mark.slow


@contextmanager
def square(folder: Path, walk: Walk, objects: dict[str, dict[str, Any]]) -> Iterator[Square]:
    made = Square(folder, walk, objects)
    try:
        for name in NAMES:
            made.start(name)
        yield made
    finally:
        made.close()


def check_the_end(square: Square, walk: Walk) -> None:
    """All books are complete, each walker is in one store once, and nothing is under way."""
    books = square.settle(PATIENCE_S)
    assert {} == square.ended()
    crossings = sum(each["crossings"] for each in books.values())
    print(f"{len(books)} walkers crossed {crossings} times; simulators were started {square.starts} times")
    assert crossings > len(books)
    kept = {
        id: {name: value for name, value in each.items() if name != "crossings"} for id, each in books.items()
    }
    assert len(square.objects) == len(kept)
    assert {} == {id: each for id, each in kept.items() if each != walk.books()}
    square.heal()
    assert {} == square.drain(PATIENCE_S)
    assert dict.fromkeys(NAMES, 0) == square.stop()
    states = {name: stored(square, name) for name in NAMES}
    owners = [
        id for state in states.values() for id, hand in state.hands.items() if hand.state == State.OWNED
    ]
    assert sorted(kept) == sorted(owners)
    # Here and there an idle pair ends meanwhile, which takes a message; but no object is under way.
    assert [State.OWNED, State.TOMB] == sorted(
        {State(hand.state) for state in states.values() for hand in state.hands.values()}
    )


def stored(square: Square, name: str) -> ExchangeState:
    """What a region's store knows of all objects; it holds the checkpoints of just those that it owns."""
    rows = read_store(square.store(name)).rows
    state = ExchangeState.from_rows(rows)
    owned_here = [id for id, hand in state.hands.items() if hand.state == State.OWNED]
    assert sorted(key for kind, key in rows if kind == "object") == sorted(owned_here)
    return state


def test_nothing_is_lost_or_doubled_in_a_storm(tmp_path: Path) -> None:
    """Thousands of crossings and letters while processes die and the network is as bad as can be."""
    random = Random(SEED)
    with square(tmp_path, STORM_WALK, crossing_walkers(OBJECTS, STORM_WALK, random)) as made:
        storm = Storm(made, random)
        storm.rage(STORM_S)
        check_the_end(made, STORM_WALK)


def test_all_survive_a_slow_corner(tmp_path: Path) -> None:
    """A second of delay at a corner of four regions, and all cross twice there: none is lost or doubled."""
    with square(tmp_path, CORNER_WALK, corner_walkers(100, Random(SEED))) as made:
        made.change_network(lambda: [setattr(proxy, "delay_s", 1.0) for proxy in made.paths])
        check_the_end(made, CORNER_WALK)
