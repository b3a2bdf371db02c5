"""What on this machine could keep Gossamer from running: each finding with its remedy.

The one idea: two of our three import names, `simulator` and `migrate`, are common. A second distribution
with one of them overwrites or shadows ours without a word, so the first thing examined is whose files
Python would import.

It changes nothing and needs no running world.
"""

from __future__ import annotations

import importlib.util
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import zmq

from simulator.store import SqliteStore

DISTRIBUTION = "gossamer-runtime"
OUR_NAMES = ("scripts_api", "migrate", "simulator")
OUR_ROOT = Path(__file__).parents[1]
COMMIT_MS_MAX = 50.0  # a commit that takes two frames makes every hand-over crawl


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing examined: what was found, and what to do if it is not good."""

    subject: str
    found: str
    good: bool
    remedy: str = ""


def examine() -> list[Finding]:
    """Return every finding."""
    examinations: tuple[Callable[[], Iterator[Finding]], ...] = (
        _python,
        _names,
        _libraries,
        _encryption,
        _store,
    )
    return [finding for examination in examinations for finding in examination()]


def name_finding(name: str, found: Path | None) -> Finding:
    """Judge where Python finds one of our packages."""
    if found is None:
        remedy = f"Reinstall: pip install --force-reinstall {DISTRIBUTION}."
        return Finding(f"package {name}", "not found", False, remedy)
    ours = OUR_ROOT / name
    remedy = (
        f"Ours is {ours}. Install Gossamer in a virtual environment of its own, or remove the other package."
    )
    return Finding(f"package {name}", str(found), found == ours, remedy)


def _python() -> Iterator[Finding]:
    found = ".".join(map(str, sys.version_info[:3]))
    remedy = "Gossamer needs CPython 3.11, 3.12 or 3.13: make PYTHON=python3.12 setup."
    good = (3, 11) <= sys.version_info[:2] <= (3, 13) and sys.implementation.name == "cpython"
    yield Finding("Python", f"{sys.implementation.name} {found}", good, remedy)
    own = sys.prefix != sys.base_prefix
    yield Finding("virtual environment", sys.prefix if own else "none", own, "Use one: make setup.")


def _names() -> Iterator[Finding]:
    for name in OUR_NAMES:
        spec = importlib.util.find_spec(name)
        yield name_finding(name, Path(spec.origin).parent if spec and spec.origin else None)


def _libraries() -> Iterator[Finding]:
    for line in requires(DISTRIBUTION) or []:
        # Lines with a marker belong to the extras for tests and linters.
        if ";" not in line:
            yield _library(*line.split(">="))


def _library(name: str, lowest: str) -> Finding:
    remedy = f"Install it: pip install '{name}>={lowest}'."
    try:
        found = version(name)
    except PackageNotFoundError:
        return Finding(name, "not installed", False, remedy)
    return Finding(name, found, _numbers(found) >= _numbers(lowest), remedy)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))


def _encryption() -> Iterator[Finding]:
    found = "available" if zmq.has("curve") else "missing"
    remedy = "Install pyzmq's own wheel, which has libsodium: pip install --force-reinstall pyzmq."
    yield Finding(f"CURVE encryption in ZeroMQ {zmq.zmq_version()}", found, zmq.has("curve"), remedy)


def _store() -> Iterator[Finding]:
    with tempfile.TemporaryDirectory() as folder:
        commit_ms = _commit_ms(Path(folder) / "doctor.sqlite")
    remedy = 'Put the world\'s store folder on a faster disk, or run with durability = "process".'
    found = (
        f"SQLite {sqlite3.sqlite_version}, {commit_ms:.2f} ms for a durable commit in {tempfile.gettempdir()}"
    )
    yield Finding("store", found, commit_ms < COMMIT_MS_MAX, remedy)


def _commit_ms(path: Path) -> float:
    store = SqliteStore("doctor", path)
    took: list[float] = []
    for tick in range(1, 8):
        begun = time.perf_counter()
        store.commit(store.lease, tick, {("doctor", "pulse"): bytes(1000)})
        took.append((time.perf_counter() - begun) * 1000)
    store.close()
    return sorted(took)[len(took) // 2]
