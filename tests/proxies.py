"""A TCP proxy between two simulators, which can be told to be a bad network.

The one idea: a simulator's neighbours have the proxy's address in their world file, so every byte between two
processes goes through it, and each direction has one of its own. It cuts connections, stops passing bytes on,
passes them on late, and opens a connection twice with the same bytes.

All proxies live in one event loop in a thread; whoever owns them calls from another.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any

CHUNK_BYTES = 64 * 1024


class Proxy:
    """One listening port that stands for another. Set its fields through `Proxies.do`."""

    def __init__(self, port: int, target: int) -> None:
        self.port, self.target = port, target
        self.delay_s = 0.0
        self.cut = self.twice = False
        self.connections = 0
        self._open = asyncio.Event()
        self._open.set()
        self._writers: list[asyncio.StreamWriter] = []

    async def serve(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._connection, "127.0.0.1", self.port)

    def close(self) -> None:
        """Listen no longer, and cut everything."""
        self._server.close()
        self.drop_all()

    def drop_all(self) -> None:
        """Cut every connection there is, with all that is under way."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def hold(self) -> None:
        """Pass nothing on, and leave the connections open."""
        self._open.clear()

    def heal(self) -> None:
        """Be a good network."""
        self.cut = self.twice = False
        self.delay_s = 0.0
        self._open.set()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        try:
            if not self.cut:
                await self._carry(reader, writer)
        except OSError:
            # The simulator behind it is down: the one before it sees a connection that breaks.
            pass
        finally:
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        targets = [await self._reach()]
        if self.twice:
            targets.append(await self._reach())
        ways = [self._pump(reader, [to for _, to in targets]), self._pump(targets[0][0], [writer])]
        tasks = [asyncio.ensure_future(way) for way in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for _, to in targets:
                to.transport.abort()

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reached = await asyncio.open_connection("127.0.0.1", self.target)
        self._writers.append(reached[1])
        return reached

    async def _pump(self, reader: asyncio.StreamReader, writers: list[asyncio.StreamWriter]) -> None:
        """Pass bytes on in order, each chunk `delay_s` after it came."""
        clock = asyncio.get_running_loop().time
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        writing = asyncio.ensure_future(self._write(waiting, writers))
        try:
            with contextlib.suppress(OSError):
                while data := await reader.read(CHUNK_BYTES):
                    waiting.put_nowait((clock() + self.delay_s, data))
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)

    async def _write(
        self, waiting: asyncio.Queue[tuple[float, bytes]], writers: list[asyncio.StreamWriter]
    ) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            due, data = await waiting.get()
            await asyncio.sleep(max(0.0, due - clock()))
            await self._open.wait()
            for writer in writers:
                if not writer.is_closing():
                    writer.write(data)


class Proxies:
    """Proxies in a thread of their own."""

    def __init__(self) -> None:
        self._proxies: list[Proxy] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def open(self, port: int, target: int) -> Proxy:
        """Stand for the port `target` on another one."""
        proxy = Proxy(port, target)
        self._run(proxy.serve())
        self._proxies.append(proxy)
        return proxy

    def do(self, change: Callable[[], object]) -> None:
        """Change something about proxies, in their thread."""

        async def changing() -> None:
            change()

        self._run(changing())

    def close(self) -> None:
        """End all."""
        for proxy in self._proxies:
            self.do(proxy.close)
        self._run(_cancel_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, what: Coroutine[Any, Any, object]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result()


async def _cancel_all() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    # Transports that were aborted close their sockets in the loop's next turn.
    await asyncio.sleep(0)
