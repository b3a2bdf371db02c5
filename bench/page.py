"""A result as one self-contained HTML page with plots, and as PNGs for the README.

The one idea: matplotlib draws, in the benchmarks' own environment, and the pictures are in the page itself, so it opens
offline. Figures of a family (`switch.*`) stand beside their limits and peers; figures whose names end in a number are
growth curves on logarithmic axes; what has many samples is shown with its distribution.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from bench.environment import PROJECT, PeerMissing, python_with


def write_page(result: dict[str, Any], target: Path, pictures: Path | None = None) -> None:
    """Write the page, and the pictures one by one into a folder if it is given. Raises `PeerMissing`."""
    command = [python_with("matplotlib"), str(PROJECT / "bench" / "drawing.py"), str(target)]
    command += [str(pictures)] if pictures else []
    done = subprocess.run(command, input=json.dumps(result), capture_output=True, text=True)
    if done.returncode:
        raise PeerMissing(done.stderr)
