"""Records that are refused: what a stranger writes around a heap takes little memory, and nothing of theirs runs."""

from __future__ import annotations

import gc
import math
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from types import GeneratorType
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from migrate import Module
from migrate.codec import encode, reader
from migrate.errors import BadRecord
from migrate.frame import Frame
from migrate.frame_parts import drop_generators
from scripts_api import Vector
from simulator.checkpoint import capture
from simulator.checkpoint_hosts import names_of_hosts
from simulator.checkpoint_record import FIELDS_BYTES_MAX, UnitRecord, encode_unit, read_unit
from simulator.checkpoint_restore import restore_unit
from simulator.drafts import Drafts
from simulator.errors import ScriptRefused
from simulator.limits import REPORT_BYTES_MAX
from simulator.world.modules import modules_of
from simulator.world.objects import WorldObject
from tests.regions import Grid

COUNTING = """
class Counting(Script):
    def on_start(self):
        self.numbers = [self.count(), self.count()]
        for each in self.numbers:
            next(each)
    def count(self):
        try:
            yield 1
            yield 2
        finally:
            raise KeyError("its finally has run")
"""
PLACE = b"\xa5place"


@pytest.fixture
def body() -> Iterator[WorldObject]:
    """An object whose script keeps generators."""
    grid = Grid("west")
    body = grid.object(grid.rez(COUNTING))
    yield body
    generators: list[GeneratorType[Any, Any, Any]] = []
    capture(body, generators)
    drop_generators(generators)


# --- What it takes ---


def with_place(unit: bytes, place: bytes) -> bytes:
    """A record with something else for the place of its object."""
    before, _, behind = unit.partition(PLACE)
    assert 0x93 == behind[0], "a list of three"
    return before + PLACE + place + behind[1 + 3 * 9 :]


@pytest.mark.parametrize("item", [b"\x80", b"\x90", b"\xa0"], ids=["dicts", "lists", "texts"])
def test_a_place_of_millions_of_things_is_never_made(body: WorldObject, item: bytes) -> None:
    """A byte of an empty dict would take seventy."""
    count = 4 * 1024 * 1024
    unit = with_place(capture(body), b"\xdd" + count.to_bytes(4, "big") + item * count)
    tracemalloc.start()
    with pytest.raises(BadRecord, match=f"bytes of fields, at most {FIELDS_BYTES_MAX} can be"):
        read_unit(unit)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1024 * 1024


def test_a_heap_and_parts_may_be_large(body: WorldObject) -> None:
    """They are bytes, and what is in them is looked at later."""
    record = read_unit(capture(body))
    for large in (
        replace(record, heap=bytes(2 * FIELDS_BYTES_MAX)),
        replace(record, parts=(bytes(FIELDS_BYTES_MAX), bytes(FIELDS_BYTES_MAX))),
    ):
        assert large == read_unit(encode_unit(large))


def test_lists_in_lists_without_end_are_refused(body: WorldObject) -> None:
    """As nothing that can be read, in a field and beside all fields."""
    deep = b"\x91" * 100_000 + b"\x90"
    unit = capture(body)
    assert 0x9E == unit[0], "fourteen fields"
    for bad in (with_place(unit, deep), b"\x9f" + unit[1:] + deep):
        with pytest.raises(BadRecord, match="recursion"):
            read_unit(bad)


@pytest.mark.parametrize("name", ["place", "velocity", "spin", "target", "scale"])
def test_numbers_that_no_script_could_give_are_refused(body: WorldObject, name: str) -> None:
    """As in the calls of the scripts' own API: what is not finite, or without measure."""
    record = read_unit(capture(body))
    assert record.fields is not None
    for number in (math.nan, math.inf, 1e300):
        fields = replace(record.fields, **{name: tuple.__new__(Vector, (number, 1.0, 1.0))})
        with pytest.raises(BadRecord, match="an object's state is wrong"):
            restore_unit(body.id, encode_unit(replace(record, fields=fields)), body.world)


@pytest.mark.parametrize("name", ["description", "text"])
def test_texts_that_no_script_could_give_are_refused(body: WorldObject, name: str) -> None:
    """They are shown to everybody."""
    record = read_unit(capture(body))
    assert record.fields is not None
    fields = replace(record.fields, **{name: "x" * 2_000})
    with pytest.raises(BadRecord, match="an object's state is wrong"):
        restore_unit(body.id, encode_unit(replace(record, fields=fields)), body.world)


