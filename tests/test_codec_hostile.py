"""Records from a stranger: whatever the bytes are, nothing is called, changed or filled up by reading them."""

from __future__ import annotations

import pickle
import random
import re
import resource
import struct
import zlib
from collections.abc import Callable
from types import GeneratorType
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrate import Module
from migrate.codec import decode, encode
from migrate.codec.codes import DICT, LIST
from migrate.codec.keys import require_cheap
from migrate.codec.record import VERSION, Heap, open_record, seal
from migrate.codec.runs import _COLUMN, RUNS
from migrate.codec.screen import Room, _Keys, _run, screen
from migrate.errors import BadRecord, CaptureRefused, UnknownProgram
from migrate.frame import Frame
from migrate.limits import RECORD_MEMORY_MAX
from scripts_api import Message, ObjectRef, Vector
from tests.scripts import module_of, slices_of, start

MODULE: Module = module_of(
    """
    import collections, dataclasses, enum

    class Colour(enum.Enum):
        RED = 1

    @dataclasses.dataclass(frozen=True)
    class Point:
        x: int

    class Rocket:
        fuel = 5
        def __init__(self):
            self.parts = {Point(1): [1, {2}], "colour": Colour.RED}
        def fly(self, n):
            lines = (x * 2 for x in range(n))
            next(lines)
            it = iter({"a": 1, "b": n}.items())
            for i in it:
                for _ in range(2):
                    n += 1
            return n, lines, lambda: n

    def main():
        rocket = Rocket()
        try:
            raise ValueError("x")
        except ValueError as error:
            rocket.fly(3)
            return error
    """
)
MODULES = {MODULE.program.hash: MODULE}


def good_record() -> bytes:
    """A record with a little of everything."""
    thread = start(MODULE, "main")
    with slices_of(3):
        thread.resume()
        return encode(thread.capture(), modules=MODULES)


GOOD = good_record()


def record_of(body: bytes, programs: tuple[str, ...] = ()) -> bytes:
    """A record whose envelope is in order."""
    return seal(programs, body)


def test_the_good_record_is_good() -> None:
    """Else the tests below would prove nothing."""
    frames = decode(GOOD, modules=MODULES)
    assert all(isinstance(frame, Frame) for frame in frames)


EVIL: dict[str, bytes] = {
    "a name": b"\x80\x05cos\nsystem\n.",
    "a name from the stack": b"\x80\x05\x8c\x02os\x8c\x06system\x93.",
    "an instance by name": b"\x80\x05(ios\nsystem\n.",
    "build on a dict": b"\x80\x05}}b.",
    "build on a factory": b"\x80\x05h\x05}\x8c\x01ah\x05sb.",
    "reduce of a string": b"\x80\x05\x8c\x01a)R.",
    "newobj": b"\x80\x05h\x05)\x81.",
    "extension cache": b"\x80\x05\x82\x01.",
    "persistent id": b"\x80\x05\x8c\x01aQ.",
    "a memo that is not there": b"\x80\x05h\xff.",
    "a memo put far out": b"\x80\x05]r\xff\xff\xff\x3f.",
    "a text of four gigabytes": b"\x80\x05\x8d" + struct.pack("<Q", 1 << 32) + b"a.",
    "a bytearray of a terabyte": b"\x80\x05\x96" + struct.pack("<Q", 1 << 40) + b"a.",
    "a long of a gigabyte": b"\x80\x05\x8b" + struct.pack("<i", 1 << 30) + b"a.",
    "a negative count": b"\x80\x05\x8b" + struct.pack("<i", -1) + b"a.",
    "trailing bytes": b"\x80\x05N.N.",
    "two values": b"\x80\x05NN.",
    "no end": b"\x80\x05N",
    "nothing": b"\x80\x05.",
    "a factory as a value": b"\x80\x05h\x05.",
    "a factory in a list": b"\x80\x05]h\x05a.",
    "a factory in a list of plain values": b"\x80\x05]\x94(K\x01h\x05e.",
    "a factory in a tuple": b"\x80\x05h\x05K\x01\x86.",
    "a factory by a long number in a list": b"\x80\x05]\x94(K\x01j\x05\0\0\0e.",
    "a factory kept under another number": b"\x80\x05h\x05\x940]\x94(h\x40e.",
    "a list that does not end": b"\x80\x05]\x94(K\x01K\x02",
    "a list of what was never kept": b"\x80\x05]\x94(h\xf0e.",
    "another protocol": pickle.dumps({"a": 1}, 2),
    "text opcodes": b"\x80\x05I1\n.",
    "a frame beyond the end": b"\x80\x05\x95" + struct.pack("<Q", 1 << 50) + b"N.",
    "an unfinished mark": b"\x80\x05(N.",
    "a list as a key": b"\x80\x05}]Ns.",
    "appending to what a factory made": b"\x80\x05h\x05)Ra.",
    "deep tuples as a key": b"\x80\x05}N" + b"\x85" * 100_000 + b"Ns.",
    "out of band": b"\x80\x05\x97.",
    "stack underflow": b"\x80\x05R.",
    "an iterator that stands at the end of the world": (
        b"\x80\x05h\x0e(\x8c\x04dict\x8c\x04keys}" + (b"\x8a\x08" + struct.pack("<q", 1 << 62)) * 2 + b"tR."
    ),
    "a million marks": b"\x80\x05" + b"(" * 1_000_000 + b"1" * 1_000_000 + b"N.",
}


