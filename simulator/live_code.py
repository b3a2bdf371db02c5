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
from migrate.errors import CaptureRefused
from scripts_api.events import HANDLERS
from simulator.errors import ScriptRefused

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
    return LiveCode(name_of(function), taken.source(called, handler), values, whole)


def name_of(function: Callable[..., Any] | str) -> str:
    """The file name under which a function is attached."""
    shown = function if isinstance(function, str) else getattr(function, "__name__", type(function).__name__)
    return f"{shown.strip('<>')} (attached).py"


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
    """What goes along. `texts`: definitions of functions. `values`: what they use, by name."""

    def __init__(self, values: dict[str, Any] | None = None) -> None:
        self.values: dict[str, Any] = values or {}
        self.global_values: dict[str, Any] = {}
        self.texts: list[str] = []
        self.names: dict[FunctionType, str] = {}

    def take(self, function: FunctionType) -> bool:
        """Take a function with all it uses; False if its source is not to be found."""
        definition = _definition(function, f"lambda_{len(self.names)}")
        if definition is None or definition.name in self.names.values():
            return False
        self.names[function] = definition.name
        self.texts.append(definition.text)
        self.values |= definition.defaults
        assigned = {
            each for node in ast.walk(definition.tree) if isinstance(node, ast.Global) for each in node.names
        }
        for name, value in _used(function):
            self._take_value(function, name, value, assigned)
        return True

    def _take_value(self, user: FunctionType, name: str, value: Any, assigned: set[str]) -> None:
        if name in assigned:
            self.global_values[name] = value
        elif isinstance(value, FunctionType) and self._takes_as_source(user, value):
            if name != self.names[value]:
                self.texts.append(f"{name} = {self.names[value]}\n")
        elif name not in self.values:
            self.values[name] = value

    def _takes_as_source(self, user: FunctionType, value: FunctionType) -> bool:
        """Whether a function that another one uses goes along as text: where both find the same names."""
        if value in self.names:
            return True
        return value.__globals__ is user.__globals__ and not value.__closure__ and self.take(value)

    def source(self, called: str, handler: str) -> str:
        """The whole script."""
        body = textwrap.indent("".join(self.texts), "    ") if self.texts else ""
        begins = f"        {CALL}\n" if handler == RUN else ""
        handles = HANDLES.format(handler=handler) if handler != RUN else ""
        return TEMPLATE.format(
            parameters=", ".join(sorted(self.values)),
            body=body,
            called=called,
            rebound=_put_globals(sorted(self.global_values)),
            values=", ".join(f'{name}=values["{name}"]' for name in sorted(self.values)),
            begins=begins,
            handles=handles,
        )


CALL = "self.function(self)"

TEMPLATE = """from __future__ import annotations

from scripts_api import *


def live({parameters}):
{body}    return {called}

{rebound}

class Live(Script):
    values = None

    def on_start(self):
        if self.values is None:
            raise ScriptError("what this function used is gone since the reset; attach it again.")
        values, self.values = self.values, None
        put_globals(values)
        self.function = live({values})
{begins}{handles}"""

HANDLES = """
    def {handler}(self, *arguments):
        return self.function(self, *arguments)
"""


def _put_globals(names: list[str]) -> str:
    """Variables of the module, which the functions bind anew."""
    begin = "".join(f"{name} = None\n" for name in names)
    declared = f"    global {', '.join(names)}\n" if names else "    pass\n"
    put = "".join(f'    {name} = values["{name}"]\n' for name in names)
    return f"{begin}\n\ndef put_globals(values):\n{declared}{put}"


@dataclass(frozen=True, slots=True)
class _Definition:
    """A function's text, as a statement that defines `name`. `defaults`: values of its parameters that are no
    constants, by the names that stand for them.
    """

    name: str
    text: str
    tree: ast.AST
    defaults: dict[str, Any]


def _definition(function: FunctionType, if_lambda: str) -> _Definition | None:
    """The definition of a function, without decorators: they have done their work. None if it is not to be found.

    `if_lambda`: the name for one without.
    """
    text = _text(function)
    if text is None:
        return None
    # Indented as it is: taking the margin away would change strings that go over several lines.
    around = "if True:\n" if text[:1].isspace() else ""
    try:
        body: Any = ast.parse(around + text).body
    except SyntaxError:
        return None  # A lambda in the middle of a statement that goes on.
    found = body[0].body[0] if around else body[0]
    if function.__name__ == "<lambda>":
        return _lambda(function, if_lambda, found)
    if not isinstance(found, ast.FunctionDef):
        return None
    found.decorator_list = []
    defaults = _named_defaults(function, found)
    lines = textwrap.dedent(text).splitlines()[found.lineno - 1 - bool(around) :]
    return _Definition(found.name, _as_text(lines, found, bool(defaults)), found, defaults)


def _named_defaults(function: FunctionType, found: ast.FunctionDef) -> dict[str, Any]:
    """Let names stand for defaults that are no constants: what these were worked out from may be gone."""
    arguments, named = found.args, {}
    kept = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    written = [*arguments.defaults, *(each for each in arguments.kw_defaults if each is not None)]
    if all(isinstance(each, ast.Constant) for each in written) or len(kept) != len(written):
        return {}
    names = [f"default_{number}_of_{found.name}" for number in range(len(kept))]
    named = dict(zip(names, kept, strict=True))
    instead = iter([ast.Name(name) for name in names])
    arguments.defaults = [next(instead) for _ in arguments.defaults]
    arguments.kw_defaults = [None if each is None else next(instead) for each in arguments.kw_defaults]
    return named


def _text(function: FunctionType) -> str | None:
    try:
        # By its code: a wrapper would show what it wraps.
        return inspect.getsource(function.__code__)
    except (OSError, TypeError):
        pass
    import dill.source  # late: it takes 60 ms to import

    try:
        return str(dill.source.getsource(function))  # what was typed at a prompt
    except (OSError, TypeError, IndentationError, AttributeError):
        return None


def _as_text(lines: list[str], found: ast.FunctionDef, changed: bool) -> str:
    """As it was written, with its comments; or as Python writes it, where it was changed or a string goes over
    several lines.
    """
    if changed:
        return ast.unparse(found) + "\n"
    for node in ast.walk(found):
        is_text = isinstance(node, ast.Constant | ast.JoinedStr)
        if is_text and node.end_lineno != node.lineno:  # type: ignore[attr-defined]  # both have lines
            return ast.unparse(found) + "\n"
    assert found.end_lineno is not None
    return "\n".join(lines[: found.end_lineno - found.lineno + 1]) + "\n"


def _lambda(function: FunctionType, name: str, tree: ast.AST) -> _Definition | None:
    """The one lambda of the statement that is this function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda) and _is_made_of(function.__code__, node):
            return _Definition(name, f"{name} = {ast.unparse(node)}\n", node, {})
    return None


def _is_made_of(code: CodeType, node: ast.Lambda) -> bool:
    free = "".join(f"    {name} = None\n" for name in code.co_freevars)
    made = compile(f"def around():\n{free}    return {ast.unparse(node)}\n", "<lambda>", "exec")
    inner = next(each for each in made.co_consts if isinstance(each, CodeType))
    found = [each for each in inner.co_consts if isinstance(each, CodeType)]
    return any((each.co_code, each.co_names) == (code.co_code, code.co_names) for each in found)


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
