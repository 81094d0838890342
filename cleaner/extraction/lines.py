"""Cut a text into blocks: its lines."""

from __future__ import annotations

import re
from itertools import pairwise

from cleaner.model import Block

_LINE = re.compile(r"^[^\n]*\S[^\n]*", re.MULTILINE)
_PARAGRAPH = re.compile(r"^[^\n]*\S[^\n]*(?:\n[^\n]*\S[^\n]*)*", re.MULTILINE)
"""Both are bound to where a line begins: from each blank of a blank line on, a long one takes
minutes."""
_MAX_WRAPPED_WIDTH = 100
_MIN_WRAPPED_LINES = 6


def split_lines(text: str) -> list[Block]:
    r"""Cut a text into its non-blank lines, or its paragraphs if its lines were wrapped.

    A text counts as wrapped when it has blank lines between paragraphs and most lines within a
    paragraph reach close to one common width, as mail and agency feeds have them.

    >>> [(b.begin, b.end) for b in split_lines("One.\n\n  Two.  \n")]
    [(0, 4), (6, 14)]
    """
    lines = [(m.start(), m.end()) for m in _LINE.finditer(text)]
    if _is_wrapped(text, lines):
        lines = [(m.start(), m.end()) for m in _PARAGRAPH.finditer(text)]
    return [Block(begin, end) for begin, end in lines]


def _is_wrapped(text: str, lines: list[tuple[int, int]]) -> bool:
    """Tell whether line ends come from a fixed width rather than from paragraphs."""
    followed = [
        end - begin
        for (begin, end), (after, _) in pairwise(lines)
        if text.count("\n", end, after) == 1
    ]
    if len(followed) < _MIN_WRAPPED_LINES or len(followed) < 0.5 * len(lines):
        return False
    from statistics import quantiles

    width = quantiles(followed, n=10)[8]
    near = sum(length >= 0.75 * width for length in followed)
    return 40 <= width <= _MAX_WRAPPED_WIDTH and near >= 0.8 * len(followed)
