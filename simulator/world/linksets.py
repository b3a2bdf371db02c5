"""Objects that hang together: link, unlink, and what a part is to its root.

The one idea: a part has no motion of its own. Where it is follows from its root, so moving a linkset of 256
costs what moving one object costs, and whatever happens at a border happens to the root. Saved and sent it is
one record (`checkpoint_record`), so it can't be torn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from scripts_api import Changed, LimitReached, Message, ObjectRef, Rotation, ScriptError, Vector
from scripts_api.limits import LINK_M_MAX, LINKSET_LEN_MAX
from scripts_api.values import STILL, UPRIGHT
from simulator.world.attributes import check_free, check_worn_distance, place_part, write_attribute
from simulator.world.copies import copied, value_of
from simulator.world.heights import levelled
from simulator.world.objects import WorldObject

if TYPE_CHECKING:
    from simulator.world.calls import ScriptCalls
    from simulator.world.world import World


def link(body: WorldObject, other: ObjectRef) -> None:
    """Link an object with all that hangs on it to another's root. Raises `ScriptError`, `LimitReached`."""
    world, root = body.world, body.root
    check_free("object.link", body)
    added = _addable(world, root, other)
    joined = added.members
    if len(root.members) + len(joined) > LINKSET_LEN_MAX:
        raise LimitReached(
            f"object.link: with {added.name!r} the linkset would have {len(root.members) + len(joined)} parts; at"
            f" most {LINKSET_LEN_MAX} are possible."
        )
    relations = [_relation(root, each) for each in joined]
    for each, (offset, _) in zip(joined, relations, strict=True):
        _check_distance(each, offset)
    join(root, joined, relations)
    world.tell_links(root, Changed("links"))


def join(root: WorldObject, joined: Sequence[WorldObject], relations: Sequence[Relation]) -> None:
    """Make a linkset, its own root first, part of another's: each is so related to the other's root from now on."""
    world, own_root = root.world, joined[0]
    world.borders.let_go(own_root)
    for each, its in zip(joined, relations, strict=True):
        each.at_us = world.time_us
        add_part(root, each, *its)
        world.linked[each.id] = None
    world.changed.pop(own_root.id, None)
    world.touched(root)
    world.cells.moved(root)


def add_part(root: WorldObject, part: WorldObject, offset: Vector, turn: Rotation) -> None:
    """Make an object a part of a root."""
    extras = part.more()
    extras.root, extras.parts, extras.offset, extras.turn = root, (), offset, turn
    part.velocity = part.spin = STILL
    whole = root.more()
    whole.parts = (*whole.parts, part)


def unlink(body: WorldObject, ref: ObjectRef | None) -> None:
    """Take a part off. Raises `ScriptError`."""
    check_free("object.unlink", body)
    world, root = body.world, body.root
    part = body if ref is None else world.objects.get(ref.id)
    if part is None or part.root is not root:
        raise ScriptError(f"object.unlink: {ref} is no part of {root.name!r}; see object.links.")
    if part is root:
        raise ScriptError(
            f"object.unlink: {root.name!r} is the root; unlink its parts instead, as links[1].ref."
        )
    if part.agent is not None:
        raise ScriptError(f"object.unlink: {part.name!r} is someone who sits here; use object.unseat.")
    check_free("object.unlink", part)
    remove_part(part)
    world.tell_links(root, Changed("links"))
    world.tell_links(part, Changed("links"))


def remove_part(part: WorldObject) -> None:
    """Let a part be an object of its own again, where it is and with its linkset's velocity."""
    world, root = part.world, part.root
    place, rotation = part.position, part.rotation_at(world.time_us)
    extras, whole = part.more(), root.more()
    whole.parts = tuple(each for each in whole.parts if each is not part)
    extras.root, extras.offset, extras.turn = None, STILL, UPRIGHT
    velocity = root.velocity_at(world.time_us)
    part.place, part.rotation, part.velocity, part.at_us = levelled(place), rotation, velocity, world.time_us
    world.touched(root)
    world.touched(part)
    if world.places.at(place) in (world.here.name, None):
        part.place = world.here.clamped(part.place)
        world.borders.plan(part)
    else:
        world.borders.put(part, part.place)


