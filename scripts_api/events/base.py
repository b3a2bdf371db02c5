"""What every event is: a value that knows the handler that it calls."""

from __future__ import annotations

from typing import Any, ClassVar


class Event:
    """Base of all events."""

    __slots__ = ()

    handler: ClassVar[str]

    def arguments(self) -> tuple[Any, ...]:
        """Return what the handler is called with."""
        raise NotImplementedError
