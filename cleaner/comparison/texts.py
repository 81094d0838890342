"""Find where two texts of a document differ, and what they have in common around it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

import msgspec

_MAX_WORD_CHARS = 30


class TextChange(msgspec.Struct, frozen=True):
    """A stretch in which two texts differ: where it begins and ends in each of them."""

    begin_a: int
    end_a: int
    begin_b: int
    end_b: int


def compare_texts(text_a: str, text_b: str) -> tuple[TextChange, ...]:
    """Say where two texts differ, in order; what is between two changes is the same in both.

    Lines that stand once in both texts, in the same order, are taken for the same (as patience diff
    does, which takes time in proportion to the texts); between two of them one stretch differs.
    Words that differ in part are taken whole.

    >>> compare_texts("a cold winter day", "a cold summer day")
    (TextChange(begin_a=7, end_a=13, begin_b=7, end_b=13),)
    """
    lines_a, lines_b = text_a.splitlines(keepends=True), text_b.splitlines(keepends=True)
    begins_a, begins_b = (
        list(accumulate(map(len, lines), initial=0)) for lines in (lines_a, lines_b)
    )
    anchors = _find_anchors(lines_a, lines_b)
    ends = [(begins_a[at_a], begins_b[at_b]) for at_a, at_b in anchors]
    begins = [(begins_a[at_a + 1], begins_b[at_b + 1]) for at_a, at_b in anchors]
    return tuple(
        change
        for (begin_a, begin_b), (end_a, end_b) in zip(
            [(0, 0), *begins], [*ends, (len(text_a), len(text_b))], strict=True
        )
        for change in _narrow(text_a[begin_a:end_a], text_b[begin_b:end_b], begin_a, begin_b)
    )


def _find_anchors(lines_a: Sequence[str], lines_b: Sequence[str]) -> list[tuple[int, int]]:
    """Pair lines that stand once in both: as many as are in the same order."""
    once_a, once_b = (
        {line for line, count in Counter(lines).items() if count == 1 and line.strip()}
        for lines in (lines_a, lines_b)
    )
    place_b = {line: at for at, line in enumerate(lines_b) if line in once_b}
    shared = [
        (at, place_b[line]) for at, line in enumerate(lines_a) if line in once_a and line in place_b
    ]
    # The longest ascending row of places: for each length, the row that ends first.
    last: list[int] = []
    rows: list[int] = []
    before: list[int] = []
    for number, (_, at) in enumerate(shared):
        length = bisect_left(last, at)
        before.append(rows[length - 1] if length else -1)
        last[length : length + 1] = [at]
        rows[length : length + 1] = [number]
    found = []
    number = rows[-1] if rows else -1
    while number >= 0:
        found.append(shared[number])
        number = before[number]
    return found[::-1]


def _narrow(part_a: str, part_b: str, begin_a: int, begin_b: int) -> Iterator[TextChange]:
    """Yield the stretch in which two parts of texts differ, if they do."""
    if part_a == part_b:
        return
    head = _count_common(part_a, part_b)
    tail = _count_common(part_a[head:][::-1], part_b[head:][::-1])
    rest_a, rest_b = part_a[head : len(part_a) - tail], part_b[head : len(part_b) - tail]
    if not (rest_a[:1].isspace() or rest_b[:1].isspace()):
        head -= _count_word(part_a[max(0, head - _MAX_WORD_CHARS) : head][::-1])
    if not (rest_a[-1:].isspace() or rest_b[-1:].isspace()):
        after = part_a[len(part_a) - tail :]
        tail -= _count_word(after[:_MAX_WORD_CHARS])
    yield TextChange(
        begin_a + head, begin_a + len(part_a) - tail, begin_b + head, begin_b + len(part_b) - tail
    )


def _count_common(one: str, other: str) -> int:
    """Count the characters that two texts have in common before they differ."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _count_word(text: str) -> int:
    """Count the characters before white space; 0 if there is none, as in scripts without it."""
    words = text.split(maxsplit=1)
    if not words or text[0].isspace() or len(words[0]) == len(text) == _MAX_WORD_CHARS:
        return 0
    return len(words[0])


def list_common(
    changes: Sequence[TextChange], num_chars_a: int, num_chars_b: int
) -> Iterator[tuple[int, int, int]]:
    """Yield what is between the changes of two texts: where it begins in each, and its length.

    >>> list(list_common(compare_texts("a cold day", "a hot day"), 10, 9))
    [(0, 0, 2), (6, 5, 4)]
    """
    first, last = TextChange(0, 0, 0, 0), TextChange(num_chars_a, 0, num_chars_b, 0)
    for before, after in pairwise((first, *changes, last)):
        if before.end_a < after.begin_a:
            yield before.end_a, before.end_b, after.begin_a - before.end_a


def find_place_a(changes: Sequence[TextChange], position_b: int) -> int:
    """Return where a position in the second text is in the first one; in a change, where it ends.

    >>> find_place_a(compare_texts("a cold day", "a hot day"), 6)
    7
    """
    at = bisect_right(changes, position_b, key=lambda change: change.begin_b) - 1
    if at < 0:
        return position_b
    return changes[at].end_a + max(0, position_b - changes[at].end_b)
