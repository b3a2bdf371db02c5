"""The command line: its help, and that a user's mistakes end with one sentence and status 2."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

import scripts_api
from scripts_api.events import EVENTS
from simulator.cli import COMMANDS, gossamer, scripts
from simulator.control import ScriptCost

ROOT = Path(__file__).resolve().parents[1]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "simulator.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    """Each command loads and has a help text."""
    result = CliRunner().invoke(gossamer, [name, "--help"])
    assert (result.exit_code, "Usage:" in result.output) == (0, True)


def test_help_lists_every_command() -> None:
    """The command by itself shows what there is."""
    output = CliRunner().invoke(gossamer, ["--help"]).output
    assert [name for name in COMMANDS if name not in output] == []
    assert [cut for cut in ("...", "…") if cut in output.partition("Commands:")[2]] == []


def test_users_mistake_is_one_sentence_and_status_two(tmp_path: Path) -> None:
    """A world file that is not there gives no traceback."""
    result = run("run", tmp_path / "nothing.toml")
    assert (result.returncode, result.stdout, len(result.stderr.splitlines())) == (2, "", 1)
    assert result.stderr.startswith("gossamer: there is no world file")


def test_unknown_region_is_named_with_those_there_are(tmp_path: Path) -> None:
    """`gossamer simulator` with a wrong region says which regions the world has."""
    result = run("simulator", "--world", write_world(tmp_path), "--region", "nowhere")
    assert (result.returncode, "has no region 'nowhere': expected one of west" in result.stderr) == (2, True)


def test_simulator_must_be_named_once(tmp_path: Path) -> None:
    """Neither naming a simulator nor naming it twice will do."""
    result = run("simulator", "--world", write_world(tmp_path))
    assert (result.returncode, "either --region REGION or --name SIMULATOR" in result.stderr) == (2, True)


def test_new_keys_are_written_and_listed(tmp_path: Path) -> None:
    """Keys made for two names are both listed."""
    runner = CliRunner()
    made = runner.invoke(gossamer, ["keys", "new", "west", "operator", "--folder", str(tmp_path)])
    listed = runner.invoke(gossamer, ["keys", "list", "--folder", str(tmp_path)])
    assert (made.exit_code, [line.split()[0] for line in listed.output.splitlines()]) == (
        0,
        ["operator", "west"],
    )


def test_keys_are_not_replaced(tmp_path: Path) -> None:
    """Making the same name's keys again is refused."""
    assert run("keys", "new", "west", "--folder", tmp_path).returncode == 0
    again = run("keys", "new", "west", "--folder", tmp_path)
    assert (again.returncode, "is there already" in again.stderr) == (2, True)


def write_world(folder: Path) -> Path:
    path = folder / "world.toml"
    path.write_text(
        '[simulators.west]\naddress = "tcp://127.0.0.1:7001"\n'
        '[regions.west]\nsimulator = "west"\ncorner = [0, 0]\n'
    )
    return path


def test_api_lists_and_explains() -> None:
    """Every public name is listed; one is explained with its signature; an unknown one ends with status 2."""
    runner = CliRunner()
    listed = runner.invoke(gossamer, ["api"]).output
    assert [name for name in ("Vector", "Touch", "Script.say", "Script.sleep") if name not in listed] == []
    explained = runner.invoke(gossamer, ["api", "sleep"]).output
    assert ("sleep(seconds: float) -> None", "Second Life: llSleep" in explained) == (
        explained.splitlines()[0],
        True,
    )
    unknown = run("api", "llSay")
    assert (unknown.returncode, "offers nothing named 'llSay'" in unknown.stderr) == (2, True)


PROGRAM = (
    "def main():\n    for n in range(3):\n        pass\n    return n\n\ndef add(a, b):\n    return a + b\n"
)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verify", "FILE", "--python", "/bin/false"], "is no Python that runs here"),
        (["verify", "FILE", "--python", "/nowhere/python"], "is no Python that runs here"),
        (["verify", "FILE", "--entry", "nope"], "there are: main, add"),
        (["verify", "SCRIPT"], "a script is proved by a test of it with @everywhere"),
        (["verify", "BINARY"], "is no Python source"),
        (["explain", "BINARY"], "is no Python source"),
        (["explain", "FILE", "--function", "nope"], "there is no 'nope'; there are: main, add"),
        (["explain", "FILE", "--residual", "loop:0"], "--residual needs --function"),
        (["explain", "FILE", "--function", "main", "--residual", "loop:9"], "there are: loop:0"),
    ],
)
def test_what_cannot_be_verified_or_explained_is_said(
    tmp_path: Path, arguments: list[str], message: str
) -> None:
    """A user's mistake is no bug of ours: status 2, and what there is to choose from."""
    (tmp_path / "file.py").write_text(PROGRAM)
    (tmp_path / "binary.py").write_bytes(b"\xff\xfe\x00abc")
    (tmp_path / "script.py").write_text("from scripts_api import Script\nclass Lamp(Script):\n    pass\n")
    paths = {"SCRIPT": str(tmp_path / "script.py")}
    paths |= {"FILE": str(tmp_path / "file.py"), "BINARY": str(tmp_path / "binary.py")}
    result = CliRunner().invoke(gossamer, [paths.get(argument, argument) for argument in arguments])
    assert (2, True) == (result.exit_code, message in result.output), result.output


COST = ScriptCost(
    region="west", object="west:1", name="[/b] [red]lamp\x1b", owner="ada", condition="failed", cpu_us=1,
    slices=1, events=1, queued=0, drops=0, microthreads=0, memory_bytes=1, sleeps=0, captures=0, crossings=0,
    where="lamp.py, line 3: KeyError: [1]",
)  # fmt: skip


