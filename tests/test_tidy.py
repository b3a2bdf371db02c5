"""The house rules that a machine can check: layers, docstrings, sizes, limits, leftovers, swallowed errors.

The one idea: each test is a sentence of CONTRIBUTING.md. What it can't see is for the reader of a change.
"""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("scripts_api", "migrate", "simulator")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").glob("*.py"))
OTHERS = sorted(path for folder in ("examples", "bench") for path in (ROOT / folder).rglob("*.py"))
PYTHON_FILES = [*SOURCES, *TESTS, *OTHERS]

ALLOWED = {"scripts_api": {"scripts_api"}, "migrate": {"migrate", "scripts_api"}, "simulator": set(PACKAGES)}
LEFTOVERS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
UNEXPLAINED = re.compile(r"#\s*(type: ignore(\[[\w, -]*\])?|noqa(: [A-Z0-9, ]+)?)\s*$")
KERNEL = (
    "simulator/region.py",
    "simulator/scheduler.py",
    "simulator/crossings.py",
    "simulator/drafts.py",
    "simulator/transit.py",
    "simulator/command*.py",
    "simulator/checkpoint*.py",
    "simulator/region_rows.py",
    "simulator/row_records.py",
    "simulator/unbegun.py",
    "simulator/making.py",
    "simulator/turns.py",
    "simulator/accounts.py",
    "simulator/memory_report.py",
    "simulator/statistics.py",
    "simulator/host.py",
    "simulator/world/*.py",
    "migrate/exchange.py",
    "migrate/handoff.py",
    "migrate/crossing.py",
    "migrate/link*.py",
    "migrate/sending.py",
    "migrate/mail.py",
    "migrate/pairs.py",
    "migrate/hints.py",
    "migrate/rows.py",
    "migrate/messages.py",
    "migrate/deliveries.py",
)
"""Glob patterns of all that must replay from a seed."""

CLOCKS_AND_CHANCE = {
    "time",
    "random",
    "secrets",
    "uuid",
    "socket",
    "zmq",
    "sqlite3",
    "threading",
    "asyncio",
    "os",
    "subprocess",
    "datetime",
    "select",
    "signal",
}

FILE_LINES_MAX = 300
LARGE_FILE_LINES_MAX = 660
"""Of the few files that are one table each: the events, the calls of a script, the iterators."""

FUNCTION_LINES_MAX = 50
LONG_FUNCTIONS = {"migrate/codec/screen.py _run", "simulator/turns.py give_turns"}
"""Each is one loop, over opcodes and over turns, and the idea of its file; a call for each step of it would take a
tenth of its time, and more.
"""


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports_of(path: Path) -> set[str]:
    """Top-level names of everything the file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{named(path)} imports relatively at line {node.lineno}"
            found.add((node.module or "").partition(".")[0])
    return found


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_layers_point_one_way(path: Path) -> None:
    """`scripts_api` imports nothing of ours, `migrate` only `scripts_api`, `simulator` both."""
    ours = imports_of(path) & set(PACKAGES)
    assert ours <= ALLOWED[path.relative_to(ROOT).parts[0]]


@pytest.mark.parametrize("pattern", KERNEL)
def test_kernel_has_no_clock_no_chance_and_no_io(pattern: str) -> None:
    """The parts that must replay from a seed import nothing that could make two runs differ."""
    files = sorted(ROOT.glob(pattern))
    assert files, f"{pattern} matches nothing: name the files that took its place"
    assert {} == {named(path): bad for path in files if (bad := imports_of(path) & CLOCKS_AND_CHANCE)}


@pytest.mark.parametrize("pattern", KERNEL)
def test_kernel_goes_through_no_set(pattern: str) -> None:
    """The order of a set differs from run to run."""
    found = [
        f"{named(path)}:{loop.lineno}"
        for path in sorted(ROOT.glob(pattern))
        for node in ast.walk(ast.parse(path.read_text()))
        for loop in loops_of(node)
        if is_set(loop)
    ]
    assert [] == found


def loops_of(node: ast.AST) -> list[ast.expr]:
    """What a node goes through."""
    if isinstance(node, ast.For):
        return [node.iter]
    if isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.DictComp)):
        return [each.iter for each in node.generators]
    return []


def is_set(value: ast.expr) -> bool:
    if isinstance(value, (ast.Set, ast.SetComp)):
        return True
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id in ("set", "frozenset")
    )


def test_files_are_short() -> None:
    """Nine in ten have at most 300 lines, and none is more than a core file may be."""
    lengths = {named(path): len(path.read_text().splitlines()) for path in SOURCES}
    assert {} == {name: lines for name, lines in lengths.items() if lines > LARGE_FILE_LINES_MAX}
    assert sum(lines > FILE_LINES_MAX for lines in lengths.values()) <= len(SOURCES) / 10


def test_functions_are_short() -> None:
    """Half of them have at most 8 lines, nine in ten fewer than 30, and only what is named here more than 50."""
    lines = {f"{named(path)} {name}": count for path in SOURCES for name, count in functions_of(path)}
    assert statistics.median(lines.values()) <= 8
    assert statistics.quantiles(lines.values(), n=10)[-1] < 30
    assert LONG_FUNCTIONS == {name for name, count in lines.items() if count > FUNCTION_LINES_MAX}


def functions_of(path: Path) -> Iterator[tuple[str, int]]:
    """Each function's name and number of lines."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("package", PACKAGES)
