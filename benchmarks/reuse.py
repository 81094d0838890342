"""Measure how reuse is found: `python -m benchmarks.reuse DATA`.

DATA is a folder of labelled sets, in it `reuse/pan13` (PAN's text alignment, `benchmarks/pan.py`).
Parts, to be chosen with `--only pan`:

* `pan`: PAN's measures by kind of obfuscation, each pair alone and all documents together;
* `planted`: changed copies planted in the articles of `text/`, recall by level and language;
* `seeds`: five articles with hand-made labels (`gold_reuse.json`, in DATA/seeds or beside DATA),
  alone and among 2,000 articles of `text/`;
* `basil`: what three outlets' articles of an event share (`reuse/basil`), to be read;
* `growth`: candidates and seconds over more and more articles of `text/`;
* `peers`: only with `--peers --python PEERS/bin/python`, an environment of
  `benchmarks/reuse_requirements.txt`: other tools on the same planted copies.

With `--write docs/quality.md` the tables of each part replace what stands there between the markers
`<!-- reuse-PART -->` and `<!-- /reuse-PART -->`; parts that were not measured keep what they have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click

from benchmarks.judged import judged_tables, measure_judged
from benchmarks.news import NewsError, find_texts
from benchmarks.pan import PanError
from benchmarks.planted import SEED, list_planted, measure_planted, planted_tables
from benchmarks.quality import replace_section
from benchmarks.reports import make_report, publish_report
from benchmarks.reuse_news import (
    basil_tables,
    growth_tables,
    list_basil,
    list_seeds,
    measure_basil,
    measure_growth,
    measure_seeds,
    seeds_tables,
)
from benchmarks.reuse_pan import find_corpus, measure_pan, pan_tables
from benchmarks.reuse_systems import REQUIREMENTS, measure_peers, peers_tables
from benchmarks.reuse_tables import Listing, Table
from benchmarks.systems import SYSTEMS

_PEERS = "peers"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command was asked for, apart from the folder.

    Attributes:
        limit: How much of each part: pairs a kind, articles.
        min_chars: Shorter detections do not count on PAN.
        seed: Of what is planted.
        growth_to: Grow to so many articles, with synthetic ones.
        python: The interpreter of the environment that holds the peers.
    """

    limit: int | None = None
    min_chars: int = 0
    seed: int = SEED
    growth_to: int | None = None
    python: Path | None = None


Listings = tuple[list[Listing], dict[str, str]]
"""Lists of passages, and the texts of the articles they stand in."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the benchmark: how it is measured and shown, and what there is to read of it."""

    measure: Callable[[Path, Options], dict[str, Any]]
    tables: Callable[[Mapping[str, Any]], list[Table]]
    listings: Callable[[Path, Options, dict[str, Any]], Listings] | None = None


def _measure_pan(data: Path, options: Options) -> dict[str, Any]:
    return measure_pan(find_corpus(data), limit=options.limit, min_chars=options.min_chars)


def _measure_planted(data: Path, options: Options) -> dict[str, Any]:
    return measure_planted(find_texts(data), limit=options.limit, seed=options.seed)


def _list_planted(data: Path, options: Options, result: dict[str, Any]) -> Listings:
    return list_planted(find_texts(data), result, options.limit)


def _measure_seeds(data: Path, options: Options) -> dict[str, Any]:
    return measure_seeds(data, limit=options.limit)


def _measure_basil(data: Path, options: Options) -> dict[str, Any]:
    return measure_basil(data, limit=options.limit)


def _measure_growth(data: Path, options: Options) -> dict[str, Any]:
    return measure_growth(find_texts(data), limit=options.limit, grow_to=options.growth_to)


def _measure_peers(data: Path, options: Options) -> dict[str, Any]:
    if options.python is None:
        message = f"--peers needs --python, the interpreter that has {REQUIREMENTS}"
        raise click.UsageError(message)
    return measure_peers(find_texts(data), options.python, limit=options.limit, seed=options.seed)


