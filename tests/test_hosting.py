"""Real simulator processes: what goes wrong is said, everything else runs, and a world carries on where it
was.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from simulator.cli import gossamer
from simulator.control import DoTouch
from simulator.operating import Operator
from tests.simulators import Simulators, running, wait_for, write_script, write_world

COUNTER = """
class Counter(Script):
    count = 0
    crossings = 0
    def on_start(self):
        self.spawn(self.work)
    def work(self):
        while True:
            self.count += 1
    def on_arrive(self, region):
        self.crossings += 1
    def on_region_start(self, away_s):
        self.log(f"away for {away_s:.1f} s at {self.count}")
"""


def placed(script: str | None = None, **further: Any) -> dict[str, Any]:
    """An object of the world file."""
    made: dict[str, Any] = {"region": "west", "position": [50.0, 50.0, 0.0], **further}
    return made if script is None else made | {"script": script}


def alone(world: Path, name: str = "west") -> subprocess.CompletedProcess[str]:
    """Run a simulator that is expected to end by itself."""
    command = [sys.executable, "-m", "simulator.cli", "simulator", "--world", str(world), "--name", name]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a script that counts for ever."""
    write_script(tmp_path, "counter.py", COUNTER)
    return tmp_path


def count(simulators: Simulators, region: str = "west") -> int:
    """How far the counter is."""
    return int(simulators.object(region, "counter").get("count", 0))


def test_faulty_scripts_are_told_and_the_others_run(folder: Path) -> None:
    """A syntax error, a missing file, a module that raises, a script that raises: each is one clear line."""
    write_script(folder, "syntax.py", "class Broken(Script)\n    pass\n")
    write_script(folder, "top.py", "1 / 0\n")
    write_script(folder, "endless.py", "while True:\n    pass\n")
    write_script(
        folder,
        "stuck.py",
        """
        class Stuck(Script):
            def on_start(self):
                self == None
            def __eq__(self, other):
                while True:
                    pass
        """,
    )
    write_script(folder, "raises.py", "class Raises(Script):\n    def on_start(self):\n        [].pop()\n")
    write_script(folder, "strat.py", "class Strat(Script):\n    def on_strat(self):\n        pass\n")
    scripts = ("syntax", "missing", "top", "endless", "stuck", "raises", "strat", "counter")
    objects = {name: placed(f"{name}.py") for name in scripts}
    with running(folder, ["west"], objects) as simulators:
        wait_for(lambda: count(simulators))
        wait_for(lambda: simulators.log("west").count("script failed") == 2)
        made = [each.name for each in simulators.region("west").objects]
        log = simulators.log("west")
    assert ["stuck", "raises", "strat", "counter"] == made
    for text in (
        "class Broken(Script)",
        "missing.py",
        'File "top.py", line 2, in <module>',
        "ZeroDivisionError",
        "IndexError: pop from empty list",
        "strat.py, line 3: nothing calls Strat.on_strat. Is it meant to be on_start?",
    ):
        assert text in log
    assert "Traceback of ours" not in log
    assert 2 == sum("level=error" in line for line in log.splitlines() if "script failed" in line)


def test_a_script_that_was_edited_is_told(folder: Path) -> None:
    """An object keeps the script that it was made with; the log names it, and the command that changes that."""
    objects = {"counter": placed("counter.py"), "other": placed("counter.py")}
    with running(folder, ["west"], objects) as simulators:
        wait_for(lambda: count(simulators))
        assert "another script" not in simulators.log("west")
    write_script(folder, "counter.py", COUNTER.replace("+= 1", "+= 2"))
    with running(folder, ["west"], objects) as simulators:
        wait_for(lambda: count(simulators))
    (told,) = [line for line in simulators.log("west").splitlines() if "another script" in line]
    assert "level=warning" in told
    assert 'objects="west:1, west:2"' in told
    assert f"upgrade west:1 {folder / 'counter.py'}" in told


