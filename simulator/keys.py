"""CURVE key pairs in files: who may speak in a grid.

The one idea: one folder, two files for each name. `NAME.public` goes to every machine of the grid,
`NAME.secret` stays on the machine where that simulator runs, readable by its owner alone. Whoever's public
key lies in the folder is admitted, under that name; taking the file away shuts the door.

The name `operator` belongs to the command line. Nothing here travels; the sockets do the proving.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

import zmq
from zmq.utils import z85

from migrate.sockets import KeyPair, new_key_pair
from simulator.errors import KeyFileError

OPERATOR = "operator"


def write_keys(folder: Path, name: str) -> KeyPair:
    """Make a key pair and write its two files. Raises `KeyFileError` rather than replace one."""
    keys = new_key_pair()
    folder.mkdir(parents=True, exist_ok=True)
    _write_new(_secret_path(folder, name), keys.secret, 0o600)
    _write_new(_public_path(folder, name), keys.public, 0o644)
    return keys


def read_keys(folder: Path, name: str) -> KeyPair:
    """Read the key pair of a simulator of this machine. Raises `KeyFileError`, also for keys that are no pair."""
    path = _secret_path(folder, name)
    secret = _read_key(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise KeyFileError(f"{path} can be read by others. Take that right away: chmod 600 {path}")
    keys = KeyPair(read_public_key(folder, name), secret)
    if zmq.curve_public(secret.encode()).decode() != keys.public:
        raise KeyFileError(
            f"{path} does not belong to {_public_path(folder, name)}: nobody would hear who speaks with them. Put back"
            f" the file that belongs to the other, or {_replace(folder, name)}"
        )
    return keys


def read_public_key(folder: Path, name: str) -> str:
    """Read the public key of any member of the grid."""
    return _read_key(_public_path(folder, name))


def known_keys(folder: Path) -> dict[str, str]:
    """Return the public key of everyone the grid knows, by name."""
    return {path.stem: _read_key(path) for path in sorted(folder.glob("*.public"))}


def ensure_keys(folder: Path, names: list[str]) -> None:
    """Make the key pairs that are not there yet: for worlds whose simulators all run on this machine."""
    for name in names:
        if not _public_path(folder, name).exists():
            write_keys(folder, name)


def _read_key(path: Path) -> str:
    try:
        text = path.read_text().strip()
    except FileNotFoundError as error:
        raise KeyFileError(_missing(path)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"can't read the key file {path}: {error}") from error
    if not _is_key(text):
        raise KeyFileError(
            f"{path} holds no key: expected 40 characters of Z85, found {len(text)} characters."
        )
    return text


def _missing(path: Path) -> str:
    """Say what to do about a file that is not there: `gossamer keys new` makes pairs, and never half of one."""
    name, folder = path.stem, path.parent
    other = next(each for each in (_public_path(folder, name), _secret_path(folder, name)) if each != path)
    if not other.exists():
        return f"there is no key file {path}. Make it: gossamer keys new {name} --folder {folder}"
    return (
        f"there is no key file {path}, though {other} is there. Put it back from where both were made, or"
        f" {_replace(folder, name)}"
    )


def _replace(folder: Path, name: str) -> str:
    """How a pair is replaced."""
    return (
        f"replace both: remove {name}.public and {name}.secret, run gossamer keys new {name} --folder {folder}, and put"
        f" the new {name}.public on every machine."
    )


def _is_key(text: str) -> bool:
    try:
        return len(text) == 40 and len(z85.decode(text)) == 32
    except (KeyError, ValueError):
        return False


def _write_new(path: Path, key: str, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        raise KeyFileError(
            f"{path} is there already. Remove it first if its key is to be replaced."
        ) from error
    with os.fdopen(descriptor, "w") as file:
        file.write(key + "\n")


def _public_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.public"


def _secret_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.secret"
