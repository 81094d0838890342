"""Which rows have a key in common: one key at a time, so that memory stays that of one key.

1. Keys are sorted with the number of their row in the low bits of the same 64-bit word: that is
   four times as fast as to sort row numbers by their keys. What shares the high bits only is told
   apart by the whole key.
2. In a *bucket*, the rows of one value, all pairs are taken up to `max_bucket` rows; in a larger
   one each row with the first and with the next, so that cost stays linear.
3. Pairs are kept as one 64-bit word each. Alike rows meet at many keys: pairs are made distinct
   whenever there are several times as many as distinct ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]
UInt64s = npt.NDArray[np.uint64]
RankRows = Callable[[Int64s], Int64s]
"""Gives the rank of each of some rows in the order in which a large bucket is gone through."""

_ROW_BITS = np.uint64(32)
_FEW_PAIRS = 1 << 22
_MAX_REPEATS = 4


def find_buckets(keys: Int64s) -> tuple[Int64s, Int64s]:
    """Return the rows whose key another row has too, bucket by bucket.

    Args:
        keys: `(num_rows,) int64`, fewer than 2^32 and spread over all 64 bits, as hashes are.

    Returns:
        Rows, ordered by bucket and in it by number, and `(num_buckets + 1,)` limits: where buckets
        begin and end among them.

    >>> find_buckets(np.array([7, 5, 7, 1, 5, 7]))
    (array([1, 4, 0, 2, 5]), array([0, 2, 5]))
    """
    low = np.uint64((1 << max(1, (len(keys) - 1).bit_length())) - 1)
    packed = keys.view(np.uint64) & ~low
    packed |= np.arange(len(keys), dtype=np.uint64)
    packed.sort()
    is_next_alike = (packed[1:] ^ packed[:-1]) <= low
    is_shared = np.zeros(len(keys), dtype=bool)
    is_shared[1:] = is_next_alike
    is_shared[:-1] |= is_next_alike
    packed = packed[is_shared]
    rows = (packed & low).view(np.int64)
    values = keys[rows]
    ends_bucket = values[1:] != values[:-1]
    if not np.array_equal(ends_bucket, (packed[1:] ^ packed[:-1]) > low):
        order = np.lexsort((rows, values))
        rows, values = rows[order], values[order]
        ends_bucket = values[1:] != values[:-1]
    limits = np.concatenate(([0], np.flatnonzero(ends_bucket) + 1, [len(rows)]))
    sizes = np.diff(limits)
    is_bucket = sizes > 1
    if is_bucket.all():
        return rows, limits
    return rows[np.repeat(is_bucket, sizes)], np.cumsum([0, *sizes[is_bucket]])


def pair_buckets(
    rows: Int64s, limits: Int64s, max_bucket: int, rank_rows: RankRows
) -> tuple[UInt64s, int]:
    """Return the pairs of buckets, packed, and how many pairs were left out.

    Args:
        rows: The rows of all buckets, ordered in each.
        limits: `(num_buckets + 1,)`, where buckets begin and end.
        max_bucket: Of larger ones not all pairs are taken.
        rank_rows: The order in which larger ones are gone through.
    """
    sizes = np.diff(limits)
    is_large = sizes > max_bucket
    places = np.arange(len(rows))
    num_after = np.repeat(limits[1:], sizes) - places - 1
    num_after[np.repeat(is_large, sizes)] = 0
    firsts = np.repeat(places, num_after)
    begins = np.repeat(np.cumsum(num_after) - num_after, num_after)
    seconds = firsts + 1 + np.arange(len(firsts)) - begins
    small = _pack(rows[firsts], rows[seconds])
    if not is_large.any():
        return small, 0
    rows = rows[np.repeat(is_large, sizes)]
    sizes = sizes[is_large]
    buckets = np.repeat(np.arange(len(sizes)), sizes)
    rows = rows[np.lexsort((rank_rows(rows), buckets))]
    hubs = rows[np.repeat(np.cumsum(sizes) - sizes, sizes)]
    is_chained = (hubs != rows)[:-1] & (buckets[1:] == buckets[:-1])
    star = _pack(hubs[hubs != rows], rows[hubs != rows])
    chain = _pack(rows[:-1][is_chained], rows[1:][is_chained])
    num_skipped = int((sizes * (sizes - 1) // 2 - (2 * sizes - 3)).sum())
    return np.concatenate((small, star, chain)), num_skipped


def _pack(lefts: Int64s, rights: Int64s) -> UInt64s:
    smaller, larger = np.minimum(lefts, rights), np.maximum(lefts, rights)
    return (smaller.astype(np.uint64) << _ROW_BITS) | larger.astype(np.uint64)


def find_pairs(
    columns: Iterable[tuple[Int64s, Int64s]],
    max_bucket: int,
    rank_rows: RankRows = lambda rows: rows,
) -> tuple[Int64s, int]:
    """Return which rows meet at one of several keys.

    Args:
        columns: For each key, the rows that have one and its values, `(num_keyed,) int64` both.
        max_bucket: In a bucket of more rows each is paired with the first and the next one only.
        rank_rows: The order in which such a bucket is gone through; by number if not given.

    Returns:
        Distinct pairs `(num_pairs, 2) int64` in order, the smaller row first, and how many pairs
        the large buckets left out (those of several buckets count in each).

    >>> one, other = np.array([4, 4, 9]), np.array([1, 1, 1])
    >>> find_pairs([(np.arange(3), one), (np.arange(3), other)], 3)[0].tolist()
    [[0, 1], [0, 2], [1, 2]]
    """
    found: list[UInt64s] = [np.empty(0, dtype=np.uint64)]
    num_found = num_distinct = num_skipped = 0
    for rows, keys in columns:
        places, limits = find_buckets(keys)
        pairs, skipped = pair_buckets(rows[places], limits, max_bucket, rank_rows)
        num_skipped += skipped
        found.append(pairs)
        num_found += len(pairs)
        if num_found > _FEW_PAIRS + _MAX_REPEATS * num_distinct:
            found = [_distinct(found)]
            num_found = num_distinct = len(found[0])
    packed = _distinct(found)
    both = np.empty((len(packed), 2), dtype=np.int64)
    both[:, 0] = packed >> _ROW_BITS
    both[:, 1] = packed & np.uint64(0xFFFFFFFF)
    return both, num_skipped


def _distinct(parts: list[UInt64s]) -> UInt64s:
    """Return distinct pairs in order; `np.unique` hashes, which takes longer than this."""
    packed = np.concatenate(parts)
    packed.sort()
    is_new = np.ones(len(packed), dtype=bool)
    np.not_equal(packed[1:], packed[:-1], out=is_new[1:])
    return packed[is_new]