def test_a_world_carries_on_where_it_was(folder: Path) -> None:
    """Stopped and run again, a script goes on in the middle of its loop, and knows how long it was away."""
    objects = {"counter": placed("counter.py")}
    with running(folder, ["west"], objects) as simulators:
        first = wait_for(lambda: count(simulators))
    again = Simulators(folder, ["west"], objects)
    try:
        again.supervisor.start()
        assert wait_for(lambda: count(again)) >= first
        wait_for(lambda: "away for" in again.log("west"))
        assert 1 == len(again.region("west").objects)
    finally:
        again.close()


def test_a_port_in_use_is_named(folder: Path) -> None:
    """The process ends with one sentence and status 2."""
    world = write_world(folder, ["west"], {})
    host, _, port = world.simulators["west"].address.removeprefix("tcp://").partition(":")
    with socket.create_server((host, int(port))):
        done = alone(world.path)
    assert (2, 1) == (done.returncode, len(done.stderr.splitlines()))
    assert port in done.stderr


def test_a_second_process_for_a_region_is_refused(folder: Path) -> None:
    """It is told which process has the region; the first runs on."""
    with running(folder, ["west"], {"counter": placed("counter.py")}) as simulators:
        before = wait_for(lambda: count(simulators))
        done = alone(simulators.world.path)
        assert 2 == done.returncode
        assert f"is held by process {simulators.supervisor.pid('west')}" in done.stderr
        assert count(simulators) > before


def test_a_killed_neighbour_takes_nothing_with_it(folder: Path) -> None:
    """While east is down, the object bounces and runs on; when it is back, it crosses, mid-loop."""
    objects = {"counter": placed("counter.py", position=[10.0, 50.0, 0.0], velocity=[40.0, 0.0, 0.0])}
    with running(folder, ["west", "east"], objects) as simulators:
        wait_for(lambda: count(simulators) and simulators.region("east"))
        simulators.supervisor.kill("east")
        before = count(simulators)
        wait_for(lambda: simulators.region("west").objects[0].velocity[0] < 0)
        assert count(simulators) > before
        (ended,) = simulators.supervisor.watch()
        assert ended.restarted
        wait_for(lambda: simulators.object("east", "counter").get("crossings") == "1")
        assert count(simulators, "east") > before


def test_status_shows_what_every_part_counts(folder: Path) -> None:
    """Scripts, exchange, store and sockets; a simulator that is down is named, and the others are shown."""
    objects = {"counter": placed("counter.py")}
    with running(folder, ["west", "east"], objects) as simulators:
        wait_for(lambda: count(simulators) and simulators.region("east"))
        path = str(simulators.world.path)
        statuses = json.loads(CliRunner().invoke(gossamer, ["status", path, "--json"]).stdout)
        simulators.supervisor.kill("east")
        shown = CliRunner().invoke(gossamer, ["status", path])
    west = statuses["west"]["regions"]["west"]
    assert (1, 1) == (west["statistics"]["scripts"], west["exchange"]["objects_owned"])
    assert west["store"]["commits"] > 0
    assert statuses["west"]["sockets"]["messages_received"] > 0
    assert 1 == shown.exit_code
    assert "region west: epoch 1, tick " in shown.stdout
    assert "simulator east" in shown.stderr


