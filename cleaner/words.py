"""Words: how a text falls into comparable units, whatever its script.

A word is a run of letters and digits; an apostrophe inside it belongs to it. In scripts that are
written without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) each character is a word.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from cleaner.patterns import compile_late

HasProperty = Callable[[npt.NDArray[np.str_]], npt.NDArray[np.bool_]]
"""Tells of each of some characters whether it has a property."""
WORDS_VERSION = 1
"""Version of the rules of this file; it is part of what makes two signatures comparable."""

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    "\u0900-\u0963\u0966-\u096f\u0971-\u0dff"
)
"""Combining marks that Python's `\\w` leaves out, and the Indic scripts that need them."""
_LETTER = rf"(?:[^\W_{_UNSPACED}]|[{_MARKS}])"
_WORD = compile_late(rf"[{_UNSPACED}]|{_LETTER}+(?:['’ʼ]{_LETTER}+)*")
_UNSPACED_CHAR = compile_late(f"[{_UNSPACED}]")
_PLAIN_WORD = re.compile(r"[^\W_]+(?:['’ʼ][^\W_]+)*")
_NOT_PLAIN = re.compile(f"[{_UNSPACED}{_MARKS}]+")
_MIN_ACCENT_CLASS = 10
"""Unicode gives the signs that spell a word (vowel signs and viramas of India, the voicing marks of
Japanese) lower combining classes than those which stand above or below a letter."""
_MAX_MARKS = 30
"""In a row; no script has more (Unicode's stream-safe text format, UAX 15). Normalizing sorts them,
in time that grows with their square."""
_LONG_MARKS = re.compile(rf"(?:[^\w\s]|[\uff9e\uff9f]){{{_MAX_MARKS + 1},}}")
_MAYBE_MARK = re.compile(
    r"[^\w\s\u0000-\u02ff\u2000-\u206f\u3000-\u3029\u3030-\u303f\uff00-\uff9d]"
)
"""Signs beyond the blocks of letters and punctuation that most texts are made of: few texts need to
be searched for runs of marks."""
_MAX_CACHED_CHARS = 64
"""Longer words are folded anew each time: what is cached has a bound."""
_CHARS_AT_ONCE = 1 << 14
_CODES = "utf-32-le"
_BMP = 0x10000
"""Characters of Unicode's basic plane."""
_CHARS_PER_WORD = 2
"""A Chinese or Japanese word is two characters long on average (by hand)."""


def _word_pattern(text: str) -> re.Pattern[str]:
    """Return a pattern for the words of a text: the general one is slow, and few texts need it."""
    return _PLAIN_WORD if text.isascii() or not _NOT_PLAIN.search(text) else _WORD


def find_words(text: str) -> list[tuple[int, int]]:
    """Return where the words of a text begin and end, in order.

    >>> find_words("It's 5 o’clock")
    [(0, 4), (5, 6), (7, 14)]
    """
    return [match.span() for match in _word_pattern(text).finditer(text)]


def split_words(text: str) -> list[str]:
    """Return the words of a text as they stand, in order.

    >>> split_words("It's 5 o’clock")
    ["It's", '5', 'o’clock']
    """
    return _word_pattern(text).findall(text)


def space_words(lines: Sequence[str]) -> list[str]:
    """Leave nothing of lines but their words, with blanks between them; many at once are faster.

    >>> [line.split() for line in space_words(["It's 5 o’clock", "’tis"])]
    [["It's", '5', 'o’clock'], ['tis']]
    """
    return [line for part in cut_lines(lines) for line in _space_words(part)]


def _space_words(lines: Sequence[str]) -> list[str]:
    found = _find_in_words("\n".join(lines))
    if found is None:
        return [" ".join(split_words(line)) for line in lines]
    codes, is_kept = found
    is_kept |= codes == ord("\n")
    return np.where(is_kept, codes, np.uint32(ord(" "))).tobytes().decode(_CODES).split("\n")


def count_all(lines: Sequence[str]) -> list[int]:
    """Count the words of many lines at once, which takes a fifth of the time.

    >>> count_all(["It's 5 o’clock", "", "四个汉字"])
    [3, 0, 2]
    """
    return [count for part in cut_lines(lines) for count in _count_all(part)]