def itertool(name: str, *arguments: bytes) -> bytes:
    """Opcodes that make an iterator of `itertools`."""
    return b"h\x0e(\x8c\x08itertool\x8c%c%b(%btt" % (len(name), name.encode(), b"".join(arguments)) + b"R"


@pytest.mark.parametrize("name", ["product", "permutations", "combinations", "combinations_with_replacement"])
def test_what_takes_all_items_at_once_is_given_no_iterator(name: str) -> None:
    """One without an end would take all memory of the machine."""
    sizes = (b"K\x02",) if name.startswith("combinations") else ()
    for endless in (itertool("count"), itertool("repeat", b"N")):
        with pytest.raises(BadRecord, match="where a tuple belongs"):
            decode(record_of(b"\x80\x05" + itertool(name, endless, *sizes) + b"."), modules={})


def test_what_many_containers_copy_of_one_list_is_reckoned() -> None:
    """A hundred kilobytes could take all memory of the machine: a list in as many deques."""
    body = b"\x80\x05]\x94(" + b"N" * 100_000 + b"e0"
    for number in range(0x41, 0x41 + 30):
        body += b"h\x10\x8c\x05deque\x85R\x940h\x11h%ch\x40N\x86N\x86\x86R0" % number
    with pytest.raises(BadRecord, match="would take more than"):
        decode(record_of(body + b"N."), modules={})


def test_steps_of_iterators_over_a_deque_are_reckoned() -> None:
    """Many over a long one would step for hours to where they were."""
    deque = b"h\x10\x8c\x05deque\x85R\x940h\x11h\x40](" + b"N" * 100_000 + b"eN\x86N\x86\x86R0"
    many = (b"h\x0e\x8c\x05dequeh\x40J" + struct.pack("<i", 100_000) + b"\x87R0") * 100
    with pytest.raises(BadRecord, match="would take more than"):
        decode(record_of(b"\x80\x05" + deque + many + b"N."), modules={})


def test_what_partials_copy_of_each_other_is_reckoned() -> None:
    """Each adds one argument to a hundred thousand."""
    value = b"h\x1a(\x8c\x07partial"
    body = value + b"h\x1a\x8c\x0aitemgetterN\x85\x86R(" + b"N" * 100_000 + b"t}tR"
    for _ in range(30):
        body = value + body + b"N\x85}tR"
    with pytest.raises(BadRecord, match="would take more than"):
        decode(record_of(b"\x80\x05" + body + b"."), modules={})


