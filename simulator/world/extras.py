"""What few objects have: contents, a place in a linkset, budgets of their own.

The one idea: a region holds a quarter of a million objects, and most of them have none of this. So it lies
beside the object, made when it is first needed, and costs the others eight bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts_api import AgentRef, ObjectRef, Rotation, Vector

if TYPE_CHECKING:
    from simulator.world.items import Item
    from simulator.world.objects import WorldObject


class Extras:
    """`agent`: who it is the body of, as `agent:` and a name. `root`: of the linkset that the object is a part of;
    `offset` and `turn`: where, along the root's axes. `parts`: what hangs on it, if it is a root. `budgets`: when
    each is full again, in the region's time. `sensor`: it is noticed by nobody. `touching`: what it was last told
    that it touches.
    """

    __slots__ = ("agent", "budgets", "contents", "offset", "parts", "root", "sensor", "touching", "turn")

    def __init__(self) -> None:
        self.agent: str | None = None
        self.budgets: dict[str, int] | None = None
        self.contents: dict[str, Item] | None = None
        self.root: WorldObject | None = None
        self.sensor = False
        self.touching: tuple[ObjectRef | AgentRef, ...] = ()
        self.parts: tuple[WorldObject, ...] = ()
        self.offset, self.turn = _HERE, _STRAIGHT


_HERE, _STRAIGHT = Vector(), Rotation()
