"""Legs in other processes, under other Pythons.

The one idea: a `Worker` looks like a `Runner`. Environments for other Pythons are virtual ones of our own in the
user's cache, made on demand with the two libraries that records and engines need.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from migrate.engines import Engine
from migrate.errors import CaptureRefused, UnusablePython, WorkerFailed
from migrate.verify.running import Leg, Outcome

PROJECT = Path(__file__).resolve().parents[2]

LIBRARIES = ("greenlet", "msgspec", "cloudpickle", "dill")
"""What `migrate` imports besides Python."""


@dataclass(frozen=True, slots=True)
class Task:
    """What all legs of one verification have in common."""

    source: str
    filename: str
    entry: str
    args: Sequence[Any]
    every: int
    trusted: bool = False


class Worker:
    """A process that runs legs of one program."""

    def __init__(self, python: str, task: Task) -> None:
        environment = {**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONHASHSEED": "0"}
        self._process = subprocess.Popen(
            [python, "-m", "migrate.verify.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            text=True,
        )
        self._write(asdict(task))

    def _write(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def _ask(self, **request: Any) -> dict[str, Any]:
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._write(request)
        line = self._process.stdout.readline()
        if not line:
            raise WorkerFailed(f"{self._process.args!r} ended: {self._process.stderr.read()}")
        answer: dict[str, Any] = json.loads(line)
        if "refused" in answer:
            raise CaptureRefused(answer["refused"])
        if "bug" in answer:
            raise WorkerFailed(answer["bug"])
        return answer

    def plain(self) -> Outcome:
        """The plain run."""
        return Outcome(**self._ask(do="plain")["outcome"])

    def leg(self, record: bytes | None, engine: Engine) -> Leg:
        """See `Runner.leg`."""
        text = None if record is None else base64.b64encode(record).decode()
        answer = self._ask(do="leg", record=text, engine=engine)
        if answer["record"] is not None:
            answer["record"] = base64.b64decode(answer["record"])
        if answer["outcome"] is not None:
            answer["outcome"] = Outcome(**answer["outcome"])
        return Leg(**answer)

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def environment_for(python: str) -> str:
    """An interpreter of the same version as `python` that has the libraries. Raises UnusablePython."""
    version = _version(python)
    probe = f"import sys, {', '.join(LIBRARIES)}; print(sys.executable)"
    found = subprocess.run([python, "-c", probe], capture_output=True, text=True)
    if found.returncode == 0:
        return found.stdout.strip()
    folder = _cache() / version
    made = folder / "bin" / "python"
    if not made.exists() or subprocess.run([str(made), "-c", probe], capture_output=True).returncode:
        _make_environment(python, folder)
    return str(made)


def _version(python: str) -> str:
    """Such as `python-3.12.1`. Raises UnusablePython."""
    question = "import sys; print(sys.implementation.name, '.'.join(map(str, sys.version_info[:3])))"
    try:
        asked = subprocess.run([python, "-c", question], capture_output=True, text=True, check=True)
        name, version = asked.stdout.split()
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        raise UnusablePython(f"{python!r} is no Python that runs here: {error}") from None
    if name != "cpython" or not (3, 11) <= tuple(map(int, version.split(".")))[:2] < (3, 14):
        raise UnusablePython(f"{python!r} is {name} {version}: CPython 3.11 to 3.13 is needed.")
    return f"python-{version}"


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gossamer"


def _make_environment(python: str, folder: Path) -> None:
    subprocess.run([python, "-m", "venv", str(folder)], check=True, capture_output=True)
    install = [
        str(folder / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    done = subprocess.run([*install, *_pinned()], capture_output=True, text=True)
    if done.returncode:
        raise UnusablePython(
            f"{python!r} has no {' or '.join(LIBRARIES)}, and pip could not install them: {done.stderr}"
        )


def _pinned() -> list[str]:
    """The versions that this process runs with."""
    from importlib.metadata import version

    return [f"{name}=={version(name)}" for name in LIBRARIES]


def this_python() -> str:
    """The interpreter that runs this."""
    return sys.executable
