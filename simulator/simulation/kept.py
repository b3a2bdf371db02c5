"""Cases in which a violation was once found, in a file that the tests run every time.

The one idea: a seed and the size of its grid are the whole case, so a failure that anybody ever saw can be run
again for ever after. A case is added at the end and nothing else of the file is touched: what somebody has
written between the cases stays.

It finds no violation and runs no case: `runner` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import tomli_w

from simulator.errors import KeptCasesUnusable

CHECKOUT_FILE = Path(__file__).parents[2] / "tests" / "kept_seeds.toml"
"""Where the tests look for the cases; there is no such file beside a Gossamer that was installed from a wheel."""

HEADING = "# Cases in which `gossamer sim` once found a violation. The tests run each of them every time.\n"


class KeptCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One seed with the size of its grid. `broke`: what was found, for whoever reads the file."""

    seed: Annotated[int, msgspec.Meta(ge=0)]
    regions: Annotated[int, msgspec.Meta(ge=2)]
    objects: Annotated[int, msgspec.Meta(ge=1)]
    broke: str


class KeptFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What such a file holds; one with nothing but its heading holds no case."""

    cases: tuple[KeptCase, ...] = ()


def checkout_file() -> Path | None:
    """Return the file of the checkout that this Gossamer runs from, or None if it runs from none."""
    return CHECKOUT_FILE if CHECKOUT_FILE.is_file() else None


def read_kept(path: Path) -> Sequence[KeptCase]:
    """Return the cases of the file, none if it is still to be written. Raises `KeptCasesUnusable`."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=KeptFile).cases
    except FileNotFoundError as error:
        if not path.parent.is_dir():
            raise KeptCasesUnusable(f"can't keep cases in {path}: there is no such folder.") from error
        return ()
    except OSError as error:
        raise KeptCasesUnusable(f"can't read the kept cases in {path}: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise KeptCasesUnusable(
            f"{path} is no file of kept cases: {error}. Put it right, or name another with --keep."
        ) from error


def keep_case(path: Path, case: KeptCase) -> None:
    """Add the case to the file unless it is there, whatever it broke then. Raises `KeptCasesUnusable`."""
    if _same(case) in map(_same, read_kept(path)):
        return
    entry = f"\n[[cases]]\n{tomli_w.dumps(msgspec.to_builtins(case))}"
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(entry if file.tell() else HEADING + entry)
    except OSError as error:
        raise KeptCasesUnusable(
            f"can't write to {path}: {error.strerror}. Name another file with --keep, or add this by hand:{entry}"
        ) from error


def _same(case: KeptCase) -> tuple[int, int, int]:
    return case.seed, case.regions, case.objects
