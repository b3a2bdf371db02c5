"""Where objects were last heard of: what a region may forget or get wrong without harm.

The one idea: a hint is newer than another only if its generation is greater. A missing or wrong one costs a
detour over the object's birth region, never a message.

It is volatile and bounded.
"""

from __future__ import annotations

from migrate.limits import ExchangeLimits


class Hints:
    """Where objects were last heard of; volatile, bounded, and newer only by generation."""

    def __init__(self, limits: ExchangeLimits) -> None:
        """Start knowing nothing."""
        self._limits = limits
        self._places: dict[str, tuple[str, int]] = {}

    def note(self, object: str, region: str, gen: int) -> None:
        """Take a hint, unless a newer one is known."""
        if gen <= self.gen(object):
            return
        self._places.pop(object, None)
        self._places[object] = (region, gen)
        if len(self._places) > self._limits.hints_len_max:
            del self._places[next(iter(self._places))]

    def gen(self, object: str) -> int:
        """Return the generation of the newest hint; 0 without one."""
        return self._places.get(object, ("", 0))[1]

    def region(self, object: str) -> str | None:
        """Return where the object was last heard of."""
        place = self._places.get(object)
        return place[0] if place else None
