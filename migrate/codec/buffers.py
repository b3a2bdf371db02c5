"""Arrays of numbers, and texts and bytes that are written like files but lie in memory.

The one idea: numbers travel least significant byte first, with the size of one, so that a machine that lays them out
otherwise either turns them round or says that it cannot hold them. A text or bytes in memory is its content and its
position; the file it imitates is no part of it.
"""

from __future__ import annotations

import sys
from array import array
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any, Final

from migrate.codec.containers import exact
from migrate.errors import BadRecord, CaptureRefused

if TYPE_CHECKING:
    from migrate.codec.instances import Parts


class BufferFactories:
    """Makes them anew. Each raises `BadRecord` for wrong arguments."""

    __slots__ = ()

    def spend(self, items: int) -> None:
        """Account for `items` that a factory copies; the reader does it."""
        raise NotImplementedError

    def array(self, typecode: str, item_bytes: int, content: Any) -> array[Any]:
        """An array of numbers; of characters where `content` is a text."""
        self.spend(1 + len(content) // _TOGETHER)
        if type(content) is str:
            return array("u", content)
        if typecode not in _NUMBERS:
            raise BadRecord(f"a record holds an array of type {typecode!r}.")
        made = array(typecode)
        if made.itemsize != item_bytes:
            raise BadRecord(
                f"a record holds an array of type {typecode!r} with {exact(item_bytes, int)} bytes for each number; "
                f"here they have {made.itemsize}. Use array('i') or array('q'), which are alike everywhere."
            )
        made.frombytes(exact(content, bytes))
        if _OTHER_WAY_ROUND:
            made.byteswap()
        return made

    def memory_file(self, content: Any, newline: str | None, position: int) -> StringIO | BytesIO:
        """A `StringIO` or `BytesIO` that goes on where it was; a closed one has None for its content."""
        made = BytesIO() if newline == _OF_BYTES else StringIO(newline=newline)
        if content is None:
            made.close()
            return made
        self.spend(1 + len(content) // _TOGETHER)
        exact(content, bytes if newline == _OF_BYTES else str)
        state = (
            (content, exact(position, int))
            if newline == _OF_BYTES
            else (content, newline, exact(position, int))
        )
        made.__setstate__((*state, None))  # type: ignore[union-attr]  # typeshed leaves it out
        return made


_NUMBERS: Final = frozenset("bBhHiIlLqQfd")

_OTHER_WAY_ROUND: Final = sys.byteorder == "big"
"""Whether this machine lays numbers out otherwise than they travel."""

_TOGETHER: Final = 8
"""So many bytes or characters take no more memory than one item of a container."""

_OF_BYTES: Final = "bytes"
"""Stands for a line ending that no `StringIO` can have."""


def _part_array(_: object, value: array[Any]) -> Parts:
    if value.typecode not in _NUMBERS:
        return BufferFactories.array, (value.typecode, value.itemsize, value.tounicode())
    numbers = value
    if _OTHER_WAY_ROUND:
        numbers = value[:]
        numbers.byteswap()
    return BufferFactories.array, (value.typecode, value.itemsize, numbers.tobytes())


def _part_memory_file(_: object, value: Any) -> Parts:
    kind = type(value).__name__
    newline = None if type(value) is StringIO else _OF_BYTES
    if value.closed:
        return BufferFactories.memory_file, (None, newline, 0)
    content, *between, position, attributes = value.__getstate__()
    if attributes:
        raise CaptureRefused(f"a {kind} with attributes of its own cannot travel: keep those apart.")
    return BufferFactories.memory_file, (content, *(between or [newline]), position)


PARTERS: Final[dict[type, Any]] = {
    array: _part_array,
    StringIO: _part_memory_file,
    BytesIO: _part_memory_file,
}
