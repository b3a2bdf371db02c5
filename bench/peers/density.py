"""Traced bytes of one task that waits, five locals in it. Arguments: the peer, and how many tasks.

Stacks of greenlets and threads lie outside what Python traces: for these resident memory is measured.
"""

import os
import sys
import threading
import tracemalloc

from answering import serve

COUNT = int(sys.argv[2])


def traced():
    return tracemalloc.get_traced_memory()[0]


def resident():
    with open("/proc/self/statm") as found:
        return int(found.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def with_asyncio():
    import asyncio

    async def parked(a, b, c):
        d, e = a + b, [c]
        await asyncio.Event().wait()
        e[0] += d

    async def work():
        tracemalloc.start()
        before = traced()
        tasks = [asyncio.create_task(parked(n, 2, 3)) for n in range(COUNT)]
        await asyncio.sleep(0)
        taken = traced() - before
        tracemalloc.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return taken / COUNT

    return asyncio.run(work())


def with_trio():
    import trio

    async def parked(a, b, c):
        d, e = a + b, [c]
        await trio.Event().wait()
        e[0] += d

    async def work():
        tracemalloc.start()
        before = traced()
        async with trio.open_nursery() as nursery:
            for n in range(COUNT):
                nursery.start_soon(parked, n, 2, 3)
            await trio.testing.wait_all_tasks_blocked()
            taken = traced() - before
            tracemalloc.stop()
            nursery.cancel_scope.cancel()
        return taken / COUNT

    import trio.testing

    return trio.run(work)


def with_greenlet():
    from greenlet import getcurrent, greenlet

    def parked(a, b, c):
        d, e = a + b, [c]
        getcurrent().parent.switch()
        e[0] += d

    before = resident()
    kept = [greenlet(parked) for _ in range(COUNT)]
    for n, each in enumerate(kept):
        each.switch(n, 2, 3)
    return (resident() - before) / COUNT


def with_threads():
    go = threading.Event()

    def parked(a, b, c):
        d, e = a + b, [c]
        go.wait()
        e[0] += d

    count = min(COUNT, 500)
    before = resident()
    threads = [threading.Thread(target=parked, args=(n, 2, 3)) for n in range(count)]
    for thread in threads:
        thread.start()
    taken = resident() - before
    go.set()
    for thread in threads:
        thread.join()
    return taken / count


PEERS = {"asyncio": with_asyncio, "trio": with_trio, "greenlet": with_greenlet, "threads": with_threads}
serve(PEERS[sys.argv[1]])