def _count_all(lines: Sequence[str]) -> list[int]:
    codes, kinds = _classify("\n".join([*lines, ""]))
    begins = np.cumsum([0, *(len(line) + 1 for line in lines[:-1])])
    is_begin = _keep_begins(_are_in_words(codes, kinds))
    counts: list[int] = np.add.reduceat(is_begin, begins, dtype=np.int64).tolist()
    for at in np.flatnonzero(np.bitwise_or.reduceat(kinds, begins) & _UNPLAIN).tolist():
        counts[at] = count_words(lines[at])
    return counts


def count_groups(groups: Sequence[Sequence[str]]) -> list[list[int]]:
    """Count the words of groups of lines.

    >>> count_groups([["one line"], [], ["two", "more lines"]])
    [[2], [], [1, 2]]
    """
    counts = iter(count_all([line for group in groups for line in group]))
    return [list(itertools.islice(counts, len(group))) for group in groups]


def find_begins(text: str) -> npt.NDArray[np.int64]:
    """Return where the words of a text begin, in order, `(num_words,) int64`.

    >>> find_begins("It's 5 o’clock").tolist()
    [0, 5, 7]
    """
    is_begin = _mark_begins(text)
    if is_begin is None:
        return np.array([begin for begin, _ in find_words(text)], dtype=np.int64)
    return np.flatnonzero(is_begin)


