"""Run jobs: all systems in turn, round after round, so that the machine's moods meet all alike."""

from __future__ import annotations

import itertools
import json
import math
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from benchmarks.speed.corpora import TEXTS, Corpus, make_corpus
from benchmarks.speed.environments import OURS, make_environment
from benchmarks.speed.measuring import Command, MeasurementError, Usage, measure_commands
from benchmarks.speed.systems import CLEAN_TEXTS, CLUSTER_TEXTS, WORK, Bar, Job, System

GROWTH_WORDS = 160
"""A document of the growth job has so many words in the mean: a million of them are 1 GB."""
MAX_GROWTH, MAX_PEAK_BYTES = 11, 3 * 10**9
"""Ten times the documents are to cost at most so many times the CPU; and the most memory."""
MAX_FEW_SECONDS, MAX_HELP_SECONDS = 1.0, 0.3
_NUM_FEW = 5
_SMALL_DOCUMENTS = 20
"""Environments are warmed up with so many, where a job has no warm-up round of its own."""
Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bench:
    """Where things are made and how often they run.

    Attributes:
        cache: Holds environments and corpora.
        timeout_seconds: For one run of one system.
    """

    cache: Path
    repeat: int
    timeout_seconds: float

    def run(self, system: System, corpus: Corpus) -> Usage:
        """Run a system once, in an empty folder.

        Raises:
            MeasurementError: If it cannot be installed, fails, or takes too long.
        """
        try:
            binaries = (
                make_environment(self.cache / "environments", system.environment)
                if system.environment
                else Path()
            )
        except subprocess.CalledProcessError as problem:
            message = f"its environment cannot be made: {problem}"
            raise MeasurementError(message) from problem
        with self.empty_folder() as name:
            output = Path(name) / "output"
            try:
                commands = system.commands(binaries, corpus, output)
            except FileNotFoundError as problem:
                raise MeasurementError(str(problem)) from problem
            return self.measure(commands, Path(name))

    def measure(self, commands: Sequence[Command], folder: Path) -> Usage:
        """Measure commands; no system asks the network for anything."""
        return measure_commands(
            commands,
            folder,
            timeout_seconds=self.timeout_seconds,
            environment={"HF_HUB_OFFLINE": "1"},
        )

    def empty_folder(self) -> tempfile.TemporaryDirectory[str]:
        """Return a folder for one run."""
        return tempfile.TemporaryDirectory(prefix="speed-", ignore_cleanup_errors=True)


def run_job(bench: Bench, job: Job, corpus: Corpus, only: Sequence[str] = ()) -> Result:
    """Run all systems of a job: once to warm up, then in turn, so many rounds.

    Args:
        bench: How.
        job: What.
        corpus: With what.
        only: Systems that run, all if empty.
    """
    running = [system for system in job.systems if not only or system.name in only]
    rounds: dict[str, list[Usage]] = {system.name: [] for system in running}
    warm_up: dict[str, Usage] = {}
    failures: dict[str, str] = {}
    for number in range(bench.repeat + 1):
        for system in running:
            if system.name in failures:
                continue
            click.echo(f"{job.name}: {system.name}, {number or 'warm-up'}", err=True)
            try:
                usage = bench.run(system, corpus)
            except MeasurementError as problem:
                failures[system.name] = str(problem)
                click.echo(f"{system.name} failed: {problem}", err=True)
                continue
            if number:
                rounds[system.name].append(usage)
            else:
                warm_up[system.name] = usage
    of_system = {
        system.name: describe_rounds(warm_up[system.name], rounds[system.name])
        | {"about": system.about}
        for system in running
        if system.name not in failures
    }
    return {
        "title": job.title,
        "corpus": corpus.as_json(),
        "repeat": bench.repeat,
        "systems": of_system,
        "failures": failures,
        "bars": [
            compare_rounds(bar, rounds[bar.ours], rounds[bar.peer])
            for bar in job.bars
            if bar.ours in of_system and bar.peer in of_system
        ],
    }


def describe_rounds(warm_up: Usage, rounds: Sequence[Usage]) -> Result:
    """Return medians over rounds, with the warm-up run beside them."""
    return {
        "warm_up_seconds": warm_up.wall_seconds,
        "cpu_seconds": statistics.median(usage.cpu_seconds for usage in rounds),
        "wall_seconds": statistics.median(usage.wall_seconds for usage in rounds),
        "work_cpu_seconds": statistics.median(_cpu_seconds(usage, WORK) for usage in rounds),
        "peak_bytes": max(usage.peak_bytes for usage in rounds),
        "peak_disk_bytes": max(usage.peak_disk_bytes for usage in rounds),
        "result": rounds[-1].details.get("result", {}),
        "versions": rounds[-1].details.get("versions", {}),
        "rounds": [usage.as_json() for usage in rounds],
    }


def compare_rounds(bar: Bar, ours: Sequence[Usage], peer: Sequence[Usage]) -> Result:
    """Return the median over rounds of how many times as much CPU the peer took."""
    ratios = [
        _cpu_seconds(theirs, bar.part) / _cpu_seconds(own, bar.part)
        for own, theirs in zip(ours, peer, strict=True)
    ]
    measured = statistics.median(ratios)
    return {
        "what": f"{bar.ours} beside {bar.peer}",
        "part": bar.part,
        "wanted": f"≥ {bar.ratio:g}×",
        "measured": f"{measured:.1f}×",
        "spread": f"{min(ratios):.1f}–{max(ratios):.1f}",
        "met": measured >= bar.ratio,
    }


