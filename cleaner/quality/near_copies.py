"""Near-copies of a text, changed on purpose: typography, words, clauses, quotations, a cut.

How much is changed is the level:

* `typography`: quotation marks, dashes, apostrophes, spaces, ligatures, the case of a few words;
* `words_8`, `words_20`, `words_35`: so many words of a hundred are left out, put in, replaced or
  swapped with the next one; from 20 on, sentences are swapped too, and one may be missing;
* `clauses`: the clauses of each sentence, or its halves, change places;
* `quote_15`, `quote_8`: 15 to 25 or 8 to 14 words in a row, as somebody would quote them;
* `cut`: all of the text up to some point.

Figures and negations are never changed: with others the copy would be another statement. In scripts
without spaces two characters are taken for a word, as `words.count_words` does.
"""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from cleaner.extraction.lines import split_lines
from cleaner.passages.align import tell_difference
from cleaner.passages.segment import split_sentences
from cleaner.words import find_words, fold_word, is_unspaced

Item = TypeVar("Item")

TYPOGRAPHY, CLAUSES, CUT = "typography", "clauses", "cut"
_CHANGED_RATIOS = {"words_8": 0.08, "words_20": 0.20, "words_35": 0.35}
_QUOTE_WORDS = {"quote_15": (15, 25), "quote_8": (8, 14)}
QUOTES = tuple(_QUOTE_WORDS)
LEVELS = (TYPOGRAPHY, *_CHANGED_RATIOS, CLAUSES, *QUOTES, CUT)
"""From the copy that anyone would see to the one that is hard to tell; `cut` is a whole article."""

_MIN_SWAPPED_RATIO = 0.2
"""From this share of changed words on sentences are swapped and left out too."""
_SWAP_RATIO, _OMIT_RATIO = 0.5, 0.3
"""How often two sentences are swapped, and how often one of three or more is left out."""
_OPERATIONS = ((0.25, "delete"), (0.5, "insert"), (0.85, "replace"), (1.0, "swap"))
"""What becomes of a changed word, by the upper limit of a draw."""
_STYLED_RATIO = 0.05
"""Share of words with another case or a ligature, and of spaces that are not plain."""
_CUT_RATIOS = (0.5, 0.8)
_QUOTATION_MARKS = (("“", "”"), ('"', '"'), ("«", "»"), ("„", "“"))
_UNSPACED_MARKS = (("「", "」"), ("“", "”"))
_MAX_CACHED_WORDS = 1 << 14
_CLAUSE_LIMIT = re.compile(r"[,;，、；،؛]\s*")
_SPACES = re.compile(r"\s+")


class Draws:
    """Draws that follow from a seed, the same ones on every machine.

    Python promises that `random()` gives the same numbers in every version, and of no other method.
    """

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def share(self) -> float:
        """Return a number from 0 to below 1."""
        return self._random.random()

    def below(self, limit: int) -> int:
        """Return a whole number from 0 to below a limit."""
        return min(limit - 1, int(self.share() * limit))

    def pick(self, items: Sequence[Item]) -> Item:
        """Return one of the items."""
        return items[self.below(len(items))]

    def shuffled(self, items: Iterable[int]) -> list[int]:
        """Return numbers in another order."""
        return [item for _, item in sorted((self.share(), item) for item in items)]


class Span(msgspec.Struct, frozen=True):
    """A stretch of a planted text and the stretch of the original that it was made from.

    Positions are half-open, in code points.
    """

    begin: int
    end: int
    original_begin: int
    original_end: int

    def moved(self, by: int, original_by: int = 0) -> Span:
        """Return the span in longer texts, so many characters further on."""
        return Span(
            self.begin + by,
            self.end + by,
            self.original_begin + original_by,
            self.original_end + original_by,
        )


class Planted(msgspec.Struct, frozen=True):
    """A text that holds copied stretches, in the order of the text."""

    text: str
    spans: tuple[Span, ...]


