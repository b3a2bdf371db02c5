"""What some tests need of the system: found, installed where that is allowed, or named with its remedy.

The one idea: root on a system with apt may install, so there a need is met on the spot. Anywhere else the
test is skipped, and its reason, which `-ra` prints at the end of the run, is the command that would provide
it.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from pathlib import Path

import pytest


def need_program(program: str, package: str) -> str:
    """Return the program's path, after installing its Debian package if need be; else skip the test."""
    found = shutil.which(program) or (_install(package) and shutil.which(program))
    if not found:
        pytest.skip(f"needs {program}; provide it with: sudo apt-get install {package}")
    return str(found)


def need_root(what: str) -> None:
    """Skip the test unless it runs as root."""
    if os.geteuid() != 0:
        pytest.skip(f"needs root to {what}; provide it with: sudo make test")


def need_python(version: str) -> str:
    """Return the interpreter of that version that pyenv has, or one on the path; else skip the test."""
    minor = ".".join(version.split(".")[:2])
    home = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for python in (
        *sorted(home.glob(f"versions/{minor}.*/bin/python"), reverse=True),
        shutil.which(f"python{minor}"),
    ):
        if python:
            return str(python)
    pytest.skip(f"needs Python {minor}; provide it with: pyenv install {version}")


@functools.cache
def _install(package: str) -> bool:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "--yes", "--quiet", package]
    try:
        return (
            subprocess.run(command, env=environment, capture_output=True, timeout=300, check=False).returncode
            == 0
        )
    except subprocess.TimeoutExpired:
        return False
