"""Lines as an outlet repeats them: hashes, shapes, and masks for the names and dates in them.

A line that an outlet puts under every article may name another person or day each time. Its *mask*
is the line with names and dates taken out: `Reporting by Jane Doe in Kyiv` and `Reporting by John
Roe in Rome` have one mask. A mask says less than a line, so it must keep enough letters to be
telling, and more is asked of it (see `outlet`).
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

import xxhash

from cleaner.block_model.model import MODEL_LIMIT
from cleaner.boilerplate.cues import Languages, gather_words, normalize_line
from cleaner.model import Block
from cleaner.words import count_all, count_words, find_words, is_unspaced, limit_marks

LABEL, LINE, RUNNING_TEXT = 0, 1, 2
"""Shapes of a line: a few words that are no sentence, anything else, a paragraph of sentences."""

_MAX_LABEL_WORDS = 8
_MIN_LABEL_LETTERS = 4
_MIN_UNSPACED_LABEL_LETTERS = 2
"""A shorter one may be the end of a line that was wrapped (by hand)."""
_MIN_RUNNING_WORDS = 12
_LONG_RUNNING_WORDS = 30
_MAX_RUNNING_LINK_RATIO = 0.5
_SENTENCE_ENDS = frozenset(".!?…。！？؟۔।:;")
_CLOSING = "'\"’”»)]›」』"
_DIGITS = re.compile(r"\d+")
_MAX_MASKED_WORDS, _MAX_MASKED_CHARS = 24, 400
"""Longer lines are not masked: a paragraph that recurs with other names is a format of news
(weather, markets, results), not furniture."""
_MIN_TELLING_LETTERS = 8
_MIN_UNSPACED_LETTERS = 4
"""Letters that a mask must keep, in scripts with and without spaces (by hand)."""
_NAME, _DATE = "ǁ", "ǂ"
"""What stands for a name and a date: letters that no text holds, so that no clean-up drops them."""
_NOUNS_ARE_CAPITALISED = frozenset({"de", "lb", "nds", None})
"""Where one capitalised word is no name: German, and documents whose language is not known."""
_PARTICLES = frozenset("al bin da de del della den der di do dos du el la le van von".split())
_NAME_GAPS = frozenset({" ", "-", "‐", "'", "’"})
_CLAUSE_ENDS = frozenset(".;!?|•·–—")
_NAME_LIST = re.compile(rf"{_NAME}(?:\s*(?:,|/|&|\band\b|\bund\b|\bet\b|\by\b|\bи\b)\s*{_NAME})+")
_DATE_FILLERS = frozenset(
    "of the de del di le la um uhr h am pm a p m г года р at o às alle".split()
)


def line_hash(line: str) -> int:
    """Hash a normalised line with its numbers masked, as a signed 64-bit integer."""
    return xxhash.xxh3_64_intdigest(_DIGITS.sub("0", line).encode("utf-8")) - (1 << 63)


def hash_lines(lines: Sequence[str]) -> list[int]:
    """Hash many normalised lines."""
    masked = _DIGITS.sub("0", "\n".join(lines)).split("\n") if lines else []
    return [xxhash.xxh3_64_intdigest(line.encode("utf-8")) - (1 << 63) for line in masked]


def ends_as_sentence(raw: str) -> bool:
    """Tell whether a block ends as a sentence does."""
    return raw.rstrip().rstrip(_CLOSING)[-1:] in _SENTENCE_ENDS


def is_running_text(num_words: int, is_sentence: bool, link_ratio: float = 0.0) -> bool:
    """Tell whether a block has the shape of a paragraph of running text."""
    least = _MIN_RUNNING_WORDS if is_sentence else _LONG_RUNNING_WORDS
    return link_ratio < _MAX_RUNNING_LINK_RATIO and num_words >= least


def is_left_out(block: Block) -> bool:
    """Tell whether a page's block was taken for no main content before any rule saw it.

    The block model decides that, or trafilatura where no model looked.
    """
    return block.main < MODEL_LIMIT if block.main >= 0 else block.in_extraction == 0


def find_shape(raw: str, num_words: int, link_ratio: float = 0.0) -> int:
    """Return the shape of a block of so many words: `LABEL`, `LINE` or `RUNNING_TEXT`."""
    is_sentence = ends_as_sentence(raw)
    if is_running_text(num_words, is_sentence, link_ratio):
        return RUNNING_TEXT
    if num_words > _MAX_LABEL_WORDS or is_sentence:
        return LINE
    least = _MIN_UNSPACED_LABEL_LETTERS if is_unspaced(raw) else _MIN_LABEL_LETTERS
    return LABEL if sum(map(str.isalpha, raw)) >= least else LINE


def mask_line(raw: str, languages: Languages, code: str | None) -> tuple[str, ...]:
    """Return a line's masks: none if nothing in it varies, or too little is left.

    There are up to two: one without all names, and one without the first, as what follows may be a
    title of office.

    Args:
        raw: The block as it stands.
        languages: Whose month names, weekdays and byline words to know.
        code: The document's language; where nouns are capitalised, one word is no name.

    >>> mask_line("Reporting by Jane Doe in Kyiv; Editing by John Roe", (), "en")[0]
    'reporting by ǁ in ǁ; editing by ǁ'
    >>> from cleaner.boilerplate.cues import load_cues
    >>> mask_line("By Jane Doe, Staff Writer", load_cues().speaking("en"), "en")
    ('by ǁ, staff writer',)
    >>> mask_line("Anna Meier", (), "en")
    ()
    """
    if len(raw) > _MAX_MASKED_CHARS or count_words(raw) > _MAX_MASKED_WORDS:
        return ()
    text = unicodedata.normalize("NFKC", limit_marks(raw))
    if text[1:].islower() and not any(map(str.isdigit, text)):
        return ()  # No name, as a word that opens the line is none by itself, and no date.
    words = find_words(text)
    dates = _find_dates(text, words, languages)
    if dates:
        text = _replace(text, dates, _DATE)
        words = find_words(text)
    names = [] if text.isupper() else _find_names(text, words, languages, code)
    masks = []
    for masked in (names, names[:1]) if len(names) > 1 else (names,):
        if masked or dates:
            line = normalize_line(_replace(text, masked, _NAME))
            masks.append(_DIGITS.sub("0", _NAME_LIST.sub(_NAME, line)))
    return tuple(mask for mask in dict.fromkeys(masks) if _is_telling(mask))


class LineKeys(NamedTuple):
    """What a line is known by, wherever it stands.

    Attributes:
        hashes: Of the line, then of its masks.
        num_chars: Characters of the line, normalised.
        num_words: Its words.
        shape: Its shape.
    """

    hashes: tuple[int, ...]
    num_chars: int
    num_words: int
    shape: int


def list_keys(raws: Sequence[str], languages: Languages, code: str | None) -> dict[str, LineKeys]:
    """Return what lines are known by; arguments are those of `mask_line`."""
    lines = list(map(normalize_line, raws))
    found = {}
    for raw, line, key, num_words in zip(
        raws, lines, hash_lines(lines), count_all(raws), strict=True
    ):
        hashes = (key, *hash_masks(raw, languages, code, num_words))
        found[raw] = LineKeys(hashes, len(line), num_words, find_shape(raw, num_words))
    return found


def hash_masks(raw: str, languages: Languages, code: str | None, num_words: int) -> tuple[int, ...]:
    """Return the hashes of a line's masks; arguments are those of `mask_line`."""
    if len(raw) > _MAX_MASKED_CHARS or num_words > _MAX_MASKED_WORDS:
        return ()
    return _hash_masks(raw, languages, code)


