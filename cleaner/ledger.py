"""What can be done with a ledger: show a view, clean on from it, and lay two over each other.

A run goes over the corpus until a pass removes nothing, so that cleaning its own output changes
nothing. Each pass after the first takes the text that is left (`cut_texts`); its positions are then
brought back to the original texts (`translate`), and its ledger is laid over the first (`overlay`).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cleaner.config import Config
from cleaner.extraction import split_text
from cleaner.model import LEDGER, TEXTS
from cleaner.passages.segment import DOCUMENT

Int64s: TypeAlias = npt.NDArray[np.int64]

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
    rests = _Rests(ledger)
    rows = []
    for row in batch.select(["document_id", "text", "language"]).to_pylist():
        rest = rests.cut(row["document_id"], row["text"])
        rows.append(split_text(rest, row["language"]))
    for name in ("text", "blocks", "language"):
        values = pa.array([row[name] for row in rows], TEXTS.field(name).type)
        batch = batch.set_column(TEXTS.get_field_index(name), TEXTS.field(name), values)
    return batch


_FLAGS = ("unique", "full", "originals")
"""The views that a span may be in."""
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


class _Rests:
    """What is left of texts, as if all of it stood in a row: document after document.

    Args:
        ledger: Rows of `model.LEDGER`, or the columns that say where the unique view was cut.

    Attributes:
        rows: The rows of the ledger that are left, `(num_spans,) int64`, by document and place.
        starts: Where in all that is left each of them begins.
        length: How long all of it is.
    """

    def __init__(self, ledger: pa.Table) -> None:
        named = ledger.column("document_id").combine_chunks().dictionary_encode()
        numbers = named.indices.to_numpy()
        begins, ends = (ledger.column(name).to_numpy() for name in ("begin", "end"))
        rows = np.flatnonzero(ledger.column("unique").to_numpy())
        self.rows = rows[np.lexsort((begins[rows], numbers[rows]))]
        self._begins, self._ends = begins[self.rows], ends[self.rows]
        limits = np.cumsum(np.append(0, self._ends - self._begins))
        self.starts, self.length = limits[:-1], int(limits[-1])
        self._names = named.dictionary
        self._firsts = np.searchsorted(numbers[self.rows], np.arange(len(self._names) + 1))

    @functools.cached_property
    def _numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self._names.to_pylist())}

    def cut(self, name: str, text: str) -> str:
        """Return what is left of a document's text."""
        number = self._numbers.get(name)
        if number is None:
            return ""
        own = slice(*self._firsts[number : number + 2])
        spans = zip(self._begins[own].tolist(), self._ends[own].tolist(), strict=True)
        return "".join(text[begin:end] for begin, end in spans)

    def place_stretches(
        self, names: pa.Array, begins: pa.Array, ends: pa.Array
    ) -> tuple[pa.Array, pa.Array]:
        """Bring stretches of what is left back to the whole texts.

        Args:
            names: The document of each.
            begins: Where it begins in what is left of that; null for no stretch.
            ends: Where it ends.

        Returns:
            Where each begins and ends in the whole text.
        """
        is_there = begins.is_valid()
        names, *limits = (column.filter(is_there) for column in (names, begins, ends))
        first, last = (
            self.find(names, limit.to_numpy() - back) for back, limit in enumerate(limits)
        )
        placed = self.place(first), self.place(last) + 1
        empty = pa.nulls(len(begins), pa.int64())
        one, other = (pc.replace_with_mask(empty, is_there, pa.array(part)) for part in placed)
        return one, other

    def find(self, names: pa.Array, positions: Int64s) -> Int64s:
        """Return where positions in what is left of documents are in all that is left."""
        shifts = np.append(self.starts, self.length)[self._firsts]
        found: Int64s = shifts[pc.index_in(names, self._names).to_numpy()] + positions
        return found

    def place(self, positions: Int64s) -> Int64s:
        """Return where positions in all that is left are in their whole texts."""
        spans = self.spans_at(positions)
        placed: Int64s = self._begins[spans] + positions - self.starts[spans]
        return placed

    def spans_at(self, positions: Int64s) -> Int64s:
        """Return the spans, by their places in `rows`, that hold positions in all that is left."""
        return np.searchsorted(self.starts, positions, side="right") - 1


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
    rests = _Rests(ledger)
    for document, begin, end in extents:
        if begin in batch.schema.names:
            placed = rests.place_stretches(*(batch.column(n) for n in (document, begin, end)))
            for name, values in zip((begin, end), placed, strict=True):
                at = batch.schema.get_field_index(name)
                batch = batch.set_column(at, batch.schema.field(at), values)
    return batch


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
    ledger = pa.Table.from_batches([batch])
    rests = _Rests(ledger)
    starts = rests.find(later.column("document_id"), later.column("begin").to_numpy())
    in_order = np.argsort(starts)
    later, starts = later.take(pa.array(in_order)), starts[in_order]
    pieces = np.union1d(rests.starts, starts)
    ends = np.append(pieces, rests.length)[1:]
    spans = rests.rows[rests.spans_at(pieces)]
    changes = np.searchsorted(starts, pieces, side="right") - 1

    was, now = ({name: t.column(name).to_numpy() for name in _FLAGS} for t in (ledger, later))
    removed = np.flatnonzero(~was["unique"])  # These stay; the others are cut into pieces.
    rows = np.concatenate([removed, spans])
    order = np.argsort(rows, kind="stable")
    rows = rows[order]

    def merge(of_removed: npt.NDArray[Any], of_pieces: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.concatenate([of_removed, of_pieces])[order]

    is_found = later.column("cluster_id").is_valid().to_numpy()[changes]
    was_found = ledger.column("cluster_id").is_valid().to_numpy()[spans]
    is_news = ~now["unique"][changes] | (is_found & ~was_found)
    said = merge(removed, np.where(is_news, len(ledger) + changes, spans))
    old_begins, old_ends = (ledger.column(n).to_numpy()[removed] for n in ("begin", "end"))
    columns = {
        "begin": merge(old_begins, rests.place(pieces)),
        "end": merge(old_ends, rests.place(ends - 1) + 1),
        "unique": merge(was["unique"][removed], now["unique"][changes]),
        "full": was["full"][rows],
        "originals": was["originals"][rows]
        & merge(was["originals"][removed], now["originals"][changes]),
    }
    columns["kept"] = columns[config.output.view]
    found = pa.concat_tables([ledger, later]).combine_chunks().take(pa.array(said))
    for name, values in columns.items():
        found = found.set_column(LEDGER.get_field_index(name), LEDGER.field(name), pa.array(values))
    return pa.RecordBatch.from_arrays(
        [column.combine_chunks() for column in found.columns], schema=LEDGER
    )
