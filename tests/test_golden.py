"""Formats are for ever: what every earlier version has written is read, understood and carried on with."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from migrate import Finished, Microthread
from migrate.codec import decode
from migrate.engines import Engine
from migrate.messages import decode_durable, decode_frame, decode_volatile, encode_frame
from migrate.verify.portrait import portrait
from simulator.inspection import inspect_region
from simulator.store.reading import read_store
from tests.make_golden import DURABLE, FRAME, GOLDEN, JOURNEY, SUMS, VOLATILE, journey, sums
from tests.regions import Grid
from tests.scripts import ENGINES, to_end

RECORDS = [
    pytest.param(path, index, id=f"{path.stem}-{index}")
    for path in sorted((GOLDEN / "records").glob("*.msgpack"))
    for index in range(len(msgspec.msgpack.decode(path.read_bytes())))
]
FRAMES = sorted((GOLDEN / "frames").glob("*.frame"))
REGIONS = sorted((GOLDEN / "regions").glob("*.sqlite"))


@pytest.fixture(scope="module")
def expected() -> list[str]:
    """What the kept program comes to as plain Python."""
    module = ModuleType("golden_journey")
    sys.modules[module.__name__] = module
    exec(compile(JOURNEY.read_text(), JOURNEY.name, "exec"), module.__dict__)
    return portrait(module.__dict__["main"]())


def test_there_are_golden_files_of_every_kind() -> None:
    """So that none of the tests below is empty."""
    assert (True, True, True) == (len(RECORDS) > 10, len(FRAMES) > 0, len(REGIONS) > 0)


def test_no_golden_file_was_changed() -> None:
    """Files are only ever added, by `python -m tests.make_golden`."""
    noted = dict(reversed(line.split("  ")) for line in SUMS.read_text().splitlines())
    assert noted == sums()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("path", "index"), RECORDS)
def test_a_record_of_any_version_goes_on(path: Path, index: int, engine: Engine, expected: list[str]) -> None:
    """A microthread that an earlier version has captured ends as if it had never stopped."""
    module = journey()
    modules = {module.program.hash: module}
    record = msgspec.msgpack.decode(path.read_bytes())[index]
    # Nothing else may hold the frames: the program's generators end when it lets go of them.
    step = to_end(Microthread.restore(decode(record, modules=modules), modules, engine=engine))
    assert isinstance(step, Finished)
    assert expected == portrait(step.value)


@pytest.mark.parametrize("path", FRAMES, ids=lambda path: path.stem)
def test_a_frame_of_any_version_says_the_same(path: Path) -> None:
    """Every message in it is understood as it was meant."""
    frame = decode_frame(path.read_bytes())
    assert DURABLE == tuple(map(decode_durable, frame.bodies))
    assert VOLATILE == tuple(map(decode_volatile, frame.whispers))
    head = {"bodies": (), "whispers": (), "version": FRAME.version}
    assert msgspec.structs.replace(FRAME, **head) == msgspec.structs.replace(frame, **head)


def test_the_present_version_still_writes_its_golden_frame() -> None:
    """Whoever changes what is written must raise the version, and add another file."""
    assert encode_frame(FRAME) == (GOLDEN / "frames" / f"version_{FRAME.version}.frame").read_bytes()


def opened(path: Path) -> Grid:
    """The golden region, running, beside a neighbour that has never heard of it."""
    grid = Grid("west", "east", edges=20, slices=4)
    west = grid["west"]
    west.store.commit(west.store.lease, 1, read_store(path).rows)
    west.crash()
    return grid


@pytest.mark.parametrize("path", REGIONS, ids=lambda path: path.stem)
def test_a_region_of_any_version_goes_on(path: Path) -> None:
    """Its script ends its loop, its sleep, its question, its timers, and hears of the touches that waited.

    What it owes its neighbour is delivered, and comes back from an object that never was.
    """
    grid = opened(path)
    before: dict[str, Any] = grid.state("west:1")
    grid.run(4.0)
    after = grid.state("west:1")
    assert 0 < before["count"] < after["count"] == 1200
    assert ["done 1", "done 2", "done 3"] == [line for line in after["diary"] if line.startswith("done")]
    for line in ("slept", "answered how far? keeper", "news None", "alarm False", "touched by eve"):
        assert line in after["diary"], line
    assert after["ticks"] >= 7
    assert [1, 2.5, "three"] == grid.object("west:1").scripts[0].store_get("kept")
    assert {} == grid.object("west:1").world.quarantined
    assert ["east:9"] == grid.state("west:2")["lost"]


@pytest.mark.parametrize("path", REGIONS, ids=lambda path: path.stem)
def test_a_region_of_any_version_can_be_looked_into(path: Path) -> None:
    """Without a word of something that can't be read."""
    text = "\n".join(inspect_region(read_store(path)))
    assert "object west:1  'keeper' of ada" in text
    assert "link to east: 0 acknowledged, 0 taken, 1 in the outbox" in text
    assert "can't" not in text
