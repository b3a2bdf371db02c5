"""Which refusals the author of an object has been told already.

The one idea: what can't be saved or can't travel is tried again and again, at every change and at every
border. Its author is told once, and again when the reason is another one, or when it has worked in between.
"""

from __future__ import annotations

import re

_LINE = re.compile(r"line \d+")


class Refusals:
    """What was told, by object and by what was refused."""

    def __init__(self) -> None:
        self._reasons: dict[tuple[str, str], str] = {}

    def are_news(self, id: str, what: str, reason: str) -> bool:
        """Whether this was not told yet. The same value in the way is the same reason at any line of a loop."""
        before = self.reason(id, what)
        self._reasons[id, what] = reason
        return before is None or _LINE.sub("", before) != _LINE.sub("", reason)

    def reason(self, id: str, what: str) -> str | None:
        """Why it was refused the last time; None if it was not."""
        return self._reasons.get((id, what))

    def stands(self, id: str, what: str) -> bool:
        """Whether it was refused the last time."""
        return (id, what) in self._reasons

    def over(self, id: str, what: str) -> None:
        """It has worked: the next refusal is news."""
        self._reasons.pop((id, what), None)
