"""Every maximum and interval of `migrate`, each with the reason for its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# --- Sockets (migrate/sockets.py) ---

SOCKET_MESSAGE_BYTES_MAX: Final = 8 * 1024 * 1024
"""A batch is 256 KB; a linkset of 256 parts with half-full memories still fits."""

SOCKET_QUEUE_LEN_MAX: Final = 64
"""Batches for each peer that wait inside ZeroMQ: what is lost there the link sends again, so few."""

KEEPALIVE_S: Final = 1
"""How often TCP asks a silent host whether it is there: as often as it can."""

PEER_SILENT_MS_MAX: Final = 4_000
"""How long a host may acknowledge nothing before the connection is dropped and made anew: four lost in a row."""

RECONNECT_FIRST_MS: Final = 20
"""A restarted simulator is back in the grid within a frame or two."""

RECONNECT_MS_MAX: Final = 1_000
"""A neighbour that is away for an hour is asked once a second."""

LAST_ANSWER_MS_MIN: Final = 50
"""How long the sockets stay open behind an answer: on this machine they need 1 ms, and 20 under load."""

LAST_ANSWER_MS_MAX: Final = 200
"""How long a simulator that stops waits for its last answers to leave: the operator asked it to stop."""

# --- Links, hand-over and events between regions (migrate/link.py, handoff.py, mail.py) ---

BATCH_BYTES_MAX: Final = 256 * 1024
"""Bodies in one frame: larger batches gain nothing and hold up what comes behind them."""

UNIT_BYTES_MAX: Final = 6 * 1024 * 1024
"""A unit travels in one message: what ZeroMQ accepts, less room for counters and for being sent back."""

NAME_LEN_MAX: Final = 200
"""Region names and object ids on the wire: ten times what is in use."""

REASON_LEN_MAX: Final = 500
"""A refusal's text is one sentence for a script's author."""

UNIT_MEMBERS_MAX: Final = 256
"""Objects in one unit: a linkset's own maximum, each part with a passenger."""

UNIT_PROGRAMS_MAX: Final = 1_024
"""Programs in one unit: four scripts for each member, all different."""

PAIRS_EARLY_MAX: Final = 65_536
"""Events before their turn for one object: a full window from each of a thousand senders."""

FRAME_BODIES_MAX: Final = 16_384
"""The smallest message has about 16 bytes: no honest batch of 256 KB holds more."""

LINK_WINDOW_LEN_MAX: Final = 4_096
"""Messages a receiver lets a sender have under way: several ticks' worth at full speed."""

LINK_EARLY_BYTES_MAX: Final = 8 * 1024 * 1024
"""Bytes kept behind a gap in a link; beyond that they are dropped and sent again."""

OUTBOX_LEN_MAX: Final = 16_384
"""Messages for one neighbour before scripts must wait: four windows; a tick's worth of a full region."""

OUTBOX_BYTES_MAX: Final = 32 * 1024 * 1024
"""The same in bytes: with eight neighbours away for an hour, 256 MB."""

WHISPERS_LEN_MAX: Final = 1_024
"""Volatile messages waiting for one neighbour: whoever needs one asks again."""

RESEND_US_FIRST: Final = 100_000
"""A neighbour acknowledges after its commit, so about a tick (20-50 ms) after arrival."""

RESEND_US_MAX: Final = 2_000_000
"""One batch in two seconds is cheap, and a neighbour that is back announces itself at once."""

OFFER_US_MAX: Final = 5_000_000
"""How long an object waits at a border without an answer before it bounces: paths with a second of delay in each
direction, the worst that regions of one world should have, answer after two.
"""

OFFER_RESEND_US: Final = 200_000
"""Offers and their answers are volatile: twenty-five tries before giving up."""

PAIR_WINDOW_LEN_MAX: Final = 64
"""Events of one object to one other that are not confirmed; bounds every queue on their way."""

PAIRS_SENT_LEN_MAX: Final = 256
"""Receivers that one object remembers: 5 KB in its row; the least recently used make room."""

PAIRS_RECEIVED_LEN_MAX: Final = 1_024
"""Senders that one object remembers before it asks the oldest to start anew; not a hard bound."""

PAIR_IDLE_US: Final = 60_000_000
"""A pair unused for a minute is dropped: starting anew costs one small message."""

PAIRS_SWEPT_MAX: Final = 64
"""Objects whose pairs are looked through in one tick: 50 us."""

TOMBSTONE_US: Final = 300_000_000
"""How long a tombstone away from the object's birth region forwards; then that region is told."""

TOMBSTONES_FADED_MAX: Final = 64
"""Tombstones that may end in one tick: each costs a message and a row."""

HINTS_LEN_MAX: Final = 65_536
"""Objects whose place is remembered as a hint: 10 MB; a lost hint costs one detour."""


