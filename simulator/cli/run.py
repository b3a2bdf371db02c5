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
from simulator.run_ending import RunEnding
from simulator.supervisor import Supervisor

WATCH_S = 0.1


@click.command()
@click.argument("world_file", type=click.Path(path_type=Path))
@hop_every
@click.option("--quiet", is_flag=True, help="Leave what scripts say and log out of the log.")
def command(world_file: Path, hop_every: int | None, quiet: bool) -> None:
    """Run the world that WORLD_FILE describes; run it again and it carries on where it was.

    Keys that are missing are made. A simulator that dies is started again, five times a minute at most; one
    that dies again then, or says why it can't run, stays down, and the others carry on. What scripts say and
    log is shown with everything else.
    """
    stop = _StopSignals()
    world = hopping(read_world(world_file), hop_every)
    ensure_keys(world.keys_folder, [OPERATOR, *world.simulators])
    supervisor = Supervisor(world, quiet=quiet)
    _tell(f"{world_file} begins: {', '.join(world.simulators)}. Stop it with Ctrl-C.")
    supervisor.start()
    down = _watch(supervisor, stop, world_file)
    begun = supervisor.begun()
    ending = RunEnding(world_file, supervisor.stop(), frozenset(begun), tuple(down))
    _tell(str(ending))
    sys.exit(0 if ending.is_good else 1)


class _StopSignals:
    """Remembers that SIGINT or SIGTERM came."""

    def __init__(self) -> None:
        self.came = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._remember)

    def _remember(self, number: int, frame: FrameType | None) -> None:
        self.came = True


def _watch(supervisor: Supervisor, stop: _StopSignals, world_file: Path) -> list[str]:
    """Keep the simulators running until told to stop or none is left; return those that stay down."""
    down: list[str] = []
    told = False
    while not stop.came and supervisor.kept():
        for ended in supervisor.watch():
            _tell(f"gossamer: {ended}")
            if not ended.restarted:
                down.append(ended.simulator)
        begun = supervisor.begun()
        if begun and not told and begun == supervisor.kept():
            told = True
            _tell(f"{world_file} runs: {', '.join(begun)}.")
        time.sleep(WATCH_S)
    return down


def _tell(text: str) -> None:
    click.echo(text, err=True)
