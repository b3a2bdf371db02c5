"""What some tests need of the system: found, or named with its remedy.

The one idea: where it is missing the test is skipped, and its reason, which `-ra` prints at the end of the run,
is the command that would provide it.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest


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
