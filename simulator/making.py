"""How objects come into being: by a command, or out of another object's contents.

The one idea: an object's id is its region's name and a number that is never used again; the number, the
exchange's ownership and the sources of its programs are written in the tick in which it is made.
"""

from __future__ import annotations

from migrate.exchange import Exchange
from simulator.region_rows import RegionRows
from simulator.world.chance import first_state
from simulator.world.items import Template, programs_in
from simulator.world.linksets import add_part
from simulator.world.modules import kind_of
from simulator.world.objects import WorldObject
from simulator.world.scripts import RunningScript
from simulator.world.world import World


class Maker:
    """Makes the objects of one region. `seed`: of every script's random numbers."""

    def __init__(self, world: World, exchange: Exchange, rows: RegionRows, seed: int) -> None:
        self._world, self._exchange, self._rows, self._seed = world, exchange, rows, seed
        world.make, world.keep_program = self.make, rows.keep_program

    def make(self, name: str, owner: str, template: Template) -> WorldObject:
        """Make an object, with what hangs on it, that stands nowhere yet: `begin_life` follows when it has a place."""
        world, rows = self._world, self._rows
        rows.born += 1
        body = WorldObject(world, f"{world.here.name}:{rows.born}", name, owner)
        body.description, body.text, body.color = template.description, template.text, template.color
        body.scale, body.phantom = template.scale, template.phantom
        if template.traits:
            extras, traits = body.more(), template.traits
            extras.sensor, extras.physical, extras.bounces = (
                "sensor" in traits,
                "physical" in traits,
                "stops" not in traits,
            )
        for program in programs_in({name: template}):
            rows.keep_program(program)
        for index, program in enumerate(template.scripts):
            state = first_state(self._seed, body.id, index)
            body.scripts.append(RunningScript(body, program, kind_of(body, program), state))
        if template.contents:
            body.more().contents = dict(template.contents)
        self._exchange.create(body.id)
        for part_name, place, turn, part in template.parts:
            add_part(body, self.make(part_name, owner, part), place, turn)
        return body
