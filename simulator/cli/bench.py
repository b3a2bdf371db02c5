"""`gossamer bench`: measures, beside the limits and what others would use, in the same run; compares two results.

The one idea: the benchmarks are in the source's `bench` folder, not in the package, so everything of theirs is imported
only when it is called, and a missing folder is said in one sentence.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

PROJECT = Path(__file__).resolve().parents[2]


class _Group(click.Group):
    """`compare` is a command; everything else is names of benchmarks and options."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[:1] == ["compare"]:
            return "compare", self.commands["compare"], args[1:]
        return "run", self.commands["run"], args


@click.group(
    cls=_Group,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    subcommand_metavar="all|NAME... [--quick] [--json] [--html FILE] | compare OLD NEW",
    no_args_is_help=True,
)
def command() -> None:
    """Measure speed and size beside the limits and what others would use: `all`, or benchmarks by name.

    `gossamer bench all --help` shows every option.
    """
    if not (PROJECT / "bench" / "__main__.py").exists():
        raise click.ClickException(
            "benchmarks run from the project's source: make setup there, then .venv/bin/gossamer bench"
        )
    if str(PROJECT) not in sys.path:
        sys.path.insert(0, str(PROJECT))


@command.command("run", hidden=True)
@click.argument("names", nargs=-1, required=True)
@click.option("--quick", is_flag=True, help="Fewer and smaller measurements: to see that it works.")
@click.option("--no-peers", is_flag=True, help="Leave out libraries that would have to be installed.")
@click.option("--json", "as_json", is_flag=True, help="Print one machine-readable result.")
@click.option("--store", type=click.Path(path_type=Path), help="Also write the result to this file.")
@click.option("--html", type=click.Path(path_type=Path), help="Also write a page with plots to this file.")
@click.option(
    "--pictures",
    type=click.Path(path_type=Path),
    help="With --html: also write its plots to this folder, as PNGs.",
)
def run(
    names: tuple[str, ...],
    quick: bool,
    no_peers: bool,
    as_json: bool,
    store: Path | None,
    html: Path | None,
    pictures: Path | None,
) -> None:
    """Run benchmarks by name, or `all` of them."""
    from bench.running import BenchmarkFailed, run_all

    if pictures is not None and html is None:
        raise click.UsageError("--pictures are those of a page: say --html FILE too.")
    chosen = _chosen(names)
    click.echo(f"measuring {', '.join(chosen)}", err=True)
    try:
        result = run_all(chosen, quick=quick, with_peers=not no_peers, tell=_no_table if as_json else _table)
    except BenchmarkFailed as error:
        raise click.ClickException(str(error)) from None
    for peer, reason in result["skipped"].items():
        click.echo(f"left out {peer}: {reason}", err=True)
    if as_json:
        click.echo(json.dumps(result))
    if store is not None:
        store.write_text(json.dumps(result, indent=1) + "\n")
    if html is not None:
        _page(result, html, pictures)
    if result["failed"]:
        raise click.ClickException("\n".join(result["failed"].values()))


def _chosen(names: tuple[str, ...]) -> list[str]:
    from bench.running import PROCESSES

    if "all" in names:
        return list(PROCESSES)
    for name in names:
        if name not in PROCESSES:
            raise click.UsageError(f"there is no benchmark {name!r}. There are: all, {', '.join(PROCESSES)}.")
    return list(names)


@command.command()
@click.argument("old", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("new", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one machine-readable result.")
def compare(old: Path, new: Path, as_json: bool) -> None:
    """Say what has become slower or faster between two results, and how sure that is."""
    from bench.compare import Verdict, apart, compare

    before, after = _result(old), _result(new)
    for each in apart(before, after):
        click.echo(each, err=True)
    changes = compare(before, after)
    if as_json:
        rows = {each.name: _row(each) for each in changes}
        click.echo(json.dumps(rows))
        return
    for change in changes:
        if change.verdict is not Verdict.SAME:
            click.echo(
                f"{change.verdict.value:7} {change.name:36} {change.old:10.4g} -> {change.new:10.4g} {change.unit}"
                f"  {change.ratio:.2f} times ({change.low:.2f} to {change.high:.2f})"
            )
    same = sum(each.verdict is Verdict.SAME for each in changes)
    click.echo(f"{same} of {len(changes)} figures are the same")


def _result(path: Path) -> dict[str, Any]:
    """A stored result. Raises click's error if the file is none."""
    try:
        result = json.loads(path.read_text())
        if "figures" in result:
            return dict(result)
    except (UnicodeDecodeError, json.JSONDecodeError, TypeError):
        pass  # said below, as of any other file
    raise click.ClickException(
        f"{path} is no result of a benchmark: make one with gossamer bench all --store FILE"
    )


def _row(change: Any) -> dict[str, Any]:
    return {
        "old": change.old,
        "new": change.new,
        "ratio": change.ratio,
        "low": change.low,
        "high": change.high,
        "verdict": change.verdict.value,
    }


def _no_table(name: str, figures: Mapping[str, Any]) -> None:
    click.echo(f"measured {name}", err=True)


def _table(name: str, figures: Mapping[str, Any]) -> None:
    click.echo(f"--- {name}")
    for figure, found in figures.items():
        limit = "" if found.limit is None else f"  limit {found.limit:.4g}"
        others = "".join(f"  {peer} {value:.4g}" for peer, value in found.peers.items())
        note = f"  ({found.note})" if found.note else ""
        click.echo(f"{figure:36} {found.value:10.4g} {found.unit}{limit}{others}{note}")


def _page(result: dict[str, Any], html: Path, pictures: Path | None) -> None:
    from bench.environment import PeerMissing
    from bench.page import write_page

    try:
        write_page(result, html, pictures)
    except PeerMissing as missing:
        raise click.ClickException(
            f"no page without matplotlib, which can't be installed: {missing}"
        ) from None
