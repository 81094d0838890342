"""Ask trafilatura which blocks of a page are its main content; the only importer of trafilatura.

trafilatura returns text, not positions. Its lines are put beside the blocks in order (an alignment
over the letters and digits of each), and what it merged or split is found by containment.
`deduplicate` stays off: it is a cache of the whole process and makes output depend on order.
"""

from __future__ import annotations

import dataclasses
import logging
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import Any

from cleaner.model import Block
from cleaner.words import squeeze

_MIN_CONTAINED_CHARS = 20
_MAX_SKIPPED_CHARS = 2000
_MAX_SEARCH = 1_000_000_000
"""Characters that a search out of order may pass over: seconds, at the most."""
_DATE_PARAMETERS = {"original_date": True, "max_date": "2100-01-01"}
"""htmldate refuses dates after today unless told otherwise, and results may not depend on today."""


for _library in ("trafilatura", "htmldate", "justext"):
    # What they log of single pages is in our notes; without a handler it would reach the terminal.
    logging.getLogger(_library).addHandler(logging.NullHandler())


@dataclasses.dataclass(frozen=True, slots=True)
class PageFacts:
    """What trafilatura read off a page: its main text, and metadata where it found any.

    Attributes:
        failure: The error that it failed with, if it did.
    """

    text: str = ""
    title: str | None = None
    author: str | None = None
    date: str | None = None
    url: str | None = None
    failure: str | None = None


def reset_caches() -> None:
    """Empty trafilatura's process-wide caches, so that no page is judged by the ones before it."""
    from trafilatura.meta import reset_caches as reset

    reset()


def extract_main_content(source: str, url: str | None) -> PageFacts:
    """Run trafilatura in its default mode, without comments.

    Its default mode is the most even one over three labelled sets: `favor_precision` and `fast`
    gain nothing on one and lose 1.3 to 1.9 points of F1 on another. A page that it fails on is
    judged without it: `<svg><p><p>` is enough to raise an AssertionError in lxml.
    """
    import trafilatura

    try:
        found: Any = trafilatura.bare_extraction(
            source,
            url=url,
            include_comments=False,
            deduplicate=False,
            with_metadata=True,
            date_extraction_params=dict(_DATE_PARAMETERS),
        )
    except Exception as problem:  # Whatever a page makes a library do, it must not stop the run.
        return PageFacts(failure=type(problem).__name__)
    return _facts(found, found.text) if found else PageFacts()


def read_metadata(source: str, url: str | None) -> PageFacts:
    """Let trafilatura read a page's metadata, and leave its text alone."""
    from trafilatura.metadata import extract_metadata

    try:
        found: Any = extract_metadata(source, default_url=url, date_config=dict(_DATE_PARAMETERS))
    except Exception as problem:  # As above.
        return PageFacts(failure=type(problem).__name__)
    return _facts(found, "") if found else PageFacts()


def _facts(found: Any, text: str | None) -> PageFacts:
    return PageFacts(
        text=text or "",
        title=found.title or None,
        author=found.author or None,
        date=found.date or None,
        url=found.url or None,
    )


def mark_extraction(text: str, blocks: list[Block], extracted: str) -> list[Block]:
    """Note with each block whether it is in the extracted text (1) or was left out (0).

    1. Lines that equal a block, and stand once on both sides, are aligned in order.
    2. Between them, blocks are looked for one after the other in what the lines there hold
       together: trafilatura puts the cells of a table on a line, and breaks others.
    3. What is left of some length may stand out of order, on pages of usual size.
    """
    keys = [squeeze(text[block.begin : block.end]) for block in blocks]
    lines = [key for line in extracted.split("\n") if (key := squeeze(line))]
    is_in = [False] * len(blocks)
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
    return [
        dataclasses.replace(block, in_extraction=int(kept))
        for block, kept in zip(blocks, is_in, strict=True)
    ]


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
