"""Every maximum that a script's author can run into, each with the reason for its number."""

from __future__ import annotations

from typing import Final

TEXT_BYTES_MAX: Final = 1_024
"""One line of chat, in UTF-8: what people read at once; Second Life's figure."""

NAME_LEN_MAX: Final = 64
"""An object's name in characters: fits a list on a screen; Second Life has 63."""

ID_LEN_MAX: Final = 128
"""An id in characters: a region's name, a colon and a number take 53 at most; messages carry up to 200."""

DESCRIPTION_LEN_MAX: Final = 1_024
"""An object's description and floating text in characters: one line of chat."""

CHANNEL_MAX: Final = 2**31 - 1
"""Channels are signed 32-bit numbers, so that scripts moved from Second Life keep theirs."""

SECONDS_MAX: Final = 100 * 365 * 86_400.0
"""A hundred years: a longer time is a mistake, and every sum of two fits 64 bits of microseconds."""

SENSE_RADIUS_M_MAX: Final = 96.0
"""How far a script senses: Second Life's figure, within the 100 m that neighbours tell each other."""

SENSED_LEN_MAX: Final = 32
"""How many a sensing finds, the nearest first: what a script can look through in one slice."""

TOUCHED_LEN_MAX: Final = 32
"""How many others one object touches at a time, in the order of their ids: as many as a sensing finds."""

WHISPER_M: Final = 10.0
"""How far a whisper is heard: a table in a café."""

SAY_M: Final = 20.0
"""How far `say` is heard: a room."""

SHOUT_M: Final = 100.0
"""How far a shout is heard: a large square, and no further than neighbours' images reach."""

STORE_KEY_LEN_MAX: Final = 256
"""A key of the object's store in characters: a path or an id, not a text."""

COORDINATE_MAX: Final = 1e9
"""No coordinate or speed is larger: a millionth of a metre is still told apart in float64."""

SCALE_M_MIN: Final = 0.01
"""The smallest extent of an object: a pebble; Second Life's figure."""

SCALE_M_MAX: Final = 64.0
"""The largest extent of an object: a hall; Second Life's figure."""

NOTE_TEXT_LEN_MAX: Final = 4_096
"""A line in the author's log in characters: a traceback fits."""

NOTECARD_BYTES_MAX: Final = 64 * 1024
"""A notecard's text in UTF-8: a short story; Second Life's figure."""

ITEM_NAME_LEN_MAX: Final = NAME_LEN_MAX
"""A name in an object's contents in characters: what is rezzed from it is called so."""

LINKSET_LEN_MAX: Final = 256
"""Objects in a linkset, its root among them: Second Life's figure, and what crosses a border at once."""

SIT_M_MAX: Final = 10.0
"""How far away somebody may be from what it sits down on: a few steps."""

PATH_LEN_MAX: Final = 64
"""Places of a path that an object follows: a line with all its stations; it is saved with the object."""

HEIGHT_M_MAX: Final = 4_096.0
"""How high the world is, in metres above the ground: Second Life's figure."""

RAY_M_MAX: Final = 100.0
"""How far a ray goes: what a script can see of its surroundings, and a shout's range."""

RAY_HITS_MAX: Final = 32
"""How many things a ray tells of, the nearest first: as many as a sensing."""

TARGETS_MAX: Final = 8
"""Places that one script watches for: Second Life's figure."""

SENSORS_MAX: Final = 8
"""Sensings of one script that repeat: Second Life has one."""

WORN_M_MAX: Final = 3.5
"""How far from somebody something that it wears may be: Second Life's figure."""

GRANTERS_MAX: Final = 256
"""Agents whose grants one object keeps; of more, the oldest lapse: as many as ride on it at once."""

GRAVITY_M_PER_S2: Final = 9.8
"""How fast what falls gets faster: the Earth's, and Second Life's."""

URL_LEN_MAX: Final = 2_048
"""An address in characters: what every server takes."""

HTTP_BODY_BYTES_MAX: Final = 16 * 1024
"""What a script sends by HTTP, in UTF-8: as much as a message."""

HTTP_HEADERS_LEN_MAX: Final = 16
"""Headers of a request: a key, a kind of content, and some more."""

HTTP_HEADERS_OURS: Final = frozenset(
    (
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "te",
        "trailer",
        "upgrade",
        "expect",
    )
)
"""Headers that no script sets: they say which host is asked, and where a request ends."""

HTTP_SECONDS_MAX: Final = 60.0
"""How long a script waits for an answer: whoever takes longer has none."""

LINK_M_MAX: Final = 64.0
"""How far a part may be from its root: as large as the largest object."""
