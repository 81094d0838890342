"""Outlets in the page: what each printed over time, and the lines that it repeats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from cleaner.tallies import AGENCY, BOILERPLATE, ORIGINAL, SHARED

PARTS = (ORIGINAL, AGENCY, SHARED, BOILERPLATE)
MAX_TIMES = 60
"""Bars of a chart over time; with more, days become months, and months years (by hand)."""
MAX_LINES = 2000
"""Repeated lines that the page lists (by hand)."""
_UNITS = (("day", 10), ("month", 7), ("year", 4))
"""Units of time, and the length of their names in ISO 8601."""

DAYS_SQL = """
    SELECT outlet, "day", part, CAST(sum(num_words) AS BIGINT) AS num_words
    FROM tallies GROUP BY outlet, "day", part
"""


class RepeatedLines:
    """The lines that each outlet repeats, counted while documents pass by."""

    def __init__(self) -> None:
        self._num_documents: Counter[tuple[str, str]] = Counter()
        self._days: dict[tuple[str, str], set[str]] = {}

    def collect(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield documents without their repeated lines, which are counted.

        Args:
            rows: Rows of `documents.REPORT_DOCUMENTS`.
        """
        for row in rows:
            for line in set(row.pop("repeated")):
                key = row["outlet"], line
                self._num_documents[key] += 1
                if row["published"]:
                    self._days.setdefault(key, set()).add(row["published"][:10])
            yield row

    def describe(self, outlets: Mapping[str, int]) -> tuple[list[dict[str, Any]], int]:
        """Return the lines, the most frequent first, and how many more there are than are shown.

        Args:
            outlets: The number of each outlet by name.
        """
        ordered = sorted(self._num_documents.items(), key=lambda item: (-item[1], item[0]))
        shown = [
            {
                "outlet": outlets[key[0]],
                "line": key[1],
                "documents": num_documents,
                "days": len(self._days.get(key, ())),
            }
            for key, num_documents in ordered[:MAX_LINES]
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