@pytest.mark.parametrize("options", [["--by", "owner"], ["--by=owner"], ["--all", "--by", "owner"]])
def test_options_are_taken_on_either_side_of_the_world_file(
    monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    """As people write them."""
    monkeypatch.setattr(scripts, "_costs", lambda world: [COST])
    world = str(ROOT / "examples" / "world.toml")
    for arguments in ([world, *options], [*options, world]):
        done = CliRunner().invoke(gossamer, ["scripts", *arguments])
        assert (0, True) == (done.exit_code, "│ ada " in done.output), done.output


def test_what_scripts_are_called_is_shown_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Brackets are no markup, and nothing moves the operator's cursor."""
    monkeypatch.setattr(scripts, "_costs", lambda world: [COST])
    done = CliRunner().invoke(gossamer, ["scripts", str(ROOT / "examples" / "world.toml")])
    for shown in ("[/b] [red]lamp\\x1b", "lamp.py, line 3: KeyError: [1]"):
        assert shown in done.output, done.output


def test_a_script_whose_object_cannot_be_saved_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside its condition, and with the reason."""
    cost = msgspec.structs.replace(
        COST, condition="running", where="", unsaved="self.lock of Lamp: keep none"
    )
    monkeypatch.setattr(scripts, "_costs", lambda world: [cost])
    monkeypatch.setattr(scripts, "PIPE_WIDTH", 200)
    done = CliRunner().invoke(gossamer, ["scripts", str(ROOT / "examples" / "world.toml")])
    for shown in ("│ running, unsaved │", "│ unsaved: self.lock of Lamp: keep none │"):
        assert shown in done.output, done.output


def test_verify_does_not_pass_for_nothing(tmp_path: Path) -> None:
    """An entry that raises at once, or never suspends, is equal, and the user is told what that is worth."""
    (tmp_path / "file.py").write_text(PROGRAM)
    output = CliRunner().invoke(gossamer, ["verify", str(tmp_path / "file.py"), "--entry", "add"]).output
    assert "plain Python ended with TypeError: add() missing 2 required" in output
    assert "nothing was moved, so nothing is proved" in output


@pytest.mark.parametrize("name", sorted(scripts_api.__all__))
def test_api_explains_each_name_without_quotes(name: str) -> None:
    """Annotations are shown as an author writes them, and no abbreviation stands alone."""
    explained = CliRunner().invoke(gossamer, ["api", name])
    assert 0 == explained.exit_code
    assert [text for text in (": '", "-> '") if text in explained.output] == []


@pytest.mark.parametrize("name", sorted({event.handler for event in EVENTS}))
def test_api_explains_each_handler(name: str) -> None:
    """By the event that calls it, and what it is called with."""
    explained = CliRunner().invoke(gossamer, ["api", name]).output
    assert (True, True) == (explained.startswith(f"{name}("), "As an event:" in explained)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("object.move_to", "object.move_to(target: Vector, seconds: float) -> None"),
        ("self.object.position", "self.object.position"),
        ("object.contents.write", "object.contents.write(name: str, text: str) -> None"),
        ("contents", "contents"),
        ("region.agents", "region.agents() -> tuple[AgentRef, ...]"),
        ("teleport", "teleport(region: str, position: Vector | None = None) -> None"),
        ("on_listen", "on_listen(message)"),
        ("detach", "detach() -> None"),
        ("object", "object"),
    ],
)
def test_api_knows_what_scripts_come_to_by_self(name: str, first: str) -> None:
    """As they write it, with or without what is before the last point."""
    explained = CliRunner().invoke(gossamer, ["api", name])
    assert (0, first) == (explained.exit_code, explained.output.splitlines()[0])


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("on_cntrl", "Did you mean on_control"),
        ("velocty", "Did you mean object.velocity?"),
        ("llSay", "Did you mean Script.say?"),
        ("keyframe", "Did you mean object.follow?"),
        ("qqq", "named 'qqq'. `gossamer api` lists"),
    ],
)
def test_api_proposes_what_may_be_meant(name: str, near: str) -> None:
    """What is spelt nearly so, or is explained with that word; nothing if there is nothing."""
    assert near in run("api", name).stderr


def test_api_shows_what_an_event_and_a_world_of_tests_hold() -> None:
    """Their own fields, and nothing of how they are made."""
    grant = CliRunner().invoke(gossamer, ["api", "Grant"]).output
    assert (True, False, False) == (".principal" in grant, ".handler" in grant, ".arguments" in grant)
    world = CliRunner().invoke(gossamer, ["api", "World"]).output
    assert [] == [name for name in (".said", ".logged", ".asked", ".pages") if name not in world]


def test_api_lists_what_scripts_come_to_by_self() -> None:
    """Every handler, and the members of the object, its contents, links and store, and of the region."""
    listed = CliRunner().invoke(gossamer, ["api"]).output
    wanted = ["on_attach", "object.teleport", "object.links.send", "object.store.keys", "region.statistics"]
    assert [] == [name for name in wanted if f"\n{name} " not in listed]


def test_api_explains_the_world_of_tests() -> None:
    """`testing`, `World` and what a world can do are found too."""
    runner = CliRunner()
    assert "@everywhere" in runner.invoke(gossamer, ["api", "testing"]).output
    assert ".advance" in runner.invoke(gossamer, ["api", "World"]).output
    assert "another region" in runner.invoke(gossamer, ["api", "World.cross"]).output
