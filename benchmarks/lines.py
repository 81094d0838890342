"""Labels for the lines of a page, from the main text that somebody gave for it.

A gold text says nothing of single lines, so labels are inferred, and where that is a guess there is
none. Words are folded (`cleaner.words`); a *gram* is a run of four, or of eight characters in
scripts without spaces, where a character is a word.

1. A line of a gram or more is main content if at least half of its grams are in the gold text.
2. A shorter one must stand in the gold text as a line of its own, or follow there, word for word,
   the end of the main line before it, or precede the beginning of the main line after it: "Sport"
   is in many an article by chance.
3. A line that the page has more often than the gold text is left out, since nobody can say which of
   them the gold text holds; so are lines without words, and headlines that the gold text lacks,
   because most sets leave the headline out and some do not.
4. A page is left out if less than 80 % of its gold text is in its main lines: it was not made from
   what the page shows.

What is left out is counted by reason. What remains wrong: teasers and comments that repeat half of
a paragraph of the article count as main content, and so do blocks that a page glues together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from cleaner.extraction.blocks import parse_page, read_page
from cleaner.words import fold_words, is_unspaced

MAIN, BOILERPLATE = "main", "boilerplate"
_WORDS_PER_GRAM, _CHARS_PER_GRAM = 4, 8
_MIN_SHARE = 0.5
_MIN_COVERAGE = 0.8
_DOUBTFUL = (0.25, 0.75)

_Grams = set[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page and what is known of it.

    Attributes:
        label: `main`, `boilerplate`, or why it has none: `copy`, `no_words`, `headline`.
        share: Share of its grams that the gold text has, 0 for a line shorter than a gram.
    """

    text: str
    label: str
    share: float = 0.0

    @property
    def is_doubtful(self) -> bool:
        """Whether the share is so far from 0 and 1 that the label may well be wrong."""
        return _DOUBTFUL[0] < self.share < _DOUBTFUL[1]


def read_lines(source: str) -> tuple[list[str], list[bool]]:
    """Return the visible blocks of a page, one a line, and whether each is in an `h1`."""
    root = parse_page(source)
    if root is None:
        return [], []
    text, blocks = read_page(root)
    lines = [" ".join(text[block.begin : block.end].split()) for block in blocks]
    return lines, ["h1" in block.tag.split("/") for block in blocks]


def label_lines(
    lines: Sequence[str], gold: str, *, is_headline: Sequence[bool] = (), title: str | None = None
) -> tuple[list[Line], float]:
    r"""Label the lines of a page.

    Args:
        lines: Its visible lines, in order.
        gold: Its main text.
        is_headline: Whether each line is a headline by its markup.
        title: The headline as the gold gives it.

    Returns:
        The lines with labels, and the share of the gold text's grams that are in main lines.

    >>> gold = "The ferry reached the harbour at noon.\nSport"
    >>> labelled, _ = label_lines(["Home", "The ferry reached the harbour at noon.", "Sport"], gold)
    >>> [line.label for line in labelled]
    ['boilerplate', 'main', 'main']
    """
    size = _CHARS_PER_GRAM if is_unspaced(gold) else _WORDS_PER_GRAM
    words = [tuple(fold_words(line)) for line in lines]
    gold_lines = [tuple(fold_words(line)) for line in gold.split("\n")]
    stream = tuple(chain.from_iterable(gold_lines))
    grams = _grams(stream, size)
    own = Counter(line for line in gold_lines if line)
    shares = [_share(line, grams, size) for line in words]
    is_main = [
        share >= _MIN_SHARE or own[line] > 0 for share, line in zip(shares, words, strict=True)
    ]
    _add_neighbours(words, is_main, grams, size)
    found = _grams(tuple(chain.from_iterable(_where(words, is_main))), size)
    found |= set(chain.from_iterable(_grams(line, size) for line in _where(words, is_main)))
    coverage = len(grams & found) / len(grams) if grams else 0.0
    num_main = Counter(_where(words, is_main))
    headline = tuple(fold_words(title or ""))
    labelled = []
    for index, line in enumerate(words):
        if not line:
            label = "no_words"
        elif is_main[index]:
            label = "copy" if num_main[line] > max(1, _count(line, stream, own, size)) else MAIN
        elif line in num_main:
            label = "copy"
        elif line == headline or (index < len(is_headline) and is_headline[index]):
            label = "headline"
        else:
            label = BOILERPLATE
        labelled.append(Line(lines[index], label, shares[index]))
    return labelled, coverage


def is_covered(coverage: float) -> bool:
    """Tell whether a page shows enough of its gold text to be scored."""
    return coverage >= _MIN_COVERAGE


def _grams(words: tuple[str, ...], size: int) -> _Grams:
    return {words[i : i + size] for i in range(len(words) - size + 1)}


def _share(line: tuple[str, ...], grams: _Grams, size: int) -> float:
    """Return the share of a line's grams that the gold text has; 0 if it is shorter than one."""
    num_grams = len(line) - size + 1
    hits = sum(line[i : i + size] in grams for i in range(num_grams))
    return hits / num_grams if num_grams > 0 else 0.0


def _where(words: Sequence[tuple[str, ...]], is_main: Sequence[bool]) -> list[tuple[str, ...]]:
    return [line for line, kept in zip(words, is_main, strict=True) if kept]


def _add_neighbours(
    words: Sequence[tuple[str, ...]], is_main: list[bool], grams: _Grams, size: int
) -> None:
    """Mark short lines that the gold text has right behind or before their main neighbour."""
    before: tuple[str, ...] = ()
    for index, line in enumerate(words):
        if 0 < len(line) < size and not is_main[index] and before:
            is_main[index] = _is_in(before + line, grams, size)
        if is_main[index]:
            before = (before + line)[-(size - 1) :]
    after: tuple[str, ...] = ()
    for index, line in reversed(list(enumerate(words))):
        if 0 < len(line) < size and not is_main[index] and after:
            is_main[index] = _is_in(line + after, grams, size)
        if is_main[index]:
            after = (line + after)[: size - 1]


def _is_in(words: tuple[str, ...], grams: _Grams, size: int) -> bool:
    return len(words) >= size and _grams(words, size) <= grams


def _count(
    line: tuple[str, ...], stream: tuple[str, ...], own: Counter[tuple[str, ...]], size: int
) -> int:
    """Count how often a line stands in the gold text: a short one as a line of its own."""
    length = len(line)
    if length < size:
        return own[line]
    return sum(stream[i : i + length] == line for i in range(len(stream) - length + 1))
