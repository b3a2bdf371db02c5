"""Sockets like the product's, without encryption and without a door-keeper: only to measure what these cost."""

from __future__ import annotations

import zmq

from migrate.sockets import Arrived
from simulator.config import World


class PlainEndpoint:
    """One ROUTER for what comes, one DEALER for each neighbour; the sender's name is what it says it is."""

    strangers_refused = 0
    last_stranger = None

    def __init__(self, world: World, name: str) -> None:
        """Listen, and connect to all others of the world."""
        self._context = zmq.Context()
        self._router = self._context.socket(zmq.ROUTER)
        self._router.bind(world.simulators[name].address)
        self._peers = {
            peer: self._dealer(name, spec.address) for peer, spec in world.simulators.items() if peer != name
        }

    def _dealer(self, name: str, address: str) -> zmq.Socket[bytes]:
        dealer = self._context.socket(zmq.DEALER)
        dealer.identity = name.encode()
        dealer.immediate = True
        dealer.linger = 0
        dealer.connect(address)
        return dealer

    @property
    def address(self) -> str:
        """Where it listens."""
        return self._router.get_string(zmq.LAST_ENDPOINT)

    def send(self, name: str, *parts: bytes) -> bool:
        """See `Endpoint.send`."""
        try:
            self._peers[name].send_multipart(parts, zmq.NOBLOCK)
        except zmq.Again:
            return False
        return True

    def wait(self, timeout_s: float) -> bool:
        """See `Endpoint.wait`."""
        return bool(self._router.poll(round(timeout_s * 1000)))

    def receive(self, messages_max: int = 1000) -> list[Arrived]:
        """See `Endpoint.receive`."""
        arrived: list[Arrived] = []
        while len(arrived) < messages_max:
            try:
                route, *parts = self._router.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                break
            arrived.append(Arrived(route.decode(), route, tuple(parts)))
        return arrived

    def close(self) -> None:
        """Close every socket."""
        self._context.destroy(linger=0)
