"""What the screen takes at once: runs of plain values in a list, and of texts with plain values in a dict.

The one idea: a compiled regular expression goes through such values in a fifth of the time that the screen's machine
takes, and lets pass nothing that the machine would refuse. What it does not tell is how many of them were kept for
later. That is how often MEMOIZE's byte is in the run; only where a number holds that very byte, which the expression
tells, the run is taken apart.

What has no such shape is left to the machine.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from typing import Final

from migrate.codec.codes import DICT, FACTORIES, LIST, NUMBERS, OPAQUE, PLAIN

TEXT_LEN_MAX: Final = 40
"""Bytes of a text in a run: each length is an alternative of its own."""

RUN_BYTE_BYTES: Final = 72
"""What a byte of a run takes in memory at most: a tuple of one value, three bytes, is 168 and its place in a list."""

_CLEAR: Final = rb"[^\x94]"


def _texts(any_more: bytes) -> bytes:
    """SHORT_BINUNICODE and MEMOIZE, by length; `any_more`: of the same length."""
    lengths = (re.escape(bytes((n,))) + _CLEAR + rb"{%d}\x94" % n for n in range(1, TEXT_LEN_MAX + 1))
    return rb"\x8c(?:\0\x94|" + b"|".join(each + any_more.replace(b"_", each) for each in lengths) + b")"


_TEXT: Final = _texts(b"")
_COLUMN: Final = _texts(rb"(?:\x8c_)*+")
"""Texts of one length, as lists have them often: it is looked up once. None is taken of which the last byte is
missing, or the whole column would be gone through again from each of its texts.
"""

assert NUMBERS == 0x40, "numbers below it are the factories', which no run may refer to"
_NUMBER: Final = rb"G_{8}|K_|M_{2}|J_{4}|h(?![\0-\x3f])_|j(?!.\0\0\0)_{4}"
"""BINFLOAT, BININT1, BININT2, BININT, and what the record has kept itself: BINGET, LONG_BINGET."""

_CLEAR_NUMBER: Final = _NUMBER.replace(b"_", _CLEAR)
_ANY_NUMBER: Final = _NUMBER.replace(b"_", b".")

_PLAIN: Final = b"(?:" + _TEXT + rb"|[N\x88\x89)]|" + _CLEAR_NUMBER + rb"|(?:" + _ANY_NUMBER + b")())"
"""A plain value. The group is there where a number holds MEMOIZE's byte."""

_FEW: Final = _PLAIN + rb"(?:\x85\x94|" + _PLAIN + rb"(?:\x86\x94|" + _PLAIN + rb"\x87\x94))"
"""A tuple of up to three."""

_API_VALUE: Final = b"h" + re.escape(bytes([[each.name for each in FACTORIES].index("api_value")]))
_EMPTY: Final = b"(?=[ue])"
"""Behind an empty list or dict that ends another: elsewhere, what follows may be its only item."""

_NESTED: Final = b"|".join((
    rb"\]\x94(?:(?:\(" + _PLAIN + b"*+e)++|" + _PLAIN + b"a|" + _EMPTY + b")",
    rb"\(" + _PLAIN + rb"++t\x94",
    _API_VALUE + rb"\(" + _PLAIN + rb"++t\x94R\x94",
))  # fmt: skip
"""A list, a longer tuple, or a vector and the like, of plain values. Pickle adds a thousand items at a time, of lists
and of dicts; and none at all behind a last thousand.
"""

_VALUE: Final = _PLAIN + rb"(?=[\x8cu])|" + b"|".join((_FEW, _NESTED, _PLAIN))
_PAIR: Final = _TEXT + b"(?:" + _VALUE + b")"
_DICT: Final = rb"\}\x94(?:(?:\((?:" + _PAIR + b")*+u)++|" + _EMPTY + b")"
"""A dict of texts with such values."""

_NO_TUPLE: Final = rb"(?![\x85-\x87])"
"""What follows makes no tuple of the run's last values."""

_RUNS: Final = {
    LIST: rb"(?:(?:"
    + _FEW
    + b")++|(?:"
    + _COLUMN
    + b"|"
    + _PLAIN
    + b"|"
    + _NESTED
    + b"|"
    + _DICT
    + b")++"
    + _NO_TUPLE
    + b")",
    DICT: b"(?:" + _TEXT + b"(?:" + _DICT + b"|" + _VALUE + b"))++" + _NO_TUPLE,
}

Match = Callable[[bytes, int], re.Match[bytes] | None]

_POSSESSIVE: Final = sys.version_info >= (3, 11, 5)
"""Whether `++` takes whole values only. Before, it took the beginning of one as well (CPython's issue 106052)."""

RUNS: Final[Mapping[int, Match]] = {
    kind: re.compile(run, re.DOTALL).match for kind, run in _RUNS.items() if _POSSESSIVE
}
"""By the kind of the container: what matches behind its MARK. `lastindex`: whether the run must be taken apart."""

_KEPT: Final = re.compile(
    rb"(?:[N\x88\x89)(eua]|"
    + _ANY_NUMBER.replace(rb"(?![\0-\x3f])", b"")
    + rb")*+(?:([\x8c\]}tR\x85-\x87])[^\x94]*+\x94|\Z)",
    re.DOTALL,
)
"""One value of a run that is kept, with all before it that is not; or what is left."""

_KINDS: Final = bytes.maketrans(
    b"\x8c]}Rt\x85\x86\x87", bytes((PLAIN, LIST, DICT, OPAQUE, OPAQUE, OPAQUE, OPAQUE, OPAQUE))
)
"""The kind of what an opcode makes. How costly a tuple is as a key, or a value of the API that holds one, is not told:
those are left to the machine.
"""


def kinds_kept(body: bytes, start: int, end: int) -> bytes:
    """The kinds of what a run keeps, one byte for each."""
    return b"".join(_KEPT.findall(body, start, end)).translate(_KINDS)


_OTHERS_KEPT: Final = re.compile(rb"[\]}tR\x85-\x87]\x94")


def only_texts_kept(body: bytes, start: int, end: int) -> bool:
    """Whether it is certain that a run keeps nothing but texts; one that ends like an opcode leaves it open."""
    return _OTHERS_KEPT.search(body, start, end) is None
