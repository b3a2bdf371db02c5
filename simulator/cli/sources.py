"""Reading the source files, and the functions, that commands are given."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import tokenize
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from migrate.injector import Program, compile_program


def compiled(file: Path) -> Program:
    """The program in a file. Raises ScriptSyntaxError, and click's error if the file is no text."""
    return compile_program(source_of(file), str(file))


def source_of(file: Path) -> str:
    """The text of a source file. Raises click's error if it is none."""
    try:
        with tokenize.open(file) as source:
            return source.read()
    except (UnicodeDecodeError, SyntaxError) as error:
        message = f"{file} is no Python source: {error}. Save it as UTF-8 text."
        raise click.BadParameter(message, param_hint="FILE") from None


def imported(name: str) -> Callable[..., Any]:
    """The function `MODULE:FUNCTION`, whose module is imported. Raises click's error if there is none."""
    module, _, function = name.rpartition(":")
    try:
        found: Any = _module(module)
        for part in function.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError, OSError) as error:
        message = f"{name!r} names no function: {error}. Write it as module:function, or file.py:function."
        raise click.BadParameter(message, param_hint="MODULE:FUNCTION") from None
    return found  # type: ignore[no-any-return]  # whether it can be called is looked at by whoever takes it


def _module(name: str) -> ModuleType:
    if not name.endswith(".py"):
        sys.path.insert(0, "")  # as `python -m` has it
        return importlib.import_module(name)
    spec = importlib.util.spec_from_file_location(Path(name).stem, name)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
