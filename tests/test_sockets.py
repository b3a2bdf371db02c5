"""Sockets between simulators: who is let in, what a message carries, and that nothing ever blocks."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from migrate.errors import AddressInUse, AddressWrong
from migrate.sockets import Caller, Endpoint, KeyPair, new_key_pair

ANY_PORT = "tcp://127.0.0.1:*"
KEYS = {name: new_key_pair() for name in ("west", "east", "operator")}
KNOWN = {name: keys.public for name, keys in KEYS.items()}
PATIENCE_S = 10.0  # how long a test waits for something that must come; it goes on as soon as it is there


@pytest.fixture
def listen() -> Iterator[Callable[[str], Endpoint]]:
    """Open endpoints by name, and close them all at the end."""
    opened: list[Endpoint] = []

    def open_one(name: str) -> Endpoint:
        opened.append(Endpoint(ANY_PORT, KEYS[name], KNOWN))
        return opened[-1]

    yield open_one
    for endpoint in opened:
        endpoint.close()


@pytest.fixture
def pair(listen: Callable[[str], Endpoint]) -> tuple[Endpoint, Endpoint]:
    """West and east, west connected to east and through."""
    west, east = listen("west"), listen("east")
    west.connect("east", east.address, KNOWN["east"])
    send_until_through(west, east, b"first")
    return west, east


def send_until_through(source: Endpoint, destination: Endpoint, body: bytes) -> None:
    """The first message waits for the connection, which needs the destination's door-keeper."""
    for _ in range(1000):
        destination.wait(0.01)
        if source.send("east", body):
            break
    assert destination.wait(PATIENCE_S)
    assert [body] == [message.parts[0] for message in destination.receive()]


def one_message(endpoint: Endpoint) -> tuple[str, tuple[bytes, ...]]:
    assert endpoint.wait(PATIENCE_S)
    (message,) = endpoint.receive()
    return message.sender, message.parts


def test_message_arrives_with_its_senders_name(pair: tuple[Endpoint, Endpoint]) -> None:
    """The name comes from the key that the sender proved to hold, not from what it says."""
    west, east = pair
    west.send("east", b"link", b"frame")
    assert one_message(east) == ("west", (b"link", b"frame"))


def test_empty_wait_ends_without_a_message(listen: Callable[[str], Endpoint]) -> None:
    """With nothing there, waiting ends after its time and receiving gives nothing."""
    west = listen("west")
    assert (west.wait(0), west.receive()) == (False, [])


def test_no_more_is_taken_than_was_asked_for(pair: tuple[Endpoint, Endpoint]) -> None:
    """The rest is there the next time: a flood ends with the frame."""
    west, east = pair
    bodies = [b"%d" % number for number in range(5)]
    for body in bodies:
        assert west.send("east", body)
    taken: list[bytes] = []
    while len(taken) < len(bodies):
        assert east.wait(5)
        some = east.receive(2)
        assert len(some) <= 2
        taken += [message.parts[0] for message in some]
    assert bodies == taken


def test_sending_to_an_absent_neighbour_says_no(listen: Callable[[str], Endpoint]) -> None:
    """Nothing is queued for a neighbour that is not there, and nothing blocks."""
    west = listen("west")
    west.connect("east", "tcp://127.0.0.1:9", KNOWN["east"])
    assert (west.send("east", b"x"), west.statistics().not_sent) == (False, 1)


def test_full_queue_says_no(pair: tuple[Endpoint, Endpoint]) -> None:
    """A neighbour that does not read makes sending fail sooner or later instead of piling up."""
    west, _east = pair
    assert False in (west.send("east", bytes(256 * 1024)) for _ in range(1000))


def test_stranger_is_not_let_in(listen: Callable[[str], Endpoint]) -> None:
    """A key that the grid does not know gets no connection, and the attempt is counted."""
    east = listen("east")
    stranger = Endpoint(ANY_PORT, new_key_pair(), KNOWN)
    stranger.connect("east", east.address, KNOWN["east"])
    while not east.statistics().strangers_refused:
        east.wait(0.01)
    assert stranger.send("east", b"let me in") is False
    stranger.close()


def test_impostor_is_found_out(listen: Callable[[str], Endpoint]) -> None:
    """Whoever listens at a neighbour's address without its key is never spoken to."""
    west, east = listen("west"), listen("east")
    west.connect("east", east.address, new_key_pair().public)
    assert [west.wait(0.02) or west.send("east", b"secret") for _ in range(5)] == [False] * 5


