"""Prepare the documents of a batch to be compared: their kept words, terms and seeds.

What can be done for all of them at once is: their words are found and hashed, and each different
one is stemmed once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleaner.compiled import Words
from cleaner.passages.candidates import find_kept_words, list_kept_spans
from cleaner.passages.minhash import Int64s, UInt64s
from cleaner.passages.segment import KeptText
from cleaner.passages.terms import (
    Seeds,
    Terms,
    find_batch_terms,
    find_terms,
    list_seeds,
    split_seeds,
)

_NUM_SLOTS = 1 << 13
_MOST_KNOWN_WORDS = 1 << 15
"""Of indexed documents that a process remembers; a word of them takes a quarter of a KB."""

Content = tuple[str, tuple[tuple[int, int], ...], str | None]
"""All that the index of a document rests on: its text, where its main content is, its language."""


class IndexedText(msgspec.Struct, frozen=True, eq=False):
    """A kept text with its terms and seeds.

    Attributes:
        keys: The different keys of its seeds, ascending, `(num_keys,) uint64`.
        begins: Where the seeds with each key begin; `sizes`, how many there are.
        is_term: For each word whether a term begins with it, `(num_words,)`.
        slots: The slot of each key in `filled`, which says of each whether a key of the text is
            there: most keys that it does not have are told by that (a Bloom filter of one hash).
    """

    kept: KeptText
    terms: Terms
    seeds: Seeds
    keys: UInt64s
    begins: Int64s
    sizes: Int64s
    is_term: npt.NDArray[np.bool_]
    slots: Int64s
    filled: npt.NDArray[np.bool_]


def keep_texts(texts: pa.Table, judged: pa.Table) -> dict[str, KeptText]:
    """Build the kept texts of documents, by their ids.

    Args:
        texts: Rows of `model.TEXTS`.
        judged: The same documents' rows of `boilerplate.JUDGED`.
    """
    return dict(_Batch(texts, judged).keep())


_known: dict[Content, IndexedText] = {}


def index_texts(texts: pa.Table, judged: pa.Table) -> dict[str, IndexedText]:
    """Index documents, by their ids; arguments are those of `keep_texts`.

    A document meets others in several batches and passes; one that was met before is remembered.
    """
    names = texts.column("document_id").to_pylist()
    contents = _list_contents(texts, judged)
    if sum(indexed.kept.num_words for indexed in _known.values()) > _MOST_KNOWN_WORDS:
        for content in _known.keys() - set(contents):
            del _known[content]
    new = {content: row for row, content in enumerate(contents) if content not in _known}
    if new:
        rows = pa.array(new.values(), pa.int64())
        _known.update(zip(new, _index_all(texts.take(rows), judged), strict=True))
    return {name: _known[content] for name, content in zip(names, contents, strict=True)}


def _list_contents(texts: pa.Table, judged: pa.Table) -> list[Content]:
    spans = list_kept_spans(texts.column("document_id").combine_chunks(), judged)
    columns = (texts.column(name).to_pylist() for name in ("text", "language"))
    return [
        (text, tuple(spans.of_text(row)), language)
        for row, (text, language) in enumerate(zip(*columns, strict=True))
    ]


def _index_all(texts: pa.Table, judged: pa.Table) -> Iterable[IndexedText]:
    batch = _Batch(texts, judged)
    terms = find_batch_terms(batch.texts, batch.languages, batch.words, batch.limits)
    kept = (kept for _, kept in batch.keep())
    return map(_index, kept, terms, split_seeds(terms))


def index_text(kept: KeptText) -> IndexedText:
    """Find the terms and seeds of a kept text."""
    terms = find_terms(kept)
    return _index(kept, terms, list_seeds(terms))


def _index(kept: KeptText, terms: Terms, seeds: Seeds) -> IndexedText:
    is_first = np.ones(len(seeds.keys), dtype=bool)
    is_first[1:] = seeds.keys[1:] != seeds.keys[:-1]
    limits = np.append(np.flatnonzero(is_first), len(seeds.keys))
    begins, sizes = limits[:-1], limits[1:] - limits[:-1]
    is_term = np.zeros(kept.num_words, dtype=bool)
    is_term[terms.at] = True
    keys = seeds.keys[begins]
    slots = (keys & np.uint64(_NUM_SLOTS - 1)).astype(np.int64)
    filled = np.zeros(_NUM_SLOTS, dtype=bool)
    filled[slots] = True
    return IndexedText(kept, terms, seeds, keys, begins, sizes, is_term, slots, filled)


class _Batch:
    """The kept words of a batch of texts.

    Attributes:
        texts, languages: Of each document.
        words: Their kept words.
        limits: Where in them those of each text begin, `(num_texts + 1,) int64`.
    """

    def __init__(self, texts: pa.Table, judged: pa.Table) -> None:
        columns = ["document_id", "text", "language"]
        batch = pa.RecordBatch.from_arrays(
            [texts.column(name).combine_chunks() for name in columns], columns
        )
        self._names, self.texts, self.languages = (batch.column(n).to_pylist() for n in columns)
        self._spans, self.words, self.limits = find_kept_words(batch, judged)

    def keep(self) -> Iterator[tuple[str, KeptText]]:
        """Yield each document's id and kept text."""
        for row, name in enumerate(self._names):
            blocks, words = self._spans.of_text(row), self._words_of(row)
            yield name, KeptText(self.texts[row], blocks, self.languages[row], words)

    def _words_of(self, row: int) -> Words:
        """Return the words of one text."""
        words, part = self.words, slice(*self.limits[row : row + 2])
        own = words.limits[self._spans.limits[row] : self._spans.limits[row + 1] + 1]
        return Words(
            words.begins[part],
            words.ends[part],
            words.hashes[part],
            own - own[0],
            words.is_unspaced[row : row + 1],
        )
