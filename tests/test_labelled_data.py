"""The labelled articles, pages and texts are what the quality gate takes them for."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cleaner.extraction.blocks import parse_page, read_page
from cleaner.extraction.lines import split_lines
from cleaner.model import BOILERPLATE_KINDS, MAIN

DATA = Path(__file__).parent / "data"
ARTICLES: list[dict[str, Any]] = json.loads(
    (DATA / "hard_negatives.json").read_text(encoding="utf-8")
)["articles"]
PAGES: dict[str, dict[str, Any]] = json.loads(
    (DATA / "pages" / "gold.json").read_text(encoding="utf-8")
)["pages"]
TEXTS: dict[str, dict[str, Any]] = json.loads(
    (DATA / "texts" / "gold.json").read_text(encoding="utf-8")
)["texts"]

ARTICLES_PER_LANGUAGE = {
    "en": 25, "de": 10, "fr": 7, "es": 7, "it": 5, "pt": 5, "ru": 5, "zh": 5, "ja": 5, "pl": 4,
    "tr": 4, "ar": 4, "uk": 3, "nl": 1, "sv": 1, "cs": 1, "el": 1, "hi": 1, "ko": 1,
}  # fmt: skip
MAX_PAGES_BYTES = 900_000


def test_articles_are_many_and_varied() -> None:
    """There are enough articles in each language, each with a name of its own."""
    found = Counter(article["language"] for article in ARTICLES)
    few = {code for code, least in ARTICLES_PER_LANGUAGE.items() if found[code] < least}
    assert few == set()
    assert len({article["name"] for article in ARTICLES}) == len(ARTICLES) >= 80


@pytest.mark.parametrize("article", ARTICLES, ids=[article["name"] for article in ARTICLES])
def test_lines_of_articles_are_blocks(article: dict[str, Any]) -> None:
    """Each line of an article becomes one block, so that a verdict is about a line."""
    lines = article["lines"]
    text = "\n\n".join(lines)
    assert [text[block.begin : block.end] for block in split_lines(text)] == lines
    assert 2 <= len(lines) <= 14


def test_pages_are_many_and_varied() -> None:
    """There are enough pages, languages and kinds of boilerplate, and they stay small."""
    files = {path.name: path for path in (DATA / "pages").glob("*.html")}
    assert set(files) == set(PAGES)
    assert len(PAGES) >= 36
    assert len({page["language"] for page in PAGES.values()}) >= 14
    assert sum(path.stat().st_size for path in files.values()) < MAX_PAGES_BYTES
    kinds = {kind for page in PAGES.values() for kind, _ in page["junk"]}
    assert set(BOILERPLATE_KINDS) - kinds == {"outlet_line", "not_main_content"}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_block_of_a_page_is_labelled(name: str) -> None:
    """The two lists of a page, merged in their order, are its blocks."""
    root = parse_page((DATA / "pages" / name).read_text(encoding="utf-8"))
    assert root is not None
    text, blocks = read_page(root)
    main, junk = list(PAGES[name]["main"]), [line for _, line in PAGES[name]["junk"]]
    assert main
    assert {kind for kind, _ in PAGES[name]["junk"]} <= set(BOILERPLATE_KINDS)
    for block in blocks:
        line = text[block.begin : block.end]
        assert line in (main[:1] + junk[:1]), "neither list goes on with this block"
        (main if main[:1] == [line] else junk).pop(0)
    assert main + junk == []


def test_texts_are_many_and_varied() -> None:
    """There are enough texts and languages, from a clean text to the dump of a whole page."""
    assert {path.name for path in (DATA / "texts").glob("*.txt")} == set(TEXTS)
    assert len(TEXTS) >= 30
    assert len({text["language"] for text in TEXTS.values()}) >= 12
    ratios = [
        sum(kind != MAIN for kind in text["lines"].values()) / len(text["lines"])
        for text in TEXTS.values()
    ]
    assert min(ratios) == 0
    assert sum(ratio <= 0.4 for ratio in ratios) >= 12
    assert sum(ratio >= 0.85 for ratio in ratios) >= 6


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_line_of_a_text_is_labelled(name: str) -> None:
    """The labels of a text are about its lines that are not blank, and all of them."""
    text = (DATA / "texts" / name).read_text(encoding="utf-8")
    lines = text.split("\n")
    labels = TEXTS[name]["lines"]
    assert [str(n) for n, line in enumerate(lines, start=1) if line.strip()] == list(labels)
    assert set(labels.values()) <= {MAIN, *BOILERPLATE_KINDS}
    assert MAIN in labels.values()
    assert len(split_lines(text)) == len(labels)
