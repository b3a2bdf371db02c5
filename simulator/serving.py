"""HTTP to scripts, in helper threads at the rim of a process: a small server for a region with an address.

The one idea: the tick takes requests in and gives answers out, and never waits for either. A request waits in its
thread for the answer, for so long at most; what the region does not answer, or no longer has, is told by a status.

It knows no objects: what stands first in a path is an object's id, and the region looks it up.
"""

from __future__ import annotations

import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from scripts_api import HttpAsked, HttpResponse
from scripts_api.limits import HTTP_BODY_BYTES_MAX, URL_LEN_MAX
from simulator.commands import HttpCame
from simulator.limits import HTTP_SERVED_S_MAX, HTTP_SERVED_UNDER_WAY_MAX
from simulator.world.inside import HttpReply


class HttpServer:
    """The server of one region. `address`: `host:port` that it listens at; port 0 takes a free one."""

    def __init__(self, address: str) -> None:
        """Begin to listen. Raises `OSError`."""
        host, _, port = address.rpartition(":")
        self._came: queue.SimpleQueue[HttpCame] = queue.SimpleQueue()
        self._waiting: dict[int, queue.SimpleQueue[HttpResponse]] = {}
        self._lock, self._number = threading.Lock(), 0
        self._server = _Server((host, int(port)), _Handler)
        self._server.owner = self
        threading.Thread(target=self._server.serve_forever, name="web", daemon=True).start()

    @property
    def url(self) -> str:
        """Where it is: what stands before an object's id."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def requests(self) -> list[HttpCame]:
        """Return what has come since the last asking."""
        return [self._came.get() for _ in range(self._came.qsize())]

    def reply(self, reply: HttpReply) -> None:
        """Answer a request, if somebody still waits for that."""
        waiting = self._waiting.get(reply.number)
        if waiting is not None:
            waiting.put(reply.answer)

    def close(self) -> None:
        """Listen no longer."""
        self._server.shutdown()
        self._server.server_close()

    def ask(self, object: str, asked: HttpAsked) -> HttpResponse:
        """Called in a helper thread: wait for the region's answer."""
        mine: queue.SimpleQueue[HttpResponse] = queue.SimpleQueue()
        with self._lock:
            if len(self._waiting) >= HTTP_SERVED_UNDER_WAY_MAX:
                return HttpResponse(
                    503, f"{HTTP_SERVED_UNDER_WAY_MAX} requests wait here already; ask again later."
                )
            self._number += 1
            number = self._number
            self._waiting[number] = mine
        self._came.put(HttpCame(object, number, asked))
        try:
            return mine.get(timeout=HTTP_SERVED_S_MAX)
        except queue.Empty:
            return HttpResponse(504, f"the script gave no answer within {HTTP_SERVED_S_MAX:g} s.")
        finally:
            with self._lock:
                del self._waiting[number]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    owner: HttpServer


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = HTTP_SERVED_S_MAX  # who sends a byte now and then holds a thread for no longer than that

    def _serve(self) -> None:
        answer = self._answer()
        body = answer.text.encode("utf-8", "replace")
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type or "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def _answer(self) -> HttpResponse:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > HTTP_BODY_BYTES_MAX:
            return HttpResponse(413, f"at most {HTTP_BODY_BYTES_MAX} bytes can be sent.")
        if len(self.path) > URL_LEN_MAX:
            return HttpResponse(414, f"an address has at most {URL_LEN_MAX} characters.")
        body = self.rfile.read(int(length)).decode("utf-8", "replace")
        parts = urlsplit(self.path)
        object, _, rest = parts.path.removeprefix("/").partition("/")
        return self.server.owner.ask(unquote(object), HttpAsked(self.command, f"/{rest}", parts.query, body))

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing: the region's log is for what happens in it."""
