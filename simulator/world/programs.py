"""The programs that a process has compiled, by hash, and the script class in each.

The one idea: a program is compiled once and its module run once in a process, however many scripts use it and
in however many regions. Which region keeps the source in its store is each region's own business.

Raises `ScriptSyntaxError` for what does not compile and `ScriptRefused` for what holds no script.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from migrate import Module, Program, compile_program, format_script_error
from migrate.engines import Engine
from migrate.injector.choice import Wanted, choose_engine
from migrate.injector.known import known_code
from migrate.injector.module_state import keeps_state
from migrate.injector.twins import twin
from scripts_api import Script
from simulator.errors import ScriptRefused, WorkedTooLong
from simulator.world.kinds import script_class
from simulator.world.sharing import share_names
from simulator.world.spelling import misspelt_handlers

BRIEF_KEPT_MAX = 4096
"""Functions of which it is noted whether they are brief: those of objects with modules of their own come and go."""

_ASKED = re.compile(r"\b__(hash|eq|iter|len|reversed|getitem|getattr|getattribute)__\b")
"""Methods that may be asked where an object is put together: of keys, of what an iterator goes over."""


class Programs:
    """All programs of a process, each compiled once."""

    def __init__(
        self,
        limited_time: Callable[[], AbstractContextManager[None]] = nullcontext,
        remark: Callable[[str], object] = lambda remark: None,
        engine: Wanted = "auto",
    ) -> None:
        """`limited_time`: what ends code outside of turns when it takes too long, where there is a clock. `remark`:
        is called with what an author may want to look at, once for each program. `engine`: for scripts whose author
        has chosen none.
        """
        self._limited_time, self._remark, self._engine = limited_time, remark, engine
        self._modules: dict[str, Module] = {}
        self._kinds: dict[str, type[Script]] = {}
        self._engines: dict[str, Engine] = {}
        self._with_state: set[str] = set()
        self._asks = False
        self.brief: dict[Any, bool] = {}
        """What `is_brief` has said of functions, for a look without a call."""

    @property
    def modules(self) -> Mapping[str, Module]:
        """The programs' modules by hash."""
        return self._modules

    def __contains__(self, program: str) -> bool:
        """Whether a program is here."""
        return program in self._modules

    def add(self, source: str, filename: str) -> str:
        """Compile a program, unless it is here already, and return its hash."""
        program = compile_program(source, filename)
        if program.hash not in self._modules:
            module = self._instantiated(program)
            kind = self._kinds[program.hash] = script_class(module)
            share_names(kind, program)
            self._engines[program.hash] = choose_engine(program, self._engine).engine
            self._modules[program.hash] = module
            self._asks = self._asks or _ASKED.search(source) is not None
            if keeps_state(module):
                self._with_state.add(program.hash)
            for misspelt in misspelt_handlers(module):
                self._remark(misspelt)
            # How all its scripts begin is compiled now, or the first of many would pay for it in its turn.
            twin(getattr(kind, "on_start", None))
        return program.hash

    def _instantiated(self, program: Program) -> Module:
        try:
            with self._limited_time():
                return Module(program)
        except (Exception, WorkedTooLong) as error:  # noqa: BLE001 - whatever the author's top level raises
            raise ScriptRefused(format_script_error(error)) from None

    def limited_reading(self) -> AbstractContextManager[None]:
        """What raises `WorkedTooLong` in methods of scripts that are asked where an object is put together; nothing
        where no program has such methods.
        """
        return self._limited_time() if self._asks else nullcontext()

    def keeps_state(self, program: str) -> bool:
        """Return whether a program keeps state in its module, so that each object needs one of its own."""
        return program in self._with_state

    def another(self, program: str) -> Module:
        """Return a new instance of a program that is here. Raises `ScriptRefused` if its top level fails now."""
        return self._instantiated(self._modules[program].program)

    def kind(self, program: str) -> type[Script]:
        """Return the script class of a program that is here. Raises `KeyError`."""
        return self._kinds[program]

    def engine(self, program: str) -> Engine:
        """Return the engine that fits a program."""
        return self._engines[program]

    def is_brief(self, program: str, function: Any) -> bool:
        """Return whether a function or method of a program can never be suspended: no loop, no call that
        waits.
        """
        plain = getattr(function, "__func__", function)
        code = getattr(plain, "__code__", None)
        known = known_code(code) if code is not None else None
        if known is None:
            return False
        if len(self.brief) >= BRIEF_KEPT_MAX:
            self.brief.clear()
        suspends = known.function.has_twin or known.function.is_generator
        brief = self.brief[plain] = not suspends and self._engines[program] == "generator"
        return brief

    def source(self, program: str) -> tuple[str, str]:
        """Return the file name and the source of a program that is here. Raises `KeyError`."""
        found = self._modules[program].program
        return found.filename, found.source
