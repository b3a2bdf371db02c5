"""What a sensing finds: the result of `self.sense` and of a repeating sensor."""

from __future__ import annotations

from dataclasses import dataclass

from scripts_api.refs import AgentRef, ObjectRef
from scripts_api.values import Vector


@dataclass(frozen=True, slots=True)
class Sensed:
    """What a sensing found of one object or agent, as it was at that moment. Metres, metres a second.

    Second Life: llDetectedKey, llDetectedPos and the like.
    """

    ref: ObjectRef | AgentRef
    name: str
    owner: str
    position: Vector
    velocity: Vector
    distance: float
