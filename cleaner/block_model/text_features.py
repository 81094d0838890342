"""What can be said of a block by its characters and its place, with or without HTML.

Most of it is counted over all blocks of many documents at once: every character gets its kind from
a table, and blocks count kinds.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Hashable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cleaner.block_model.documents import Documents, Int64s
from cleaner.block_model.stop_words import stop_words
from cleaner.model import Block
from cleaner.words import cut_lines, mark_characters, space_words, split_words

Column = npt.NDArray[np.float32]
Columns = dict[str, Column]
"""One number a block, by feature name."""

PARAGRAPH_WORDS = 12
"""A block of this many words that ends as a sentence is taken for running text, until judged."""
_BMP = 0x10000
_LETTER, _UPPER, _DIGIT, _SPACE, _UNSPACED, _COMMA, _STOP, _QUOTE, _BAR = (1 << n for n in range(9))
_COUNTED = {
    "letter": _LETTER,
    "upper": _UPPER,
    "digit": _DIGIT,
    "unspaced": _UNSPACED,
    "comma": _COMMA,
    "stop": _STOP,
    "quote": _QUOTE,
    "bar": _BAR,
}
_COMMAS = ",،、，;；؛"
_STOPS = ".!?…。！？؟۔।"
_QUOTES = '"“”„«»‘’「」『』'
_BARS = "|•·›»→▶►/–—"
_CLOSING = " \"'’”»)]›」』*"
_BULLETS = "•◦▪‣·*–—-▶►→"
_MIN_TELLING_CHARS = 3
_FAR = 99.0


@functools.cache
def _class_table() -> npt.NDArray[np.uint16]:
    """Return the classes of every character of the basic plane, as bits."""
    table = np.zeros(_BMP, dtype=np.uint16)
    kinds = (np.char.isspace, _SPACE), (np.char.isdigit, _DIGIT), (np.char.isalpha, _LETTER)
    for is_of, bit in kinds:  # No character is of two.
        table[mark_characters(is_of)] = bit
    table[mark_characters(np.char.isupper) & (table == _LETTER)] |= _UPPER
    table[[*range(0x0E00, 0x0F00), *range(0x3041, 0x3100), *range(0x3400, 0xA000)]] |= _UNSPACED
    for chars, bit in ((_COMMAS, _COMMA), (_STOPS, _STOP), (_QUOTES, _QUOTE), (_BARS, _BAR)):
        table[list(map(ord, chars))] |= bit
    return table


@functools.cache
def _kinds() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint16], npt.NDArray[np.uint8]]:
    """Return the kind of every character of the basic plane, and the classes of each kind.

    And for each kind after each other one twice the kind, and one more where a word begins.
    """
    classes, kinds = np.unique(_class_table(), return_inverse=True)
    is_unspaced = (classes & _UNSPACED) != 0
    in_word = (classes & (_LETTER | _DIGIT)) != 0
    goes_on = in_word & ~is_unspaced
    begins_word = goes_on & ~goes_on[:, None]
    pairs = 2 * np.arange(len(classes)) + begins_word
    return kinds.astype(np.uint8), classes, pairs.astype(np.uint8).ravel()


def _count_characters(raws: Sequence[str]) -> Columns:
    """Count in each block the characters of each class, words, and words that begin with a capital.

    Two characters are a word in scripts without spaces.
    """
    _, classes, _ = _kinds()
    counts = np.concatenate(
        [np.empty((0, len(classes), 2), dtype=np.int64), *map(_count_kinds, cut_lines(raws))]
    )
    by_kind = counts.sum(axis=2)
    columns = {name: by_kind @ ((classes & bit) != 0) for name, bit in _COUNTED.items()}
    columns["capitals"] = counts[..., 1] @ ((classes & _UPPER) != 0)
    columns["words"] = counts[..., 1].sum(axis=1) + np.ceil(columns["unspaced"] / 2)
    return _columns(columns)


def _count_kinds(raws: Sequence[str]) -> Int64s:
    """Count the characters of each kind that go on, and that begin a word, `(blocks, kinds, 2)`."""
    text = "\n".join([*raws, ""])
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    table, classes, pairs = _kinds()
    kinds = table.take(np.minimum(codes, _BMP - 1))
    before = np.concatenate((table[:1], kinds[:-1]))  # Before the first there is no word either.
    kinds = pairs.take(before.astype(np.uint16) * len(classes) + kinds)
    shape = len(raws), len(classes), 2
    block = np.repeat(np.arange(len(raws)) * (2 * len(classes)), [len(raw) + 1 for raw in raws])
    return np.bincount(block + kinds, minlength=np.prod(shape)).reshape(shape)


class TextBlocks:
    """The blocks of documents of one language, and what their text says of each.

    Args:
        raws: The blocks, document after document.
        documents: What they belong to.
        language: Their language, to choose stop words by.
        title: The headline, where it is known from elsewhere.

    Attributes:
        columns: What each says by itself, by feature name.
    """

    def __init__(
        self, raws: Sequence[str], documents: Documents, *, language: str | None, title: str = ""
    ) -> None:
        self.columns = _shape(_count_characters(raws), raws)
        self._documents = documents
        lines = [" ".join(raw.casefold().split()) for raw in raws]
        self._line = number_keys(list(zip(documents.number.tolist(), lines, strict=True)))
        self._count_words(space_words(lines), language, title)

    def _count_words(self, lines: Sequence[str], language: str | None, title: str) -> None:
        """Say how many words are stop words or the title's, and list the telling ones."""
        split = pc.ascii_split_whitespace(pa.array(lines, pa.string()))
        words = split.flatten()
        is_word = pc.not_equal(words, "")  # None stands before a blank, and after one.
        coded = words.filter(is_word).dictionary_encode()
        size, num_words = len(lines), max(1, len(coded.dictionary))
        block = pc.list_parent_indices(split).filter(is_word).to_numpy()
        word = coded.indices.to_numpy()
        stops, in_title = stop_words(language), set(split_words(title))
        is_stop = _is_in(coded.dictionary, stops)
        num_all = np.bincount(block, minlength=size)
        num_stops = np.bincount(block, weights=is_stop[word], minlength=size)

        keys = (self._documents.number[block] * num_words + word) * size + block
        keys = np.sort(keys)
        keys = keys[np.diff(keys, prepend=-1) > 0]  # Each word of a block once.
        in_document, own_block = np.divmod(keys, max(1, size))
        own_word = in_document % num_words
        num_own = np.bincount(own_block, minlength=size)
        is_alike = _is_in(coded.dictionary, in_title)
        num_alike = np.bincount(own_block, weights=is_alike[own_word], minlength=size)
        is_telling = ~is_stop & (pc.utf8_length(coded.dictionary).to_numpy() > _MIN_TELLING_CHARS)
        telling = np.flatnonzero(is_telling[own_word])
        self._word_block = own_block[telling]
        self._word = np.cumsum(np.diff(in_document[telling], prepend=-1) > 0)
        self._num_telling = np.bincount(self._word_block, minlength=size)
        self.columns |= _columns(
            {
                "stop_word_share": num_stops / np.maximum(num_all, 1),
                "like_title": num_alike / np.maximum(num_own + len(in_title) - num_alike, 1),
            }
        )

    def describe(self, chosen: Int64s, documents: Documents) -> Columns:
        """Return the features of some blocks, as if there were no others.

        Args:
            chosen: Numbers of blocks, in order.
            documents: What these belong to.

        Returns:
            Columns of one number a block, by feature name.
        """
        columns = {name: column[chosen] for name, column in self.columns.items()}
        return columns | self._repeats(chosen) | _place(columns, documents)

    def _repeats(self, chosen: Int64s) -> Columns:
        """Return how often blocks and their words stand in the same document."""
        size = len(self._line)
        line = self._line[chosen]
        first = np.empty(size, dtype=np.int64)
        first[line[::-1]] = chosen[::-1]  # The last one that is put there stays.
        is_chosen = np.zeros(size, dtype=bool)
        is_chosen[chosen] = True
        here = is_chosen[self._word_block]
        word, block = self._word[here], self._word_block[here]
        is_shared = np.bincount(word)[word] > 1
        num_shared = np.bincount(block, weights=is_shared, minlength=size)[chosen]
        return _columns(
            {
                "shared_words": num_shared / np.maximum(self._num_telling[chosen], 1),
                "times": np.bincount(line)[line],
                "first_time": first[line] == chosen,
            }
        )


