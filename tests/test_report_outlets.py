"""Outlets in the page: words over time, in units that fit, and the lines that each repeats."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.report.outlets import MAX_LINES, MAX_TIMES, PARTS, RepeatedLines, describe_times

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


def make_document(name: str, published: str | None, *repeated: str) -> dict[str, Any]:
    """Make a document, with what fell of it because its outlet repeats it."""
    outlet = "Courier" if name < "e" else "Ledger"
    return {"outlet": outlet, "published": published, "repeated": list(repeated)}


def count_lines(*documents: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """Count the repeated lines of documents."""
    lines = RepeatedLines()
    assert all("repeated" not in row for row in lines.collect(documents))
    return lines.describe(OUTLETS)


def test_lines_are_counted() -> None:
    """A line counts once a document and once a day; undated documents have no day."""
    found = count_lines(
        make_document("a", "2024-10-17T08:00:00Z", "Read on", "Read on"),
        make_document("b", "2024-10-17", "Read on"),
        make_document("c", "2024-10-18", "Read on"),
        make_document("d", None, "Read on"),
        make_document("e", None, "Read on"),
    )
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
    lines = [f"{at:05}" for at in range(MAX_LINES + num_hidden)]
    shown, hidden = count_lines(
        make_document("a", None, *lines), make_document("b", None, *lines[1:])
    )
    assert (len(shown), hidden) == (MAX_LINES, num_hidden)
    assert [row["line"] for row in shown] == [*lines[1:], lines[0]][:MAX_LINES]
