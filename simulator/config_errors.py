"""Errors in a world file, told in the words of the file: key, value, what was expected.

The one idea: msgspec knows what is wrong and where inside one table; this file adds which table that is and
what stands there. Nothing here decides what is right.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec

from simulator.errors import ConfigError

_PLACED = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<place>.*)`)?", re.DOTALL)
_FIELD = re.compile(r"Object (?P<fault>contains unknown|missing required) field `(?P<name>.*)`")
_STEP = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<index>\d+)\]")
_WORDS = (
    ("`float`", "a number"),
    ("`int`", "a whole number"),
    ("`str`", "text in quotes"),
    ("`array`", "a list"),
    ("`object`", "a table"),
    ("`bool`", "true or false"),
    (r"'^tcp://[^/:]+:[0-9]{1,5}$'", "tcp://host:port"),
    (r"'^[a-z][a-z0-9_-]{0,31}$'", "a name: 1 to 32 lower-case letters, digits, - and _, letter first"),
)


def describe(path: Path, key: str, table: Any, kind: Any, error: msgspec.ValidationError) -> ConfigError:
    """Return the error for what msgspec found in the table under `key`."""
    match = _PLACED.fullmatch(str(error))
    assert match is not None, "the pattern matches any text"
    what, place = match["what"], match["place"] or ""
    field = _FIELD.fullmatch(what)
    if field is None:
        expected = _choices(kind, place) if what.startswith("Invalid enum value") else _in_words(what)
        return wrong_value(path, key + place, _value_at(table, place), expected)
    full = f"{key}{place}.{field['name']}"
    if field["fault"] == "missing required":
        return ConfigError(f"{path}: {full} is missing. Expected in the table [{key}].")
    return no_such_key(path, full, [known.name for known in msgspec.structs.fields(kind)])


def wrong_value(path: Path, key: str, value: object, expected: str) -> ConfigError:
    """Return the error for a value that can't stand where it does."""
    return ConfigError(f"{path}: {key} = {value!r}: expected {expected}.")


def missing_name(path: Path, key: str, value: str, known: Iterable[str]) -> ConfigError:
    """Return the error for a name that nothing in the file bears."""
    return wrong_value(path, key, value, f"one of {', '.join(known) or '(there is none)'}")


def no_such_key(path: Path, key: str, known: list[str]) -> ConfigError:
    """Return the error for a key that means nothing, with the one that was perhaps meant."""
    last = key.rpartition(".")[2]
    near = difflib.get_close_matches(last, known, 1)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    return ConfigError(f"{path}: {key}: there is no such key.{meant} Expected one of {', '.join(known)}.")


def _choices(kind: Any, place: str) -> str:
    """Return what a field allows that allows only certain words; msgspec names the wrong one alone."""
    allowed = get_args(get_type_hints(kind)[place.removeprefix(".")])
    return "one of " + ", ".join(f'"{word}"' for word in allowed)


def _in_words(what: str) -> str:
    """Turn "Expected `float`, got `str`" into what one expects of a file's author."""
    expected = what.removeprefix("Expected ").partition(", got ")[0]
    for term, words in _WORDS:
        expected = expected.replace(term, words)
    return expected.removeprefix("`str` matching regex ").removeprefix("text in quotes matching regex ")


def _value_at(table: Any, place: str) -> object:
    value = table
    for step in _STEP.finditer(place):
        value = value[step["name"]] if step["name"] else value[int(step["index"])]
    return value
