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
from cleaner.model import SCHEMA_VERSION
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
    SELECT document_id, source, path, record, source_id, outlet, outlet_from, url, title, author,
        published, language, mime, notes, text
    FROM texts WHERE rejection IS NULL
"""
CLUSTER_MEMBERS_SQL = """
    SELECT m.cluster_id, m.relation, m.document_id, m."begin", m."end", m.is_representative,
        m.similarity, t.source, t.outlet, t.url, t.title, t.published, r.num_chars,
        t.text
    FROM members m
    JOIN texts t ON m.document_id = t.document_id
    JOIN first_ranks r ON m.document_id = r.document_id
"""


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
    batches: Iterable[pa.RecordBatch], config: Config
) -> Iterator[dict[str, Any]]:
    """Yield each cluster with its members.

    Args:
        batches: Rows of what `CLUSTER_MEMBERS_SQL` gives, ordered by cluster.
        config: The run's configuration.
    """
    rows = (row for batch in batches for row in batch.to_pylist())
    for cluster_id, group in groupby(rows, key=lambda row: row["cluster_id"]):
        members = sorted(group, key=lambda row: (not row["is_representative"], row["document_id"]))
        chosen, *others = members
        dates = sorted(row["published"] for row in members if row["published"])
        is_copy = chosen["relation"] == "copy"
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
            "text": None if is_copy else chosen["text"][chosen["begin"] : chosen["end"]],
            "members": [
                {
                    key: row[key]
                    for key in (
                        "document_id",
                        "source",
                        "outlet",
                        "url",
                        "title",
                        "published",
                        "begin",
                        "end",
                        "similarity",
                        "is_representative",
                    )
                }
                for row in members
            ],
        }
