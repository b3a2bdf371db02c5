"""All benchmarks that were asked for, each in processes of its own, put together to one result.

The one idea: a result is plain JSON: the machine, the commit, figures by name, and which peers were left out and why.
`bench/results` holds some, `bench/BASELINE.json` is the one that later ones are compared with.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bench.environment import NO_PEERS, PROJECT
from bench.figures import Figure, pooled
from bench.machine import commit, load, machine

PROCESSES = {
    "switch": 3,
    "slowdown": 2,
    "density": 1,
    "events": 3,
    "fairness": 1,
    "checkpoint": 3,
    "commit": 1,
    "world": 1,
    "migration": 1,
    "recovery": 1,
    "scale": 1,
}
"""Every benchmark, in the order they run, and how many processes measure it unless it is to be quick.

Those that start processes themselves, or fill the memory, are measured in one.
"""

Result = dict[str, Any]


class BenchmarkFailed(Exception):
    """A benchmark's process ended with an error; the text is what it said."""


def run_all(
    names: Sequence[str], *, quick: bool, with_peers: bool, tell: Callable[[str, Mapping[str, Figure]], None]
) -> Result:
    """Run them; `tell` is given each benchmark's figures when it is done. One that fails is noted; the rest goes on."""
    load_before, began = load(), time.monotonic()
    figures: dict[str, Figure] = {}
    skipped: dict[str, str] = {}
    failed: dict[str, str] = {}
    for name in names:
        try:
            runs = [_run(name, quick, with_peers) for _ in range(1 if quick else PROCESSES[name])]
        except BenchmarkFailed as error:
            failed[name] = str(error)
            continue
        for run in runs:
            skipped |= run["skipped"]
        found = pooled([{each: Figure(**kept) for each, kept in run["figures"].items()} for run in runs])
        tell(name, found)
        figures |= found
    about = machine() | {"load_before": load_before, "load_after": load()}
    about |= {"seconds": str(round(time.monotonic() - began)), "quick": str(quick)}
    return {
        "machine": about,
        "commit": commit(),
        "figures": {name: asdict(found) for name, found in figures.items()},
        "skipped": skipped,
        "failed": failed,
    }


def _run(name: str, quick: bool, with_peers: bool) -> Result:
    command = [sys.executable, "-m", "bench", name, *(["--quick"] if quick else [])]
    environment = os.environ | {"PYTHONHASHSEED": "0"} | ({} if with_peers else {NO_PEERS: "1"})
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise BenchmarkFailed(f"benchmark {name} ended with status {done.returncode}:\n{done.stderr}")
    result: Result = json.loads(done.stdout.splitlines()[-1])
    return result
