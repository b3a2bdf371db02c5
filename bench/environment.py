"""A virtual environment of the benchmarks' own, with the libraries that we compare ourselves with.

The one idea: nothing that is only measured, or only draws plots, is installed beside what is developed. The environment
lies in the user's cache and is made when it is first wanted; a peer that can't be installed is left out, with pip's
reason, and the rest is measured. Which peers there are stands in `pyproject.toml`, extra `peers`.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
NO_PEERS = "GOSSAMER_BENCH_NO_PEERS"
INSTALL_S_MAX = 300
RETRY_S = 3600  # after so long a peer that could not be installed is tried again


class PeerMissing(Exception):
    """A peer can't be measured here. The text says why."""


def python_with(*distributions: str) -> str:
    """The interpreter of the environment, with those distributions in it. Raises `PeerMissing`."""
    if os.environ.get(NO_PEERS):
        raise PeerMissing("left out by --no-peers")
    folder = _folder()
    for name in distributions:
        mark = folder / f"has-{name}"
        if not mark.exists():
            _check_refused(folder, name)
            _make(folder)
            _install(folder, name)
            mark.touch()
    return str(folder / "bin" / "python")


def _folder() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "gossamer" / f"bench-{platform.python_version()}"


def _make(folder: Path) -> None:
    if not (folder / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True)


def _check_refused(folder: Path, peer: str) -> None:
    refused = folder / f"refused-{peer}"
    if refused.exists() and time.time() - refused.stat().st_mtime < RETRY_S:
        raise PeerMissing(refused.read_text())


def _install(folder: Path, peer: str) -> None:
    command = [
        str(folder / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    command += ["--retries", "1", "--only-binary", ":all:", requirement(peer)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_S_MAX)
        reason = done.stderr.strip().splitlines()[-1] if done.returncode else ""
    except subprocess.TimeoutExpired:
        reason = f"pip had not installed it after {INSTALL_S_MAX} s"
    if reason:
        (folder / f"refused-{peer}").write_text(reason)
        raise PeerMissing(reason)


def requirement(peer: str) -> str:
    """What pip is told to install for a peer."""
    extras = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for line in extras["peers"] + extras["bench"]:
        if re.split(r"[<>=!\[; ]", line, maxsplit=1)[0] == peer:
            return str(line)
    raise PeerMissing(f"the extra `peers` of pyproject.toml names no {peer}")
