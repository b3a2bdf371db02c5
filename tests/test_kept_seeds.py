"""A seed that fails is kept: once, in a file that the suite runs, until somebody takes it out.

The one idea: a mutant in force around the command is a fault of the product as far as the command knows.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simulator.cli.sim import command
from simulator.errors import KeptCasesUnusable
from simulator.simulation import KeptCase, checkout_file, keep_case, kept, mutated, read_kept, run_simulation

SUITE = Path(__file__).with_name("test_simulation.py")
FAULT = "no-tombstone"
BROKEN_GRID = ["--seeds", "3", "--regions", "5", "--objects", "7"]
CONFTEST = f"""
import pytest
from simulator.simulation import mutated

@pytest.fixture(autouse=True)
def fault():
    with mutated({FAULT!r}):
        yield
"""


@pytest.fixture
def fault() -> Iterator[None]:
    """Breaks the product for the length of a test."""
    with mutated(FAULT):
        yield


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept.toml"


def sim(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def cases(file: Path) -> list[tuple[int, int, int]]:
    return [(case.seed, case.regions, case.objects) for case in read_kept(file)]


@pytest.mark.usefixtures("fault")
def test_a_violation_is_kept_with_all_that_shows_it_again(file: Path) -> None:
    """The first seed that fails is in the file, with the size of the grid and what broke."""
    result = sim(*BROKEN_GRID, "--keep", file)
    assert (1, [(0, 5, 7)]) == (result.exit_code, cases(file))
    (case,) = read_kept(file)
    assert f"seed 0: {case.broke}" == result.output.splitlines()[0]
    assert f"kept as a test in {file}" in result.output.splitlines()


@pytest.mark.usefixtures("fault")
def test_a_case_is_kept_once(file: Path) -> None:
    """The same seed of the same grid is not added again; another grid's is."""
    for _ in range(2):
        sim(*BROKEN_GRID, "--keep", file)
    assert [(0, 5, 7)] == cases(file)
    sim("--seed", "0", "--keep", file)
    assert [(0, 5, 7), (0, 4, 6)] == cases(file)


@pytest.mark.usefixtures("fault")
def test_only_the_first_case_of_a_run_is_kept(file: Path) -> None:
    """A fault that breaks every seed does not fill the file."""
    report = run_simulation(range(3), keep=file)
    assert (3, file) == (report.violations, report.kept)
    assert [(0, 4, 6)] == cases(file)


@pytest.mark.usefixtures("fault")
def test_a_case_is_kept_before_the_next_seed_runs(file: Path) -> None:
    """A run that is cut short has kept what it found."""

    def seeds() -> Iterator[int]:
        yield 0
        assert [(0, 4, 6)] == cases(file)

    run_simulation(seeds(), keep=file)


@pytest.mark.usefixtures("fault")
def test_json_says_where_a_case_is_kept(file: Path) -> None:
    """`kept` names the file."""
    assert str(file) == json.loads(sim("--seed", "0", "--json", "--keep", file).output)["kept"]


def test_nothing_is_kept_where_nothing_failed(file: Path) -> None:
    """A run without violations leaves no file."""
    result = sim("--seeds", "2", "--json", "--keep", file)
    assert (0, None, False) == (result.exit_code, json.loads(result.output)["kept"], file.exists())


@pytest.mark.usefixtures("fault")
def test_a_checkout_keeps_without_being_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside a file of kept cases no option is needed."""
    file.touch()
    monkeypatch.setattr(kept, "CHECKOUT_FILE", file)
    assert f"kept as a test in {file}" in sim("--seed", "0").output.splitlines()
    assert [(0, 4, 6)] == cases(file)


@pytest.mark.usefixtures("fault")
def test_an_installed_gossamer_only_prints(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a checkout the failing seed is told and nothing is written."""
    monkeypatch.setattr(kept, "CHECKOUT_FILE", file)
    result = sim("--seeds", "1")
    assert (1, False) == (result.exit_code, file.exists())
    assert "what led there: gossamer sim --seed 0" == result.output.splitlines()[-1]
    assert "kept" not in result.output


