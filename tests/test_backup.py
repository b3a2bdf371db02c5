"""`gossamer backup` of worlds that run: copies that a world begins again from, and clear words where there are none."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import simulator.backup
from simulator.backup import Backup
from simulator.cli.backup import command
from simulator.errors import ControlFailed
from simulator.store.reading import read_store
from tests.needs import need_root
from tests.simulators import Simulators, running, wait_for, write_script

NAMES = ["west", "middle", "east"]
WALKER = """
class Walker(Script):
    def on_start(self):
        while True:
            self.sleep(0.05)
            if self.object.position.x > 280.0:
                self.object.velocity = Vector(-400.0, 0.0, 0.0)
            elif self.object.position.x < 20.0:
                self.object.velocity = Vector(400.0, 0.0, 0.0)
"""
OBJECTS = {
    f"walker{number}": {
        "region": "west",
        "position": [10.0 + 8 * number, 10.0 * number, 1.0],
        "velocity": [400.0, 0.0, 0.0],
        "script": "walker.py",
    }
    for number in range(8)
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Simulators]:
    """Three regions in a row, and walkers that run to and fro across all of them."""
    write_script(tmp_path, "walker.py", WALKER)
    with running(tmp_path, NAMES, OBJECTS) as simulators:
        wait_for(lambda: crossings(simulators) > 10)
        yield simulators


def crossings(simulators: Simulators) -> int:
    return simulators.region("middle").exchange["arrived"]


def back_up(simulators: Simulators, folder: Path) -> list[Path]:
    backup = Backup(simulators.world, folder)
    try:
        return backup.make()
    finally:
        backup.close()


def test_a_world_goes_back_to_a_backup(world: Simulators, tmp_path: Path) -> None:
    """It was made while walkers crossed: each is there once, and goes on crossing; so they did behind the backup."""
    folder = tmp_path / "copies"
    told = CliRunner().invoke(command, [str(world.world.path), str(folder)]).stdout
    copies = [folder / f"{name}.sqlite" for name in NAMES]
    assert (copies, sorted(copies)) == (list(map(Path, told.split())), sorted(folder.iterdir()))
    before = crossings(world)
    wait_for(lambda: crossings(world) > before)
    world.supervisor.stop()
    for copy in copies:
        assert read_store(copy).rows
        (world.world.store_folder / f"{copy.name}-wal").unlink(missing_ok=True)
        shutil.copy(copy, world.world.store_folder)
    world.supervisor.start()
    wait_for(lambda: crossings(world) > 10)
    wait_for(lambda: everywhere(world) == sorted(OBJECTS))
    assert [0, 0, 0] == [world.region(name).exchange["superseded"] for name in NAMES]


def everywhere(world: Simulators) -> list[str]:
    """The names of all walkers that are in a region now."""
    return sorted(each.name for name in NAMES for each in world.region(name).objects)


def test_no_backup_without_all_simulators(
    world: Simulators, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is away is named; nothing is kept, and the others take messages again."""
    monkeypatch.setattr(simulator.backup, "ANSWER_S_MAX", 0.5)
    world.supervisor.kill("east")
    with pytest.raises(ControlFailed, match=r"simulator east gave no answer .* no backup without it"):
        back_up(world, tmp_path / "copies")
    assert [] == list((tmp_path / "copies").iterdir())
    before = crossings(world)
    wait_for(lambda: crossings(world) > before)


def test_a_full_target_is_told_and_harms_nobody(world: Simulators, tmp_path: Path) -> None:
    """Nothing is left there, and the simulators live on; once it ended them."""
    need_root("mount a small disk")
    folder = tmp_path / "copies"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20k", "tmpfs", folder], check=False).returncode:
        pytest.skip("mounting is not allowed here; provide it with: docker run --cap-add SYS_ADMIN")
    try:
        with pytest.raises(
            ControlFailed, match=r"simulator \w+ made no backup: no room for a copy of the store"
        ):
            back_up(world, folder)
        assert [] == list(folder.iterdir())
    finally:
        subprocess.run(["umount", folder], check=True)
    before = crossings(world)
    wait_for(lambda: crossings(world) > before)
    assert [] == world.supervisor.watch()
