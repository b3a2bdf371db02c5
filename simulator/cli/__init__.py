"""The `gossamer` command: one file for each of its commands, imported only when it is called.

The one idea: what a user can put right (a wrong world file, a port in use, a region held by another
process) ends with one sentence and status 2, without a traceback. A bug of ours ends with its traceback,
which is what we need to see.
"""

from __future__ import annotations

import importlib
import sys

import click

from migrate.errors import MigrateError
from simulator.cli.groups import WholeHelpGroup
from simulator.errors import EXIT_REFUSED, SimulatorError

COMMANDS = {
    "demo": "simulator.cli.demo",
    "run": "simulator.cli.run",
    "simulator": "simulator.cli.simulator",
    "status": "simulator.cli.status",
    "scripts": "simulator.cli.scripts",
    "keys": "simulator.cli.keys",
    "backup": "simulator.cli.backup",
    "inspect": "simulator.cli.inspect",
    "sim": "simulator.cli.sim",
    "verify": "simulator.cli.verify",
    "explain": "simulator.cli.explain",
    "bench": "simulator.cli.bench",
    "api": "simulator.cli.api",
    "doctor": "simulator.cli.doctor",
}


class LazyGroup(WholeHelpGroup):
    """A group that knows its commands by name and loads one when it is wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the help text."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the command's module, which calls it `command`."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gossamer-runtime", prog_name="gossamer")
def gossamer() -> None:
    """Run worlds of scripts that cross machines in the middle of a statement."""


def main() -> None:
    """Run the command line and tell in one sentence what its user can put right."""
    try:
        gossamer(prog_name="gossamer")
    except (SimulatorError, MigrateError) as error:
        click.echo(f"gossamer: {error}", err=True)
        sys.exit(EXIT_REFUSED)


__all__ = ["EXIT_REFUSED", "gossamer", "main"]
