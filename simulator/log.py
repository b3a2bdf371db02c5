"""The simulator's log: one line for each event, to standard error.

The one idea: events at the rim only (started, refused, a script's error, a full disk). The kernel logs
nothing; it counts, and `statistics` tells. On a terminal lines are coloured, elsewhere they are `key=value`
words for grep; what has several lines, such as a script's error with its caret, stands below its line.
"""

from __future__ import annotations

import sys
from typing import Any

import structlog

TALK = ("says", "script log")
"""What scripts themselves want to be heard; everything else is about them."""

SUPERSEDED = "neighbours know a later state"
"""A region's store is older than what its neighbours have heard of it."""

LEVELS = {
    **dict.fromkeys(TALK, "info"),
    "script failed": "error",
    "object can't be read": "error",
    "program can't be used": "error",
    SUPERSEDED: "error",
}
"""The level of what a region tells; `warning` for all else."""


def configure_log() -> None:
    """Set the log up for this process."""
    renderer: structlog.typing.Processor
    if sys.stderr.isatty():
        renderer = structlog.dev.ConsoleRenderer()
    else:
        renderer = structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "simulator", "event"])
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            _blocks_below(renderer),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _blocks_below(render: structlog.typing.Processor) -> structlog.typing.Processor:
    """Render values of several lines as they are, indented, below the line."""

    def rendered(logger: Any, name: str, event: structlog.typing.EventDict) -> str:
        event.update({key: visible(text) for key, text in event.items() if isinstance(text, str)})
        blocks = [event.pop(key) for key in list(event) if "\n" in str(event[key])]
        line = str(render(logger, name, event))
        return line + "".join(f"\n    {each}" for block in blocks for each in str(block).splitlines())

    return rendered


def visible(text: str) -> str:
    """Return a text of a script without what could move a terminal's cursor; lines and tabs stay."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each in "\n\t" else ascii(each)[1:-1] for each in text)
