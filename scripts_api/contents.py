"""What lies in an object: what `self.object.contents` is.

The one idea: notecards, scripts and objects by name, which do nothing until somebody makes something of them.
`self.rez(name)` makes an object of one, `self.give(receiver, name)` puts a copy into another object. They are
saved with the object and travel with it. Reading and writing never wait.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scripts_api import checks

if TYPE_CHECKING:
    from scripts_api.host import ScriptHost

KINDS = ("notecard", "script", "object")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in an object. `kind`: "notecard", "script" or "object". `text`: a notecard's, else empty."""

    name: str
    kind: str
    text: str = ""

    def lines(self) -> list[str]:
        """Return a notecard's lines, without their ends; none for what is no notecard. Never waits.

        Second Life: llGetNotecardLine, which answers by an event.
        """
        return self.text.splitlines()


class Contents:
    """Items by name. An object holds at most 256 of them and 128 KiB."""

    __slots__ = ("_host",)
    __match_args__ = ("_host",)

    _host: ScriptHost

    def __init__(self, host: ScriptHost) -> None:
        object.__setattr__(self, "_host", host)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(
            f"object.contents.{name} can't be set; use object.contents.write({name!r}, text)"
        )

    def names(self, kind: str | None = None) -> list[str]:
        """Return the names of what is there, sorted: all of it, or one of "notecard", "script", "object".

        Raises `ScriptError` for another kind. Never waits.

        Second Life: llGetInventoryNumber, llGetInventoryName.
        """
        if kind is not None and kind not in KINDS:
            checks.refuse("object.contents.names", "kind", kind, '"notecard", "script", "object" or None')
        return self._host.content_names(kind)

    def __getitem__(self, name: str) -> Item:
        """Return an item. Raises `ScriptError` if there is none of that name.

        Second Life: llGetInventoryType, llGetNotecardLine.
        """
        return self._host.content(checks.item_name("object.contents", name))

    def __contains__(self, name: object) -> bool:
        """Return whether there is an item of that name.

        Second Life: llGetInventoryType, with INVENTORY_NONE.
        """
        return name in self._host.content_names(None)

    def __len__(self) -> int:
        """Return how many items there are.

        Second Life: llGetInventoryNumber.
        """
        return len(self._host.content_names(None))

    def __iter__(self) -> Iterator[str]:
        """Return the names, sorted.

        Second Life: llGetInventoryName.
        """
        return iter(self._host.content_names(None))

    def write(self, name: str, text: str) -> None:
        """Put a notecard into the object, in the place of one of that name. Never waits.

        `text`: at most 64 KiB of UTF-8. The object's other scripts get `on_changed("contents")`. Raises
        `ScriptError` for what is no such text or where another kind of item has that name, `LimitReached` when
        the object is full.

        Second Life: none; OpenSimulator's osMakeNotecard.
        """
        call = "object.contents.write"
        self._host.write_notecard(checks.item_name(call, name), checks.notecard(call, text))

    def remove(self, name: str) -> None:
        """Take an item out for ever. Never waits. Raises `ScriptError` if there is none of that `name`.

        Second Life: llRemoveInventory.
        """
        self._host.remove_content(checks.item_name("object.contents.remove", name))
