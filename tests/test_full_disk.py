"""A simulator process on a disk that is really full: it stands still, says so, loses nothing, and goes on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.needs import need_root
from tests.simulators import Simulators, running, wait_for, write_script

COUNTER = """
class Counter(Script):
    count = 0
    def on_start(self):
        while True:
            self.sleep(0.05)
            self.count += 1
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A world's folder in which the stores lie on a disk of 600 KB."""
    need_root("mount a small disk")
    stores = tmp_path / "stores"
    stores.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", stores], check=False).returncode:
        pytest.skip("mounting is not allowed here; provide it with: docker run --cap-add SYS_ADMIN")
    write_script(tmp_path, "counter.py", COUNTER)
    try:
        yield tmp_path
    finally:
        subprocess.run(["umount", stores], check=True)


def fill(ballast: Path) -> None:
    """Write until nothing more goes."""
    file = os.open(ballast, os.O_CREAT | os.O_WRONLY)
    try:
        while True:
            os.write(file, bytes(1024))
    except OSError:
        pass
    finally:
        os.close(file)


def count(simulators: Simulators) -> int:
    return int(simulators.object("west", "counter").get("count", "0"))


def counts_on(simulators: Simulators, before: int) -> int:
    """Wait until the counter is well above a number; return it."""
    wait_for(lambda: count(simulators) > before + 5)
    return count(simulators)


def test_a_full_disk_stops_a_region_until_there_is_room(small_disk: Path) -> None:
    """While it runs, and also when its process is killed meanwhile and the next one can't even claim the region."""
    objects = {"counter": {"region": "west", "position": [50, 50, 1], "script": "counter.py"}}
    ballast = small_disk / "stores" / "ballast"
    with running(small_disk, ["west"], objects) as simulators:
        before = counts_on(simulators, 0)
        fill(ballast)
        assert "no room to write the store of region west" in wait_for(
            lambda: simulators.region("west").stalled
        )
        stood_at = count(simulators)
        assert stood_at == count(simulators)
        ballast.unlink()
        after = counts_on(simulators, stood_at)
        assert before <= stood_at < after
        fill(ballast)
        wait_for(lambda: simulators.region("west").stalled)
        waits = simulators.log("west").count("region waits")
        simulators.supervisor.kill("west")
        assert [True] == [ended.restarted for ended in simulators.supervisor.watch()]
        wait_for(lambda: simulators.log("west").count("region waits") > waits)
        ballast.unlink()
        assert counts_on(simulators, after) > after
        assert [] == simulators.supervisor.watch()
