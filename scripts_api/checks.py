"""What the calls of this package check before anything is done: numbers, texts, values, references.

The one idea: every check returns the value in the one form that the world keeps, or raises `ScriptError` that
says what was wrong, the value, the limit and what to do. So nothing half right ever leaves this package.
"""

from __future__ import annotations

import math
import re
from typing import NoReturn

from scripts_api.errors import ScriptError
from scripts_api.limits import (
    CHANNEL_MAX,
    COORDINATE_MAX,
    DESCRIPTION_LEN_MAX,
    HTTP_BODY_BYTES_MAX,
    HTTP_HEADERS_LEN_MAX,
    HTTP_HEADERS_OURS,
    ID_LEN_MAX,
    ITEM_NAME_LEN_MAX,
    NAME_LEN_MAX,
    NOTECARD_BYTES_MAX,
    SCALE_M_MAX,
    SCALE_M_MIN,
    SECONDS_MAX,
    STORE_KEY_LEN_MAX,
    TEXT_BYTES_MAX,
    URL_LEN_MAX,
)
from scripts_api.refs import AgentRef, ObjectRef
from scripts_api.values import Color, Rotation, Vector

_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")

# In a test's traceback the author's line comes last: what is behind it is ours.
__tracebackhide__ = True


def refuse(call: str, what: str, value: object, wanted: str) -> NoReturn:
    """Raise the error for a wrong argument."""
    shown = repr(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    raise ScriptError(f"{call}: {what} is {shown}; it must be {wanted}.")


def number(call: str, what: str, value: object) -> float:
    """Return a finite number as a float."""
    if isinstance(value, (int, float)):
        try:
            if math.isfinite(value):
                return float(value)
        except OverflowError:
            refuse(call, what, value, "smaller than the largest float")
    refuse(call, what, value, "a finite number")


def duration_us(call: str, what: str, seconds: object) -> int:
    """Return a time in microseconds; it was given in seconds."""
    # By their types first: `isinstance` with two classes takes as long as all else here, and every sleep pays for it.
    kind = type(seconds)
    if (kind is float or kind is int or isinstance(seconds, (int, float))) and 0 <= seconds <= SECONDS_MAX:  # type: ignore[operator]  # a number, as one of the three has said
        return round(seconds * 1_000_000)  # type: ignore[operator]  # the same
    refuse(call, what, seconds, f"from 0 to {SECONDS_MAX:,.0f} seconds")
    return round(seconds * 1_000_000)


def timeout_us(call: str, seconds: object) -> int | None:
    """Return a time-out in microseconds; None stays None and means for ever."""
    return None if seconds is None else duration_us(call, "timeout_s", seconds)


def channel(call: str, value: object) -> int:
    """Return a channel."""
    if type(value) is not int or not -CHANNEL_MAX <= value <= CHANNEL_MAX:
        refuse(call, "channel", value, f"a whole number from -{CHANNEL_MAX} to {CHANNEL_MAX}")
    return value


def url(call: str, value: object) -> str:
    """Return an address."""
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        refuse(call, "the address", value, "a text that begins with http:// or https://")
    if len(value) > URL_LEN_MAX or not value.isascii() or not value.isprintable() or " " in value:
        refuse(
            call, "the address", value, f"at most {URL_LEN_MAX} characters, without spaces; see urllib.parse"
        )
    return str(value)


def headers(call: str, value: object) -> tuple[tuple[str, str], ...]:
    """Return the headers of a request."""
    if not isinstance(value, dict) or len(value) > HTTP_HEADERS_LEN_MAX:
        refuse(call, "headers", value, f"a dict of at most {HTTP_HEADERS_LEN_MAX} texts")
    for name, text in value.items():
        if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
            refuse(call, "the name of a header", name, "a text of 1 to 64 letters, digits and -")
        if name.lower() in HTTP_HEADERS_OURS or name.lower().startswith("proxy-"):
            raise ScriptError(f"{call}: the header {name} is not a script's to set; leave it out.")
        if (
            not isinstance(text, str)
            or not (text.isascii() and text.isprintable())
            or len(text) > URL_LEN_MAX
        ):
            refuse(
                call,
                f"the header {name}",
                text,
                f"a text of at most {URL_LEN_MAX} ASCII characters in one line",
            )
    return tuple(value.items())


def http_body(call: str, value: object) -> str | None:
    """Return what is sent, or None for nothing."""
    if value is None:
        return None
    if not isinstance(value, str) or not _is_unicode(value):
        refuse(call, "body", value, "a text, as json.dumps(…)")
    if len(value.encode()) > HTTP_BODY_BYTES_MAX:
        refuse(call, "body", value, f"at most {HTTP_BODY_BYTES_MAX} bytes; it has {len(value.encode())}")
    return str(value)


def line(call: str, value: object) -> str:
    """Return a line of chat: nothing of it is ever lost, so it may be too long."""
    if not isinstance(value, str):
        refuse(call, "text", value, "a text; write str(…) around it")
    if not _is_unicode(value):
        refuse(call, "text", value, "a text without halves of characters (surrogates)")
    size = len(value.encode())
    if size > TEXT_BYTES_MAX:
        wanted = (
            f"at most {TEXT_BYTES_MAX} bytes of UTF-8, and has {size}; say it in parts, as by textwrap.wrap"
        )
        refuse(call, "text", value, wanted)
    return str(value)


def name(call: str, value: object) -> str:
    """Return an object's name."""
    return _text(call, value, NAME_LEN_MAX)


def description(call: str, value: object) -> str:
    """Return a description or floating text."""
    return _text(call, value, DESCRIPTION_LEN_MAX)


def store_key(call: str, value: object) -> str:
    """Return a key of the object's store."""
    return _text(call, value, STORE_KEY_LEN_MAX)


def item_name(call: str, value: object) -> str:
    """Return the name of something in an object's contents."""
    name = _text(call, value, ITEM_NAME_LEN_MAX)
    if not name:
        refuse(call, "the name", value, "a name, as in object.contents.names()")
    return name


def notecard(call: str, value: object) -> str:
    """Return a notecard's text."""
    if not isinstance(value, str) or not _is_unicode(value):
        refuse(call, "text", value, "a text")
    size = len(value.encode())
    if size > NOTECARD_BYTES_MAX:
        refuse(call, "text", value, f"at most {NOTECARD_BYTES_MAX} bytes of UTF-8; it has {size}")
    return str(value)


def _text(call: str, value: object, len_max: int) -> str:
    if not isinstance(value, str) or len(value) > len_max:
        refuse(call, "the value", value, f"a text of at most {len_max} characters")
    if not _is_unicode(value):
        refuse(call, "the value", value, "a text without halves of characters (surrogates)")
    return str(value)


def _is_unicode(text: str) -> bool:
    """Return whether a text can be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _id(call: str, what: str, value: object) -> None:
    if not isinstance(value, str) or len(value) > ID_LEN_MAX or not _is_unicode(value):
        refuse(call, f"the id of {what}", value, "one that a reference came with, as `self.object.ref.id`")


def vector(call: str, value: object, what: str = "the value") -> Vector:
    """Return a vector whose coordinates are finite and not too large."""
    if not isinstance(value, Vector):
        refuse(call, what, value, "a Vector")
    if not all(-COORDINATE_MAX <= coordinate <= COORDINATE_MAX for coordinate in value):
        refuse(call, what, value, f"a Vector with coordinates from -{COORDINATE_MAX:g} to {COORDINATE_MAX:g}")
    return value


def speed(call: str, velocity: Vector) -> Vector:
    """Return a velocity that was reckoned from something else."""
    if not all(-COORDINATE_MAX <= each <= COORDINATE_MAX for each in velocity):
        refuse(call, "the velocity would be", velocity, f"at most {COORDINATE_MAX:g} m/s along each axis")
    return velocity


def leg(call: str, value: object) -> tuple[Vector, int, Rotation | None]:
    """Return one leg of a path: the place, microseconds to it, and how the object is turned there; the time was given
    in seconds.
    """
    if not isinstance(value, (list, tuple)) or isinstance(value, Vector) or len(value) not in (2, 3):
        refuse(call, "a part of the path", value, "a pair of a place and seconds, or a Rotation as third")
    us = duration_us(call, "seconds", value[1])
    if us == 0:
        refuse(call, "seconds", value[1], "above 0; to be somewhere at once, set object.position")
    turn = None if len(value) == 2 or value[2] is None else rotation(call, value[2])
    return vector(call, value[0]), us, turn


def scale(call: str, value: object) -> Vector:
    """Return an object's extent."""
    size = vector(call, value)
    if not all(SCALE_M_MIN <= extent <= SCALE_M_MAX for extent in size):
        refuse(call, "the value", value, f"a Vector with extents from {SCALE_M_MIN:g} to {SCALE_M_MAX:g} m")
    return size


def rotation(call: str, value: object) -> Rotation:
    """Return a rotation."""
    if not isinstance(value, Rotation):
        refuse(call, "the value", value, "a Rotation")
    return value


def color(call: str, value: object) -> Color:
    """Return a colour."""
    if not isinstance(value, Color):
        refuse(call, "the value", value, "a Color")
    return value


def flag(call: str, value: object) -> bool:
    """Return a truth value."""
    if not isinstance(value, bool):
        refuse(call, "the value", value, "True or False")
    return value


def object_ref(call: str, what: str, value: object) -> ObjectRef:
    """Return a reference to an object."""
    if not isinstance(value, ObjectRef):
        refuse(call, what, value, "an ObjectRef, as `self.object.ref` or the sender of a message")
    _id(call, what, value.id)
    return value


def agent_ref(call: str, what: str, value: object) -> AgentRef:
    """Return a reference to someone."""
    if not isinstance(value, AgentRef):
        refuse(call, what, value, "an AgentRef, as `toucher` of on_touch or one of region.agents()")
    _id(call, what, value.id)
    return value


def any_ref(call: str, what: str, value: object) -> ObjectRef | AgentRef:
    """Return a reference to an object or to someone."""
    if not isinstance(value, (ObjectRef, AgentRef)):
        refuse(call, what, value, "an ObjectRef or an AgentRef")
    _id(call, what, value.id)
    return value
