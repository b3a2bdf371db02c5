"""The picture of the hand-over in docs/protocol.md, drawn from the table that runs.

The one idea: a document made from the code can say nothing else than the code. `python -m migrate.diagram
docs/protocol.md` puts the picture between its marks; a test checks that it is up to date.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from migrate.handoff import MEANINGS, TABLE

BEGIN: Final = "<!-- drawn by migrate.diagram from migrate.handoff: do not edit -->"
END: Final = "<!-- end of what migrate.diagram draws -->"


def draw() -> str:
    """Return the state diagram (Mermaid) and the tables of lines and inputs (Markdown)."""
    arrows = [
        f"    {state.name} --> {cell.state.name}: {input.name}" for (state, input), cell in TABLE.items()
    ]
    lines = [
        f"| {state.name} | {input.name} | {cell.state.name} | {cell.action} |"
        for (state, input), cell in TABLE.items()
    ]
    inputs = [f"| {input.name} | {meaning} |" for input, meaning in MEANINGS.items()]
    return "\n".join(
        [
            *("```mermaid", "stateDiagram-v2", *arrows, "```", ""),
            *("| state | input | next | action |", "|---|---|---|---|", *lines, ""),
            *("| input | is |", "|---|---|", *inputs),
        ]
    )


def redraw(document: str) -> str:
    """Return the document with the picture of now between its marks."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{draw()}\n\n{END}{after}"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(redraw(path.read_text()))
