"""Outlets in the page: words over time, in units that fit, and the lines that each repeats."""

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.config import Config
from cleaner.engines import LocalEngine, query_rows
from cleaner.model import LEDGER, TEXTS
from cleaner.report.outlets import (
    LINES_SQL,
    MAX_LINES,
    MAX_TIMES,
    PARTS,
    REPEATED,
    describe_lines,
    describe_times,
    list_removed_lines,
)

OUTLETS = {"Courier": 0, "Ledger": 1}


def make_row(day: str | None, part: str = "original", outlet: str = "Courier") -> dict[str, Any]:
    """Make a row of ten words."""
    return {"outlet": outlet, "day": day, "part": part, "num_words": 10}


UNITS = [
    ([], "day"),
    ([None], "day"),
    (["2024-02-29"], "day"),
    (["2024-02-01", "2024-03-31"], "day"),
    (["2024-02-01", "2024-04-01"], "month"),
    (["2023-02-01", "2023-04-01"], "day"),
    (["2023-02-01", "2023-04-02"], "month"),
    (["2023-12-31", "2024-01-01"], "day"),
    (["2019-01-31", "2023-12-01"], "month"),
    (["2019-01-31", "2024-01-01"], "year"),
    (["1900-01-01", "2024-01-01"], "year"),
]


@pytest.mark.parametrize(("days", "expected"), UNITS)
def test_unit(days: list[str | None], expected: str) -> None:
    """Days become months where there are more than sixty of them, and months years."""
    assert MAX_TIMES == 60
    assert describe_times([make_row(day) for day in days], OUTLETS)[0] == expected


@given(st.dates(date(1, 1, 1), date(9999, 10, 1)), st.integers(0, 62))
def test_days(first: date, num_days: int) -> None:
    """Sixty days are shown as such wherever in the calendar they are."""
    last = first + timedelta(days=num_days)
    rows = [make_row(first.isoformat()), make_row(last.isoformat())]
    assert (describe_times(rows, OUTLETS)[0] == "day") is (num_days < 60)


def test_words_by_time() -> None:
    """Words are summed by outlet and time; undated ones have a place of their own, before all."""
    rows = [
        make_row("2024-10-17"),
        make_row("2024-10-17", "agency"),
        make_row("2024-10-17", outlet="Ledger"),
        make_row("2024-10-16", "boilerplate"),
        make_row(None, "shared"),
    ]
    unit, times = describe_times(rows, OUTLETS)
    assert (unit, PARTS) == ("day", ("original", "agency", "shared", "boilerplate"))
    assert [tuple(row.values()) for row in times] == [
        (0, None, 0, 0, 10, 0),
        (0, "2024-10-16", 0, 0, 0, 10),
        (0, "2024-10-17", 10, 10, 0, 0),
        (1, "2024-10-17", 10, 0, 0, 0),
    ]
    assert list(times[0]) == ["outlet", "time", *PARTS]


@pytest.mark.parametrize(("last", "expected"), [("2024-03-02", "2024-01"), ("2044-03-02", "2024")])
def test_times_are_put_together(last: str, expected: str) -> None:
    """Where days are months or years, their words are summed."""
    rows = [make_row("2024-01-01"), make_row("2024-01-31"), make_row(last)]
    times = describe_times(rows, OUTLETS)[1]
    assert [(row["time"], row["original"]) for row in times] == [
        (expected, 20), (last[: len(expected)], 10),
    ]  # fmt: skip


def test_lines_that_were_removed() -> None:
    """Only what fell because its outlet repeats it is listed, on one line, with the day."""
    texts = [
        {"document_id": "a", "outlet": "Courier", "published": "2024-10-17T08:00:00Z",
         "text": "Read\n  on\nShare\nText"},
        {"document_id": "b", "outlet": "Ledger", "published": None, "text": "More"},
    ]  # fmt: skip
    spans = [
        {"document_id": "a", "begin": 0, "end": 9, "rule": "outlet_repeats"},
        {"document_id": "a", "begin": 9, "end": 15, "rule": "en.share"},
        {"document_id": "b", "begin": 0, "end": 4, "rule": "outlet_repeats"},
    ]
    found = list_removed_lines(
        pa.RecordBatch.from_pylist(texts, schema=TEXTS),
        Config(),
        pa.Table.from_pylist(spans, schema=LEDGER),
    )
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        ("Courier", "a", "2024-10-17", "Read on"),
        ("Ledger", "b", None, "More"),
    ]


def test_lines_are_counted() -> None:
    """A line counts once a document and once a day; undated documents have no day."""
    rows = [
        ("Courier", "a", "2024-10-17", "Read on"),
        ("Courier", "a", "2024-10-17", "Read on"),
        ("Courier", "b", "2024-10-17", "Read on"),
        ("Courier", "c", "2024-10-18", "Read on"),
        ("Courier", "d", None, "Read on"),
        ("Ledger", "e", None, "Read on"),
    ]
    with LocalEngine(workers=1) as engine:
        named = [dict(zip(REPEATED.names, row, strict=True)) for row in rows]
        engine.write(
            "removed_lines", [pa.RecordBatch.from_pylist(named, schema=REPEATED)], REPEATED
        )
        found = describe_lines(query_rows(engine, LINES_SQL), OUTLETS)
    assert found == (
        [
            {"outlet": 0, "line": "Read on", "documents": 4, "days": 2},
            {"outlet": 1, "line": "Read on", "documents": 1, "days": 0},
        ],
        0,
    )


@pytest.mark.parametrize("num_hidden", [0, 1])
def test_limit_of_lines(num_hidden: int) -> None:
    """The most frequent lines are shown up to a number, and the others counted."""
    rows = [
        {"outlet": "Courier", "line": f"{at:05}", "num_documents": at, "num_days": 1}
        for at in range(MAX_LINES + num_hidden)
    ]
    shown, hidden = describe_lines(rows, OUTLETS)
    assert (len(shown), hidden) == (MAX_LINES, num_hidden)
    assert [row["documents"] for row in shown] == list(range(len(rows) - 1, num_hidden - 1, -1))
