"""Cut the kept part of a document into passages: paragraphs, sentences, quotations.

Only main content is looked at: boilerplate never enters a passage, so never a signature.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property

import msgspec
import numpy as np
import numpy.typing as npt

from cleaner.compiled import Words
from cleaner.compiled.plain import find_words_in
from cleaner.passages.minhash import UInt64s, list_shingles
from cleaner.words import fold_word

PARAGRAPH, SENTENCE, QUOTATION, DOCUMENT = "paragraph", "sentence", "quotation", "document"
"""What a passage is, from its extent."""

_QUOTATION = re.compile(
    r"\"(?P<a>[^\"]+)\"|“(?P<b>[^“”]+)”|„(?P<c>[^„“”]+)[“”]|«(?P<d>[^«»]+)»|»(?P<e>[^«»]+)«"
    r"|(?<!\w)‘(?P<f>(?:[^‘’]|(?<=\w)’(?=\w))+)’|「(?P<g>[^「」]+)」|『(?P<h>[^『』]+)』"
    r"|(?<!\w)'(?P<i>(?:[^'\"]|(?<=\w)'(?=\w)){20,})'(?!\w)"
)

_QUOTATION_MARK = re.compile("[\"“„«»‘「『']")
"""What a quotation begins with: most paragraphs have none."""
_DIGIT = re.compile("[0-9]")


class Passage(msgspec.Struct, frozen=True):
    """A stretch of a document, `first` to `last` by word and `begin` to `end` by character."""

    level: str
    first: int
    last: int
    begin: int
    end: int


class KeptText:
    """The main content of a document as words with positions, sentences and quotations.

    Attributes:
        text: The document's whole text; all character positions refer to it.
        language: Its language.
        is_unspaced: Whether the text is written without spaces.
        begins, ends: Where each kept word stands.
        num_words: How many there are.
        hashes: The hash of each, folded, `(num_words,) uint64`.
        codes: The same, for what is not NumPy.
        zones: For each word, how many removed stretches go before it; words of two zones have
            boilerplate between them.
    """

    def __init__(
        self,
        text: str,
        blocks: Sequence[tuple[int, int]],
        language: str | None,
        found: Words | None = None,
    ) -> None:
        """Find the words of a text's kept blocks.

        Args:
            text: The document's whole text.
            blocks: Where its main content is.
            language: Its language.
            found: The words in the blocks, if they are known.
        """
        self.text = text
        self.language = language
        self._blocks = list(blocks)
        self._shingles: dict[int, UInt64s] = {}
        found = found or find_words_in(text, self._blocks)
        self.is_unspaced = bool(found.is_unspaced[0])
        self.num_words = len(found.begins)
        self.hashes = found.hashes
        self.codes = array("Q", found.hashes.tobytes())
        self.begins: list[int] = found.begins.tolist()
        self.ends: list[int] = found.ends.tolist()
        zones = [0]
        at = 0
        for begin, end in self._blocks:
            zones.append(zones[-1] + bool(text[at:begin].strip()))
            at = end
        self.zones: list[int] = np.repeat(zones[1:], np.diff(found.limits)).tolist()

    def fold(self, first: int = 0, last: int | None = None) -> list[str]:
        """Return some of the words, folded; most comparisons need no more than their hashes."""
        text = self.text
        places = zip(self.begins[first:last], self.ends[first:last], strict=True)
        return [fold_word(text[begin:end]) for begin, end in places]

    def may_have_figures(self, first: int, last: int) -> bool:
        """Tell, faster than by folding them, whether some words may have digits."""
        if first == last:
            return False
        stretch = self.text[self.begins[first] : self.ends[last - 1]]
        return not stretch.isascii() or _DIGIT.search(stretch) is not None

    def passage(self, level: str, begin: int, end: int) -> Passage | None:
        """Return the passage between two positions, or None if there is no word in it."""
        first, last = bisect_left(self.begins, begin), bisect_left(self.begins, end)
        return Passage(level, first, last, begin, end) if first < last else None

    @cached_property
    def paragraphs(self) -> list[Passage]:
        """The kept blocks that hold words."""
        found = (self.passage(PARAGRAPH, begin, end) for begin, end in self._blocks)
        return [passage for passage in found if passage]

    @cached_property
    def sentences(self) -> list[Passage]:
        """The sentences of all kept blocks, in order; between them they hold every kept word."""
        return [
            passage
            for paragraph in self.paragraphs
            for begin, end in split_sentences(
                self.text[paragraph.begin : paragraph.end], self.language or "en"
            )
            if (passage := self.passage(SENTENCE, paragraph.begin + begin, paragraph.begin + end))
        ]

    @cached_property
    def _sentence_limits(self) -> frozenset[int]:
        return frozenset(n for s in self.sentences for n in (s.first, s.last))

    def is_whole(self, first: int, last: int) -> bool:
        """Tell whether a range of words is whole sentences, or nothing between two words."""
        return first == last or {first, last} <= self._sentence_limits

    @cached_property
    def quotations(self) -> list[Passage]:
        """What stands between quotation marks, without the marks."""
        return [
            passage
            for paragraph in self.paragraphs
            for begin, end in find_quotations(self.text[paragraph.begin : paragraph.end])
            if (passage := self.passage(QUOTATION, paragraph.begin + begin, paragraph.begin + end))
        ]

    @cached_property
    def is_quoted(self) -> npt.NDArray[np.bool_]:
        """For each word, whether it stands between quotation marks, `(num_words,)`."""
        quoted = np.zeros(self.num_words, dtype=bool)
        for passage in self.quotations:
            quoted[passage.first : passage.last] = True
        return quoted

    def shingles(self, width: int) -> UInt64s:
        """Return the different shingles of all words: see `minhash.list_shingles`."""
        if width not in self._shingles:
            self._shingles[width] = list_shingles(self.hashes, width)
        return self._shingles[width]

    def document(self) -> Passage | None:
        """Return the passage that holds all kept words, or None if there is none."""
        if not self.num_words:
            return None
        return Passage(DOCUMENT, 0, self.num_words, self.begins[0], self.ends[-1])


def split_sentences(text: str, language: str) -> list[tuple[int, int]]:
    """Return where the sentences of a paragraph begin and end, without the space around them.

    >>> split_sentences('He left. "Why?" she asked.', "en")
    [(0, 8), (9, 26)]
    """
    from sentencex import segment

    parts: list[str] = list(segment(language, text))
    if "".join(parts) != text:
        parts = [text]
    spans = []
    at = 0
    for part in parts:
        begin = at + len(part) - len(part.lstrip())
        end = at + len(part.rstrip())
        if begin < end:
            spans.append((begin, end))
        at += len(part)
    return spans


def find_quotations(text: str) -> list[tuple[int, int]]:
    """Return where quotations begin and end inside their quotation marks.

    >>> find_quotations('He said: “Not now.”')
    [(10, 18)]
    """
    if not _QUOTATION_MARK.search(text):
        return []
    return [match.span(match.lastgroup or 0) for match in _QUOTATION.finditer(text)]