@functools.lru_cache(maxsize=1 << 13)
def _hash_masks(raw: str, languages: Languages, code: str | None) -> tuple[int, ...]:
    """Keep what was found for as many lines as a few hundred documents have: they recur."""
    return tuple(map(line_hash, mask_line(raw, languages, code)))


def _replace(text: str, spans: Sequence[tuple[int, int]], by: str) -> str:
    pieces: list[str] = []
    at = 0
    for begin, end in spans:
        pieces += [text[at:begin], by]
        at = end
    return "".join([*pieces, text[at:]])


def _is_telling(mask: str) -> bool:
    left = sum(map(str.isalpha, mask)) - mask.count(_NAME) - mask.count(_DATE)
    return left >= (_MIN_UNSPACED_LETTERS if is_unspaced(mask) else _MIN_TELLING_LETTERS)


def _find_names(
    text: str, words: Sequence[tuple[int, int]], languages: Languages, code: str | None
) -> list[tuple[int, int]]:
    """Return where the names of a line begin and end: runs of capitalised words.

    A capitalised word alone at the beginning of a clause is none, nor is the byline word before a
    name.
    """
    heads = gather_words(languages, "byline_words")
    min_words = 2 if code in _NOUNS_ARE_CAPITALISED else 1
    names = []
    end = 0
    for at, (begin, _) in enumerate(words):
        if at < end or not text[begin].isupper():
            continue
        end = _end_of_run(text, words, at)
        first = at
        if end > at + 1 and text[words[at][0] : words[at][1]].casefold() in heads:
            first += 1
        opens_clause = first == 0 or bool(
            _CLAUSE_ENDS.intersection(text[words[first - 1][1] : words[first][0]])
        )
        if end - first >= max(min_words, 2 if opens_clause else 1):
            names.append((words[first][0], words[end - 1][1]))
    return names


def _end_of_run(text: str, words: Sequence[tuple[int, int]], at: int) -> int:
    """Return the number of the word after a run of capitalised words that begins with one."""
    end = following = at + 1
    while following < len(words) and _is_joined(text, words, following):
        if text[words[following][0]].isupper():
            end = following + 1
        elif text[slice(*words[following])] not in _PARTICLES:
            break
        following += 1
    return end


def _is_joined(text: str, words: Sequence[tuple[int, int]], at: int) -> bool:
    """Tell whether a word and the one before it can belong to one name."""
    (begin, before), after = words[at - 1], words[at][0]
    gap = text[before:after]
    return gap in _NAME_GAPS or (gap in (". ", ".") and before - begin == 1)


def _find_dates(
    text: str, words: Sequence[tuple[int, int]], languages: Languages
) -> list[tuple[int, int]]:
    """Return where runs of numbers and calendar words that hold both begin and end."""
    if not any(text[begin].isdigit() for begin, _ in words):
        return []
    calendar = gather_words(languages, "calendar_words")
    found = []
    at = 0
    while at < len(words):
        last, has_number, has_word = at - 1, False, False
        for following in range(at, len(words)):
            word = text[slice(*words[following])].casefold()
            is_number = word[0].isdigit()
            if is_number or word in calendar:
                last = following
                has_number, has_word = has_number or is_number, has_word or not is_number
            elif last < at or word not in _DATE_FILLERS:
                break
        if has_number and has_word:
            found.append((words[at][0], words[last][1]))
        at = max(last, at) + 1
    return found