def rewrite(
    text: str, level: str, seed: int | str, *, pool: Sequence[str] = (), language: str | None = None
) -> Planted:
    """Make a near-copy of a text.

    Args:
        text: The original: a passage, or for `cut` a whole article.
        level: One of `LEVELS`; a quotation comes without its marks and without a sentence around.
        seed: Decides every draw.
        pool: Words to put in, as `gather_words` gives them; by default those of the text itself.
        language: Its code, to tell sentences by.

    Returns:
        The copy, with a span for each stretch of sentences that stayed in order; text and spans are
        empty if the text is too short for the level.

    Raises:
        ValueError: If there is no such level.

    >>> original = "The ferry left the harbour at noon, and the crew waved."
    >>> rewrite(original, "clauses", 1).text
    'And the crew waved, the ferry left the harbour at noon.'
    >>> rewrite(original, "quote_8", 3).spans[0].original_begin
    0
    """
    draw = Draws(f"{seed}/{level}")
    if level == CUT:
        return _cut(text, draw)
    if level in QUOTES:
        return _take_quotation(text, _QUOTE_WORDS[level], draw, language)
    if level not in LEVELS:
        message = f"no level {level!r} (there are {', '.join(LEVELS)})"
        raise ValueError(message)
    sentences = split_sentences(text, language or "en")
    if level == TYPOGRAPHY:
        style = _draw_style(text, draw)
        changed = [_change_typography(text[b:e], style, draw) for b, e in sentences]
    elif level == CLAUSES:
        changed = [_swap_clauses(text[begin:end]) for begin, end in sentences]
    else:
        ratio = _CHANGED_RATIOS[level]
        words = pool or gather_words(text)
        changed = [_change_words(text[b:e], ratio, words, draw) for b, e in sentences]
        if ratio >= _MIN_SWAPPED_RATIO:
            return _join(_move_sentences(sentences, changed, draw), text)
    return _join(list(zip(sentences, changed, strict=True)), text)


def gather_words(text: str) -> list[str]:
    """Return the words of a text that may come and go, each as often as it stands there.

    >>> gather_words("Not all 7 boats left the harbour")
    ['all', 'boats', 'left', 'the', 'harbour']
    """
    words = (text[begin:end] for begin, end in _find_units(text))
    return [word for word in words if not _states_fact(word)]


def _find_units(text: str) -> list[tuple[int, int]]:
    """Return where the words of a text are; characters without spaces come in twos.

    >>> _find_units("Boot 船停在港口")
    [(0, 4), (5, 7), (7, 9), (9, 10)]
    """
    units: list[tuple[int, int]] = []
    is_open = False
    for begin, end in find_words(text):
        is_single = end - begin == 1 and is_unspaced(text[begin:end])
        if is_single and is_open and units[-1][1] == begin:
            units[-1] = (units[-1][0], end)
            is_open = False
        else:
            units.append((begin, end))
            is_open = is_single
    return units


@functools.lru_cache(maxsize=_MAX_CACHED_WORDS)
@functools.lru_cache(maxsize=1 << 14)
def _states_fact(word: str) -> bool:
    """Tell whether with or without a word a statement is another one."""
    is_negation = tell_difference([fold_word(word)], []) is not None
    return is_negation or any(char.isnumeric() for char in word)


def _join(parts: Sequence[tuple[tuple[int, int], str]], original: str) -> Planted:
    """Put changed sentences together; what followed each other in the original is one span."""
    joint = "" if is_unspaced(original) else " "
    text = ""
    spans: list[Span] = []
    previous_end = -1
    for (begin, end), changed in parts:
        if not changed:
            continue
        at = len(text) + len(joint) if text else 0
        text += joint + changed if text else changed
        follows = previous_end >= 0 and not original[previous_end:begin].strip()
        if follows and begin >= previous_end:
            spans[-1] = replace(spans[-1], end=len(text), original_end=end)
        else:
            spans.append(Span(at, len(text), begin, end))
        previous_end = end
    return Planted(text, tuple(spans))


