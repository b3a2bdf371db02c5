"""The demo's world in a folder: it is written where there is room, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.demo_world import write_demo_world
from simulator.errors import ConfigError


def test_a_file_is_refused(tmp_path: Path) -> None:
    """What is no folder is named."""
    path = tmp_path / "notes.txt"
    path.write_text("mine")
    with pytest.raises(ConfigError, match=r"notes\.txt is a file\. Name a new or empty folder"):
        write_demo_world(path, 0)
    assert "mine" == path.read_text()


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    """Nothing is written among somebody's own files."""
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match="holds files, but no world"):
        write_demo_world(tmp_path, 0)
    assert ["notes.txt"] == [each.name for each in tmp_path.iterdir()]


def test_another_world_is_refused(tmp_path: Path) -> None:
    """A world that has no rocket is not the demo's to run."""
    (tmp_path / "world.toml").write_text(
        '[simulators.a]\naddress = "tcp://127.0.0.1:7001"\n[regions.a]\nsimulator = "a"\ncorner = [0, 0]\n'
    )
    with pytest.raises(ConfigError, match="not one of the demo's"):
        write_demo_world(tmp_path, 0)
    assert ["world.toml"] == [each.name for each in tmp_path.iterdir()]


def test_an_earlier_demo_goes_on(tmp_path: Path) -> None:
    """A folder that a demo has written is taken as it is."""
    first = write_demo_world(tmp_path / "new", 0)
    assert first == write_demo_world(tmp_path / "new", 0)
