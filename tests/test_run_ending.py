"""What `gossamer run` says at its end: what is true of each simulator, and nothing else."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from simulator.errors import EXIT_REFUSED
from simulator.run_ending import RunEnding
from simulator.supervisor import Ended

AGAIN = "Run world.toml again and it carries on."


@pytest.mark.parametrize(
    ("statuses", "begun", "down", "sentence", "is_good"),
    [
        (
            {"west": 0, "east": 0}, {"west", "east"}, (),
            f"Stopped after a last commit: west, east. {AGAIN}", True,
        ),
        ({"west": -signal.SIGTERM}, set(), (), "Stopped before beginning: west.", True),
        ({}, set(), ("west", "east"), "Down, for the reason above: west, east.", False),
        (
            {"east": 0}, {"east"}, ("west",),
            f"Down, for the reason above: west. Stopped after a last commit: east. {AGAIN}", False,
        ),
        ({"west": -signal.SIGKILL}, {"west"}, (), f"west was killed by SIGKILL. {AGAIN}", False),
        ({"west": -signal.SIGTERM}, {"west"}, (), f"west was killed by SIGTERM. {AGAIN}", False),
        ({"west": EXIT_REFUSED}, set(), (), f"west can't run. {AGAIN}", False),
    ],
    ids=["all", "early", "none", "one down", "killed", "ended by force", "refused at the end"],
)  # fmt: skip
def test_each_ending_tells_the_truth(
    statuses: dict[str, int], begun: set[str], down: tuple[str, ...], sentence: str, is_good: bool
) -> None:
    """Who has committed, who had not begun, who was down, and whether anything went wrong."""
    ending = RunEnding(Path("world.toml"), statuses, frozenset(begun), down)
    assert (sentence, is_good) == (str(ending), ending.is_good)


@pytest.mark.parametrize(
    ("status", "restarted", "sentence"),
    [
        (-signal.SIGKILL, True, "was killed by SIGKILL and was started again: bang"),
        (
            -signal.SIGKILL,
            False,
            "was killed by SIGKILL and stays down, having ended 6 times within 60 s: bang",
        ),
        (EXIT_REFUSED, False, "can't run and stays down: bang"),
        (0, False, "ended with status 0 and stays down: bang"),
    ],
    ids=["killed", "killed again and again", "refused", "by itself"],
)
def test_the_end_of_a_simulator_tells_why_it_stays_down(status: int, restarted: bool, sentence: str) -> None:
    """One that dies again and again is left alone, and whoever reads the log learns that this is why."""
    assert f"simulator west {sentence}" == str(Ended("west", status, "bang", restarted))
