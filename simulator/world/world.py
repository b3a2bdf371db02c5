"""What the objects and scripts of one region share: its time, its lists, and the parts that serve them.

The one idea: everything that happens in a tick leaves its trace here: which objects have changed, what was
said, told and counted. The region reads it off at the tick's end. Nothing here does I/O or knows a clock:
time is what the region says it is, and stands still while the region is away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from migrate import format_script_error
from migrate.exchange import Exchange
from scripts_api import Event, RegionLoad, Vector
from simulator.limits import RegionLimits
from simulator.scheduler import Scheduler
from simulator.statistics import Counts
from simulator.world.agents import stand
from simulator.world.borders import Borders
from simulator.world.budgets import Budgets
from simulator.world.cells import Cells
from simulator.world.chat import Chat
from simulator.world.clockwork import Clockwork
from simulator.world.collisions import Collisions
from simulator.world.contents import ContentsDesk
from simulator.world.halo import Halo
from simulator.world.heights import forget, levelled
from simulator.world.inside import Inside
from simulator.world.items import Template
from simulator.world.mail import Mail
from simulator.world.modules import in_authors_terms
from simulator.world.objects import WorldObject
from simulator.world.outside import Outside
from simulator.world.places import Places, RegionPlace
from simulator.world.programs import Programs
from simulator.world.refusals import Refusals
from simulator.world.stores import Stores
from simulator.world.targets import Targets
from simulator.world.wearing import drop_all, take_off

if TYPE_CHECKING:
    from simulator.world.scripts import RunningScript


SAYS = "says"
CANT_TRAVEL = "script can't travel"
CANT_BE_SAVED = "script can't be saved"


@dataclass(frozen=True, slots=True)
class Told:
    """Something for the author of an object's script: an error, a log line; for others too, what it says."""

    what: str
    object: str
    name: str
    text: str


