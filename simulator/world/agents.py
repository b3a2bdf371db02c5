"""Somebody in the world: entering, leaving, sitting down and standing up.

The one idea: an agent has a body, which is an object like others: it moves, is saved, crosses borders, hears
and is found by what senses. Sitting makes it a part of the linkset that it sits on, so it travels with that as
one. Who moves it is outside: a client, or a program that acts for many.

What scripts know it by is `agent:` and its name, the same in every region; the body's id is like an object's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scripts_api import AgentRef, ObjectRef, ScriptError, Sit, Stand, Vector
from scripts_api.limits import LINKSET_LEN_MAX, SIT_M_MAX
from scripts_api.values import STILL, UPRIGHT
from simulator.world.contents import begin_life
from simulator.world.grants import let_go_keys
from simulator.world.items import Template
from simulator.world.linksets import join, remove_part, turned
from simulator.world.objects import WorldObject
from simulator.world.wearing import come_along, relations_to, worn_on

if TYPE_CHECKING:
    from simulator.world.world import World

PREFIX: Final = "agent:"
BODY: Final = Vector(0.45, 0.6, 1.9)
SEAT_M: Final = 0.6  # how far apart those sit who share a seat


def agent_called(name: str) -> AgentRef:
    """Return the reference to somebody by name, in this world or not."""
    return AgentRef(PREFIX + name, name)


def enter(world: World, name: str, position: Vector) -> None:
    """Give somebody a body, unless there is one here already."""
    if PREFIX + name in world.agents:
        return
    body = world.make(name, name, Template(scale=BODY))
    body.more().agent = PREFIX + name
    body.place = position
    begin_life(body, None)


def leave(body: WorldObject) -> None:
    """Take somebody's body out of the world."""
    body.world.remove(body)


def sit(body: WorldObject, seat: WorldObject) -> bool:
    """Sit down on an object; False if it is too far away, or has no room, and then nothing has changed."""
    world, root = body.world, seat.root
    if body.position.distance(seat.position) > SIT_M_MAX or seat.agent is not None:
        return False
    if root is body or root.agent is not None or seat.worn_by is not None:
        return False
    if body.root is not root and len(root.members) + 1 + len(worn_on(body)) > LINKSET_LEN_MAX:
        return False
    stand(body)
    worn = relations_to(body)
    seated = sum(each.agent is not None for each in root.parts)
    place = Vector(0, seated * SEAT_M, (seat.scale.z + BODY.z) / 2)
    if seat is not root:
        extras = seat.more()
        place = extras.offset + place.rotated(extras.turn)
    own = place, UPRIGHT
    join(root, [body, *(each for each, _ in worn)], [own, *(turned(its, own) for _, its in worn)])
    world.tell_links(root, Sit(body.somebody))
    return True


def stand(body: WorldObject) -> None:
    """Stand up, where the seat is; nothing if it does not sit."""
    root = body.root
    if root is body:
        return
    worn = relations_to(body)
    let_go_keys(body.somebody.id, root.links)
    remove_part(body)
    come_along(body, worn)
    if body.crossing is None or not body.crossing.held:
        body.world.borders.set_velocity(body, STILL)
    body.world.tell_links(root, Stand(body.somebody))


def unseat(body: WorldObject, agent: AgentRef) -> None:
    """Let somebody stand up who sits on an object's linkset. Raises `ScriptError`."""
    seated = next((part for part in body.links if part.agent == agent.id), None)
    if seated is None:
        raise ScriptError(f"object.unseat: {agent.name or agent.id!r} does not sit on {body.root.name!r}.")
    stand(seated)


def body_of(world: World, receiver: ObjectRef | AgentRef, call: str) -> ObjectRef:
    """Return a reference to what mail reaches: an object's own, or somebody's body. Raises `ScriptError`."""
    if isinstance(receiver, ObjectRef):
        return receiver
    body = world.agents.get(receiver.id)
    if body is None:
        raise ScriptError(
            f"{call}: {receiver.name or receiver.id!r} is not in the region {world.here.name}; see region.agents()."
        )
    return body.ref