@pytest.mark.parametrize(
    ("text", "many"), [("[\0-\uffff]" * 400, 1), ("[a\u0100\uff00]" * 300, 30), ("x" * 2_000, 100)]
)
def test_expressions_that_take_long_to_compile_are_refused(text: str, many: int) -> None:
    """One of two thousand characters can take two seconds, and a record has room for thousands."""
    body = b"\x80\x05("
    for number in range(many):
        written = f"{text}{number}"[-2_000:].encode()
        body += b"h\x1dX" + struct.pack("<I", len(written)) + written + b"K\x02\x86R"
    with pytest.raises(BadRecord, match="would take more than"):
        decode(record_of(body + b"t."), modules={})


def local_class(base: int, slots: bytes) -> bytes:
    """A class that extends what was kept under a number, kept itself; `slots`: what puts them on the stack."""
    return b"h\x23(K\x00\x8c\x01A\x8c\x01Aj" + struct.pack("<I", base) + b"\x85" + slots + b"\x89tR\x940"


OBJECT = b"\x80\x05h\x07\x8c\x06object\x85R\x940"


def test_classes_do_not_descend_from_thousands() -> None:
    """In each the whole line stands: memory would grow with the square of their number."""
    hashes = (MODULE.program.hash,)
    for count in (50, 100):
        body = OBJECT + b"".join(local_class(0x40 + number, b"N") for number in range(count)) + b"N."
        if count == 50:
            assert decode(record_of(body, hashes), modules=MODULES) is None
            continue
        with pytest.raises(BadRecord, match="derives the class 'A' from what it may not"):
            decode(record_of(body, hashes), modules=MODULES)


def test_slots_that_many_classes_share_are_reckoned() -> None:
    """Each class has room for each of them."""
    slots = b"(" + b"".join(b"\x8c\x05s%04d" % number for number in range(5_000)) + b"t\x94"
    body = OBJECT + slots + b"0" + local_class(0x40, b"h\x41") * 100 + b"N."
    with pytest.raises(BadRecord, match="would take more than"):
        decode(record_of(body, (MODULE.program.hash,)), modules=MODULES)


@pytest.mark.parametrize("name", ["staticmethod", "classmethod", "property"])
def test_methods_are_made_of_functions_alone(name: str) -> None:
    """They look for attributes of what they are made of; an instance of a script's class answers by its own code."""
    body = b"\x80\x05h\x1a\x8c" + bytes([len(name)]) + name.encode() + b"K\x01\x86R."
    with pytest.raises(BadRecord, match="a method of a int, which is no function"):
        decode(record_of(body), modules={})
    method: object = {"staticmethod": staticmethod, "classmethod": classmethod, "property": property}[name](1)
    with pytest.raises(CaptureRefused, match="of a 'int' cannot travel: make it of a function"):
        encode([method], modules={})


@pytest.mark.parametrize("body", EVIL.values(), ids=EVIL.keys())
def test_tricks_are_refused(body: bytes) -> None:
    """Each is refused before or while it is read, with the error for it, and nothing happens."""
    before = set(vars(MODULE.namespace["Rocket"]))
    with pytest.raises((BadRecord, UnknownProgram)):
        decode(record_of(body, (MODULE.program.hash,)), modules=MODULES)
    assert before == set(vars(MODULE.namespace["Rocket"]))


def test_deep_nesting_is_read_and_dropped() -> None:
    """Lists in lists cost nothing but their memory; neither reading nor dropping them recurses."""
    value = decode(record_of(b"\x80\x05" + b"]" * 200_000 + b"a" * 199_999 + b"."), modules={})
    assert 1 == len(value)


def test_keys_that_collide_do_not_take_long() -> None:
    """A million of them would take minutes; they are counted."""
    keys = {(n * (2**61 - 1)): None for n in range(6_000)}
    body = pickle.dumps(keys, 5)
    with pytest.raises(BadRecord, match="could collide"):
        decode(record_of(body), modules={})


