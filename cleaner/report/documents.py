"""Documents in the page: the list of all, and each one's text with what became of every part."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any

import msgspec
import pyarrow as pa

from cleaner.config import Config
from cleaner.model import DUPLICATE, MAIN
from cleaner.passages.segment import DOCUMENT
from cleaner.report.text import show_line

_OUTLET_RULE = "outlet_repeats"
_VIEWS = ("unique", "full", "originals")
_SPAN = (
    *("begin", "end", "kind", "reason", "rule", "score", "evidence", "views", "relation"),
    *("cluster_id", "partner_document", "partner_begin", "partner_end", "similarity"),
)
_COLUMNS = {
    "id": "document_id",
    **{name: name for name in ("source", "title", "published", "url", "language", "truncated")},
    **{"outlet": "outlet", "words": "words", "keptWords": "kept_words"},
    **{"sharedWords": "shared_words", "kinds": "kinds"},
}
"""Names in the page's data, and in `REPORT_DOCUMENTS`."""
_ABOUT = ("document_id", "source", "title", "outlet", "published", "url", "language")

REPORT_DOCUMENTS = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in (*_ABOUT, "truncated")),
        pa.field("path", pa.string()),
        pa.field("record", pa.int64()),
        pa.field("words", pa.int64()),
        pa.field("kept_words", pa.int64()),
        pa.field("shared_words", pa.int64()),
        pa.field("kinds", pa.list_(pa.string())),
        pa.field("repeated", pa.list_(pa.string())),
        pa.field("detail", pa.large_binary()),
    ]
)
"""A document as the page lists it; `kinds` are those of its removed text, `repeated` the lines that
fell because its outlet repeats them, and `detail` is JSON: `text`, and `spans` as rows of what
`_SPAN` names."""


def pack_documents(
    batch: pa.RecordBatch,
    config: Config,
    ledger: pa.Table,
    tallies: pa.Table,
    truncations: pa.Table,
    members: pa.Table,
) -> pa.RecordBatch:
    """Put together what the page shows of documents.

    Args:
        batch: Rows of `model.TEXTS`.
        config: Not used; every kernel takes it.
        ledger: The same documents' rows of `model.LEDGER`.
        tallies: Their rows of `tallies.TALLIES`.
        truncations: Their rows of `boilerplate.TRUNCATIONS`.
        members: Their rows of `cluster.MEMBERS`; of an article with copies all words are shared.

    Returns:
        Rows of `REPORT_DOCUMENTS`; inputs without text are left out.
    """
    spans = _describe_spans(ledger)
    counted: dict[str, list[dict[str, Any]]] = {}
    for row in tallies.to_pylist():
        counted.setdefault(row["document_id"], []).append(row)
    truncated = {row["document_id"]: row["truncated"] for row in truncations.to_pylist()}
    copied = {row["document_id"] for row in members.to_pylist() if row["level"] == DOCUMENT}
    rows = []
    columns = [*_ABOUT, "path", "record", "rejection", "text"]
    for document in batch.select(columns).to_pylist():
        name, text = document["document_id"], document.pop("text")
        if document.pop("rejection") is not None:
            continue
        counts = counted.get(name, [])
        shown = spans.get(name, [])
        rows.append(
            document
            | {
                "truncated": truncated.get(name),
                "words": sum(row["num_words"] for row in counts),
                "kept_words": sum(row["num_words"] for row in counts if row["kept"]),
                "shared_words": sum(
                    row["num_words"] for row in counts if _is_shared(row, name in copied)
                ),
                "kinds": sorted({row["kind"] for row in counts if not row["kept"]}),
                "repeated": [
                    show_line(text[begin:end])
                    for begin, end, _, _, rule, *_ in shown
                    if rule == _OUTLET_RULE
                ],
                "detail": msgspec.json.encode({"text": text, "spans": shown}),
            }
        )
    return pa.RecordBatch.from_pylist(rows, schema=REPORT_DOCUMENTS)


def _is_shared(row: Mapping[str, Any], is_copied: bool) -> bool:
    """Tell whether words stand in another document too, as far as the run found out."""
    return row["is_clustered"] or row["kind"] == DUPLICATE or (is_copied and row["kind"] == MAIN)


def _describe_spans(ledger: pa.Table) -> dict[str, list[tuple[Any, ...]]]:
    """Return the spans of each document as rows of what `_SPAN` names, in order."""
    columns = {name: ledger.column(name).to_pylist() for name in ledger.column_names}
    flags = (ledger.column(name).fill_null(False).to_pylist() for name in _VIEWS)
    columns["views"] = [
        unique + 2 * full + 4 * originals for unique, full, originals in zip(*flags, strict=True)
    ]
    columns["evidence"] = [evidence or "" for evidence in columns["evidence"]]
    for name in ("score", "similarity"):
        columns[name] = [value if value is None else round(value, 4) for value in columns[name]]
    spans: dict[str, list[tuple[Any, ...]]] = {}
    rows = zip(*(columns[name] for name in _SPAN), strict=True)
    for document, row in zip(columns["document_id"], rows, strict=True):
        spans.setdefault(document, []).append(row)
    for listed in spans.values():
        listed.sort(key=itemgetter(0))
    return spans


class DocumentIndex:
    """The list of documents, column by column, filled while their details pass by.

    Args:
        outlets: The names of all outlets; a document names its outlet by the place in this list.
        kinds: The names of all kinds of removed text, likewise.
    """

    def __init__(self, outlets: Iterable[str], kinds: Iterable[str]) -> None:
        self._outlets = {outlet: number for number, outlet in enumerate(outlets)}
        self._kinds = {kind: number for number, kind in enumerate(kinds)}
        self._columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
        self.numbers: dict[str, int] = {}
        """The number of each document by id."""

    def collect(
        self, rows: Iterable[dict[str, Any]], max_documents: int, wanted: Collection[str]
    ) -> Iterator[bytes]:
        """List documents, and yield the detail of each.

        Args:
            rows: Rows of `REPORT_DOCUMENTS`, in the order of the page.
            max_documents: How many to list.
            wanted: Those that have to be among them, by id.
        """
        room = max_documents - len(wanted)
        for row in rows:
            if row["document_id"] not in wanted:
                if room <= 0:
                    continue
                room -= 1
            yield row["detail"]
            self.numbers[row["document_id"]] = len(self.numbers)
            row["outlet"] = self._outlets[row["outlet"]]
            row["kinds"] = [self._kinds[kind] for kind in row["kinds"]]
            for name, of_row in _COLUMNS.items():
                self._columns[name].append(row[of_row])

    def columns(self, firsts: list[int]) -> dict[str, Any]:
        """Return the list, with the number of the first document of each chunk of details."""
        return {**self._columns, "chunks": firsts}
