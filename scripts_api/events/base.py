"""What every event is: a value that knows the handler that it calls."""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec import Struct


class Event(Struct, frozen=True):
    """Base of all events. Records of msgspec: to make one takes a third of what a frozen dataclass takes."""

    handler: ClassVar[str]

    def arguments(self) -> tuple[Any, ...]:
        """Return what the handler is called with."""
        raise NotImplementedError
