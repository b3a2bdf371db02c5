"""`gossamer doctor`: says what on this machine would keep Gossamer from running, and what to do."""

from __future__ import annotations

import sys

import click

from simulator.doctor import examine


@click.command()
def command() -> None:
    """Examine this installation: Python, our three package names, libraries, encryption, the disk."""
    findings = examine()
    for finding in findings:
        mark = click.style("ok  ", fg="green") if finding.good else click.style("BAD ", fg="red", bold=True)
        click.echo(
            f"{mark} {finding.subject}: {finding.found}" + ("" if finding.good else f". {finding.remedy}")
        )
    sys.exit(0 if all(finding.good for finding in findings) else 1)
