"""ZeroMQ at the rim: a simulator's one listening socket, and one connection to each neighbour.

The one idea: messages may be lost, repeated or late, and that is no concern here, because the link above
sends again whatever is not acknowledged. So nothing ever blocks: a full queue or an absent neighbour makes
`send` say no. What is a concern here is who speaks: every connection is CURVE-encrypted, only known keys
are let in, and each message arrives with the name that belongs to its sender's key.

It does not know what a message means.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass

import zmq
from zmq.utils import z85

from migrate import limits
from migrate.errors import AddressInUse, AddressWrong

ZAP_ADDRESS = "inproc://zeromq.zap.01"
ZAP_DOMAIN = b"gossamer"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A CURVE key pair, both keys as 40 characters of Z85."""

    public: str
    secret: str

    def __repr__(self) -> str:
        return f"KeyPair(public={self.public!r}, secret=…)"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message from a known sender. `route` is the way back to that very connection."""

    sender: str
    route: bytes
    parts: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Stranger:
    """Who was not let in: the address, and the public key in Z85, or what the connection had instead of one."""

    address: str
    key: str


@dataclass(frozen=True, slots=True)
class SocketStatistics:
    """What an endpoint has carried since it was opened.

    `not_sent`: the neighbour was absent or its queue full.
    """

    messages_sent: int
    bytes_sent: int
    messages_received: int
    bytes_received: int
    not_sent: int
    strangers_refused: int


def new_key_pair() -> KeyPair:
    """Return a fresh CURVE key pair."""
    public, secret = zmq.curve_keypair()
    return KeyPair(public.decode(), secret.decode())


class Endpoint:
    """A simulator's sockets: one bound ROUTER for all that comes, one DEALER per neighbour for what goes."""

    def __init__(self, address: str, keys: KeyPair, known: Mapping[str, str]) -> None:
        """Bind to the address (`tcp://127.0.0.1:7001`, or `:*` for any free port) and admit the known keys.

        `known` maps names to public keys. Raises `AddressInUse` and `AddressWrong`.
        """
        self._keys = keys
        self._names = {key: name for name, key in known.items()}
        self._peers: dict[str, zmq.Socket[bytes]] = {}
        self._messages_sent = self._bytes_sent = self._messages_received = self._bytes_received = 0
        self._not_sent = self.strangers_refused = 0
        self.last_stranger: Stranger | None = None
        self._replied_s = 0.0
        self._context = zmq.Context()
        # The door-keeper stands before the door opens: without a handler ZeroMQ would let everybody in.
        self._doorkeeper = self._context.socket(zmq.REP)
        self._doorkeeper.bind(ZAP_ADDRESS)
        self._router = self._bind(address)
        self._poller = zmq.Poller()
        self._poller.register(self._doorkeeper, zmq.POLLIN)
        self._poller.register(self._router, zmq.POLLIN)

    @property
    def address(self) -> str:
        """The address that others can connect to."""
        return self._router.get_string(zmq.LAST_ENDPOINT)

    def connect(self, name: str, address: str, public_key: str) -> None:
        """Keep a connection to the neighbour, which need not be there yet; replaces an earlier one."""
        self.disconnect(name)
        self._peers[name] = _dealer(self._context, address, self._keys, public_key)

    def disconnect(self, name: str) -> None:
        """Drop the connection to the neighbour, if there is one."""
        if name in self._peers:
            self._peers.pop(name).close()

    def send(self, name: str, *parts: bytes) -> bool:
        """Send to a neighbour without waiting. False: it is absent or its queue is full; send again later."""
        try:
            self._peers[name].send_multipart(parts, zmq.NOBLOCK)
        except zmq.Again:
            self._not_sent += 1
            return False
        self._count_sent(parts)
        return True

    def reply(self, route: bytes, *parts: bytes) -> bool:
        """Answer on the connection that a message came from. False: that connection is gone."""
        self._replied_s = time.monotonic()
        try:
            self._router.send_multipart((route, *parts), zmq.NOBLOCK)
        except (zmq.Again, zmq.ZMQError) as error:
            if error.errno not in (zmq.EAGAIN, zmq.EHOSTUNREACH):
                raise
            self._not_sent += 1
            return False
        self._count_sent(parts)
        return True

    def wait(self, timeout_s: float) -> bool:
        """Sleep until a message is there or the time is up; True if there is one."""
        until = time.monotonic() + timeout_s
        while True:
            left_ms = max(0, round((until - time.monotonic()) * 1000))
            ready = dict(self._poller.poll(left_ms))
            if self._doorkeeper in ready:
                self._admit()
            if self._router in ready:
                return True
            if left_ms == 0:
                return False

    def receive(self, messages_max: int = 1000) -> list[Arrived]:
        """Return what has come, without waiting."""
        arrived: list[Arrived] = []
        if not self._has_message():
            self.wait(0)  # strangers may be at the door
        while len(arrived) < messages_max and self._has_message():
            arrived.append(self._arrived())
        return arrived

    def statistics(self) -> SocketStatistics:
        """Return the counters."""
        return SocketStatistics(
            self._messages_sent,
            self._bytes_sent,
            self._messages_received,
            self._bytes_received,
            self._not_sent,
            self.strangers_refused,
        )

    def close(self) -> None:
        """Close every socket; what waits for neighbours is dropped, since the link sends it again."""
        for name in list(self._peers):
            self.disconnect(name)
        # Answers to questions are not sent again, so they get a moment to leave. ZeroMQ's own lingering now
        # and then drops an answer that was given just before.
        time.sleep(max(0.0, self._replied_s + limits.LAST_ANSWER_MS_MIN / 1000 - time.monotonic()))
        self._router.close(linger=limits.LAST_ANSWER_MS_MAX)
        self._context.destroy(linger=0)

    def _bind(self, address: str) -> zmq.Socket[bytes]:
        router = self._context.socket(zmq.ROUTER)
        _set_common(router)
        router.router_mandatory = True
        router.zap_domain = ZAP_DOMAIN
        router.curve_server = True
        router.curve_publickey, router.curve_secretkey = (
            self._keys.public.encode(),
            self._keys.secret.encode(),
        )
        try:
            router.bind(address)
        except zmq.ZMQError as error:
            self._context.destroy(linger=0)
            raise _bind_error(address, error) from error
        return router

    def _admit(self) -> None:
        """Answer ZeroMQ's question (ZAP, RFC 27) whether a key's owner may come in, and under which name."""
        version, request, _domain, address, _identity, mechanism, *credentials = (
            self._doorkeeper.recv_multipart()
        )
        key = z85.encode(credentials[0]).decode() if mechanism == b"CURVE" else ""
        name = self._names.get(key)
        if name is None:
            self.strangers_refused += 1
            self.last_stranger = Stranger(address.decode(), key or repr(mechanism))
            self._doorkeeper.send_multipart((version, request, b"400", b"unknown key", b"", b""))
        else:
            self._doorkeeper.send_multipart((version, request, b"200", b"OK", name.encode(), b""))

    def _has_message(self) -> bool:
        return bool(int(self._router.get(zmq.EVENTS)) & zmq.POLLIN)

    def _arrived(self) -> Arrived:
        # Whose key it was is told of every frame; as objects of their own all of them take twice as long.
        route = self._router.recv(zmq.NOBLOCK, copy=False, track=False)
        parts = tuple(self._router.recv_multipart(zmq.NOBLOCK))
        self._messages_received += 1
        self._bytes_received += sum(map(len, parts))
        return Arrived(str(route.get("User-Id")), route.bytes, parts)

    def _count_sent(self, parts: tuple[bytes, ...]) -> None:
        self._messages_sent += 1
        self._bytes_sent += sum(map(len, parts))


