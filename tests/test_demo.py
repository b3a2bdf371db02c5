"""The main job, with real processes: three simulators, a rocket that never stops, and every digit right."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from simulator.demo import Demo, DemoOptions
from simulator.demo_world import write_demo_world


def demo(*options: str) -> tuple[int, dict[str, Any]]:
    """Run a demo; return its status and its result."""
    command = [sys.executable, "-m", "simulator.cli", "demo", "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
def flight() -> tuple[int, dict[str, Any]]:
    """A short demo."""
    return demo("--crossings", "4")


def test_the_clock_stands_while_simulators_start(tmp_path: Path) -> None:
    """It is the flight's: what it shows never goes back."""
    flying = Demo(write_demo_world(tmp_path / "demo", 0), DemoOptions(), lambda picture: None)
    flying._began -= 5.0
    shown = flying._picture()
    for line in flying._lines.values():
        line.close()
    assert (0.0, "starting") == (shown.seconds, shown.note)


def test_demo_ends_with_every_digit_right(flight: tuple[int, dict[str, Any]]) -> None:
    """Status 0, no digit wrong, nothing lost and nothing twice."""
    status, result = flight
    assert [] == result["faults"]
    assert (0, 0, 0) == (status, result["lost"], result["duplicated"])
    assert result["digits"] == result["digits_correct"] > 100
    assert result["crossings"] >= 4


def test_demo_measures_what_moved(flight: tuple[int, dict[str, Any]]) -> None:
    """At least one frame with each crossing, most often two and more, and some latency."""
    _, result = flight
    assert result["frames_moved"] > result["crossings"]
    assert result["bytes_moved"] > 100 * result["crossings"]
    assert 0 < result["latency_ms"]["p50"] <= result["latency_ms"]["p99"] <= result["latency_ms"]["max"]


def test_demo_survives_a_kill_in_mid_flight() -> None:
    """A simulator dies by SIGKILL and comes back; the check at the end is the same."""
    status, result = demo("--crossings", "4", "--kill", "--objects", "3")
    assert [] == result["faults"]
    assert (0, 0, 0) == (status, result["lost"], result["duplicated"])
    assert result["killed"] in ("west", "middle", "east")
