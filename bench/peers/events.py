"""Handling events, each in a task of its own: events a second. Arguments: the peer, objects, events for each of them.

As users of these libraries write servers: whatever comes is given to a new task, which calls the handler.
"""

import sys
import time

from answering import serve

OBJECTS, EACH = int(sys.argv[2]), int(sys.argv[3])


class Thing:
    def __init__(self):
        self.count = 0

    async def on_touch(self, toucher):
        self.count += 1

    def touched(self, toucher):
        self.count += 1


THINGS = [Thing() for _ in range(OBJECTS)]


def with_asyncio():
    import asyncio

    async def work():
        async with asyncio.TaskGroup() as group:
            for _ in range(EACH):
                for thing in THINGS:
                    group.create_task(thing.on_touch("eve"))

    asyncio.run(work())


def with_trio():
    import trio

    async def work():
        async with trio.open_nursery() as nursery:
            for _ in range(EACH):
                for thing in THINGS:
                    nursery.start_soon(thing.on_touch, "eve")

    trio.run(work)


def with_gevent():
    from gevent.pool import Group

    group = Group()
    for _ in range(EACH):
        for thing in THINGS:
            group.spawn(thing.touched, "eve")
    group.join()


def with_twisted():
    from twisted.internet import reactor

    left = OBJECTS * EACH

    def handle(thing):
        nonlocal left
        thing.touched("eve")
        left -= 1
        if not left:
            reactor.crash()  # ends `run`, and unlike `stop` lets it be run again

    for _ in range(EACH):
        for thing in THINGS:
            reactor.callLater(0, handle, thing)
    reactor.run(installSignalHandlers=False)


PEERS = {"asyncio": with_asyncio, "trio": with_trio, "gevent": with_gevent, "twisted": with_twisted}


def measure():
    began = time.perf_counter()
    PEERS[sys.argv[1]]()
    return OBJECTS * EACH / (time.perf_counter() - began)


serve(measure)
