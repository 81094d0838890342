"""Ask trafilatura which blocks of a page are its main content; the only importer of trafilatura.

trafilatura returns text, not positions. Its lines are put beside the blocks in order (an alignment
over the letters and digits of each), and what it merged or split is found by containment.
`deduplicate` stays off: it is a cache of the whole process and makes output depend on order.
"""

from __future__ import annotations

import contextlib
import logging
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from cleaner.extraction.blocks import parse_page
from cleaner.words import squeeze_all

_MIN_CONTAINED_CHARS = 20
_MAX_SKIPPED_CHARS = 2000
_MAX_SEARCH = 1_000_000_000
"""Characters that a search out of order may pass over: seconds, at the most."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that lxml reads, but raises a `ValueError` when they are written into a tree."""
_CONTROL_BYTES = bytes(code for code in range(0x20) if _CONTROL.match(chr(code)))
_AUTHOR_ATTRIBUTES = etree.XPath(
    "//@class | //@id | //@itemprop | //@rel | //@data-component | //@data-testid",
    smart_strings=False,
)
_AUTHOR_WORDS = re.compile(
    "uthor|yline|byl|BBL|username|screenname|writer|channel-name|journalist-name|submitted-by"
    "|posted-by|zuozhe|bianji|xiaobian"
)
_AUTHOR_ELEMENTS = ("author", "rel")
"""Without any of these, nothing on a page can match `trafilatura.xpaths.AUTHOR_XPATHS`."""
_LAST_DATE = "2100-01-01"
"""htmldate refuses dates after today unless told otherwise, and results may not depend on today."""


for _library in ("trafilatura", "htmldate", "justext"):
    # What they log of single pages is in our notes; without a handler it would reach the terminal.
    logging.getLogger(_library).addHandler(logging.NullHandler())


def extract_main_content(root: HtmlElement, source: str) -> tuple[str, str | None]:
    """Run trafilatura in its default mode, without comments.

    Its default mode is the most even one over three labelled sets: `favor_precision` and `fast`
    gain nothing on one and lose 1.3 to 1.9 points of F1 on another. A page that it fails on is
    judged without it: `<svg><p><p>` is enough to raise an AssertionError in lxml.

    Args:
        root: The page, which stays as it is.
        source: The page before it was parsed.

    Returns:
        The text, and what went wrong if there is none.
    """
    import trafilatura

    page = parse_page(_CONTROL.sub("", source)) if has_control(source) else root
    try:
        found: Any = trafilatura.bare_extraction(page, include_comments=False, deduplicate=False)
    except Exception as problem:  # Whatever a page makes a library do, it must not stop the run.
        return "", f"trafilatura failed with {type(problem).__name__}"
    text = found.text if found else ""
    return text or "", None if text else "trafilatura found no main content"


def has_control(source: str) -> bool:
    """Tell whether a page holds any of `_CONTROL`; a search of the string takes twice as long."""
    data = source.encode("utf-8", "surrogatepass")
    rest = data.translate(None, _CONTROL_BYTES)
    return len(rest) < len(data) or "\ufffe" in source or "\uffff" in source


def read_facts(
    root: HtmlElement, url: str | None, wanted: Collection[str]
) -> dict[str, str | None]:
    """Let trafilatura read what a page says of itself, but only what is wanted: all takes long.

    This is its `extract_metadata`, fact by fact: first `<meta>` and JSON-LD, then the elements that
    usually hold an author or a title, then htmldate.

    Args:
        root: The page, which stays as it is.
        url: Where it was found, if known.
        wanted: Which of `title`, `author`, `url` and `published` (a day).

    Returns:
        What is wanted, None where it is not found.
    """
    if not wanted:
        return {}
    from htmldate import find_date
    from trafilatura import metadata

    facts: Any = metadata.Document()
    try:
        facts = metadata.examine_meta(root)
        if facts.author and " " not in facts.author:
            facts.author = None
        with contextlib.suppress(Exception):  # JSON-LD of odd shape: what it read so far stays.
            metadata.extract_meta_json(root, facts)
        if "title" in wanted:
            facts.title = facts.title or metadata.extract_title(root)
        if "author" in wanted and not facts.author and may_name_author(root):
            facts.author = metadata.extract_author(root)
        facts.url = facts.url or metadata.extract_url(root, url)
        if "published" in wanted:
            facts.date = find_date(root, url=facts.url, original_date=True, max_date=_LAST_DATE)
        facts.clean_and_trim()
    except Exception:  # Whatever a page makes a library do, it must not stop the run.
        facts = metadata.Document()
    found = {
        "title": facts.title, "author": facts.author, "url": facts.url, "published": facts.date
    }  # fmt: skip
    return {name: found[name] or None for name in wanted}


