"""The tables beside the corpus: queries that give them, and how they reach a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cleaner.config import Config
from cleaner.ledger import spans_by_document, view_text
from cleaner.model import SCHEMA_VERSION, Relation
from cleaner.resolution import explain_representative

MATCHES_SQL = """
    SELECT m.left_document, m.left_begin, m.left_end, m.right_document, m.right_begin, m.right_end,
        m.level, m.relation, m.differs, m.num_words, m.jaccard, m.containment, m.aligned_ratio,
        a.outlet AS left_outlet, b.outlet AS right_outlet,
        a.source AS left_source, b.source AS right_source,
        a.published AS left_published, b.published AS right_published
    FROM matches m
    JOIN texts a ON m.left_document = a.document_id
    JOIN texts b ON m.right_document = b.document_id
"""
DOCUMENTS_SQL = """
    SELECT t.document_id, t.source, t.path, t.record, t.source_id, t.outlet, t.outlet_from, t.url,
        t.title, t.author, t.published, t.language, t.mime, t.notes, c.truncated,
        c.truncated_evidence, t.text
    FROM texts t JOIN truncations c ON t.document_id = c.document_id
    WHERE t.rejection IS NULL
"""
CLUSTER_MEMBERS = pa.schema(
    [
        pa.field("cluster_id", pa.string()),
        pa.field("relation", pa.string()),
        pa.field("document_id", pa.string()),
        pa.field("source", pa.string()),
        pa.field("outlet", pa.string()),
        pa.field("url", pa.string()),
        pa.field("title", pa.string()),
        pa.field("published", pa.string()),
        pa.field("begin", pa.int64()),
        pa.field("end", pa.int64()),
        pa.field("similarity", pa.float64()),
        pa.field("is_representative", pa.bool_()),
        pa.field("num_chars", pa.int64()),
        pa.field("truncated", pa.string()),
        pa.field("text", pa.large_string()),
        pa.field("before", pa.string()),
        pa.field("after", pa.string()),
    ]
)
"""Members of clusters with what a reader wants to see of them: the passage (of a copy, the main
content) and the text around it."""
_MEMBER_FIELDS = CLUSTER_MEMBERS.names[2:12]
_CONTEXT_CHARS = 200


def describe_members(
    batch: pa.RecordBatch, config: Config, texts: pa.Table, ranks: pa.Table, ledger: pa.Table
) -> pa.RecordBatch:
    """Put beside each member of a cluster what it says.

    Args:
        batch: Rows of `cluster.MEMBERS`.
        config: Not used; every kernel takes it.
        texts: The same documents' rows of `model.TEXTS`.
        ranks: Their rows of `resolution.RANKS`.
        ledger: Their rows of `model.LEDGER`.

    Returns:
        Rows of `CLUSTER_MEMBERS`, in the same order.
    """
    documents = {row["document_id"]: row for row in texts.to_pylist()}
    ranked = {row["document_id"]: row for row in ranks.to_pylist()}
    spans = spans_by_document(ledger)
    rows = []
    for member in batch.to_pylist():
        name, begin, end = member["document_id"], member["begin"], member["end"]
        document = documents[name]
        text: str = document["text"]
        row = {field: (document | member).get(field) for field in CLUSTER_MEMBERS.names}
        row |= {field: ranked[name][field] for field in ("num_chars", "truncated")}
        if member["relation"] == Relation.COPY:
            row["text"] = view_text(text, spans[name], "full")
        else:
            row["text"] = text[begin:end]
        row["before"] = text[max(0, begin - _CONTEXT_CHARS) : begin]
        row["after"] = text[end : end + _CONTEXT_CHARS]
        rows.append(row)
    return pa.RecordBatch.from_pylist(rows, schema=CLUSTER_MEMBERS)


def write_parquet(batches: Iterable[pa.RecordBatch], path: Path, schema: pa.Schema) -> None:
    """Write a table; its metadata carry the version of the output schemas."""
    marked = schema.with_metadata({"schema_version": str(SCHEMA_VERSION), "tool": "cleaner"})
    with pq.ParquetWriter(path, marked, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=marked))


def write_json_lines(rows: Iterable[dict[str, Any]], path: Path) -> None:
    """Write rows as JSON lines."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def describe_clusters(
    batches: Iterable[pa.RecordBatch], config: Config, *, with_text: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield each cluster with its members.

    Args:
        batches: Rows of `CLUSTER_MEMBERS`, ordered by cluster.
        config: The run's configuration.
        with_text: Give each member `text`, `before` and `after` too.
    """
    fields = [*_MEMBER_FIELDS, *(("text", "before", "after") if with_text else ())]
    rows = (row for batch in batches for row in batch.to_pylist())
    for cluster_id, group in groupby(rows, key=lambda row: row["cluster_id"]):
        members = sorted(group, key=lambda row: (not row["is_representative"], row["document_id"]))
        chosen, *others = members
        dates = sorted(row["published"] for row in members if row["published"])
        yield {
            "cluster_id": cluster_id,
            "relation": chosen["relation"],
            "representative": chosen["document_id"],
            "why": explain_representative(chosen, others, config.resolve),
            "num_members": len(members),
            "outlets": sorted({row["outlet"] for row in members}),
            "first_published": dates[0] if dates else None,
            "last_published": dates[-1] if dates else None,
            "min_similarity": min(row["similarity"] for row in members),
            "title": chosen["title"],
            "text": None if chosen["relation"] == Relation.COPY else chosen["text"],
            "members": [{field: row[field] for field in fields} for row in members],
        }
