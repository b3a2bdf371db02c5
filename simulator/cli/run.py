"""`gossamer run`: every simulator of a world on this machine, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from types import FrameType

import click

from simulator.cli.options import hop_every
from simulator.config import hopping, read_world
from simulator.keys import OPERATOR, ensure_keys
from simulator.supervisor import Supervisor

WATCH_S = 0.1


@click.command()
@click.argument("world_file", type=click.Path(path_type=Path))
@hop_every
def command(world_file: Path, hop_every: int | None) -> None:
    """Run the world that WORLD_FILE describes; run it again and it carries on where it was.

    Keys that are missing are made. A simulator that dies is started again; one that says why it can't run
    stays down, and the others carry on.
    """
    world = hopping(read_world(world_file), hop_every)
    ensure_keys(world.keys_folder, [OPERATOR, *world.simulators])
    supervisor = Supervisor(world)
    stop = _StopSignals()
    supervisor.start()
    click.echo(f"{world_file} runs: {', '.join(world.simulators)}. Stop it with Ctrl-C.", err=True)
    down = _watch(supervisor, stop)
    statuses = supervisor.stop()
    click.echo("stopped after a last commit; run it again and it carries on.", err=True)
    sys.exit(1 if down or any(statuses.values()) else 0)


class _StopSignals:
    """Remembers that SIGINT or SIGTERM came."""

    def __init__(self) -> None:
        self.came = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._remember)

    def _remember(self, number: int, frame: FrameType | None) -> None:
        self.came = True


def _watch(supervisor: Supervisor, stop: _StopSignals) -> bool:
    """Keep the simulators running until told to stop or none is left; True if one stays down."""
    down = False
    while not stop.came and supervisor.running():
        for ended in supervisor.watch():
            click.echo(f"gossamer: {ended}", err=True)
            down = down or not ended.restarted
        time.sleep(WATCH_S)
    return down or not stop.came
