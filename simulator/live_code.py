"""A live function of a host program as a script: its source, and the values that it uses.

The one idea: the text of the function and of the functions it calls becomes a program like any other, so that it can
be preempted, saved and moved; what they close over and which globals they use goes along as values, by the codec in
trusted mode. What has no source that can be found goes whole, by cloudpickle: it runs, but can neither wait nor be
interrupted.

The values are copies: what the script changes, the host program does not see. It attaches nothing itself: that is
`attaching`.
"""

from __future__ import annotations

import ast
import contextlib
import dis
import inspect
import sysconfig
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

import cloudpickle

from migrate.codec import encode
from migrate.errors import CaptureRefused, ScriptSyntaxError
from migrate.injector.prepare import HEAD
from scripts_api.events import HANDLERS
from simulator.blocking import refuse_sleep
from simulator.errors import ScriptRefused
from simulator.live_text import Definition, definition, file_of
from simulator.world.attaching import attached_as

RUN: Final = "on_start"
"""The handler of a function that is no handler: it runs as soon as it is attached."""


@dataclass(frozen=True, slots=True)
class LiveCode:
    """A script of its own. `values`: a record of the codec, to be given to it before it begins. `whole`: it went by
    cloudpickle, because its source was not to be found.
    """

    filename: str
    source: str
    values: bytes
    whole: bool


def live_code(function: Callable[..., Any], handler: str | None = None) -> LiveCode:
    """Make a script of a function, whose first argument is the script: `def on_touch(script, toucher)`.

    `handler`: what it handles; by default what its name says, and if that names no handler it runs at once. Raises
    `ScriptRefused`.
    """
    if not callable(function):
        raise ScriptRefused(f"attach: {function!r} is no function.")
    name = getattr(function, "__name__", type(function).__name__)
    if handler is None:
        handler = name if name in HANDLERS else RUN
    if handler not in HANDLERS:
        raise ScriptRefused(f"attach: scripts have no handler {handler!r}; gossamer api lists them.")
    taken = _Taken()
    whole = not (isinstance(function, FunctionType) and taken.take(function))
    if whole:
        name, taken = "function", _Taken({"function": function})
    try:
        with _by_value(inspect.getmodule(function)):
            values = encode(taken.values | taken.global_values, modules={}, trusted=True)
    except CaptureRefused as refusal:
        raise ScriptRefused(f"attach: what {name} uses can't be taken along: {refusal}") from None
    called = taken.names.get(function, name) if isinstance(function, FunctionType) else name
    filename = attached_as(name_of(function), file_of(function))
    source = taken.source(called, handler, file_of(function))
    try:
        refuse_sleep(source, filename, taken.values)
    except ScriptSyntaxError as refusal:
        raise ScriptRefused(f"attach: {refusal}") from None
    return LiveCode(filename, source, values, whole)


def name_of(function: Callable[..., Any] | str) -> str:
    """The name under which a function is attached."""
    shown = function if isinstance(function, str) else getattr(function, "__name__", type(function).__name__)
    return shown.strip("<>")


@contextlib.contextmanager
def _by_value(module: ModuleType | None) -> Iterator[None]:
    """What is defined beside the function goes along too: simulators can import libraries, and not this file."""
    path = getattr(module, "__file__", None)
    libraries = [sysconfig.get_path(each) for each in ("stdlib", "platstdlib", "purelib", "platlib")]
    if module is None or path is None or any(Path(path).is_relative_to(each) for each in libraries):
        yield
        return
    cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        cloudpickle.unregister_pickle_by_value(module)