def _move_sentences(
    sentences: Sequence[tuple[int, int]], changed: Sequence[str], draw: Draws
) -> list[tuple[tuple[int, int], str]]:
    """Swap two neighbouring sentences, and leave one out of three or more, by chance."""
    parts = list(zip(sentences, changed, strict=True))
    if len(parts) > 2 and draw.share() < _OMIT_RATIO:
        del parts[draw.below(len(parts))]
    if len(parts) > 1 and draw.share() < _SWAP_RATIO:
        at = draw.below(len(parts) - 1)
        parts[at : at + 2] = reversed(parts[at : at + 2])
    return parts


def _change_words(sentence: str, ratio: float, pool: Sequence[str], draw: Draws) -> str:
    """Leave out, put in, replace or swap a share of the words of a sentence."""
    gaps, words, tail = _take_apart(sentence)
    changeable = [at for at, word in enumerate(words) if not _states_fact(word)]
    # A share of a short sentence is rarely a whole number: chance decides about the rest.
    number = int(ratio * len(words) + draw.share())
    chosen = set(draw.shuffled(changeable)[:number])
    is_title = words[0][:1].isupper() if words else False
    space = "" if is_unspaced(sentence) else " "
    parts: list[list[str]] = []
    held = ""
    at = 0
    while at < len(words):
        gap, word = _merge_gaps(held, gaps[at]), words[at]
        held = ""
        operation = _draw_operation(draw) if at in chosen else ""
        if operation == "delete" and len(words) > 1:
            held = gap
        elif operation == "insert" and pool:
            parts += [[gap, word], [space, draw.pick(pool).lower()]]
        elif operation == "replace" and pool:
            new = draw.pick(pool).lower()
            parts.append([gap, _capitalize(new) if word[:1].isupper() else new])
        elif operation == "swap" and at + 1 in changeable:
            parts += [[gap, words[at + 1]], [gaps[at + 1], word]]
            at += 1
        else:
            parts.append([gap, word])
        at += 1
    if parts and is_title:
        parts[0][1] = _capitalize(parts[0][1])
    return "".join(map("".join, parts)).lstrip() + (held.rstrip() + tail if parts else "")


def _draw_operation(draw: Draws) -> str:
    value = draw.share()
    return next(name for limit, name in _OPERATIONS if value < limit)


def _merge_gaps(first: str, second: str) -> str:
    """Return what stands between two words when the one between them is gone.

    >>> _merge_gaps(", ", " "), _merge_gaps(" ", ", ")
    (', ', ', ')
    """
    return first.rstrip() + second


def _take_apart(sentence: str) -> tuple[list[str], list[str], str]:
    """Return what stands before each word, the words, and what stands after the last one."""
    gaps, words, at = [], [], 0
    for begin, end in _find_units(sentence):
        gaps.append(_SPACES.sub(" ", sentence[at:begin]))
        words.append(sentence[begin:end])
        at = end
    return gaps, words, _SPACES.sub(" ", sentence[at:])


