"""What an outlet repeats: lines that recur over its documents are its own furniture.

A line is the outlet's own when enough of its documents carry it. Two things look like that and are
not. *Versions* of one article (reposts, updates) share nearly all their lines: a document most of
whose text recurs is no witness. *Wire copy* recurs across outlets, once or twice in each: a line
must stand in `_MIN_DOCUMENTS_PER_OUTLET` documents of an outlet on average.
"""

from __future__ import annotations

import re

import pyarrow as pa
import xxhash

from cleaner.boilerplate.cues import normalize_line
from cleaner.config import BoilerplateConfig, Config
from cleaner.model import Block

_HEAD_BLOCKS = 8
_TAIL_BLOCKS = 12
"""A line this close to an end of its document stands at its edge (by hand)."""
_DIGITS = re.compile(r"\d+")
_MIN_CHARS = 3
_MIN_DOCUMENTS_PER_OUTLET = 3

OUTLET_LINES = pa.schema(
    [
        pa.field("outlet", pa.string()),
        pa.field("document_id", pa.string()),
        pa.field("line_hash", pa.int64()),
        pa.field("num_chars", pa.int64()),
        pa.field("at_edge", pa.int64()),
    ]
)
"""The different lines of each document."""

REPEATED_LINES = pa.schema(
    [
        pa.field("outlet", pa.string()),
        pa.field("line_hash", pa.int64()),
        pa.field("num_documents", pa.int64()),
        pa.field("num_outlet_documents", pa.int64()),
        pa.field("num_at_edge", pa.int64()),
    ]
)
"""The lines that are an outlet's own."""


def line_hash(line: str) -> int:
    """Hash a normalised line with its numbers masked, as a signed 64-bit integer."""
    return xxhash.xxh3_64_intdigest(_DIGITS.sub("0", line).encode("utf-8")) - (1 << 63)


def is_at_edge(index: int, num_blocks: int) -> bool:
    """Tell whether a block stands near the head or the tail of its document."""
    return index < _HEAD_BLOCKS or index >= num_blocks - _TAIL_BLOCKS


def list_outlet_lines(batch: pa.RecordBatch, config: Config) -> pa.RecordBatch:
    """List the different lines of each document, without what extraction left out anyway.

    Args:
        batch: Rows of `model.TEXTS`.
        config: Not used; every kernel takes it.

    Returns:
        Rows of `OUTLET_LINES`.
    """
    rows: list[dict[str, object]] = []
    for row in batch.select(["document_id", "outlet", "text", "blocks"]).to_pylist():
        blocks = [Block(**block) for block in row["blocks"] if block["in_extraction"] != 0]
        seen: dict[int, tuple[int, bool]] = {}
        for index, block in enumerate(blocks):
            line = normalize_line(row["text"][block.begin : block.end])
            if len(line) >= _MIN_CHARS:
                at_edge = is_at_edge(index, len(blocks))
                key = line_hash(line)
                seen[key] = (len(line), at_edge and seen.get(key, (0, True))[1])
        rows.extend(
            {
                "outlet": row["outlet"],
                "document_id": row["document_id"],
                "line_hash": key,
                "num_chars": num_chars,
                "at_edge": int(at_edge),
            }
            for key, (num_chars, at_edge) in seen.items()
        )
    return pa.RecordBatch.from_pylist(rows, schema=OUTLET_LINES)


def repeated_lines_sql(config: BoilerplateConfig) -> str:
    """Return the query over `outlet_lines` that gives `REPEATED_LINES`."""
    return f"""
    WITH repeated AS (
        SELECT outlet, line_hash
        FROM outlet_lines GROUP BY outlet, line_hash
        HAVING count(*) >= {config.min_outlet_documents}
    ),
    parts AS (
        SELECT outlet, document_id, num_chars, 0 AS repeated_chars FROM outlet_lines
        UNION ALL
        SELECT l.outlet, l.document_id, 0 AS num_chars, l.num_chars AS repeated_chars
        FROM outlet_lines l
        JOIN repeated r ON l.outlet = r.outlet AND l.line_hash = r.line_hash
    ),
    witnesses AS (
        SELECT outlet, document_id FROM parts GROUP BY outlet, document_id
        HAVING 2 * sum(repeated_chars) <= sum(num_chars)
    ),
    sizes AS (
        SELECT outlet, count(*) AS num_outlet_documents FROM witnesses GROUP BY outlet
    ),
    counts AS (
        SELECT l.outlet, l.line_hash, count(*) AS num_documents, sum(l.at_edge) AS num_at_edge
        FROM outlet_lines l JOIN witnesses w
            ON l.outlet = w.outlet AND l.document_id = w.document_id
        GROUP BY l.outlet, l.line_hash
    ),
    spread AS (
        SELECT line_hash, count(*) AS num_outlets, sum(num_documents) AS num_everywhere
        FROM counts GROUP BY line_hash
    )
    SELECT c.outlet AS outlet, c.line_hash AS line_hash,
        CAST(c.num_documents AS BIGINT) AS num_documents,
        CAST(s.num_outlet_documents AS BIGINT) AS num_outlet_documents,
        CAST(c.num_at_edge AS BIGINT) AS num_at_edge
    FROM counts c
    JOIN sizes s ON c.outlet = s.outlet
    JOIN spread e ON c.line_hash = e.line_hash
    WHERE c.num_documents >= {config.min_outlet_documents}
        AND c.num_documents >= {config.min_outlet_ratio} * s.num_outlet_documents
        AND e.num_everywhere >= {_MIN_DOCUMENTS_PER_OUTLET} * e.num_outlets
    """
