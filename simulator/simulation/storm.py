"""One seed: a grid of regions, a storm of faults, then calm weather in which everything must drain.

The one idea: faults come from a schedule drawn from the seed while the storm lasts; then all of them are
mended and the things stop doing anything new. Whatever is not at rest after that is lost, stuck or leaking.

It judges nothing itself: `simulator.simulation.oracle` watches every step, `simulator.simulation.rest` the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from migrate.limits import ExchangeLimits
from migrate.rows import RowChanges, RowKey
from simulator.simulation.history import History
from simulator.simulation.host import Host, Place
from simulator.simulation.machinery import Directory, Disk, Network
from simulator.simulation.oracle import Oracle, Violation
from simulator.simulation.rest import Rest
from simulator.simulation.toys import Temper

TICK_US = 10_000
STORM_TICKS = 80
CALM_TICK_US = 25_000
COMMIT_TICKS = 2  # one tick in two may leave it to the next to write down what it has only taken note of
CALM_TICKS_MAX = 400  # ten seconds: five times the longest wait before something is sent again


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad a storm is: chances per frame or per tick of the grid. `power`: that a crash is a loss of power."""

    drop: float
    repeat: float
    delay_us_max: int
    crash: float
    power: float
    zombie: float
    cut: float
    slow_answer: float
    full: float
    slow: float
    outage: float
    stale_hint: float


@dataclass(frozen=True, slots=True)
class SeedResult:
    """What became of one seed; `violation` is None if every invariant held."""

    seed: int
    violation: str | None
    events: int
    moves: int
    crashes: int


CORNER = Weather(
    drop=0.0,
    repeat=0.0,
    delay_us_max=1,
    crash=0.0,
    power=0.0,
    zombie=0.0,
    cut=0.0,
    slow_answer=0.15,
    full=0.0,
    slow=0.0,
    outage=0.0,
    stale_hint=0.2,
)
"""Second Life's four corners: everything works, but answers on some paths are slow, and all want to cross."""

RUNNERS = Temper(
    send=0.2,
    burst_max=1,
    cross=0.9,
    ride=0.1,
    create=0.0,
    remove=0.01,
    change_mind=0.0,
    go_home=0.6,
    deny=0.0,
    turn_away=0.4,
    forget_grant=0.0,
    write_to_nobody=0.0,
)
"""Things that cross whenever they can, back and forth."""


def draw_weather(random: Random) -> Weather:
    """Return a storm; some leave the network or the processes alone, so that the other's faults show."""
    if random.random() < 0.25:
        return CORNER
    network = random.random() < 0.85
    processes = random.random() < 0.8
    return Weather(
        drop=random.choice((0.0, 0.05, 0.3)) * network,
        repeat=random.choice((0.0, 0.05, 0.3)) * network,
        delay_us_max=random.choice((1, 30_000, 120_000)) if network else 1,
        crash=random.choice((0.02, 0.08)) * processes,
        power=0.3,
        zombie=0.02 * processes,
        cut=random.choice((0.0, 0.05, 0.1)) * network,
        slow_answer=random.choice((0.0, 0.2)) * network,
        full=random.choice((0.02, 0.15)) * processes,
        slow=0.04 * processes,
        outage=0.02 * processes,
        stale_hint=0.2,
    )


def draw_temper(random: Random, weather: Weather) -> Temper:
    """Return how the things behave in this seed."""
    if weather is CORNER:
        return RUNNERS
    return Temper(
        send=random.choice((0.2, 0.6)),
        burst_max=random.choice((1, 3)),
        cross=random.choice((0.1, 0.5, 0.9)),
        ride=random.choice((0.0, 0.3)),
        create=random.choice((0.0, 0.03)),
        remove=random.choice((0.0, 0.01)),
        change_mind=0.02,
        go_home=random.choice((0.0, 0.6)),
        deny=random.choice((0.0, 0.2)),
        turn_away=random.choice((0.02, 0.2, 0.4)),
        forget_grant=0.05,
        write_to_nobody=0.02,
    )


