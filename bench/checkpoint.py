"""What do capture, encoding, decoding and the first resume of a script cost, by frames and by what it holds?

Limit: `pickle` of the same values without their frames. Peers: `cloudpickle` and `dill` of the same values, and a
coroutine of `dispatch-py` with the same frames, where its C extension installs. None of the first three can save a
frame at all.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import cloudpickle
import dill

from bench.figures import Figures, alternate, each_ns, figure, ratios, repeated_us
from bench.peer import peers
from migrate import CONTROL, Frame, Microthread, Module, compile_program
from migrate.codec import decode, encode

SOURCE = """
class Rocket:
    def __init__(self, parts):
        self.name, self.fuel, self.log = "rocket", 100.0, [1, 2, 3]
        self.crew = {"ada": ("pilot", 36), "ben": ("cook", 41)}
        self.parts = {f"part {n}": [n, 2.5 * n, "as new"] for n in range(parts)}

    def fly(self, depth):
        stage, total = 1, 0.0
        if depth > 1:
            total += self.fly(depth - 1)
        heat, thrust = 0.0, 2.5
        while total is not None:
            heat += thrust
            self.fuel -= heat
        return total
"""
STANDARD = (3, 50)
"""Three frames and 2 KB of state: what a script of the demo has in flight."""

DURABLE = {"dispatch-py": "dispatch-py http-sfv"}  # which it imports and does not require
OTHERS = ((1, 0), (10, 50), (3, 1_000))


def run(quick: bool) -> Figures:
    """`checkpoint.*`."""
    rounds, repeats = (5, 200) if quick else (15, 1_000)
    figures = _standard(rounds, repeats)
    for depth, parts in () if quick else OTHERS:
        figures |= _by_size(depth, parts, rounds, max(5, repeats // (1 + parts // 20)))
    return figures


class Flight:
    """A rocket that is suspended so many calls deep, and the same values for those who can't save frames."""

    def __init__(self, depth: int, parts: int) -> None:
        module = Module(compile_program(SOURCE, "rocket.py"))
        self.modules = {module.program.hash: module}
        self.thread = Microthread(module.namespace["Rocket"](parts).fly, [depth])
        CONTROL.count_slices(1)
        for _ in range(depth + 5):
            self.thread.resume()
        self.frames = self.thread.capture()
        self.data = encode(self.frames, modules=self.modules)
        self.plain = [_plain(frame) for frame in self.frames]

    def write(self) -> bytes:
        """Capture and encode."""
        return encode(self.thread.capture(), modules=self.modules)

    def read(self) -> Microthread:
        """Decode, ready to run."""
        return Microthread.restore(decode(self.data, modules=self.modules), self.modules)


def _plain(frame: Frame) -> dict[str, Any]:
    """The values of a frame, the instance as its attributes: what another serialiser can take."""
    return {name: vars(value) if name == "self" else value for name, value in frame.locals.items()}


def _standard(rounds: int, repeats: int) -> Figures:
    flight = Flight(*STANDARD)
    pickled = pickle.dumps(flight.plain, 5)
    works = {
        "capture": flight.thread.capture,
        "encode": flight.write,
        "decode": flight.read,
        "dumps": lambda: pickle.dumps(flight.plain, 5),
        "loads": lambda: pickle.loads(pickled),
        "cloudpickle": lambda: cloudpickle.dumps(flight.plain, 5),
        "dill": lambda: dill.dumps(flight.plain, 5),
        "dill_loads": lambda: dill.loads(pickled),
    }
    timed = {name: _timer(work, repeats) for name, work in works.items()}
    timed["resume"] = _first_resume(flight, repeats)
    with (
        peers("durable", DURABLE, "out", *STANDARD) as out,
        peers("durable", DURABLE, "in", *STANDARD) as back,
    ):
        measured = alternate(
            timed
            | {f"{name} out": work for name, work in out.items()}
            | {f"{n} in": w for n, w in back.items()},
            rounds,
        )
    CONTROL.count_slices(None)
    return _figures(flight, measured, len(pickled))


def _figures(flight: Flight, found: dict[str, list[float]], pickled: int) -> Figures:
    writers = {"cloudpickle": found["cloudpickle"], "dill": found["dill"]}
    readers = {"dill": found["dill_loads"]}
    if "dispatch-py out" in found:
        writers["dispatch-py"], readers["dispatch-py"] = found["dispatch-py out"], found["dispatch-py in"]
    with_dill = len(dill.dumps(flight.plain, 5))
    return {
        "checkpoint.capture_us": figure(found["capture"], "us"),
        "checkpoint.encode_us": figure(
            found["encode"], "us", min(found["dumps"]), peers=writers, note="capture and encoding"
        ),
        "checkpoint.decode_us": figure(
            found["decode"], "us", min(found["loads"]), peers=readers, note="decoding, ready to run"
        ),
        "checkpoint.resume_us": figure(found["resume"], "us", note="its first resume"),
        "checkpoint.encode_vs_pickle": figure(ratios(found["encode"], found["dumps"]), "ratio"),
        "checkpoint.decode_vs_pickle": figure(ratios(found["decode"], found["loads"]), "ratio"),
        "checkpoint.bytes": figure([len(flight.data)], "bytes", pickled, peers={"dill": [with_dill]}),
        "checkpoint.bytes_vs_pickle": figure([len(flight.data) / pickled], "ratio", 1.0),
    }


def _by_size(depth: int, parts: int, rounds: int, repeats: int) -> Figures:
    """`checkpoint.encode_us.FRAMES.BYTES` and so on, with `pickle` beside it."""
    flight = Flight(depth, parts)
    pickled = pickle.dumps(flight.plain, 5)
    works = {
        "encode": flight.write,
        "decode": flight.read,
        "dumps": lambda: pickle.dumps(flight.plain, 5),
        "loads": lambda: pickle.loads(pickled),
    }
    found = alternate({name: _timer(work, repeats) for name, work in works.items()}, rounds)
    CONTROL.count_slices(None)
    size = f"{depth}.{len(flight.data)}"
    return {
        f"checkpoint.encode_us.{size}": figure(found["encode"], "us", min(found["dumps"])),
        f"checkpoint.decode_us.{size}": figure(found["decode"], "us", min(found["loads"])),
    }


def _timer(work: Callable[[], object], repeats: int) -> Callable[[], float]:
    return lambda: repeated_us(work, repeats)


def _first_resume(flight: Flight, repeats: int) -> Callable[[], float]:
    def measure() -> float:
        threads = [flight.read() for _ in range(repeats)]

        def work() -> None:
            for thread in threads:
                thread.resume()

        return each_ns(work, repeats) / 1000

    return measure
