"""Outlets that are news agencies themselves, by name and by domain."""

import pytest

from cleaner.passages.agency_outlets import is_agency

AGENCIES = [
    "Reuters", "reuters", "reuters.com", "AP", "The Associated Press", "apnews.com", "AFP",
    "afp.com", "dpa.com", "ansa.it", "xinhuanet.com", "ptinews.com", "TT", "新华社",
]  # fmt: skip
OTHERS = [
    "The Guardian", "theguardian.com", "tt.com", "aa.example", "News", "news.com.au",
    "press.example", "", "Harbour Courier", "reutersfans", "notreuters.com", "The AP Dispatch",
]  # fmt: skip


@pytest.mark.parametrize("outlet", AGENCIES)
def test_agencies(outlet: str) -> None:
    """An agency is known by its names, its short forms and its domain."""
    assert is_agency(outlet)


@pytest.mark.parametrize("outlet", OTHERS)
def test_other_outlets(outlet: str) -> None:
    """A part of a name is none, nor is an ambiguous short form in a domain."""
    assert not is_agency(outlet)
