"""Scripts that are asked by HTTP from outside: in a test's world, over borders, and by a real server."""

from __future__ import annotations

import http.client
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from scripts_api import HttpAsked, HttpResponse
from scripts_api.testing import ScriptWorld, everywhere
from simulator import serving
from simulator.commands import HttpCame
from simulator.serving import HttpServer
from simulator.world.inside import HttpReply
from tests.regions import Grid

COUNTER = """
from scripts_api import HttpResponse, Script, ScriptError

class Counter(Script):
    count = 0
    address = None

    def on_start(self):
        self.address = self.object.http_address

    def on_arrive(self, from_region):
        self.address = self.object.http_address

    def on_http_request(self, asked):
        self.count += 1
        if asked.path == "/slow":
            self.sleep(0.5)
        if asked.path == "/forever":
            self.sleep(1000)
        if asked.path == "/wrong":
            return 7
        if asked.path == "/nothing":
            return None
        if asked.path == "/teapot":
            return HttpResponse(418, "{}", "application/json")
        if asked.path == "/huge":
            return "x" * 70_000
        return f"{asked.method} {asked.path}?{asked.query} {asked.body} {self.count}"
"""


@everywhere
def test_a_script_answers_who_asks_it(world: ScriptWorld) -> None:
    """By what its handler returns, also when that takes a while, and behind a border."""
    counter = world.rez(COUNTER)
    assert "http://west.example.org/west%3A1" == counter.address
    assert HttpResponse(200, "POST /a?b=c body 1") == world.request(
        counter, "/a", method="POST", query="b=c", body="body"
    )
    assert HttpResponse(200, "GET /slow?  2") == world.request(counter, "/slow")
    world.cross(counter, "east")
    assert ("http://east.example.org/west%3A1", HttpResponse(418, "{}", "application/json")) == (
        counter.address,
        world.request(counter, "/teapot"),
    )


@everywhere
@pytest.mark.parametrize(
    ("path", "status"), [("/nothing", 204), ("/wrong", 500), ("/huge", 500), ("/forever", 504)]
)
def test_what_is_no_answer_is_told(path: str, status: int, world: ScriptWorld) -> None:
    """By its status."""
    assert status == world.request(world.rez(COUNTER), path).status


@everywhere
def test_who_has_no_handler_is_not_found(world: ScriptWorld) -> None:
    """Nor is what is gone."""
    assert 404 == world.request(world.rez(name="box")).status


def test_who_fails_says_so() -> None:
    """To who waits, and to who waits behind it."""
    grid = Grid("west")
    broken = grid.rez(COUNTER.replace("self.count += 1", "self.sleep(0.1)\n        1 / 0"))
    replies = asked(grid, broken, 2)
    assert {1: 503, 2: 503} == replies


def asked(grid: Grid, id: str, count: int) -> dict[int, int]:
    """The statuses of so many requests that come at once."""
    west = grid["west"]
    for number in range(1, count + 1):
        west.host.command(HttpCame(id, number, HttpAsked("GET")))
    grid.run(1.0)
    return {each.number: each.answer.status for outputs in west.outputs for each in outputs.replies}


def test_a_flood_fills_the_queue_and_no_more() -> None:
    """Whoever finds it full is told at once."""
    grid = Grid("west")
    statuses = asked(grid, grid.rez(COUNTER.replace('"/slow"', '"/"')), 100)
    assert 100 - 64 - 1 <= list(statuses.values()).count(503)


def test_what_is_under_way_when_it_crosses_is_refused() -> None:
    """Once: its old region says so, and the new one answers nobody."""
    grid = Grid("west", "east")
    counter = grid.rez(COUNTER.replace("self.object.http_address", "None"), position=(99, 50, 0))
    for number in (1, 2):
        grid["west"].host.command(HttpCame(counter, number, HttpAsked("GET", "/slow")))
    grid.tick(2)
    body = grid.object(counter)
    body.world.borders.set_velocity(body, body.position.__class__(50, 0, 0))
    grid.run(2.0)
    assert "east" == grid.region_of(counter).name
    replies = {
        name: [each for outputs in grid[name].outputs for each in outputs.replies]
        for name in ("west", "east")
    }
    assert ([1, 2], []) == (sorted(each.number for each in replies["west"]), replies["east"])
    assert {503} == {each.answer.status for each in replies["west"]}
    assert 1 == grid.state(counter)["count"]


# --- The server ---


@pytest.fixture
def server() -> Iterator[HttpServer]:
    """One that answers in a thread what `echo` says."""
    server = HttpServer("127.0.0.1:0")
    over = threading.Event()

    def answer() -> None:
        while not over.wait(0.005):
            for came in server.requests():
                if came.asked.path != "/silent":
                    server.reply(HttpReply(came.number, echo(came)))

    threading.Thread(target=answer, daemon=True).start()
    yield server
    over.set()
    server.close()


def echo(came: HttpCame) -> HttpResponse:
    """What was asked, as an answer."""
    asked = came.asked
    return HttpResponse(201, f"{came.object} {asked.method} {asked.path} {asked.query} {asked.body}")


def fetched(server: HttpServer, path: str, body: bytes | None = None) -> tuple[int, str]:
    """What the server answers."""
    try:
        with urllib.request.urlopen(server.url + path, body, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_server_brings_requests_and_answers(server: HttpServer) -> None:
    """With the object's id first in the path."""
    assert (201, "west:12 GET /a/b x=1 ") == fetched(server, "/west%3A12/a/b?x=1")
    assert (201, "west:12 POST /  body") == fetched(server, "/west:12", b"body")
    assert (413, "at most 16384 bytes can be sent.") == fetched(server, "/west:12", b"x" * 20_000)
    assert 414 == fetched(server, "/west:12/" + "x" * 3_000)[0]


def test_a_length_that_is_no_number_is_refused(server: HttpServer) -> None:
    """Also one that looks like a digit: a helper thread that fails answers nobody."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    connection.request("POST", "/west:12", headers={"Content-Length": "²"})
    assert 413 == connection.getresponse().status
    connection.close()


def test_a_server_waits_for_no_more_than_it_says(server: HttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither for long nor for many."""
    monkeypatch.setattr(serving, "HTTP_SERVED_S_MAX", 0.05)
    assert (504, "the script gave no answer within 0.05 s.") == fetched(server, "/west:1/silent")
    monkeypatch.setattr(serving, "HTTP_SERVED_UNDER_WAY_MAX", 0)
    assert (503, "0 requests wait here already; ask again later.") == fetched(server, "/west:1/")