def _swap_clauses(sentence: str) -> str:
    """Let the part after the middle clause limit, or the middle word, come first.

    >>> _swap_clauses("On Monday, when it rained, the boats stayed in the harbour.")
    'The boats stayed in the harbour, on Monday, when it rained.'
    """
    sentence = _SPACES.sub(" ", sentence)
    words = _find_units(sentence)
    if len(words) < 4:
        return sentence
    first, last = words[0][0], words[-1][1]
    limits = [m for m in _CLAUSE_LIMIT.finditer(sentence) if words[1][1] < m.end() < words[-2][0]]
    if limits:
        middle = min(limits, key=lambda m: abs(m.start() - len(sentence) / 2))
        begin, end, joint = middle.start(), middle.end(), middle[0]
    else:
        end = words[len(words) // 2][0]
        begin = words[len(words) // 2 - 1][1]
        joint = sentence[begin:end]
    front, back = sentence[first:begin], sentence[end:last]
    if _is_capitalized(front):
        front, back = front[:1].lower() + front[1:], _capitalize(back)
    return sentence[:first] + back + joint + front + sentence[last:]


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]


def _is_capitalized(text: str) -> bool:
    return text[:1].isupper() and not text[1:2].isupper()


def draw_marks(text: str, draw: Draws) -> tuple[str, str]:
    """Draw the opening and closing quotation mark of a house style that suits a text's script."""
    return draw.pick(_UNSPACED_MARKS if is_unspaced(text) else _QUOTATION_MARKS)


def _draw_style(text: str, draw: Draws) -> dict[int, str]:
    """Draw a house style of typography: what stands for single characters."""
    opening, closing = draw_marks(text, draw)
    letters = {ord(char): opening for char in "“„«「"} | {ord(char): closing for char in "”»」"}
    apostrophe = draw.pick(("'", "’"))
    dash = draw.pick(("-", "–", "—"))
    letters |= {ord(char): apostrophe for char in "'’"}
    letters |= {ord(char): dash for char in "–—"}
    if draw.share() < 0.5:
        letters |= {ord("…"): "..."}
    if draw.share() < 0.5:
        letters |= {ord("ﬁ"): "fi", ord("ﬂ"): "fl", ord("\xa0"): " "}
    if is_unspaced(text) and draw.share() < 0.5:
        letters |= {code: chr(code + 0xFEE0) for code in range(ord("0"), ord("9") + 1)}
    return letters


def _change_typography(sentence: str, style: dict[int, str], draw: Draws) -> str:
    """Set a sentence in another style: no word of it is another one."""
    gaps, words, tail = _take_apart(sentence)
    parts: list[str] = []
    for gap, word in zip(gaps, words, strict=True):
        shown = word.translate(style)
        if draw.share() < _STYLED_RATIO:
            other = shown.upper() if draw.share() < 0.5 else _ligate(shown)
            shown = other if fold_word(other) == fold_word(shown) else shown
        parts += [_space(gap.translate(style), draw), shown]
    return "".join(parts) + tail.translate(style)


def _ligate(word: str) -> str:
    return word.replace("fi", "ﬁ").replace("fl", "ﬂ")


def _space(gap: str, draw: Draws) -> str:
    if gap == " " and draw.share() < _STYLED_RATIO:
        return draw.pick(("\xa0", "  ", "\u2009"))
    return gap


def _take_quotation(
    text: str, limits: tuple[int, int], draw: Draws, language: str | None
) -> Planted:
    """Take some words in a row out of a sentence that has enough of them."""
    least, most = limits
    sentences = split_sentences(text, language or "en")
    for at in draw.shuffled(range(len(sentences))):
        begin, end = sentences[at]
        words = _find_units(text[begin:end])
        if len(words) < least:
            continue
        number = min(len(words), least + draw.below(most - least + 1))
        first = draw.below(len(words) - number + 1)
        extent = begin + words[first][0], begin + words[first + number - 1][1]
        quoted = _SPACES.sub(" ", text[extent[0] : extent[1]])
        return Planted(quoted, (Span(0, len(quoted), *extent),))
    return Planted("", ())


def _cut(text: str, draw: Draws) -> Planted:
    """Cut a text after one of its paragraphs; one of a single paragraph, after a sentence."""
    limits = [block.end for block in split_lines(text)][:-1]
    limits = limits or [end for _, end in split_sentences(text, "en")][:-1]
    low, high = _CUT_RATIOS
    wanted = (low + (high - low) * draw.share()) * len(text)
    if not limits:
        return Planted("", ())
    begin = len(text) - len(text.lstrip())
    end = min(limits, key=lambda limit: abs(limit - wanted))
    return Planted(text[begin:end], (Span(0, end - begin, begin, end),))
