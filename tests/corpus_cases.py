"""Finds the cases of the corpus: in `tests/corpus`, every top-level function without parameters and decorators."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from migrate import Program, compile_program

CORPUS = Path(__file__).parent / "corpus"


def cases() -> list[tuple[str, str]]:
    """(file, function) of every case, in the order of the files."""
    return [(path.name, name) for path in sorted(CORPUS.glob("*.py")) for name in _entries(path)]


def _entries(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not node.decorator_list:
            arguments = node.args
            if not (arguments.args or arguments.vararg or arguments.kwonlyargs or arguments.kwarg):
                yield node.name


@cache
def program_of(file: str) -> Program:
    """The compiled file, relative to the corpus."""
    path = CORPUS / file
    return compile_program(path.read_text(), f"tests/corpus/{file}")
