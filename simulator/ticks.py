"""How many ticks of the interval timer this process has really got, also while a built-in runs.

The one idea: Python calls a signal's handler between two steps of its bytecode, so whoever asks after a long call of a
built-in finds one tick, and can't tell whether the process has worked or was held up. But for each signal that comes
CPython writes a byte to `signal.set_wakeup_fd` at once, in the middle of the built-in. A process that is stopped, waits
for the disk, or has lost its processor to another or to another machine gets one signal for all of that time, whatever
its clocks say.

How long work has taken is reckoned by `simulator.slicer`.
"""

from __future__ import annotations

import os
import signal
from typing import Final

READ_BYTES = 65_536
"""All that a pipe holds: the ticks of a minute, or of seconds where slices are shortest. More do not count."""


class Ticks:
    """Counts them from one asking to the next."""

    def __init__(self) -> None:
        self._pipe: tuple[int, int] | None = None

    def watch(self) -> int:
        """Begin to count. Only the main thread may. Returns who was told of signals before, for `leave`."""
        if self._pipe is None:
            self._pipe = os.pipe()
            for end in self._pipe:
                os.set_blocking(end, False)
        return signal.set_wakeup_fd(self._pipe[1], warn_on_full_buffer=False)

    def leave(self, before: int) -> None:
        """Let those be told of signals again who were before `watch`: an event loop, say."""
        signal.set_wakeup_fd(before)

    def came(self) -> int:
        """Return how many have come since the last asking."""
        assert self._pipe is not None, "watch() comes first"
        try:
            return os.read(self._pipe[0], READ_BYTES).count(signal.SIGALRM)
        except BlockingIOError:
            return 0


TICKS: Final = Ticks()
"""One per process, because the timer and the signal are."""