def draw_limits(random: Random, weather: Weather) -> ExchangeLimits:
    """Return limits so small that each is reached."""
    return ExchangeLimits(
        batch_bytes_max=random.choice((200, 256 * 1024)),
        link_window_len_max=random.choice((4, 64)),
        outbox_len_max=random.choice((6, 64)),
        whispers_len_max=8,
        resend_us_first=30_000,
        resend_us_max=100_000,
        offer_us_max=600_000 if weather is CORNER else random.choice((120_000, 600_000)),
        offer_resend_us=30_000,
        pair_window_len_max=random.choice((3, 8)),
        pairs_sent_len_max=random.choice((2, 8)),
        pairs_received_len_max=random.choice((2, 8)),
        pair_idle_us=random.choice((50_000, 500_000)),
        pairs_swept_max=2,
        tombstone_us=random.choice((60_000, 600_000)),
        tombstones_faded_max=2,
        hints_len_max=3,
    )


class Grid:
    """All of one seed's world."""

    def __init__(self, seed: int, regions: int, objects: int, history: History | None = None) -> None:
        """Build the grid and put its first things into it. `history`: where all that happens is noted."""
        self._history = history
        if history is not None:
            history.now = lambda: self.now_us
        self.random = Random(seed)
        self.weather = draw_weather(self.random)
        self.temper = draw_temper(self.random, self.weather)
        self.limits = draw_limits(self.random, self.weather)
        self.oracle = Oracle(self.limits)
        self.network = Network(self.random, None if history is None else history.frame)
        self.directory = Directory()
        self.regions = [f"r{number}" for number in range(regions)]
        self.disks = {region: Disk(region, self._committed) for region in self.regions}
        self.hosts: dict[str, Host] = {}
        self._rest = Rest(self.hosts, self.network, self.oracle)
        self.zombies: list[Host] = []
        self.crashes = 0
        self.now_us = 1_000_000
        self._started = 0
        self._mend_at: list[tuple[int, Callable[[], object]]] = []
        for region in self.regions:
            self.start(region)
        for number in range(objects):
            self.hosts[self.regions[number % regions]].world.create()

    def run(self) -> None:
        """Run the storm and the calm after it; raises `Violation`."""
        self.network.drop, self.network.repeat = self.weather.drop, self.weather.repeat
        self.network.delay_us_max = self.weather.delay_us_max
        self.network.slow_answer = self.weather.slow_answer
        for _ in range(STORM_TICKS):
            self._fault()
            self._tick(TICK_US, storm=True)
        self._heal()
        for number in range(CALM_TICKS_MAX):
            self._tick(CALM_TICK_US, storm=False)
            if number % 4 == 3 and self._rest.reached():
                break
        else:
            raise Violation(f"not at rest long after all faults were mended: {self._rest.missed()}")
        for _ in range(COMMIT_TICKS):
            self._tick(CALM_TICK_US, storm=False)
        self._rest.check()
        self.oracle.settle_accounts()

    def start(self, region: str) -> None:
        """Start a process that claims the region; an older one may not have noticed its end."""
        self._started += 1
        self._note(
            f"{region} is taken over by process {self._started}, epoch {self.disks[region].epoch + 1}", region
        )
        self.hosts[region] = Host(
            self._started,
            self.disks[region],
            self.regions,
            self.limits,
            self.temper,
            self.network,
            self.oracle,
            self.random,
        )
        self.directory.announce(region, self._started)

    def _note(self, text: str, *regions: str) -> None:
        if self._history is not None:
            self._history.fault(text, *regions)

    def _committed(self, region: str, epoch: int, before: dict[RowKey, bytes], changes: RowChanges) -> None:
        if self._history is not None:
            self._history.commit(region, epoch, before, changes)
        self.oracle.commit(region, epoch, before, changes)

    # --- The storm ---

    def _tick(self, length_us: int, *, storm: bool) -> None:
        self.now_us += length_us
        arrivals = self.network.arrivals(self.now_us)
        processes = self.directory.processes()
        others = [*self.oracle.alive, *self.oracle.removed] if storm else []
        hosts = [*self.hosts.values(), *self.zombies]
        self.random.shuffle(hosts)
        for host in hosts:
            if host.alive:
                if processes is not None:
                    host.addresses = processes
                dies = self._death() if storm else None
                host.tick(self.now_us, arrivals.get(host.number, []), others, dies)
                if dies is not None:
                    self._note(f"{host.region}: process {host.number} dies {dies.value}", host.region)
                    self._lose_power(host)
                elif not host.alive:
                    self._note(f"{host.region}: process {host.number} was succeeded, and ends", host.region)
        self.zombies = [host for host in self.zombies if host.alive]

    def _death(self) -> Place | None:
        if self.random.random() >= self.weather.crash:
            return None
        self.crashes += 1
        return self.random.choice(list(Place))

    def _lose_power(self, host: Host) -> None:
        # The disk is another process's if this one was a zombie: that one keeps its power.
        if self.random.random() < self.weather.power and host.epoch == host.disk.epoch:
            lost = host.disk.lose_power()
            self._note(f"{host.region} loses its power, and {lost} commits that were not synced", host.region)

    def _fault(self) -> None:
        draw, weather = self.random.random, self.weather
        region = self.random.choice(self.regions)
        disk = self.disks[region]
        if draw() < weather.zombie and self.hosts[region].alive:
            self.zombies.append(self.hosts[region])
            self.start(region)
        if draw() < weather.cut:
            self._cut(region, self.random.choice(self.regions))
        if draw() < weather.full:
            disk.full = True
            self._mend_later(lambda: setattr(disk, "full", False), f"{region}: the disk is full", region)
        if draw() < weather.slow:
            disk.slow_us = 30_000
            self._mend_later(lambda: setattr(disk, "slow_us", 0), f"{region}: the disk is slow", region)
        if draw() < weather.outage:
            self.directory.up = False
            self._mend_later(self.directory.recover, "the directory is down")
        if draw() < weather.stale_hint:
            self._hint(self.hosts[region])
        for region, host in self.hosts.items():
            if not host.alive and draw() < 0.3:
                self.start(region)
        self._mend()

    def _cut(self, one: str, other: str) -> None:
        cuts = {(one, other), (other, one)} if self.random.random() < 0.5 else {(one, other)}
        self.network.cuts |= cuts
        ways = " and ".join(f"from {src} to {dst}" for src, dst in sorted(cuts))
        self._mend_later(
            lambda: self.network.cuts.difference_update(cuts), f"the way {ways} is cut", one, other
        )

    def _hint(self, host: Host) -> None:
        """Tell a region where an object once was."""
        if self.oracle.history:
            object = self.random.choice(list(self.oracle.history))
            region, gen = self.random.choice(self.oracle.history[object])
            host.exchange.hint(object, region, gen)
            self._note(f"{host.region} is told that {object} was in {region} with gen {gen}", host.region)

    def _mend_later(self, mend: Callable[[], object], text: str, *regions: str) -> None:
        until_us = self.now_us + self.random.choice((3, 10, 60)) * TICK_US
        self._mend_at.append((until_us, mend))
        self._note(f"{text}, until {until_us / 1e6:.3f} s", *regions)

    def _mend(self) -> None:
        for due in [due for due in self._mend_at if due[0] <= self.now_us]:
            self._mend_at.remove(due)
            due[1]()

    # --- The calm ---

    def _heal(self) -> None:
        self._note("the storm is over: all faults are mended, and things do nothing new")
        self.network.heal()
        self.directory.recover()
        for disk in self.disks.values():
            disk.full, disk.slow_us = False, 0
        # One that has nothing to commit would never notice: whoever takes a region over ends its old process.
        self.zombies.clear()
        for region, host in self.hosts.items():
            if not host.alive:
                self.start(region)


def run_seed(seed: int, regions: int = 4, objects: int = 6, history: History | None = None) -> SeedResult:
    """Run one seed to its end or to its first violation. `history`: where all that happens is noted."""
    grid = Grid(seed, regions, objects, history)
    violation = None
    try:
        grid.run()
    except Exception as error:  # noqa: BLE001  # whatever a broken protocol raises was looked for
        violation = f"{type(error).__name__}: {error}"
    return SeedResult(seed, violation, grid.oracle.events, grid.oracle.moves, grid.crashes)
