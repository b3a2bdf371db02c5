"""The numbers of the format: which factory has which number, and what the screening must know of its product.

The one idea: a record names no module, class or function of Python. Whatever is more than a plain value is
made by one of the factories below, which both sides know by number: the reader puts them into the unpickler's
memo before the first byte is read, the writer's memo starts the same way. So the bytes can call these and
nothing else.

Numbers are for ever: add at the end, never change one. It does not hold the factories themselves (`reader`).
"""

from __future__ import annotations

from typing import Final, NamedTuple

PLAIN: Final = 0
"""Kind of a value on the stack: hashed quickly, and no stranger can choose its hash."""

COLLIDING: Final = 1
"""Hashed quickly, but a stranger can choose many with one hash: as keys they are counted."""

LIST: Final = 2
DICT: Final = 3
SET: Final = 4

OPAQUE: Final = 5
"""May run a script's code when it is hashed, or be costly to: never a key while the bytes are read."""

FIELDS: Final = 6
"""Hashed as the tuple of what it was made of, whose kind it gets: no value has this one."""

TUPLE: Final = 8
"""A tuple of plain values has this kind plus the number of values that hashing it visits."""

FACTORY: Final = 1 << 40
"""A factory's kind is this plus its number."""


class Factory(NamedTuple):
    """One entry of the table: the reader's method, the kind of what it makes, about how many bytes that
    takes."""

    name: str
    product: int
    product_bytes: int = 200


FACTORIES: Final = (
    Factory("external", PLAIN, 0),
    Factory("frame", PLAIN),
    Factory("box", PLAIN),
    Factory("fill_box", PLAIN, 0),
    Factory("instance", PLAIN),
    Factory("fill", PLAIN, 300),
    Factory("api_value", FIELDS),
    Factory("named", PLAIN, 0),
    Factory("at_path", PLAIN, 0),
    Factory("member", PLAIN, 0),
    Factory("function", PLAIN, 400),
    Factory("method", PLAIN),
    Factory("generator", PLAIN, 1_000),
    Factory("fill_generator", PLAIN, 300),
    Factory("iterator", PLAIN),
    Factory("scalar", COLLIDING),
    Factory("container", OPAQUE, 800),
    Factory("fill_container", PLAIN, 100),
    Factory("error", PLAIN, 400),
    Factory("fill_error", PLAIN, 300),
    Factory("valued_instance", OPAQUE),
    Factory("adopt", PLAIN, 0),
    Factory("fill_slots", PLAIN, 300),
    Factory("built_instance", PLAIN, 400),
    Factory("valued_built_instance", OPAQUE, 400),
    Factory("fill_built", PLAIN, 300),
    Factory("value", PLAIN, 300),
    Factory("opaque_value", OPAQUE, 300),
    Factory("library_instance", OPAQUE, 300),
    Factory("pattern", PLAIN, 2_000),
    Factory("random_numbers", OPAQUE, 3_000),
    Factory("put_items", PLAIN, 0),
    Factory("put_members", PLAIN, 0),
    Factory("frozen", OPAQUE, 300),
    Factory("foreign", OPAQUE, 300),
    Factory("local_class", PLAIN, 2_000),
    Factory("fill_class", PLAIN, 500),
    Factory("array", OPAQUE, 300),
    Factory("memory_file", PLAIN, 400),
)

NUMBERS: Final = 64
"""So many numbers are the factories': a record's own parts are numbered behind them, whatever of these is in use, so
that a factory that is added moves nothing in the records of before.
"""

UNUSED: Final = NUMBERS - len(FACTORIES)

FACTORY_KINDS: Final = (*(FACTORY + number for number in range(len(FACTORIES))), *(PLAIN,) * UNUSED)

PREFIX: Final = b"\x80\x05(" + b"\x97\x94" * len(FACTORIES) + b"N\x94" * UNUSED + b"1"
"""Read before every record's own bytes: PROTO 5, MARK, (NEXT_BUFFER, MEMOIZE) for each factory, (NONE, MEMOIZE) for
each unused number, POP_MARK.
"""
