"""Key files: who is known, and that a secret stays one."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.errors import KeyFileError
from simulator.keys import ensure_keys, known_keys, read_keys, read_public_key, write_keys


def test_written_keys_are_read_back(tmp_path: Path) -> None:
    """Both halves of a new pair come back from its files."""
    assert write_keys(tmp_path / "keys", "west") == read_keys(tmp_path / "keys", "west")


def test_secret_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    """The file with the secret half has no rights for anybody else."""
    write_keys(tmp_path, "west")
    assert (tmp_path / "west.secret").stat().st_mode & 0o777 == 0o600


def test_open_secret_is_refused(tmp_path: Path) -> None:
    """A secret that others could have read is not used, and the remedy is named."""
    write_keys(tmp_path, "west")
    (tmp_path / "west.secret").chmod(0o644)
    with pytest.raises(KeyFileError, match="chmod 600"):
        read_keys(tmp_path, "west")


def test_keys_are_never_replaced(tmp_path: Path) -> None:
    """Making a pair a second time is refused and leaves the first."""
    keys = write_keys(tmp_path, "west")
    with pytest.raises(KeyFileError, match=r"west\.secret is there already"):
        write_keys(tmp_path, "west")
    assert keys == read_keys(tmp_path, "west")


def test_everyone_with_a_public_key_is_known(tmp_path: Path) -> None:
    """The folder's public keys are the members of the grid."""
    keys = {name: write_keys(tmp_path, name).public for name in ("east", "operator", "west")}
    assert keys == known_keys(tmp_path)


def test_missing_key_says_how_to_make_one(tmp_path: Path) -> None:
    """A key that is not there comes with the command that makes it."""
    with pytest.raises(KeyFileError, match="gossamer keys new west --folder"):
        read_keys(tmp_path, "west")


@pytest.mark.parametrize(("lost", "kept"), [("secret", "public"), ("public", "secret")])
def test_half_a_pair_says_how_to_have_both_again(tmp_path: Path, lost: str, kept: str) -> None:
    """Making the pair would be refused because of the half that is there."""
    write_keys(tmp_path, "west")
    (tmp_path / f"west.{lost}").unlink()
    with pytest.raises(
        KeyFileError, match=rf"no key file .*west\.{lost}, though .*west\.{kept} is there. Put it back"
    ):
        read_keys(tmp_path, "west")


def test_keys_that_are_no_pair_are_refused(tmp_path: Path) -> None:
    """Nobody would hear who speaks with them, and nobody would say why."""
    write_keys(tmp_path, "west")
    write_keys(tmp_path / "other", "west")
    (tmp_path / "other" / "west.secret").replace(tmp_path / "west.secret")
    with pytest.raises(KeyFileError, match=r"west\.secret does not belong to .*west\.public"):
        read_keys(tmp_path, "west")


@pytest.mark.parametrize("text", ["", "short", "x" * 39, "\N{SNOWMAN}" * 40, "~" * 40])
def test_file_without_a_key_is_refused(tmp_path: Path, text: str) -> None:
    """Text that is no key is said to be none."""
    (tmp_path / "west.public").write_text(text)
    with pytest.raises(KeyFileError, match="holds no key: expected 40 characters of Z85"):
        read_public_key(tmp_path, "west")


def test_ensuring_keys_keeps_those_that_are_there(tmp_path: Path) -> None:
    """Only missing pairs are made."""
    west = write_keys(tmp_path, "west")
    ensure_keys(tmp_path, ["west", "east"])
    assert (["east", "west"], west) == (list(known_keys(tmp_path)), read_keys(tmp_path, "west"))