def test_limits_and_errors_have_a_file_each(package: str) -> None:
    """One of both for each package."""
    names = [path.name for path in (ROOT / package).rglob("*.py")]
    assert (1, 1) == (names.count("limits.py"), names.count("errors.py"))


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_errors_are_in_their_file(path: Path) -> None:
    """Who looks for what can be raised finds it in one place; a failed assertion is no error of a package."""
    errors = set(
        re.findall(
            r"^class (\w+)\(", (ROOT / path.relative_to(ROOT).parts[0] / "errors.py").read_text(), re.M
        )
    )
    errors |= {"Exception", "BaseException", "ValueError", "TypeError", "RuntimeError", "KeyError", "OSError"}
    classes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)]
    found = [node.name for node in classes if errors & {ast.unparse(base) for base in node.bases}]
    assert path.name == "errors.py" or [] == found


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_every_limit_has_its_reason(path: Path) -> None:
    """A docstring below it, or a comment beside or above it."""
    lines, body = path.read_text().splitlines(), ast.parse(path.read_text()).body
    bare = []
    for node, below in zip(body, [*body[1:], None], strict=True):
        name = assigned(node)
        documented = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        commented = "#" in lines[(node.end_lineno or 1) - 1] or lines[node.lineno - 2].startswith("#")
        if re.search(r"_(MAX|MIN)$", name) and not (documented or commented):
            bare.append(name)
    assert [] == bare


def assigned(node: ast.stmt) -> str:
    """The name that a statement of a module sets, or nothing."""
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    return target.id if isinstance(target, ast.Name) else ""


@pytest.mark.parametrize("path", [path for path in SOURCES if path.name == "__init__.py"], ids=named)
def test_what_a_package_offers_is_listed(path: Path) -> None:
    """`__all__` names nothing that is not there, and holds no name twice."""
    module = ast.parse(path.read_text())
    listed = [
        ast.literal_eval(node.value)
        for node in module.body
        if isinstance(node, ast.Assign) and assigned(node) == "__all__"
    ]
    there = {
        alias.asname or alias.name
        for node in module.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    } | {getattr(node, "name", "") or assigned(node) for node in module.body}
    for names in listed:
        assert sorted(set(names)) == sorted(names)
        assert set() == set(names) - there


@pytest.mark.parametrize("path", [path for path in TESTS if path.name.startswith("test_")], ids=named)
def test_no_test_sleeps(path: Path) -> None:
    """What has to be waited for is looked at again and again (`tests.simulators.wait_for`)."""
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    assert [] == [call.lineno for call in calls if ast.unparse(call.func) in ("time.sleep", "sleep")]


@pytest.mark.parametrize("path", PYTHON_FILES, ids=named)
def test_file_opens_with_a_docstring(path: Path) -> None:
    """Every file says at its top what it is."""
    assert ast.get_docstring(ast.parse(path.read_text())) is not None


@pytest.mark.parametrize("path", [path for path in PYTHON_FILES if path != Path(__file__)], ids=named)
def test_nothing_is_left_to_do(path: Path) -> None:
    """No file carries a note of unfinished work."""
    assert LEFTOVERS.findall(path.read_text()) == []


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_ignored_checks_say_why(path: Path) -> None:
    """Every `type: ignore` and `noqa` has a reason beside it."""
    lines = path.read_text().splitlines()
    assert [line for line in lines if UNEXPLAINED.search(line)] == []


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_no_error_is_swallowed(path: Path) -> None:
    """No bare `except`, and no broad one whose body is only `pass`."""
    assert [node.lineno for node in ast.walk(ast.parse(path.read_text())) if swallows(node)] == []


def swallows(node: ast.AST) -> bool:
    if not isinstance(node, ast.ExceptHandler):
        return False
    broad = isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
    return node.type is None or (broad and all(isinstance(line, ast.Pass) for line in node.body))


@pytest.mark.parametrize("path", [path for path in PYTHON_FILES if path.name.startswith("test_")], ids=named)
def test_every_test_says_what_it_shows(path: Path) -> None:
    """Each test has a docstring."""
    functions = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef))
    mute = [
        node.name for node in functions if node.name.startswith("test_") and ast.get_docstring(node) is None
    ]
    assert mute == []
