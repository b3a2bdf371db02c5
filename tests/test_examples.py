"""Every example script, run twice: left alone, and dropped and restored behind every slice. Both say the
same.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scripts_api import AgentRef
from simulator.commands import TouchObject
from tests.regions import Grid

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))


def story(path: Path, everywhere: bool) -> dict[str, Any]:
    """What comes of an example that is touched now and then for three seconds."""
    grid = Grid("west", edges=200, slices=1, everywhere=everywhere)
    box = grid.rez(path.read_text(), name=path.stem, velocity=(2.0, 1.0, 0.0))
    for visit in range(10):
        grid["west"].host.command(TouchObject(box, AgentRef("agent:1", f"visitor {visit}")))
        grid.run(0.3)
    body = grid.object(box)
    return {
        "said": grid["west"].said,
        "told": grid["west"].told,
        "state": {name: repr(value) for name, value in grid.state(box).items()},
        "place": body.position,
        "color": body.color,
    }


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_does_the_same_captured_everywhere(path: Path) -> None:
    """What it says, keeps and looks like does not depend on where it was captured."""
    alone = story(path, everywhere=False)
    assert [] == [text for what, text in alone["told"] if what == "script failed"]
    assert alone == story(path, everywhere=True)
