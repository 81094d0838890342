"""What became of each document's characters and words, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from cleaner.config import Config
from cleaner.ledger import spans_by_document
from cleaner.model import DUPLICATE, MAIN, TRUNCATED, Relation
from cleaner.words import find_begins

ORIGINAL, AGENCY, SHARED, BOILERPLATE = "original", "agency", "shared", "boilerplate"
"""What text is: the outlet's own, an agency's, another document's, or no part of an article."""

TALLIES = pa.schema(
    [
        pa.field("document_id", pa.string()),
        pa.field("outlet", pa.string()),
        pa.field("day", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("part", pa.string()),
        pa.field("kept", pa.bool_()),
        pa.field("is_clustered", pa.bool_()),
        pa.field("num_chars", pa.int64()),
        pa.field("num_words", pa.int64()),
    ]
)
"""Characters and words of each document by kind, by what they are, by whether the run's view holds
them and by whether they stand in another document too. `day` is null for undated documents."""
_GROUPS = ("kind", "part", "kept", "is_clustered")
_SPAN = ["document_id", "begin", "end", "kept", "kind", "originals", "relation", "cluster_id"]


def tally_spans(batch: pa.RecordBatch, config: Config, ledger: pa.Table) -> pa.RecordBatch:
    """Count the characters and words of documents by what became of them.

    Args:
        batch: Rows of `model.TEXTS`.
        config: Not used; every kernel takes it.
        ledger: The same documents' rows of `model.LEDGER`.

    Returns:
        Rows of `TALLIES`. A word belongs to the span that it begins in.
    """
    spans = spans_by_document(ledger.select(_SPAN))
    rows: list[dict[str, Any]] = []
    for document in batch.select(["document_id", "outlet", "published", "text"]).to_pylist():
        own = spans.get(document["document_id"], [])
        limits = [(span["begin"], span["end"]) for span in own]
        num_before = np.searchsorted(find_begins(document["text"]), limits).tolist()
        sums: dict[tuple[Any, ...], list[int]] = {}
        for span, (first, last) in zip(own, num_before, strict=True):
            key = (span["kind"], name_part(span), span["kept"], span["cluster_id"] is not None)
            counts = sums.setdefault(key, [0, 0])
            counts[0] += span["end"] - span["begin"]
            counts[1] += last - first
        about = {
            "document_id": document["document_id"],
            "outlet": document["outlet"],
            "day": document["published"] and document["published"][:10],
        }
        for key, (num_chars, num_words) in sorted(sums.items()):
            group = dict(zip(_GROUPS, key, strict=True))
            rows.append(about | group | {"num_chars": num_chars, "num_words": num_words})
    return pa.RecordBatch.from_pylist(rows, schema=TALLIES)


def name_part(span: Mapping[str, Any]) -> str:
    """Say what a span's text is.

    >>> name_part({"kind": "main", "originals": False, "relation": "wire"})
    'agency'
    """
    if span["kind"] not in (MAIN, DUPLICATE, TRUNCATED):
        return BOILERPLATE
    if span["originals"] or span["kind"] == TRUNCATED:
        return ORIGINAL
    return AGENCY if span["relation"] == Relation.WIRE.value else SHARED