class World:
    """One region's world. Times are microseconds of the region, which stand still while it is away."""

    def __init__(
        self, here: RegionPlace, places: Places, exchange: Exchange, programs: Programs, limits: RegionLimits
    ) -> None:
        self.here, self.places, self.programs, self.limits = here, places, programs, limits
        self.trusted = False
        self.time_us = self.now_us = 0
        self.time_dilation = self.share_ran = 1.0
        self.scripts = 0
        self.frame, self.wanted_in_frame, self.ran_in_frame = 1, 0, 0  # no script has run in frame 0
        self.objects: dict[str, WorldObject] = {}
        self.scheduler: Scheduler[RunningScript] = Scheduler(limits.slice_us)
        self.clockwork = Clockwork()
        self.chat, self.mail, self.stores = Chat(self), Mail(self, exchange), Stores(self)
        self.borders, self.cells = Borders(self), Cells(self)
        self.budgets, self.contents = Budgets(self), ContentsDesk(self)
        self.agents: dict[str, WorldObject] = {}
        self.outside, self.inside = Outside(self), Inside(self)
        self.collisions, self.targets = Collisions(self), Targets(self)
        self.halo = Halo(self, exchange.note)
        self.changed: dict[str, None] = {}
        self.linked: dict[str, None] = {}
        self.unwritten: dict[str, Any] = {}
        self.departing: dict[str, str] = {}
        self.removing: dict[str, None] = {}
        self.notes: list[Told] = []
        self.counts = Counts()
        self.waiting_for_ever = 0
        self.quarantined: dict[str, str] = {}
        self.refusals = Refusals()
        self.offer: Callable[[WorldObject, str], str | None] = _not_ready
        self.renew: Callable[[WorldObject, str], None] = _not_ready
        self.make: Callable[[str, str, Template], WorldObject] = _not_ready
        self.keep_program: Callable[[str], None] = _not_ready

    def touched(self, body: WorldObject) -> None:
        """An object has changed and must be written down, with its whole linkset."""
        self.changed[body.id if body.extras is None else body.root.id] = None

    def wake(self, script: RunningScript) -> None:
        """Tell the scheduler that a script may have something to run."""
        self.scheduler.wake(script)

    def tell(self, body: WorldObject, event: Event) -> None:
        """Give an event to all scripts of an object."""
        for script in body.scripts:
            script.deliver(event)

    def tell_all(self, body: WorldObject, event: Event) -> None:
        """Give an event to all scripts of an object's linkset."""
        for each in body.members:
            self.tell(each, event)

    def tell_links(self, body: WorldObject, event: Event) -> None:
        """Give an event to all scripts of an object's linkset as they see it: not to what is worn by who sits there."""
        for each in body.links:
            self.tell(each, event)

    def tell_wanted(self, body: WorldObject, event: Event) -> None:
        """Give an event to those scripts of an object that want it: it waits in nobody else's queue."""
        for script in body.scripts:
            script.deliver_wanted(event)

    def told(self, body: WorldObject, what: str, text: str) -> None:
        """Note something for an object's author."""
        self.notes.append(Told(what, body.id, body.name, text))

    def refused(self, body: WorldObject, what: str, reason: str) -> None:
        """Note for an object's author that something could not be done, unless the same was told before."""
        self.counts.captures_refused += 1
        if self.refusals.are_news(body.id, what, reason):
            self.told(body, what, in_authors_terms(reason))

    def report(self, error: BaseException, called: Callable[..., Any] | None = None) -> str:
        """Return a script's error in its author's terms. `called`: what could not be called like that."""
        return format_script_error(error, called)

    def remove(self, body: WorldObject) -> None:
        """Take an object with its linkset out of the world at the end of this turn; nothing of it runs any
        more. Whoever sits on it stands up; someone who sits is taken out alone, and what it wears stays. What is worn
        is taken off before.
        """
        if body.worn_by is not None:
            take_off(body)
        for each in (body,) if body.agent is not None else body.root.parts:
            if each.agent is not None:
                stand(each)
        if body.agent is not None:
            drop_all(body)
        for each in body.members:
            for script in each.scripts:
                script.drop_all("is gone")
            each.dying = True
            self.removing[each.id] = None

    def take_in(self, body: WorldObject) -> None:
        """Make a linkset, whole as it is, part of this region, from now on. `body`: its root."""
        for each in body.members:
            self.objects[each.id] = each
            self.collisions.grown(each)
            self.collisions.consider(each)
            self.targets.consider(each)
            self.scripts += len(each.scripts)
            if each.agent is not None:
                self.agents[each.agent] = each
        if not self.here.holds(body.position):
            body.settle(self.time_us)
            body.place = self.here.clamped(body.place)
        body.place = levelled(body.place)
        self.borders.plan(body)
        if body.journey is not None:
            body.journey.set()

    def take_out(self, body: WorldObject) -> None:
        """Forget one object: it has left, or is gone. Whoever takes out a root takes out its parts too."""
        for script in body.scripts:
            script.drop_all(None)
        if body.crossing is not None:
            self.clockwork.cancel(body.crossing.entry)
        if body.journey is not None:
            self.clockwork.cancel(body.journey.entry)
        forget(body)
        del self.objects[body.id]
        if body.agent is not None and self.agents.get(body.agent) is body:
            # Two of one name may have met: who is still here keeps it.
            del self.agents[body.agent]
        self.cells.gone(body)
        self.collisions.gone(body)
        self.targets.gone(body)
        self.scripts -= len(body.scripts)
        body.dying = True
        self.changed.pop(body.id, None)
        self.linked.pop(body.id, None)
        self.unwritten.pop(body.id, None)
        self.departing.pop(body.id, None)
        self.refusals.over(body.id, CANT_TRAVEL)
        self.refusals.over(body.id, CANT_BE_SAVED)

    def fact(self, name: str) -> Any:
        """Return a fact of the region, named as in `scripts_api.Region`."""
        if name == "corner":
            return Vector(*self.here.corner, 0)
        if name == "size":
            return Vector(*self.here.size, 0)
        if name == "agents":
            return tuple(self.agents[each].somebody for each in sorted(self.agents))
        if name == "now":
            return self.now_us / 1e6
        if name == "time_dilation":
            return self.time_dilation
        if name == "statistics":
            counts = len(self.objects), len(self.agents), self.scripts
            return RegionLoad(*counts, self.time_dilation, self.share_ran, self.counts.frames)
        assert name == "name", f"regions have no fact {name}"
        return self.here.name

    def is_edge(self, position: Vector, direction: Vector) -> bool:
        """Return whether the world ends where the direction leaves the region that holds the place."""
        place = self.here.clamped(position)
        leaves = self.here.leaves(place, direction)
        if leaves is None:
            return False
        seconds, axis = leaves
        return self.places.beyond(self.here, place + direction * seconds, direction, axis) is None


def _not_ready(*args: object) -> Any:
    raise AssertionError(f"{args} is asked for before the region is ready")
