"""`gossamer api`: what a script can call and what can happen to it, from the docstrings that an editor shows
too.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

import scripts_api
from simulator.errors import UnknownName


@click.command()
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """List everything that scripts_api offers, or explain NAME, such as Vector, Script.say or say."""
    click.echo("\n".join(_overview() if name is None else _explained(name)))


def _overview() -> Iterator[str]:
    for public in scripts_api.__all__:
        yield f"{public:<16} {_first_sentence(getattr(scripts_api, public))}"
    yield ""
    for member in _members(scripts_api.Script):
        yield f"Script.{member:<12} {_first_sentence(getattr(scripts_api.Script, member))}"


def _explained(name: str) -> Iterator[str]:
    value = _found(name)
    yield f"{name}{_signature(value)}"
    yield ""
    yield inspect.getdoc(value) or ""
    if isinstance(value, type):
        for member in _members(value):
            yield f"  .{member:<14} {_first_sentence(getattr(value, member))}"


def _found(name: str) -> object:
    """What a name means: a public one, a member of one, or a member of Script."""
    for dotted in (name, f"Script.{name}"):
        first, *rest = dotted.split(".")
        value = getattr(scripts_api, first, None) if first in scripts_api.__all__ else None
        for each in rest:
            value = getattr(value, each, None) if not each.startswith("_") else None
        if value is not None:
            return value
    raise UnknownName(f"scripts_api offers nothing named {name!r}. `gossamer api` lists what there is.")


def _members(kind: type) -> list[str]:
    inherited = set(dir(tuple)) | set(dir(Exception))
    return [name for name in dir(kind) if not name.startswith("_") and name not in inherited]


def _signature(value: object) -> str:
    if not callable(value):
        return ""
    try:
        return str(inspect.signature(value))
    except (TypeError, ValueError):
        return ""


def _first_sentence(value: object) -> str:
    paragraph = (inspect.getdoc(value) or "").partition("\n\n")[0].replace("\n", " ")
    return re.split(r"(?<=[.:]) (?=[A-Z`])", paragraph)[0]


__all__ = ["command"]
