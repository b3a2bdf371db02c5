"""The scripts of a world file, and where objects run others than the file says.

The one idea: an object keeps the program that it was made with, wherever it goes and however often the world is
run again. A file that was edited since does not reach it by itself; whoever has edited it is told, once for
each file, with the command that brings it to the object.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from migrate.errors import ScriptSyntaxError
from simulator.blocking import add_new
from simulator.config import World
from simulator.errors import ScriptRefused
from simulator.world.items import Item, Notecard, ScriptItem
from simulator.world.objects import WorldObject
from simulator.world.programs import Programs

UNUSABLE = (OSError, UnicodeDecodeError, ScriptSyntaxError, ScriptRefused)
"""What is wrong with a script's file, not with us."""

SHOWN_MAX = 3  # as many ids as fit a line of the log


@dataclass(frozen=True, slots=True)
class Differing:
    """A script's file that is not what these objects run. `reason`: why it can't be used at all."""

    script: str
    objects: tuple[str, ...]
    reason: str | None

    @property
    def shown(self) -> str:
        """The objects, as far as they fit a line."""
        shown, more = ", ".join(self.objects[:SHOWN_MAX]), len(self.objects) - SHOWN_MAX
        return f"{shown} and {more} more" if more > 0 else shown


class WorldScripts:
    """The files, as programs."""

    def __init__(self, world: World, programs: Programs) -> None:
        self._world, self._programs = world, programs

    def program(self, script: str) -> str:
        """Compile a script's file; return the program's hash. Raises what is in `UNUSABLE`."""
        source = (self._world.folder / script).read_text(encoding="utf-8")
        return add_new(self._programs, source, script)

    def item(self, file: str) -> tuple[str, Item]:
        """Return what a file of an object's contents is: a script if it ends in .py, else a notecard, by the name of
        the file without its end. Raises what is in `UNUSABLE`.
        """
        name = PurePath(file).stem
        if file.endswith(".py"):
            return name, ScriptItem(self.program(file))
        return name, Notecard((self._world.folder / file).read_text(encoding="utf-8"))

    def differing(self, bodies: Iterable[WorldObject]) -> list[Differing]:
        """Return which files are not what the objects of the world file run."""
        running: dict[str, list[WorldObject]] = {}
        for body in bodies:
            spec = self._world.objects.get(body.name)
            if spec is not None and spec.script is not None and body.scripts:
                running.setdefault(spec.script, []).append(body)
        found = [self._compared(script, bodies) for script, bodies in running.items()]
        return [each for each in found if each is not None]

    def _compared(self, script: str, bodies: list[WorldObject]) -> Differing | None:
        try:
            program = self.program(script)
        except UNUSABLE as error:
            return Differing(script, tuple(body.id for body in bodies), str(error))
        others = tuple(body.id for body in bodies if body.scripts[0].program != program)
        return Differing(script, others, None) if others else None

    def remedy(self, differing: Differing) -> str:
        """What to do about it."""
        if differing.reason is not None:
            return (
                f"{differing.reason}\nThey run on with the script that they have. Mend the file and run the world"
                " again."
            )
        file = self._world.folder / differing.script
        return f"gossamer scripts {self._world.path} upgrade {differing.objects[0]} {file}"
