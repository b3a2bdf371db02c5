"""What agents wear: putting on, taking off, and staying with them when they sit down and stand up.

The one idea: what is worn is part of the linkset that its wearer is part of, so it moves, crosses and is saved with it,
and it remembers whose it is. Scripts of it see and change their own attachment alone, as if it were a linkset of its
own; they can't move whoever wears it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts_api import Attach, Detach, LimitReached, Rotation, ScriptError, Vector
from scripts_api.limits import LINKSET_LEN_MAX, SIT_M_MAX
from scripts_api.objects import ON_THE_HEAD
from scripts_api.values import STILL, UPRIGHT
from simulator.world.attributes import check_worn_distance
from simulator.world.grants import let_go_keys
from simulator.world.linksets import Relation, add_part, join, relation, remove_part, turned, turned_back
from simulator.world.objects import WorldObject

if TYPE_CHECKING:
    from scripts_api import AgentRef


def wear(body: WorldObject, agent: AgentRef, position: Vector, rotation: Rotation) -> None:
    """Put a script's object on someone. Raises `ScriptError`, `LimitReached`; then nothing was done."""
    world, call = body.world, "object.attach"
    who = agent.name or repr(agent.id)
    if "attach" not in body.grants_of(agent.id):
        raise ScriptError(
            f'{call}: {who} has not granted "attach" to {body.name!r}; ask by self.request_grants(agent, "attach").'
        )
    wearer = world.agents.get(agent.id)
    if wearer is None:
        raise ScriptError(f"{call}: {who} is not in the region {world.here.name}; see region.agents().")
    check_worn_distance(call, position)
    if (reason := _unfit(body, wearer)) is not None:
        raise reason
    put_on(body.root, wearer, position, rotation)


def wear_own(body: WorldObject, wearer: WorldObject) -> bool:
    """Let somebody put on an object of its own that is near; False if it can't, and then nothing has changed."""
    if body.owner != wearer.owner or body.position.distance(wearer.position) > SIT_M_MAX:
        return False
    if _unfit(body, wearer) is not None:
        return False
    put_on(body.root, wearer, ON_THE_HEAD, UPRIGHT)
    return True


def _unfit(body: WorldObject, wearer: WorldObject) -> ScriptError | None:
    """Why an object can't be put on somebody, or None."""
    call, count = "object.attach", len(wearer.root.members) + len(body.root.members)
    if body.worn_by is not None:
        return ScriptError(
            f"{call}: {body.name!r} is worn by {body.worn_by.name!r} already; detach it first."
        )
    if any(each.agent is not None for each in body.root.members):
        return ScriptError(
            f"{call}: somebody sits on {body.name!r}, or is it; let them stand up by object.unseat."
        )
    if count > LINKSET_LEN_MAX:
        return LimitReached(
            f"{call}: {wearer.name!r} with all it wears and sits on would have {count} parts; at most"
            f" {LINKSET_LEN_MAX} are possible."
        )
    return None


def put_on(root: WorldObject, wearer: WorldObject, position: Vector, rotation: Rotation) -> None:
    """Put a linkset on somebody: it is fit for it."""
    relations = [(position, rotation)] + [turned(relation(part), (position, rotation)) for part in root.parts]
    members = root.members
    join(wearer.root, members, [turned(its, relation(wearer)) for its in relations])
    for each in members:
        each.more().worn = (wearer.id, root.id)
    for each in members:
        each.world.tell(each, Attach(wearer.somebody))


def remove(body: WorldObject) -> None:
    """Take a script's object off. Raises `ScriptError`."""
    if body.worn_by is None:
        raise ScriptError(f"object.detach: nobody wears {body.name!r}.")
    take_off(body)


def take_off(body: WorldObject) -> None:
    """Take an attachment off: it stays where it is, a linkset of its own again."""
    wearer, root = body.worn_by, body.links[0]
    assert wearer is not None, f"{body.id} is worn by nobody"
    members = body.links
    relations = [turned_back(relation(each), relation(root)) for each in members]
    let_go_keys(wearer.somebody.id, members)
    for each in members:
        each.more().worn = None
        remove_part(each)
    if root.crossing is None or not root.crossing.held:
        body.world.borders.set_velocity(root, STILL)
    for each, its in list(zip(members, relations, strict=True))[1:]:
        join(root, [each], [its])
    for each in members:
        body.world.tell(each, Detach(wearer.somebody))


def worn_on(wearer: WorldObject) -> list[WorldObject]:
    """Return all parts of all that somebody wears."""
    return [
        each
        for each in wearer.root.parts
        if each.extras is not None and each.extras.worn is not None and each.extras.worn[0] == wearer.id
    ]


def relations_to(wearer: WorldObject) -> list[tuple[WorldObject, Relation]]:
    """Return where each part of what somebody wears is in relation to it."""
    own = relation(wearer)
    return [(each, turned_back(relation(each), own)) for each in worn_on(wearer)]


def come_along(wearer: WorldObject, worn: list[tuple[WorldObject, Relation]]) -> None:
    """Let what somebody wears be part of the linkset that the wearer is part of now."""
    whole = wearer.root
    for each, its in worn:
        old = each.root.more()
        old.parts = tuple(part for part in old.parts if part is not each)
        add_part(whole, each, *turned(its, relation(wearer)))


def drop_all(wearer: WorldObject) -> None:
    """Take off all that somebody wears."""
    while worn := worn_on(wearer):
        take_off(worn[0])
