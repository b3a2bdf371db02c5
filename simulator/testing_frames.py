"""The regions of a test's world, frame by frame, in one process: what `simulator.testing.World` stands on.

The one idea: a frame is one tick of every region, and what one of them lets out comes to the others in the next.
Frames in which nothing is due are skipped.
"""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

from migrate.errors import CaptureRefused, Pinned
from migrate.exchange import Exchange
from scripts_api import HttpResponse
from scripts_api.testing import ScriptFailed
from simulator.commands import Command, HttpAnswered
from simulator.host import RegionHost
from simulator.limits import RegionLimits
from simulator.region import Outputs, Region
from simulator.slicer import CountedSlicer
from simulator.store import SqliteStore
from simulator.testing_things import TestAgent
from simulator.world.chat import Said
from simulator.world.grants import ASKS
from simulator.world.objects import WorldObject
from simulator.world.places import Places, RegionPlace
from simulator.world.programs import Programs

# A traceback ends at the line of the test: what is behind it is ours, and no author's business.
__tracebackhide__ = True

FRAME_US = 20_000
SIZE_M = 256.0
EDGES = 1_000
SLICES = 20
BEGINNING_US = 1_577_836_800_000_000  # 2020-01-01: some day, the same in every test


class FramedWorld:
    """Regions side by side, from west to east. `said`, `logged`: every line so far. `asked`: what objects have asked
    people for. `pages`: what addresses under https://example.org answer, by address; what is not there is not found
    (404).
    """

    def __init__(self, *regions: str, everywhere: bool = False, trusted: bool = False) -> None:
        """`regions`: their names; two if none is given. `trusted`: they are in trusted mode."""
        names = regions or ("west", "east")
        self.everywhere, self.trusted = everywhere, trusted
        self.said: list[str] = []
        self.logged: list[str] = []
        self.asked: list[str] = []
        self.failures: list[str] = []
        self.pages: dict[str, str | HttpResponse] = {}
        self._requests, self._replies = 0, dict[int, HttpResponse]()
        self._agents: list[TestAgent] = []
        self._answered = False  # an answer from outside comes in the next frame
        self._now_us = BEGINNING_US
        self._places = Places(
            RegionPlace(name, (index * SIZE_M, 0.0), (SIZE_M, SIZE_M)) for index, name in enumerate(names)
        )
        self._programs = Programs(remark=lambda remark: warnings.warn(remark, stacklevel=2))
        self._regions: dict[str, Region] = {}
        self._exchanges: dict[str, Exchange] = {}
        self._hosts = {name: self._open(name) for name in names}
        self._frames: dict[str, list[tuple[str, bytes]]] = {name: [] for name in names}

    def body(self, id: str) -> WorldObject:
        """Return an object as its region has it. Raises `KeyError` if there is none."""
        for region in self._regions.values():
            if id in region.objects:
                return region.objects[id]
        raise KeyError(f"object {id} is {'between two regions' if self.has(id) else 'gone'}")

    def has(self, id: str) -> bool:
        """Whether an object is in the world, or between two regions."""
        return any(exchange.owns(id) or exchange.is_out(id) for exchange in self._exchanges.values())

    def body_of(self, agent: str) -> WorldObject:
        """Return somebody's body. Raises `KeyError` if it has none in this world."""
        for region in self._regions.values():
            found = next((body for body in region.objects.values() if body.agent == agent), None)
            if found is not None:
                return found
        raise KeyError(f"{agent} has left this world, or is between two regions")

    def state_of(self, id: str) -> dict[str, Any]:
        """Return the attributes of an object's script."""
        return self._regions[self.body(id).world.here.name].state_of(id)

    # --- How it runs ---

    def tell(self, region: str, command: Command) -> None:
        """Give a region a command, and let everything react for a frame."""
        self._hosts[region].command(command)
        self._frame()

    def _open(self, name: str) -> RegionHost[Outputs]:
        store = SqliteStore(name, None, "memory")
        exchange = Exchange(name, 1, knows=self._places.__contains__)
        limits = RegionLimits(
            frame_us=FRAME_US, http_hosts=("example.org",), web=f"http://{name}.example.org"
        )
        region = Region(
            self._places.region(name), self._places, exchange, self._programs, limits, trusted=self.trusted
        )
        region.load({}, self._now_us)
        self._regions[name], self._exchanges[name] = region, exchange
        return RegionHost(region, exchange, store, {}, partial(self._observe, name))

    def _skip(self, end_us: int) -> None:
        """Let the frames pass in which nothing would happen in any region."""
        answered, self._answered = self._answered, False
        if answered or any(self._frames.values()):
            return
        due_us = min(region.next_due_us(end_us) for region in self._regions.values())
        skipped_us = (min(due_us, end_us) - 1 - self._now_us) // FRAME_US * FRAME_US
        if skipped_us > 0 and all(_is_quiet(exchange) for exchange in self._exchanges.values()):
            self._now_us += skipped_us
            for region in self._regions.values():
                region.skip(skipped_us)

    def _frame(self) -> None:
        """One frame of every region; in two halves or in twenty, if everything is to be restored in between."""
        self._now_us += FRAME_US
        for name, region in self._regions.items():
            self._tick(name, 1 if self.everywhere else SLICES)
            rounds = 0
            while self.everywhere and not region.is_idle() and rounds < SLICES:
                self._renew(region)
                self._tick(name, 1)
                rounds += 1
            if self.everywhere:
                self._renew(region)
        self._tell_failures()

    def _renew(self, region: Region) -> None:
        self._tell_failures()
        try:
            region.renew()
        except (CaptureRefused, Pinned) as error:
            raise ScriptFailed(f"captured everywhere: {error}") from None

    def _tell_failures(self) -> None:
        if self.failures:
            failures, self.failures = self.failures, []
            raise ScriptFailed("\n".join(failures))

    def _tick(self, name: str, slices: int) -> None:
        slicer = CountedSlicer(EDGES if not self.everywhere else 1, slices)
        slicer.allow(1)
        frames, self._frames[name] = self._frames[name], []
        for dst, frame in self._hosts[name].tick(self._now_us, frames, slicer):
            self._frames[dst].append((name, frame))

    def _observe(self, region: str, outputs: Outputs) -> None:
        self.said += [said.text for said in outputs.said if not said.over_border]
        for agent in (each for each in self._agents if self._is_in_region(each, region)):
            agent.heard += [said.text for said in outputs.said if self._hears(agent, said)]
        for wanted in outputs.http:
            page = self.pages.get(wanted.request.url, HttpResponse(404, ""))
            answer = page if isinstance(page, HttpResponse) else HttpResponse(200, page)
            self._hosts[region].command(HttpAnswered(wanted.object, wanted.script, wanted.number, answer))
            self._answered = True
        self._replies |= {reply.number: reply.answer for reply in outputs.replies}
        for told in outputs.told:
            if told.what == "script log":
                self.logged.append(told.text)
            elif told.what == ASKS:
                self.asked.append(f"{told.name} asks {told.text}")
            else:
                self.failures.append(f"{told.name!r}: {told.what}:\n{told.text}")

    def _is_in_region(self, agent: TestAgent, region: str) -> bool:
        return any(body.agent == agent.id for body in self._regions[region].objects.values())

    def _hears(self, agent: TestAgent, said: Said) -> bool:
        if said.receiver is not None or said.position is None or said.range_m is None:
            return said.receiver == agent.ref
        return said.speaker != agent.ref and agent.position.distance(said.position) <= said.range_m


def _is_quiet(exchange: Exchange) -> bool:
    """Whether nothing is under way between regions, and nothing there waits for its time."""
    counted = exchange.statistics()
    return not (counted.offers or counted.objects_out or counted.outbox_len or counted.held_len)
