"""Heap objects to bytes and back, safe from strangers: `encode`, `decode`."""

from __future__ import annotations

from migrate.codec.reader import decode
from migrate.codec.record import open_record, programs_of
from migrate.codec.screen import Room
from migrate.codec.writer import encode

__all__ = ["Room", "decode", "encode", "open_record", "programs_of"]
