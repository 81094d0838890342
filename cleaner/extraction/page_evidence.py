"""All that is known of the blocks of a page, as columns of numbers for the block model."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from lxml.html import HtmlElement

from cleaner.block_model.page_features import describe_page
from cleaner.block_model.text_features import Column, Columns, describe_text
from cleaner.boilerplate.cues import Languages, load_cues
from cleaner.boilerplate.facts import facts_columns, find_facts
from cleaner.extraction.main_content import mark_extraction
from cleaner.extraction.metadata import LinkedData, article_body
from cleaner.model import Block, only_first_heading
from cleaner.words import fold_words, squeeze_all

_MIN_BODY_CHARS = 300
_MAX_KNOWN_LINES = 10_000
"""Some megabytes a language; a page has a few hundred."""
_TITLE_SEPARATORS = re.compile(r"\s+[-–—|:·•»«]\s+|\s*\|\s*")
_MIN_TITLE_OVERLAP, _TELLING_WORDS = 0.5, 4
_MAX_DEPTH = 500
"""resiliparse takes a minute for 40,000 elements within each other, and grows faster than their
square; pages nest 20 to 40."""


class PageText(msgspec.Struct, frozen=True, dict=True):
    """A page as text.

    Attributes:
        text: Its visible text, and `blocks` the paragraphs of it.
        owners: The element around each block.
        language: The page's language, if known.
        title: What the page says is its title.
    """

    root: HtmlElement
    source: str
    text: str
    blocks: Sequence[Block]
    owners: Sequence[HtmlElement]
    language: str | None
    title: str

    @property
    def keys(self) -> list[str]:
        """What blocks of one kind share: their path of elements."""
        return [block.tag for block in self.blocks]

    @functools.cached_property
    def lines(self) -> list[str]:
        """The text of each block."""
        return [self.text[block.begin : block.end] for block in self.blocks]

    @functools.cached_property
    def squeezed(self) -> list[str]:
        """The letters and digits of each block."""
        return squeeze_all(self.lines)


def page_title(root: HtmlElement) -> str:
    """Return what the page's head says is its title."""
    found = root.xpath("//meta[@property='og:title']/@content") or root.xpath("//title/text()")
    return " ".join(found[0].split()) if found else ""


def find_headline(page: PageText) -> str | None:
    """Return the headline as the page shows it: its only `h1`, if the title has its words too.

    The title in the head often adds the name of the site, or is worded for search engines. On some
    pages the `h1` is that name.
    """
    at = only_first_heading(page.blocks)
    if at is None:
        return None
    headline = page.text[page.blocks[at].begin : page.blocks[at].end]
    words, others = set(fold_words(headline)), set(fold_words(page.title))
    parts = [fold_words(part) for part in _TITLE_SEPARATORS.split(page.title)]
    is_short_end = fold_words(headline) == parts[-1] and len(words) < _TELLING_WORDS
    is_site_name = len(parts) > 1 and (
        is_short_end or (fold_words(headline) in parts and len(words) < max(map(len, parts)))
    )
    shared = len(words & others)
    longer, shorter = sorted((len(words), len(others)), reverse=True)
    is_alike = shared >= _MIN_TITLE_OVERLAP * longer or (
        shared >= _TELLING_WORDS and shared >= _MIN_TITLE_OVERLAP * shorter
    )
    return headline if words and is_alike and not is_site_name else None


def describe_blocks(page: PageText, data: LinkedData) -> tuple[Columns, tuple[str, ...]]:
    """Return the features of each block, without asking an extractor that is slow.

    Returns:
        The columns, and notes on what went wrong.
    """
    columns = describe_text(page.text, page.blocks, language=page.language, title=page.title)
    columns |= describe_page(page.owners, columns, [block.link_ratio for block in page.blocks])
    languages = load_cues().speaking(page.language)
    columns |= _describe_lines(page, languages)
    body = article_body(page.root, data) or ""
    has_body = len(body) >= _MIN_BODY_CHARS
    columns["in_article_body"] = (
        mark_blocks(page, body) if has_body else np.full(len(page.blocks), -1, dtype=np.float32)
    )
    fast = ""
    notes: tuple[str, ...] = ()
    if columns["depth"].max() <= _MAX_DEPTH:
        fast, notes = _extract_fast(page.source)
    columns["in_resiliparse"] = mark_blocks(page, fast)
    return columns, notes


def _describe_lines(page: PageText, languages: Languages) -> Columns:
    """Return what cues and patterns say of each block, looked for once in blocks that recur.

    Two in five lines of a page stand on it twice, and most on other pages of the outlet too.
    """
    known = _known_lines(languages)
    if len(known) > _MAX_KNOWN_LINES:
        known.clear()
    new = {
        line: block
        for line, block in zip(page.lines, page.blocks, strict=True)
        if line not in known
    }
    found = facts_columns(find_facts(page.text, list(new.values()), languages))
    known.update(zip(new, np.array(list(found.values())).T, strict=True))
    return dict(zip(found, np.array([known[line] for line in page.lines]).T, strict=True))


@functools.lru_cache(maxsize=16)
def _known_lines(languages: Languages) -> dict[str, Column]:
    """Return what is known of lines: for each its number in each column of `facts_columns`."""
    return {}


def mark_blocks(page: PageText, extracted: str) -> Column:
    """Return 1 for each block that is in an extracted text, and 0 for the others."""
    return np.array(mark_extraction(page.squeezed, extracted), dtype=np.float32)


def _extract_fast(source: str) -> tuple[str, tuple[str, ...]]:
    """Return what resiliparse takes for main content: quick, complete, and far from clean."""
    from resiliparse.extract.html2text import extract_plain_text

    try:
        found: Any = extract_plain_text(
            source, main_content=True, alt_texts=False, list_bullets=False, preserve_formatting=True
        )
    except Exception as problem:  # Whatever a page makes a library do, it must not stop the run.
        return "", (f"resiliparse failed with {type(problem).__name__}",)
    return str(found), ()
