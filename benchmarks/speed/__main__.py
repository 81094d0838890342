"""Measure speed beside other tools: `python -m benchmarks.speed --write docs/speed.md`."""

from __future__ import annotations

import datetime
import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import psutil

from benchmarks.speed.corpora import PAGES, find_cache, make_corpus, take_corpus
from benchmarks.speed.jobs import Bench, run_growth, run_job, run_start
from benchmarks.speed.page import render_page
from benchmarks.speed.systems import JOBS

_NAMES = (*(job.name for job in JOBS), "start", "growth")
_SYSTEMS = tuple(dict.fromkeys(system.name for job in JOBS for system in job.systems))
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option(
    "--job",
    "names",
    multiple=True,
    type=click.Choice(_NAMES),
    help="Only this job; may be repeated.",
)
@click.option(
    "--system",
    "only",
    multiple=True,
    type=click.Choice(_SYSTEMS),
    help="Only this system; may be repeated.",
)
@click.option("--repeat", default=3, type=click.IntRange(1), show_default=True, help="Rounds.")
@click.option(
    "--pages", "num_pages", default=300, show_default=True, help="So many pages are invented."
)
@click.option(
    "--texts", "num_texts", default=3000, show_default=True, help="So many texts are invented."
)
@click.option(
    "--documents",
    "sizes",
    multiple=True,
    default=(1000, 10_000),
    show_default=True,
    type=click.IntRange(1),
    help="So many documents for the growth job; may be repeated.",
)
@click.option(
    "--corpus",
    type=click.Path(exists=True, path_type=Path),
    help="Real articles instead: HTML for pages; text or JSONL with `text` for text and kernel.",
)
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    default=find_cache,
    help="Holds environments and corpora.  [default: cleaner-speed in the user's cache]",
)
@click.option("--timeout", default=3600, show_default=True, help="Seconds for a run of a system.")
@click.option("--with", "earlier", multiple=True, type=_FILE, help="JSON of jobs that ran before.")
@click.option("--json", "json_file", type=_FILE, help="Also write all results here.")
@click.option("--write", "page", type=_FILE, help="Also write the page here.")
def main(
    names: tuple[str, ...],
    only: tuple[str, ...],
    repeat: int,
    num_pages: int,
    num_texts: int,
    sizes: tuple[int, ...],
    corpus: Path | None,
    cache: Path,
    timeout: int,
    earlier: tuple[Path, ...],
    json_file: Path | None,
    page: Path | None,
) -> None:
    """Measure the cleaner beside its peers, each in its own environment, round after round."""
    bench = Bench(cache.resolve(), repeat, timeout)
    results: dict[str, Any] = {}
    for file in earlier:
        results |= json.loads(file.read_text("utf-8"))
    wanted = names or (() if earlier else _NAMES)
    origin = {
        "date": datetime.date.today().isoformat(),
        "command": " ".join(["python -m benchmarks.speed", *_name_files(sys.argv[1:])]),
        "machine": describe_machine(),
    }
    for job in JOBS:
        if job.name in wanted:
            number = num_pages if job.kind == PAGES else num_texts
            corpora = bench.cache / "corpora"
            given = (
                take_corpus(corpora, job.kind, corpus, number)
                if corpus
                else make_corpus(corpora, job.kind, number)
            )
            results[job.name] = origin | run_job(bench, job, given, only)
    if "start" in wanted:
        results["start"] = origin | run_start(bench)
    if "growth" in wanted:
        results["growth"] = origin | run_growth(bench, sizes, only)
    results = {name: results[name] for name in _NAMES if name in results}
    _publish(results, json_file, page)


def describe_machine() -> str:
    """Return what measures: processor, cores, memory, system, Python and how busy it was."""
    busy = f", load {os.getloadavg()[0]:.1f} at the begin" if hasattr(os, "getloadavg") else ""
    memory = psutil.virtual_memory().total / 1e9
    return (
        f"{_name_processor()}, {os.cpu_count()} cores, {memory:.0f} GB, "
        f"{platform.system()}, Python {platform.python_version()}{busy}"
    )


def _name_processor() -> str:
    facts = Path("/proc/cpuinfo")
    if facts.is_file():
        for line in facts.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _name_files(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with folders left out of names, so that the page tells no path."""
    return [
        Path(part).name if os.sep in part and Path(part).is_absolute() else part
        for part in arguments
    ]


def _publish(results: Mapping[str, Any], json_file: Path | None, page: Path | None) -> None:
    rendered = render_page(results)
    click.echo(rendered)
    if json_file:
        json_file.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if page:
        page.write_text(rendered, "utf-8")


if __name__ == "__main__":
    main()
