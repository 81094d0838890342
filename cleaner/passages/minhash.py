"""Shingles and MinHash signatures, bit-identical to datasketch's `affine32` scheme.

A shingle is `shingle_size` folded words joined by spaces; in scripts without spaces it is
`2 * shingle_size - 1` characters, about as much text. Fewer words than that make one shingle. Its
32-bit hash is a polynomial in the hashes of its words. The signature of a set of shingle hashes is,
for each of `num_perm` permutations h -> a h + b (mod 2^32) of the mixed hash, the smallest value.
`cleaner.compiled` computes it.

A row opens in datasketch with `LeanMinHash(seed=1, hashvalues=row, scheme="affine32")`, and
`MinHash(num_perm=128, seed=1, scheme="affine32", hashfunc=shingle_hash)`, updated with the UTF-8
bytes of the same shingles, has the same values.

Source: Broder 1997; datasketch 2.0 (`affine32`: an odd multiplier, so a bijection of 32 bits).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import xxhash

from cleaner.compiled.plain import FINALIZER, MULTIPLIER, SEED, chain_words
from cleaner.words import WORDS_VERSION

SCHEME = "affine32"

UInt32s = npt.NDArray[np.uint32]
UInt64s = npt.NDArray[np.uint64]
Int64s = npt.NDArray[np.int64]


def signature_metadata(num_perm: int, shingle_size: int) -> dict[str, str]:
    """Return what must be equal for two signatures to be comparable; it is stored beside them."""
    return {
        "scheme": SCHEME,
        "seed": str(SEED),
        "num_perm": str(num_perm),
        "shingle_size": str(shingle_size),
        "shingle_hash": "polynomial of xxh3_64, 1",
        "words_version": str(WORDS_VERSION),
    }


def list_shingles(word_hashes: UInt64s, width: int) -> UInt64s:
    """Return the different shingles of a text by 64-bit hashes, ascending, `(num_shingles,)`.

    These tell any two shingles apart, so that similarities counted with them are exact.
    """
    return np.unique(chain_words(word_hashes, width))


def count_shared(one: UInt64s, other: UInt64s) -> int:
    """Count what is in both of two sets of hashes, each ascending."""
    if len(one) > len(other):
        return count_shared(other, one)
    at = np.minimum(np.searchsorted(other, one), len(other) - 1)
    return int(np.count_nonzero(other[at] == one)) if len(one) else 0


def shingle_hash(shingle: bytes) -> int:
    """Hash a shingle, words joined by spaces, to 32 bits; usable as datasketch's `hashfunc`."""
    mixed = 0
    for word in shingle.split(b" "):
        mixed = (mixed * int(MULTIPLIER) + xxhash.xxh3_64_intdigest(word)) % (1 << 64)
    mixed = (mixed ^ (mixed >> 32)) * int(FINALIZER) % (1 << 64)
    return mixed >> 32


def make_shingles(words: Sequence[str], width: int) -> set[str]:
    """Return the shingles of a passage.

    >>> sorted(make_shingles(["a", "b", "c", "d"], 3))
    ['a b c', 'b c d']
    """
    if not words:
        return set()
    if len(words) < width:
        return {" ".join(words)}
    return {" ".join(words[i : i + width]) for i in range(len(words) - width + 1)}


def meet_probability(similarity: float, bands: int, rows: int) -> float:
    """Return how likely two sets of this Jaccard similarity are equal in a band.

    >>> round(meet_probability(0.7, bands=25, rows=5), 3)
    0.99
    """
    return 1 - (1 - similarity**rows) ** bands


def choose_bands(num_perm: int, similarity: float, recall: float) -> tuple[int, int]:
    """Return bands and rows that find a pair of this Jaccard similarity with this probability.

    More rows mean fewer candidates, so the largest number of rows that still reaches the recall is
    taken.

    Source: Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, 3.4.

    >>> choose_bands(128, 0.7, 0.95)
    (25, 5)
    """
    for rows in range(num_perm, 0, -1):
        bands = num_perm // rows
        if meet_probability(similarity, bands, rows) >= recall:
            return bands, rows
    return num_perm, 1


def hash_bands(signatures: UInt32s, bands: int, rows: int, salt: int) -> Int64s:
    """Return the hash of each band of each signature.

    Args:
        signatures: `(num_passages, num_perm) uint32`.
        bands: Number of bands.
        rows: Values a band.
        salt: Signatures with another salt never meet in a bucket.

    Returns:
        `(num_passages, bands) int64`.
    """
    values = signatures[:, : bands * rows].reshape(len(signatures), bands, rows)
    hashes = (np.uint64(salt) << np.uint64(32)) + np.arange(1, bands + 1, dtype=np.uint64)
    for row in range(rows):
        hashes = (hashes ^ values[:, :, row]) * MULTIPLIER
        hashes ^= hashes >> np.uint64(29)
    return hashes.view(np.int64)