def test_a_mutants_cases_are_not_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutants are meant to fail: their seeds hold in the product."""
    file.touch()
    monkeypatch.setattr(kept, "CHECKOUT_FILE", file)
    assert (1, "") == (sim("--seed", "0", "--mutant", FAULT).exit_code, file.read_text())
    refused = sim("--seed", "0", "--mutant", FAULT, "--keep", file)
    assert 2 == refused.exit_code
    assert "none of their cases is kept: leave out --keep" in refused.output


def test_the_command_keeps_where_the_suite_reads() -> None:
    """What the command of a checkout adds to is what the suite runs, and there is something in it."""
    assert SUITE.with_name("kept_seeds.toml") == checkout_file()
    assert {(seed, 4, 6) for seed in (50, 161, 232, 257)} <= set(cases(SUITE.with_name("kept_seeds.toml")))


def test_the_suite_runs_what_the_command_kept(tmp_path: Path) -> None:
    """A case that the command kept fails in the suite while the fault is there, and passes once it is mended."""
    shutil.copy(SUITE, tmp_path)
    with mutated(FAULT):
        sim(*BROKEN_GRID, "--keep", tmp_path / "kept_seeds.toml")
    conftest = tmp_path / "conftest.py"
    conftest.write_text(CONFTEST)
    assert "1 failed" == run_suite(tmp_path, "cases_that_once_failed")
    conftest.unlink()
    assert "1 passed" == run_suite(tmp_path, "cases_that_once_failed")


def test_the_seeds_that_the_suite_finds_are_kept(tmp_path: Path) -> None:
    """Each of the suite's own runs of many seeds adds the one that fails."""
    shutil.copy(SUITE, tmp_path)
    (tmp_path / "conftest.py").write_text(CONFTEST)
    assert "3 failed" == run_suite(tmp_path, "breaks_an_invariant or larger_grids")
    assert [(0, 4, 6), (2000, 4, 6), (0, 9, 30)] == cases(tmp_path / "kept_seeds.toml")


def run_suite(folder: Path, which: str) -> str:
    """Run some tests of the copied suite; how many did what, in pytest's words."""
    options = ["-q", "-p", "no:cacheprovider", "-W", "ignore", "-k", which]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *options], cwd=folder, capture_output=True, text=True, check=False
    )
    return ended.stdout.splitlines()[-1].partition(",")[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"[[cases]\n", "Expected ']]' at the end of an array declaration"),
        (b"\xff", "can't decode byte 0xff"),
        (b"[[cases]]\nseed = 'x'\nregions = 4\nobjects = 6\nbroke = ''\n", "`$.cases[0].seed`"),
        (b"[[cases]]\nseed = 1\nregions = 1\nobjects = 6\nbroke = ''\n", "`$.cases[0].regions`"),
        (b"[[cases]]\nseed = 1\n", "missing required field `regions`"),
        (b"[[seeds]]\nseed = 1\n", "unknown field `seeds`"),
    ],
)
def test_a_file_that_holds_something_else_is_refused(file: Path, text: bytes, says: str) -> None:
    """The error names the file, the place and the way out, before any seed runs; the file stays as it was."""
    file.write_bytes(text)
    ran: list[int] = []
    with pytest.raises(KeptCasesUnusable) as caught:
        run_simulation([0], keep=file, on_seed=lambda result: ran.append(result.seed))
    assert str(caught.value).startswith(f"{file} is no file of kept cases: ")
    assert says in str(caught.value)
    assert ([], text) == (ran, file.read_bytes())


def test_a_file_in_no_folder_is_refused_before_any_seed(tmp_path: Path) -> None:
    """A slip in the path does not show only when hours of seeds have found something."""
    with pytest.raises(KeptCasesUnusable, match=r"kept\.toml: there is no such folder"):
        run_simulation([0], keep=tmp_path / "absent" / "kept.toml")


def test_a_folder_is_no_file_of_cases(tmp_path: Path) -> None:
    """What the system says of it is told."""
    with pytest.raises(KeptCasesUnusable, match=f"can't read the kept cases in {tmp_path}: Is a directory"):
        read_kept(tmp_path)


def test_a_case_that_can_not_be_written_is_told_whole(file: Path) -> None:
    """Where it can't be written, the message holds what to add by hand."""
    nowhere = file.with_name("nowhere.toml")
    nowhere.symlink_to(file.parent / "absent" / "kept.toml")
    with pytest.raises(KeptCasesUnusable) as caught:
        keep_case(nowhere, KeptCase(7, 4, 6, "lost"))
    assert f"can't write to {nowhere}: No such file or directory." in str(caught.value)
    file.write_text(str(caught.value).partition("by hand:")[2])
    assert [KeptCase(7, 4, 6, "lost")] == list(read_kept(file))


def test_what_stands_between_the_cases_stays(file: Path) -> None:
    """Adding a case touches nothing else, and any text of a violation comes back as it was."""
    file.write_text(
        "# found on a train\n[[cases]]\nseed = 1\nregions = 4\nobjects = 6\nbroke = ''  # all of it"
    )
    before = file.read_text()
    keep_case(file, KeptCase(2, 4, 6, 'two "lines"\nand \\ é'))
    assert file.read_text().startswith(before)
    assert [KeptCase(1, 4, 6, ""), KeptCase(2, 4, 6, 'two "lines"\nand \\ é')] == list(read_kept(file))