class Caller:
    """One connection to one simulator, for questions with answers: the command line's end of the line."""

    def __init__(self, address: str, keys: KeyPair, public_key: str) -> None:
        """Begin to connect; `public_key` is the key that the simulator must prove to hold."""
        self._context = zmq.Context()
        self._socket = _dealer(self._context, address, keys, public_key)

    def call(self, *parts: bytes, timeout_s: float) -> tuple[bytes, ...] | None:
        """Send a question and return its answer, or None when none comes in time."""
        until = time.monotonic() + timeout_s
        # What an earlier question left behind after its time was up is no answer to this one.
        with contextlib.suppress(zmq.Again):
            while True:
                self._socket.recv_multipart(zmq.NOBLOCK)
        if not self._ready(zmq.POLLOUT, until):
            return None
        self._socket.send_multipart(parts, zmq.NOBLOCK)
        return tuple(self._socket.recv_multipart()) if self._ready(zmq.POLLIN, until) else None

    def close(self) -> None:
        """Hang up."""
        self._context.destroy(linger=0)

    def _ready(self, event: int, until: float) -> bool:
        return bool(self._socket.poll(max(0, round((until - time.monotonic()) * 1000)), event))


def _dealer(
    context: zmq.Context[zmq.Socket[bytes]], address: str, keys: KeyPair, public_key: str
) -> zmq.Socket[bytes]:
    # No identity is set, so each process gets a fresh one and is never taken for the one that died before it.
    dealer = context.socket(zmq.DEALER)
    _set_common(dealer)
    # Queue only for a neighbour that is there: what waits for an absent one would be sent again anyway.
    dealer.immediate = True
    dealer.reconnect_ivl, dealer.reconnect_ivl_max = limits.RECONNECT_FIRST_MS, limits.RECONNECT_MS_MAX
    dealer.curve_serverkey = public_key.encode()
    dealer.curve_publickey, dealer.curve_secretkey = keys.public.encode(), keys.secret.encode()
    try:
        dealer.connect(address)
    except zmq.ZMQError as error:
        dealer.close()
        raise AddressWrong(
            f"{address!r} is no address to connect to ({error}). Write it as tcp://host:port."
        ) from error
    return dealer


def _set_common(socket: zmq.Socket[bytes]) -> None:
    socket.linger = 0
    socket.sndhwm = socket.rcvhwm = limits.SOCKET_QUEUE_LEN_MAX
    socket.maxmsgsize = limits.SOCKET_MESSAGE_BYTES_MAX
    # TCP notices a host that is gone, and nothing needs to know of a process that is only stopped. ZeroMQ's own
    # heartbeats would end ours: where a queue is full and its connection breaks, libzmq 4.3.5 fails an assertion
    # (`!_io_error`) at the next beat, and when it answers one that it had read before.
    socket.tcp_maxrt = limits.PEER_SILENT_MS_MAX
    socket.tcp_keepalive = 1
    socket.tcp_keepalive_idle = socket.tcp_keepalive_intvl = limits.KEEPALIVE_S
    socket.tcp_keepalive_cnt = limits.PEER_SILENT_MS_MAX // 1000 // limits.KEEPALIVE_S


def _bind_error(address: str, error: zmq.ZMQError) -> AddressInUse | AddressWrong:
    if error.errno == zmq.EADDRINUSE:
        return AddressInUse(
            f"{address} is in use by another program. Stop that program, or choose another port."
        )
    return AddressWrong(
        f"can't listen on {address!r} ({error}). Write it as tcp://host:port with an address of this host."
    )