def test_scripts_are_listed_paused_and_killed_from_outside(folder: Path) -> None:
    """The costliest first; what is done to them holds."""
    write_script(folder, "idle.py", "class Idle(Script):\n    pass\n")
    objects = {"idle": placed("idle.py"), "counter": placed("counter.py")}
    with running(folder, ["west"], objects) as simulators:
        wait_for(lambda: count(simulators))

        def scripts(*arguments: str) -> str:
            command = [
                sys.executable,
                "-m",
                "simulator.cli",
                "scripts",
                str(simulators.world.path),
                *arguments,
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
            return done.stdout + done.stderr

        listed = scripts()
        assert listed.index("counter") < listed.index("idle")
        assert "counter (west:2): pause done" in scripts("pause", "west:2")
        paused = count(simulators)
        assert paused == count(simulators)
        scripts("resume", "counter")
        wait_for(lambda: count(simulators) > paused)
        scripts("kill", "west:2")
        assert "stopped" in scripts("--all")
        assert "no object with the name or id 'west:99'" in scripts("kill", "west:99")


def test_what_lies_in_an_object_comes_from_files(folder: Path) -> None:
    """Notecards and scripts, by the names of their files; what it rezzes runs."""
    write_script(folder, "keeper.py", KEEPER)
    (folder / "guide.txt").write_text("one\ntwo\n")
    keeper = placed("keeper.py", contents=["guide.txt", "counter.py"])
    with running(folder, ["west"], {"keeper": keeper}) as simulators:
        wait_for(lambda: simulators.object("west", "keeper").get("made"))
        assert "['counter', 'guide']" == simulators.object("west", "keeper")["names"]
        wait_for(lambda: count(simulators) > 0)


KEEPER = """
class Keeper(Script):
    names = None
    made = None

    def on_start(self):
        self.names = self.object.contents.names()
        self.made = self.rez("counter").id
"""


SPEAKER = """
class Speaker(Script):
    def on_start(self):
        self.address = self.object.http_address
    def on_http_request(self, asked):
        return f"{self.object.name} hears {asked.method} {asked.path}"
"""


def test_a_script_is_asked_by_http(folder: Path) -> None:
    """In a real simulator, at the region's address; a port that is taken is said, with the key."""
    write_script(folder, "speaker.py", SPEAKER)
    world = write_world(folder, ["west"], {"speaker": placed("speaker.py")})
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        text = world.path.read_text().replace('simulator = "west"', f'simulator = "west"\nweb = "{address}"')
        world.path.write_text(text)
        refused = alone(world.path)
        assert (2, True) == (refused.returncode, f"regions.west.web is '{address}'" in refused.stderr)
    command = [
        sys.executable,
        "-m",
        "simulator.cli",
        "simulator",
        "--world",
        str(world.path),
        "--name",
        "west",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as simulator:
        try:
            assert "speaker hears GET /there" == wait_for(lambda: fetched(f"http://{address}/west:1/there"))
        finally:
            simulator.terminate()


def fetched(url: str) -> str:
    """What stands at an address; nothing while nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            text: str = answer.read().decode()
            return text
    except OSError:
        return ""


SPOILT = """
class Spoilt(Script):
    def on_touch(self, toucher):
        Spoilt.__getattr__ = lambda self, name: 1 / 0
        self.sleep(0.1)
        self.send(self.object.ref, "there is no on_message")
"""


def test_an_object_that_ends_its_process_is_left_out_of_the_next(folder: Path) -> None:
    """What of its class the region itself looks at raises there. The others go on where they were."""
    write_script(folder, "spoilt.py", SPOILT)
    objects = {"spoilt": placed("spoilt.py"), "counter": placed("counter.py")}
    with running(folder, ["west"], objects) as simulators, Operator(simulators.world) as operator:
        wait_for(lambda: count(simulators))
        operator.act("spoilt", lambda id: DoTouch(id, "eve"))
        (ended,) = wait_for(simulators.supervisor.watch)
        assert ended.restarted
        before = wait_for(lambda: count(simulators))
        wait_for(lambda: count(simulators) > before)
        status = simulators.region("west")
        assert (["counter"], 1) == (
            [each.name for each in status.objects],
            status.statistics["objects_quarantined"],
        )
        log = simulators.log("west")
    assert "busy with this object (ZeroDivisionError: division by zero)" in log
    with running(folder, ["west"], objects) as simulators:
        assert ["spoilt", "counter"] == [
            each.name for each in wait_for(lambda: simulators.region("west")).objects
        ]
