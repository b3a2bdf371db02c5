"""A call of a Ray actor in another process with some bytes: milliseconds, there and back. Arguments: the peer,
bytes.
"""

import statistics
import sys
import time

import ray
from answering import serve

assert sys.argv[1] == "ray"


@ray.remote
class Holder:
    def take(self, data):
        return len(data)


# What Ray has to say goes to standard error, or the answers would be mixed with it.
ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
holder = Holder.remote()
data = bytes(int(sys.argv[2]))


def once():
    began = time.perf_counter()
    ray.get(holder.take.remote(data))
    return (time.perf_counter() - began) * 1e3


serve(lambda: statistics.median(once() for _ in range(200)))