PARTS: Mapping[str, Part] = {
    "pan": Part(_measure_pan, pan_tables),
    "planted": Part(_measure_planted, planted_tables, _list_planted),
    "seeds": Part(_measure_seeds, seeds_tables, lambda data, _, result: list_seeds(data, result)),
    "basil": Part(_measure_basil, basil_tables, lambda data, _, result: list_basil(data, result)),
    "judged": Part(lambda data, _: measure_judged(data), judged_tables),
    "growth": Part(_measure_growth, growth_tables),
    _PEERS: Part(_measure_peers, peers_tables),
}


@click.command()
@click.argument(
    "data", metavar="DATA", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option("--only", metavar="PART,PART", help=f"Only these of {', '.join(PARTS)}.")
@click.option("--limit", type=click.IntRange(1), help="Only so much of each part, always the same.")
@click.option("--min-chars", type=click.IntRange(0), default=0, help="pan: ignore shorter ones.")
@click.option("--seed", type=int, default=SEED, show_default=True, help="Of what is planted.")
@click.option(
    "--growth-to", type=click.IntRange(1), help="growth: add synthetic articles up to this number."
)
@click.option("--peers", is_flag=True, help="Also measure other tools.")
@click.option(
    "--python",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="peers: the interpreter of their environment.",
)
@click.option("--verbose", is_flag=True, help="Also print what was missed or is doubtful, to read.")
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write all here."
)
@click.option(
    "--write",
    "document",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The document to put the tables into, docs/quality.md.",
)
@click.option("--date", help="The day of the measurement; needed with --write.")
def main(
    data: Path,
    only: str | None,
    limit: int | None,
    min_chars: int,
    seed: int,
    growth_to: int | None,
    peers: bool,
    python: Path | None,
    verbose: bool,
    json_file: Path | None,
    document: Path | None,
    date: str | None,
) -> None:
    """Measure how reuse is found."""
    if document is not None and date is None:
        message = "--write needs --date: a table without its day says little"
        raise click.UsageError(message)
    options = Options(limit, min_chars, seed, growth_to, python)
    results: dict[str, dict[str, Any]] = {}
    for name in _choose(only, peers):
        try:
            results[name] = PARTS[name].measure(data, options)
        except (PanError, NewsError) as problem:
            raise click.ClickException(str(problem)) from problem
        for table in PARTS[name].tables(results[name]):
            click.echo(f"{table.as_text()}\n")
        if verbose and (list_part := PARTS[name].listings):
            listings, texts = list_part(data, options, results[name])
            for listing in listings:
                click.echo(f"{listing.as_text(texts)}\n")
    arguments = ["benchmarks.reuse", data.resolve().name, *_list_options(only, options)]
    report = make_report("reuse", arguments, SYSTEMS[:1], [])
    report["parts"] = results
    publish_report(report, json_file)
    if document is not None:
        text = document.read_text(encoding="utf-8")
        for name, section in render_parts(report, date or "").items():
            text = replace_section(text, f"reuse-{name}", section)
        document.write_text(text, encoding="utf-8")


def _choose(only: str | None, peers: bool) -> Sequence[str]:
    """Return the parts that are asked for; peers only by their own option, or by name."""
    if only is None:
        return [name for name in PARTS if peers or name != _PEERS]
    chosen = [name.strip() for name in only.split(",")] + [_PEERS] * peers
    for name in chosen:
        if name not in PARTS:
            message = f"there is no part {name!r} (there are {', '.join(PARTS)})"
            raise click.UsageError(message)
    return [name for name in PARTS if name in chosen]


def _list_options(only: str | None, options: Options) -> list[str]:
    """Return the options that differ from the defaults, as they are written."""
    listed = [] if only is None else [f"--only {only}"]
    for field in fields(options):
        value = getattr(options, field.name)
        if value != field.default and not isinstance(value, Path):
            listed.append(f"--{field.name.replace('_', '-')} {value}")
    return listed


def render_parts(report: Mapping[str, Any], date: str) -> dict[str, str]:
    """Return the Markdown of each part that was measured."""
    versions = ", ".join(
        f"Python {version}" if name == "Python" else version
        for name, version in report["versions"].items()
    )
    said = f"Measured on {date} with `{report['command']}`; {versions}."
    return {
        name: "\n\n".join([said, *(table.as_markdown() for table in PARTS[name].tables(result))])
        for name, result in report["parts"].items()
    }


if __name__ == "__main__":
    main()
