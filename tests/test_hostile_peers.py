"""An admitted peer that says nonsense: nothing raises, nothing grows without bound."""

from __future__ import annotations

import tracemalloc
from random import Random
from typing import Any

import pytest

from migrate.exchange import Exchange
from migrate.messages import (
    FRAME_VERSION,
    Accept,
    Bounce,
    Deny,
    Draft,
    Echo,
    Event,
    Forget,
    Frame,
    Gone,
    Grant,
    Member,
    Message,
    Moved,
    Note,
    Offer,
    Pairs,
    Prompt,
    Received,
    Reject,
    Sent,
    Settled,
    Source,
    Transfer,
    Volatile,
    decode_frame,
    encode_frame,
    encode_message,
)

NAMES = ("a:1", "a:2", "a:9", "b:1", "b:2", "c:1", "", "x", ":", "a:", "ü:1")
QUICK, SLOW = 4_000, 1_000_000


def say(random: Random) -> Message:
    """A message that is well formed and means nothing."""
    name = lambda: random.choice(NAMES)  # noqa: E731  # shorter than five functions
    count = lambda: random.choice((0, 1, 2, 3, 5, 64, 2**53))  # noqa: E731  # the same
    pairs = Pairs(
        count(),
        {name(): Sent(count(), count(), count())},
        {name(): Received(count(), count())},
        (Event(name(), name(), count(), count(), name(), b""),),
    )
    members = tuple(
        Member(name(), count(), random.choice((None, pairs))) for _ in range(random.randint(1, 3))
    )
    transfer = Transfer(members, b"x", (name(),))
    makers: list[Any] = [
        lambda: Event(
            name(), name(), count(), count(), name(), b"x", random.randint(0, 4), random.random() < 0.5
        ),
        lambda: Echo(name(), name(), count(), count()),
        lambda: Forget(name(), name(), count()),
        lambda: Prompt(name(), name()),
        lambda: Bounce(name(), name(), count(), b"x", random.randint(0, 4), "why"),
        lambda: transfer,
        lambda: Accept(name(), count()),
        lambda: Reject(transfer, "why"),
        lambda: Settled(name(), name(), count()),
        lambda: Gone(name(), count()),
        lambda: Offer("1.1", name(), count(), count(), count(), (name(),)),
        lambda: Grant("1.1", name(), ()),
        lambda: Deny("1.1", name(), "why", count()),
        lambda: Moved(name(), name(), count()),
        lambda: Source(name(), "source"),
        lambda: Draft(name(), b"x"),
        lambda: Note(b"x"),
    ]
    return random.choice(makers)()  # type: ignore[no-any-return]  # one of the messages above


def babble(count: int, seed: int) -> Exchange:
    """Let an exchange hear so many messages from a peer, each in its place, some altered on the way."""
    random = Random(seed)
    exchange = Exchange("a", 1)
    exchange.create("a:1")
    exchange.create("a:2")
    number = 1
    for now_us in range(0, count * 1000, 1000):
        message = say(random)
        body = bytearray(encode_message(message))
        if random.random() < 0.3:
            body[random.randrange(len(body))] = random.randrange(256)
        volatile = isinstance(message, Volatile)
        bodies, whispers = ((), (bytes(body),)) if volatile else ((bytes(body),), ())
        data = encode_frame(Frame(FRAME_VERSION, "b", 1, "a", 0, 0, 9, number, bodies, whispers))
        exchange.receive("b", data, now_us)
        exchange.tick(now_us)
        exchange.delta()
        exchange.committed()
        for peer, sent in exchange.outgoing(now_us):
            if peer == "b":
                # What can't be read stops the link before it, so the next message takes its place.
                number = decode_frame(sent).upto + 1
    return exchange


def test_nonsense_is_survived() -> None:
    """Thousands of well-formed messages without sense, and altered ones, raise nothing."""
    for seed in range(4):
        babble(QUICK // 4, seed)


@pytest.mark.slow
def test_a_million_pieces_of_nonsense_are_survived() -> None:
    """The same for longer."""
    for seed in range(1000):
        babble(SLOW // 1000, seed)


def test_a_count_in_a_message_allocates_nothing() -> None:
    """A length that is a lie is refused before memory is taken for it."""
    lie = b"\xdd\x3f\xff\xff\xff"
    exchange = Exchange("a", 1)
    frames = [b"\x9a\x01\xa1b\x01\xa1a\x00\x00\x09\x01" + lie, b"\x9a" + lie, lie, b"\xdf\x3f\xff\xff\xff"]
    tracemalloc.start()
    for data in frames:
        exchange.receive("b", data, 0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
    assert exchange.statistics().frames_refused == len(frames)
