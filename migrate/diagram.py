"""The pictures of links and of hand-over in docs/protocol.md, drawn from the tables that run.

The one idea: a document made from the code can say nothing else than the code. `python -m migrate.diagram
docs/protocol.md` puts the pictures between their marks; a test checks that they are up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

from migrate.handoff import MEANINGS, TABLE
from migrate.sending import RECEIVING, SENDING, SIGNS, STATES

BEGIN: Final = "<!-- drawn by migrate.diagram from migrate.{}: do not edit -->"
END: Final = "<!-- end of what migrate.diagram draws -->"


def draw_handoff() -> str:
    """Return the state diagram of hand-over (Mermaid) and the tables of lines and inputs (Markdown)."""
    return "\n\n".join([_machine(TABLE), _table(("input", "is"), _named(MEANINGS))])


def draw_sending() -> str:
    """Return the same of a link's sending end, and the rule of its receiving end."""
    rules = ((place.name, *rule) for place, rule in RECEIVING.items())
    return "\n\n".join(
        [
            _machine(SENDING),
            _table(("state", "is"), _named(STATES)),
            _table(("input", "is"), _named(SIGNS)),
            _table(("a message that came", "has a number", "action", "because, or how"), rules),
        ]
    )


PICTURES: Final[dict[str, Callable[[], str]]] = {"sending": draw_sending, "handoff": draw_handoff}


def redraw(document: str) -> str:
    """Return the document with the pictures of now between their marks."""
    for module, draw in PICTURES.items():
        begin = BEGIN.format(module)
        before, _, rest = document.partition(begin)
        _, _, after = rest.partition(END)
        document = f"{before}{begin}\n\n{draw()}\n\n{END}{after}"
    return document


def _machine(table: Mapping[Any, tuple[IntEnum, str]]) -> str:
    """A table of (state, input) -> (next state, action) as a diagram and as lines."""
    lines = [(state.name, input.name, next.name, action) for (state, input), (next, action) in table.items()]
    arrows = [f"    {state} --> {next}: {input}" for state, input, next, _ in lines]
    diagram = "\n".join(["```mermaid", "stateDiagram-v2", *arrows, "```"])
    return f"{diagram}\n\n{_table(('state', 'input', 'next', 'action'), lines)}"


def _named(meanings: Mapping[Any, str]) -> list[tuple[str, str]]:
    return [(each.name, meaning) for each, meaning in meanings.items()]


def _table(head: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> str:
    rows = [head, *lines]
    written = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([written[0], "|" + "---|" * len(head), *written[1:]])


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(redraw(path.read_text()))
