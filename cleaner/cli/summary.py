"""What a run prints: how inputs were understood, how far it is, and what came of it."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cleaner.cli.terminal import printable
from cleaner.engines import Profile, peak_memory

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from cleaner.quality.recall import Recall
    from cleaner.reading import ReadingPlan
    from cleaner.results import RunResult

_MAX_OUTLETS = 20
_OUTLET_WIDTH = 36
_MAX_REJECTIONS = 10
_MAX_ALARMS = 10
_LOG_WIDTH = 110
_LINE_SECONDS = 20
_MIN_PROFILED_SECONDS = 0.005
_STAGES = {
    "read": "files read",
    "texts": "reading and extracting",
    "outlet_lines": "listing what outlets repeat",
    "judged": "judging",
    "text_facts": "looking for cut articles",
    "credits": "looking for credits",
    "passages": "signing",
    "seeds": "listing pairs of words",
    "compared": "verifying",
    "groups": "clustering",
    "pass_ledger": "resolving",
    "measured": "looking at outlets",
    "corpus": "making the corpus",
    "read corpus": "writing the corpus",
    "read ledger": "writing the ledger",
    "read written": "writing tables",
    "cluster_members": "describing clusters",
    "tallies": "counting",
    "report_documents": "making the report",
}
"""The tables that take long, and what is done while they are made or read to be written."""


def _escape(text: str) -> str:
    """Make a name from outside harmless, to rich and to the terminal."""
    return escape(printable(text))


def _console() -> Console:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = _LOG_WIDTH
    return console


class Progress(AbstractContextManager["Progress"]):
    """A bar for the stage under way, on stderr; where that is no terminal, a line now and then."""

    def __init__(self, *, hidden: bool = False) -> None:
        self._console = None if hidden else _console()
        self._bars: Bars | None = None
        self._tasks: dict[str, TaskID] = {}
        self._next_line = time.monotonic() + _LINE_SECONDS

    def __enter__(self) -> Progress:
        if self._console is not None and self._console.is_terminal:
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bars

            columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            text = TextColumn("{task.description}")
            self._bars = Bars(text, *columns, console=self._console, transient=True)
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def advance(self, stage: str, done: int, total: int) -> None:
        """Show how far a stage is; stages that never take long are not shown."""
        if stage not in _STAGES:
            return
        if self._bars is not None:
            self._move_bar(self._bars, stage, done, total)
        elif self._console is not None and time.monotonic() >= self._next_line:
            of = f" of {total:,}" if total else ""
            self._console.print(f"{_STAGES[stage]}: {done:,}{of}")
            self._next_line = time.monotonic() + _LINE_SECONDS

    def _move_bar(self, bars: Bars, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = bars.add_task(_STAGES[stage], total=total or None)
        for name, task in self._tasks.items():
            is_beside = {name, stage} == {"read", "texts"}
            bars.update(task, visible=name == stage or is_beside)
        bars.update(self._tasks[stage], completed=done, total=total or None)


def print_plan(plan: ReadingPlan) -> None:
    """Print how the fields of record files were understood, and what was set aside unread."""
    console = _console()
    mapped = [file for file in plan.files if file.fields]
    if mapped:
        table = Table(box=None, pad_edge=False, title="Fields of records", title_justify="left")
        table.add_column("file")
        table.add_column("read as (role=field)")
        for file in mapped:
            fields = "  ".join(f"{role}={name}" for role, name in file.fields.items())
            table.add_row(_escape(file.label), _escape(fields))
        console.print(table)
    for rejection in plan.rejections[:_MAX_REJECTIONS]:
        console.print(
            f"[yellow]set aside[/] {_escape(rejection.source)}: {rejection.reason}, "
            f"{_escape(rejection.detail)}"
        )
    if len(plan.rejections) > _MAX_REJECTIONS:
        console.print(f"... and {len(plan.rejections) - _MAX_REJECTIONS} more files set aside")


def print_summary(result: RunResult) -> None:
    """Print what came of a run: the funnel, outlets, kinds, clusters, and where it lies."""
    console = _console()
    share = result.num_kept_chars / max(1, result.num_chars)
    console.print(
        f"[bold]{result.num_kept_documents:,} of {result.num_documents:,} documents[/] and "
        f"[bold]{result.num_kept_chars:,} of {result.num_chars:,} characters[/] ({share:.1%}) are "
        f"in the corpus (view {result.view})."
    )
    for alarm in result.alarms[:_MAX_ALARMS]:
        where = "all outlets" if alarm.outlet is None else _escape(alarm.outlet)
        console.print(f"[bold red]Alarm[/] {where}: {_escape(alarm.sentence)}")
    if len(result.alarms) > _MAX_ALARMS:
        console.print(f"... and {len(result.alarms) - _MAX_ALARMS} more alarms; see the report.")
    _print_outlets(console, result)
    kinds = ", ".join(f"{kind} {n:,}" for kind, n in result.removed.items())
    console.print(f"Characters removed: {kinds or 'none'}.")
    found = ", ".join(f"{n:,} of kind {relation}" for relation, n in result.clusters.items())
    console.print(f"Clusters: {found or 'none found'} ({result.num_matches:,} verified pairs).")
    if result.num_bridges:
        console.print(
            f"Weak bridges, links that merged nothing: {result.num_bridges:,}; see bridges.parquet."
        )
    if result.verdicts:
        _print_verdicts(console, result)
    if result.recall is not None:
        _print_recall(console, result.recall)
    if result.truncated:
        kinds = ", ".join(f"{kind} {n:,}" for kind, n in result.truncated.items())
        fate = "left out" if result.num_dropped_truncated else "marked in the corpus"
        console.print(
            f"[yellow]Cut short: {result.num_truncated:,} documents[/] ({kinds}); {fate}."
        )
    if result.num_skipped_pairs:
        console.print(f"Pairs of very common passages not compared: {result.num_skipped_pairs:,}.")
    if result.rejected:
        reasons = ", ".join(f"{reason} {n:,}" for reason, n in result.rejected.items())
        console.print(
            f"[yellow]Set aside: {result.num_rejected:,}[/] ({reasons}); see rejected.jsonl."
        )
    for outlet in result.outlets:
        if outlet.num_without_main:
            console.print(
                f"[yellow]{_escape(outlet.outlet)}[/]: nothing was taken for main content in "
                f"{outlet.num_without_main:,} of {outlet.num_documents:,} documents."
            )
    console.print(f"Corpus: {_escape(str(result.corpus))}")
    console.print(f"Report: {_escape(str(result.report))}")
    console.print(f"In the terminal: clean report {_escape(shlex.quote(str(result.output)))}")


def print_profile(profile: Profile) -> None:
    """Print what each stage of a run cost, the dearest first."""
    console = _console()
    table = Table(box=None, pad_edge=False)
    table.add_column("stage", no_wrap=True)
    for name in ("calls", "wall s", "cpu s", "rows in", "rows out", "MB in", "MB out"):
        table.add_column(name, justify="right", no_wrap=True)
    stages = sorted(profile.stages, key=lambda stage: -stage.wall_seconds)
    shown = [stage for stage in stages if stage.wall_seconds >= _MIN_PROFILED_SECONDS]
    for stage in shown:
        table.add_row(
            stage.name,
            f"{stage.calls:,}",
            f"{stage.wall_seconds:.2f}",
            f"{stage.cpu_seconds:.2f}",
            f"{stage.rows_in:,}",
            f"{stage.rows_out:,}",
            f"{stage.bytes_in / 1e6:,.1f}",
            f"{stage.bytes_out / 1e6:,.1f}",
        )
    console.print(table)
    wall = sum(stage.wall_seconds for stage in stages)
    cpu = sum(stage.cpu_seconds for stage in stages)
    rest = sum(stage.wall_seconds for stage in stages if stage not in shown)
    worker = max((stage.worker_bytes for stage in stages), default=0)
    held = {"this process": peak_memory(), "the largest worker": worker}
    peaks = ", ".join(f"{name} {size / 1e6:,.0f} MB" for name, size in held.items() if size)
    console.print(
        f"{len(stages)} stages: {wall:.2f} s wall, {cpu:.2f} s of processor time (those not shown: "
        f"{rest:.2f} s). Peak memory: {peaks or 'not known'}."
    )


_UNUSED_VERDICTS = {
    "stale": "whose text changed",
    "no_document": "on documents that are not in the run",
    "no_match": "`same`, of which the run finds no match",
}


def _print_verdicts(console: Console, result: RunResult) -> None:
    """Say what became of what was judged by hand, and how precise the run is by it."""
    total = sum(result.verdicts.values())
    console.print(f"Verdicts: {result.verdicts.get('applied', 0):,} of {total:,} applied.")
    for status, words in _UNUSED_VERDICTS.items():
        if num_verdicts := result.verdicts.get(status):
            console.print(f"[yellow]Verdicts not applied: {num_verdicts:,}[/] {words}.")
    if precision := result.precision:
        console.print(
            f"Precision without them: {precision.value:.2f} "
            f"({precision.low:.2f} to {precision.high:.2f}, 95 %), by {precision.judged:,} pairs "
            "that were judged of a random sample."
        )


def _print_recall(console: Console, recall: Mapping[str, Recall]) -> None:
    """Say how many of the copies that were planted in the run's articles it finds."""
    from cleaner.quality.recall import TOO_FEW

    levels = ", ".join(f"{level} {of.found}/{of.planted}" for level, of in recall.items())
    about = "quality of this run's matching on its own articles"
    console.print(f"Planted copies found: {f'{levels} ({about})' if levels else TOO_FEW}.")


def _print_outlets(console: Console, result: RunResult) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("outlet", no_wrap=True, max_width=_OUTLET_WIDTH, overflow="ellipsis")
    for name in ("documents", "kept", "characters", "kept"):
        table.add_column(name, justify="right", no_wrap=True, min_width=len(name))
    table.add_column("most removed", no_wrap=True)
    for outlet in sorted(result.outlets, key=lambda o: (-o.num_chars, o.outlet))[:_MAX_OUTLETS]:
        top = sorted(outlet.removed.items(), key=lambda item: (-item[1], item[0]))[:2]
        table.add_row(
            _escape(outlet.outlet),
            f"{outlet.num_documents:,}",
            f"{outlet.num_kept_documents:,}",
            f"{outlet.num_chars:,}",
            f"{outlet.num_kept_chars / max(1, outlet.num_chars):.0%}",
            ", ".join(f"{kind} {n:,}" for kind, n in top),
        )
    console.print(table)
    if len(result.outlets) > _MAX_OUTLETS:
        console.print(f"... and {len(result.outlets) - _MAX_OUTLETS} more outlets; see the report.")
