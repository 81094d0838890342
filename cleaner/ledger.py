"""What can be done with a ledger: show a view, clean on from it, and lay two over each other.

A run goes over the corpus until a pass removes nothing, so that cleaning its own output changes
nothing. Each pass after the first takes the text that is left (`cut_texts`); its positions are then
brought back to the original texts (`translate`), and its ledger is laid over the first (`overlay`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, islice
from typing import Any

import pyarrow as pa

from cleaner.config import Config
from cleaner.extraction import split_text
from cleaner.model import LEDGER, TEXTS
from cleaner.passages.segment import DOCUMENT

ANY_REMOVED_SQL = """
    SELECT count(*) AS num_removed FROM pass_ledger WHERE "unique" = FALSE
"""
REMOVED = pa.schema([pa.field("num_removed", pa.int64())])
ADD_MEMBERS_SQL = """
    WITH used AS (SELECT DISTINCT cluster_id FROM ledger WHERE cluster_id IS NOT NULL),
    known AS (SELECT DISTINCT cluster_id FROM members)
    SELECT * FROM members
    UNION ALL
    SELECT n.* FROM new_members n JOIN used u ON n.cluster_id = u.cluster_id
        LEFT JOIN known k ON n.cluster_id = k.cluster_id
    WHERE k.cluster_id IS NULL
