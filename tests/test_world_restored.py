"""Everything that a script has set going goes on where it was when its region is written down and read again."""

from __future__ import annotations

from typing import Any

import pytest

from scripts_api import AgentRef
from simulator.commands import GrantToObject
from simulator.world.agents import PREFIX
from tests.regions import Grid

BUSY = """
import math

class Busy(Script):
    log = ()

    def note(self, *what):
        self.log = (*self.log, what)

    def on_start(self):
        own = self.object
        if own.name == "thrown":
            own.bounces = False
            own.physical = True
            own.velocity = Vector(5, 0, 12)
        elif own.name == "turning":
            half = Rotation.from_axis_angle(Vector(0, 0, 1), 3)
            own.follow([(own.position + Vector(6, 0, 2), 1, half), (own.position, 1)])
        elif own.name == "watching":
            own.velocity = Vector(10, 0, 0)
            own.target(own.position + Vector(12, 0, 0), 2)
            self.sense_every(0.7, 30, name="thrown")
        elif own.name == "slow":
            self.min_event_interval_s = 0.4
            for _ in range(5):
                self.send(own.ref, "again")
        elif own.name == "asking":
            self.note(self.request_grants(AgentRef("agent:ada", "ada"), "control", timeout_s=1.0))

    def on_message(self, sender, payload):
        self.note(round(self.elapsed_s, 1))

    def on_land(self, speed):
        self.note("land", round(speed, 3), round(self.object.position.x, 3), self.object.velocity)

    def on_moving_start(self):
        self.note("start")

    def on_moving_end(self):
        self.note("end", round(self.object.rotation.angle, 6), self.object.spin)

    def on_target(self, target):
        self.note("at", target.active, round(self.object.position.x))

    def on_not_target(self, target):
        self.note("left", round(self.object.position.x))

    def on_sensor(self, found):
        self.note("sees", len(found))

    def on_no_sensor(self):
        self.note("sees nothing")

    def on_grant(self, principal, grants):
        self.note("grant", principal.name, grants)
"""
NAMES = ("thrown", "turning", "watching", "slow", "asking")


def history(*, everywhere: bool, grants_at: int | None = None) -> dict[str, Any]:
    """What becomes of each in four seconds, its last place too."""
    grid = Grid("west", everywhere=everywhere)
    ids = {
        name: grid.rez(BUSY, name=name, position=(30.0 + 2 * n, 50.0, 0.0)) for n, name in enumerate(NAMES)
    }
    for frame in range(200):
        if frame == grants_at:
            ada = AgentRef(PREFIX + "ada", "ada")
            grid["west"].host.command(GrantToObject(ada, ids["asking"], ("control",)))
        grid.tick()
    found = {name: grid.state(id).get("log") for name, id in ids.items()}
    return found | {
        f"{name} is at": [round(each, 6) for each in grid.object(id).position] for name, id in ids.items()
    }


@pytest.mark.parametrize("grants_at", [None, 20], ids=["who is asked is silent", "who is asked grants"])
def test_a_region_read_again_in_every_frame_does_the_same(grants_at: int | None) -> None:
    """Throws, paths, targets, sensors, least times between events, and what was asked for."""
    assert history(everywhere=False, grants_at=grants_at) == history(everywhere=True, grants_at=grants_at)


def test_something_becomes_of_each() -> None:
    """So that the same means something."""
    found = history(everywhere=False, grants_at=20)
    assert ("land", 12.0) == found["thrown"][0][:2]
    assert ["start", "end"] == [each[0] for each in found["turning"]]
    assert {"at", "left", "sees"} <= {each[0] for each in found["watching"]}
    assert [0.0, 0.4, 0.8, 1.2, 1.6] == pytest.approx([each[0] for each in found["slow"]], abs=0.11)
    assert [("grant", "ada", ("control",)), (("control",),)] == sorted(found["asking"], key=len, reverse=True)
