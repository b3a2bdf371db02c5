"""HTTP for scripts, in helper threads at the rim of a process.

The one idea: the tick hands requests over and takes answers back, and never waits for either. Everything has a
limit: how many are under way, how long each may take, how large an answer may be; and every address, also one that
an answer redirects to, must be among those that the world file allows.
"""

from __future__ import annotations

import queue
import threading
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import IO, Any, Final

from scripts_api import HttpResponse
from simulator.commands import HttpAnswered
from simulator.limits import HTTP_ANSWER_BYTES_MAX, HTTP_UNDER_WAY_MAX, HTTP_WORKERS_MAX
from simulator.world.outside import HttpWanted, is_allowed

USER_AGENT: Final = "gossamer"


class Fetcher:
    """The helper threads of one region; they are begun when the first request comes, and end with the process."""

    def __init__(self, hosts: tuple[str, ...]) -> None:
        self._opener = urllib.request.build_opener(_Redirects(hosts))
        self._wanted: queue.Queue[HttpWanted] = queue.Queue(HTTP_UNDER_WAY_MAX)
        self._answers: queue.SimpleQueue[HttpAnswered] = queue.SimpleQueue()
        self._workers = 0

    def fetch(self, wanted: HttpWanted) -> None:
        """Send a request; its answer is among those of a later `answers`."""
        try:
            self._wanted.put_nowait(wanted)
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
        found: list[HttpAnswered] = []
        while not self._answers.empty():
            found.append(self._answers.get())
        return found

    def _work(self) -> None:
        while True:
            wanted = self._wanted.get()
            self._answer(wanted, self._fetched(wanted))

    def _answer(self, wanted: HttpWanted, answer: HttpResponse | str) -> None:
        self._answers.put(HttpAnswered(wanted.object, wanted.script, wanted.number, answer))

    def _fetched(self, wanted: HttpWanted) -> HttpResponse | str:
        """Return the answer, or why there is none."""
        asked = wanted.request
        body = None if asked.body is None else asked.body.encode()
        headers = {"User-Agent": USER_AGENT, **dict(asked.headers)}
        try:
            request = urllib.request.Request(asked.url, body, headers, method=asked.method)
            with self._opener.open(request, timeout=asked.timeout_us / 1e6) as answer:
                return _read(answer, answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return _read(error, error.code)
        except (OSError, HTTPException, ValueError) as error:
            return f"http: {asked.url} did not answer: {error}."


def _read(answer: Any, status: int) -> HttpResponse | str:
    data: bytes = answer.read(HTTP_ANSWER_BYTES_MAX + 1)
    if len(data) > HTTP_ANSWER_BYTES_MAX:
        return f"http: the answer has more than {HTTP_ANSWER_BYTES_MAX} bytes; ask for less."
    return HttpResponse(status, data.decode("utf-8", "replace"), answer.headers.get("Content-Type", ""))


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirection to an address that is allowed; all others are answers by themselves."""

    def __init__(self, hosts: tuple[str, ...]) -> None:
        self._hosts = hosts

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """Return the request to follow, or None."""
        if not is_allowed(newurl, self._hosts):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)
