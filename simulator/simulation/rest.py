"""When a simulated grid is at rest, and what is not: after a storm everything must have drained.

The one idea: whoever waits for rest asks often and needs a yes or no; whoever gives up needs to know which objects and
messages are left, so that these are looked up only then.

What must hold at every step is `simulator.simulation.oracle`'s business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from migrate.exchange import ExchangeStatistics
from migrate.handoff import State
from migrate.rows import HandRow
from simulator.simulation.host import Host
from simulator.simulation.machinery import Network
from simulator.simulation.oracle import Oracle, Violation
from simulator.simulation.telling import frame_parts

NAMED_MAX = 4
"""How many of what is left are named."""

_read_hand = msgspec.msgpack.Decoder(HandRow).decode


class Rest:
    """The whole grid, as it is asked whether anything is left to do."""

    def __init__(self, hosts: Mapping[str, Host], network: Network, oracle: Oracle) -> None:
        """`hosts`: by region, as they change."""
        self._hosts, self._network, self._oracle = hosts, network, oracle

    def reached(self) -> bool:
        """Return whether nothing waits for anything."""
        return self._network.quiet() and not any(
            any(self._waiting(host).values()) for host in self._hosts.values()
        )

    def missed(self) -> str:
        """Return what is not at rest, by name."""
        unrest = []
        for region, host in self._hosts.items():
            waiting = [self._told(host, name, count) for name, count in self._waiting(host).items() if count]
            if waiting:
                unrest.append(f"{region}: {', '.join(waiting)}")
        if not self._network.quiet():
            unrest.append(f"frames under way: {self._under_way()}")
        return "; ".join(unrest)

    def check(self) -> None:
        """Check that birth regions know where their things are, and that nobody remembers anything else."""
        for host in self._hosts.values():
            away = self._away(host)
            for object in away:
                where = host.exchange.where(object)
                if object not in self._hosts[where].world.things:
                    raise Violation(f"{host.region} thinks {object} is in {where}, where it is not")
            known = {key for kind, key in host.disk.rows if kind == "hand"}
            extra = known - set(host.world.things) - set(away)
            if extra:
                raise Violation(f"{host.region} still remembers {sorted(extra)}")
            left = sorted(key for kind, key in host.disk.rows if kind in ("outbox", "held"))
            if left:
                raise Violation(f"{host.region}: rows are left over in its store: {_some(left)}")

    def _waiting(self, host: Host) -> dict[str, int]:
        now: ExchangeStatistics = host.exchange.statistics()
        return {
            "out": now.objects_out,
            "outbox": now.outbox_len,
            "held": now.held_len,
            "early": now.early_len,
            "pairs": now.pairs,
            "offers": now.offers,
            "senders without room": len(host.world.waiting),
            "tombstones": now.tombstones - len(self._away(host)),
        }

    def _told(self, host: Host, name: str, count: int) -> str:
        left = _some(self._left(host, name))
        too_few = " too few" if count < 0 else ""
        return f"{abs(count)} {name}{too_few}{f' ({left})' if left else ''}"

    def _left(self, host: Host, name: str) -> Iterable[str]:
        """Return who it is that waits, as far as the store or the world knows."""
        hands = {
            key: _read_hand(value).state for (kind, key), value in host.disk.rows.items() if kind == "hand"
        }
        tombs = {object for object, state in hands.items() if state == State.TOMB}
        if name == "out":
            return [object for object, state in hands.items() if state == State.OUT]
        if name == "tombstones":
            return sorted(tombs ^ set(self._away(host)))
        if name == "senders without room":
            return sorted(host.world.waiting)
        keys = [key for kind, key in host.disk.rows if kind == name]
        return dict.fromkeys(key.rpartition("|")[0] or key for key in keys)

    def _away(self, host: Host) -> list[str]:
        """Return the living things that were born in a region and are elsewhere."""
        born = f"{host.region}:"
        return [
            object
            for object in self._oracle.alive
            if object.startswith(born) and object not in host.world.things
        ]

    def _under_way(self) -> str:
        return _some(
            f"from {src} {', '.join(part.text for part in list(frame_parts(data))[-NAMED_MAX:])}"
            for src, data in self._network.under_way()
        )


def _some(names: Iterable[str]) -> str:
    named = list(dict.fromkeys(names))
    more = f" and {len(named) - NAMED_MAX} more" if len(named) > NAMED_MAX else ""
    return ", ".join(named[:NAMED_MAX]) + more
