"""What few objects have: contents, a place in a linkset, budgets of their own.

The one idea: a region holds a quarter of a million objects, and most of them have none of this. So it lies
beside the object, made when it is first needed, and costs the others eight bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts_api import AgentRef, ObjectRef
from scripts_api.values import STILL, UPRIGHT

if TYPE_CHECKING:
    from simulator.world.heights import Landing
    from simulator.world.items import Item
    from simulator.world.objects import WorldObject


class Extras:
    """`agent`: who it is the body of, as `agent:` and a name. `root`: of the linkset that the object is a part of;
    `offset` and `turn`: where, along the root's axes. `parts`: what hangs on it, if it is a root. `budgets`: when
    each is full again, in the region's time. `sensor`: it is noticed by nobody. `touching`: what it was last told
    that it touches. `physical`: it falls where nothing carries it; `falls`: it does so since its motion last changed.
    `worn`: the ids of the body that wears it, and of the attachment's first part. `grants`: by agent. `keys`: what an
    agent holds down. `bounces`: at the edge of the world. `landing`: when it meets the ground or the top of the world.
    """

    __slots__ = (
        "agent", "bounces", "budgets", "contents", "falls", "grants", "keys", "landing", "offset", "parts", "physical",
        "root", "sensor", "touching", "turn", "worn",
    )  # fmt: skip

    def __init__(self) -> None:
        self.agent: str | None = None
        self.budgets: dict[str, int] | None = None
        self.contents: dict[str, Item] | None = None
        self.root: WorldObject | None = None
        self.sensor = self.physical = self.falls = False
        self.bounces = True
        self.landing: Landing | None = None
        self.worn: tuple[str, str] | None = None
        self.grants: dict[str, tuple[str, ...]] | None = None
        self.keys: tuple[str, ...] = ()
        self.touching: tuple[ObjectRef | AgentRef, ...] = ()
        self.parts: tuple[WorldObject, ...] = ()
        self.offset, self.turn = STILL, UPRIGHT
