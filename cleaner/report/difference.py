"""The words in which a text differs from another one, cut to what a reader can take in."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

import msgspec
from msgspec.structs import replace

from cleaner.words import find_words, is_unspaced

MAX_DIFFERENCE_WORDS = 2000
"""Longer texts are not compared word by word: a pair made to be slow takes 0.2 s
at this length (measured)."""
MAX_SAME_WORDS = 40
"""In a shortened difference, longer stretches without a change are collapsed (by hand)."""
_EDGE_WORDS = 8
_MAX_MISSING_CHARS = 400

SAME, ADDED, MISSING, COLLAPSED = "same", "added", "missing", "collapsed"

_SPACED_WORD = re.compile(r"\S+\s*|^\s+")


class Segment(msgspec.Struct, frozen=True):
    """A stretch of a text in comparison with another one.

    Attributes:
        kind: `same`, `added` (only in this text), `missing` (only in the other one), or
            `collapsed` (the same in both, and not shown).
        text: What is shown; empty if collapsed.
        num_words: Words in the stretch.
    """

    kind: str
    text: str
    num_words: int

    @property
    def words(self) -> str:
        """The text without the white space at its end, which is not to be marked."""
        return self.text.rstrip()

    @property
    def space(self) -> str:
        """The white space at its end."""
        return self.text[len(self.words) :]


def split_words(text: str) -> list[str]:
    r"""Cut a text into words, each with its punctuation and the white space after it.

    In scripts without spaces each character is a word. The words put together are the text.

    >>> split_words("One, two\nthree"), split_words("汉字。")
    (['One, ', 'two\n', 'three'], ['汉', '字。'])
    """
    words: list[str] = []
    for match in _SPACED_WORD.finditer(text):
        word = match[0]
        if not is_unspaced(word):
            words.append(word)
            continue
        cuts = [0, *(begin for begin, _ in find_words(word)[1:]), len(word)]
        words += [word[a:b] for a, b in itertools.pairwise(cuts)]
    return words


def compare_words(base: Sequence[str], words: Sequence[str]) -> list[Segment]:
    """Say how a text differs from another one, in words of `split_words`.

    White space does not count. Words that fill more than 1 % of a long text never begin a common
    stretch (difflib's heuristic), which bounds the time on texts made of few words.

    >>> [(s.kind, s.text) for s in compare_words(["a ", "b ", "c"], ["a ", "x ", "c"])]
    [('same', 'a '), ('missing', 'b '), ('added', 'x '), ('same', 'c')]
    """
    old, new = [word.strip() for word in base], [word.strip() for word in words]
    shortest = min(len(old), len(new))
    head = next((i for i in range(shortest) if old[i] != new[i]), shortest)
    tail = next((i for i in range(shortest - head) if old[-1 - i] != new[-1 - i]), shortest - head)
    old_end, new_end = len(old) - tail, len(new) - tail
    matcher = SequenceMatcher(None, old[head:old_end], new[head:new_end])
    segments = [_segment(SAME, words[:head])]
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            segments.append(_segment(SAME, words[head + c : head + d]))
        else:
            segments.append(_segment(MISSING, base[head + a : head + b]))
            segments.append(_segment(ADDED, words[head + c : head + d]))
    segments.append(_segment(SAME, words[new_end:]))
    return list(_join(segments))


def collapse_same(segments: Sequence[Segment]) -> list[Segment]:
    """Leave out the middle of stretches of more than `MAX_SAME_WORDS` words without a change."""
    shown: list[Segment] = []
    for segment in segments:
        if segment.kind != SAME or segment.num_words <= MAX_SAME_WORDS:
            shown.append(segment)
            continue
        words = split_words(segment.text)
        shown += [
            _segment(SAME, words[:_EDGE_WORDS]),
            Segment(COLLAPSED, "", len(words) - 2 * _EDGE_WORDS),
            _segment(SAME, words[-_EDGE_WORDS:]),
        ]
    return shown


def cut_segments(segments: Sequence[Segment], max_chars: int) -> tuple[list[Segment], int]:
    """Keep the first characters of a comparison, and count those left out.

    Long stretches that are missing are cut too, so that they do not crowd out the text itself.

    >>> cut_segments([Segment("same", "abc def", 2)], 3)
    ([Segment(kind='same', text='abc… ', num_words=2)], 4)
    """
    shown: list[Segment] = []
    room, num_hidden = max_chars, 0
    for segment in segments:
        limit = min(room, _MAX_MISSING_CHARS) if segment.kind == MISSING else room
        part = segment.text[:limit]
        is_cut = len(part) < len(segment.text)
        num_hidden += len(segment.text) - len(part)
        if part or (segment.kind == COLLAPSED and room):
            shown.append(replace(segment, text=f"{part}… ") if is_cut else segment)
        room -= len(part)
    return shown, num_hidden


def _segment(kind: str, words: Sequence[str]) -> Segment:
    text = "".join(words)
    if kind == MISSING and text and not text[-1].isspace() and not is_unspaced(text):
        text += " "
    return Segment(kind, text, len(words))


def _join(segments: Sequence[Segment]) -> Iterator[Segment]:
    """Put neighbours of one kind together, and leave out empty ones."""
    last: Segment | None = None
    for segment in segments:
        if not segment.text:
            continue
        if last is not None and last.kind == segment.kind:
            text, num_words = last.text + segment.text, last.num_words + segment.num_words
            last = Segment(segment.kind, text, num_words)
            continue
        if last is not None:
            yield last
        last = segment
    if last is not None:
        yield last
