"""What a run did, in sentences and figures: the first view of the page, and `clean report`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cleaner.model import DUPLICATE, TRUNCATED
from cleaner.report import wording
from cleaner.report.text import (
    format_count,
    format_percent,
    format_quantity,
    show_line,
    show_name,
)

if TYPE_CHECKING:
    from cleaner.results import OutletResult, RunResult

_MAX_DETAIL_CHARS = 400


def describe_overview(result: RunResult) -> dict[str, Any]:
    """Return what a run did, in names of the page's data (frontend/src/data/types.ts)."""
    return {
        "statement": state_run(result),
        "view": result.view,
        "alarms": [
            {"outlet": alarm.outlet, "kind": alarm.kind, "sentence": alarm.sentence}
            for alarm in result.alarms
        ],
        "documentSteps": list_document_steps(result),
        "wordSteps": list_word_steps(result),
        "kinds": list_kinds(result),
        "outlets": [describe_outlet(outlet) for outlet in result.outlets],
        "recall": describe_recall(result),
        "precision": describe_precision(result),
        "rejected": [{"reason": name, "count": n} for name, n in result.rejected.items()],
        "clusters": list_relations(result.clusters),
        "numDocuments": result.num_documents,
        "numClusters": sum(result.clusters.values()),
        "numPairs": result.num_matches + result.num_refused,
        "numAcceptedPairs": result.num_matches,
    }


def state_run(result: RunResult) -> list[str]:
    """Say in sentences what the run did."""
    if not result.num_documents:
        first = "The run found no document with text, so the corpus is empty."
        if result.num_rejected:
            were = "was" if result.num_rejected == 1 else "were"
            first += f" {format_quantity(result.num_rejected, 'input')} {were} set aside."
        return [first]
    documents, kept = result.num_documents, result.num_kept_documents
    words, kept_words = result.num_words, result.num_kept_words
    repeated = result.removed_words.get(DUPLICATE, 0)
    truncated = result.removed_words.get(TRUNCATED, 0)
    other = words - kept_words - repeated - truncated
    sentences = [
        f"The run read {format_quantity(documents, 'document')} with text from "
        f"{format_quantity(len(result.outlets), 'outlet')}; {format_count(kept)} "
        f"({format_percent(kept, documents)}) still have text in the corpus.",
        f"Of {format_quantity(words, 'word')} it kept {format_count(kept_words)} "
        f"({format_percent(kept_words, words)}). {format_count(other)} "
        f"({format_percent(other, words)}) were no part of an article, and "
        f"{format_count(repeated)} ({format_percent(repeated, words)}) stand in another document.",
        f"Repeated text forms {format_quantity(sum(result.clusters.values()), 'cluster')}; "
        f"{format_quantity(result.num_matches, 'pair')} of passages or documents "
        f"{'was' if result.num_matches == 1 else 'were'} verified and accepted.",
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
    return sentences


def _view(name: str) -> str:
    about = wording.VIEWS.get(name)
    return f"the {name} view ({about})" if about else f"the view {show_name(name)}"


def _state_truncated(result: RunResult) -> str:
    """Say how many documents were cut short, by what, and what became of them."""
    causes = [
        (wording.TRUNCATIONS.get(kind, show_name(kind)), n) for kind, n in result.truncated.items()
    ]
    listed = ", ".join(f"{format_count(n)} {cause}" for cause, n in causes)
    is_one = result.num_truncated == 1
    are = "it is" if is_one else "they are"
    num_dropped = result.num_dropped_truncated
    if not num_dropped:
        fate = f"{are} marked where the corpus has {'it' if is_one else 'them'}"
    elif num_dropped == result.num_truncated:
        fate = f"{are} left out of the corpus"
    else:
        fate = f"{format_count(num_dropped)} of them left out of the corpus, the others marked"
    return (
        f"{format_quantity(result.num_truncated, 'document')} {'holds' if is_one else 'hold'} only "
        f"the beginning of {'its article' if is_one else 'their articles'}, cut short "
        f"{causes[0][0] if len(causes) == 1 else f'({listed})'}; {fate}."
    )


def list_document_steps(result: RunResult) -> list[dict[str, Any]]:
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
        ("In the corpus", result.num_kept_documents, "with no text of their own left"),
    )


def list_word_steps(result: RunResult) -> list[dict[str, Any]]:
    """List what is left of the words, step by step."""
    removed = result.removed_words
    num_duplicate, num_truncated = removed.get(DUPLICATE, 0), removed.get(TRUNCATED, 0)
    num_main = result.num_words - (sum(removed.values()) - num_duplicate - num_truncated)
    whole = ("Not cut short", num_main - num_truncated, "of articles of which only a part is there")
    return _steps(
        ("Words of text", result.num_words, ""),
        ("Without boilerplate", num_main, "boilerplate"),
        *((whole,) if num_truncated else ()),
        ("In the corpus", result.num_kept_words, "repeated elsewhere"),
    )


def _steps(*steps: tuple[str, int, str]) -> list[dict[str, Any]]:
    previous = steps[0][1]
    rows = []
    for label, count, lost in steps:
        rows.append({"label": label, "count": count, "lost": lost if count < previous else ""})
        previous = count
    return rows


def list_kinds(result: RunResult) -> list[dict[str, Any]]:
    """List what was removed by kind, most words first."""
    chars, words = result.removed, result.removed_words
    return [
        {
            "kind": kind,
            "words": words[kind],
            "chars": chars[kind],
            "documents": result.kinds.get(kind, 0),
        }
        for kind in sorted(chars, key=lambda kind: (-words[kind], -chars[kind], kind))
    ]


def describe_outlet(outlet: OutletResult) -> dict[str, Any]:
    """Return what became of one outlet's documents."""
    return {
        "outlet": outlet.outlet,
        "documents": outlet.num_documents,
        "keptDocuments": outlet.num_kept_documents,
        "withoutMain": outlet.num_without_main,
        "words": outlet.num_words,
        "keptWords": outlet.num_kept_words,
        "chars": outlet.num_chars,
        "keptChars": outlet.num_kept_chars,
        "removed": dict(outlet.removed_words),
    }


def describe_recall(result: RunResult) -> list[dict[str, Any]] | None:
    """Return how many of the planted copies were found; None if that was not asked for."""
    if result.recall is None:
        return None
    return [
        {
            "level": level,
            "label": show_name(level),
            "about": wording.LEVELS.get(level, ""),
            "planted": found.planted,
            "found": found.found,
            "low": found.low,
            "high": found.high,
        }
        for level, found in result.recall.items()
    ]


def describe_precision(result: RunResult) -> dict[str, Any] | None:
    """Return how precise the run is by what was judged of a sample; None if nothing was."""
    if result.precision is None:
        return None
    names = ("value", "low", "high", "judged", "same")
    return {name: getattr(result.precision, name) for name in names}


def list_relations(clusters: Mapping[str, int]) -> list[dict[str, Any]]:
    """List clusters by relation, in the order in which the page explains the relations."""
    order = [*wording.RELATIONS, *sorted(set(clusters) - set(wording.RELATIONS))]
    return [{"relation": name, "count": clusters[name]} for name in order if clusters.get(name)]


def describe_rejections(rejections: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return inputs that were set aside, their details cut to a length."""
    return [
        {
            "source": row["source"],
            "reason": row["reason"],
            "detail": show_line(row["detail"], _MAX_DETAIL_CHARS),
        }
        for row in rejections
    ]
