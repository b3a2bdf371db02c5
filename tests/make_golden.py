"""Makes the golden records, frames and regions of the present version: `python -m tests.make_golden`.

The one idea: a format is for ever, so what is there is never written again. When a version number goes up this
adds the files of the new one, and `tests/test_golden.py` reads all of them in every run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from migrate import PREEMPTED, Finished, Microthread, Module, compile_program
from migrate.codec import encode
from migrate.codec.record import VERSION as RECORD_VERSION
from migrate.messages import (
    END,
    FRAME_VERSION,
    Accept,
    Bounce,
    Deny,
    Echo,
    Event,
    Forget,
    Frame,
    Gone,
    Grant,
    Member,
    Message,
    Moved,
    Offer,
    Pairs,
    Prompt,
    Received,
    Reject,
    Sent,
    Settled,
    Source,
    Transfer,
    encode_frame,
    encode_message,
)
from simulator.checkpoint_record import VERSION as UNIT_VERSION
from simulator.store import SqliteStore
from simulator.store.schema import NEWEST
from tests.regions import Grid
from tests.scripts import slices_of

Place = tuple[tuple[str, str], ...]

GOLDEN = Path(__file__).parent / "golden"
SUMS = GOLDEN / "SHA256SUMS"
JOURNEY = GOLDEN / "scripts" / "journey.py"
KEEPER = GOLDEN / "scripts" / "keeper_2.py"
ANSWERER = GOLDEN / "scripts" / "answerer.py"
CALLER = GOLDEN / "scripts" / "caller.py"

EVENT = Event("west:1", "east:2", 3, 4, "east", b"payload", asks=True)
PAIRS = Pairs(7, {"east:2": Sent(5, 9, 8)}, {"north:1": Received(6, 2)}, (EVENT,))
TRANSFER = Transfer(
    (Member("west:1", 3, PAIRS), Member("west:2", 1, None)), b"unit", ("0123456789abcdef" * 2,)
)
DURABLE: tuple[Message, ...] = (
    EVENT,
    Event("west:1", "east:2", 3, 5, "east", b"", END),
    Echo("east:2", "west:1", 3, 4),
    Forget("west:1", "east:2", 3),
    Prompt("east:2", "west:1"),
    Bounce("east:2", "west:1", 3, b"payload", 0, "it is gone"),
    TRANSFER,
    Accept("west:1", 4),
    Reject(TRANSFER, "no room"),
    Settled("west:1", "east", 4),
    Gone("west:1", 5),
)
VOLATILE: tuple[Message, ...] = (
    Offer("1.7", "west:1", 4_096, 2, 65_536, ("0123456789abcdef" * 2,)),
    Grant("1.7", "west:1", ("fedcba9876543210" * 2,)),
    Deny("1.7", "west:1", "no room", 1_000_000),
    Moved("west:1", "east", 4),
    Source("0123456789abcdef" * 2, "x.py\npass\n"),
)
FRAME = Frame(
    FRAME_VERSION,
    "west",
    3,
    "east",
    2,
    41,
    64,
    17,
    tuple(map(encode_message, DURABLE)),
    tuple(map(encode_message, VOLATILE)),
)


def journey() -> Module:
    """A new instance of the kept program."""
    return Module(compile_program(JOURNEY.read_text(), JOURNEY.name))


def records() -> list[bytes]:
    """The kept program captured once at every place that it is suspended at, callers included."""
    module = journey()
    found: dict[Place, bytes] = {}
    with slices_of(1):
        thread = Microthread(module.namespace["main"], ())
        while not isinstance(step := thread.resume(), Finished):
            assert step is PREEMPTED, step
            _capture(thread, module, found)
    return list(found.values())


def _capture(thread: Microthread, module: Module, found: dict[Place, bytes]) -> None:
    # A function of its own: frames that are held on to would keep the program's generators alive.
    frames = thread.capture()
    place = tuple((frame.function, frame.point) for frame in frames)
    found.setdefault(place, encode(frames, modules={module.program.hash: module}))


def region(path: Path) -> None:
    """A region in the middle of everything, with a neighbour that it owes messages."""
    grid = Grid("west", "east", edges=20, slices=4)
    grid.down.add("east")
    box = grid.rez(KEEPER.read_text(), region="west", name="keeper")
    grid.rez(CALLER.read_text(), region="west", name="caller")
    grid.rez(ANSWERER.read_text(), region="west", name="answerer")
    grid.tick(8)
    for _ in range(3):
        grid.touch(box)
    grid.tick(2, with_scripts=False)
    grid["west"].store.backup(path)


def store(path: Path) -> None:
    """A store with two rows, of any kind."""
    made = SqliteStore("middle", path)
    made.commit(made.lease, 7, {("object", "middle:1"): b"lamp", ("link", "west"): b"9"})
    made.close()


def make() -> None:
    """Write what is missing, and the sums of all."""
    _add(
        f"records/version_{RECORD_VERSION}.msgpack",
        lambda path: path.write_bytes(msgspec.msgpack.encode(records())),
    )
    _add(f"frames/version_{FRAME_VERSION}.frame", lambda path: path.write_bytes(encode_frame(FRAME)))
    _add(f"regions/version_{UNIT_VERSION}.sqlite", region)
    _add(f"store/version_{NEWEST}.sqlite", store)
    SUMS.write_text("".join(f"{digest}  {name}\n" for name, digest in sums().items()))


def sums() -> dict[str, str]:
    """The SHA-256 of every golden file, by its path."""
    files = sorted(path for path in GOLDEN.rglob("*") if path.is_file() and path != SUMS)
    return {str(path.relative_to(GOLDEN)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _add(name: str, write: Callable[[Path], object]) -> None:
    path = GOLDEN / name
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        write(path)


if __name__ == "__main__":
    make()
