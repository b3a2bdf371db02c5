"""The same inputs and the same cut of slices give the same run, byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from migrate.verify.workers import environment_for
from tests.determinism import outputs_hash
from tests.needs import need_python

ROOT = Path(__file__).parents[1]


def _hash_under(python: str, hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": hash_seed}
    command = [python, "-m", "tests.determinism"]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.strip()


def test_two_runs_put_out_the_same_bytes() -> None:
    """In this process, and in another whose strings hash otherwise."""
    assert outputs_hash() == outputs_hash() == _hash_under(sys.executable, "7")


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.12.1", "3.13.0"])
def test_other_pythons_put_out_the_same_bytes(version: str) -> None:
    """Every row of the store, every line said and told, whatever the version."""
    assert outputs_hash() == _hash_under(environment_for(need_python(version)), "0")
