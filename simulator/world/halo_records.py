"""What neighbouring regions tell each other of what is near their border: frozen records, all of them droppable.

The one idea: a line of chat says where it was spoken, an image where something was and how it moves. Whoever gets
one reckons the rest. Everything is bounded, because it may come from a stranger.
"""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta

from migrate.limits import NAME_LEN_MAX as ID_LEN_MAX
from scripts_api import AgentRef, ObjectRef, Vector
from scripts_api.limits import CHANNEL_MAX, NAME_LEN_MAX, SHOUT_M, TEXT_BYTES_MAX

IMAGES_MAX: Final = 1_024
"""Images of one region in another, those nearest to the border: 100 KB at once, and thirty times what one sensing
finds.
"""

Id: TypeAlias = Annotated[str, Meta(max_length=ID_LEN_MAX)]
Name: TypeAlias = Annotated[str, Meta(max_length=NAME_LEN_MAX)]
Owner: TypeAlias = Annotated[str, Meta(max_length=ID_LEN_MAX)]
Numbers: TypeAlias = tuple[float, float, float]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**62)]


class Line(msgspec.Struct, frozen=True, array_like=True, tag="line1"):
    """A line of chat that reaches over the border. `number`: larger than that of every line before it."""

    number: Count
    speaker: Id
    name: Name
    is_agent: bool
    position: Numbers
    text: Annotated[str, Meta(max_length=TEXT_BYTES_MAX)]
    channel: Annotated[int, Meta(ge=-CHANNEL_MAX, le=CHANNEL_MAX)]
    range_m: Annotated[float, Meta(ge=0, le=SHOUT_M)]

    @property
    def who(self) -> ObjectRef | AgentRef:
        """Who has spoken."""
        return AgentRef(self.speaker, self.name) if self.is_agent else ObjectRef(self.speaker, self.name)


class Look(msgspec.Struct, frozen=True, array_like=True, tag="look1"):
    """Somebody looks over the border: send images for some seconds. `have`: the version that is here, or 0."""

    have: Count


class Image(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One object or agent as it was when this was sent. `id`: of the object; `agent`: who it is the body of."""

    id: Id
    name: Name
    owner: Owner
    agent: Id | None
    place: Numbers
    velocity: Numbers

    @property
    def ref(self) -> ObjectRef | AgentRef:
        """A reference to it."""
        return ObjectRef(self.id, self.name) if self.agent is None else AgentRef(self.agent, self.name)

    def position(self, age_us: int) -> Vector:
        """Return where it is so long after this came."""
        return Vector(*self.place) + Vector(*self.velocity) * (age_us / 1e6)


class Images(msgspec.Struct, frozen=True, array_like=True, tag="images1"):
    """What has changed between the versions `base` and `version`; with base 0 all there is: a baseline."""

    version: Count
    base: Count
    changed: Annotated[tuple[Image, ...], Meta(max_length=IMAGES_MAX)]
    gone: Annotated[tuple[Id, ...], Meta(max_length=IMAGES_MAX)]


HaloNote: TypeAlias = Line | Look | Images

encode_note = msgspec.msgpack.Encoder().encode
_decoder: msgspec.msgpack.Decoder[HaloNote] = msgspec.msgpack.Decoder(HaloNote)


def read_note(data: bytes) -> HaloNote | None:
    """Return the record, or None for bytes that are none: a neighbour may send what it likes."""
    try:
        return _decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
