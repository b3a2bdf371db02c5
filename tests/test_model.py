"""The model of the hand-over in Promela: Spin finds nothing in it, and finds what is broken."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

MODEL = Path(__file__).parents[1] / "model" / "handover.pml"
SAFETY = ("-DSAFETY", "-DCOLLAPSE", "-m1000000")
NO_CYCLES = ("-DNP", "-l", "-m1000000")

BROKEN = {
    "ACK_EARLY": "a message is acknowledged before the commit that holds what came of it",
    "SEND_EARLY": "a message is sent before it is committed",
    "NO_DEDUPE": "a message that comes again is taken again",
    "TIMEOUT": "an object that is out too long is taken back",
    "ANY_GEN": "any ACCEPT ends a crossing, also an old one",
    "NO_IMPLICIT_ACCEPT": "an object that is out can't come home",
    "REJECT_LOST": "a refused unit is not sent back",
    "SAME_GEN": "a refused object goes on with the generation it had",
}


def errors(folder: Path, model: tuple[str, ...], search: tuple[str, ...]) -> int:
    """Let Spin search all that can happen; return how many errors it found."""
    for tool, remedy in (("spin", "apt install spin"), ("gcc", "apt install gcc")):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed; provide it with: {remedy}")
    defines = [f"-D{each}" for each in model]
    command = ["spin", *defines, "-run", *search, str(MODEL)]
    printed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout
    found = re.search(r"errors: (\d+)", printed)
    assert found, printed
    assert "max search depth too small" not in printed
    return int(found[1])


def test_no_owner_is_lost_or_doubled(tmp_path: Path) -> None:
    """Two moves among three regions, and a crash: every order of all events."""
    assert 0 == errors(tmp_path, ("REGIONS=3", "MOVES=2", "CRASHES=1"), SAFETY)


def test_every_run_comes_to_rest(tmp_path: Path) -> None:
    """There is no cycle, so every run ends; and `timeout` in the model says that it ends well."""
    assert 0 == errors(tmp_path, ("REGIONS=2", "MOVES=3", "CRASHES=1"), NO_CYCLES)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(3, 3, 2), (2, 4, 3)], ids=str)
def test_no_owner_is_lost_or_doubled_in_more_moves(tmp_path: Path, size: tuple[int, int, int]) -> None:
    """The same with more of everything."""
    regions, moves, crashes = size
    model = (f"REGIONS={regions}", f"MOVES={moves}", f"CRASHES={crashes}")
    assert 0 == errors(tmp_path, model, (*SAFETY, "-O2"))


@pytest.mark.parametrize("broken", BROKEN)
def test_broken_models_are_found(tmp_path: Path, broken: str) -> None:
    """Each with one line less, or another one."""
    assert 1 == errors(tmp_path, (broken, "REGIONS=3", "MOVES=4", "CRASHES=1"), SAFETY)
