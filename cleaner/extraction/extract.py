"""The extraction stage: a batch of documents in, a batch of texts and blocks out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from cleaner.config import Config
from cleaner.extraction.language import detect_language
from cleaner.extraction.lines import split_lines
from cleaner.model import TEXTS, as_row
from cleaner.reading.decoding import repair_text


def extract_documents(batch: pa.RecordBatch, config: Config) -> pa.RecordBatch:
    """Give each document its text and blocks.

    Args:
        batch: Rows of `model.DOCUMENTS`.
        config: The run's configuration.

    Returns:
        Rows of `model.TEXTS`, in the same order. A document without any text, and one on which
        extraction fails, has a `rejection`.
    """
    rows = [_extract_or_reject(row, config) for row in batch.to_pylist()]
    return pa.RecordBatch.from_pylist(rows, schema=TEXTS)


def reject_documents(batch: pa.RecordBatch, reason: str, detail: str) -> pa.RecordBatch:
    """Set documents aside that a worker process could not extract (it died, or took too long)."""
    rows = [_blank(row) | {"rejection": reason, "detail": detail} for row in batch.to_pylist()]
    return pa.RecordBatch.from_pylist(rows, schema=TEXTS)


def _blank(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of `model.TEXTS` with what is known before extraction."""
    kept = {name: row[name] for name in TEXTS.names if name in row}
    return kept | {"text": "", "blocks": [], "access": None, "rejection": None, "detail": None}


def _extract_or_reject(row: Mapping[str, Any], config: Config) -> dict[str, Any]:
    try:
        return _extract(row, config)
    except Exception as problem:  # Whatever a page holds, it must not stop the run.
        detail = repair_text(f"{type(problem).__name__}: {problem}"[:200])[0]
        return _blank(row) | {"rejection": "extraction_failed", "detail": detail}


def _extract(row: Mapping[str, Any], config: Config) -> dict[str, Any]:
    if row["mime"] == "text/html":
        from cleaner.extraction.page import extract_page  # Most of what a start takes.

        found = extract_page(row, config)
    else:
        found = split_text(row["payload"], row["language"])
    result = _blank(row) | found
    if not result["blocks"] and result["rejection"] is None:
        result |= {"rejection": "no_text", "detail": "there is no visible text in it"}
    return result


def split_text(text: str, language: str | None) -> dict[str, Any]:
    """Return what a row of `model.TEXTS` says of a plain text: itself, its blocks, its language."""
    return {
        "text": text,
        "blocks": [as_row(block) for block in split_lines(text)],
        "language": language or detect_language(text),
    }
