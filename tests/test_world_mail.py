"""Messages, questions and answers between scripts, within a region and across."""

from __future__ import annotations

import pytest

from tests.regions import Grid

ANSWERER = """
class Answerer(Script):
    def on_message(self, sender, payload):
        self.log(f"{sender.name}: {payload}")
        if payload == "fail":
            raise ValueError(payload)
        if payload == "slow":
            self.sleep(5)
        return {"twice": 2 * payload}
"""


@pytest.fixture
def grid() -> Grid:
    """Two regions."""
    return Grid("west", "east")


def test_a_message_is_a_copy(grid: Grid) -> None:
    """What the receiver gets is as it was when it was sent."""
    box = grid.rez(ANSWERER, region="east", position=(150, 50, 0))
    grid.rez(
        f"""
        class Sender(Script):
            def on_start(self):
                payload = [1, Vector(1, 2, 3), self.object.ref]
                self.send(ObjectRef("{box}"), payload)
                payload.append(2)
        """,
        name="sender",
    )
    grid.tick(5)
    ((_, text),) = [told for told in grid["east"].told if told[0] == "script log"]
    assert "sender: [1, Vector(1, 2, 3), ObjectRef(id='west:1', name='sender')]" == text


def test_a_message_to_oneself_arrives(grid: Grid) -> None:
    """Behind what is being handled."""
    grid.rez("""
        class Loner(Script):
            def on_start(self):
                self.send(self.object.ref, "echo")
                self.log("sent")
            def on_message(self, sender, payload):
                self.log(payload)
    """)
    grid.tick(2)
    assert ["sent", "echo"] == [text for _, text in grid["west"].told]


def asker(box: str, payload: str, timeout_s: float = 1.0) -> str:
    return f"""
class Asker(Script):
    def on_start(self):
        try:
            self.log(str(self.ask(ObjectRef("{box}"), {payload}, {timeout_s})))
        except NoAnswer as error:
            self.log(str(error))
"""


@pytest.mark.parametrize("region", ["west", "east"])
def test_a_question_is_answered(grid: Grid, region: str) -> None:
    """The answer is what the other's handler returns, from whatever region."""
    box = grid.rez(ANSWERER, region=region, position=(150 if region == "east" else 50, 50, 0))
    grid.rez(asker(box, "21"))
    grid.tick(8)
    assert ("script log", "{'twice': 42}") == grid["west"].told[-1]


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ("'fail'", "ask: the script of 'box' has failed."),
        ("'slow'", "ask: no answer within 1 s."),
    ],
)
def test_a_question_without_answer_says_why(grid: Grid, payload: str, message: str) -> None:
    """The other's failure or silence comes as NoAnswer."""
    box = grid.rez(ANSWERER)
    grid.rez(asker(box, payload))
    grid.run(1.2)
    assert ("script log", message) in grid["west"].told


def test_a_question_to_nobody_says_so(grid: Grid) -> None:
    """An object that is gone can't answer."""
    grid.rez(asker("east:99", "1"))
    grid.run(0.5)
    assert grid["west"].told[-1][1].startswith("ask: east:99 can't be reached")


def test_a_question_to_an_object_without_on_message_says_so(grid: Grid) -> None:
    """Nobody waits for an answer that can't come."""
    box = grid.rez(name="stone")
    grid.rez(asker(box, "1"))
    grid.tick(3)
    assert ("script log", "ask: no script of 'stone' takes messages.") == grid["west"].told[-1]


def test_what_cannot_be_delivered_comes_back(grid: Grid) -> None:
    """on_undeliverable gets the message again, and why."""
    grid.rez("""
        class Sender(Script):
            def on_start(self):
                self.send(ObjectRef("east:99"), {"n": 1})
            def on_undeliverable(self, receiver, payload, reason):
                self.log(f"{receiver.id} {payload}")
    """)
    grid.run(0.5)
    assert ("script log", "east:99 {'n': 1}") == grid["west"].told[-1]


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ("lambda: 1", "send: the value can't travel"),
        ("'x' * 20000", "bytes; at most 16384 can be sent at once"),
    ],
)
def test_a_payload_that_cannot_travel_is_refused(grid: Grid, payload: str, message: str) -> None:
    """At the author's line, and nothing was sent."""
    box = grid.rez(f"""
        class Sender(Script):
            def on_start(self):
                self.send(self.object.ref, {payload})
    """)
    assert message in (grid.fails(box) or "")


def test_a_flood_meets_a_limit_and_loses_nothing(grid: Grid) -> None:
    """What was accepted arrives once and in order, or is counted as dropped; what is too much raises."""
    box = grid.rez(
        """
        class Counter(Script):
            got = ()
            def on_start(self):
                self.got = []
            def on_message(self, sender, payload):
                self.got.append(payload)
        """,
        region="east",
        position=(150, 50, 0),
    )
    sender = grid.rez(f"""
        class Flood(Script):
            sent = 0
            def on_start(self):
                while True:
                    try:
                        self.send(ObjectRef("{box}"), self.sent)
                        self.sent += 1
                    except LimitReached:
                        self.sleep(0.1)
                        if self.sent > 300:
                            break
    """)
    grid.run(3.0)
    assert grid.state(sender)["sent"] > 300
    got, drops = grid.state(box)["got"], grid.object(box).scripts[0].drops
    assert (sorted(set(got)), grid.state(sender)["sent"]) == (got, len(got) + drops)


def test_a_question_survives_the_crossing_of_who_asked(grid: Grid) -> None:
    """The answer finds its microthread in the other region."""
    box = grid.rez("""
        class Slow(Script):
            def on_message(self, sender, payload):
                self.sleep(0.6)
                return payload + 1
    """)
    asking = grid.rez(asker(box, "1", 5.0), position=(90, 50, 0), velocity=(40, 0, 0))
    grid.run(1.2)
    assert asking in grid["east"].region.objects
    assert ("script log", "2") == grid["east"].told[-1]
