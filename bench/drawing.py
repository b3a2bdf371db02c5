"""Draws a result: run by `bench.page` with the interpreter that has matplotlib. Result on standard input.

Arguments: the HTML file, and a folder for the pictures as PNGs if wanted.
"""

import base64
import html
import io
import json
import re
import sys
from collections import defaultdict
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plot

OURS, LIMIT, PEER = "#1f5fa8", "#2e8b57", "#b8b8b8"
SAMPLES_MIN = 8  # below this a distribution shows nothing
STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;font-size:13px}td,th{padding:2px 10px;border-bottom:1px solid #ddd;text-align:left}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}img{max-width:100%}h2{margin-top:2em}"
)


def main(target, pictures=None):
    result = json.load(sys.stdin)
    families = defaultdict(dict)
    for name, figure in result["figures"].items():
        families[name.partition(".")[0]][name] = figure
    parts = [f"<h1>Gossamer benchmarks</h1>{about(result)}"]
    for family, figures in families.items():
        parts.append(f"<h2>{html.escape(family)}</h2>{table(figures)}")
        for kind, drawn in (
            ("others", draw_others(figures)),
            ("growth", draw_growth(figures)),
            ("samples", draw_samples(figures)),
        ):
            if drawn is not None:
                parts.append(
                    f'<p><img alt="{family}, {kind}" src="{as_data(drawn, family, kind, pictures)}"></p>'
                )
    page = f'<!doctype html><meta charset="utf-8"><title>Gossamer benchmarks</title><style>{STYLE}</style>'
    Path(target).write_text(page + "".join(parts), encoding="utf-8")


def about(result):
    rows = {**result["machine"], "commit": result["commit"]}
    rows |= {f"left out: {peer}": reason for peer, reason in result["skipped"].items()}
    lines = (f"<tr><th>{html.escape(k)}</th><td>{html.escape(str(v))}</td></tr>" for k, v in rows.items())
    return f"<table>{''.join(lines)}</table>"


def table(figures):
    lines = ["<tr><th>figure</th><th>value</th><th>quartiles</th><th>limit</th><th>others</th><th></th></tr>"]
    for name, figure in figures.items():
        spread = " to ".join(f"{each:.4g}" for each in figure["spread"] or ())
        limit = "" if figure["limit"] is None else f"{figure['limit']:.4g}"
        others = ", ".join(f"{peer} {value:.4g}" for peer, value in figure["peers"].items())
        lines.append(
            f'<tr><td>{html.escape(name)}</td><td class="n">{figure["value"]:.4g} {figure["unit"]}</td>'
            f'<td>{spread}</td><td class="n">{limit}</td><td>{html.escape(others)}</td>'
            f"<td>{html.escape(figure['note'])}</td></tr>"
        )
    return f"<table>{''.join(lines)}</table>"


def draw_others(figures):
    """Bars on a logarithmic axis: the figure, its limit, its peers."""
    shown = {name: figure for name, figure in figures.items() if figure["peers"] and figure["value"] > 0}
    if not shown:
        return None
    bars = [bar for name, figure in shown.items() for bar in bars_of(name, figure)]
    drawn, axes = plot.subplots(figsize=(8, 0.6 + 0.25 * len(bars)), layout="constrained")
    axes.barh(range(len(bars)), [value for _, value, _ in bars], color=[colour for _, _, colour in bars])
    axes.set_yticks(range(len(bars)), [label for label, _, _ in bars], fontsize=8)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel(", ".join(sorted({figure["unit"] for figure in shown.values()})))
    return drawn


def bars_of(name, figure):
    found = [(name, figure["value"], OURS)]
    if figure["limit"]:
        found.append(("the limit", figure["limit"], LIMIT))
    return found + [(peer, value, PEER) for peer, value in figure["peers"].items() if value > 0]


def draw_growth(figures):
    """Figures `name.NUMBER…` as curves over the number."""
    curves = defaultdict(list)
    for name, figure in figures.items():
        found = re.fullmatch(r"([a-z_]+\.[a-z_]+)\.(\d+)(\..+)?", name)
        if found and figure["value"] > 0:
            label = f"{found[1]}{found[3] or ''} ({figure['unit']})"
            curves[label].append((int(found[2]), figure["value"], figure["spread"]))
    curves = {label: sorted(points) for label, points in curves.items() if len(points) > 1}
    if not curves:
        return None
    drawn, axes = plot.subplots(figsize=(8, 4), layout="constrained")
    for label, points in curves.items():
        axes.plot([x for x, _, _ in points], [y for _, y, _ in points], marker="o", label=label)
        spread = [spread for _, _, spread in points]
        axes.fill_between(
            [x for x, _, _ in points], [s[0] for s in spread], [s[1] for s in spread], alpha=0.15
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    return drawn


def draw_samples(figures):
    """How samples are distributed: the share of them that a value does not exceed."""
    shown = {name: figure for name, figure in figures.items() if len(figure["samples"]) >= SAMPLES_MIN}
    if not shown:
        return None
    drawn, axes = plot.subplots(figsize=(8, 4), layout="constrained")
    for name, figure in list(shown.items())[:12]:
        middle = figure["value"] or 1
        axes.ecdf([each / middle for each in figure["samples"]], label=name)
    axes.set_xlabel("sample, as a multiple of the median")
    axes.set_ylabel("share of the samples")
    axes.set_xlim(0.5, 2)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7)
    return drawn


def as_data(drawn, family, kind, pictures):
    data = io.BytesIO()
    drawn.savefig(data, dpi=110, format="png")
    plot.close(drawn)
    if pictures:
        Path(pictures).mkdir(parents=True, exist_ok=True)
        (Path(pictures) / f"{family}-{kind}.png").write_bytes(data.getvalue())
    return "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()


main(*sys.argv[1:])
