"""What running scripts and the engines share: one flag, one counter, and the cells of closures.

The one idea: a loop edge reads one attribute, `CONTROL.due`. Everything else here is reached only when it is true.
`CONTROL` is one per process because a region simulator runs all its scripts on one thread. It does not know about
queues, fairness or time: the host raises the flag, the kernel clears it.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from types import WrapperDescriptorType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from migrate.engines.handler import GeneratorHandler


class Sentinel:
    """A named value that equals only itself."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


PREEMPTED: Final = Sentinel("PREEMPTED")
"""What a microthread hands to its engine when its slice is up."""


class Control:
    """The switchboard between running scripts and their engine.

    `due`: the slice is up; scripts suspend at their next loop edge or call. `discarding`: a suspended frame is being
    thrown away, so its `finally`, `with` and `except` must do nothing. `switch`: how a plain function suspends on the
    native engine; None while the generator engine runs, where plain functions cannot suspend. `every`: each loop edge
    that sees `due` suspends; else `tick` says which. `handler`: the handler written as a generator that is running.
    """

    __slots__ = ("_edges_left", "_edges_per_slice", "discarding", "due", "every", "handler", "switch")

    def __init__(self) -> None:
        self.due = False
        self.discarding = False
        self.switch: Callable[[object], object] | None = None
        self.every = True
        self.handler: GeneratorHandler | None = None
        self._edges_per_slice = 0
        self._edges_left = 0

    def count_slices(self, edges: int | None) -> None:
        """Make every slice end after exactly `edges` loop edges or calls; None returns to the flag alone."""
        if edges is not None and edges < 1:
            raise ValueError(f"a slice has at least one loop edge, got {edges}")
        self._edges_per_slice = self._edges_left = edges or 0
        self.due = edges is not None
        self.every = edges is None or edges == 1

    def tick(self) -> bool:
        """At a loop edge that saw `due`: whether to suspend here."""
        if self.every:
            return True
        self._edges_left -= 1
        if self._edges_left > 0:
            return False
        self._edges_left = self._edges_per_slice
        return True

    def edge(self) -> None:
        """The same for a plain function: suspends on the native engine, goes on under the generator engine."""
        if self.switch is not None and self.tick():
            self.switch(PREEMPTED)


CONTROL: Final = Control()


def as_coroutine(flags: int) -> int:
    """The flags of a generator's code with which calling it makes a coroutine, as one that `async def` defines is."""
    return flags & ~inspect.CO_GENERATOR | inspect.CO_COROUTINE


class Box:
    """A local variable shared by a function and the functions defined inside it.

    Takes the place of CPython's cells, which cannot be rebuilt around a frame that is already running. `v` is the
    value; an unbound variable has none and raises what CPython would raise.
    """

    __slots__ = ("name", "owner", "v")

    name: str
    owner: str
    v: Any

    def __init__(self, name: str, owner: str) -> None:
        self.name, self.owner = name, owner

    def __getattr__(self, attribute: str) -> Any:
        raise self._unbound()

    def __delattr__(self, attribute: str) -> None:
        was_bound = True
        try:
            object.__delattr__(self, attribute)
        except AttributeError:
            was_bound = False
        if not was_bound:
            # Outside of the handler, so that the script's error has no context of ours.
            raise self._unbound()

    def _unbound(self) -> NameError:
        if sys._getframe(2).f_code.co_name == self.owner:
            return UnboundLocalError(
                f"cannot access local variable '{self.name}' where it is not associated with a value"
            )
        return NameError(
            f"cannot access free variable '{self.name}' where it is not associated with a value in enclosing scope",
            name=self.name,
        )


def new_box(name: str, owner: str, value: object) -> Box:
    """A box that already holds `value`: for parameters."""
    box = Box(name, owner)
    box.v = value
    return box


class Begun:
    """An iterator of a script's own class in the hands of a loop: its `__iter__` is not called a second time.

    CPython calls `__iter__` once and then only `__next__`. A loop that goes on after a move is a new `for`, which
    calls it again, and the script's method may start anew, count its calls, or not be there at all.
    """

    __slots__ = ("iterator",)

    def __init__(self, iterator: Any) -> None:
        self.iterator = iterator

    def __iter__(self) -> Any:
        return self.iterator


def begin(iterable: Iterable[Any]) -> Iterator[Any] | Begun:
    """`iter(iterable)` for a loop that may be interrupted. Built-in iterators always return themselves."""
    iterator = iter(iterable)
    return iterator if type(iterator) in _RETURN_THEMSELVES else _begun(iterator)


_RETURN_THEMSELVES: Final[set[type]] = set()
"""Types of iterators of the interpreter's own that loops have met."""

_HEAP_TYPE: Final = 1 << 9


def _begun(iterator: Iterator[Any]) -> Iterator[Any] | Begun:
    kind = type(iterator)
    if type(getattr(kind, "__iter__", None)) is not WrapperDescriptorType:
        return Begun(iterator)
    if not kind.__flags__ & _HEAP_TYPE:
        _RETURN_THEMSELVES.add(kind)
    return iterator