def cut_lines(lines: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield runs of lines that are long enough to be worked on at once.

    Arrays over the characters of longer ones would not stay in a processor's cache, nor with the
    process, which would ask for their memory anew each time: that takes longer than the work.
    """
    ends = np.cumsum([len(line) for line in lines], dtype=np.int64)
    run = ends // _CHARS_AT_ONCE
    limits = [0, *(np.flatnonzero(np.diff(run)) + 1).tolist(), len(lines)]
    return (lines[begin:end] for begin, end in itertools.pairwise(limits) if begin < end)


def limit_marks(text: str) -> str:
    r"""Cut runs of combining marks to what a reader could tell, so that normalizing stays fast.

    >>> limit_marks("n" + 99 * "\u0303") == "n" + 30 * "\u0303"
    True
    """
    if text.isascii():
        return text
    has_marks = _MAYBE_MARK.search(text) or "\uff9e" in text or "\uff9f" in text
    return _LONG_MARKS.sub(_cut_marks, text) if has_marks else text


def _cut_marks(run: re.Match[str]) -> str:
    kept = []
    num_marks = 0
    for char in run[0]:
        is_mark = unicodedata.category(char).startswith("M") or char in "\uff9e\uff9f"
        num_marks = num_marks + 1 if is_mark else 0
        if num_marks <= _MAX_MARKS:
            kept.append(char)
    return "".join(kept)


def fold_word(word: str) -> str:
    """Reduce a word to what two copies of it share: no case, no accents, no apostrophes.

    >>> fold_word("Élysée’s")
    'elysees'
    >>> fold_word("हिन्दी")
    'हिन्दी'
    """
    return _fold_cached(word) if len(word) <= _MAX_CACHED_CHARS else _fold(word)


def _fold(word: str) -> str:
    if word.isascii():
        return word.lower().replace("'", "")
    without = word.replace("ʼ", "")  # a letter to Unicode, unlike the other two apostrophes
    decomposed = unicodedata.normalize("NFKD", limit_marks(without)).casefold()
    return "".join(c for c in decomposed if c.isalnum() or _spells(c)) or word


_fold_cached = functools.lru_cache(maxsize=1 << 16)(_fold)


def _spells(char: str) -> bool:
    """Tell whether a character is a mark without which a word is another one."""
    is_mark = unicodedata.category(char).startswith("M")
    return is_mark and unicodedata.combining(char) < _MIN_ACCENT_CLASS


def squeeze(text: str) -> str:
    """Reduce a text to its letters and digits, without case.

    >>> squeeze("Read on – Élan 5")
    'readonélan5'
    """
    return "".join(filter(str.isalnum, text.casefold()))


def squeeze_all(texts: Sequence[str]) -> list[str]:
    """Squeeze many texts at once, which takes a tenth of the time.

    >>> squeeze_all(["Read on – Élan 5", "***"])
    ['readonélan5', '']
    """
    folded = [text.casefold() for text in texts]
    codes, kinds = _classify("".join(folded))
    is_kept = (kinds & _ALPHANUMERIC) != 0
    kept = codes[is_kept].tobytes().decode(_CODES, "surrogatepass")
    num_kept = np.concatenate(([0], np.cumsum(is_kept)))
    limits = num_kept[np.cumsum([0, *map(len, folded)])].tolist()
    return [kept[begin:end] for begin, end in itertools.pairwise(limits)]


def _find_in_words(text: str) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.bool_]] | None:
    """Return the code points of a text, and which are in words; None if only `_WORD` can tell."""
    codes, kinds = _classify(text)
    return None if (kinds & _UNPLAIN).any() else (codes, _are_in_words(codes, kinds))


def _are_in_words(
    codes: npt.NDArray[np.uint32], kinds: npt.NDArray[np.uint8]
) -> npt.NDArray[np.bool_]:
    """Tell which characters are in words, of those that `_classify` says are plain."""
    in_word: npt.NDArray[np.bool_] = kinds == _ALPHANUMERIC
    is_apostrophe = (codes == ord("'")) | (codes == ord("’"))
    in_word[1:-1] |= is_apostrophe[1:-1] & in_word[:-2] & in_word[2:]
    return in_word


def _keep_begins(in_word: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Keep only the first character of each word."""
    in_word[1:] &= ~in_word[:-1]
    return in_word


def _mark_begins(text: str) -> npt.NDArray[np.bool_] | None:
    """Return at which characters of a text words begin; None if only `_WORD` can tell."""
    found = _find_in_words(text)
    return None if found is None else _keep_begins(found[1])


_ALPHANUMERIC, _UNPLAIN = 1, 2
"""Kinds of characters, as bits: letters and digits, and what `_NOT_PLAIN` finds."""


def _classify(text: str) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """Return the code points of a text, and the kind of each."""
    codes = np.frombuffer(text.encode(_CODES, "surrogatepass"), dtype=np.uint32)
    kinds = _kinds()[np.minimum(codes, _BMP - 1)]
    for at in np.flatnonzero(codes >= _BMP):
        kinds[at] = _kinds_of(chr(codes[at]))[0]
    return codes, kinds


@functools.cache
def _kinds() -> npt.NDArray[np.uint8]:
    """Return the kind of each character of the basic plane."""
    return _kinds_of(_basic_plane())


def _kinds_of(chars: str) -> npt.NDArray[np.uint8]:
    kinds = _mark(np.char.isalnum, chars) * np.uint8(_ALPHANUMERIC)
    for found in _NOT_PLAIN.finditer(chars):
        kinds[slice(*found.span())] |= _UNPLAIN
    return kinds


def mark_characters(has_property: HasProperty) -> npt.NDArray[np.bool_]:
    """Return which characters of the basic plane have a property, `(65536,) bool`.

    >>> bool(mark_characters(np.char.isupper)[ord("Z")])
    True
    """
    return _mark(has_property, _basic_plane())


def _mark(has_property: HasProperty, chars: str) -> npt.NDArray[np.bool_]:
    """Ask NumPy for all of them at once; it says what `str` does."""
    codes = np.frombuffer(chars.encode(_CODES, "surrogatepass"), dtype=np.uint32)
    return has_property(codes.view("<U1"))


@functools.cache
def _basic_plane() -> str:
    codes = np.arange(_BMP, dtype=np.uint32)
    return codes.tobytes().decode(_CODES, "surrogatepass")


def fold_words(text: str) -> list[str]:
    """Return the folded words of a text, in order."""
    return [fold_word(word) for word in split_words(text)]


def count_words(text: str) -> int:
    """Count words as a reader would, so that limits mean the same in every script.

    >>> count_words("two words"), count_words("四个汉字")
    (2, 2)
    """
    pattern = _word_pattern(text)
    num_found = len(pattern.findall(text))
    if pattern is _PLAIN_WORD:
        return num_found
    unspaced = len(_UNSPACED_CHAR.findall(text))
    return num_found - unspaced + -(-unspaced // _CHARS_PER_WORD)


def is_unspaced(text: str) -> bool:
    """Tell whether most of a text is written in a script without spaces."""
    if _word_pattern(text) is _PLAIN_WORD:
        return False
    return 2 * len(_UNSPACED_CHAR.findall(text)) > len(_WORD.findall(text))
