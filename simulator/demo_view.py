"""The demo on a terminal: a map of the three regions with the rocket in it, and the numbers below.

The one idea: one frozen picture of the moment in, one rich renderable out. The same picture is exported as
the README's image, so what the README shows is what the code draws.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

MAP_COLUMNS = 32  # characters for a region's 256 m: 8 m each
MAP_ROWS = 6
MARKS = {"rocket": ("▶", "bold red"), "fish": ("∝", "cyan"), "lamp": ("✶", "yellow")}


@dataclass(frozen=True, slots=True)
class MapObject:
    """One object on the map: kind, place in metres within its region, and whether it flies west."""

    kind: str
    region: str
    east: float
    north: float
    westward: bool = False
    first: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything the view shows at one moment. `crossings_wanted`: None where the clock ends the demo."""

    regions: tuple[str, ...]
    region_m: float
    down: frozenset[str] = frozenset()
    objects: tuple[MapObject, ...] = ()
    digits: int = 0
    crossings: int = 0
    crossings_wanted: int | None = None
    last_latency_ms: float | None = None
    median_latency_ms: float | None = None
    slices: int = 0
    touches: int = 0
    answers: int = 0
    seconds: float = 0.0
    said: tuple[str, ...] = field(default=())
    note: str = ""


def draw(picture: Picture) -> RenderableType:
    """Return the whole view."""
    regions = Table.grid(padding=(0, 0))
    regions.add_row(*(_region(picture, name) for name in picture.regions))
    return Group(regions, _numbers(picture), *(Text(f"  {line}", style="dim") for line in picture.said))


def plain_line(picture: Picture) -> str:
    """Return the moment as one line, for output that is no terminal."""
    latency = "-" if picture.last_latency_ms is None else f"{picture.last_latency_ms:.2f} ms"
    return (
        f"{picture.seconds:5.1f} s  crossings {_crossings(picture, '/')}"
        f"  digits {picture.digits}  slices {picture.slices}  last crossing {latency}"
        f"  answers {picture.answers}/{picture.touches}" + (f"  {picture.note}" if picture.note else "")
    )


def _region(picture: Picture, name: str) -> Panel:
    rows = [[(" ", "")] * MAP_COLUMNS for _ in range(MAP_ROWS)]
    # The first rocket is drawn last, so that company never hides it.
    for each in sorted(
        (each for each in picture.objects if each.region == name), key=lambda each: each.first
    ):
        column, row = (
            _cell(each.east, picture.region_m, MAP_COLUMNS),
            _cell(each.north, picture.region_m, MAP_ROWS),
        )
        rows[MAP_ROWS - 1 - row][column] = _mark(each)
    down = name in picture.down
    body = Text("\n").join(Text.assemble(*row) for row in rows)
    title = f"{name} (killed)" if down else name
    return Panel(body, title=title, border_style="red" if down else "blue", width=MAP_COLUMNS + 2, padding=0)


def _cell(metres: float, region_m: float, cells: int) -> int:
    return min(cells - 1, max(0, int(metres / region_m * cells)))


def _mark(each: MapObject) -> tuple[str, str]:
    character, style = MARKS.get(each.kind, ("•", "white"))
    if each.kind == "rocket":
        return ("◀" if each.westward else character), (style if each.first else "red")
    return character, style


def _numbers(picture: Picture) -> Table:
    table = Table.grid(padding=(0, 3))
    table.add_row(
        _figure("digits of pi", f"{picture.digits:,}"),
        _figure("crossings", _crossings(picture, " of ")),
        _figure("last crossing", _milliseconds(picture.last_latency_ms)),
        _figure("median", _milliseconds(picture.median_latency_ms)),
    )
    table.add_row(
        _figure("slices", f"{picture.slices:,}"),
        _figure("answers to touches", f"{picture.answers} of {picture.touches}"),
        _figure("time", f"{picture.seconds:.0f} s"),
        Text(picture.note, style="bold yellow"),
    )
    return table


def _crossings(picture: Picture, of: str) -> str:
    wanted = "" if picture.crossings_wanted is None else f"{of}{picture.crossings_wanted}"
    return f"{picture.crossings}{wanted}"


def _figure(name: str, value: str) -> Text:
    return Text.assemble((f"{name} ", "dim"), (value, "bold"))


def _milliseconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} ms"
