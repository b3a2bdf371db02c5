"""HTTP out of scripts: allowed hosts only, in helper threads, with every limit told."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from scripts_api import HttpResponse, Vector
from scripts_api.requests import Http
from scripts_api.testing import ScriptWorld, everywhere
from simulator.commands import HttpAnswered
from simulator.fetching import Fetcher
from simulator.limits import HTTP_ANSWER_BYTES_MAX, RegionLimits
from simulator.world.outside import HttpWanted, is_allowed
from tests.regions import FRAME_US, Grid
from tests.simulators import wait_for

ASKER = """
from scripts_api import Script, ScriptError

class Asker(Script):
    got = None

    def on_touch(self, toucher):
        try:
            answer = self.http(toucher.name, method="POST", headers={"X-Who": "ada"}, body="question", timeout_s=5)
            self.got = (answer.status, answer.text, answer.ok)
        except ScriptError as error:
            self.got = f"{type(error).__name__}: {error}"
"""
URL = "https://example.org/weather"


@everywhere
def test_an_answer_is_what_the_call_returns(world: ScriptWorld) -> None:
    """Also one that something was not found."""
    world.pages[URL] = "sunny"
    asker = world.rez(ASKER)
    world.touch(asker, URL)
    world.advance(0.2)
    assert (200, "sunny", True) == asker.got
    world.touch(asker, URL + "/elsewhere")
    world.advance(0.2)
    assert (404, "", False) == asker.got


def outside(*regions: str, **limits: Any) -> Grid:
    """A grid that lets scripts out, and where nobody answers by itself."""
    return Grid(*regions, limits=RegionLimits(frame_us=FRAME_US, http_hosts=("example.org",), **limits))


def test_nobody_gets_out_by_default() -> None:
    """The script is told who can change that."""
    grid = Grid("west")
    asker = grid.rez(ASKER)
    grid.touch(asker, URL)
    grid.run(0.1)
    assert grid.state(asker)["got"].startswith("ScriptError: http: this world lets no script out.")


def test_silence_ends_and_a_late_answer_does_no_harm() -> None:
    """After the time that the script has given it."""
    grid = outside("west")
    asker = grid.rez(ASKER)
    grid.touch(asker, URL)
    grid.run(4.9)
    assert None is grid.state(asker)["got"]
    grid.run(0.3)
    assert "HttpFailed: http: no answer within 5 s." == grid.state(asker)["got"]
    grid["west"].host.command(HttpAnswered(asker, 0, 1, HttpResponse(200, "late")))
    grid.run(0.1)
    assert "HttpFailed: http: no answer within 5 s." == grid.state(asker)["got"]


@pytest.mark.parametrize("how", ["crosses", "crashes"])
def test_who_is_elsewhere_meanwhile_is_told(how: str) -> None:
    """In its new region, or when its region starts again."""
    grid = outside("west", "east")
    asker = grid.rez(ASKER, position=(98.0, 50.0, 0.0))
    grid.touch(asker, URL)
    grid.run(0.1)
    if how == "crosses":
        body = grid.object(asker)
        body.world.borders.set_velocity(body, Vector(20, 0, 0))
        grid.run(0.6)
    else:
        grid["west"].crash()
        grid.run(0.1)
    assert "has crossed a border, or its region was started anew" in grid.state(asker)["got"]


def test_requests_have_a_rate() -> None:
    """Of the object; what is left can be read."""
    grid = outside("west")
    asker = grid.rez(FLOOD)
    grid.run(0.2)
    assert [20, 0] == grid.state(asker)["left"]
    assert grid.state(asker)["error"].startswith("http: at most 20 at once and 1 a second")


FLOOD = """
from scripts_api import LimitReached, Script

class Flood(Script):
    left = ()
    error = None

    def on_start(self):
        self.left = [self.budget("http").left]
        for _ in range(21):
            self.spawn(self.one)

    def one(self):
        try:
            self.http("https://example.org/")
        except LimitReached as error:
            self.error = str(error)
            self.left.append(self.budget("http").left)
