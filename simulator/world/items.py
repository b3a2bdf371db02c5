"""What lies in objects: notecards, scripts, and objects that are not in the world.

The one idea: an item is a frozen value, so that copies cost nothing and giving one away leaves the giver's as
it was. It is written as tuples of plain values, and read back with every part checked, because an object's
contents may come from a stranger.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from migrate.errors import BadRecord
from scripts_api import Color, Rotation, ScriptError, Vector, checks
from scripts_api.limits import LINK_M_MAX, LINKSET_LEN_MAX
from simulator.world.objects import CUBE, WHITE, WorldObject

DEPTH_MAX: Final = 4
"""Objects in objects in objects: a shop sells a box with a lamp in it; deeper is a mistake, or an attack."""

TRAITS: Final = ("sensor", "physical", "stops")
"""What few objects are: each is named where it is so."""

TEMPLATE_BYTES: Final = 256
"""What an object among the contents counts for beside its texts and contents."""


@dataclass(frozen=True, slots=True)
class Notecard:
    """A text."""

    text: str


@dataclass(frozen=True, slots=True)
class ScriptItem:
    """A script that does not run. `program`: its hash."""

    program: str


@dataclass(frozen=True, slots=True)
class Template:
    """An object that is not in the world: its looks, its scripts as they begin, its contents. `traits`: of `TRAITS`.
    `parts`: what hangs on it, with the name of each, and its place and rotation in relation to it.
    """

    scripts: tuple[str, ...] = ()
    description: str = ""
    text: str = ""
    color: Color = WHITE
    scale: Vector = CUBE
    phantom: bool = False
    contents: Mapping[str, Item] = field(default_factory=dict)
    traits: tuple[str, ...] = ()
    parts: tuple[tuple[str, Vector, Rotation, Template], ...] = ()


Item: TypeAlias = Notecard | ScriptItem | Template

KINDS: Final[dict[type, str]] = {Notecard: "notecard", ScriptItem: "script", Template: "object"}


def template_of(body: WorldObject) -> Template:
    """An object as it looks now, with what hangs on it, and with its scripts as they would begin; without who sits
    there, and what they wear.
    """
    hanging = [(part, part.more()) for part in body.parts if part.agent is None and part.more().worn is None]
    parts = tuple((part.name, extras.offset, extras.turn, _alone(part)) for part, extras in hanging)
    return replace(_alone(body), parts=parts)


def _alone(body: WorldObject) -> Template:
    scripts = tuple(script.program for script in body.scripts)
    looks = (body.description, body.text, body.color, body.scale, body.phantom)
    has = {"sensor": body.is_sensor, "physical": body.is_physical, "stops": not body.bounces}
    return Template(scripts, *looks, dict(body.contents), tuple(trait for trait in TRAITS if has[trait]))


def programs_in(items: Mapping[str, Item]) -> Iterator[str]:
    """Yield the hash of every program that items need."""
    for item in items.values():
        if isinstance(item, ScriptItem):
            yield item.program
        elif isinstance(item, Template):
            yield from item.scripts
            yield from programs_in(item.contents)
            for _, _, _, part in item.parts:
                yield from programs_in({"part": part})


def size_of(items: Mapping[str, Item]) -> int:
    """Return for how many bytes items count."""
    return sum(len(name) + _size_of(item) for name, item in items.items())


def _size_of(item: Item) -> int:
    if isinstance(item, Notecard):
        return len(item.text.encode())
    if isinstance(item, ScriptItem):
        return len(item.program)
    own = TEMPLATE_BYTES + len(item.description) + len(item.text) + size_of(item.contents)
    return own + sum(len(name) + _size_of(part) for name, _, _, part in item.parts)


# --- As plain values ---


def packed_items(items: Mapping[str, Item]) -> dict[str, Any]:
    """Return items as plain values."""
    return {name: packed(item) for name, item in items.items()}


def packed(item: Item) -> tuple[Any, ...]:
    """Return an item as plain values."""
    kind = KINDS[type(item)]
    if isinstance(item, Notecard):
        return kind, item.text
    if isinstance(item, ScriptItem):
        return kind, item.program
    looks = (item.description, item.text, item.color, item.scale, item.phantom)
    # Without traits and parts it has the form that the first version of records reads too.
    parts = tuple((name, place, turn, packed(part)) for name, place, turn, part in item.parts)
    more = (item.traits, parts) if parts else (item.traits,) if item.traits else ()
    return kind, item.scripts, *looks, packed_items(item.contents), *more


def unpacked_items(values: Any, depth: int = DEPTH_MAX) -> dict[str, Item]:
    """Return items by name. Raises `BadRecord` for values that are none."""
    if type(values) is not dict:
        raise BadRecord(f"an object's contents are a {type(values).__name__}.")
    try:
        return {checks.item_name("contents", name): unpacked(value, depth) for name, value in values.items()}
    except ScriptError as error:
        raise BadRecord(f"an object's contents are wrong: {error}") from None


def _traits(traits: Any = ()) -> tuple[str, ...]:
    if type(traits) is not tuple or traits != tuple(trait for trait in TRAITS if trait in traits):
        raise BadRecord(f"an object among the contents has traits {str(traits)[:60]}, which are none.")
    return traits


def _part(value: Any, depth: int) -> tuple[str, Vector, Rotation, Template]:
    match value:
        case (name, place, turn, packed_part):
            part = unpacked(packed_part, depth)
            if (
                isinstance(part, Template)
                and not part.parts
                and checks.vector("part", place).length <= LINK_M_MAX
            ):
                return checks.name("part", name), place, checks.rotation("part", turn), part
    raise BadRecord(f"an object among the contents has the part {str(value)[:60]}, which is none.")


def _packed_parts(more: list[Any]) -> tuple[Any, ...]:
    """The parts behind the traits, if there are any."""
    parts = more[1] if len(more) == 2 else ()
    if len(more) > 2 or type(parts) is not tuple or len(parts) >= LINKSET_LEN_MAX:
        raise BadRecord(f"an object among the contents has parts {str(more[1:])[:60]}, which are none.")
    return parts


def unpacked(value: Any, depth: int = DEPTH_MAX) -> Item:
    """Return the item. Raises `BadRecord`."""
    try:
        match value:
            case ("notecard", text):
                return Notecard(checks.notecard("notecard", text))
            case ("script", str(program)):
                return ScriptItem(program)
            case ("object", tuple(scripts), description, text, color, scale, phantom, contents, *more) if (
                depth
            ):
                if not all(isinstance(program, str) for program in scripts):
                    raise BadRecord("an object among the contents has scripts that are no hashes.")
                return Template(
                    scripts,
                    checks.description("description", description),
                    checks.description("text", text),
                    checks.color("color", color),
                    checks.scale("scale", scale),
                    checks.flag("phantom", phantom),
                    unpacked_items(contents, depth - 1),
                    _traits(*more[:1]),
                    tuple(_part(each, depth) for each in _packed_parts(more)),
                )
    except ScriptError as error:
        raise BadRecord(f"an item is wrong: {error}") from None
    raise BadRecord(f"what lies in an object is {str(value)[:60]}, which is no notecard, script or object.")
