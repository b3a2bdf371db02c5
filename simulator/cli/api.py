"""`gossamer api`: what a script can call, what can happen to it, and a world for its tests, from the
docstrings that an editor shows too.
"""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Iterator

import click

import scripts_api
from scripts_api import testing
from scripts_api.events import EVENTS
from simulator.errors import UnknownName

TESTING = {"testing": testing, "World": testing.World, **{n: getattr(testing, n) for n in testing.__all__}}

CALLED_BY: dict[str, list[type[scripts_api.Event]]] = {}
for event in EVENTS:
    CALLED_BY.setdefault(event.handler, []).append(event)

NEAR = 3  # so many names are proposed for an unknown one

VIEWS: dict[str, type] = {
    "object": scripts_api.OwnObject,
    "object.contents": scripts_api.Contents,
    "object.links": scripts_api.Links,
    "object.store": scripts_api.ObjectStore,
    "region": scripts_api.Region,
}
"""How scripts come to what they don't import, behind `self`."""

OFFERED: dict[str, type] = {"Script": scripts_api.Script, **VIEWS}


@click.command()
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """List everything that scripts_api offers, or explain NAME, such as Vector, say, object.move_to or on_touch."""
    click.echo("\n".join(_overview() if name is None else _explained(name)))


def _overview() -> Iterator[str]:
    for public in scripts_api.__all__:
        yield f"{public:<16} {_first_sentence(getattr(scripts_api, public))}"
    yield ""
    for handler, events in CALLED_BY.items():
        yield f"{handler:<20} {_first_sentence(events[0])}"
    yield ""
    for prefix, kind in OFFERED.items():
        for member in _members(kind):
            yield f"{prefix}.{member:<{27 - len(prefix)}} {_first_sentence(getattr(kind, member))}"
    yield ""
    yield f"{'testing':<16} {_first_sentence(testing)}"
    for public in testing.__all__:
        yield f"  {public:<14} {_first_sentence(getattr(testing, public))}"


def _explained(name: str) -> Iterator[str]:
    value = _found(name)
    if name in CALLED_BY:
        yield from _explained_handler(name)
        return
    yield f"{name}{_signature(value)}"
    yield ""
    yield (inspect.getdoc(value) or "").replace("Second Life:", "In Second Life:")
    kind = value
    if value is testing.World:
        kind = testing.ScriptWorld
        yield from ("", inspect.getdoc(kind) or "")
    if isinstance(kind, type):
        for member in _members(kind):
            yield f"  .{member:<14} {_first_sentence(getattr(kind, member, None))}".rstrip()


def _explained_handler(name: str) -> Iterator[str]:
    """A handler is explained by the event, or the events, that call it."""
    for event in CALLED_BY[name]:
        told = re.findall(r"self\.(\w+)", inspect.getsource(event.arguments))
        yield f"{name}({', '.join(told) or ('message' if event is scripts_api.Heard else '')})"
        yield ""
        yield re.sub(r"\bSecond Life:", "In Second Life:", inspect.getdoc(event) or "")
        yield ""
        yield f"Called with: {inspect.getdoc(event.arguments)} As an event: {event.__name__}."


def _found(name: str) -> object:
    """What a name means: a public one, a handler, a member of one, of Script, of its object and region, or of World."""
    if name in CALLED_BY:
        return CALLED_BY[name][0]
    of_scripts = [name.removeprefix("self."), f"Script.{name}", *(f"{view}.{name}" for view in VIEWS)]
    for dotted in (*of_scripts, f"ScriptWorld.{name.removeprefix('World.')}"):
        first, *rest = _without_views(dotted).split(".")
        value = getattr(scripts_api, first) if first in scripts_api.__all__ else TESTING.get(first)
        for each in rest:
            value = getattr(value, each, None) if not each.startswith("_") else None
        if value is not None:
            return value
    meant = f" Did you mean {' or '.join(near)}?" if (near := _near(name)) else ""
    raise UnknownName(
        f"scripts_api offers nothing named {name!r}.{meant} `gossamer api` lists what there is."
    )


def _near(name: str) -> list[str]:
    """What is spelt nearly like a name, or is explained with it, as a call of Second Life's is."""
    known: dict[str, object] = {public: getattr(scripts_api, public) for public in scripts_api.__all__}
    known |= {handler: events[0] for handler, events in CALLED_BY.items()}
    for prefix, kind in OFFERED.items():
        known |= {f"{prefix}.{member}": getattr(kind, member) for member in _members(kind)}
    spelt = difflib.get_close_matches(name, known, NEAR, 0.75)
    last = {dotted: dotted.rpartition(".")[2] for dotted in known}
    close = difflib.get_close_matches(name, last.values(), NEAR, 0.75)
    spelt += [dotted for dotted, end in last.items() if end in close and dotted not in spelt]
    word = re.compile(rf"\b{re.escape(name)}s?\b", re.IGNORECASE)
    told = [dotted for dotted, value in known.items() if word.search(inspect.getdoc(value) or "")]
    return (spelt or told)[:NEAR]


def _without_views(dotted: str) -> str:
    """A name in which `object.contents` and the like are the classes that they are of."""
    for prefix, kind in sorted(VIEWS.items(), reverse=True):
        if dotted == prefix or dotted.startswith(prefix + "."):
            return kind.__name__ + dotted.removeprefix(prefix)
    return dotted


def _members(kind: type) -> list[str]:
    inherited = set(dir(tuple)) | set(dir(Exception)) | {"handler", "arguments"}
    names = {*dir(kind), *getattr(kind, "__annotations__", ())}
    return sorted(name for name in names if not name.startswith("_") and name not in inherited)


def _signature(value: object) -> str:
    """What it is called with and returns, as its author would write it: without `self`, and as if it never waited."""
    if not callable(value) or getattr(value, "__name__", "") in {kind.__name__ for kind in VIEWS.values()}:
        return ""  # scripts come to these, and never make them
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return ""
    shown = [
        each.replace(annotation=_Bare.of(each.annotation))
        for each in signature.parameters.values()
        if each.name != "self"
    ]
    returned = inspect.Signature.empty if isinstance(value, type) else _Bare.of(signature.return_annotation)
    return str(signature.replace(parameters=shown, return_annotation=returned))


class _Bare(str):
    """An annotation that is shown without quotes."""

    __slots__ = ()

    @classmethod
    def of(cls, annotation: object) -> object:
        """Postponed annotations are texts; what a waiting call requests is what it returns."""
        if not isinstance(annotation, str):
            return annotation
        return cls(re.sub(r"^Request\[(.*)\]$", r"\1", annotation))

    def __repr__(self) -> str:
        return str(self)


def _first_sentence(value: object) -> str:
    paragraph = (inspect.getdoc(value) or "").partition("\n\n")[0].replace("\n", " ")
    return re.split(r"(?<=[.:]) (?=[A-Z`])", paragraph)[0]
