"""The pytest plugin: the fixture `world`."""

from __future__ import annotations

import pytest

from scripts_api.testing import ScriptWorld, World


@pytest.fixture
def world(request: pytest.FixtureRequest) -> ScriptWorld:
    """A world of two regions, west and east, of 256 m each; of those that `@everywhere(…)` names, if it does."""
    regions, everywhere = getattr(request, "param", ((), False))
    return World(*regions, everywhere=everywhere)
