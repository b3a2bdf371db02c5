"""The simulator's log: one line for each event, to standard error.

The one idea: events at the rim only (started, refused, a script's error, a full disk). The kernel logs
nothing; it counts, and `statistics` tells. On a terminal lines are coloured, elsewhere they are `key=value`
words for grep.
"""

from __future__ import annotations

import sys

import structlog


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
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
