"""What commands that do something in a running world have in common: whom they name, and where."""

from __future__ import annotations

from collections.abc import Callable

import click

from simulator.config import World
from simulator.control import FoundObject, Question
from simulator.log import visible
from simulator.operating import DoneTo, Operator


def act(world: World, name: str, doing: str, question_of: Callable[[str], Question]) -> None:
    """Do something to the one object of that name or id, and say so."""
    with Operator(world) as operator:
        _tell(operator.act(name, question_of), doing)


def act_with(
    world: World, name: str, other: str, doing: str, question_of: Callable[[str, str], Question]
) -> None:
    """The same with another object, which is named likewise."""
    with Operator(world) as operator:
        _tell(operator.act_with(name, other, question_of), doing)


def _tell(done: DoneTo, doing: str) -> None:
    tell_done(done.object, doing)
    if done.remark:
        click.echo(done.remark)


def tell_done(found: FoundObject, doing: str) -> None:
    """Say what was done to an object."""
    click.echo(f"{visible(found.name)} ({found.id}): {doing} done")


def read_place(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[float, float, float] | None:
    """Read two coordinates, or three."""
    if value is None:
        return None
    try:
        x, y, *higher = (float(each) for each in value.split(","))
        (z,) = higher or [0.0]
    except ValueError:
        message = f"{value!r} is not of the form X,Y: write numbers of metres, as in 128,64."
        raise click.BadParameter(message) from None
    return x, y, z
