"""`gossamer demo`: the rocket that never stops computing, live on the terminal."""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.live import Live

from simulator.demo import Demo, DemoOptions
from simulator.demo_view import Picture, draw, plain_line
from simulator.demo_world import write_demo_world

PLAIN_LINE_S = 2.0  # without a terminal: often enough to see that it lives, seldom enough to read


@click.command()
@click.option(
    "--crossings", type=click.IntRange(min=1), default=24, show_default=True, help="End after so many."
)
@click.option("--seconds", type=click.FloatRange(min=1), help="End after so much time instead.")
@click.option(
    "--objects", type=click.IntRange(0, 300), default=0, help="So many more rockets, some fish and lamps."
)
@click.option("--world", "folder", type=click.Path(path_type=Path), help="Keep the world in this folder.")
@click.option("--kill", is_flag=True, help="Kill a simulator with SIGKILL in mid-flight.")
@click.option("--json", "as_json", is_flag=True, help="Print one machine-readable result and nothing else.")
def command(
    crossings: int, seconds: float | None, objects: int, folder: Path | None, kill: bool, as_json: bool
) -> None:
    """Fly a rocket through three simulators while it computes the digits of pi.

    Three processes host a region each. The rocket's script is plain Python in an endless loop; it is
    preempted, moved and resumed in the middle of it. In the end every digit is checked. Exit status 0 only
    if all is right.
    """
    options = DemoOptions(crossings, seconds, kill)
    with _folder(folder) as place, _shown(as_json) as show:
        result = Demo(write_demo_world(place, objects), options, show).run()
    click.echo(msgspec.json.encode(result).decode() if as_json else result.sentence())
    sys.exit(0 if result.right else 1)


@contextlib.contextmanager
def _folder(folder: Path | None) -> Iterator[Path]:
    """The folder that was named, or one that is gone afterwards."""
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="gossamer-demo-") as temporary:
        yield Path(temporary)


@contextlib.contextmanager
def _shown(as_json: bool) -> Iterator[Callable[[Picture], None]]:
    """A way to show pictures: live on a terminal, as plain lines elsewhere, not at all beside JSON."""
    console = Console()
    if as_json:
        yield lambda picture: None
    elif console.is_terminal:
        with Live(console=console, auto_refresh=False, transient=False) as live:
            yield lambda picture: live.update(draw(picture), refresh=True)
    else:
        yield _plain_lines()


def _plain_lines() -> Callable[[Picture], None]:
    shown_at = -PLAIN_LINE_S

    def show(picture: Picture) -> None:
        nonlocal shown_at
        if time.monotonic() - shown_at >= PLAIN_LINE_S:
            shown_at = time.monotonic()
            click.echo(plain_line(picture))

    return show