"""
"""Clusters of all passes, as far as the ledger speaks of them."""


def view_text(text: str, spans: Iterable[Mapping[str, Any]], view: str) -> str:
    """Return the text of a view: its spans put together.

    Args:
        text: The document's text.
        spans: Its rows of `model.LEDGER`, in order.
        view: `unique`, `full` or `originals`.
    """
    return "".join(text[span["begin"] : span["end"]] for span in spans if span[view])


def cut_texts(batch: pa.RecordBatch, config: Config, ledger: pa.Table) -> pa.RecordBatch:
    """Give each document the text that its unique view has left, as if it were the input.

    Args:
        batch: Rows of `model.TEXTS`.
        config: Not used; every kernel takes it.
        ledger: The same documents' rows of `model.LEDGER`.

    Returns:
        Rows of `model.TEXTS`; documents with nothing left have an empty text.
    """
    spans = spans_by_document(ledger.select(_CUTS))
    rows = []
    for row in batch.select(["document_id", "text", "language"]).to_pylist():
        rest = view_text(row["text"], spans.get(row["document_id"], []), "unique")
        rows.append(split_text(rest, row["language"]))
    for name in ("text", "blocks", "language"):
        values = pa.array([row[name] for row in rows], TEXTS.field(name).type)
        batch = batch.set_column(TEXTS.get_field_index(name), TEXTS.field(name), values)
    return batch


_CUTS = ["document_id", "begin", "end", "unique"]
"""What of the ledger says where the unique view was cut."""


def spans_by_document(ledger: pa.Table) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of `model.LEDGER` of each document, in order, by document id."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in ledger.to_pylist():
        found.setdefault(row["document_id"], []).append(row)
    for spans in found.values():
        spans.sort(key=lambda span: span["begin"])
    return found


class _Positions:
    """Brings positions in what is left of a text back to the whole text."""

    def __init__(self, spans: Sequence[Mapping[str, Any]]) -> None:
        self._starts: list[int] = []
        self._begins: list[int] = []
        self.length = 0
        for span in spans:
            if span["unique"]:
                self._starts.append(self.length)
                self._begins.append(span["begin"])
                self.length += span["end"] - span["begin"]

    def extent(self, begin: int, end: int) -> tuple[int, int]:
        """Return where a stretch begins and ends in the whole text."""
        return self._at(begin), self._at(end - 1) + 1

    def _at(self, position: int) -> int:
        nearest = bisect_right(self._starts, position) - 1
        return self._begins[nearest] + position - self._starts[nearest]


_EXTENTS = (
    ("document_id", "begin", "end"),
    ("partner_document", "partner_begin", "partner_end"),
    ("left_document", "left_begin", "left_end"),
    ("right_document", "right_begin", "right_end"),
)


def leave_out_known(batch: pa.RecordBatch, config: Config, known: pa.Table) -> pa.RecordBatch:
    """Leave out the matches of a pass that earlier passes found: what is kept is found again.

    Args:
        batch: Rows of `verify.MATCHES`, in positions of the whole texts.
        config: Not used; every kernel takes it.
        known: The matches of earlier passes of the same left documents.

    Returns:
        The rows that touch no known match of the same two documents on both sides; two whole
        documents are no part of what is known of their passages.
    """
    places: dict[tuple[str, str], list[dict[str, Any]]] = {}
    columns = ["level", *(name for extent in _EXTENTS[2:] for name in extent)]
    for row in known.select(columns).to_pylist():
        places.setdefault((row["left_document"], row["right_document"]), []).append(row)
    is_new = [
        not any(
            all(row[begin] < old[end] and old[begin] < row[end] for _, begin, end in _EXTENTS[2:])
            for old in places.get((row["left_document"], row["right_document"]), [])
            if row["level"] != DOCUMENT or old["level"] == DOCUMENT
        )
        for row in batch.select(columns).to_pylist()
    ]
    return batch.filter(pa.array(is_new, pa.bool_()))


def translate_partners(batch: pa.RecordBatch, config: Config, ledger: pa.Table) -> pa.RecordBatch:
    """Bring the partners of a pass's ledger back to positions in the whole texts.

    Args:
        batch: Rows of `model.LEDGER` of a pass.
        config: Not used; every kernel takes it.
        ledger: The rows of the ledger before the pass of all partner documents.
    """
    return _translate(batch, ledger, _EXTENTS[1:2])


def translate(batch: pa.RecordBatch, config: Config, ledger: pa.Table) -> pa.RecordBatch:
    """Bring all positions of a pass's matches or clusters back to positions in the whole texts.

    Args:
        batch: Rows of `verify.MATCHES` or `cluster.MEMBERS` of a pass.
        config: Not used; every kernel takes it.
        ledger: The rows of the ledger before the pass of all documents in the batch.
    """
    return _translate(batch, ledger, _EXTENTS)


def _translate(
    batch: pa.RecordBatch, ledger: pa.Table, extents: Sequence[tuple[str, str, str]]
) -> pa.RecordBatch:
    cuts = spans_by_document(ledger.select(_CUTS))
    positions = {name: _Positions(spans) for name, spans in cuts.items()}
    rows = batch.to_pylist()
    for row in rows:
        for document, begin, end in extents:
            if row.get(begin) is not None:
                row[begin], row[end] = positions[row[document]].extent(row[begin], row[end])
    return pa.RecordBatch.from_pylist(rows, schema=batch.schema)


def cut_extents(batch: pa.RecordBatch, config: Config, ledger: pa.Table) -> pa.RecordBatch:
    """Bring positions in whole texts to what `cut_texts` left of them: the opposite of `translate`.

    Args:
        batch: Rows with some of the extents that matches and clusters have.
        config: Not used; every kernel takes it.
        ledger: The rows of `model.LEDGER` of all documents in the batch.

    Returns:
        The rows of which something is left on every side, in the same order.
    """
    spans_of = spans_by_document(ledger.select(_CUTS))
    rows = []
    for row in batch.to_pylist():
        named = [extent for extent in _EXTENTS if extent[0] in row]
        for document, begin, end in named:
            spans = spans_of[row[document]]
            row[begin], row[end] = (_num_left(spans, row[at]) for at in (begin, end))
        if all(row[begin] < row[end] for _, begin, end in named):
            rows.append(row)
    return pa.RecordBatch.from_pylist(rows, schema=batch.schema)


def _num_left(spans: Iterable[Mapping[str, Any]], position: int) -> int:
    """Count the characters that the unique view has left before a position."""
    return sum(
        max(0, min(span["end"], position) - span["begin"]) for span in spans if span["unique"]
    )


def overlay(batch: pa.RecordBatch, config: Config, later: pa.Table) -> pa.RecordBatch:
    """Lay the ledger of a pass over the one before it.

    What the pass removed is gone from the unique view and the originals; the full view is the first
    pass's. What it found shared is marked.

    Args:
        batch: Rows of `model.LEDGER`, whole documents, in order.
        config: The run's configuration; its view fills `kept`.
        later: The same documents' rows of the pass's ledger, partners already translated.

    Returns:
        Rows of `model.LEDGER`.
    """
    news = spans_by_document(later)
    rows: list[dict[str, Any]] = []
    for document_id, group in groupby(batch.to_pylist(), key=lambda row: row["document_id"]):
        changes = news.get(document_id, [])
        at = num_past = 0
        for span in group:
            if not span["unique"]:
                rows.append(span)
                continue
            length = span["end"] - span["begin"]
            for change in islice(changes, num_past, None):
                if change["begin"] >= at + length:
                    break
                num_past += change["end"] <= at + length
                first, last = max(at, change["begin"]), min(at + length, change["end"])
                if first < last:
                    begin = span["begin"] + first - at
                    rows.append(_combine(span, change, begin, begin + last - first))
            at += length
    for row in rows:
        row["kept"] = row[config.output.view]
    return pa.RecordBatch.from_pylist(rows, schema=LEDGER)


def _combine(span: dict[str, Any], change: dict[str, Any], begin: int, end: int) -> dict[str, Any]:
    """Return the part of a span that a pass judged anew."""
    is_news = not change["unique"] or (span["cluster_id"] is None and change["cluster_id"])
    row = dict(change if is_news else span)
    row |= {"begin": begin, "end": end, "document_id": span["document_id"]}
    row["unique"] = change["unique"]
    row["full"] = span["full"]
    row["originals"] = span["originals"] and change["originals"]
    return row
