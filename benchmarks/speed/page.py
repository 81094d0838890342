"""The page of figures: docs/speed.md, made from results and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Result = Mapping[str, Any]

_HEAD = """# Speed

Made by `python -m benchmarks.speed --write docs/speed.md`; do not edit.

CPU is user and system time of all processes of a system, children included; memory is the most
that all of them had at one time (proportional set size, looked at every 50 ms). Systems run in
turn, each in its own environment with pinned versions, after one run that is not counted; figures
are medians, ratios medians of the ratios of each round, with their range. *Work* is the CPU time
inside a process from its input to its result, without starting Python, imports and reading; of
commands that are no library the whole stands there. Invented articles come from a seed, with 10 %
exact and 15 % edited copies, lines that outlets repeat and paragraphs of an agency; each system
gets the same ones in its own format. `python -m benchmarks.banding` measures candidate pairs,
exact comparison and components alone, on a million passages.
"""


def render_page(results: Mapping[str, Result]) -> str:
    """Return the page for results by job."""
    parts = [_HEAD, _render_summary(results)]
    for name, result in results.items():
        parts.append(f"## {result['title']}\n")
        parts.append(_render_origin(result))
        parts.append(_render_growth(result) if name == "growth" else _render_systems(result))
        parts.append(_render_bars(result["bars"]))
        parts += [
            f"Not measured: {system} ({reason}).\n"
            for system, reason in result.get("failures", {}).items()
        ]
    return "\n".join(part for part in parts if part)


def _render_summary(results: Mapping[str, Result]) -> str:
    bars = [bar for result in results.values() for bar in result["bars"]]
    missed = [bar for bar in bars if not bar["met"]]
    lines = [f"{len(bars) - len(missed)} of {len(bars)} bars are met.\n"]
    lines += [f"- missed: {bar['what']}, {_render_part(bar)}" for bar in missed]
    return "\n".join(lines) + ("\n" if missed else "")


def _render_part(bar: Mapping[str, Any]) -> str:
    return f"{bar['part']}: {bar['measured']} instead of {bar['wanted']}"


def _render_origin(result: Result) -> str:
    about = f"Measured on {result['date']} with `{result['command']}`; {result['machine']}."
    if corpus := result.get("corpus"):
        about += (
            f"\nCorpus: {corpus['name']}, {corpus['num_documents']:,} documents, "
            f"{corpus['num_bytes'] / 1e6:.1f} MB, files `{corpus['sha256'][:12]}`."
        )
    return f"{about}\n"


def _render_systems(result: Result) -> str:
    """Render a row a system, and what each of them is."""
    corpus = result.get("corpus")
    header = ["", "CPU s", "work s", "wall s", "warm-up s", "peak MB", "disk MB"]
    if corpus:
        header += ["CPU ms each", "work MB/s", "result"]
    rows = []
    for name, of in result["systems"].items():
        row = [
            name,
            *(f"{of[key]:.2f}" for key in ("cpu_seconds", "work_cpu_seconds", "wall_seconds")),
            f"{of['warm_up_seconds']:.1f}",
            *(f"{of[key] / 1e6:,.0f}" for key in ("peak_bytes", "peak_disk_bytes")),
        ]
        if corpus:
            row += [
                f"{1000 * of['cpu_seconds'] / corpus['num_documents']:.2f}",
                f"{corpus['num_bytes'] / 1e6 / of['work_cpu_seconds']:,.2f}",
                ", ".join(f"{key} {value}" for key, value in of["result"].items()),
            ]
        rows.append(row)
    notes = [
        f"- {name}: {of['about']}{_list_versions(of['versions'])}."
        for name, of in result["systems"].items()
        if "about" in of
    ]
    return "\n".join([_render_table(header, rows), *notes, ""])


def _list_versions(versions: Mapping[str, str]) -> str:
    listed = ", ".join(f"{name} {version}" for name, version in versions.items())
    return f" ({listed})" if listed else ""


def _render_growth(result: Result) -> str:
    header = [
        "",
        "documents",
        "MB",
        "CPU s",
        "work s",
        "wall s",
        "peak MB",
        "disk MB",
        "CPU ms each",
    ]
    rows = [
        [
            row["system"],
            f"{row['num_documents']:,}",
            f"{row['num_bytes'] / 1e6:,.1f}",
            f"{row['cpu_seconds']:,.1f}",
            f"{row['details']['work']['cpu']:,.2f}" if row["details"] else "",
            f"{row['wall_seconds']:,.1f}",
            f"{row['peak_bytes'] / 1e6:,.0f}",
            f"{row['peak_disk_bytes'] / 1e6:,.0f}",
            f"{1000 * row['cpu_seconds'] / row['num_documents']:.3f}",
        ]
        for row in result["rows"]
    ]
    fitted = "; ".join(
        f"{system} grows as documents^{exponent:.2f}"
        for system, exponent in result["exponents"].items()
    )
    about = f"One run a size, {result['words']} words a document in the mean; {fitted}.\n"
    return "\n".join([_render_table(header, rows), about])


def _render_bars(bars: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [
            bar["what"],
            bar["part"],
            bar["wanted"],
            bar["measured"] + (f" ({bar['spread']})" if "spread" in bar else ""),
            "met" if bar["met"] else "**missed**",
        ]
        for bar in bars
    ]
    return _render_table(["bar", "of", "wanted", "measured", ""], rows) if rows else ""


def _render_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---", *("--:" for _ in header[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
