"""How many handlers a second does a region run, by number of scripts and by the share of them that is active?

An event goes the whole way: a command of the tick, the script's queue, its turn in the scheduler, the handler, the
accounts. Scripts are cut off by the real timer. What others would use keeps nothing, so the headline leaves out
writing down what has changed; `events.written_per_s` has it in.

Limit: a deque and a call. Peers: a task for each event (asyncio, trio), a greenlet (gevent), a call of the reactor
(Twisted).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from bench.figures import Figures, alternate, figure, ratios
from bench.peer import peers
from bench.regions import TOUCHED, OneRegion, touches

PEERS = {"asyncio": None, "trio": "trio", "gevent": "gevent", "twisted": "twisted"}
SCRIPTS = 1_000
EACH = 4
"""Events for a script in a tick: some wait behind others, as where there is something to do."""

SHARES = (1, 10, 100)  # percent


def run(quick: bool) -> Figures:
    """`events.*`."""
    rounds = 5 if quick else 15
    ours, written = _region(SCRIPTS, 100, written=False), _region(SCRIPTS, 100, written=True)
    with peers("events", PEERS, SCRIPTS, EACH) as others:
        works = {"ours": ours, "written": written, "limit": _deque_and_call}
        found = alternate(works | others, rounds)
    theirs = {name: found[name] for name in others}
    limit = max(found["limit"])
    figures = {
        "events.per_s": figure(found["ours"], "1/s", limit, peers=theirs, better="higher"),
        "events.written_per_s": figure(
            found["written"], "1/s", limit, better="higher", note="with every changed object written down"
        ),
    }
    for name, samples in theirs.items():
        figures[f"events.vs_{name}"] = figure(ratios(found["ours"], samples), "ratio", better="higher")
    return figures | _by_number(quick)


def _by_number(quick: bool) -> Figures:
    """`events.per_s.SCRIPTS.SHARE`."""
    figures: Figures = {}
    for scripts in (100, 10_000) if quick else (1, 100, 10_000, 100_000):
        works = {share: _region(scripts, share, written=False) for share in SHARES if scripts * share >= 100}
        found = alternate({str(share): work for share, work in works.items()}, 3 if quick else 7)
        for share, samples in found.items():
            name = f"events.per_s.{scripts}.{share}"
            figures[name] = figure(
                samples, "1/s", better="higher", note=f"{share} % of {scripts} scripts active"
            )
    return figures


def _region(scripts: int, share: int, *, written: bool) -> Callable[[], float]:
    """Events a second where a share of the scripts, in percent, each get some in a tick."""
    one = OneRegion(written=written)
    ids = one.rez(TOUCHED, scripts)
    active = ids[:: 100 // share]
    ticks = max(1, SCRIPTS // len(active))

    def measure() -> float:
        commands = touches(active, EACH)
        began = time.perf_counter()
        for _ in range(ticks):
            one.step(commands)
        return ticks * len(commands) / (time.perf_counter() - began)

    return measure


def _deque_and_call() -> float:
    """The same handlers, taken from one queue and called."""

    class Thing:
        count = 0

        def on_touch(self, toucher: str) -> None:
            self.count += 1

    things = [Thing() for _ in range(SCRIPTS)]
    queue: deque[Thing] = deque()
    began = time.perf_counter()
    for _ in range(EACH):
        queue.extend(things)
    while queue:
        queue.popleft().on_touch("eve")
    return SCRIPTS * EACH / (time.perf_counter() - began)
