"""One simulator process: its regions, its sockets, its clock and its signals, in one loop on one thread.

The one idea: a frame every 22.2 ms in which scripts run, and short ticks in between as soon as a neighbour's
message comes, so that a hand-over never waits for a frame. Whatever a tick produced goes out after its
commit, because `RegionHost.tick` returns only then. Scripts that were cut short by a message get the rest of
their frame after it.

What a message from a neighbour means is the exchange's business; who may send it for which region is checked
here.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Protocol

import structlog

from migrate.sockets import Arrived, Endpoint
from simulator.clock import Clock, monotonic_us
from simulator.config import World
from simulator.control import LINK_CHANNEL
from simulator.control_desk import ControlDesk, DeskRegion
from simulator.host import Frames
from simulator.keys import OPERATOR, known_keys, read_keys, read_public_key
from simulator.log import LEVELS, TALK
from simulator.world.world import Told

LEARNING = 8  # frames until most of a change in what writing takes is made up for
STRANGERS_TOLD_US = 60_000_000  # whoever is refused tries again many times a second
LATE = 8  # what is late by more than this part of a frame counts as late by that


class FrameSlicer(Protocol):
    """What the loop needs of the slicer that it hands to regions: see `WallSlicer`."""

    def allow(self, until_us: int) -> None:
        """Give scripts time until this reading of the monotonic clock; 0: none."""


class ProcessRegion(DeskRegion, Protocol):
    """What the loop needs of a region beyond what the desk does."""

    @property
    def last_now_us(self) -> int:
        """The time of the last commit, in an earlier process too."""

    @property
    def wants_time(self) -> bool:
        """Whether a script of it could run on."""

    def tick(self, now_us: int, frames: Frames, slicer: FrameSlicer, *, may_wait: bool = False) -> Frames:
        """Run and commit one tick; return what may leave. `may_wait`: see `RegionHost.tick`."""

    def take_told(self) -> list[Told]:
        """Return what was said, logged and reported since the last asking."""

    def close(self) -> None:
        """Give the region up; another process may take it over at once."""


class SimulatorProcess:
    """The loop of one simulator over its open regions and sockets."""

    def __init__(
        self,
        world: World,
        name: str,
        regions: Mapping[str, ProcessRegion],
        endpoint: Endpoint,
        make_slicer: Callable[[Callable[[], bool]], FrameSlicer],
        parent: int | None = None,
        quiet: bool = False,
    ) -> None:
        """`make_slicer` is given what tells whether a message waits. `parent`: end when it is gone. `quiet`: keep
        what scripts say and log out of the log.
        """
        self._world, self._name, self._parent, self._quiet = world, name, parent, quiet
        self._regions, self._endpoint = regions, endpoint
        self._log = structlog.get_logger()
        self._stopping = False
        self._clock = Clock(max(region.last_now_us for region in regions.values()))
        self._slicer = make_slicer(lambda: endpoint.wait(0))
        self._desk = ControlDesk(name, regions, self.stop, lambda: asdict(endpoint.statistics()))
        self._inbox: defaultdict[str, Frames] = defaultdict(list)
        self._frame_us = round(world.limits.frame_ms * 1000)
        self._strangers_told = 0
        self._strangers_next_us = 0
        self._reserved_us = dict.fromkeys(regions, 0)

    def run(self) -> None:
        """Run until told to stop, then commit and close."""
        self._log.info(
            "started", regions=list(self._regions), address=self._endpoint.address, pid=os.getpid()
        )
        next_frame_us = monotonic_us()
        try:
            while not self._should_stop():
                cut_short = any(region.wants_time for region in self._regions.values())
                self._endpoint.wait(0 if cut_short else max(0, next_frame_us - monotonic_us()) / 1e6)
                self._take_messages()
                self._end_silent_backup()
                self._tell_of_strangers()
                self._tick_regions_with_messages()
                if monotonic_us() >= next_frame_us:
                    next_frame_us = self._frame_after(next_frame_us)
                    self._frame(next_frame_us)
                elif cut_short:
                    self._frame(next_frame_us)
        finally:
            self._close()

    def stop(self) -> None:
        """Stop at the end of the present tick, which is committed."""
        self._stopping = True

    def _should_stop(self) -> bool:
        return self._stopping or (self._parent is not None and os.getppid() != self._parent)

    def _frame_after(self, frame_us: int) -> int:
        """When the next frame is due. A missed one is not made up for: time dilates."""
        now_us = monotonic_us()
        return frame_us + self._frame_us if frame_us + self._frame_us > now_us else now_us + self._frame_us

    def _frame(self, until_us: int) -> None:
        """One frame of every region; they share the time there is."""
        left = len(self._regions)
        for name in self._regions:
            now_us = monotonic_us()
            end_us = now_us + max(0, until_us - now_us) // left
            self._slicer.allow(end_us - self._reserved_us[name])
            self._tick(name)
            late_us = monotonic_us() - end_us
            self._reserved_us[name] = reserve(self._reserved_us[name], late_us, self._frame_us)
            left -= 1

    def _tick_regions_with_messages(self) -> None:
        """Short ticks, without time for scripts, until no region of ours has a message waiting."""
        self._slicer.allow(0)
        while waiting := [name for name, frames in self._inbox.items() if frames]:
            for name in waiting:
                self._tick(name, may_wait=True)

    def _tick(self, name: str, *, may_wait: bool = False) -> None:
        region, frames = self._regions[name], self._inbox.pop(name, [])
        stalled_before = region.stalled
        for destination, frame in region.tick(self._clock.now_us(), frames, self._slicer, may_wait=may_wait):
            self._send(name, destination, frame)
        self._tell(name, region)
        if region.stalled is not None and stalled_before is None:
            self._log.error("region waits", region=name, reason=region.stalled)
        elif region.stalled is None and stalled_before is not None:
            self._log.info("region goes on", region=name)

    def _tell(self, name: str, region: ProcessRegion) -> None:
        for told in region.take_told():
            self._desk.heard(name, told)
            if not (self._quiet and told.what in TALK):
                log = getattr(self._log, LEVELS.get(told.what, "warning"))
                log(told.what, region=name, object=told.object, name=told.name, text=told.text)

    def _send(self, source: str, destination: str, frame: bytes) -> None:
        if destination in self._regions:
            self._inbox[destination].append((source, frame))
            return
        if destination not in self._world.regions:
            # Taken out of the world file while something was under way to it; the outbox keeps it for its
            # return.
            return
        peer = self._world.regions[destination].simulator
        # A frame that is not taken is lost, like one that the network loses: the link sends it again.
        self._endpoint.send(peer, LINK_CHANNEL, destination.encode(), source.encode(), frame)

    def _take_messages(self) -> None:
        for message in self._endpoint.receive():
            reason = self._take(message)
            if reason:
                self._log.warning("message refused", sender=message.sender, reason=reason)

    def _end_silent_backup(self) -> None:
        if self._desk.end_silent_backup():
            self._log.warning(
                "backup given up", reason="its command says nothing any more; nothing of it was kept"
            )

    def _tell_of_strangers(self) -> None:
        """A line for those who were not let in, now and then."""
        new, stranger = self._endpoint.strangers_refused - self._strangers_told, self._endpoint.last_stranger
        if stranger is None or not new or monotonic_us() < self._strangers_next_us:
            return
        self._strangers_told += new
        self._strangers_next_us = monotonic_us() + STRANGERS_TOLD_US
        self._log.warning(
            "stranger refused",
            address=stranger.address,
            key=stranger.key,
            refusals=new,
            reason=f"no *.public file in {self._world.keys_folder} held that key when this simulator began",
        )

    def _take(self, message: Arrived) -> str | None:
        """Take one message in; return why not, if it is refused."""
        match message.parts:
            case (b"control", question) if message.sender == OPERATOR:
                self._desk.take(question, lambda answer: self._endpoint.reply(message.route, answer))
                return None
            case (b"link", destination, source, frame):
                return self._take_frame(message.sender, destination, source, frame)
        return f"{len(message.parts)} parts that are neither a link's frame nor an operator's question"

    def _take_frame(self, sender: str, destination: bytes, source: bytes, frame: bytes) -> str | None:
        to, of = destination.decode(errors="replace"), source.decode(errors="replace")
        if to not in self._regions:
            return f"region {to!r} is not hosted here"
        if of not in self._world.regions or self._world.regions[of].simulator != sender:
            return f"it does not host region {of!r}"
        self._inbox[to].append((of, frame))
        return None

    def _close(self) -> None:
        for region in self._regions.values():
            region.close()
        self._endpoint.close()
        self._log.info("stopped")


def reserve(reserved_us: int, late_us: int, frame_us: int) -> int:
    """Learn how long a region needs behind its last slice, to write down and commit, so that frames hold.

    A frame that is late by far is an exception and no habit: scripts pay for it by their debts.
    """
    late_us = min(late_us, frame_us // LATE)
    return min(max(0, reserved_us + late_us // LEARNING), frame_us // 2)


def open_endpoint(world: World, name: str) -> Endpoint:
    """Listen for a simulator and connect to all others of its world.

    Raises `AddressInUse`, `AddressWrong`, `KeyFileError`.
    """
    folder = world.keys_folder
    endpoint = Endpoint(world.simulators[name].address, read_keys(folder, name), known_keys(folder))
    for peer, spec in world.simulators.items():
        if peer != name:
            endpoint.connect(peer, spec.address, read_public_key(folder, peer))
    return endpoint
