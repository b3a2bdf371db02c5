"""Options that several commands have."""

from __future__ import annotations

import click

hop_every = click.option(
    "--hop-every",
    type=click.IntRange(min=0),
    metavar="N",
    help="For development: capture and restore at each N-th suspension, so that what can't travel shows at once.",
)