class _Taken:
    """What goes along. `definitions`: of functions. `values`: what they use, by name. `other_names`: what functions are
    called besides, each as a statement.
    """

    def __init__(self, values: dict[str, Any] | None = None) -> None:
        self.values: dict[str, Any] = values or {}
        self.global_values: dict[str, Any] = {}
        self.definitions: list[Definition] = []
        self.other_names: list[str] = []
        self.names: dict[FunctionType, str] = {}

    def take(self, function: FunctionType) -> bool:
        """Take a function with all it uses; False if its source is not to be found."""
        found = definition(function, f"lambda_{len(self.names)}")
        if found is None or found.name in self.names.values():
            return False
        self.names[function] = found.name
        self.definitions.append(found)
        self.values |= found.defaults
        assigned = {
            each for node in ast.walk(found.tree) if isinstance(node, ast.Global) for each in node.names
        }
        for name, value in _used(function):
            self._take_value(function, name, value, assigned)
        return True

    def _take_value(self, user: FunctionType, name: str, value: Any, assigned: set[str]) -> None:
        if name in assigned:
            self.global_values[name] = value
        elif isinstance(value, FunctionType) and self._takes_as_source(user, value):
            if name != self.names[value]:
                self.other_names.append(f"    {name} = {self.names[value]}\n")
        elif name not in self.values:
            self.values[name] = value

    def _takes_as_source(self, user: FunctionType, value: FunctionType) -> bool:
        """Whether a function that another one uses goes along as text: where both find the same names."""
        if value in self.names:
            return True
        return value.__globals__ is user.__globals__ and not value.__closure__ and self.take(value)

    def source(self, called: str, handler: str, file: str) -> str:
        """The whole script. What comes from that file stands in its own lines."""
        runs = handler == RUN
        return TEMPLATE.format(
            head=HEAD,
            parameters=", ".join(sorted(self.values)),
            body=self._body(file),
            called=called,
            rebound=_put_globals(sorted(self.global_values)),
            values=", ".join(f'{name}=values["{name}"]' for name in sorted(self.values)),
            # With other lines it is another program, or a report would show those of the first.
            places=(file, *(each.line for each in self.definitions)),
            handles="" if runs else HANDLES.format(handler=handler),
            begins="self.spawn(function)" if runs else f"self.{handler} = function",
        )

    def _body(self, file: str) -> str:
        """Definitions, those that come from that file first."""
        body, line = "", 1
        for each in sorted(self.definitions, key=lambda each: (each.file != file, each.line)):
            text = textwrap.indent(each.text, "    ")
            if each.file == file and each.line > line:
                text = "\n" * (each.line - line) + text
            body, line = body + text, line + text.count("\n")
        return body + "".join(self.other_names)


TEMPLATE = """{head}def live({parameters}):
{body}    return {called}


from types import MethodType
from scripts_api import *

{rebound}

class Live(Script):
    stands_in = {places!r}
    values = None
{handles}
    def on_start(self):
        if self.values is None:
            raise ScriptError("what this function used is gone since the reset; attach it again.")
        values, self.values = self.values, None
        put_globals(values)
        function = MethodType(live({values}), self)
        {begins}
"""
"""The function is called by the world itself, so that its author finds no line of this in a report."""

HANDLES = """
    def {handler}(self, *arguments):
        pass  # The function stands here as soon as it is made; until then events wait for it.
"""


def _put_globals(names: list[str]) -> str:
    """Variables of the module, which the functions bind anew."""
    begin = "".join(f"{name} = None\n" for name in names)
    declared = f"    global {', '.join(names)}\n" if names else "    pass\n"
    put = "".join(f'    {name} = values["{name}"]\n' for name in names)
    return f"{begin}\n\ndef put_globals(values):\n{declared}{put}"


def _used(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """(name, value) of what it closes over, and of the globals that it uses; those that do not exist are left out."""
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        with contextlib.suppress(ValueError):  # not bound yet
            yield name, cell.cell_contents
    for name in dict.fromkeys(_global_names(function.__code__)):
        if name in function.__globals__:
            yield name, function.__globals__[name]


def _global_names(code: CodeType) -> Iterator[str]:
    yield from (each.argval for each in dis.get_instructions(code) if each.opname.endswith("_GLOBAL"))
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _global_names(each)
