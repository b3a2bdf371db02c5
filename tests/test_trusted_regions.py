"""Trusted mode in regions: what the closed table refuses is saved and crosses, where both sides have it on."""

from __future__ import annotations

from tests.regions import Grid

SENSOR = """
    import argparse

    class Sensor(Script):
        arrived = denied = ""
        def on_start(self):
            self.readings = argparse.Namespace(all=[0.5])
            self.spawn(self.measure)
        def measure(self):
            while True:
                self.sleep(0.1)
                self.readings.all.append(self.readings.all[-1] + 1.0)
        def on_arrive(self, region):
            self.arrived = region
        def on_crossing_denied(self, region, reason):
            self.denied = reason
"""


def crossing(*trusted: str) -> tuple[Grid, str]:
    """A grid in which a sensor has flown from west towards east for two seconds."""
    grid = Grid("west", "east", trusted=trusted)
    sensor = grid.rez(SENSOR, position=(90.0, 50.0, 0.0), velocity=(10.0, 0.0, 0.0))
    grid.run(2.0)
    return grid, sensor


def test_an_object_of_a_library_crosses_between_trusted_regions() -> None:
    """The loop that fills it goes on behind the border."""
    grid, sensor = crossing("west", "east")
    readings = grid.state(sensor)["readings"].all
    assert "west" == grid.state(sensor)["arrived"]
    assert [0.5 + n for n in range(len(readings))] == readings
    assert len(readings) >= 15


def test_an_object_of_a_library_is_saved_in_a_trusted_region() -> None:
    """After a crash it is there again, and the loop goes on."""
    grid = Grid("west", trusted=("west",))
    sensor = grid.rez(SENSOR)
    grid.run(1.0)
    grid["west"].crash()
    before = len(grid.state(sensor)["readings"].all)
    grid.run(1.0)
    readings = grid.state(sensor)["readings"].all
    assert 5 <= before < len(readings)
    assert [0.5 + n for n in range(len(readings))] == readings


def test_nothing_crosses_where_only_one_side_is_trusted() -> None:
    """It bounces before it was frozen, and its script is told what to change."""
    for trusted, other in (("west", "east"), ("east", "west")):
        grid, sensor = crossing(trusted)
        expected = (
            f"region {trusted} is in trusted mode and region {other} is not: give both the same `trusted`"
        )
        if trusted == "east":
            # What an untrusted region can't write down it does not even offer.
            expected = "self.readings"
        assert expected in grid.state(sensor)["denied"]
        assert sensor in grid["west"].region.objects


def test_plain_values_do_not_cross_into_a_trusted_region_either() -> None:
    """A region that reads anything takes nothing from one that has not been given that trust."""
    grid = Grid("west", "east", trusted=("east",))
    source = """
        class Bird(Script):
            def on_crossing_denied(self, region, reason):
                self.denied = reason
    """
    bird = grid.rez(source, position=(90.0, 50.0, 0.0), velocity=(10.0, 0.0, 0.0))
    grid.run(2.0)
    assert "region east is in trusted mode and region west is not" in grid.state(bird)["denied"]


def test_without_it_the_object_stays_and_its_author_is_told() -> None:
    """As ever: nothing is saved of it, and it bounces with the reason."""
    grid, sensor = crossing()
    assert "self.readings" in grid.state(sensor)["denied"]
