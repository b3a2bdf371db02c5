"""The doctor's findings: whose packages would be imported, and that a sound installation passes."""

from __future__ import annotations

from pathlib import Path

from simulator.doctor import OUR_ROOT, examine, name_finding


def test_this_installation_is_sound() -> None:
    """Where the tests run, nothing is found that would keep Gossamer from running."""
    assert [
        finding for finding in examine() if not finding.good and finding.subject != "virtual environment"
    ] == []


def test_our_own_package_is_good() -> None:
    """A package that comes from beside this one is ours."""
    assert name_finding("migrate", OUR_ROOT / "migrate").good


def test_shadowing_package_is_named_with_its_place() -> None:
    """Another distribution's package of the same name is reported with both places and a remedy."""
    finding = name_finding("migrate", Path("/site-packages/migrate"))
    assert (finding.good, finding.found) == (False, "/site-packages/migrate")
    assert str(OUR_ROOT / "migrate") in finding.remedy


def test_missing_package_is_named() -> None:
    """A package that was lost comes with the command that brings it back."""
    finding = name_finding("migrate", None)
    assert (finding.good, "pip install" in finding.remedy) == (False, True)
