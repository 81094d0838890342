"""The agency credits of documents, as a table beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from cleaner.config import Config
from cleaner.model import read_parts
from cleaner.passages.agency import AgencyCredit, find_agency

CREDITS = pa.schema(
    [
        pa.field("document_id", pa.string()),
        pa.field("agency", pa.string()),
        pa.field("begin", pa.int64()),
        pa.field("end", pa.int64()),
        pa.field("form", pa.string()),
        pa.field("others", pa.list_(pa.string())),
        pa.field("is_press_release", pa.bool_()),
    ]
)
"""The documents that an agency wrote, or had a part in; see `agency.AgencyCredit`."""


def list_credits(batch: pa.RecordBatch, config: Config, judged: pa.Table) -> pa.RecordBatch:
    """List the agency credits of documents, what was judged boilerplate included.

    Args:
        batch: Rows of `model.TEXTS`.
        config: Not used; every kernel takes it.
        judged: The same documents' rows of `boilerplate.JUDGED`.

    Returns:
        Rows of `CREDITS`, one for each document that has one.
    """
    verdicts = read_parts(judged, "verdicts", "begin", "end", "kind")
    rows = []
    for row in batch.select(["document_id", "text", "author", "language"]).to_pylist():
        name = row["document_id"]
        credit = find_agency(
            row["text"],
            verdicts[name],
            author=row["author"],
            language=row["language"],
        )
        if credit is not None:
            fields = {field: getattr(credit, field) for field in CREDITS.names[1:]}
            rows.append({"document_id": name} | fields)
    return pa.RecordBatch.from_pylist(rows, schema=CREDITS)


def read_credit(row: Mapping[str, Any]) -> AgencyCredit:
    """Return a row of `CREDITS` as an object."""
    fields = {field: row[field] for field in CREDITS.names[1:]}
    return AgencyCredit(**fields | {"others": tuple(row["others"])})