def message_of(payload: object) -> Message:
    """A value of the scripts' API that holds another."""
    return Message(ObjectRef("west:1"), payload)


def test_keys_that_are_put_in_last_are_looked_at_too() -> None:
    """A factory fills containers with too many keys for the screen: it counts the comparisons before they happen."""
    record = encode({n * (2**61 - 1) for n in range(5_000)}, modules={})
    with pytest.raises(BadRecord, match="same hash"):
        decode(record, modules={})


@pytest.mark.parametrize("around", [lambda key: key, message_of, lambda key: (message_of(key),)])
@pytest.mark.parametrize(("width", "depth"), [(2, 40), (1, 100_000)])
def test_tuples_that_share_tuples_are_not_hashed(
    width: int, depth: int, around: Callable[[object], object]
) -> None:
    """Forty of them would take a terabyte of visits, and a deep one the whole C stack; nor is what holds one."""
    key: Any = ()
    for _ in range(depth):
        key = (key,) * width
    with pytest.raises(BadRecord, match="nested too deeply"):
        require_cheap([around(key)])


def test_a_value_of_the_api_is_as_costly_a_key_as_what_it_holds() -> None:
    """Hashing a message hashes what was sent, which may be forty tuples that share tuples."""
    shared = b")\x94"
    for number in range(0x40, 0x68):
        shared += b"h%ch%c\x86\x94" % (number, number)
    message = b"h\x06(\x8c\x07Messageh\x06(\x8c\x09ObjectRef\x8c\x06west:1\x8c\x00tRh\x68tR"
    for at_once in (0, 1 << 20):
        with pytest.raises(BadRecord, match="nested too deeply"):
            screen(b"\x80\x05(" + shared + b"}" + message + b"Nst.", RECORD_MEMORY_MAX, None, at_once)


@pytest.mark.parametrize("change", ["version", "checksum", "program"])
def test_a_wrong_envelope_is_refused(change: str) -> None:
    """An unknown version, a damaged byte and an unknown program have each an error of their own."""
    body = pickle.dumps(1, 5)
    heap = {
        "version": Heap(VERSION + 1, (), zlib.crc32(body), body),
        "checksum": Heap(VERSION, (), 0, body),
        "program": Heap(VERSION, ("ab" * 16,), zlib.crc32(body), body),
    }[change]
    message = {"version": "upgrade the older side", "checksum": "damaged", "program": "fetch its source"}[
        change
    ]
    with pytest.raises((BadRecord, UnknownProgram), match=message):
        decode(msgspec.msgpack.encode(heap), modules=MODULES)


def test_every_truncation_is_refused() -> None:
    """A record cut at any byte is no record."""
    for length in range(len(GOOD)):
        with pytest.raises((BadRecord, UnknownProgram)):
            decode(GOOD[:length], modules=MODULES)


def read_mutant(data: bytes) -> None:
    """Read bytes that may be anything: they make values or are refused."""
    try:
        value = decode(data, modules=MODULES)
    except (BadRecord, UnknownProgram):
        return
    _drop(value)


def _drop(value: Any) -> None:
    for frame in value if isinstance(value, tuple) else ():
        if isinstance(frame, Frame):
            for held in frame.locals.values():
                if isinstance(held, GeneratorType):
                    held.close()


def mutated_heap(positions: list[int], values: list[int]) -> bytes:
    """The good record with some bytes of its heap changed, and a checksum that fits."""
    heap = open_record(GOOD)
    body = bytearray(heap.body)
    for position, value in zip(positions, values, strict=False):
        body[position % len(body)] = value
    return record_of(bytes(body), heap.programs)


MUTATIONS = (
    st.lists(st.integers(0, 1 << 20), min_size=1, max_size=6),
    st.lists(st.integers(0, 255), min_size=6),
)