"""


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://example.org/a?b", True),
        ("http://example.org", True),
        ("https://EXAMPLE.org/", True),
        ("https://example.org:8443/", False),
        ("https://localhost:8080/", True),
        ("https://example.org.evil.net/", False),
        ("https://example.org@evil.net/", False),
        ("https://user@example.org/", False),
        ("file:///etc/passwd", False),
        ("https://[::1/", False),
        ("https://", False),
    ],
)
def test_only_named_hosts_are_allowed(url: str, allowed: bool) -> None:
    """By their whole names and ports."""
    assert allowed is is_allowed(url, ("example.org", "localhost:8080"))


class Server(http.server.BaseHTTPRequestHandler):
    """Answers what the tests ask for."""

    asked: ClassVar[list[str]] = []
    stop: ClassVar[threading.Event] = threading.Event()

    def do_GET(self) -> None:
        """Say who is asked, and with which secrets; or begin and never end."""
        self.asked.append(self.path)
        if self.path == "/drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not self.stop.wait(0.02):
                self.wfile.write(b"X-More: more\r\n")
            return
        if self.path.startswith("/to/"):
            self.send_response(307)
            self.send_header("Location", f"http://{self.path[4:]}/there")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self._say(f"{self.headers['Host']} {self.headers.get('Authorization')}".encode())

    def do_POST(self) -> None:
        """Say what was asked; or redirect, or say too much, or less than was promised."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/away"):
            self.send_response(302)
            self.send_header("Location", "http://example.net/secret")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self._say(b"x" * (HTTP_ANSWER_BYTES_MAX + 1) if self.path == "/large" else b"got " + body)

    def _say(self, text: bytes) -> None:
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(text) + (5 if self.path == "/short" else 0)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    """A server on this machine; its host and port."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as made:
        Server.asked.clear()
        Server.stop.clear()
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{made.server_port}"
        Server.stop.set()
        made.shutdown()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", HttpResponse(200, "got hello", "text/plain")),
        ("/missing", HttpResponse(404, "got hello", "text/plain")),
        ("/away", HttpResponse(302, "", "")),
        ("/large", "http: the answer has more than 65536 bytes; ask for less."),
        ("/short", "http: the answer broke off 5 bytes before its end; ask again."),
    ],
)
def test_helper_threads_ask_and_answer(server: str, path: str, expected: HttpResponse | str) -> None:
    """Without anybody waiting; where an answer leads away to is not followed."""
    fetcher = Fetcher((server,))
    fetcher.fetch(HttpWanted("west:1", 0, 7, Http(f"http://{server}{path}", "POST", (), "hello", 5_000_000)))
    answers: list[HttpAnswered] = []
    wait_for(lambda: answers.extend(fetcher.answers()) or answers)
    assert [HttpAnswered("west:1", 0, 7, expected)] == answers


def test_nobody_there_is_told() -> None:
    """With the address and what the system says."""
    fetcher = Fetcher(("127.0.0.1:1",))
    fetcher.fetch(HttpWanted("west:1", 0, 7, Http("http://127.0.0.1:1/", "GET", (), None, 2_000_000)))
    answers: list[HttpAnswered] = []
    wait_for(lambda: answers.extend(fetcher.answers()) or answers)
    assert str(answers[0].answer).startswith("http: http://127.0.0.1:1/ did not answer: ")


def fetched(fetcher: Fetcher, url: str, timeout_s: float = 5.0, **headers: str) -> HttpResponse | str:
    """What comes of a request."""
    asked = Http(url, "GET", tuple(headers.items()), None, round(timeout_s * 1e6))
    fetcher.fetch(HttpWanted("west:1", 0, 7, asked))
    answers: list[HttpAnswered] = []
    wait_for(lambda: answers.extend(fetcher.answers()) or answers)
    return answers[0].answer


def test_a_host_that_sends_for_ever_is_cut_off(server: str) -> None:
    """In the time that the script has given it, though something comes all the while."""
    assert "http: no answer within 0.2 s." == fetched(Fetcher((server,)), f"http://{server}/drip", 0.2)


def test_what_nobody_waits_for_any_more_is_not_sent(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it stood in the queue its time went by: it must not happen behind its script's back."""
    monkeypatch.setattr("simulator.fetching.HTTP_WORKERS_MAX", 1)
    fetcher = Fetcher((server,))
    for path, timeout_s in (("/drip", 0.3), ("/late", 0.1)):
        asked = Http(f"http://{server}{path}", "GET", (), None, round(timeout_s * 1e6))
        fetcher.fetch(HttpWanted("west:1", 0, 7, asked))
    answers: list[HttpAnswered] = []
    wait_for(lambda: answers.extend(fetcher.answers()) or len(answers) == 2)
    assert ["http: no answer within 0.3 s.", "http: no answer within 0.1 s."] == [
        each.answer for each in answers
    ]
    assert ["/drip"] == Server.asked


def test_secrets_go_to_the_host_that_was_asked_only(server: str) -> None:
    """Not to another one, though it is allowed too, that an answer leads to."""
    port = server.rpartition(":")[2]
    fetcher = Fetcher((server, f"localhost:{port}"))
    answers = [
        fetched(fetcher, f"http://{server}/to/{host}", Authorization="key")
        for host in (server, f"localhost:{port}")
    ]
    assert [f"{server} key", f"localhost:{port} None"] == [
        each.text for each in answers if isinstance(each, HttpResponse)
    ]
