"""What a ray meets: the result of `self.cast_ray`."""

from __future__ import annotations

from dataclasses import dataclass

from scripts_api.refs import AgentRef, ObjectRef
from scripts_api.values import Vector


@dataclass(frozen=True, slots=True)
class RayHit:
    """One thing that a ray has met. `ref`: None for the ground. `position`: where the ray enters it, metres in the
    world. `distance`: from the start of the ray, in metres.

    Second Life: what llCastRay returns.
    """

    ref: ObjectRef | AgentRef | None
    name: str
    position: Vector
    distance: float
