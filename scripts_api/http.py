"""What the outside world answers: the result of `self.http`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """`status`: as 200 or 404. `text`: the body as text; what is no UTF-8 in it is replaced. `content_type`: of it."""

    status: int
    text: str
    content_type: str = ""

    @property
    def ok(self) -> bool:
        """Whether the status is one of success, from 200 to 299."""
        return 200 <= self.status < 300