def mutants(count: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """So many mutated records, from a printed seed."""

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        return settings(max_examples=count, deadline=None, derandomize=True)(given(*MUTATIONS)(test))

    return decorate


@mutants(3_000)
def test_mutants_are_read_or_refused(positions: list[int], values: list[int]) -> None:
    """No other error, no crash, no hang."""
    read_mutant(mutated_heap(positions, values))


@given(st.binary(max_size=200))
@settings(max_examples=1_000, deadline=None, derandomize=True)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Neither as a whole record nor as a heap."""
    read_mutant(data)
    read_mutant(record_of(b"\x80\x05" + data))


def verdict(body: bytes, at_once: int) -> tuple[bool, int, int]:
    """Whether the screen lets a heap through, how many of its keys could collide, and what it takes to hash them."""
    keys = _Keys()
    try:
        screen(body, RECORD_MEMORY_MAX, keys, at_once)
    except BadRecord:
        return False, 0, 0
    return True, keys.colliding, keys.visits


TEXT, PAIR = b"\x8c\x01a\x94", b"\x8c\x01a\x94N"
WAYS_ROUND: dict[str, tuple[bytes, tuple[bool, int, int]]] = {
    "a tuple of a run for a key": (b"}]\x94(" + b"N" * 100 + b"t\x9400h\x41Ns.", (True, 1, 108)),
    "a tuple of a run of pairs": (b"}}\x94(" + PAIR * 50 + b"t\x9400h\x73Ns.", (True, 1, 108)),
    "a tuple of a run but for its last": (b"}]\x94(" + b"N" * 100 + b"0t\x9400h\x41Ns.", (True, 1, 107)),
    "a set of a run": (b"]\x94(]\x94N\x91.", (False, 0, 0)),
    "a call with a run": (b"h\x05]\x94(NNR.", (False, 0, 0)),
    "a number that holds MEMOIZE": (b"(]\x94(K\x94" + TEXT + b"e" + TEXT + b"}\x94}h\x43Nst.", (False, 0, 0)),
    "one that holds an opcode too": (b"(]\x94(G\x87\x94abcdefe" + TEXT + b"}\x94}h\x42Nst.", (False, 0, 0)),
    "a list of a short run for a key": (b"(}\x94(" + TEXT + b"]\x94u}h\x42Nst.", (False, 0, 0)),
    "a list of a long run for a key": (b"(]\x94(" + b"N" * 200 + b"]\x94e}h\x41Nst.", (False, 0, 0)),
    "a list of one": (b"(]\x94(]\x94Nae}h\x41Nst.", (False, 0, 0)),
    "a dict in a dict": (b"(}\x94(" + TEXT + b"}\x94(" + PAIR + b"uu}h\x42Nst.", (False, 0, 0)),
    "an empty list before what it takes": (
        b"}\x94(" + TEXT + b"]\x94Na" + TEXT + b"}\x94" + PAIR + b"su.",
        (True, 0, 0),
    ),
    "a tuple kept in a run for a key": (
        b"(}\x8a\x02\1\2Ns]\x94(K\x01K\x02\x86\x94e}h\x41Nst.",
        (True, 2, 11),
    ),
}


@pytest.mark.parametrize(("body", "expected"), WAYS_ROUND.values(), ids=WAYS_ROUND.keys())
def test_no_run_is_a_way_round_the_screen(body: bytes, expected: tuple[bool, int, int]) -> None:
    """Whatever a heap does with a run and with what that has kept, it is judged as without runs."""
    body = b"\x80\x05" + body
    assert (expected, expected) == (verdict(body, 0), verdict(body, 1 << 20))


@pytest.mark.parametrize(
    "item",
    [
        b")",
        b")\x85\x94",
        b"NNN\x87\x94",
        b"]\x94(Ne",
        b"]\x94Na",
        b"(Nt\x94",
        b"}\x94(\x8c\0\x94Nu",
        b"\x8c\0\x94",
    ],
)
def test_what_is_taken_at_once_takes_no_less_room(item: bytes) -> None:
    """Its memory is reckoned by its bytes: rather too much of it than too little."""
    body = b"\x80\x05]\x94(" + item * 1_000 + b"e."
    assert screen(body, RECORD_MEMORY_MAX, None, len(body)) <= screen(body, RECORD_MEMORY_MAX)


@pytest.mark.skipif(not RUNS, reason="this Python's regular expressions cannot be relied on")
def test_records_of_one_unit_share_what_may_be_reckoned_roughly() -> None:
    """Else a thousand small ones that are just within bounds would be refused."""
    body = b"\x80\x05](" + b"N" * 1_000 + b"e."
    exactly = RECORD_MEMORY_MAX - screen(body, RECORD_MEMORY_MAX)
    room = Room(at_once=len(body) + 1)
    first = RECORD_MEMORY_MAX - room.screen(body)
    second = RECORD_MEMORY_MAX - first - room.screen(body)
    assert (True, exactly) == (first > exactly, second)


SHARED = [1, 2]
POINT = (1, 2, "t")
PLAIN_THINGS: dict[str, Any] = {
    "lists": [[n, 2.5, None, "x"[:n]] for n in range(3)],
    "texts": ["alpha", "omega", "", "a text — in which lies MEMOIZE's byte", "x" * 60],
    "numbers": [148, 0.1, 1 / 3, 70_000, -1, 2**40, float.fromhex("0x1.9494949494949p+3")],
    "points": [(1, 2), (3, 148), (5, 6)],
    "mixed": [1, (2,), SHARED, POINT, (SHARED, 1), Vector(0.1, 2.0, 3.0)],
    "keyed": {"t": POINT, "name": "one", "list": [1, "t"], "empty": [], "far": (1, 2, 3, 4)},
    "keys": {POINT: 1, (1, 2): 2, 2**70: 3, frozenset({1, 2}): 4},
    "again": [SHARED, POINT, "alpha", {"name": "two", "list": SHARED}],
    "nested": {"one": {"pair": (1, "a"), "more": [1, 2], "none": {}}, "single": [{"a": 1}], "last": []},
}


def mutated_runs() -> list[bytes]:
    """Heaps of which the screen takes much at once, each with some bytes changed, taken out or put in."""
    flights = [open_record(encode(each, modules={})).body for each in (PLAIN_THINGS, *PLAIN_THINGS.values())]
    chance = random.Random(7)
    bodies = []
    for _ in range(8_000):
        flight = chance.choice(flights)
        body = bytearray(flight)
        for _ in range(chance.randint(0, 3)):
            place = chance.randrange(2, len(body))
            piece = bytes([chance.choice(flight + b"]}\x94(eu\x94Kh\x05\x40\x85\x86\x87tR01")])
            body[place : place + chance.choice((0, 1, 1))] = chance.choice((b"", piece, piece))
        if body[2] == 0x95:
            body[3:11] = bytes(8)
        bodies.append(bytes(body))
    return bodies


def test_what_is_taken_at_once_changes_no_verdict() -> None:
    """The screen that goes through every opcode says the same of mutants, and counts the same keys."""
    bodies = mutated_runs()
    at_once = {body: verdict(body, 1 << 20) for body in bodies}
    one_by_one = {body: verdict(body, 0) for body in bodies}
    # What refers to a number that was never kept is left to the unpickler where it lies in a run; it may find
    # another mistake first.
    differing = [body for body in bodies if at_once[body] != one_by_one[body]]
    assert all(_refers_beyond(body) for body in differing)
    passed = sum(passes for passes, *_ in one_by_one.values())
    assert 500 < passed < len(one_by_one) - 500


RUN_ENDINGS: dict[str, bytes] = {
    "kept once more": b"\x94u}h\x44Nse.",
    "kept once more, after another": b"N0\x94u}h\x44Nse.",
    "put into a tuple": b"N0\x85\x940N\x94u}h\x44Nse.",
    "taken away": b"0]\x94u}h\x44Nse.",
    "replaced by a factory": b"0h\x06ue.",
}


@pytest.mark.parametrize("ending", RUN_ENDINGS.values(), ids=RUN_ENDINGS.keys())
def test_the_last_value_of_a_run_keeps_its_kind(ending: bytes) -> None:
    """What is done with it afterwards gets the verdict of the machine, whose keys include it. Taken for a plain value,
    a tuple of tuples would be hashed for ever.
    """
    body = b"\x80\x05]\x94(}\x94(\x8c\x01a\x94K\x01K\x02\x86\x94" + ending
    assert verdict(body, 0) == verdict(body, 1 << 20)


@pytest.mark.skipif(not RUNS, reason="this Python's regular expressions cannot be relied on")
def test_a_column_ends_before_a_text_that_is_not_kept() -> None:
    """If it failed there instead, each of its texts would go through the rest again, and a long one take minutes."""
    found = re.match(_COLUMN, b"\x8c\x01a\x94\x8c\x01b\x94\x8c\x01cN")
    assert found is not None
    assert 8 == found.end()


@pytest.mark.parametrize("kind", RUNS)
def test_no_run_takes_the_beginning_of_a_value(kind: int) -> None:
    """Under CPython up to 3.11.4 one would, and let a factory pass with it."""
    cut = {LIST: b"Nh\x06Ke", DICT: b"\x8c\x01a\x94N\x8c\x01b\x94h\x06Ku"}[kind]
    found = RUNS[kind](cut, 0)
    assert found is not None
    assert cut.index(b"N") + 1 == found.end()


def repr_of(value: object) -> str:
    """A short name for a value."""
    return repr(value)[:20] + str(len(repr(value)))


@pytest.mark.skipif(not RUNS, reason="this Python's regular expressions cannot be relied on")
@pytest.mark.parametrize(
    "value",
    [
        [1, 2, (3, 4)],
        {"b": 0, "a": [[[1]]]},
        {"a": {"b": [{1}]}, "c": 0},
        {"a": [], "b": {}},
        *({"a": {str(n): n for n in range(count)}, "b": 0} for count in (1000, 2500)),
        *({"a": list(range(count)), "b": 0} for count in (1000, 2500)),
    ],
    ids=repr_of,
)
def test_no_run_stands_in_the_way_of_what_follows(value: object) -> None:
    """A heap whose run took a value of what comes behind it would have to be screened twice."""
    body = open_record(encode(value, modules={})).body
    assert 0 < _run(body, RECORD_MEMORY_MAX, _Keys(), RUNS)


def test_a_record_of_plain_values_is_taken_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without this, nobody would notice that the screen has become five times slower."""
    body = open_record(encode({f"part {n}": [n, 2.5, "as new"] for n in range(50)}, modules={})).body
    taken: list[int] = []

    def match(body: bytes, start: int) -> Any:
        found = RUNS[DICT](body, start)
        taken.append(found.end() - start if found else 0)
        return found

    monkeypatch.setattr("migrate.codec.screen.RUNS", {**RUNS, DICT: match})
    screen(body, RECORD_MEMORY_MAX, None, len(body))
    assert sum(taken) > 0.95 * len(body)


def _refers_beyond(body: bytes) -> bool:
    try:
        decode(record_of(body), modules={})
    except BadRecord as error:
        return any(told in str(error) for told in ("Memo value not found", "UnicodeDecodeError"))
    return False


@pytest.mark.slow
def test_a_million_mutants() -> None:
    """A million of them, from a seed, within 64 MiB beyond what the process has."""
    chance = random.Random(20261121)
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(1_000_000):
        count = chance.randint(1, 6)
        positions = [chance.randrange(1 << 20) for _ in range(count)]
        read_mutant(mutated_heap(positions, [chance.randrange(256) for _ in range(count)]))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 64 * 1024
