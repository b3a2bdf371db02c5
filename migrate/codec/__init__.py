"""Heap objects to bytes and back, safe from strangers: `encode`, `decode`."""

from __future__ import annotations

from migrate.codec.reader import decode
from migrate.codec.record import programs_of
from migrate.codec.writer import encode

__all__ = ["decode", "encode", "programs_of"]
