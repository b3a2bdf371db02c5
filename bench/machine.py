"""On what a result was measured: processor, versions, commit, and how busy the machine was with other things."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import zmq

PROJECT = Path(__file__).resolve().parents[1]
LIBRARIES = ("greenlet", "msgspec", "pyzmq")


def machine() -> dict[str, str]:
    """Everything about it that a figure depends on."""
    found = {
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB",
        "sqlite": sqlite3.sqlite_version,
        "zeromq": zmq.zmq_version(),
    }
    return found | {name: version(name) for name in LIBRARIES}


def load() -> str:
    """How many processes want to run, over the last one, five and fifteen minutes, ours among them."""
    return " ".join(f"{each:.2f}" for each in os.getloadavg())


def commit() -> str:
    """The commit that was measured, `+` behind it if files of the packages were changed."""
    head = _git("rev-parse", "HEAD")
    return head + ("+" if _git("status", "--porcelain", "--", "migrate", "simulator", "scripts_api") else "")


def _git(*arguments: str) -> str:
    asked = ["git", "-C", str(PROJECT), *arguments]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()


def _processor() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
