"""The tables beside the corpus: queries that give them, and how they reach a file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cleaner.config import Config
from cleaner.ledger import spans_by_document, view_text
from cleaner.model import SCHEMA_VERSION, TEXTS
from cleaner.passages.cluster import MEMBERS, PLACED_BRIDGES
from cleaner.passages.segment import DOCUMENT
from cleaner.passages.verify import MATCHES
from cleaner.resolution import explain_representative

_GROUP_ROWS = 10_000
"""Rows of a Parquet file that are read together."""
_SIDES = (
    *("left_document", "left_begin", "left_end"),
    *("right_document", "right_begin", "right_end"),
)


def _pairs_sql(table: str, columns: Sequence[str]) -> str:
    """Return the query for a table of pairs: first where both sides stand, last what they are."""
    about = [name for name in columns if name not in _SIDES]
    shown = ", ".join(f"p.{name}" for name in (*_SIDES, *about))
    return f"""
    SELECT {shown},
        a.outlet AS left_outlet, b.outlet AS right_outlet,
        a.source AS left_source, b.source AS right_source,
        a.published AS left_published, b.published AS right_published
    FROM {table} p
    JOIN texts a ON p.left_document = a.document_id
    JOIN texts b ON p.right_document = b.document_id
"""


def _pairs_schema(of: pa.Schema) -> pa.Schema:
    """Return the schema of what that query gives."""
    about = [of.field(name) for name in of.names if name not in (*_SIDES, "links")]
    beside = [
        pa.field(f"{side}_{name}", pa.string())
        for name in ("outlet", "source", "published")
        for side in ("left", "right")
    ]
    return pa.schema([*(of.field(name) for name in _SIDES), *about, *beside])


MATCHES_SQL = _pairs_sql("matches", [name for name in MATCHES.names if name != "links"])
BRIDGES_SQL = _pairs_sql("bridges", PLACED_BRIDGES.names)
WRITTEN_MATCHES, WRITTEN_BRIDGES = _pairs_schema(MATCHES), _pairs_schema(PLACED_BRIDGES)
DOCUMENTS_SQL = """
    SELECT t.document_id, t.source, t.path, t.record, t.source_id, t.outlet, t.outlet_from, t.url,
        t.title, t.author, t.published, t.language, t.mime, t.notes, c.truncated,
        c.truncated_evidence, t.text
    FROM texts t JOIN truncations c ON t.document_id = c.document_id
    WHERE t.rejection IS NULL
"""
_STRINGS = pa.list_(pa.field("l", pa.string()))
"""A list in a file: the name that DuckDB gives to what is in it is part of the format."""
WRITTEN_DOCUMENTS = pa.schema(
    [
        *(TEXTS.field(name) for name in TEXTS.names[:13]),
        pa.field("notes", _STRINGS),
        pa.field("truncated", pa.string()),
        pa.field("truncated_evidence", _STRINGS),
        pa.field("text", pa.string()),
    ]
)
CLUSTER_MEMBERS = pa.schema(
    [
        pa.field("cluster_id", pa.string()),
        pa.field("level", pa.string()),
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
_MEMBER_FIELDS = CLUSTER_MEMBERS.names[3:13]
_OF_MEMBER = [name for name in MEMBERS.names if name in CLUSTER_MEMBERS.names]
_OF_DOCUMENT = ["source", "outlet", "url", "title", "published"]
_CONTEXT_CHARS = 60


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
    whole = batch.filter(pc.equal(batch["level"], DOCUMENT))["document_id"]
    shown = ledger.select(["document_id", "begin", "end", "full"])
    spans = spans_by_document(shown.filter(pc.is_in(shown["document_id"], whole)))
    ids = texts["document_id"].to_pylist()
    said = dict(zip(ids, texts["text"].to_pylist(), strict=True))
    about = dict(zip(ids, texts.select(_OF_DOCUMENT).to_pylist(), strict=True))
    for row in ranks.select(["document_id", "num_chars", "truncated"]).to_pylist():
        about[row.pop("document_id")] |= row
    rows = []
    for row in batch.select(_OF_MEMBER).to_pylist():
        name, begin, end = row["document_id"], row["begin"], row["end"]
        text = said[name]
        row |= about[name]
        is_whole = row["level"] == DOCUMENT
        row["text"] = view_text(text, spans[name], "full") if is_whole else text[begin:end]
        row["before"] = text[max(0, begin - _CONTEXT_CHARS) : begin]
        row["after"] = text[end : end + _CONTEXT_CHARS]
        rows.append(row)
    return pa.RecordBatch.from_pylist(rows, schema=CLUSTER_MEMBERS)


def write_parquet(batches: Iterable[pa.RecordBatch], path: Path, schema: pa.Schema) -> None:
    """Write a table; its metadata carry the version of the output schemas.

    How rows are batched does not matter to the file: that depends on the number of workers.
    """
    marked = schema.with_metadata({"schema_version": str(SCHEMA_VERSION), "tool": "cleaner"})
    with pq.ParquetWriter(path, marked, compression="zstd") as writer:
        for group in _list_row_groups(batches, schema):
            writer.write_table(group.replace_schema_metadata(marked.metadata), _GROUP_ROWS)


def _list_row_groups(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield all rows, `_GROUP_ROWS` at a time."""
    held: list[pa.RecordBatch] = []
    room = _GROUP_ROWS
    for batch in batches:
        at = 0
        while at < batch.num_rows:
            held.append(batch.slice(at, room))
            at += held[-1].num_rows
            room -= held[-1].num_rows
            if room == 0:
                yield pa.Table.from_batches(held, schema).combine_chunks()
                held, room = [], _GROUP_ROWS
    if held:
        yield pa.Table.from_batches(held, schema).combine_chunks()


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
        outlets = sorted(Counter(row["outlet"] for row in members).items())
        similarities = [row["similarity"] for row in others] or [1.0]
        yield {
            "cluster_id": cluster_id,
            "level": chosen["level"],
            "relation": chosen["relation"],
            "representative": chosen["document_id"],
            "why": explain_representative(chosen, others, config.resolve),
            "num_members": len(members),
            "num_outlets": len(outlets),
            "outlets": [outlet for outlet, _ in outlets],
            "copies": [{"outlet": outlet, "num_copies": n} for outlet, n in outlets],
            "first_published": dates[0] if dates else None,
            "last_published": dates[-1] if dates else None,
            "num_days": _count_days(dates[0], dates[-1]) if dates else None,
            "min_similarity": min(similarities),
            "median_similarity": round(median(similarities), 6),
            "title": chosen["title"],
            "text": None if chosen["level"] == DOCUMENT else chosen["text"],
            "members": [{field: row[field] for field in fields} for row in members],
        }


def _count_days(first: str, last: str) -> int:
    """Count the days from one date to another, both of them included."""
    return (date.fromisoformat(last[:10]) - date.fromisoformat(first[:10])).days + 1
