"""Reading the source files that commands are given."""

from __future__ import annotations

import tokenize
from pathlib import Path

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
