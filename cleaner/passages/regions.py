"""Where two documents may share a passage: regions in which their terms meet again and again.

1. Seeds that both have say which terms meet: a pair of terms is supported by every seed it is in.
2. A term that meets several others belongs with those that have most support.
3. Pairs close to each other on both sides form a region, in whatever order they stand, and so do
   regions close to each other: the longer and thinner they are, the wider a gap may be.

Nothing here looks at the order of words, so clauses may have changed places; what is the same word
for word is for `align`, and whether a region is reuse for `acceptance`.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import numpy as np

from cleaner.passages.indexing import IndexedText
from cleaner.passages.minhash import Int64s

_MAX_REPEATS = 4
"""Of a seed that a document repeats, the first few are looked at."""
_MIN_SUPPORT_RATIO = 0.9
"""A pair of terms stays if it has this share of the support of its terms' best pair."""
_GAP_TERMS = 6
"""Pairs of one region are at most this many terms apart, on both sides."""
_MIN_TERMS = 3
_GAP_PER_TERM = 1.5
_MIN_MERGED_GAP = 3
_MAX_MERGED_GAP = 50
_MAX_GAP_BY_COVERAGE = 16
"""Two regions are one if the terms between them are no more than 3 and 1.5 for each term of the
larger one, 50, and 16 divided by the share of its terms that meet: where all of them meet, a gap
of 17 is the end. All of this from the tuning part of PAN 2013 (random and translated)."""
_MAX_REGIONS = 400
"""Of more (lists, tables) none are merged: each would be held against each."""


Pairs = list[tuple[int, int]]
"""Terms of two documents that meet, by their positions among the terms, in order."""


class Region(msgspec.Struct, frozen=True):
    """Terms of two documents that meet close to each other.

    Attributes:
        pairs: The pairs of terms.
        left, right: The ranges of terms that they lie in.
        num_terms: Number of terms that meet, on the side where they are fewer.
        coverage: Share of the terms that meet, on the side where it is smaller.
    """

    pairs: Pairs
    left: tuple[int, int]
    right: tuple[int, int]
    num_terms: int
    coverage: float


def make_region(pairs: Pairs) -> Region:
    """Put together a region of pairs of terms that are in order."""
    lefts, rights = {i for i, _ in pairs}, {j for _, j in pairs}
    left, right = (min(lefts), max(lefts) + 1), (min(rights), max(rights) + 1)
    coverage = min(len(lefts) / (left[1] - left[0]), len(rights) / (right[1] - right[0]))
    return Region(pairs, left, right, min(len(lefts), len(rights)), coverage)


def find_regions(left: IndexedText, right: IndexedText) -> list[Region]:
    """Find the regions of two documents.

    Returns:
        In the order of the left document. Which document is the left one does not matter.
    """
    return _merge(group_pairs(_supported_pairs(left, right)))


def group_pairs(pairs: Pairs) -> list[Region]:
    """Group pairs of terms that are close to each other on both sides (single linkage).

    Returns:
        Regions of a few terms and more, in the order of their first pairs.
    """
    if len(pairs) < _MIN_TERMS:
        return []
    lefts, rights = zip(*pairs, strict=True)
    firsts = list(range(len(pairs)))
    start = 0
    for at, (i, j) in enumerate(pairs):
        low, high, root = j - _GAP_TERMS, j + _GAP_TERMS, at
        while lefts[start] < i - _GAP_TERMS:
            start += 1
        for before in range(start, at):
            if low <= rights[before] <= high and firsts[before] != root:
                root = _join_groups(firsts, before, root)
    regions = [
        make_region([pairs[at] for at in group])
        for group in _list_groups(firsts)
        if len(group) >= _MIN_TERMS
    ]
    return [region for region in regions if region.num_terms >= _MIN_TERMS]


def _join_groups(firsts: list[int], a: int, b: int) -> int:
    """Put two numbers into one group (union-find), and return its first number.

    Args:
        firsts: For each number one of its group that is no larger; the group's first its own.
        a: A number.
        b: Another one.
    """
    while firsts[a] != a:
        firsts[a] = a = firsts[firsts[a]]
    while firsts[b] != b:
        firsts[b] = b = firsts[firsts[b]]
    root = min(a, b)
    firsts[a] = firsts[b] = root
    return root