def _is_in(words: pa.StringArray, known: Collection[str]) -> npt.NDArray[np.bool_]:
    found = pc.is_in(words, pa.array(list(known), pa.string()))
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)


def describe_text(
    text: str, blocks: Sequence[Block], *, language: str | None, title: str
) -> Columns:
    """Return the features of each block of one text that need nothing else.

    Args:
        text: The document's text.
        blocks: Its blocks, in order.
        language: Its language, to choose stop words by.
        title: The headline, where it is known from elsewhere.

    Returns:
        Columns of one number a block, by feature name.
    """
    raws = [text[block.begin : block.end] for block in blocks]
    documents = Documents([len(raws)])
    described = TextBlocks(raws, documents, language=language, title=title)
    return described.describe(np.arange(len(raws)), documents)


def _shape(counts: Columns, raws: Sequence[str]) -> Columns:
    """Return lengths, punctuation and casing."""
    length = np.array([len(raw) for raw in raws])
    words, commas, letters, stops = (counts[name] for name in ("words", "comma", "letter", "stop"))
    some = np.maximum(words, 1)
    last = [raw.rstrip(_CLOSING)[-1:] for raw in raws]
    first = [raw.lstrip()[:1] for raw in raws]
    return _columns(
        {
            "words": words,
            "chars": length,
            "word_length": letters / some,
            "commas": commas,
            "comma_share": commas / some,
            "stops": stops,
            "words_a_stop": words / np.maximum(stops, 1),
            "quotes": counts["quote"],
            "bars": counts["bar"],
            "digit_share": counts["digit"] / np.maximum(length, 1),
            "upper_share": counts["upper"] / np.maximum(letters, 1),
            "capital_share": counts["capitals"] / some,
            "letter_share": letters / np.maximum(length, 1),
            "ends_sentence": [char in _STOPS for char in last],
            "ends_colon": [char in ":：" for char in last],
            "asks": [char in "?？؟" and char != "" for char in last],
            "exclaims": [char in "!！" and char != "" for char in last],
            "trails_off": [raw.rstrip().endswith(("…", "...")) for raw in raws],
            "begins_lower": [char.islower() for char in first],
            "begins_digit": [char.isdigit() for char in first],
            "begins_bullet": [char in _BULLETS and char != "" for char in first],
            "begins_quote": [char in _QUOTES and char != "" for char in first],
            "has_at": ["@" in raw for raw in raws],
            "has_url": ["http" in raw or "www." in raw or ".com" in raw for raw in raws],
            "has_copyright": ["©" in raw for raw in raws],
        }
    )


