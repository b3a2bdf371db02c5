"""What one loop without an `await` does to the others: frames a second that a 45 Hz ticker gets while it runs.

Arguments: the peer, and after how many seconds the loop ends by itself; nothing could end it from outside.
"""

import asyncio
import sys
import time

from answering import serve

assert sys.argv[1] == "asyncio"
SECONDS = float(sys.argv[2])


async def ticker(frames):
    while True:
        frames.append(time.perf_counter())
        await asyncio.sleep(1 / 45)


async def loop():
    until = time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        pass


async def both():
    frames = []
    ticking = asyncio.create_task(ticker(frames))
    await asyncio.sleep(0)
    began = len(frames)
    await loop()
    ticking.cancel()
    return (len(frames) - began) / SECONDS


serve(lambda: asyncio.run(both()))