@dataclass(frozen=True, slots=True)
class ExchangeLimits:
    """The limits one Exchange works under; tests and the simulation use smaller ones."""

    batch_bytes_max: int = BATCH_BYTES_MAX
    unit_bytes_max: int = UNIT_BYTES_MAX
    link_window_len_max: int = LINK_WINDOW_LEN_MAX
    link_early_bytes_max: int = LINK_EARLY_BYTES_MAX
    outbox_len_max: int = OUTBOX_LEN_MAX
    outbox_bytes_max: int = OUTBOX_BYTES_MAX
    whispers_len_max: int = WHISPERS_LEN_MAX
    resend_us_first: int = RESEND_US_FIRST
    resend_us_max: int = RESEND_US_MAX
    offer_us_max: int = OFFER_US_MAX
    offer_resend_us: int = OFFER_RESEND_US
    pair_window_len_max: int = PAIR_WINDOW_LEN_MAX
    pairs_sent_len_max: int = PAIRS_SENT_LEN_MAX
    pairs_received_len_max: int = PAIRS_RECEIVED_LEN_MAX
    pair_idle_us: int = PAIR_IDLE_US
    pairs_swept_max: int = PAIRS_SWEPT_MAX
    tombstone_us: int = TOMBSTONE_US
    tombstones_faded_max: int = TOMBSTONES_FADED_MAX
    hints_len_max: int = HINTS_LEN_MAX


# --- Engines (migrate/engines) ---

POOLED_GREENLETS_MAX: Final = 1_000
"""Idle greenlets kept: 4 MB; making one takes 6.5 us."""

RECURSION_MAX: Final = 11_000
"""CPython's recursion limit while scripts run: 10,000 calls deep, and 20,000 coroutines still fit a stack of
8 MB.
"""

LIVE_DEPTH_MAX: Final = 64
"""Frames of a microthread that stay alive while it is suspended; callers beyond become data, so that a switch
costs the same at any depth of recursion.
"""

DEEP_DEPTH_MIN: Final = 8
"""Frames from which on a slice counts as deep: there a call costs three times as much between coroutines."""

SHALLOW_DEPTH_MAX: Final = 3
"""Frames up to which a slice on a greenlet counts as shallow; the gap to the former keeps it from going to
and fro.
"""

SLICES_PER_WEIGHING: Final = 8
"""Only every eighth slice's depth is looked at: that costs as much as the switch itself."""

UNLIKE_SLICES_MIN: Final = 4
"""Weighed slices in a row that speak for the other engine: 32 ms of work, a thousand times what the move costs."""

# --- Records of the codec (migrate/codec) ---

RECORD_BYTES_MAX: Final = UNIT_BYTES_MAX
"""One record: a whole unit may lie in one."""

RECORD_MEMORY_MAX: Final = 48 * 1024 * 1024
"""What decoding one record may take, as the screening reckons it: below the 64 MiB promised, with room for
that."""

RECORD_PROGRAMS_MAX: Final = UNIT_PROGRAMS_MAX
"""Programs that one record's frames, classes and functions belong to."""

OPEN_MARKS_MAX: Final = 2 * RECURSION_MAX
"""Containers that lie open in each other while a record is read: no writer gets deeper than calls do. Each byte that
opens one more would take the screen 64 bytes.
"""

HASH_VISITS_MAX: Final = 1_000_000
"""Values visited while all keys of a record are hashed: 10 ms. Tuples that share tuples could take for
ever."""

KEY_VISITS_MAX: Final = 20_000
"""The same for one key, each level of nesting counted as NESTING_VISITS: CPython hashes tuples by recursion in C,
unguarded."""

NESTING_VISITS: Final = 9
"""So the deepest key has some 2,000 levels, which a thread's stack of 8 MiB bears."""

KEY_COMPARISONS_MAX: Final = 2_000_000
"""Comparisons of keys with the same hash in one container, where their number is known beforehand: a tenth of a
second."""

COLLIDING_KEYS_MAX: Final = 4_096
"""Keys whose hashes a stranger can choose (not strings, not small integers): all alike they take 0.3 s."""

SHAPES_MAX: Final = 4_096
"""Classes whose layout the codec remembers: four for each script of a full region."""

UNIT_COLLIDING_KEYS_MAX: Final = 4 * COLLIDING_KEYS_MAX
"""The same in all records of one unit together: a linkset of many parts takes no longer than a second either."""

LINEAGE_MAX: Final = 64
"""Classes that a local class of a record descends from, each counted as often as it is reached: a chain of thousands,
each with all of them in its resolution order, would take gigabytes.
"""

PATTERN_LEN_MAX: Final = 2_000
"""Characters of a regular expression: scripts' own are below 300. What compiling takes is reckoned apart."""
