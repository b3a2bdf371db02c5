"""A frame as data: what of a suspended function call travels.

The one idea: a frame is `(program, function, point, locals)`. No bytecode and no instruction pointer, so it fits
every CPython and both engines. Live frames are read into this form by the engines and brought back by residuals
(`migrate.injector.residual`); this file holds only the record.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One suspended call of a script's function.

    `program`: hash of the program, 32 hex digits. `function`: stable name within the program
    (`Rocket.compute`, `spigot`, `outer.<locals>.inner`). `point`: stable name of the suspension point within the
    function (`call:3`, `loop:0`, `yield:1`). `locals`: bound variables that are alive there, the injector's own
    (their names start with `$`) included.
    """

    program: str
    function: str
    point: str
    locals: dict[str, object] = field(default_factory=dict)
