"""How long an object was on its way, told by two clocks that are never compared.

The one idea: both sides have been at the same moment, that of the GRANT. The destination knows how long ago it gave it.
The source takes the middle between asking and hearing the answer for it, and writes into the record how long after
that it froze the object. The difference is how long it was frozen, wrong by half of the time between asking and the
answer at most, as with the clocks of NTP (RFC 5905), and nobody needs to have set one.

So motion, sleeps and timers are where they would be if there were no border.
"""

from __future__ import annotations

from typing import Final

from migrate.limits import OFFER_US_MAX
from simulator.world.world import World

MADE_UP_US_MAX: Final = 2_000_000
"""A path with a second of delay in each direction is made up for. Who was away for longer starts them where they stood:
a rocket must not come out at the far end of a region that it never flew through.
"""

GRANTS_LEN_MAX: Final = 65_536
"""Moments that are kept, 20 MB of them; the oldest give way. Who arrives without one is late by his way."""

KEPT_US: Final = OFFER_US_MAX + MADE_UP_US_MAX
"""So long after a GRANT its object may still come, by when the offer has lapsed."""


class Transit:
    """The moments of one region's GRANTs by object, the oldest first: each the first answer to its last offer."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._grants: dict[str, tuple[str, int]] = {}

    def __len__(self) -> int:
        return len(self._grants)

    def granted(self, id: str, number: str) -> None:
        """Note that a neighbour is told that this object may come. `number`: of its offer, which is repeated until an
        answer is heard: only the first GRANT was surely given before that.
        """
        if id in self._grants and self._grants[id][0] == number:
            return
        self._grants.pop(id, None)
        self._grants[id] = number, self._world.now_us
        if len(self) > GRANTS_LEN_MAX:
            del self._grants[next(iter(self._grants))]

    def took_us(self, id: str, frozen_after_us: int | None) -> int:
        """Return for how many microseconds an object that has come was frozen: 0 if nobody knows, and so much at most.

        `frozen_after_us`: how long after the GRANT its source has frozen it, by its own clock.
        """
        _, granted_us = self._grants.pop(id, ("", None))
        if granted_us is None or frozen_after_us is None:
            return 0
        return min(max(0, self._world.now_us - granted_us - frozen_after_us), MADE_UP_US_MAX)

    def forget_old(self) -> None:
        """Let go of grants that nobody has used."""
        while self._grants:
            id, (_, granted_us) = next(iter(self._grants.items()))
            if granted_us + KEPT_US > self._world.now_us:
                return
            del self._grants[id]