@pytest.mark.parametrize("place", [b"\xa3abc", b"\xc0", b"\x80"], ids=["a text", "nothing", "a dict"])
def test_a_place_is_a_list_of_numbers(body: WorldObject, place: bytes) -> None:
    """And nothing else that could be gone through."""
    with pytest.raises(BadRecord, match="makes a Vector of a"):
        read_unit(with_place(capture(body), place))


def test_who_waits_for_nothing_has_no_time_out() -> None:
    """It would be woken while it runs."""
    grid = Grid("west")
    body = grid.object(
        grid.rez("class Busy(Script):\n    def on_start(self):\n        while True:\n            pass")
    )
    record = read_unit(capture(body))
    (fields,) = record.scripts
    (thread,) = fields.threads
    wrong = replace(fields, threads=(replace(thread, remaining_us=5),))
    with pytest.raises(BadRecord, match="waits for nothing has a time-out"):
        restore_unit(body.id, encode_unit(replace(record, scripts=(wrong,))), body.world)


def test_a_path_leads_somewhere(body: WorldObject) -> None:
    """Its target stands among the fields."""
    path = (((body.place, 1_000),), 0, False, None)
    values = {"object": {"path": path}, "scripts": [{"instance": body.scripts[0].instance}]}
    with pytest.raises(BadRecord, match="a path to nowhere"):
        restore_unit(body.id, with_heap(body, values, 3), body.world)


# --- What runs ---


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Errors out of what nobody has called."""
    found: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda what: found.append(what.exc_value))
    return found


def with_queue(record: UnitRecord, body: WorldObject) -> UnitRecord:
    """The record with a queue that is a number."""
    values = {"scripts": [{"instance": body.scripts[0].instance, "queue": 5}]}
    heap = encode(values, modules=modules_of(body), externals=names_of_hosts(body))
    return replace(record, heap=heap)


BAD: dict[str, Callable[[UnitRecord, WorldObject], UnitRecord]] = {
    "queue": with_queue,
    "fields": lambda record, body: replace(record, fields=None),
    "scripts": lambda record, body: replace(record, scripts=()),
    "part": lambda record, body: replace(record, parts=(encode_unit(replace(record, heap=b"x")),)),
}


@pytest.mark.parametrize("bad", BAD)
def test_no_finally_runs_of_what_is_refused(body: WorldObject, ran: list[object], bad: str) -> None:
    """Nothing would end it there: neither of a unit nor of a draft."""
    unit = encode_unit(BAD[bad](read_unit(capture(body)), body))
    with pytest.raises(BadRecord):
        restore_unit(body.id, unit, body.world)
    drafts = Drafts(body.world)
    drafts.open(body.id, unit)
    gc.collect()
    assert (0, []) == (len(drafts), ran)


def test_no_finally_runs_of_a_unit_with_other_riders(body: WorldObject, ran: list[object]) -> None:
    """It has been put together by then."""
    with pytest.raises(BadRecord, match="other parts than those that were sent along"):
        restore_unit(body.id, capture(body), body.world, riders=("west:9",))
    gc.collect()
    assert [] == ran


def test_no_finally_runs_where_a_later_generator_can_not_go_on(
    body: WorldObject, ran: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The former stands in its `try` already."""
    begun: list[Any] = []

    def start(generator: GeneratorType[Any, Any, Any], frame: Frame) -> None:
        if begun:
            raise ValueError("no further")
        begun.append(next(generator))

    monkeypatch.setattr(reader, "start_generator", start)
    with pytest.raises(BadRecord, match="no further"):
        restore_unit(body.id, capture(body), body.world)
    gc.collect()
    assert (1, []) == (len(begun), ran)


def test_a_module_whose_top_level_fails_now_is_a_reason_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may hang on chance, or on how long it takes."""

    def refused(_: str) -> Module:
        raise ScriptRefused("not today")

    grid = Grid("west")
    body = grid.object(
        grid.rez("KEPT = []\nclass Keeper(Script):\n    def on_start(self):\n        KEPT.append(1)")
    )
    unit, drafts = capture(body), Drafts(body.world)
    monkeypatch.setattr(grid["west"].programs, "another", refused)
    with pytest.raises(BadRecord, match="not today"):
        restore_unit(body.id, unit, body.world)
    drafts.open(body.id, unit)
    assert 0 == len(drafts)


EVIL = """
class Claims:
    @property
    def __class__(self):
        raise RuntimeError("its class has run")
