"""The modules in which an object's scripts run: shared with all others, or the object's own.

The one idea: a program that keeps nothing in its module is there once in a process. One that does is there once for
each object that runs it, and what it keeps travels with the object: scripts of one object share their globals, those of
different objects never do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from migrate import Module
from migrate.errors import BadRecord
from migrate.injector.changes import changes_of, put_changes
from scripts_api import Script

if TYPE_CHECKING:
    from simulator.world.objects import WorldObject


_KEPT_IN_MODULE = re.compile(
    r"^\['modules'\]\['[^']+'\](?:\[0\]\['([^']+)'\]|\[1\]\['([^']+)'\]\['([^']+)'\]|\[2\]\['([^']+)'\])([^:]*)"
)
"""The way to a value that can't travel, from what `state_of_modules` returns."""


def module_of(body: WorldObject, program: str) -> Module:
    """The module of a program for the scripts of an object; it is made when it is first asked for."""
    own, programs = body.modules, body.world.programs
    if own is not None and program in own:
        return own[program]
    if not programs.keeps_state(program):
        return programs.modules[program]
    made = programs.another(program)
    body.modules = {**(own or {}), program: made}
    return made


def kind_of(body: WorldObject, program: str) -> type[Script]:
    """The script class of a program in the object's module of it."""
    programs = body.world.programs
    path = programs.modules[program].path_of(programs.kind(program))
    assert path is not None
    found: Any = module_of(body, program).value_at(path)
    return found  # type: ignore[no-any-return]  # the same class, in another instance of its module


def renewed_kind(body: WorldObject, program: str) -> type[Script]:
    """The script class for one that begins anew: its module is as at first, unless another script runs in it."""
    runs_in_it = sum(script.program == program for script in body.scripts)
    if body.modules and program in body.modules and runs_in_it == 1:
        body.modules = {each: module for each, module in body.modules.items() if each != program} or None
    return kind_of(body, program)


def modules_of(body: WorldObject) -> dict[str, Module]:
    """The modules of all programs that something in an object refers to, by hash."""
    found = {script.program: module_of(body, script.program) for script in body.scripts}
    return found | body.modules if body.modules else found


def keep_module(body: WorldObject, program: str) -> None:
    """Keep a program that none of the object's scripts begins any more, because something may still refer to it."""
    body.modules = {**(body.modules or {}), program: module_of(body, program)}


def take_modules(body: WorldObject, programs: Iterable[str]) -> None:
    """Have a module of each of these programs: those that a record of the object speaks of."""
    begun = {script.program for script in body.scripts}
    for program in programs:
        if program not in begun:
            keep_module(body, program)


def state_of_modules(body: WorldObject) -> dict[str, tuple[Any, ...]]:
    """What the object's own modules have changed since they were made, by program."""
    programs = body.world.programs
    found = {
        program: changes_of(module, programs.modules[program]).parts()
        for program, module in (body.modules or {}).items()
        if programs.keeps_state(program)
    }
    return {program: parts for program, parts in found.items() if any(parts)}


def in_authors_terms(refusal: str) -> str:
    """Return a refusal in which what hangs on a module is named as its author knows it."""
    found = _KEPT_IN_MODULE.match(refusal)
    if found is None:
        return refusal
    name, owner, attribute, function, way = found.groups()
    what = f"default of {function}" if function else "global" if name else "class attribute"
    shown = name or (f"{owner}.{attribute}" if owner else function)
    return f"{shown}{'' if function else way} ({what}){refusal[found.end() :]}"


def restore_modules(body: WorldObject, state: Any) -> None:
    """Make the object's modules what they were. Raises `BadRecord`."""
    for program, parts in state.items():
        if program not in body.world.programs or not body.world.programs.keeps_state(program):
            raise BadRecord(f"object {body.id} has state of the program {program}, which keeps none.")
        put_changes(module_of(body, program), _checked(parts))


def _checked(parts: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The parts of a module's changes; a stranger's may be anything."""
    values, attributes, defaults = parts
    named = [values, *attributes.values(), *(own for _, _, own in defaults.values())]
    for names in named:
        if type(names) is not dict or any(
            type(name) is not str or name.startswith(("$", "__")) for name in names
        ):
            raise BadRecord("an object has state of a module under names that no script can give.")
    return values, attributes, defaults
