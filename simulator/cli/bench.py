"""`gossamer bench`: measures, beside the limits and what others would use, in the same run."""

from __future__ import annotations

import importlib
import json
import platform
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

PROJECT = Path(__file__).resolve().parents[2]

NAMES = ("switch", "slowdown", "density", "checkpoint")


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(["all", *NAMES]), required=True)
@click.option("--quick", is_flag=True, help="Fewer and smaller measurements: to see that it works.")
@click.option("--json", "as_json", is_flag=True, help="Print one machine-readable result.")
def command(names: tuple[str, ...], quick: bool, as_json: bool) -> None:
    """Run benchmarks by name, or `all` of them. They are in the source's `bench` folder, not in the package."""
    chosen = NAMES if "all" in names else names
    figures: dict[str, Any] = {}
    for name in chosen:
        for figure, found in _benchmark(name).run(quick).items():
            figures[figure] = asdict(found)
            if not as_json:
                click.echo(_line(figure, figures[figure]))
    if as_json:
        click.echo(json.dumps({"machine": _machine(), "commit": _commit(), "figures": figures}))


def _benchmark(name: str) -> Any:
    try:
        return importlib.import_module(f"bench.{name}")
    except ModuleNotFoundError as missing:
        raise click.ClickException(
            f"{missing}. Benchmarks run from the project's source: make setup there, then .venv/bin/gossamer bench"
        ) from None


def _line(name: str, figure: dict[str, Any]) -> str:
    limit = "" if figure["limit"] is None else f"  limit {figure['limit']:.4g}"
    peers = "".join(f"  {peer} {value:.4g}" for peer, value in figure["peers"].items())
    return f"{name:36} {figure['value']:10.4g} {figure['unit']}{limit}{peers}"


def _machine() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": platform.machine(),
    }


def _commit() -> str:
    asked = ["git", "-C", str(PROJECT), "rev-parse", "HEAD"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    return done.stdout.strip()
