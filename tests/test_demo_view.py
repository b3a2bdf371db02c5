"""The demo's picture: where things are drawn, and the numbers below."""

from __future__ import annotations

from rich.console import Console

from simulator.demo_view import MapObject, Picture, draw, plain_line

REGIONS = ("west", "middle", "east")


def drawn(picture: Picture) -> list[str]:
    console = Console(width=110, force_terminal=False)
    with console.capture() as capture:
        console.print(draw(picture))
    return capture.get().splitlines()


def picture(*objects: MapObject, **values: object) -> Picture:
    return Picture(REGIONS, 256.0, objects=objects, **values)  # type: ignore[arg-type]  # keywords pass through


def test_rocket_is_drawn_where_it_is() -> None:
    """A rocket in the middle region's north-east corner stands at that panel's upper right."""
    lines = drawn(picture(MapObject("rocket", "middle", 255.0, 255.0)))
    assert next((row, line.index("▶")) for row, line in enumerate(lines) if "▶" in line) == (1, 2 * 34 - 2)


def test_rocket_points_where_it_flies() -> None:
    """A rocket on its way back is drawn the other way round."""
    assert "◀" in "".join(drawn(picture(MapObject("rocket", "east", 9.0, 9.0, westward=True))))


def test_first_rocket_hides_its_company() -> None:
    """Where two objects share a cell the demo's own rocket is seen."""
    lines = drawn(picture(MapObject("rocket", "west", 9, 9, first=True), MapObject("fish", "west", 9, 9)))
    assert ("▶" in "".join(lines), "∝" in "".join(lines)) == (True, False)


def test_killed_region_is_marked() -> None:
    """A region whose simulator is down says so in its title."""
    assert "east (killed)" in drawn(picture(down=frozenset({"east"})))[0]


def test_numbers_are_shown() -> None:
    """Digits, crossings and latency stand below the map."""
    text = "\n".join(drawn(picture(digits=1234, crossings=5, crossings_wanted=24, last_latency_ms=1.234)))
    assert [part for part in ("1,234", "5 of 24", "1.23 ms") if part not in text] == []


def test_plain_line_says_the_same() -> None:
    """Without a terminal one line tells the moment."""
    line = plain_line(picture(digits=1234, crossings=5, crossings_wanted=24, seconds=3.0, slices=7))
    assert line == "  3.0 s  crossings 5/24  digits 1234  slices 7  last crossing -  answers 0/0"


def test_a_demo_by_the_clock_wants_no_crossings() -> None:
    """Where time ends the demo there is no number of crossings to reach."""
    line = plain_line(picture(crossings=2, seconds=10.0))
    assert line == " 10.0 s  crossings 2  digits 0  slices 0  last crossing -  answers 0/0"
    assert "crossings 2  " in "\n".join(drawn(picture(crossings=2)))
