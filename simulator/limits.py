"""Every maximum and interval of a region and its scripts, each with the reason for its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from simulator.world.buckets import Rate

FRAME_US: Final = 22_200
"""45 frames a second, as users of Second Life know it: motion looks smooth."""

SLICE_US: Final = 1_000
"""Twenty scripts get a turn in each frame, and switching costs a thousandth."""

UNINTERRUPTIBLE_US_MAX: Final = 100_000
"""Work without a loop edge or call: Darkstar's figure for one task; longer, and everybody sees the world
halt.
"""

SLICE_US_MIN: Final = 100
"""The shortest slice: an interrupt and a turn of the scheduler take a twentieth of it."""

SLICE_US_MAX: Final = UNINTERRUPTIBLE_US_MAX // 10
"""The longest slice that a world may choose: the timer looks once in a slice, and must have found a script at the same
work several times before that is ended. A single look can come late.
"""

TURN_STEPS_MAX: Final = 64
"""Handlers that one turn may run: where none of them is long enough to be preempted, a turn ends all the
same.
"""

QUEUE_LEN_MAX: Final = 64
"""Events that wait for one script: Second Life's figure."""

TIMERS_MAX: Final = 64
"""Timers of one script: what a person can keep apart, with room for one per item of a list."""

LISTENS_MAX: Final = 65
"""Listens of one script: Second Life's figure."""

MICROTHREADS_MAX: Final = 64
"""Microthreads of one script: a spawn bomb ends here; all of them parked take 80 KB."""

STORE_BYTES_MAX: Final = 128 * 1024
"""Keys and values of one object's store: Second Life's figure for linkset data."""

MEMORY_BYTES_MAX: Final = 128 * 1024
"""What one script may reach, as bytes of its written form: a full frame of heavy scripts is written in 10 ms.
"""

REPORT_BYTES_MAX: Final = 4 * 1024
"""How a script has failed, as text: fifty lines. It is kept beside what the script keeps, and counts for nothing."""

CHAT_RATE: Final = Rate(burst=100, per_s=20)
"""Lines of one script: faster than anybody reads, with room to print a table."""

LOG_RATE: Final = Rate(burst=100, per_s=20)
"""Lines of one script for its author: the same."""

MESSAGE_RATE: Final = Rate(burst=1_000, per_s=500)
"""Messages and questions of one object: each costs two regions 50 µs together, so one object never takes more
than a hundredth of a region's time with them in the long run.
"""

REZ_RATE: Final = Rate(burst=100, per_s=5)
"""Objects that one owner's scripts make in one region: a stall is filled at once, and grey goo doubles no
faster than somebody can watch.
"""

GIVE_RATE: Final = Rate(burst=50, per_s=5)
"""Items that one object gives away: to everybody in a theatre, and no faster than they could look at them."""

HTTP_RATE: Final = Rate(burst=20, per_s=1)
"""Requests of one object to the outside: politeness towards whoever answers them."""

HTTP_UNDER_WAY_MAX: Final = 256
"""Requests of one region that wait for a helper thread: what they do in a minute with a host that takes 4 s."""

HTTP_WORKERS_MAX: Final = 16
"""Helper threads of one region: most of the time they wait, and a few hosts that never answer hold up nobody else."""

HTTP_ANSWER_BYTES_MAX: Final = 64 * 1024
"""An answer from outside, or to outside: half of what a script may keep."""

HTTP_SERVED_UNDER_WAY_MAX: Final = 64
"""Requests from outside that wait in one region: as many as one script's queue takes."""

HTTP_SERVED_S_MAX: Final = 30.0
"""How long a request from outside waits for its answer: as long as a browser's user."""

CONTENTS_LEN_MAX: Final = 256
"""Items in one object: what a list can still be looked through for."""

CONTENTS_BYTES_MAX: Final = 128 * 1024
"""Texts of all items in one object: as much as its store."""

PAYLOAD_BYTES_MAX: Final = 16 * 1024
"""One message: four of them are a frame's worth for one object, and a window of them a megabyte."""

SCRIPTS_PER_OBJECT_MAX: Final = 64
"""Scripts in one object; Second Life's heaviest things have about that many."""

OBJECTS_MAX: Final = 250_000
"""Objects in one region: what it is built to hold idle."""

CROSSING_BYTES_MAX: Final = 4 * 1024 * 1024
"""A unit that asks to come in: below what one message carries, because it may grow until it is frozen."""

BORDER_LEAD_US: Final = 150_000
"""How long before a border an object asks to cross it: some frames, so that it seldom has to wait there."""

RETRY_US: Final = 1_000_000
"""How long after a refusal an object that still presses against the border asks again."""

PARKED_LIVE_MAX: Final = 250_000
"""Microthreads that wait on a live stack, timers counted among them: 280 MB. Beyond it those that begin to wait are
kept as frames: they keep only those of their variables that are still needed, and take twice the time to wake."""

HEARTBEAT_US: Final = 1_000_000
"""How often a region in which anything moves or waits writes its time: a crash sets motion back by this at
most.
"""

IDLE_HEARTBEAT_US: Final = 10_000_000
"""The same where nothing does: `on_region_start` is wrong by this at most after a crash."""


@dataclass(frozen=True, slots=True)
class RegionLimits:
    """The limits one region works under; a host and tests may choose others."""

    frame_us: int = FRAME_US
    slice_us: int = SLICE_US
    uninterruptible_us_max: int = UNINTERRUPTIBLE_US_MAX
    turn_steps_max: int = TURN_STEPS_MAX
    queue_len_max: int = QUEUE_LEN_MAX
    timers_max: int = TIMERS_MAX
    listens_max: int = LISTENS_MAX
    microthreads_max: int = MICROTHREADS_MAX
    store_bytes_max: int = STORE_BYTES_MAX
    memory_bytes_max: int = MEMORY_BYTES_MAX
    chat_rate: Rate = CHAT_RATE
    log_rate: Rate = LOG_RATE
    message_rate: Rate = MESSAGE_RATE
    rez_rate: Rate = REZ_RATE
    give_rate: Rate = GIVE_RATE
    http_rate: Rate = HTTP_RATE
    http_hosts: tuple[str, ...] = ()
    """Hosts that scripts may ask, as `name` or `name:port`; none, and no script gets out."""
    web: str = ""
    """Where the region takes requests from outside, as `http://host:port`; empty: it takes none."""
    contents_len_max: int = CONTENTS_LEN_MAX
    contents_bytes_max: int = CONTENTS_BYTES_MAX
    payload_bytes_max: int = PAYLOAD_BYTES_MAX
    scripts_per_object_max: int = SCRIPTS_PER_OBJECT_MAX
    objects_max: int = OBJECTS_MAX
    crossing_bytes_max: int = CROSSING_BYTES_MAX
    border_lead_us: int = BORDER_LEAD_US
    retry_us: int = RETRY_US
    parked_live_max: int = PARKED_LIVE_MAX
    heartbeat_us: int = HEARTBEAT_US
    idle_heartbeat_us: int = IDLE_HEARTBEAT_US
    hop_every: int = 0
    """For development: capture and restore an object at each so many suspensions of its region's scripts; 0: never."""
