"""How much of something that could flood the world a script may still do: what `self.budget(name)` tells."""

from __future__ import annotations

from dataclasses import dataclass

BUDGETS = ("chat", "log", "messages", "rez", "give", "http")
"""Their names. Chat and log are counted by script, messages, give and http by object, rez by owner and region. To ask
somebody for grants is chat, to ask an object a message.
"""


@dataclass(frozen=True, slots=True)
class Budget:
    """`left`: how many at once now. `burst`: how many when it is full. `per_s`: how many come back a second."""

    name: str
    left: int
    burst: int
    per_s: int
