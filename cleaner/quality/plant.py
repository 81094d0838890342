"""Planted copies: what is planted is known, so what a run does not find can be counted.

A *planted* text is a host that holds a near-copy (`near_copies`) of a passage of another text, its
*original*. Everything follows from the seed.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import replace

from cleaner.extraction.lines import split_lines
from cleaner.passages.segment import split_sentences
from cleaner.quality.near_copies import (
    CUT,
    LEVELS,
    QUOTES,
    Draws,
    Planted,
    Span,
    draw_marks,
    gather_words,
    rewrite,
)
from cleaner.words import count_words, find_words, is_unspaced, squeeze

_MIN_BLOCK_WORDS = 12
_PASSAGE_WORDS = (40, 150)
"""A planted passage is one paragraph or some in a row until it has so many words (by hand)."""
_MIN_CUT_WORDS = 60
_MAX_COPIES = 3
_ENDS_SENTENCE = re.compile(r"[.!?…。！？؟][\"'”’»«“」』)\]]*\Z")
_FIRST_DAY = datetime.date(2020, 1, 1)
_NUM_DAYS = 365
_MAX_DELAY_DAYS = 3
_POOL_CHARS = 2000
"""Words to put into copies are taken from the beginnings of the articles."""


def plant(
    host: str,
    original: str,
    level: str,
    seed: int | str,
    *,
    pool: Sequence[str] = (),
    language: str | None = None,
) -> Planted | None:
    r"""Plant a near-copy of a passage in another text.

    A passage becomes a paragraph between two of the host's; a quotation stands inside one of its
    sentences; `cut` has no host. `original` is the passage itself, and positions count from its
    begin.

    Returns:
        The host with the copy, or None if the passage is too short for the level.

    >>> planted = plant("One day.\nAnother day.", "The ferry left.", "typography", 1)
    >>> planted.text[planted.spans[0].begin : planted.spans[0].end].casefold()
    'the ferry left.'
    """
    copy = rewrite(original, level, seed, pool=pool, language=language)
    if not copy.spans:
        return None
    if level == CUT:
        return copy
    draw = Draws(f"{seed}/{level}/host")
    place = _quote_place if level in QUOTES else _paragraph_place
    at, before, after = place(host, copy.text, draw, language)
    text = host[:at] + before + copy.text + after + host[at:]
    return Planted(text, tuple(span.moved(at + len(before)) for span in copy.spans))


def choose_passage(
    text: str, seed: int | str, *, language: str | None = None, avoid: Iterable[str] = ()
) -> tuple[int, int] | None:
    """Return the begin and end of a passage that is worth planting, or None if there is none.

    Args:
        text: An article.
        seed: Decides which one.
        language: Its code.
        avoid: Paragraphs that are not the article's own, squeezed (`words.squeeze`).
    """
    blocks = [(block.begin, block.end) for block in split_lines(text)]
    unwanted = set(avoid)
    is_good = [_is_running(text[b:e]) and squeeze(text[b:e]) not in unwanted for b, e in blocks]
    starts = [at for at in range(len(blocks)) if is_good[at]]
    inner = [at for at in starts if 0 < at < len(blocks) - 1] or starts
    draw = Draws(f"{seed}/passage")
    for at in draw.shuffled(inner):
        last = at
        while (
            count_words(text[blocks[at][0] : blocks[last][1]]) < _PASSAGE_WORDS[0]
            and last + 1 < len(blocks)
            and is_good[last + 1]
        ):
            last += 1
        begin, end = _limit(text, blocks[at][0], blocks[last][1], language)
        if count_words(text[begin:end]) >= _PASSAGE_WORDS[0]:
            return begin, end
    return None


def _limit(text: str, begin: int, end: int, language: str | None) -> tuple[int, int]:
    """Cut a passage after the last sentence that ends within the limit."""
    for _, sentence_end in reversed(split_sentences(text[begin:end], language or "en")):
        if count_words(text[begin : begin + sentence_end]) <= _PASSAGE_WORDS[1]:
            return begin, begin + sentence_end
    return begin, begin


def _is_running(block: str) -> bool:
    return count_words(block) >= _MIN_BLOCK_WORDS and bool(_ENDS_SENTENCE.search(block))


def _paragraph_place(
    host: str, copy: str, draw: Draws, language: str | None
) -> tuple[int, str, str]:
    """Return where a paragraph can stand, and what parts it from those before and after it."""
    blocks = [(block.begin, block.end) for block in split_lines(host)]
    long = [
        at
        for at in range(len(blocks) - 1)
        if _is_running(host[slice(*blocks[at])]) and _is_running(host[slice(*blocks[at + 1])])
    ]
    places = long or list(range(len(blocks) - 1))
    if not places:
        return len(host), "\n\n" if host.strip() else "", ""
    at = draw.pick(places)
    joint = "\n\n" if "\n\n" in host[blocks[at][1] : blocks[at + 1][0]] else "\n"
    return blocks[at][1], joint, ""


def _quote_place(host: str, copy: str, draw: Draws, language: str | None) -> tuple[int, str, str]:
    """Return a place between two words of a sentence, with quotation marks."""
    opening, closing = draw_marks(copy, draw)
    space = "" if is_unspaced(copy) else " "
    blocks = [(block.begin, block.end) for block in split_lines(host)]
    running = [block for block in blocks if _is_running(host[slice(*block)])] or blocks
    if not running:
        return len(host), opening, closing
    begin, end = draw.pick(running)
    sentences = split_sentences(host[begin:end], language or "en")
    longest = max(sentences, key=lambda span: (span[1] - span[0], -span[0]))
    words = find_words(host[begin + longest[0] : begin + longest[1]])
    if len(words) < 2:
        return end, space + opening, closing
    at = begin + longest[0] + words[len(words) // 2 - 1][1]
    return at, space + opening, closing


class Source(msgspec.Struct, frozen=True):
    """An article that copies are taken from or planted in; its name is unique in the corpus.

    Attributes:
        published: An ISO 8601 date, with or without a time; drawn if there is none.
    """

    name: str
    outlet: str
    text: str
    language: str | None = None
    published: str | None = None


class PlantedPair(msgspec.Struct, frozen=True):
    """A copy and its original: the documents' names, the level, and where both stand.

    Attributes:
        original: The same for all copies of one passage: an original gives one.
        spans: Positions in the copy's and in the original's whole text.
    """

    level: str
    language: str
    copy: str
    original: str
    spans: tuple[Span, ...]


class PlantedCorpus(msgspec.Struct, frozen=True):
    """Articles, some of which hold copies, and all the copies that were planted."""

    documents: tuple[Source, ...]
    pairs: tuple[PlantedPair, ...]


def plant_corpus(
    documents: Sequence[Source],
    seed: int | str,
    *,
    levels: Sequence[str] = LEVELS,
    max_per_level: int | None = None,
) -> PlantedCorpus:
    """Plant copies of some articles' passages in other ones of the same language.

    A third of the articles of each language are originals, the others hosts, each of at most one
    copy. A passage gets one to three copies, of different levels, each in another
    outlet; where no article of another one is left, a host is moved to an invented outlet. `cut`
    adds a document. Copies are dated one to three days after their original.

    Args:
        documents: Articles, in any order; those without a suitable passage can still be hosts.
        seed: Decides everything.
        levels: The levels to plant, in turn.
        max_per_level: So many copies of each level in each language; by default what hosts allow.

    Returns:
        All articles, hosts with their copies, in the order of their names; and the pairs.
    """
    by_language: dict[str, list[Source]] = {}
    for document in sorted(documents, key=lambda found: found.name):
        by_language.setdefault(document.language or "", []).append(document)
    changed: dict[str, Source] = {}
    pairs: list[PlantedPair] = []
    for language, found in sorted(by_language.items()):
        planter = _Planter(found, f"{seed}/{language}", language, levels, max_per_level)
        planter.run()
        changed |= planter.documents
        pairs += planter.pairs
    ordered = tuple(changed[name] for name in sorted(changed))
    return PlantedCorpus(ordered, tuple(pairs))


class _Planter:
    """Plants copies in the articles of one language."""

    def __init__(
        self,
        documents: Sequence[Source],
        seed: str,
        language: str,
        levels: Sequence[str],
        max_per_level: int | None,
    ) -> None:
        self.documents = {document.name: document for document in documents}
        self.pairs: list[PlantedPair] = []
        self._seed, self._language = seed, language
        self._draw = Draws(seed)
        self._left = {
            level: len(documents) if max_per_level is None else max_per_level for level in levels
        }
        order = self._draw.shuffled(range(len(documents)))
        num_originals = len(documents) // 3
        self._originals = [documents[at].name for at in order[:num_originals]]
        self._hosts = [documents[at].name for at in order[num_originals:]]
        self._outlets = sorted({document.outlet for document in documents})
        lines = Counter(
            squeeze(line) for d in documents for line in {*d.text.splitlines()} if line.strip()
        )
        self._repeated = {line for line, number in lines.items() if number > 1}
        self._pool = [
            w for document in documents for w in gather_words(document.text[:_POOL_CHARS])
        ]

    def run(self) -> None:
        """Plant until there is no original, host or level left."""
        for name in self._originals:
            original = self._date(name)
            extent = choose_passage(
                original.text, f"{self._seed}/{name}", language=self._language, avoid=self._repeated
            )
            if extent is None:
                continue
            num_copies = 1 + self._draw.below(_MAX_COPIES)
            used: set[str] = set()
            taken = {original.outlet}
            while num_copies > 0 and (level := self._next_level(used)) is not None:
                used.add(level)
                num_copies -= 1
                if self._copy(level, original, extent, taken):
                    self._left[level] -= 1
                if level == CUT:
                    break

    def _next_level(self, used: set[str]) -> str | None:
        """Return the level with the most left to plant; a whole article goes alone."""
        open_levels = [
            level
            for level, left in self._left.items()
            if left > 0 and level not in used and not (used and level == CUT)
        ]
        return max(open_levels, key=lambda level: self._left[level], default=None)

    def _copy(self, level: str, original: Source, extent: tuple[int, int], taken: set[str]) -> bool:
        """Plant one copy; returns whether there was a host and enough text for it.

        Args:
            level: The level.
            original: The article.
            extent: The passage.
            taken: Outlets that have the passage; that of the copy is added.
        """
        seed = f"{self._seed}/{original.name}"
        begin, end = (0, len(original.text)) if level == CUT else extent
        if level == CUT:
            host = self._new_document(original)
        elif (found := self._take_host(taken)) is not None:
            host = found
        else:
            return False
        planted = plant(
            host.text,
            original.text[begin:end],
            level,
            seed,
            pool=self._pool,
            language=self._language,
        )
        if planted is None or (level == CUT and count_words(planted.text) < _MIN_CUT_WORDS):
            return False
        spans = tuple(span.moved(0, begin) for span in planted.spans)
        delay = datetime.timedelta(days=1 + self._draw.below(_MAX_DELAY_DAYS))
        day = datetime.date.fromisoformat((original.published or "")[:10]) + delay
        taken.add(host.outlet)
        self.documents[host.name] = replace(host, text=planted.text, published=day.isoformat())
        self.pairs.append(PlantedPair(level, self._language, host.name, original.name, spans))
        return True

    def _date(self, name: str) -> Source:
        """Give an original a day, if it has none."""
        document = self.documents[name]
        if document.published is None:
            day = _FIRST_DAY + datetime.timedelta(days=self._draw.below(_NUM_DAYS))
            document = replace(document, published=day.isoformat())
            self.documents[name] = document
        return document

    def _new_document(self, original: Source) -> Source:
        others = [outlet for outlet in self._outlets if outlet != original.outlet]
        outlet = self._draw.pick(others) if others else _invent_outlet(original.outlet)
        return replace(original, name=f"{original.name} (cut)", outlet=outlet, text="")

    def _take_host(self, taken: set[str]) -> Source | None:
        """Take the next host of another outlet off the list, or else move one to another outlet."""
        others = (name for name in self._hosts if self.documents[name].outlet not in taken)
        name = next(others, self._hosts[0] if self._hosts else None)
        if name is None:
            return None
        self._hosts.remove(name)
        host = self.documents[name]
        if host.outlet in taken:
            host = replace(host, outlet=_invent_outlet(host.outlet, len(taken)))
        return host


def _invent_outlet(outlet: str, number: int = 1) -> str:
    return f"{outlet} (copies {number})"
