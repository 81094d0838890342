"""What can be said of a block by its characters and its place, with or without HTML.

All of it is counted over the whole text at once: every character gets its class from a table, and a
block's counts are differences of running sums.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from cleaner.block_model.stop_words import stop_words
from cleaner.model import Block
from cleaner.words import split_all, split_words

Column = npt.NDArray[np.float32]
Columns = dict[str, Column]
"""One number a block, by feature name."""

PARAGRAPH_WORDS = 12
"""A block of this many words that ends as a sentence is taken for running text, until judged."""
_BMP = 0x10000
_LETTER, _UPPER, _DIGIT, _SPACE, _UNSPACED, _COMMA, _STOP, _QUOTE, _BAR = (1 << n for n in range(9))
_CLASSES = {
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
    for code in range(_BMP):
        char = chr(code)
        if char.isalpha():
            table[code] = _LETTER | (_UPPER if char.isupper() else 0)
        elif char.isdigit():
            table[code] = _DIGIT
        elif char.isspace():
            table[code] = _SPACE
    table[[*range(0x0E00, 0x0F00), *range(0x3041, 0x3100), *range(0x3400, 0xA000)]] |= _UNSPACED
    for chars, bit in ((_COMMAS, _COMMA), (_STOPS, _STOP), (_QUOTES, _QUOTE), (_BARS, _BAR)):
        table[list(map(ord, chars))] |= bit
    return table


def _count_characters(text: str, blocks: Sequence[Block]) -> Columns:
    """Count in each block the characters of each class, words, and words that begin with a capital.

    Two characters are a word in scripts without spaces.
    """
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    classes = _class_table()[np.minimum(codes, _BMP - 1)]
    is_in = {name: (classes & bit) != 0 for name, bit in _CLASSES.items()}
    in_word, is_unspaced = is_in["letter"] | is_in["digit"], is_in["unspaced"]
    begins_word = in_word & ~is_unspaced
    begins_word[1:] &= ~in_word[:-1] | is_unspaced[:-1]
    is_in |= {"words": begins_word, "capitals": begins_word & is_in["upper"]}
    sums = np.zeros((len(is_in), len(codes) + 1), dtype=np.int32)
    np.cumsum(list(is_in.values()), axis=1, dtype=np.int32, out=sums[:, 1:])
    begins, ends = [block.begin for block in blocks], [block.end for block in blocks]
    counts = dict(zip(is_in, (sums[:, ends] - sums[:, begins]).astype(np.float32), strict=True))
    return counts | {"words": counts["words"] + np.ceil(counts["unspaced"] / 2)}


def describe_text(
    text: str, blocks: Sequence[Block], *, language: str | None, title: str
) -> Columns:
    """Return the features of each block that need nothing but text.

    Args:
        text: The document's text.
        blocks: Its blocks, in order.
        language: Its language, to choose stop words by.
        title: The headline, where it is known from elsewhere.

    Returns:
        Columns of one number a block, by feature name.
    """
    raws = [text[block.begin : block.end] for block in blocks]
    columns = _shape(_count_characters(text, blocks), raws) | _wording(raws, language, title)
    return columns | _place(columns)


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


def _wording(raws: Sequence[str], language: str | None, title: str) -> Columns:
    """Return what words say: stop words, the title's, those that other blocks have too."""
    known = stop_words(language)
    title_words = set(split_words(title))
    lines = [" ".join(raw.casefold().split()) for raw in raws]
    times = Counter(lines)
    seen: set[str] = set()
    block_words = split_all(lines)
    distinct = list(map(set, block_words))
    num_blocks = Counter(chain.from_iterable(distinct))
    telling = {word for word in num_blocks if len(word) > _MIN_TELLING_CHARS} - known
    shared = {word for word in telling if num_blocks[word] > 1}
    rows = []
    for line, words, own in zip(lines, block_words, distinct, strict=True):
        num_alike = len(own & title_words)
        rows.append(
            (
                sum(map(known.__contains__, words)) / max(1, len(words)),
                num_alike / max(1, len(own) + len(title_words) - num_alike),
                len(own & shared) / max(1, len(own & telling)),
                times[line],
                line not in seen,
            )
        )
        seen.add(line)
    names = ("stop_word_share", "like_title", "shared_words", "times", "first_time")
    table = np.array(rows, dtype=np.float32).reshape(-1, len(names)).T
    return dict(zip(names, table, strict=True))


def _place(columns: Columns) -> Columns:
    """Return where blocks stand: in the document, and to what looks like running text."""
    words = columns["words"]
    size = len(words)
    at = np.arange(size)
    is_paragraph = (words >= PARAGRAPH_WORDS) & (columns["ends_sentence"] > 0)
    running = words * is_paragraph
    total, total_running = max(1.0, float(words.sum())), max(1.0, float(running.sum()))
    num_before: npt.NDArray[np.int64] = np.cumsum(is_paragraph) - is_paragraph
    places = np.flatnonzero(is_paragraph)
    since, until = distances(places, at)
    return _columns(
        {
            "from_head": at,
            "from_tail": size - 1 - at,
            "place": at / max(1, size - 1),
            "text_before": (np.cumsum(words) - words) / total,
            "running_before": (np.cumsum(running) - running) / total_running,
            "paragraphs_before": num_before,
            "paragraphs_after": len(places) - num_before - is_paragraph,
            "since_paragraph": since,
            "until_paragraph": until,
            "page_blocks": np.full(size, size),
            "page_words": np.full(size, total),
            "page_running_share": np.full(size, float(running.sum()) / total),
            "page_paragraph_share": np.full(size, len(places) / max(1, size)),
        }
    )


def distances(
    places: npt.NDArray[np.int64], at: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return how far each position is from the last place before it and the first one after it."""
    if not len(places):
        far = np.full(len(at), _FAR)
        return far, far
    before = np.searchsorted(places, at, side="left") - 1
    after = np.searchsorted(places, at, side="right")
    last = len(places) - 1
    since = np.where(before >= 0, at - places[np.maximum(before, 0)], _FAR)
    until = np.where(after <= last, places[np.minimum(after, last)] - at, _FAR)
    return since, until


def number_keys(keys: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return a number for each key, the same for equal ones, from 0."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)


def _columns(values: dict[str, Any]) -> Columns:
    return {name: _column(column) for name, column in values.items()}


def _column(values: Iterable[Any] | npt.NDArray[Any]) -> Column:
    return np.asarray(values, dtype=np.float32)
