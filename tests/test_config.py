"""The world file: what it gives, and that every mistake in it is told by key, value and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.config import ObjectSpec, World, read_world
from simulator.errors import ConfigError

GOOD = """
[simulators.west]
address = "tcp://127.0.0.1:7001"

[simulators.east]
address = "tcp://127.0.0.1:7002"

[regions.west]
simulator = "west"
corner = [0, 0]

[regions.east]
simulator = "east"
corner = [256, 0]

[objects.rocket]
region = "west"
position = [128, 128, 20]
velocity = [30, 0, 0]
owner = "founder"
script = "rocket.py"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A world file without mistakes."""
    path = tmp_path / "world.toml"
    path.write_text(GOOD)
    return path


def change(file: Path, old: str, new: str) -> Path:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    return file


def complaint(file: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        read_world(file)
    return str(caught.value).removeprefix(f"{file}: ")


def test_objects_are_read_with_their_place(file: Path) -> None:
    """Numbers written without a point are metres like any others."""
    expected = ObjectSpec("west", (128.0, 128.0, 20.0), (30.0, 0.0, 0.0), "founder", "rocket.py")
    assert expected == read_world(file).objects["rocket"]


def test_region_has_its_usual_size(file: Path) -> None:
    """A region that names no size is 256 m square."""
    assert read_world(file).regions["west"].size == (256.0, 256.0)


def test_regions_and_objects_are_found_by_their_host(file: Path) -> None:
    """A simulator finds its regions, and a region the objects that begin in it."""
    world: World = read_world(file)
    assert (world.regions_of("east"), list(world.objects_of("west"))) == (["east"], ["rocket"])


def test_folders_are_relative_to_the_file(file: Path) -> None:
    """Stores and keys lie beside the world file unless it says otherwise."""
    world = read_world(file)
    assert (file.parent / "stores", file.parent / "keys") == (world.store_folder, world.keys_folder)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "[regions.west]",
            '[world]\nhttp = ["example.org", "https://example.org"]\n[regions.west]',
            "world.http = 'https://example.org': expected a host in lower case and perhaps a port, as"
            ' "api.example.org" or "localhost:8080".',
        ),
        ("corner = [0, 0]", "corner = [0, 'a']", "regions.west.corner[1] = 'a': expected a number."),
        ("corner = [0, 0]", "corner = 7", "regions.west.corner = 7: expected a list."),
        ("corner = [0, 0]", "corner = [0]", "regions.west.corner = [0]: expected a list of length 2."),
        ("corner = [0, 0]", "", "regions.west.corner is missing. Expected in the table [regions.west]."),
        (
            "corner = [0, 0]",
            "corner = [0, 0]\nsize = [0, 256]",
            "regions.west.size[0] = 0: expected a number >= 1.0.",
        ),
        (
            "velocity =",
            "velosity =",
            "objects.rocket.velosity: there is no such key. Did you mean 'velocity'?"
            " Expected one of region, position, velocity, owner, script, contents.",
        ),
        (
            "[objects.rocket]",
            "[object.rocket]",
            "object: there is no such key. Did you mean 'objects'?"
            " Expected one of world, limits, simulators, regions, objects.",
        ),
        (
            'region = "west"',
            'region = "north"',
            "objects.rocket.region = 'north': expected one of west, east.",
        ),
        (
            'simulator = "east"',
            'simulator = "north"',
            "regions.east.simulator = 'north': expected one of west, east.",
        ),
        (
            "corner = [256, 0]",
            "corner = [200, 0]",
            "regions.east.corner = [200.0, 0.0]: expected a place of its own;"
            " region west at [0.0, 0.0] overlaps it.",
        ),
        (
            "position = [128, 128, 20]",
            "position = [300, 128, 20]",
            "objects.rocket.position = [300.0, 128.0, 20.0]: expected a place inside region west:"
            " from 0 to 256 and from 0 to 256 metres.",
        ),
        (
            "velocity = [30, 0, 0]",
            "velocity = [inf, 0, 0]",
            "objects.rocket.velocity = [inf, 0.0, 0.0]: expected three finite numbers.",
        ),
        (
            "tcp://127.0.0.1:7002",
            "127.0.0.1:7002",
            "simulators.east.address = '127.0.0.1:7002': expected tcp://host:port.",
        ),
        (
            "tcp://127.0.0.1:7002",
            "tcp://127.0.0.1:70020",
            "simulators.east.address = 'tcp://127.0.0.1:70020': expected a port from 1 to 65535.",
        ),
        (
            "tcp://127.0.0.1:7002",
            "tcp://127.0.0.1:7001",
            "simulators.east.address = 'tcp://127.0.0.1:7001':"
            " expected an address of its own; simulator west has this one.",
        ),
        (
            "[simulators.west]",
            '[world]\ndurability = "none"\n[simulators.west]',
            'world.durability = \'none\': expected one of "full", "process", "memory".',
        ),
        (
            "[simulators.west]",
            "[limits]\nframe_ms = 0\n[simulators.west]",
            "limits.frame_ms = 0: expected a number >= 1.0.",
        ),
        (
            "[simulators.west]",
            "[limits]\nslice_ms = 100\n[simulators.west]",
            "limits.slice_ms = 100.0: expected 0.1 to 10: a script that can't be preempted is ended after 100 ms, and"
            " only if the ends of several slices have found it at the same work.",
        ),
        (
            "[simulators.west]",
            "[limits]\nslice_ms = 0.0001\n[simulators.west]",
            "limits.slice_ms = 0.0001: expected 0.1 to 10: a script that can't be preempted is ended after 100 ms, and"
            " only if the ends of several slices have found it at the same work.",
        ),
        (
            "[objects.rocket]",
            '[objects."My Rocket"]',
            "objects = 'My Rocket': expected a name of 1 to 32 lower-case letters, digits, - and _,"
            " letter first.",
        ),
    ],
)
def test_mistake_is_told_by_key_value_and_expectation(file: Path, old: str, new: str, expected: str) -> None:
    """Every kind of mistake names the key, the value that stands there and what belongs there."""
    assert expected == complaint(change(file, old, new))


def test_world_without_regions_is_refused(tmp_path: Path) -> None:
    """An empty file says what to add first."""
    (tmp_path / "world.toml").write_text("")
    assert complaint(tmp_path / "world.toml") == "simulators: there is none. Add a table [simulators.NAME]."


def test_file_that_is_no_toml_shows_the_line(file: Path) -> None:
    """A syntax error names the line."""
    with pytest.raises(ConfigError, match=r"is not valid TOML: .*line 3"):
        read_world(change(file, '"tcp://127.0.0.1:7001"', "tcp://127.0.0.1:7001"))


def test_missing_file_is_named(tmp_path: Path) -> None:
    """A world file that is not there is named, with one to begin from."""
    with pytest.raises(ConfigError, match=r"no world file .*nothing\.toml.*examples/world\.toml"):
        read_world(tmp_path / "nothing.toml")


def test_missing_script_does_not_keep_the_world_from_being_read(file: Path) -> None:
    """Scripts are read where they start, so one that is missing stops nothing else."""
    assert read_world(file).objects["rocket"].script == "rocket.py"
