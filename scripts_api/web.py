"""What the outside world asks a script by HTTP: the argument of `on_http_request`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpAsked:
    """`method`: as "GET" or "POST". `path`: what stands behind the object's address, with a slash before it. `query`:
    what stands behind a question mark, as it is. `body`: as text, at most 16 KiB.

    Second Life: what http_request is given, and llGetHTTPHeader.
    """

    method: str
    path: str = "/"
    query: str = ""
    body: str = ""
