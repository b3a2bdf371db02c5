"""The benchmarks run, and their figures keep their names."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from simulator.cli import gossamer

STABLE = {
    "switch": {"switch.ns", "switch.vs_send"},
    "density": {"density.parked_bytes", "density.spilled_bytes"},
    "checkpoint": {"checkpoint.encode_us", "checkpoint.decode_us", "checkpoint.bytes_vs_pickle"},
}


@pytest.mark.parametrize("name", STABLE)
def test_figures_keep_their_names(name: str) -> None:
    """Others follow them: each is there with its unit."""
    done = CliRunner().invoke(gossamer, ["bench", name, "--quick", "--json"])
    assert 0 == done.exit_code, done.output
    figures = json.loads(done.output)["figures"]
    assert STABLE[name] <= figures.keys()
    assert all(figure["value"] > 0 and figure["unit"] for figure in figures.values())