class Dict(dict):
    def get(self, *key):
        raise RuntimeError("its get has run")
    def setdefault(self, *key):
        raise RuntimeError("its setdefault has run")
    def __getitem__(self, key):
        raise RuntimeError("its item has run")
class Meta(type):
    @property
    def __name__(self):
        raise RuntimeError("its name has run")
class Named(metaclass=Meta):
    pass
class Own(Exception):
    def __repr__(self):
        raise RuntimeError("its text has run")
class Tuple(tuple):
    def __iter__(self):
        raise Own("its iter has run")
class Evil(Script):
    def on_start(self):
        self.evil = {"claims": Claims(), "dict": Dict(scripts=[]), "named": Named(), "tuple": Tuple()}
"""


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("where", ["root", "object", "scripts", "script", "queue", "store"])
@pytest.mark.parametrize("evil", ["claims", "dict", "named"])
def test_no_method_runs_where_values_are_looked_at(evil: str, where: str, version: int) -> None:
    """A value is what its type is, whatever it says of itself."""
    body, value = with_evil(evil)
    values: Any = {"object": {}, "scripts": [{"instance": body.scripts[0].instance}]}
    if where == "root":
        values = value
    elif where == "script":
        values["scripts"] = [value]
    elif where == "queue":
        values["scripts"][0]["queue"] = value
    elif where == "store":
        values["object"] = {"store": value}
    else:
        values[where] = value
    if version == 2 and where in ("queue", "store"):
        values["object"] |= {"place": body.place, "age_us": 0}
    with pytest.raises(BadRecord) as refusal:
        restore_unit(body.id, with_heap(body, values, version), body.world)
    assert "has run" not in str(refusal.value)


def test_what_a_method_raises_is_a_reason_to_refuse() -> None:
    """Where one is asked all the same."""
    body, value = with_evil("tuple")
    values = {"scripts": [{"instance": body.scripts[0].instance, "listens": [value]}]}
    with pytest.raises(BadRecord, match=r"Own\('its iter has run'\)"):
        restore_unit(body.id, with_heap(body, values, 3), body.world)


def with_evil(name: str) -> tuple[WorldObject, Any]:
    """An object and one of the values that its script keeps."""
    grid = Grid("west")
    body = grid.object(grid.rez(EVIL))
    return body, body.scripts[0].instance.__dict__["evil"][name]


def with_heap(body: WorldObject, values: Any, version: int) -> bytes:
    """The object's record with these values."""
    heap = encode(values, modules=modules_of(body), externals=names_of_hosts(body))
    return encode_unit(replace(read_unit(capture(body)), heap=heap, version=version))


# --- How scripts have failed ---


@pytest.mark.parametrize("text", [r"'\ud800'", "'x' * 3_000_000"], ids=["half a character", "long"])
def test_any_error_of_a_script_can_be_written_and_read(text: str) -> None:
    """As text that takes little, and tells where it came from."""
    grid = Grid("west", everywhere=True)
    box = grid.rez(f"class Failing(Script):\n    def on_start(self):\n        raise ValueError({text})")
    error = grid.fails(box)
    assert error is not None
    assert "in on_start" in error
    assert len(error.encode()) <= REPORT_BYTES_MAX + 100


def test_an_error_of_an_earlier_record_can_be_written() -> None:
    """Earlier versions kept it whole, and half characters too."""
    grid = Grid("west")
    body = grid.object(grid.rez("class Box(Script):\n    pass"))
    record = read_unit(capture(body))
    (fields,) = record.scripts
    plain = {
        name: getattr(fields, name)
        for name in fields.__struct_fields__
        if name not in ("threads", "timers", "condition")
    }
    state = plain | {"instance": body.scripts[0].instance, "error": "\ud800" * 9_000}
    assert record.fields is not None
    values = {"object": msgspec.structs.asdict(record.fields), "scripts": [state]}
    heap = encode(values, modules=modules_of(body), externals=names_of_hosts(body))
    earlier = encode_unit(replace(record, version=2, heap=heap, fields=None, scripts=()))
    made, _ = restore_unit(body.id, earlier, body.world)
    (fields,) = read_unit(capture(made)).scripts
    assert fields.error is not None
    assert len(fields.error) <= REPORT_BYTES_MAX + 100