def _place(columns: Columns, documents: Documents) -> Columns:
    """Return where blocks stand: in the document, and to what looks like running text."""
    words, number, sizes = columns["words"], documents.number, documents.sizes
    is_paragraph = (words >= PARAGRAPH_WORDS) & (columns["ends_sentence"] > 0)
    words_before, num_words = count_before(words, documents)
    running_before, num_running = count_before(words * is_paragraph, documents)
    num_before, num_paragraphs = count_before(is_paragraph, documents)
    total = np.maximum(num_words, 1)
    since, until = distances(is_paragraph, documents)
    return _columns(
        {
            "from_head": documents.at,
            "from_tail": sizes[number] - 1 - documents.at,
            "place": documents.at / np.maximum(sizes[number] - 1, 1),
            "text_before": _column(words_before) / _column(total),
            "running_before": _column(running_before) / _column(np.maximum(num_running, 1)),
            "paragraphs_before": num_before,
            "paragraphs_after": num_paragraphs - num_before - is_paragraph,
            "since_paragraph": since,
            "until_paragraph": until,
            "page_blocks": sizes[number],
            "page_words": total,
            "page_running_share": num_running / total,
            "page_paragraph_share": num_paragraphs / np.maximum(sizes[number], 1),
        }
    )


def count_before(
    column: npt.NDArray[Any], documents: Documents
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the sums of whole numbers over what is before each block, and over its document."""
    sums = np.concatenate(([0.0], np.cumsum(column, dtype=np.float64)))
    before = sums[documents.begins]
    return sums[:-1] - before, sums[documents.ends] - before


def distances(
    is_place: npt.NDArray[np.bool_], documents: Documents
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return how far each block is from the last place before it and the first one after it."""
    size = len(is_place)
    block = np.arange(size)
    last = np.maximum.accumulate(np.where(is_place, block, -1))
    following = np.minimum.accumulate(np.where(is_place, block, 2 * size)[::-1])[::-1]
    before = np.concatenate(([-1], last[:-1])) if size else last
    after = np.concatenate((following[1:], [2 * size])) if size else following
    since = np.where(before >= documents.begins, block - before, _FAR)
    until = np.where(after < documents.ends, after - block, _FAR)
    return since, until


def number_keys(keys: Sequence[Hashable]) -> npt.NDArray[np.int64]:
    """Return a number for each key, the same for equal ones, from 0."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)


def _columns(values: dict[str, Any]) -> Columns:
    return {name: _column(column) for name, column in values.items()}


def _column(values: Iterable[Any] | npt.NDArray[Any]) -> Column:
    return np.asarray(values, dtype=np.float32)
