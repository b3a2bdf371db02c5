"""What scripts do with what lies in their objects: look, write, take out, make something of it, give it away.

The one idea: an object's contents change by whole items only, through `put` and `remove`, which tell its
scripts. What is given away is sent as a message with the source of every program that it needs, so that it can
be used wherever it arrives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrate.errors import BadRecord, ScriptSyntaxError
from scripts_api import Changed, LimitReached, ObjectRef, ObjectRez, Rez, ScriptError
from scripts_api import Item as ItemView
from scripts_api.requests import RezItem
from simulator.errors import ScriptRefused
from simulator.world.copies import copied, value_of
from simulator.world.heights import check_height
from simulator.world.items import (
    KINDS,
    Item,
    Notecard,
    ScriptItem,
    Template,
    packed,
    programs_in,
    size_of,
    template_of,
    unpacked,
)
from simulator.world.mail import Given
from simulator.world.objects import WorldObject

if TYPE_CHECKING:
    from simulator.world.calls import ScriptCalls
    from simulator.world.world import World


class ContentsDesk:
    """The contents of a region's objects."""

    def __init__(self, world: World) -> None:
        self._world = world

    def names(self, body: WorldObject, kind: str | None) -> list[str]:
        """Return the names of what lies in an object, of one kind or of all."""
        found = body.contents.items()
        return sorted(name for name, item in found if kind in (None, KINDS[type(item)]))

    def item(self, body: WorldObject, name: str, call: str = "object.contents") -> Item:
        """Return an item. Raises `ScriptError`."""
        found = body.contents.get(name)
        if found is None:
            there = ", ".join(sorted(body.contents)) or "nothing"
            raise ScriptError(f"{call}: there is no {name!r} in {body.name!r}; it holds {there}.")
        return found

    def view(self, body: WorldObject, name: str) -> ItemView:
        """Return an item as scripts see it. Raises `ScriptError`."""
        item = self.item(body, name)
        return ItemView(name, KINDS[type(item)], item.text if isinstance(item, Notecard) else "")

    def write(self, script: ScriptCalls, name: str, text: str) -> None:
        """Put a notecard in. Raises `ScriptError`, `LimitReached`."""
        there = script.body.contents.get(name)
        if there is not None and not isinstance(there, Notecard):
            raise ScriptError(
                f"object.contents.write: what {script.body.name!r} holds as {name!r} is no notecard; remove it first,"
                " or choose another name."
            )
        self.put(script.body, name, Notecard(text), besides=script)

    def put(self, body: WorldObject, name: str, item: Item, besides: ScriptCalls | None = None) -> None:
        """Put an item in, in the place of one of that name. Raises `LimitReached`."""
        contents, limits = {**body.contents, name: item}, self._world.limits
        if len(contents) > limits.contents_len_max:
            raise LimitReached(
                f"object.contents: {body.name!r} holds {len(contents) - 1} items; at most {limits.contents_len_max}"
                " fit. Remove some first."
            )
        size = size_of(contents)
        if size > limits.contents_bytes_max:
            raise LimitReached(
                f"object.contents: with {name!r} it would hold {size} bytes; at most {limits.contents_bytes_max} fit."
                " Remove some first."
            )
        self._replace(body, contents, besides)

    def remove(self, script: ScriptCalls, name: str) -> None:
        """Take an item out. Raises `ScriptError`."""
        self.item(script.body, name, "object.contents.remove")
        contents = {each: item for each, item in script.body.contents.items() if each != name}
        self._replace(script.body, contents, besides=script)

    def _replace(self, body: WorldObject, contents: dict[str, Item], besides: ScriptCalls | None) -> None:
        body.more().contents = contents or None
        self._world.touched(body)
        for script in body.scripts:
            if script is not besides:
                script.deliver(Changed("contents"))

    # --- Out of it ---

    def rez(self, script: ScriptCalls, request: RezItem) -> ObjectRef:
        """Make an object of an item. Raises `ScriptError`, `LimitReached`; then nothing was made."""
        world, body = self._world, script.body
        item = self.item(body, request.name, "rez")
        if isinstance(item, Notecard):
            raise ScriptError(f"rez: {request.name!r} is a notecard; only objects and scripts can be rezzed.")
        template = Template((item.program,)) if isinstance(item, ScriptItem) else item
        place = request.position if request.position is not None else body.position
        if not world.here.holds(place):
            raise ScriptError(
                f"rez: {place} is not in the region {world.here.name}; rez inside it and let the object move there."
            )
        check_height("rez", place)
        if len(world.objects) + len(template.parts) >= world.limits.objects_max:
            raise LimitReached(
                f"rez: region {world.here.name} has {len(world.objects)} objects, all it may have."
            )
        param = value_of(copied("rez", request.param))
        world.budgets.spend(script, "rez", "rez")
        made = world.make(request.name, body.owner, template)
        made.place, made.velocity, made.rotation = place, request.velocity, request.rotation
        begin_life(made, param)
        for other in body.scripts:
            if other is not script:
                other.deliver_wanted(ObjectRez(made.ref))
        return made.ref

    def parcel(self, body: WorldObject, name: str) -> Given:
        """Return a copy of an item with the source of all that it needs. Raises `ScriptError`."""
        return self._wrapped(body, name, self.item(body, name, "give"))

    def put_copy(self, body: WorldObject, into: str) -> None:
        """Send another object a copy of this one, as it would begin, for its contents; what is not taken comes back."""
        parcel = self._wrapped(body, body.name or "object", template_of(body))
        if not self._world.mail.post(body, into, parcel):
            self._world.told(body, "copy not sent", f"there is no room on the way to {into}; try again.")

    def _wrapped(self, body: WorldObject, name: str, item: Item) -> Given:
        sources = map(self._world.programs.source, dict.fromkeys(programs_in({name: item})))
        return Given(body.name, copied("give", packed(item)), name, tuple(sources))

    def take_in(
        self, body: WorldObject, name: str, value: Any, sources: tuple[tuple[str, str], ...]
    ) -> str | None:
        """Take what was given to an object; return why not, if it can't be."""
        try:
            for filename, source in sources:
                self._world.keep_program(self._world.programs.add(source, filename))
            item = unpacked(value)
        except (BadRecord, ScriptSyntaxError, ScriptRefused) as error:
            return str(error)
        missing = [program for program in programs_in({name: item}) if program not in self._world.programs]
        if missing:
            return f"the source of program {missing[0]} did not come with it"
        try:
            self.put(body, _free_name(body, name), item)
        except LimitReached as error:
            return str(error)
        return None


def begin_life(body: WorldObject, param: Any) -> None:
    """Enter an object that was just made into the world, and start its scripts."""
    world = body.world
    world.take_in(body)
    world.touched(body)
    world.unwritten[body.id] = param
    for script in (script for each in body.members for script in each.scripts):
        script.begin()
        script.deliver(Rez(param))


def _free_name(body: WorldObject, name: str) -> str:
    number, free = 1, name
    while free in body.contents:
        number += 1
        free = f"{name[:56]} {number}"
    return free
