"""Floors under what the judgement of pages and texts reaches on labelled ones of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.kinds import Judged, judge_labelled, read_labelled
from benchmarks.verdicts import KEPT

DATA = Path(__file__).parent / "data"
TITLE_RULE = "headline_in_title"


@pytest.fixture(scope="module")
def pages() -> Judged:
    """Clean the labelled pages."""
    return judge_labelled(read_labelled(DATA / "pages"))


@pytest.fixture(scope="module")
def texts() -> Judged:
    """Clean the labelled texts."""
    return judge_labelled(read_labelled(DATA / "texts"))


def main_kept(judged: Judged) -> float:
    """Return the share of main lines that are kept; a headline may have become the title."""
    main = [line for line in judged.lines if line.kind == KEPT]
    kept = [ln for ln in main if ln.verdict.kind == KEPT or ln.verdict.rule == TITLE_RULE]
    return len(kept) / len(main)


def junk_removed(judged: Judged) -> float:
    """Return the share of junk lines that are removed."""
    junk = [line for line in judged.lines if line.kind != KEPT]
    return sum(line.verdict.kind != KEPT for line in junk) / len(junk)


def test_pages(pages: Judged) -> None:
    """Of pages made to be hard, most of the article stays and most of the rest goes."""
    assert len(pages.documents) >= 36
    assert main_kept(pages) >= 0.93
    assert junk_removed(pages) >= 0.89


def test_texts(texts: Judged) -> None:
    """Of texts that another tool extracted, all main content stays; junk in new words may too."""
    assert len(texts.documents) >= 30
    assert main_kept(texts) == 1
    assert junk_removed(texts) >= 0.45
