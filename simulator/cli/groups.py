"""A group of commands whose help tells the whole of what each does."""

from __future__ import annotations

import click


class WholeHelpGroup(click.Group):
    """Like click's own, but nothing is cut at the line's end."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the first paragraph of each command's help."""
        commands = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        told = {name: (each.help or "").partition("\n\n")[0] for name, each in commands.items() if each}
        with formatter.section("Commands"):
            formatter.write_dl([(name, " ".join(text.split())) for name, text in told.items()])
