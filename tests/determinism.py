"""A grid that runs for three seconds by counted slices; prints a hash of everything that it put out.

Run as a program, by any Python that has what `migrate` needs: `python -m tests.determinism`.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.regions import Grid

EXAMPLES = Path(__file__).parents[1] / "examples"
SCRIPTS = ("rocket", "lamp", "fish", "worker", "foreman", "quiz")
FRAMES = 150
TOUCH_EVERY = 20
FAILS = """
    class Fails(Script):
        def on_start(self):
            self.sleep(0.5)
            self.fail([1, 2], "a whole line")
        def fail(self, values, reason):
            raise ExceptionGroup(
                reason, [ValueError(values)]
            )
"""


def outputs_hash() -> str:
    """SHA-256 over rows, what was said and what was told, tick by tick."""
    grid = Grid("west", "east", edges=37, slices=11)
    objects = [
        grid.rez(
            (EXAMPLES / f"{name}.py").read_text(),
            name=name,
            position=(90.0, 50.0, 0.0),
            velocity=(20.0, 0.0, 0.0) if name == "rocket" else (0.0, 0.0, 0.0),
        )
        for name in SCRIPTS
    ]
    objects.append(grid.rez(FAILS, name="fails"))
    for frame in range(FRAMES):
        if frame % TOUCH_EVERY == 0:
            grid.touch(objects[frame // TOUCH_EVERY % len(objects)])
        grid.tick()
    digest = hashlib.sha256()
    for one in grid.regions.values():
        for outputs in one.outputs:
            digest.update(repr((sorted(outputs.rows.items()), outputs.said, outputs.told)).encode())
    return digest.hexdigest()


if __name__ == "__main__":
    print(outputs_hash())
