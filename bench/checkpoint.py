"""What do capture, encoding, decoding and the first resume of a script cost?

Limit: `pickle` of the same values without their frames. The script is suspended two calls deep with a small state.
"""

from __future__ import annotations

import pickle
from typing import Any

from bench.figures import Figures, figure, nanoseconds
from migrate import CONTROL, Microthread, Module, compile_program
from migrate.codec import decode, encode

SOURCE = """
class Rocket:
    def __init__(self):
        self.name, self.fuel, self.log = "rocket", 100.0, [1, 2, 3]
        self.parts = {"nose": 1, "fins": [4, 5], "crew": ("ada", "ben")}

    def fly(self, stages):
        total = 0
        for stage in range(stages):
            total += self.burn(stage, 2.5)
        return total

    def burn(self, stage, thrust):
        heat = 0.0
        while True:
            heat += thrust
"""


def run(quick: bool) -> Figures:
    """`checkpoint.*`."""
    rounds, repeats = (5, 300) if quick else (25, 2_000)
    module = Module(compile_program(SOURCE, "rocket.py"))
    modules = {module.program.hash: module}
    CONTROL.count_slices(1)
    try:
        thread = Microthread(module.namespace["Rocket"]().fly, [9])
        for _ in range(5):
            thread.resume()
        frames = thread.capture()
        data = encode(frames, modules=modules)
        plain = [_plain(frame.locals) for frame in frames]
        pickled = pickle.dumps(plain, 5)
        dumps = _microseconds(lambda: pickle.dumps(plain, 5), repeats, rounds)
        loads = _microseconds(lambda: pickle.loads(pickled), repeats, rounds)
        return {
            "checkpoint.capture_us": figure(_microseconds(thread.capture, repeats, rounds), "us"),
            "checkpoint.encode_us": figure(
                _microseconds(lambda: encode(frames, modules=modules), repeats, rounds), "us", min(dumps)
            ),
            "checkpoint.decode_us": figure(
                _microseconds(lambda: decode(data, modules=modules), repeats, rounds), "us", min(loads)
            ),
            "checkpoint.resume_us": figure(
                _microseconds(lambda: Microthread.restore(frames, modules).resume(), repeats, rounds), "us"
            ),
            "checkpoint.bytes": figure([len(data)], "bytes", len(pickled)),
            "checkpoint.bytes_vs_pickle": figure([len(data) / len(pickled)], "ratio"),
        }
    finally:
        CONTROL.count_slices(None)


def _plain(variables: dict[str, object]) -> dict[str, Any]:
    """The same values for pickle, the instance as its attributes."""
    return {name: vars(value) if name == "self" else value for name, value in variables.items()}


def _microseconds(work: Any, repeats: int, rounds: int) -> list[float]:
    def many() -> None:
        for _ in range(repeats):
            work()

    return [sample / 1000 for sample in nanoseconds(many, repeats, rounds)]
