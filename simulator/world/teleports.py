"""Objects on their way to any place in the world: `object.teleport`.

The one idea: to teleport is to be put somewhere else and to wait until that is done. The microthread that waits travels
with its object, and is told there that it has arrived, or here why it has not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts_api import ScriptError, TeleportFailed, Vector
from scripts_api.requests import Teleport
from simulator.world.attributes import check_free

if TYPE_CHECKING:
    from simulator.world.objects import WorldObject
    from simulator.world.scripts import RunningScript
    from simulator.world.threads import ScriptThread

MOVED = "something else has moved it"


def begin(script: RunningScript, thread: ScriptThread, request: Teleport) -> None:
    """Put the object there, or ask for it. Raises `ScriptError`."""
    body, call = script.body, "object.teleport"
    world = body.world
    check_free(call, body)
    if request.region not in world.places:
        raise ScriptError(f"{call}: there is no region {request.region!r} in this world.")
    place = world.places.region(request.region)
    middle = Vector(place.size[0] / 2, place.size[1] / 2, body.root.position.z)
    wanted = middle if request.position is None else request.position
    position = Vector(*place.corner, 0) + wanted
    if not place.holds(position):
        raise ScriptError(
            f"{call}: {wanted} is not in the region {request.region}, which is {place.size[0]:g} by {place.size[1]:g}"
            " m; write metres from its corner."
        )
    world.borders.put(body.root, position)
    world.touched(body)
    if request.region == world.here.name:
        thread.wake()
    else:
        thread.wait(request, None)


def arrived(body: WorldObject) -> None:
    """A linkset has come to a region: who waited for that goes on."""
    for thread, request in _waiting(body):
        if request.region == body.world.here.name:
            thread.wake()
        else:
            thread.wake(error=_failed(request, MOVED))


def ended(body: WorldObject, reason: str) -> None:
    """A linkset stays where it is."""
    for thread, request in _waiting(body):
        thread.wake(error=_failed(request, reason))


def _failed(request: Teleport, reason: str) -> TeleportFailed:
    return TeleportFailed(f"object.teleport: the object is not in {request.region}: {reason}.")


def _waiting(body: WorldObject) -> list[tuple[ScriptThread, Teleport]]:
    return [
        (thread, thread.request)
        for each in body.members
        for script in each.scripts
        for thread in script.threads or ()
        if isinstance(thread.request, Teleport)
    ]
