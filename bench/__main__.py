"""Runs one benchmark in this process and prints its figures: `python -m bench NAME [--quick]`.

`gossamer bench` starts these, several of them for a figure, so that no benchmark inherits another's memory, specialised
code or timers.
"""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import asdict

from bench.peer import SKIPPED


def main(name: str, *options: str) -> None:
    """Measure and print."""
    found = importlib.import_module(f"bench.{name}").run("--quick" in options)
    figures = {each: asdict(figure) for each, figure in found.items()}
    print(json.dumps({"figures": figures, "skipped": SKIPPED}))


main(*sys.argv[1:])
