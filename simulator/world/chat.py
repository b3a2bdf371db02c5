"""Who hears what is said.

The one idea: listens are indexed by channel, so a line costs something only for the scripts that listen on
its channel. Range is measured at the moment of speaking; an object never hears itself.

People hear channel 0 through the region's outputs, after the commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts_api import AgentRef, Heard, ObjectRef, Vector

if TYPE_CHECKING:
    from simulator.world.calls import ScriptCalls
    from simulator.world.world import World

PUBLIC_CHANNEL = 0


@dataclass(frozen=True, slots=True)
class Said:
    """A line that people may hear. `range_m`: None for the whole region."""

    speaker: ObjectRef | AgentRef
    position: Vector | None
    text: str
    range_m: float | None


class Chat:
    """The listens of a region by channel, in the order in which they were opened."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_channel: dict[int, dict[ScriptCalls, int]] = {}
        self.said: list[Said] = []

    def opened(self, script: ScriptCalls, channel: int) -> None:
        """A script has one more listen on a channel."""
        scripts = self._by_channel.setdefault(channel, {})
        scripts[script] = scripts.get(script, 0) + 1

    def closed(self, script: ScriptCalls, channel: int) -> None:
        """A script has one listen less on a channel."""
        scripts = self._by_channel[channel]
        scripts[script] -= 1
        if not scripts[script]:
            del scripts[script]
        if not scripts:
            del self._by_channel[channel]

    def say(
        self, speaker: ObjectRef | AgentRef, position: Vector, text: str, channel: int, range_m: float | None
    ) -> None:
        """Say a line at a place."""
        heard = Heard(channel, speaker, text)
        for script in list(self._by_channel.get(channel, ())):
            if range_m is None or script.body.position.distance(position) <= range_m:
                self._hear(script, heard)
        if channel == PUBLIC_CHANNEL:
            self.said.append(Said(speaker, position, text, range_m))

    def say_to(self, speaker: ObjectRef, receiver: ObjectRef | AgentRef, text: str, channel: int) -> None:
        """Say a line to one; nobody else hears it."""
        body = self._world.objects.get(receiver.id)
        for script in body.scripts if body is not None else ():
            self._hear(script, Heard(channel, speaker, text))

    def _hear(self, script: ScriptCalls, heard: Heard) -> None:
        if script.body.id == heard.speaker.id:
            return
        if any(listen.hears(heard) for listen in (script.listens or {}).values()):
            script.deliver(heard)
