"""What one loop without an `await` does to the others: frames that a 45 Hz ticker gets in a second.

Argument: the peer. The loop ends after a second by itself; nothing could end it from outside.
"""

import asyncio
import sys
import time

from answering import serve

assert sys.argv[1] == "asyncio"


async def ticker(frames):
    while True:
        frames.append(time.perf_counter())
        await asyncio.sleep(1 / 45)


async def loop():
    until = time.perf_counter() + 1
    while time.perf_counter() < until:
        pass


async def both():
    frames = []
    ticking = asyncio.create_task(ticker(frames))
    await asyncio.sleep(0)
    began = len(frames)
    await loop()
    ticking.cancel()
    return len(frames) - began


serve(lambda: asyncio.run(both()))