def _list_groups(firsts: list[int]) -> Iterable[list[int]]:
    """Return the groups, in the order of their first numbers."""
    groups: dict[int, list[int]] = {}
    for at, first in enumerate(firsts):
        firsts[at] = firsts[first]
        groups.setdefault(firsts[at], []).append(at)
    return groups.values()


def _supported_pairs(left: IndexedText, right: IndexedText) -> Pairs:
    """Return the pairs of terms that meet, without those that others speak against."""
    a, b = _join(left, right)
    one, other = left.terms.stems, right.terms.stems
    a_first, a_second = left.seeds.firsts[a], left.seeds.seconds[a]
    b_first, b_second = right.seeds.firsts[b], right.seeds.seconds[b]
    is_straight = one[a_first] == other[b_first]
    met = [
        a_first * len(other) + np.where(is_straight, b_first, b_second),
        a_second * len(other) + np.where(is_straight, b_second, b_first),
    ]
    pairs, support = np.unique(np.concatenate(met), return_counts=True)
    lefts, rights = np.divmod(pairs, len(other))
    best_left, best_right = np.zeros(len(one), np.int64), np.zeros(len(other), np.int64)
    np.maximum.at(best_left, lefts, support)
    np.maximum.at(best_right, rights, support)
    best = np.maximum(best_left[lefts], best_right[rights])
    is_kept = support >= _MIN_SUPPORT_RATIO * best
    return list(zip(lefts[is_kept].tolist(), rights[is_kept].tolist(), strict=True))


def _join(left: IndexedText, right: IndexedText) -> tuple[Int64s, Int64s]:
    """Pair the places of the seeds that both have, the first few of each."""
    if not len(right.keys):
        return right.begins, right.begins
    likely = np.flatnonzero(right.filled[left.slots])
    at = np.minimum(np.searchsorted(right.keys, left.keys[likely]), len(right.keys) - 1)
    is_shared = right.keys[at] == left.keys[likely]
    shared, others = likely[is_shared], at[is_shared]
    sizes_right = np.minimum(right.sizes[others], _MAX_REPEATS)
    sizes = np.minimum(left.sizes[shared], _MAX_REPEATS) * sizes_right
    which = np.repeat(np.arange(len(shared)), sizes)
    number = np.arange(len(which)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return (
        left.begins[shared][which] + number // sizes_right[which],
        right.begins[others][which] + number % sizes_right[which],
    )


def _merge(regions: list[Region]) -> list[Region]:
    """Make one region of those that are close to each other, until none are."""
    while 1 < len(regions) <= _MAX_REGIONS:
        ends = np.array([(*r.left, *r.right) for r in regions])
        num_terms = np.array([r.num_terms for r in regions])
        coverage = np.array([r.coverage for r in regions])
        larger = np.maximum(num_terms[:, None], num_terms[None, :])
        thicker = np.maximum(coverage[:, None], coverage[None, :])
        limit = np.minimum(_MIN_MERGED_GAP + _GAP_PER_TERM * larger, _MAX_MERGED_GAP)
        limit = np.minimum(limit, _MAX_GAP_BY_COVERAGE / np.minimum(thicker, 1.0))
        gaps = np.maximum(ends[None, :, 0] - ends[:, None, 1], ends[None, :, 2] - ends[:, None, 3])
        is_near = (np.maximum(gaps, gaps.T) <= limit) & ~np.eye(len(regions), dtype=bool)
        if not is_near.any():
            break
        firsts = list(range(len(regions)))
        for a, b in zip(*(part.tolist() for part in np.nonzero(is_near)), strict=True):
            _join_groups(firsts, a, b)
        regions = [
            make_region(sorted(pair for at in group for pair in regions[at].pairs))
            for group in _list_groups(firsts)
        ]
    return sorted(regions, key=lambda r: (r.left, r.right))
