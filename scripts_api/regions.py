"""The region that a script's object is in: what `self.region` is.

The one idea: facts that can only be read, each of this moment. After a crossing the same view tells of the
new region.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts_api import checks
from scripts_api.refs import AgentRef
from scripts_api.values import Vector

if TYPE_CHECKING:
    from scripts_api.host import ScriptHost


@dataclass(frozen=True, slots=True)
class RegionLoad:
    """How busy a region is: what `region.statistics()` tells.

    `objects`: in it, agents' bodies included. `agents`: who is in it. `scripts`: in the objects. `time_dilation`: 1.0
    when frames come in time, less when they are late. `share_of_scripts_run`: of those that had something to run, the
    share that had a turn in a frame. `frames`: since the region's process began.

    Second Life: llGetEnv with "region_object_bonus" and the like, and the statistics bar.
    """

    objects: int
    agents: int
    scripts: int
    time_dilation: float
    share_of_scripts_run: float
    frames: int


class Region:
    """The region that the object is in; `AttributeError` for whoever sets something."""

    __slots__ = ("_host",)

    _host: ScriptHost

    def __init__(self, host: ScriptHost) -> None:
        object.__setattr__(self, "_host", host)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"region.{name} can't be set: a script only reads what its region is like")

    def __repr__(self) -> str:
        return f"<region {self.name}>"

    @property
    def name(self) -> str:
        """Its name.

        Second Life: llGetRegionName.
        """
        return str(self._host.region_fact("name"))

    @property
    def corner(self) -> Vector:
        """Its south-west corner, metres in the world.

        Second Life: llGetRegionCorner.
        """
        corner: Vector = self._host.region_fact("corner")
        return corner

    @property
    def size(self) -> Vector:
        """How far it reaches to the east and the north, in metres; z is 0.

        Second Life: none; 256 m.
        """
        size: Vector = self._host.region_fact("size")
        return size

    @property
    def now(self) -> float:
        """Seconds since 1970, as the region reckons.

        Second Life: llGetTime, llGetUnixTime.
        """
        return float(self._host.region_fact("now"))

    @property
    def time_dilation(self) -> float:
        """1.0 when scripts get all the time that they want, less when they share.

        Second Life: llGetRegionTimeDilation.
        """
        return float(self._host.region_fact("time_dilation"))

    def statistics(self) -> RegionLoad:
        """Return how busy the region is. Never waits.

        Second Life: llGetEnv, llGetRegionTimeDilation, llGetRegionFPS.
        """
        load: RegionLoad = self._host.region_fact("statistics")
        return load

    def agents(self) -> tuple[AgentRef, ...]:
        """Return who is in the region, by name. Never waits.

        Second Life: llGetAgentList.
        """
        found: tuple[AgentRef, ...] = self._host.region_fact("agents")
        return found

    def is_edge(self, position: Vector, direction: Vector) -> bool:
        """Return whether the world ends behind the border that lies in a direction of a place. Never waits.

        `position`: metres in the world, in this region. `direction`: along the axes of the world. Raises `ScriptError`
        for what are no vectors.

        Second Life: llEdgeOfWorld.
        """
        call = "region.is_edge"
        return self._host.is_edge(checks.vector(call, position), checks.vector(call, direction))
