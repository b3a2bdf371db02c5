"""What a step of a microthread gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Finished:
    """The call has ended and returned `value`."""

    value: object


@dataclass(frozen=True, slots=True)
class Failed:
    """The call has ended with an exception of the script."""

    error: BaseException


Step: TypeAlias = Finished | Failed | object
"""What a resume gives: these two, PREEMPTED, or the request that the script waits with."""
