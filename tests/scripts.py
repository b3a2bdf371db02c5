"""Makers of programs and microthreads for tests."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from migrate import CONTROL, PREEMPTED, Frame, Microthread, Module, Step, compile_program
from migrate.engines import Engine

ENGINES: tuple[Engine, ...] = ("generator", "native")


def module_of(source: str, filename: str = "script.py") -> Module:
    """An instance of the program."""
    return Module(compile_program(textwrap.dedent(source), filename))


def start(module: Module, function: str, *args: Any, engine: Engine = "generator") -> Microthread:
    """A microthread that calls a function of the module."""
    return Microthread(module.namespace[function], args, engine=engine)


@contextmanager
def slices_of(edges: int) -> Iterator[None]:
    """Every slice ends after so many loop edges and calls."""
    CONTROL.count_slices(edges)
    try:
        yield
    finally:
        CONTROL.count_slices(None)


def to_end(thread: Microthread) -> Step:
    """Resume it with None until it ends or waits for something."""
    step = thread.resume()
    while step is PREEMPTED:
        step = thread.resume()
    return step


def stack_of(frames: tuple[Frame, ...]) -> list[tuple[str, str]]:
    """(function, point) of each frame, outermost first."""
    return [(frame.function, frame.point) for frame in frames]
