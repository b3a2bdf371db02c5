"""Copies of plain values: what messages carry and stores hold.

The one idea: a copy is the bytes that the value would travel as, made of built-in types and values of
`scripts_api` only, so that whoever gets it needs no program of the one who made it.
"""

from __future__ import annotations

from typing import Any

from migrate.codec import decode, encode, programs_of
from migrate.errors import CaptureRefused
from scripts_api import ScriptError


def copied(call: str, value: object) -> bytes:
    """Return a value as bytes. Raises `ScriptError` if it can't travel without its script."""
    try:
        data = encode(value, modules={})
    except CaptureRefused as error:
        raise ScriptError(f"{call}: the value can't travel: {error}") from None
    if programs_of(data):
        raise ScriptError(
            f"{call}: the value can't travel: it holds functions or objects of this script. Send plain values, such as"
            " lists, dicts and texts."
        )
    return data


def value_of(data: bytes) -> Any:
    """Return the value. Raises `BadRecord`, `UnknownProgram` for bytes that `copied` has not made."""
    return decode(data, modules={})
