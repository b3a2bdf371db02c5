"""The house rules that a machine can check: layers, docstrings, leftovers, swallowed errors."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("scripts_api", "migrate", "simulator")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
PYTHON_FILES = [*SOURCES, *sorted((ROOT / "tests").glob("*.py")), *sorted((ROOT / "examples").glob("*.py"))]

ALLOWED = {"scripts_api": {"scripts_api"}, "migrate": {"migrate", "scripts_api"}, "simulator": set(PACKAGES)}
LEFTOVERS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
UNEXPLAINED = re.compile(r"#\s*(type: ignore(\[[\w, -]*\])?|noqa(: [A-Z0-9, ]+)?)\s*$")
KERNEL = (
    "simulator/region.py",
    "simulator/scheduler.py",
    "migrate/link.py",
    "migrate/handoff.py",
    "migrate/exchange.py",
)
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
}


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


@pytest.mark.parametrize("name", [name for name in KERNEL if (ROOT / name).exists()])
def test_kernel_has_no_clock_no_chance_and_no_io(name: str) -> None:
    """The parts that must replay from a seed import nothing that could make two runs differ."""
    assert imports_of(ROOT / name) & CLOCKS_AND_CHANCE == set()


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
