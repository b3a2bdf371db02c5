"""An object that is dropped and restored from its written form, in place: for another owner, or to see that it can be.

The one idea: nobody else notices. What neighbours have been asked about it, and what is yet to be written, stays as it
was.
"""

from __future__ import annotations

from collections.abc import Sequence

from scripts_api import Changed
from simulator.checkpoint import capture
from simulator.checkpoint_record import read_unit
from simulator.checkpoint_restore import begin_again, restore
from simulator.world.grants import owned_anew
from simulator.world.objects import WorldObject


def renew_owned(body: WorldObject, owner: str) -> None:
    """Let an object's linkset have another owner: the scheduler meets it as a new one. Raises as `renew` does."""
    ids = [each.id for each in body.links]
    made = renew(body.root, owner, ids)
    for id in ids:
        made.world.tell(made.world.objects[id], Changed("owner"))
    made.world.touched(made)


def renew(body: WorldObject, owner: str | None = None, owned: Sequence[str] = ()) -> WorldObject:
    """Drop a root with its linkset and restore it, in place. Raises `CaptureRefused`, `Pinned`.

    `owner`: of those of its objects whose ids are in `owned`, from now on.
    """
    world, crossing = body.world, body.crossing
    made = restore(read_unit(capture(body)), world, own=True)
    was_changed, departing = body.id in world.changed, world.departing.get(body.id)
    linked = [each.id for each in body.members if each.id in world.linked]
    for each in body.members:
        world.take_out(each)
    if owner is not None:
        owned_anew((each for each in made.members if each.id in owned), owner)
    begin_again(made, world.time_us)
    world.take_in(made)
    if crossing is not None:
        # The neighbour that was asked answers for the same object.
        for name in ("place", "rotation", "velocity", "at_us"):
            # As they were: it may be beyond the border already, or where a script has put it.
            setattr(made, name, getattr(body, name))
        world.borders.take_over(made, crossing)
    if departing is not None:
        world.departing[made.id] = departing
    if was_changed:
        world.touched(made)
    world.linked.update(dict.fromkeys(linked))
    return made
