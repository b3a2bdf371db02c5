"""Switching between two tasks that do nothing else: nanoseconds a switch. Arguments: the peer, and how many
switches.
"""

import asyncio
import sys
import threading
import time

from answering import serve


def with_asyncio(count):
    async def spin():
        for _ in range(count // 2):
            await asyncio.sleep(0)

    async def both():
        await asyncio.gather(spin(), spin())

    asyncio.run(both())


def with_trio(count):
    import trio

    async def spin():
        for _ in range(count // 2):
            await trio.lowlevel.checkpoint()

    async def both():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(spin)
            nursery.start_soon(spin)

    trio.run(both)


def with_gevent(count):
    import gevent

    def spin():
        for _ in range(count // 2):
            gevent.sleep(0)

    gevent.joinall([gevent.spawn(spin), gevent.spawn(spin)])


def with_threads(count):
    turns = [threading.Semaphore(1), threading.Semaphore(0)]

    def spin(mine):
        for _ in range(count // 2):
            turns[mine].acquire()
            turns[1 - mine].release()

    threads = [threading.Thread(target=spin, args=(each,)) for each in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


PEERS = {"asyncio": with_asyncio, "trio": with_trio, "gevent": with_gevent, "threads": with_threads}


def measure():
    began = time.perf_counter_ns()
    PEERS[sys.argv[1]](int(sys.argv[2]))
    return (time.perf_counter_ns() - began) / int(sys.argv[2])


serve(measure)
