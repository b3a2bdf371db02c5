"""The linkset that a script's object is part of: what `self.object.links` is.

The one idea: a sequence. `links[0]` is the root, the others are parts that hang on it: they move, cross, are
saved and die as one. Places and rotations of parts are relative to the root. An object that is linked to
nothing is a linkset of one.

Nothing here waits, because a linkset is always in one region as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from scripts_api import checks
from scripts_api.attributes import Attribute, Fact
from scripts_api.errors import ScriptError
from scripts_api.refs import ObjectRef
from scripts_api.values import Color, Rotation, Vector

if TYPE_CHECKING:
    from scripts_api.host import ScriptHost

RECEIVERS = ("all", "others", "root", "parts")


class LinkedPart:
    """One part of the linkset, by its number. Raises `ScriptError` when there is no such part any more."""

    __slots__ = ("_host", "number")
    __match_args__ = ("_host", "number")

    _host: ScriptHost
    number: int

    def __init__(self, host: ScriptHost, number: int) -> None:
        object.__setattr__(self, "_host", host)
        object.__setattr__(self, "number", number)

    def __setattr__(self, name: str, value: object) -> None:
        if not isinstance(getattr(type(self), name, None), (Attribute, Fact)):
            raise ScriptError(f"links[{self.number}].{name} can't be set: a part has no such attribute.")
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"<link {self.number}>"

    def _read(self, name: str) -> Any:
        return self._host.read_link(self.number, name)

    def _write(self, name: str, value: Any) -> None:
        self._host.write_link(self.number, name, value)

    id: Fact[str] = Fact("Its id, valid on the whole grid.", "llGetLinkKey")
    owner: Fact[str] = Fact("Who owns it, by name.", "llGetOwnerKey")
    name: Attribute[str] = Attribute(
        checks.name, "What it is called: at most 64 characters.", "llGetLinkName, PRIM_NAME"
    )
    description: Attribute[str] = Attribute(
        checks.description, "What it is: at most 1024 characters.", "PRIM_DESC"
    )
    text: Attribute[str] = Attribute(
        checks.description, "What floats above it: at most 1024 characters.", "PRIM_TEXT"
    )
    color: Attribute[Color] = Attribute(checks.color, "Its colour.", "llSetLinkColor")
    scale: Attribute[Vector] = Attribute(checks.scale, "Its extents, each from 0.01 to 64 m.", "PRIM_SIZE")
    phantom: Attribute[bool] = Attribute(
        checks.flag, "Whether it touches nothing: it is in no collision.", "PRIM_PHANTOM"
    )
    position: Attribute[Vector] = Attribute(
        checks.vector, "Metres from the root, along the root's axes; at most 64. The root's own is 0.",
        "PRIM_POS_LOCAL",
    )  # fmt: skip
    rotation: Attribute[Rotation] = Attribute(
        checks.rotation, "How it is turned against the root.", "PRIM_ROT_LOCAL"
    )

    @property
    def ref(self) -> ObjectRef:
        """A reference to it, for messages.

        Second Life: llGetLinkKey.
        """
        return ObjectRef(self.id, self.name)


class Links:
    """The parts of the linkset, the root first, in the order in which they were linked."""

    __slots__ = ("_host",)
    __match_args__ = ("_host",)

    _host: ScriptHost

    def __init__(self, host: ScriptHost) -> None:
        object.__setattr__(self, "_host", host)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"object.links.{name} can't be set; use object.link and object.unlink")

    def __len__(self) -> int:
        """Return how many there are, the root included.

        Second Life: llGetNumberOfPrims.
        """
        return self._host.link_count()

    def __getitem__(self, number: int) -> LinkedPart:
        """Return a part; 0 is the root, -1 the last. Raises `ScriptError` for a `number` that none has.

        Second Life: a link number, whose root is 1.
        """
        count = self._host.link_count()
        if type(number) is not int or not -count <= number < count:
            checks.refuse("object.links", "the number", number, f"from 0 to {count - 1}")
        return LinkedPart(self._host, number % count)

    def __iter__(self) -> Iterator[LinkedPart]:
        """Return every part, the root first.

        Second Life: LINK_SET.
        """
        return (LinkedPart(self._host, number) for number in range(self._host.link_count()))

    @property
    def own(self) -> int:
        """The number of the script's own object; 0 if it is the root.

        Second Life: llGetLinkNumber, whose root is 1.
        """
        return self._host.link_number()

    def send(self, payload: Any, to: str = "others") -> None:
        """Send the scripts of the linkset a copy of a value that can travel, at once. Never waits.

        `to`: "all" objects of it, "others" than the script's own, the "root", or the "parts" that are not the
        root. Never to the script itself. `on_message(sender, payload)` is called. Raises `ScriptError` for a
        payload that can't travel, `LimitReached` when too much was sent of late.

        Second Life: llMessageLinked.
        """
        if to not in RECEIVERS:
            checks.refuse("object.links.send", "to", to, f"one of {', '.join(RECEIVERS)}")
        self._host.send_to_links(payload, to)
