"""Jaccard similarity of pairs of sets of shingle hashes, exact."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import pairwise

import msgspec
import numpy as np
import numpy.typing as npt

from cleaner import compiled
from cleaner.passages.minhash import Int64s, UInt32s, UInt64s

_HASH_BITS = np.uint64(32)
_PLAIN_HASHES = 1 << 22
"""Up to this many, NumPy is done before Numba has started, if it did not already."""
_CHUNK_HASHES = 1 << 22


class HashSets(msgspec.Struct, frozen=True):
    """Sets of hashes, one after the other.

    Attributes:
        hashes: Sorted and distinct in each set, `(num_hashes,) uint32`.
        limits: Where sets begin, and the end of the last, `(num_sets + 1,) int64`.
    """

    hashes: UInt32s
    limits: Int64s

    @staticmethod
    def sort(hashes: UInt32s, limits: Int64s) -> HashSets:
        """Make sets of hashes in any order, repeats included.

        >>> HashSets.sort(np.array([3, 1, 3], np.uint32), np.array([0, 3, 3]))
        HashSets(hashes=array([1, 3], dtype=uint32), limits=array([0, 2, 2]))
        """
        hashes = hashes.copy()
        for begin, end in pairwise(limits.tolist()):
            hashes[begin:end].sort()
        is_first = np.ones(len(hashes) + 1, dtype=bool)
        np.not_equal(hashes[1:], hashes[:-1], out=is_first[1:-1])
        is_first[limits] = True
        sizes = [np.count_nonzero(is_first[begin:end]) for begin, end in pairwise(limits.tolist())]
        return HashSets(hashes[is_first[:-1]], np.cumsum([0, *sizes]))

    @staticmethod
    def join(parts: Iterable[HashSets]) -> HashSets:
        """Put the sets of several together, in their order; of one at least.

        >>> one = HashSets(np.array([1, 3], np.uint32), np.array([0, 2, 2]))
        >>> HashSets.join([one, one])
        HashSets(hashes=array([1, 3, 1, 3], dtype=uint32), limits=array([0, 2, 2, 4, 4]))
        """
        hashes, sizes = zip(*((part.hashes, np.diff(part.limits)) for part in parts), strict=True)
        return HashSets(np.concatenate(hashes), np.cumsum(np.concatenate([[0], *sizes])))


def _number(hashes: UInt32s, sizes: Int64s) -> UInt64s:
    """Put the number of the set that a hash is in before its bits."""
    numbers = np.repeat(np.arange(len(sizes), dtype=np.uint64), sizes)
    return (numbers << _HASH_BITS) | hashes


def measure_pairs(sets: HashSets, pairs: Int64s, threshold: float) -> npt.NDArray[np.float64]:
    """Return the Jaccard similarity of pairs of sets; 0 if it is below the threshold.

    Args:
        sets: Sets of hashes.
        pairs: Numbers of sets, `(num_pairs, 2) int64`.
        threshold: Lower similarities need not be known.

    Returns:
        `(num_pairs,) float64`; two empty sets are not similar.
    """
    num_hashes = np.diff(sets.limits)[pairs].sum(axis=1)
    pays = num_hashes.sum() > _PLAIN_HASHES or "numba" in sys.modules
    if pays and (kernels := compiled.load("jaccard")) is not None:
        similarities = np.zeros(len(pairs))
        pairs = np.ascontiguousarray(pairs)
        kernels.measure_pairs(sets.hashes, sets.limits, pairs, threshold, similarities)
        return similarities
    chunks = np.searchsorted(
        np.cumsum(num_hashes), np.arange(_CHUNK_HASHES, num_hashes.sum(), _CHUNK_HASHES)
    )
    num_common = np.concatenate([_count_common(sets, part) for part in np.split(pairs, chunks)])
    similarities = num_common / np.maximum(num_hashes - num_common, 1)
    return np.where(similarities >= threshold, similarities, 0.0)


def _count_common(sets: HashSets, pairs: Int64s) -> Int64s:
    """Count the hashes that both sets of each pair have: those found twice."""
    keys = np.concatenate([_number(*_take(sets, side)) for side in pairs.T])
    keys.sort()
    twice = keys[1:][keys[1:] == keys[:-1]] >> _HASH_BITS
    return np.bincount(twice.astype(np.int64), minlength=len(pairs))


def _take(sets: HashSets, numbers: Int64s) -> tuple[UInt32s, Int64s]:
    """Return the hashes of some sets, and how many each has."""
    sizes = np.diff(sets.limits)[numbers]
    shifts = sets.limits[numbers] - np.cumsum(sizes) + sizes
    return sets.hashes[np.arange(sizes.sum()) + np.repeat(shifts, sizes)], sizes
