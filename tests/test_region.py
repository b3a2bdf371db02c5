"""The region kernel: events, microthreads, timers, queues and everything that can become of a script."""

from __future__ import annotations

from tests.regions import Grid


def test_a_script_starts_and_speaks() -> None:
    """A script's on_start runs, and what it says comes out after the commit."""
    grid = Grid("west")
    grid.rez("""
        class Greeter(Script):
            def on_start(self):
                self.say(f"I am {self.object.name}")
    """)
    assert ["I am box"] == grid["west"].said
