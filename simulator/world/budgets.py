"""What could flood the world, and how much of it is left: by script, by object, or by owner.

The one idea: every budget is a token bucket (`buckets`) of one integer, kept with whom it belongs to. Those of
scripts and objects travel and are saved; an owner's is the region's, and full again when the region starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts_api import Budget
from simulator.world.buckets import Rate

if TYPE_CHECKING:
    from simulator.world.calls import ScriptCalls
    from simulator.world.world import World


class Budgets:
    """The budgets in one region."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rez_full_us: dict[str, int] = {}

    def spend(self, script: ScriptCalls, name: str, call: str) -> None:
        """Do one of something. Raises `LimitReached`."""
        full_us = self._rate(name).spend(self._full_us(script, name), self._world.time_us, name, call)
        if name == "chat":
            script.chat_full_us = full_us
        elif name == "log":
            script.log_full_us = full_us
        elif name == "rez":
            self._rez_full_us[script.body.owner] = full_us
        else:
            extras = script.body.more()
            extras.budgets = {**(extras.budgets or {}), name: full_us}

    def read(self, script: ScriptCalls, name: str) -> Budget:
        """Return what is left of a budget."""
        rate = self._rate(name)
        left = rate.left(self._full_us(script, name), self._world.time_us)
        return Budget(name, left, rate.burst, rate.per_s)

    def _rate(self, name: str) -> Rate:
        limits = self._world.limits
        rates = {
            "chat": limits.chat_rate,
            "log": limits.log_rate,
            "messages": limits.message_rate,
            "rez": limits.rez_rate,
            "give": limits.give_rate,
            "http": limits.http_rate,
        }
        return rates[name]

    def _full_us(self, script: ScriptCalls, name: str) -> int:
        if name == "chat":
            return script.chat_full_us
        if name == "log":
            return script.log_full_us
        if name == "rez":
            return self._rez_full_us.get(script.body.owner, 0)
        extras = script.body.extras
        return 0 if extras is None else (extras.budgets or {}).get(name, 0)