def test_restarted_neighbour_is_found_again(listen: Callable[[str], Endpoint]) -> None:
    """A connection comes back by itself after the neighbour was replaced at the same address."""
    west = listen("west")
    first = Endpoint(ANY_PORT, KEYS["east"], KNOWN)
    address = first.address
    west.connect("east", address, KNOWN["east"])
    send_until_through(west, first, b"one")
    first.close()
    second = Endpoint(address, KEYS["east"], KNOWN)
    send_until_through(west, second, b"two")
    second.close()


def test_port_in_use_is_named(listen: Callable[[str], Endpoint]) -> None:
    """Binding a taken port names the address and what to do."""
    address = listen("west").address
    with pytest.raises(AddressInUse, match=f"{address} is in use by another program"):
        Endpoint(address, KEYS["east"], KNOWN)


@pytest.mark.parametrize("address", ["127.0.0.1:7001", "tcp://nowhere", "http://127.0.0.1:1", ""])
def test_wrong_address_to_listen_on_is_named(address: str) -> None:
    """An address that can't be bound is shown with the form it should have."""
    with pytest.raises(AddressWrong, match="tcp://host:port"):
        Endpoint(address, KEYS["west"], KNOWN)


def test_wrong_address_to_connect_to_is_named(listen: Callable[[str], Endpoint]) -> None:
    """The same for a neighbour's address."""
    with pytest.raises(AddressWrong, match="tcp://host:port"):
        listen("west").connect("east", "east", KNOWN["east"])


def test_question_gets_its_answer(listen: Callable[[str], Endpoint]) -> None:
    """A caller's question is answered on the connection it came from."""
    east = listen("east")
    answering = threading.Thread(target=answer_one, args=(east,))
    answering.start()
    caller = Caller(east.address, KEYS["operator"], KNOWN["east"])
    assert caller.call(b"status", timeout_s=PATIENCE_S) == (b"status of operator",)
    answering.join()
    caller.close()


def answer_one(endpoint: Endpoint) -> None:
    assert endpoint.wait(PATIENCE_S)
    (question,) = endpoint.receive()
    endpoint.reply(question.route, question.parts[0] + b" of " + question.sender.encode())


BUSY = """
import sys, time
from migrate.sockets import Endpoint, KeyPair
endpoint = Endpoint("tcp://127.0.0.1:*", KeyPair(sys.argv[1], sys.argv[2]), {"west": sys.argv[3]})
print(endpoint.address, flush=True)
endpoint.wait(10)
sys.stdin.read()
time.sleep(2)
endpoint.receive(10)
"""


def test_a_neighbour_that_vanishes_does_not_end_a_busy_simulator(listen: Callable[[str], Endpoint]) -> None:
    """With its queue full and the connection broken, libzmq 4.3.5 would abort at a heartbeat."""
    east, west = KEYS["east"], listen("west")
    command = [sys.executable, "-c", BUSY, east.public, east.secret, KNOWN["west"]]
    busy = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert busy.stdin is not None
    assert busy.stdout is not None
    west.connect("east", busy.stdout.readline().strip(), KNOWN["east"])
    fill(west)
    west.disconnect("east")
    busy.communicate()
    assert 0 == busy.returncode


def fill(west: Endpoint) -> None:
    """Send until nothing more goes, some looks in a row."""
    refusals = 0
    while refusals < 50:
        refusals = 0 if west.send("east", bytes(1000)) else refusals + 1
        if refusals:
            west.wait(0.005)


def test_question_without_an_answer_ends(listen: Callable[[str], Endpoint]) -> None:
    """A caller gives up when its time is over."""
    caller = Caller(listen("east").address, KEYS["operator"], KNOWN["east"])
    assert caller.call(b"status", timeout_s=0.05) is None
    caller.close()


def test_reply_to_a_closed_connection_says_no(pair: tuple[Endpoint, Endpoint]) -> None:
    """An answer that nobody waits for any more is dropped and counted, not raised."""
    _west, east = pair
    assert (east.reply(b"gone", b"answer"), east.statistics().not_sent) == (False, 1)


def test_counters_count_messages_and_bytes(pair: tuple[Endpoint, Endpoint]) -> None:
    """The statistics of both ends agree on what was carried."""
    west, east = pair
    west.send("east", b"12345")
    one_message(east)
    sent, received = west.statistics(), east.statistics()
    assert (
        (sent.messages_sent, sent.bytes_sent)
        == (received.messages_received, received.bytes_received)
        == (2, 10)
    )


def test_secret_key_is_not_shown() -> None:
    """A key pair that ends up in a log shows its public half only."""
    keys = KeyPair("public-half", "secret-half")
    assert "secret-half" not in f"{keys} {keys!r}"
