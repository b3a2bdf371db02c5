"""`gossamer scripts`: what somebody in a running world does, from entering to leaving."""

from __future__ import annotations

from functools import partial

import click

from scripts_api.grants import GRANTS, KEYS
from simulator.cli.acting import act, act_with, read_place
from simulator.config import World
from simulator.control import DoAgent, DoGrant
from simulator.log import visible
from simulator.operating import Operator


@click.command()
@click.argument("name")
@click.option(
    "--at", "position", metavar="X,Y", callback=read_place, required=True, help="Where, in the world."
)
@click.pass_obj
def enter(world: World, name: str, position: tuple[float, float, float]) -> None:
    """Let somebody called NAME enter the world."""
    with Operator(world) as operator:
        click.echo(f"{visible(name)} is in {operator.enter(name, position)}")


@click.command()
@click.argument("name")
@click.argument("velocity", metavar="X,Y", callback=read_place)
@click.pass_obj
def walk(world: World, name: str, velocity: tuple[float, float, float]) -> None:
    """Let NAME walk on with a velocity in metres a second; 0,0 to stop.

    Write -- before NAME if the velocity begins with a minus.
    """
    act(world, name, "walk", lambda body: DoAgent(body, "walk", velocity=velocity))


@click.command()
@click.argument("name")
@click.argument("seat", metavar="OBJECT")
@click.pass_obj
def sit(world: World, name: str, seat: str) -> None:
    """Let NAME sit down on an object that is at most 10 m away."""
    act_with(world, name, seat, "sit", lambda body, seat_id: DoAgent(body, "sit", seat_id))


@click.command()
@click.argument("name")
@click.pass_obj
def stand(world: World, name: str) -> None:
    """Let NAME stand up."""
    act(world, name, "stand", partial(DoAgent, deed="stand"))


@click.command()
@click.argument("name")
@click.argument("worn", metavar="OBJECT")
@click.pass_obj
def wear(world: World, name: str, worn: str) -> None:
    """Let NAME put on an object of its own that is at most 10 m away."""
    act_with(world, name, worn, "wear", lambda body, worn_id: DoAgent(body, "wear", worn_id))


@click.command(name="take-off")
@click.argument("name")
@click.argument("worn", metavar="OBJECT")
@click.pass_obj
def take_off(world: World, name: str, worn: str) -> None:
    """Let NAME take off what it wears."""
    act_with(world, name, worn, "take off", lambda body, worn_id: DoAgent(body, "take_off", worn_id))


@click.command()
@click.argument("name")
@click.argument("object", metavar="OBJECT")
@click.argument("grants", nargs=-1, type=click.Choice(GRANTS))
@click.pass_obj
def grant(world: World, name: str, object: str, grants: tuple[str, ...]) -> None:
    """Let NAME grant an object what its script has asked for, and nothing else any more; none to take all back."""
    act(world, object, "grant", lambda found: DoGrant(found, name, grants))


@click.command()
@click.argument("name")
@click.argument("keys", nargs=-1, type=click.Choice(KEYS))
@click.pass_obj
def press(world: World, name: str, keys: tuple[str, ...]) -> None:
    """Let NAME hold these keys down, and no others; none to let go."""
    act(world, name, "press", lambda body: DoAgent(body, "press", keys=keys))


@click.command()
@click.argument("name")
@click.pass_obj
def leave(world: World, name: str) -> None:
    """Let NAME leave the world."""
    act(world, name, "leave", partial(DoAgent, deed="leave"))


PEOPLE = (enter, walk, sit, stand, wear, take_off, grant, press, leave)