def may_name_author(root: HtmlElement) -> bool:
    """Tell whether trafilatura's search for an author can find any element.

    On half of the pages without a declared author it cannot, and takes 20 ms to say so; this takes
    one: the search copies the page and calls Python for each attribute.
    """
    values = "\n".join(_AUTHOR_ATTRIBUTES(root))
    return bool(_AUTHOR_WORDS.search(values)) or any(True for _ in root.iter(*_AUTHOR_ELEMENTS))


def mark_extraction(keys: Sequence[str], extracted: str) -> list[bool]:
    """Tell of each block whether it is in the extracted text.

    1. Lines that equal a block, and stand once on both sides, are aligned in order.
    2. Between them, blocks are looked for one after the other in what the lines there hold
       together: trafilatura puts the cells of a table on a line, and breaks others.
    3. What is left of some length may stand out of order, on pages of usual size.

    Args:
        keys: The blocks, squeezed.
        extracted: The text.
    """
    lines = [key for key in squeeze_all(extracted.split("\n")) if key]
    is_in = [False] * len(keys)
    left: list[str] = []
    at, line_at = 0, 0
    for block_index, line_index in (*_align_unique(keys, lines), (len(keys), len(lines))):
        between = lines[line_at:line_index]
        is_in[at:block_index], rest = _find_in_order(keys[at:block_index], between)
        left += rest
        if block_index < len(keys):
            is_in[block_index] = True
        at, line_at = block_index + 1, line_index + 1
    joined = "\n".join(left)
    if len(joined) * len(keys) <= _MAX_SEARCH:
        for index, key in enumerate(keys):
            if not is_in[index] and len(key) >= _MIN_CONTAINED_CHARS:
                is_in[index] = key in joined or _covered(key, left) >= 0.5
    return is_in


def _align_unique(keys: Sequence[str], lines: Sequence[str]) -> list[tuple[int, int]]:
    """Return the longest run of pairs, rising on both sides, of keys that stand once in each.

    Source: patience diff (Cohen); the longest rising run by patience sorting, n log n.
    """
    once = {key: at for at, key in enumerate(lines) if key}
    num_lines, num_keys = Counter(lines), Counter(keys)
    pairs = [
        (at, once[key]) for at, key in enumerate(keys) if num_keys[key] == 1 and num_lines[key] == 1
    ]
    tops: list[int] = []
    piles: list[int] = []
    before = [-1] * len(pairs)
    for index, (_, line) in enumerate(pairs):
        pile = bisect_left(tops, line)
        before[index] = piles[pile - 1] if pile else -1
        tops[pile : pile + 1] = [line]
        piles[pile : pile + 1] = [index]
    rising = []
    index = piles[-1] if piles else -1
    while index >= 0:
        rising.append(pairs[index])
        index = before[index]
    return rising[::-1]


def _find_in_order(keys: Sequence[str], lines: Sequence[str]) -> tuple[list[bool], list[str]]:
    """Tell which blocks follow each other in lines put together, with little in between.

    Returns:
        Whether each block was found, and the lines in which some text is no found block's.
    """
    if not keys or not lines:
        return [False] * len(keys), list(lines)
    joined = "".join(lines)
    is_found = []
    taken: list[tuple[int, int]] = []
    at = 0
    for key in keys:
        skip = _MAX_SKIPPED_CHARS if len(key) >= _MIN_CONTAINED_CHARS else 0
        place = joined.find(key, at, at + skip + len(key)) if key else -1
        is_found.append(place >= 0)
        if place >= 0:
            at = place + len(key)
            taken.append((place, at))
    left = []
    begin = 0
    spans = iter(taken)
    span = next(spans, None)
    for line in lines:
        end = begin + len(line)
        num_taken = 0
        while span is not None and span[0] < end:
            num_taken += min(span[1], end) - max(span[0], begin)
            if span[1] > end:
                break
            span = next(spans, None)
        if num_taken < len(line):
            left.append(line)
        begin = end
    return is_found, left


def _covered(key: str, lines: list[str]) -> float:
    """Return the share of a block that is made of whole extracted lines."""
    return sum(
        len(line) for line in lines if len(line) >= _MIN_CONTAINED_CHARS and line in key
    ) / len(key)
