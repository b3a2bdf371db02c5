"""The benchmarks run, and their figures keep their names; two results can be compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bench.child import Notes, Stretch
from bench.compare import apart
from bench.fairness import _Stretch
from simulator.cli import gossamer

ROOT = Path(__file__).parents[1]

STABLE = {
    "switch": {"switch.ns", "switch.vs_send"},
    "checkpoint": {"checkpoint.encode_us", "checkpoint.decode_us", "checkpoint.bytes_vs_pickle"},
    "commit": {"commit.dirty100_ms"},
    "world": {"world.moving_100k_ms"},
}

STABLE_IN_FULL = {
    "switch.ns", "switch.vs_send", "slowdown.generator", "slowdown.native", "density.idle_bytes",
    "density.parked_bytes", "density.spilled_bytes", "density.million_rss_bytes", "density.million_frame_ms",
    "density.wakes_per_s", "events.per_s", "events.vs_asyncio", "events.vs_trio", "events.vs_gevent",
    "fairness.frame_rate", "fairness.share_error", "checkpoint.encode_us", "checkpoint.decode_us",
    "checkpoint.bytes_vs_pickle", "migration.runnable_ms_p50", "migration.runnable_ms_p99",
    "migration.cleaned_ms_p50", "migration.memory_vs_zmq", "migration.objects_per_s", "commit.dirty100_ms",
    "recovery.scripts_per_s", "world.moving_100k_ms", "scale.cost_ratio_1m_1k",
}  # fmt: skip
"""Others follow these names: they stay."""


@pytest.mark.parametrize("name", STABLE)
def test_figures_keep_their_names(name: str) -> None:
    """Each is there with its unit."""
    done = CliRunner().invoke(gossamer, ["bench", name, "--quick", "--no-peers", "--json"])
    assert 0 == done.exit_code, done.output
    figures = json.loads(done.stdout)["figures"]
    assert STABLE[name] <= figures.keys()
    assert all(figure["value"] > 0 and figure["unit"] for figure in figures.values())


def test_the_baseline_has_every_name() -> None:
    """What CI compares with."""
    assert STABLE_IN_FULL <= json.loads((ROOT / "bench" / "BASELINE.json").read_text())["figures"].keys()


def test_pictures_belong_to_a_page() -> None:
    """Whoever wants them without one is told before anything is measured."""
    done = CliRunner().invoke(gossamer, ["bench", "switch", "--pictures", "plots"])
    assert 2 == done.exit_code
    assert "say --html FILE too" in done.output


def _result(path: Path, value: float) -> Path:
    """A result with one figure, measured five times without noise."""
    figure: dict[str, Any] = {
        "value": value,
        "unit": "ns",
        "limit": None,
        "peers": {},
        "spread": [value, value],
    }
    figure |= {"samples": [value] * 5, "better": "lower", "note": ""}
    path.write_text(json.dumps({"machine": {}, "commit": "", "figures": {"switch.ns": figure}}))
    return path


@pytest.mark.parametrize(("new", "verdict"), [(100.0, "same"), (200.0, "worse"), (50.0, "better")])
def test_results_are_compared(tmp_path: Path, new: float, verdict: str) -> None:
    """Twice as long is worse, half is better."""
    old = _result(tmp_path / "old.json", 100.0)
    paths = [str(old), str(_result(tmp_path / "new.json", new))]
    done = CliRunner().invoke(gossamer, ["bench", "compare", *paths, "--json"])
    assert verdict == json.loads(done.stdout)["switch.ns"]["verdict"]


@pytest.mark.parametrize("text", ["# Readme", "[]", "7", "{}"])
def test_what_is_no_result_is_said(tmp_path: Path, text: str) -> None:
    """By its name, and how to make one."""
    (tmp_path / "other").write_text(text)
    paths = [str(_result(tmp_path / "old.json", 1.0)), str(tmp_path / "other")]
    done = CliRunner().invoke(gossamer, ["bench", "compare", *paths])
    assert (1, True) == (done.exit_code, "other is no result of a benchmark: make one" in done.output)


def test_what_keeps_results_apart_is_said() -> None:
    """A quick run beside a full one, another machine, and names that one of them lacks."""
    one = {"machine": {"quick": True, "cores": 2}, "figures": {"switch.ns": {}, "events.per_s": {}}}
    other = {"machine": {"quick": False, "cores": 8}, "figures": {"switch.ns": {}}}
    quick, machine, missing = apart(one, other)
    assert quick.startswith("one is a quick run")
    assert (
        "another machine (cores): only ratios can be compared",
        "not in the new result: events.per_s",
    ) == (
        machine,
        missing,
    )
    assert [] == apart(one, one)


def test_owners_whose_turns_the_machine_has_stretched_are_left_out() -> None:
    """What a loop can't have used says nothing of shares; the figure for all keeps it."""
    used = {"a1": 100, "a2": 110, "b1": 5_000, "b2": 10}
    owners = {id: id[0] for id in used}
    nothing = dict.fromkeys("ab", 0)
    first = Stretch(0, 0, 0, 0, dict.fromkeys(used, 0), nothing, owners, 0)
    last = Stretch(1_000_000, 0, 45, 0, used, {"a": 210, "b": 5_010}, owners, 1)
    found = _Stretch(Notes(0, stretches=[first, last]))
    assert "1 owners whose scripts had 1 turns of over 5 slices" == found.without
    assert (5 / 105, True) == (pytest.approx(found.share_error), found.worst_error > 1)


def test_an_unknown_benchmark_is_named() -> None:
    """With those that there are."""
    done = CliRunner().invoke(gossamer, ["bench", "nothing"])
    assert (2, True) == (
        done.exit_code,
        "there is no benchmark 'nothing'. There are: all, switch" in done.output,
    )


@pytest.mark.parametrize(
    ("name", "text", "of"),
    [
        ("slowdown.native", "{:.2f} times", 1),
        ("slowdown.generator", "{:.2f} times", 1),
        ("density.parked_bytes", "parked script takes {:.0f} bytes", 1),
        ("density.idle_bytes", "idle one {:.0f}", 1),
        ("density.million_rss_bytes", "a million of them {:.0f} MB", 1e6),
    ],
)
def test_the_readme_quotes_the_stored_result(name: str, text: str, of: float) -> None:
    """No figure in it is typed by hand."""
    newest = max((ROOT / "bench" / "results").glob("*.json"))
    value = json.loads(newest.read_text())["figures"][name]["value"]
    assert text.format(value / of) in (ROOT / "README.md").read_text()
