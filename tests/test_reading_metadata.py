"""Dates, languages, authors and outlets of records."""

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.reading.metadata import find_outlet, join_authors, parse_date, parse_language

UNDERSTOOD = [
    ("2024-10-17", "2024-10-17"),
    ("20241017", "2024-10-17"),
    (20241017, "2024-10-17"),
    ("2024-10-7", "2024-10-07"),
    ("17 October 2024", "2024-10-17"),
    ("7.10.2024", "2024-10-07"),
    ("2024-10-17T13:00", "2024-10-17T13:00:00Z"),
    ("2024-10-17T00:00:00", "2024-10-17T00:00:00Z"),
    ("2024-10-17T15:00:00.123+02:00", "2024-10-17T13:00:00Z"),
    ("2024-10-17 13:00 GMT", "2024-10-17T13:00:00Z"),
    ("Thu, 17 Oct 2024 08:00:00 EST", "2024-10-17T13:00:00Z"),
    (1729170000, "2024-10-17T13:00:00Z"),
    ("1729170000000", "2024-10-17T13:00:00Z"),
    (1729170000.5, "2024-10-17T13:00:00Z"),
    (date(2024, 10, 17), "2024-10-17"),
    (datetime(2024, 10, 17, 15, tzinfo=timezone(timedelta(hours=2))), "2024-10-17T13:00:00Z"),
]
NOT_UNDERSTOOD = [
    "May 2024", "10:30", "Thursday", "2024", "Oct 17", "10/11/2024", "10/17/24", "hello", 12, True,
    "1066-10-14", "2024-13-45", "x" * 50,
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), UNDERSTOOD)
def test_whole_dates_are_understood(value: object, expected: str) -> None:
    """A whole date becomes ISO 8601 in UTC, as precise as it was."""
    assert parse_date(value) == (expected, None)


@pytest.mark.parametrize("value", NOT_UNDERSTOOD)
def test_other_dates_leave_a_note(value: object) -> None:
    """What is partial, ambiguous or no date is never filled up, and is noted in 40 characters."""
    assert parse_date(value) == (None, f"date not understood: {str(value)[:40]}")


@pytest.mark.parametrize("value", [None, "", "  ", "N/A", float("nan")])
def test_no_date_leaves_no_note(value: object) -> None:
    """A missing date is nothing to remark on."""
    assert parse_date(value) == (None, None)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.from_regex(r"[0-9:/. -]{4,20}")))
def test_no_value_breaks_the_dates(value: object) -> None:
    """Whatever stands in a date field, the answer is a date or a note or nothing."""
    published, note = parse_date(value)
    assert published is None or note is None


def test_language_is_the_primary_subtag() -> None:
    """Region and case go; a name that is no code says nothing."""
    tags = ["en-US", "DE", "zh_Hant", "English", "", None, 3]
    assert [parse_language(tag) for tag in tags] == ["en", "de", "zh", None, None, None, None]


def test_authors_are_joined() -> None:
    """Lists and objects of authors become one line."""
    assert join_authors(["Ann  Lee", {"name": "Bo Ek"}, ""]) == "Ann Lee, Bo Ek"
    assert join_authors([]) is None
    deep: object = "Ann Lee"
    for _ in range(900):
        deep = [{"name": deep}]
    assert join_authors([deep, "Bo Ek"]) == "Bo Ek"


@pytest.mark.parametrize(
    ("url", "outlet"),
    [
        ("https://www.bbc.co.uk:8080/news", "bbc.co.uk"),
        ("//edition.cnn.com/x", "cnn.com"),
        ("Example.com/a", "example.com"),
        ("http://127.0.0.1:80/x", "127.0.0.1"),
        ("http://localhost/x", "localhost"),
        ("http://[bad", None),
        ("/article/1", None),
    ],
)
def test_outlet_is_the_registrable_domain(url: str, outlet: str | None) -> None:
    """Subdomains and ports go; a host without registrable domain stays as it is."""
    assert find_outlet(url) == outlet
