"""Stretches of documents, each counted once however often it is added."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable


class Extents:
    """Stretches of texts by key, such as a document."""

    def __init__(self) -> None:
        self._of: dict[Hashable, list[tuple[int, int]]] = {}

    @property
    def keys(self) -> set[Hashable]:
        """What something was added for."""
        return set(self._of)

    def add(self, key: Hashable, begin: int, end: int) -> int:
        """Add a stretch, and return how many of its characters are new.

        >>> extents = Extents()
        >>> extents.add("a", 0, 9), extents.add("a", 5, 12), extents.add("b", 5, 12)
        (9, 3, 7)
        """
        extents = self._of.setdefault(key, [])
        first = bisect_left(extents, (begin,))
        if first and extents[first - 1][1] >= begin:
            first -= 1
        last, covered, low, high = first, 0, begin, end
        while last < len(extents) and extents[last][0] <= end:
            a, b = extents[last]
            covered += max(0, min(b, end) - max(a, begin))
            low, high = min(low, a), max(high, b)
            last += 1
        extents[first:last] = [(low, high)]
        return end - begin - covered
