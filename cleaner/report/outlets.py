"""Outlets in the page: what each printed over time, and the lines that it repeats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from cleaner.config import Config
from cleaner.ledger import spans_by_document
from cleaner.report.text import show_line
from cleaner.tallies import AGENCY, BOILERPLATE, ORIGINAL, SHARED

PARTS = (ORIGINAL, AGENCY, SHARED, BOILERPLATE)
MAX_TIMES = 60
"""Bars of a chart over time; with more, days become months, and months years (by hand)."""
MAX_LINES = 2000
"""Repeated lines that the page lists (by hand)."""
_OUTLET_RULE = "outlet_repeats"
_UNITS = (("day", 10), ("month", 7), ("year", 4))
"""Units of time, and the length of their names in ISO 8601."""

DAYS_SQL = """
    SELECT outlet, "day", part, CAST(sum(num_words) AS BIGINT) AS num_words
    FROM tallies GROUP BY outlet, "day", part
"""
REPEATED = pa.schema(
    [
        pa.field("outlet", pa.string()),
        pa.field("document_id", pa.string()),
        pa.field("day", pa.string()),
        pa.field("line", pa.string()),
    ]
)
"""Lines that were removed because their outlet repeats them."""
LINES_SQL = """
    WITH days AS (
        SELECT outlet, line, CAST(count(*) AS BIGINT) AS num_days
        FROM (SELECT DISTINCT outlet, line, "day" FROM removed_lines WHERE "day" IS NOT NULL) AS d
        GROUP BY outlet, line
    ),
    documents AS (
        SELECT outlet, line, CAST(count(*) AS BIGINT) AS num_documents
        FROM (SELECT DISTINCT outlet, line, document_id FROM removed_lines) AS d
        GROUP BY outlet, line
    )
    SELECT n.outlet, n.line, n.num_documents, d.num_days
    FROM documents n LEFT JOIN days d ON n.outlet = d.outlet AND n.line = d.line
"""


def list_removed_lines(batch: pa.RecordBatch, config: Config, ledger: pa.Table) -> pa.RecordBatch:
    """List what was removed of documents because their outlet repeats it.

    Args:
        batch: Rows of `model.TEXTS`.
        config: Not used; every kernel takes it.
        ledger: The same documents' rows of `model.LEDGER`.

    Returns:
        Rows of `REPEATED`.
    """
    spans = spans_by_document(ledger)
    rows = []
    for document in batch.select(["document_id", "outlet", "published", "text"]).to_pylist():
        for span in spans.get(document["document_id"], []):
            if span["rule"] == _OUTLET_RULE:
                line = show_line(document["text"][span["begin"] : span["end"]])
                rows.append(
                    {
                        "outlet": document["outlet"],
                        "document_id": document["document_id"],
                        "day": document["published"] and document["published"][:10],
                        "line": line,
                    }
                )
    return pa.RecordBatch.from_pylist(rows, schema=REPEATED)


def describe_lines(
    rows: Iterable[Mapping[str, Any]], outlets: Mapping[str, int]
) -> tuple[list[dict[str, Any]], int]:
    """Return the lines that outlets repeat, the most frequent first, and how many more there are.

    Args:
        rows: What `LINES_SQL` gives.
        outlets: The number of each outlet by name.
    """
    ordered = sorted(rows, key=lambda row: (-row["num_documents"], row["outlet"], row["line"]))
    shown = [
        {
            "outlet": outlets[row["outlet"]],
            "line": row["line"],
            "documents": row["num_documents"],
            "days": row["num_days"] or 0,
        }
        for row in ordered[:MAX_LINES]
    ]
    return shown, len(ordered) - len(shown)


def describe_times(
    rows: Iterable[Mapping[str, Any]], outlets: Mapping[str, int]
) -> tuple[str, list[dict[str, Any]]]:
    """Return the unit of time in which the run is shown, and the words of each outlet by it.

    Args:
        rows: What `DAYS_SQL` gives.
        outlets: The number of each outlet by name.
    """
    listed = list(rows)
    days = {row["day"] for row in listed if row["day"]}
    unit, length = next(
        ((unit, length) for unit, length in _UNITS if _span(days, unit) <= MAX_TIMES), _UNITS[-1]
    )
    sums: dict[tuple[int, str], dict[str, int]] = {}
    for row in listed:
        key = (outlets[row["outlet"]], (row["day"] or "")[:length])
        counts = sums.setdefault(key, dict.fromkeys(PARTS, 0))
        counts[row["part"]] += row["num_words"]
    return unit, [
        {"outlet": outlet, "time": time or None} | counts
        for (outlet, time), counts in sorted(sums.items())
    ]


def _span(days: Iterable[str], unit: str) -> int:
    """Count the units of time from the first day to the last."""
    ordered = sorted(days)
    if not ordered:
        return 0
    first, last = date.fromisoformat(ordered[0]), date.fromisoformat(ordered[-1])
    years = last.year - first.year
    months = 12 * years + last.month - first.month
    return {"year": years, "month": months, "day": (last - first).days}[unit] + 1
