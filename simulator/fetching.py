"""HTTP for scripts, in helper threads at the rim of a process.

The one idea: the tick hands requests over and takes answers back, and never waits for either. Everything has a
limit: how many are under way, how long each may take all in all, how large an answer may be; and every address, also
one that an answer redirects to, must be among those that the world file allows.
"""

from __future__ import annotations

import http.client
import queue
import ssl
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from socket import SHUT_RDWR
from typing import IO, Any, Final

from scripts_api import HttpResponse
from simulator.commands import HttpAnswered
from simulator.limits import HTTP_ANSWER_BYTES_MAX, HTTP_UNDER_WAY_MAX, HTTP_WORKERS_MAX
from simulator.world.outside import HttpWanted, is_allowed

USER_AGENT: Final = "gossamer"
SECRETS: Final = ("Authorization", "Cookie")


class Fetcher:
    """The helper threads of one region; they are begun when the first request comes, and end with the process."""

    def __init__(self, hosts: tuple[str, ...]) -> None:
        self._opener = urllib.request.build_opener(_Plain(), _Secure(), _Redirects(hosts))
        self._wanted: queue.Queue[tuple[HttpWanted, float]] = queue.Queue(HTTP_UNDER_WAY_MAX)
        self._answers: queue.SimpleQueue[HttpAnswered] = queue.SimpleQueue()
        self._workers = 0

    def fetch(self, wanted: HttpWanted) -> None:
        """Send a request; its answer is among those of a later `answers`."""
        until_s = time.monotonic() + wanted.request.timeout_us / 1e6
        try:
            self._wanted.put_nowait((wanted, until_s))
        except queue.Full:
            self._answer(
                wanted, f"http: {HTTP_UNDER_WAY_MAX} requests of this region wait already; ask later."
            )
            return
        if self._workers < HTTP_WORKERS_MAX:
            self._workers += 1
            threading.Thread(target=self._work, name="http", daemon=True).start()

    def answers(self) -> list[HttpAnswered]:
        """Return what has come since the last asking."""
        return [self._answers.get() for _ in range(self._answers.qsize())]

    def _work(self) -> None:
        while True:
            wanted, until_s = self._wanted.get()
            left_s = until_s - time.monotonic()
            # Whoever has given up by now must not have it done behind its back.
            self._answer(wanted, self._fetched(wanted, left_s) if left_s > 0 else _too_late(wanted))

    def _answer(self, wanted: HttpWanted, answer: HttpResponse | str) -> None:
        self._answers.put(HttpAnswered(wanted.object, wanted.script, wanted.number, answer))

    def _fetched(self, wanted: HttpWanted, left_s: float) -> HttpResponse | str:
        """Return the answer, or why there is none."""
        asked = wanted.request
        body = None if asked.body is None else asked.body.encode()
        headers = {"User-Agent": USER_AGENT, **dict(asked.headers)}
        watch = _present.watch = _Watch(left_s)
        try:
            request = urllib.request.Request(asked.url, body, headers, method=asked.method)
            answer = self._asked(request, left_s)
        except (OSError, http.client.HTTPException, ValueError) as error:
            answer = f"http: {asked.url} did not answer: {error}."
        finally:
            watch.end()
        return _too_late(wanted) if watch.is_up else answer

    def _asked(self, request: urllib.request.Request, left_s: float) -> HttpResponse | str:
        try:
            with self._opener.open(request, timeout=left_s) as answer:
                return _read(answer, answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return _read(error, error.code)


def _too_late(wanted: HttpWanted) -> str:
    return f"http: no answer within {wanted.request.timeout_us / 1e6:g} s."


def _read(answer: Any, status: int) -> HttpResponse | str:
    data: bytes = answer.read(HTTP_ANSWER_BYTES_MAX + 1)
    if len(data) > HTTP_ANSWER_BYTES_MAX:
        return f"http: the answer has more than {HTTP_ANSWER_BYTES_MAX} bytes; ask for less."
    if answer.length:
        return f"http: the answer broke off {answer.length} bytes before its end; ask again."
    return HttpResponse(status, data.decode("utf-8", "replace"), answer.headers.get("Content-Type", ""))


# --- How long a request may take ---


class _Watch:
    """The time that one request has, all in all. A socket's own time-out is for each piece that comes: who sends a
    byte now and then would hold a helper thread for ever. `is_up`: it was ended for want of time.
    """

    def __init__(self, seconds: float) -> None:
        self.is_up = False
        self._lock = threading.Lock()
        self._socket: Any = None
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True
        self._timer.start()

    def follow(self, socket: Any) -> None:
        """The request goes by this connection from now on."""
        with self._lock:
            self._socket = socket
            if self.is_up:
                _shut(socket)

    def end(self) -> None:
        """The request is over."""
        self._timer.cancel()

    def _ring(self) -> None:
        with self._lock:
            self.is_up = True
            if self._socket is not None:
                _shut(self._socket)


def _shut(socket: Any) -> None:
    with suppress(OSError):  # it is closed already
        socket.shutdown(SHUT_RDWR)


class _Present(threading.local):
    """What a helper thread is at."""

    watch: _Watch


_present = _Present()


class _PlainConnection(http.client.HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _present.watch.follow(self.sock)


class _SecureConnection(http.client.HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _present.watch.follow(self.sock)


class _Plain(urllib.request.HTTPHandler):
    """Asks by a connection that is watched."""

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_PlainConnection, req)


class _Secure(urllib.request.HTTPSHandler):
    """The same by TLS, with the host's certificate checked."""

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_SecureConnection, req, context=ssl.create_default_context())


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirection to an address that is allowed, without what is meant for the first host alone; all others
    are answers by themselves.
    """

    def __init__(self, hosts: tuple[str, ...]) -> None:
        self._hosts = hosts

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """Return the request to follow, or None."""
        if not is_allowed(newurl, self._hosts):
            return None
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None and following.host != req.host:
            for secret in SECRETS:
                following.remove_header(secret)
        return following
