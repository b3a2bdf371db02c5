"""Who hears what is said.

The one idea: listens are indexed by channel and objects by place, so a line costs something only for the
scripts that listen on its channel, or for the objects that are near, whichever are fewer. Range is measured
at the moment of speaking; an object never hears itself.

People hear channel 0 through the region's outputs, after the commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from scripts_api import AgentRef, Heard, ObjectRef, ScriptError, Vector

if TYPE_CHECKING:
    from simulator.world.calls import ScriptCalls
    from simulator.world.world import World

Speaker: TypeAlias = ObjectRef | AgentRef

PUBLIC_CHANNEL = 0
SCANNED_MAX = 256
"""So many scripts that listen are asked for their place one by one: quicker than looking into 700 cells."""


@dataclass(frozen=True, slots=True)
class Said:
    """A line that people may hear. `range_m`: None for the whole region. `receiver`: the only one who hears it.
    `over_border`: it was said in a neighbouring region, which tells it too.
    """

    speaker: ObjectRef | AgentRef
    position: Vector | None
    text: str
    range_m: float | None
    receiver: AgentRef | None = None
    over_border: bool = False


class Chat:
    """The listens of a region by channel: for each script when it opened the first, and how many it has."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_channel: dict[int, dict[ScriptCalls, tuple[int, int]]] = {}
        self._opened = 0
        self.said: list[Said] = []

    def opened(self, script: ScriptCalls, channel: int) -> None:
        """A script has one more listen on a channel."""
        self._opened += 1
        scripts = self._by_channel.setdefault(channel, {})
        number, count = scripts.get(script, (self._opened, 0))
        scripts[script] = number, count + 1

    def closed(self, script: ScriptCalls, channel: int) -> None:
        """A script has one listen less on a channel."""
        scripts = self._by_channel[channel]
        number, count = scripts[script]
        if count > 1:
            scripts[script] = number, count - 1
        else:
            del scripts[script]
        if not scripts:
            del self._by_channel[channel]

    def say(self, speaker: Speaker, position: Vector, text: str, channel: int, range_m: float | None) -> None:
        """Say a line at a place, to what listens within `range_m` metres; None: in the whole region."""
        self._heard_by(speaker, position, text, channel, range_m)
        if range_m is not None:
            self._world.halo.carry(speaker, position, text, channel, range_m)
        if channel == PUBLIC_CHANNEL:
            self.said.append(Said(speaker, position, text, range_m))

    def hear_over_border(
        self, speaker: Speaker, position: Vector, text: str, channel: int, range_m: float
    ) -> None:
        """A line was spoken in a neighbouring region."""
        self._heard_by(speaker, position, text, channel, range_m)
        if channel == PUBLIC_CHANNEL:
            self.said.append(Said(speaker, position, text, range_m, over_border=True))

    def _heard_by(
        self, speaker: Speaker, position: Vector, text: str, channel: int, range_m: float | None
    ) -> None:
        heard = Heard(channel, speaker, text)
        for script in self._in_range(channel, position, range_m):
            self._hear(script, heard)

    def _in_range(self, channel: int, position: Vector, range_m: float | None) -> list[ScriptCalls]:
        """Return who listens on a channel within so many metres, in the order of their listens' opening."""
        listening = self._by_channel.get(channel, {})
        if range_m is None:
            return list(listening)
        if len(listening) > SCANNED_MAX:
            cells = self._world.cells.near(position, range_m)
            if sum(map(len, cells)) < len(listening):
                near = (
                    body for cell in cells for body in cell if body.position.distance(position) <= range_m
                )
                found = [script for body in near for script in body.scripts if script in listening]
                return sorted(found, key=listening.__getitem__)
        return [each for each in listening if each.body.position.distance(position) <= range_m]

    def check_receiver(self, receiver: ObjectRef | AgentRef) -> None:
        """Raise `ScriptError` if an object is not in the region."""
        if isinstance(receiver, ObjectRef) and receiver.id not in self._world.objects:
            raise ScriptError(
                f"say_to: {receiver.name or receiver.id!r} is not in the region {self._world.here.name}; use send,"
                " which reaches objects everywhere."
            )

    def say_to(self, speaker: ObjectRef, receiver: ObjectRef | AgentRef, text: str, channel: int) -> None:
        """Say a line to one that is in the region; nobody else hears it."""
        if isinstance(receiver, AgentRef):
            # Also where nobody of that name has a body: who touches by a client hears what is said to it.
            if channel == PUBLIC_CHANNEL:
                self.said.append(Said(speaker, None, text, None, receiver))
            return
        for script in self._world.objects[receiver.id].scripts:
            self._hear(script, Heard(channel, speaker, text))

    def _hear(self, script: ScriptCalls, heard: Heard) -> None:
        if script.body.id == heard.speaker.id:
            return
        if any(listen.hears(heard) for listen in (script.listens or {}).values()):
            script.deliver(heard)