def _addable(world: World, root: WorldObject, ref: ObjectRef) -> WorldObject:
    found = world.objects.get(ref.id)
    if found is None:
        raise ScriptError(
            f"object.link: {ref.name or ref.id!r} is not in the region {world.here.name}; only objects of one region"
            " can be linked."
        )
    if found.agent is not None or root.agent is not None:
        raise ScriptError(
            f"object.link: {(found if found.agent else root).name!r} is someone; only objects can be linked."
        )
    check_free("object.link", found)
    if found.root is root:
        raise ScriptError(f"object.link: {found.name!r} is linked to {root.name!r} already.")
    if found.root.owner != root.owner:
        raise ScriptError(
            f"object.link: {found.name!r} belongs to {found.root.owner}; only objects of one owner can be linked."
        )
    return found.root


def _relation(root: WorldObject, each: WorldObject) -> tuple[Vector, Rotation]:
    time_us = root.world.time_us
    turn_back = root.rotation_at(time_us).inverse
    return (each.position - root.position).rotated(turn_back), each.rotation_at(time_us) * turn_back


def _check_distance(each: WorldObject, offset: Vector) -> None:
    if offset.length > LINK_M_MAX:
        raise ScriptError(
            f"object.link: {each.name!r} is {offset.length:.1f} m from the root; at most {LINK_M_MAX:g} m are possible."
            " Move it nearer first."
        )


# --- What scripts read and write of parts ---


def part_at(body: WorldObject, number: int) -> WorldObject:
    """Return a part by its number. Raises `ScriptError`."""
    members = body.links
    if number >= len(members):
        raise ScriptError(f"links[{number}]: the linkset has {len(members)} parts now; count them again.")
    return members[number]


def read_part(body: WorldObject, number: int, name: str) -> Any:
    """Return what `LinkedPart.<name>` is. Raises `ScriptError`."""
    part = part_at(body, number)
    if name in ("position", "rotation"):
        first = body.links[0]
        return turned_back(relation(part), relation(first))[name == "rotation"]
    return getattr(part, name)


def write_part(body: WorldObject, number: int, name: str, value: Any) -> None:
    """Set what `LinkedPart.<name>` is to a value that was checked. Raises `ScriptError`."""
    part = part_at(body, number)
    first = body.links[0]
    if name in ("position", "rotation") and part is first:
        raise ScriptError(
            f"links[{number}].{name} is the root's; set object.{name} to move the whole linkset."
        )
    if part.agent is not None and name not in ("position", "rotation"):
        raise ScriptError(
            f"links[{number}].{name} is that of {part.name!r}, who sits here; only where it sits can be set."
        )
    if name == "position":
        place = turned((value, UPRIGHT), relation(first))[0]
        if part.worn_by is not None:
            check_worn_distance(f"links[{number}].position", place - relation(part.worn_by)[0])
        place_part(part, place)
    elif name == "rotation":
        part.more().turn = value * relation(first)[1]
    else:
        write_attribute(part, name, value)
    part.world.touched(part)


def send_to_parts(script: ScriptCalls, payload: object, to: str) -> None:
    """Give other scripts of the linkset a copy. Raises `ScriptError`, `LimitReached`."""
    body = script.body
    data = copied("object.links.send", payload)
    script.world.budgets.spend(script, "messages", "object.links.send")
    for each in _addressed(body, to):
        for other in each.scripts:
            if other is not script:
                other.deliver(Message(body.ref, value_of(data)))


def _addressed(body: WorldObject, to: str) -> list[WorldObject]:
    root, *parts = body.links
    if to == "root":
        return [root]
    if to == "parts":
        return parts
    return [each for each in body.links if to == "all" or each is not body]


# --- Relations: where something is along the axes of something else, and how it is turned against it ---

Relation: TypeAlias = tuple[Vector, Rotation]


def relation(part: WorldObject) -> Relation:
    """Return where a part is in relation to the root of its linkset."""
    extras = part.extras
    return (STILL, UPRIGHT) if extras is None or extras.root is None else (extras.offset, extras.turn)


def turned(inner: Relation, outer: Relation) -> Relation:
    """Return what is `inner` in relation to something that is `outer` in relation to a third, in relation to that."""
    return outer[0] + inner[0].rotated(outer[1]), inner[1] * outer[1]


def turned_back(inner: Relation, outer: Relation) -> Relation:
    """Return what the first of two that both are in relation to a third is in relation to the second."""
    if outer == (STILL, UPRIGHT):
        return inner
    back = outer[1].inverse
    return (inner[0] - outer[0]).rotated(back), inner[1] * back
