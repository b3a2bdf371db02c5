"""Who holds a locked file, for an error message that names the process instead of leaving a riddle.

The one idea: Linux lists every file lock with its process in `/proc/locks`. Asking the lock itself
(`F_GETLK`) would need a second descriptor, whose closing drops the locks of a store that this very process
has open.

It is no part of the fence: where the list is missing the message simply does without the number.
"""

from __future__ import annotations

import os
from pathlib import Path

LOCKS = Path("/proc/locks")


def lock_holder(path: Path) -> int | None:
    """Return the id of the process that holds a lock on the file, or None when the system does not tell."""
    try:
        listing, inode = LOCKS.read_text(), os.stat(path).st_ino
    except OSError:
        return None
    for line in listing.splitlines():
        fields = line.split()
        if "->" not in fields and fields[5].rpartition(":")[2] == str(inode):
            return int(fields[4])
    return None
