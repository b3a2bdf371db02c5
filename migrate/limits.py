"""Every maximum and interval of `migrate`, each with the reason for its number."""

from __future__ import annotations

from typing import Final

# --- Sockets (migrate/sockets.py) ---

SOCKET_MESSAGE_BYTES_MAX: Final = 8 * 1024 * 1024
"""A batch is 256 KB; a linkset of 256 parts with half-full memories still fits."""

SOCKET_QUEUE_LEN_MAX: Final = 64
"""Batches for each peer that wait inside ZeroMQ: what is lost there the link sends again, so few."""

HEARTBEAT_MS: Final = 500
"""A stopped peer is noticed only by its silence."""

HEARTBEAT_TIMEOUT_MS: Final = 2_000
"""Four missed heartbeats: a loaded machine misses two now and then."""

RECONNECT_FIRST_MS: Final = 20
"""A restarted simulator is back in the grid within a frame or two."""

RECONNECT_MS_MAX: Final = 1_000
"""A neighbour that is away for an hour is asked once a second."""
