"""What became of a document's text, word by word, as a ribbon that a line of a terminal holds."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from cleaner.model import DUPLICATE, TRUNCATED, WHITESPACE
from cleaner.words import find_words

KEPT, ELSEWHERE, BOILERPLATE, CUT_SHORT = "kept", "elsewhere", "boilerplate", "cut short"
FATES = (KEPT, ELSEWHERE, BOILERPLATE, CUT_SHORT)
"""In the corpus; removed, for it stands in another document; removed, for it is no part of an
article; left out, for only a part of the article is there."""

_SAME = ("kept", "kind", "reason", "rule", "relation", "cluster_id", "partner_document")


class Stretch(msgspec.Struct, frozen=True):
    """Spans in a row of which the ledger says the same.

    Attributes:
        begin, end: Where they stand.
        span: The first of them that is not white space, its partner's place widened to all of
            theirs.
    """

    begin: int
    end: int
    span: Mapping[str, Any]

    @property
    def is_reused(self) -> bool:
        """Whether the text stands elsewhere too."""
        return self.span["kind"] == DUPLICATE or self.span["cluster_id"] is not None


def name_fate(span: Mapping[str, Any]) -> str:
    """Say what became of a span.

    >>> name_fate({"kept": False, "kind": "paywall"}), name_fate({"kept": True, "kind": "main"})
    ('boilerplate', 'kept')
    """
    if span["kept"]:
        return KEPT
    return {DUPLICATE: ELSEWHERE, TRUNCATED: CUT_SHORT}.get(span["kind"], BOILERPLATE)


def list_fates(text: str, spans: Iterable[Mapping[str, Any]]) -> list[str]:
    """Say of each word of a text what became of it.

    Args:
        text: The document's text.
        spans: All of its rows of the ledger, in order.
    """
    begins = [begin for begin, _ in find_words(text)]
    fates: list[str] = []
    for span in spans:
        num_words = bisect_left(begins, span["end"]) - bisect_left(begins, span["begin"])
        fates += [name_fate(span)] * num_words
    return fates


def lay_ribbon(fates: Sequence[str], width: int) -> list[str]:
    """Say of each of `width` equal parts of a text what became of most of its words.

    >>> lay_ribbon(["kept", "kept", "elsewhere", "kept"], 2), lay_ribbon(["kept"], 3)
    (['kept', 'elsewhere'], ['kept', 'kept', 'kept'])
    """
    cells = []
    for cell in range(width if fates else 0):
        begin, end = (at * len(fates) // width for at in (cell, cell + 1))
        counts = Counter(fates[begin : max(end, begin + 1)])
        cells.append(min(counts, key=lambda fate: (-counts[fate], -FATES.index(fate))))
    return cells


def join_spans(spans: Iterable[Mapping[str, Any]]) -> Iterator[Stretch]:
    """Put spans together that follow each other and of which the ledger says the same.

    White space that was removed goes with what stands before it, or after it if nothing does.
    """
    current: Stretch | None = None
    for span in spans:
        if current is None:
            current = Stretch(span["begin"], span["end"], span)
        elif span["kind"] == WHITESPACE:
            current = Stretch(current.begin, span["end"], current.span)
        elif current.span["kind"] == WHITESPACE:
            current = Stretch(current.begin, span["end"], span)
        elif all(span[name] == current.span[name] for name in _SAME):
            current = Stretch(current.begin, span["end"], _widen(current.span, span))
        else:
            yield current
            current = Stretch(span["begin"], span["end"], span)
    if current is not None:
        yield current


def _widen(span: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a span whose partner reaches over that of another one."""
    if span["partner_begin"] is None or other["partner_begin"] is None:
        return span
    return {
        **span,
        "partner_begin": min(span["partner_begin"], other["partner_begin"]),
        "partner_end": max(span["partner_end"], other["partner_end"]),
    }