def _cpu_seconds(usage: Usage, part: str) -> float:
    if part == WORK and "work" in usage.details:
        return float(usage.details["work"]["cpu"])
    return usage.cpu_seconds


def run_start(bench: Bench) -> Result:
    """Measure what the least takes: the help, and a run on five small files."""
    binaries = make_environment(bench.cache / "environments", OURS)
    corpus = make_corpus(bench.cache / "corpora", TEXTS, _SMALL_DOCUMENTS)
    rows = [json.loads(line) for line in corpus.articles.read_text("utf-8").splitlines()]
    usages: dict[str, list[Usage]] = {"clean --help": [], "clean run, five files": []}
    with bench.empty_folder() as name:
        folder = Path(name)
        (folder / "input").mkdir()
        for row in rows[:_NUM_FEW]:
            (folder / "input" / f"{row['id']}.txt").write_text(row["text"], "utf-8")
        commands: dict[str, Command] = {
            "clean --help": [binaries / "clean", "--help"],
            "clean run, five files": [binaries / "clean", "run", "input", "--output", "output"],
        }
        for number in range(bench.repeat + 1):
            for what, command in commands.items():
                click.echo(f"start: {what}, {number or 'warm-up'}", err=True)
                shutil.rmtree(folder / "output", ignore_errors=True)
                usages[what].append(bench.measure([command], folder))
    described = {what: describe_rounds(of[0], of[1:]) for what, of in usages.items()}
    limits = dict(zip(described, (MAX_HELP_SECONDS, MAX_FEW_SECONDS), strict=True))
    return {
        "title": "Start",
        "repeat": bench.repeat,
        "systems": described,
        "bars": [
            {
                "what": what,
                "part": "wall",
                "wanted": f"< {limits[what]:g} s",
                "measured": f"{of['wall_seconds']:.2f} s",
                "met": of["wall_seconds"] < limits[what],
            }
            for what, of in described.items()
        ],
    }


def run_growth(bench: Bench, sizes: Sequence[int], only: Sequence[str] = ()) -> Result:
    """Run our systems once on each of several numbers of documents."""
    systems = [of for of in (CLUSTER_TEXTS, CLEAN_TEXTS) if not only or of.name in only]
    rows: list[Result] = []
    failures: dict[str, str] = {}
    small = make_corpus(bench.cache / "corpora", TEXTS, _SMALL_DOCUMENTS, GROWTH_WORDS)
    for system in systems:
        try:
            bench.run(system, small)
            for size in sorted(sizes):
                corpus = make_corpus(bench.cache / "corpora", TEXTS, size, GROWTH_WORDS)
                click.echo(f"growth: {system.name}, {size:,} documents", err=True)
                usage = bench.run(system, corpus)
                rows.append(
                    {"system": system.name, "num_documents": size, "num_bytes": corpus.num_bytes}
                    | usage.as_json()
                )
        except MeasurementError as problem:
            failures[system.name] = str(problem)
            click.echo(f"{system.name} failed: {problem}", err=True)
    return {
        "title": "Growth",
        "words": GROWTH_WORDS,
        "rows": rows,
        "failures": failures,
    } | judge_growth(rows)


def judge_growth(rows: Sequence[Mapping[str, Any]]) -> Result:
    """Return exponents fitted over all sizes, and the bars for each step and for memory."""
    exponents: dict[str, float] = {}
    bars: list[Result] = []
    for system in dict.fromkeys(row["system"] for row in rows):
        of = [row for row in rows if row["system"] == system]
        if len(of) > 1:
            exponents[system] = fit_exponent(
                [row["num_documents"] for row in of], [row["cpu_seconds"] for row in of]
            )
        for less, more in itertools.pairwise(of):
            times = more["num_documents"] / less["num_documents"]
            limit = times ** math.log10(MAX_GROWTH)
            cost = more["cpu_seconds"] / less["cpu_seconds"]
            what = f"{system}, {less['num_documents']:,} to {more['num_documents']:,} documents"
            bars.append(
                {
                    "what": what,
                    "part": "CPU",
                    "wanted": f"≤ {limit:.3g}×",
                    "measured": f"{cost:.1f}×",
                    "met": cost <= limit,
                }
            )
        largest = of[-1]
        bars.append(
            {
                "what": f"{system}, {largest['num_documents']:,} documents",
                "part": "peak memory",
                "wanted": f"< {MAX_PEAK_BYTES / 1e9:g} GB",
                "measured": f"{largest['peak_bytes'] / 1e9:.2f} GB",
                "met": largest["peak_bytes"] < MAX_PEAK_BYTES,
            }
        )
    return {"exponents": exponents, "bars": bars}


def fit_exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Return the slope of the line through logarithms, by least squares.

    >>> round(fit_exponent([10, 100, 1000], [2, 20, 200]), 6)
    1.0
    """
    return statistics.linear_regression(
        [math.log(size) for size in sizes], [math.log(cost) for cost in costs]
    ).slope
