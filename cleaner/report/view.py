"""What the page shows, as plain data: the template prints it and decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cleaner.model import DUPLICATE, TRUNCATED
from cleaner.report import wording
from cleaner.report.clusters import RelationView, group_clusters
from cleaner.report.text import (
    format_count,
    format_percent,
    format_quantity,
    note_hidden,
    show_line,
    show_name,
)

if TYPE_CHECKING:
    from cleaner.alarms import Alarm
    from cleaner.quality.recall import Recall
    from cleaner.results import OutletResult, RunResult

MAX_TOP_KINDS = 3
"""Kinds that the table of outlets names for each (by hand)."""
_MAX_DETAIL_CHARS = 400


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the funnel: what is left, its share of the first step, and what went."""

    label: str
    count: str
    percent: str
    width: float
    note: str


@dataclass(frozen=True, slots=True)
class KindRow:
    """A row of the table of removed characters."""

    label: str
    about: str
    num_chars: str
    of_removed: str
    of_all: str
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a bar that is 100 wide."""

    name: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class OutletRow:
    """A row of the table of outlets."""

    outlet: str
    num_documents: str
    num_kept_documents: str
    num_without_main: str
    num_chars: str
    num_kept_chars: str
    kept_percent: str
    num_removed_chars: str
    bars: tuple[Bar, ...]
    top_kinds: str


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """A row of the table of alarms."""

    outlet: str
    kind: str
    sentence: str


@dataclass(frozen=True, slots=True)
class RecallRow:
    """A row of the table of planted copies."""

    level: str
    about: str
    planted: str
    found: str
    interval: str


@dataclass(frozen=True, slots=True)
class RejectionRow:
    """A row of the table of inputs that were set aside."""

    source: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Page:
    """All that the template prints."""

    statement: tuple[str, ...]
    alarms: tuple[AlarmRow, ...]
    document_steps: tuple[Step, ...]
    char_steps: tuple[Step, ...]
    kinds: tuple[KindRow, ...]
    kinds_not_found: str
    outlets: tuple[OutletRow, ...]
    recall: tuple[RecallRow, ...] | None
    clusters_note: str
    relations: tuple[RelationView, ...]
    rejection_counts: str
    rejections: tuple[RejectionRow, ...]
    rejections_note: str
    files: tuple[tuple[str, str], ...]


def build_page(
    result: RunResult,
    clusters: Sequence[Mapping[str, Any]],
    rejections: Sequence[Mapping[str, str]],
    *,
    num_hidden_clusters: int,
    num_hidden_rejections: int,
) -> Page:
    """Compute everything that the page shows; see `render_report` for the arguments."""
    removed = result.removed
    missing = [show_name(kind) for kind in wording.KINDS if not removed.get(kind)]
    return Page(
        statement=state_run(result),
        alarms=tuple(show_alarm(alarm) for alarm in result.alarms),
        document_steps=list_document_steps(result),
        char_steps=list_char_steps(result),
        kinds=list_kinds(removed, result.num_chars),
        kinds_not_found=", ".join(missing) if removed else "",
        outlets=tuple(show_outlet(outlet) for outlet in result.outlets),
        recall=None if result.recall is None else list_recall(result.recall),
        clusters_note=note_hidden(num_hidden_clusters, "cluster", "clusters.jsonl"),
        relations=group_clusters(clusters, result.clusters),
        rejection_counts=", ".join(
            f"{format_count(n)} {show_name(reason)}" for reason, n in result.rejected.items()
        ),
        rejections=tuple(
            RejectionRow(show_line(r["source"]), show_name(r["reason"]), _detail(r))
            for r in rejections
        ),
        rejections_note=note_hidden(num_hidden_rejections, "input", "rejected.jsonl"),
        files=(
            (
                show_line(result.corpus.name),
                f"The corpus: {_view(result.view)}.",
            ),
            *wording.FILES.items(),
        ),
    )


def _detail(rejection: Mapping[str, str]) -> str:
    return show_line(rejection["detail"], _MAX_DETAIL_CHARS)


def _view(name: str) -> str:
    about = wording.VIEWS.get(name)
    return f"the {name} view ({about})" if about else f"the view {show_name(name)}"


def _width(part: float, whole: float) -> float:
    return round(100 * part / whole, 2) if whole else 0.0


def state_run(result: RunResult) -> tuple[str, ...]:
    """Say in sentences what the run did."""
    if not result.num_documents:
        first = "The run found no document with text, so the corpus is empty."
        if result.num_rejected:
            were = "was" if result.num_rejected == 1 else "were"
            first += (
                f" {format_quantity(result.num_rejected, 'input')} {were} set aside, for the "
                "reasons given below."
            )
        return (first,)
    documents, kept = result.num_documents, result.num_kept_documents
    chars, kept_chars = result.num_chars, result.num_kept_chars
    num_clusters = sum(result.clusters.values())
    sentences = [
        f"The run read {format_quantity(documents, 'document')} with text from "
        f"{format_quantity(len(result.outlets), 'outlet')}; {format_count(kept)} "
        f"({format_percent(kept, documents)}) still have text in the corpus.",
        f"Of {format_quantity(chars, 'character')} it kept {format_count(kept_chars)} "
        f"({format_percent(kept_chars, chars)}) and removed {format_count(chars - kept_chars)} "
        f"({format_percent(chars - kept_chars, chars)}).",
        f"It compared the documents with each other and found "
        f"{format_quantity(result.num_matches, 'verified pair')}. Repeated text forms "
        f"{format_quantity(num_clusters, 'cluster')}.",
        f"The corpus holds {_view(result.view)}.",
    ]
    if result.truncated:
        sentences.append(_state_truncated(result))
    if result.num_skipped_pairs:
        sentences.append(
            f"{format_quantity(result.num_skipped_pairs, 'pair')} of very common passages "
            f"{'was' if result.num_skipped_pairs == 1 else 'were'} not compared, so some "
            "repetition may remain."
        )
    return tuple(sentences)


def _state_truncated(result: RunResult) -> str:
    """Say how many documents were cut short, by what, and what became of them."""
    causes = [
        (wording.TRUNCATIONS.get(kind, show_name(kind)), n) for kind, n in result.truncated.items()
    ]
    listed = ", ".join(f"{format_count(n)} {cause}" for cause, n in causes)
    is_one = result.num_truncated == 1
    fate = "left out of the corpus" if result.num_dropped_truncated else "marked in the corpus"
    return (
        f"{format_quantity(result.num_truncated, 'document')} {'holds' if is_one else 'hold'} only "
        f"the beginning of {'its article' if is_one else 'their articles'}, cut short "
        f"{causes[0][0] if len(causes) == 1 else f'({listed})'}; "
        f"{'it is' if is_one else 'they are'} {fate}."
    )


def list_document_steps(result: RunResult) -> tuple[Step, ...]:
    """List what is left of the inputs, step by step."""
    inputs = result.num_documents + result.num_rejected
    num_without_main = sum(outlet.num_without_main for outlet in result.outlets)
    num_main = result.num_documents - num_without_main
    num_whole = num_main - result.num_dropped_truncated
    whole = ("Not cut short", num_whole, "of which only a part is there")
    return _steps(
        ("Inputs found", inputs, ""),
        ("With text", result.num_documents, "set aside"),
        ("With main content", num_main, "with nothing but boilerplate"),
        *((whole,) if result.num_dropped_truncated else ()),
        ("In the corpus", result.num_kept_documents, "with nothing left but copies"),
    )


def list_char_steps(result: RunResult) -> tuple[Step, ...]:
    """List what is left of the characters, step by step."""
    removed = result.removed
    num_duplicate, num_truncated = removed.get(DUPLICATE, 0), removed.get(TRUNCATED, 0)
    num_other = sum(removed.values()) - num_duplicate - num_truncated
    num_main = result.num_chars - num_other
    whole = ("Not cut short", num_main - num_truncated, "of articles of which only a part is there")
    return _steps(
        ("Characters of text", result.num_chars, ""),
        ("Without boilerplate", num_main, "boilerplate and white space"),
        *((whole,) if num_truncated else ()),
        ("In the corpus", num_main - num_truncated - num_duplicate, "repeated elsewhere"),
    )


def _steps(*steps: tuple[str, int, str]) -> tuple[Step, ...]:
    whole = previous = steps[0][1]
    rows = []
    for label, count, lost in steps:
        gone = previous - count
        rows.append(
            Step(
                label,
                format_count(count),
                format_percent(count, whole),
                _width(count, whole),
                f"−{format_count(gone)} {lost}" if gone else "",
            )
        )
        previous = count
    return tuple(rows)


def list_kinds(removed: Mapping[str, int], num_chars: int) -> tuple[KindRow, ...]:
    """List removed characters by kind, in the order given; kinds with none are left out."""
    total = sum(removed.values())
    return tuple(
        KindRow(
            label=show_name(kind),
            about=wording.KINDS.get(kind, ""),
            num_chars=format_count(n),
            of_removed=format_percent(n, total),
            of_all=format_percent(n, num_chars),
            width=_width(n, total),
        )
        for kind, n in removed.items()
        if n
    )


def show_alarm(alarm: Alarm) -> AlarmRow:
    """Describe something that a person should look at."""
    outlet = "all outlets" if alarm.outlet is None else show_line(alarm.outlet)
    return AlarmRow(outlet, show_name(alarm.kind), show_line(alarm.sentence, _MAX_DETAIL_CHARS))


def list_recall(recall: Mapping[str, Recall]) -> tuple[RecallRow, ...]:
    """List how many of the planted copies were found, in the order given."""
    return tuple(
        RecallRow(
            level=show_name(level),
            about=wording.LEVELS.get(level, ""),
            planted=format_count(of.planted),
            found=format_count(of.found),
            interval=f"{format_percent(of.low)} to {format_percent(of.high)}",
        )
        for level, of in recall.items()
    )


def show_outlet(outlet: OutletResult) -> OutletRow:
    """Describe what became of one outlet's documents."""
    num_removed = outlet.num_chars - outlet.num_kept_chars
    kept = _width(outlet.num_kept_chars, outlet.num_chars)
    duplicate = _width(outlet.removed.get(DUPLICATE, 0), outlet.num_chars)
    rest = round(max(0.0, 100 - kept - duplicate), 2) if outlet.num_chars else 0.0
    top = sorted(outlet.removed.items(), key=lambda item: (-item[1], item[0]))[:MAX_TOP_KINDS]
    return OutletRow(
        outlet=show_line(outlet.outlet),
        num_documents=format_count(outlet.num_documents),
        num_kept_documents=format_count(outlet.num_kept_documents),
        num_without_main=format_count(outlet.num_without_main),
        num_chars=format_count(outlet.num_chars),
        num_kept_chars=format_count(outlet.num_kept_chars),
        kept_percent=format_percent(outlet.num_kept_chars, outlet.num_chars),
        num_removed_chars=format_count(num_removed),
        bars=(
            Bar("kept", 0.0, kept),
            Bar("repeated", kept, duplicate),
            Bar("rest", round(kept + duplicate, 2), rest),
        ),
        top_kinds=", ".join(f"{show_name(kind)} {format_count(n)}" for kind, n in top if n),
    )
