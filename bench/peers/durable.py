"""A durable coroutine of dispatch-py: microseconds to pickle it, or to unpickle it. Arguments: the peer, `out` or `in`,
frames, parts that its object holds."""

import pickle
import sys
import time
from types import coroutine

from answering import serve
from dispatch.experimental.durable import durable

assert sys.argv[1] == "dispatch-py"
DEPTH, PARTS, REPEATS = int(sys.argv[3]), int(sys.argv[4]), 200


class Rocket:
    def __init__(self, parts):
        self.name, self.fuel, self.log = "rocket", 100.0, [1, 2, 3]
        self.crew = {"ada": ("pilot", 36), "ben": ("cook", 41)}
        self.parts = {f"part {n}": [n, 2.5 * n, "as new"] for n in range(parts)}


@coroutine
@durable
def suspended():
    return (yield)


@durable
async def fly(self, depth):
    stage, total = 1, 0.0  # noqa: F841 - a local that the frame holds
    if depth > 1:
        total += await fly(self, depth - 1)
    heat, thrust = 0.0, 2.5
    while total is not None:
        heat += thrust
        self.fuel -= heat
        await suspended()
    return total


flight = fly(Rocket(PARTS), DEPTH)
flight.send(None)
data = pickle.dumps(flight, 5)


def measure():
    began = time.perf_counter_ns()
    for _ in range(REPEATS):
        pickle.dumps(flight, 5) if sys.argv[2] == "out" else pickle.loads(data)
    return (time.perf_counter_ns() - began) / REPEATS / 1000


serve(measure)
