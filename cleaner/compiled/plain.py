"""Words, shingle hashes and signatures in Python and NumPy.

It says what the compiled loops must give, bit by bit, and does their work where they are not worth
their start or cannot be had.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

import numpy as np
import xxhash

from cleaner.compiled.arrays import Int64s, UInt32s, UInt64s, Words
from cleaner.words import find_words, fold_word, fold_words, is_unspaced

SEED = 1
EMPTY = np.uint32(0xFFFFFFFF)
"""What every value of the signature of an empty set is; such a row never enters a band."""

MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
FINALIZER = np.uint64(0xD6E8FEB86659FD93)
"""Of a shingle's hash: a polynomial in the hashes of its words, and its last step."""


def find_words_in(text: str, spans: Iterable[tuple[int, int]]) -> Words:
    """Find and hash the words in spans of one text."""
    begins: list[int] = []
    ends: list[int] = []
    folded: list[str] = []
    limits = [0]
    for begin, end in spans:
        raw = text[begin:end]
        found = find_words(raw)
        begins += [begin + first for first, _ in found]
        ends += [begin + last for _, last in found]
        folded += [fold_word(raw[first:last]) for first, last in found]
        limits.append(len(begins))
    return Words(
        np.array(begins, dtype=np.int64),
        np.array(ends, dtype=np.int64),
        hash_words(folded),
        np.array(limits, dtype=np.int64),
        np.array([is_unspaced(text)]),
    )


def _hash_word(word: str) -> int:
    return xxhash.xxh3_64_intdigest(word.encode("utf-8"))


def hash_words(words: Sequence[str]) -> UInt64s:
    """Return the hash of each word, `(num_words,) uint64`."""
    return np.fromiter(map(_hash_word, words), dtype=np.uint64, count=len(words))


def chain_words(word_hashes: UInt64s, width: int) -> UInt64s:
    """Return the polynomial in the hashes of its words for each shingle; see `hash_windows`."""
    num_windows = max(len(word_hashes) - width + 1, min(1, len(word_hashes)))
    mixed: UInt64s = np.zeros(num_windows, dtype=np.uint64)
    for at in range(min(width, len(word_hashes))):
        mixed = mixed * MULTIPLIER + word_hashes[at : at + num_windows]
    return mixed


def hash_windows(word_hashes: UInt64s, width: int) -> UInt32s:
    """Return the hash of each shingle of a text, in order, repeats included.

    Args:
        word_hashes: `(num_words,) uint64`.
        width: Words a shingle.

    Returns:
        `(num_words - width + 1,) uint32`; of a shorter text, one hash; of no words, none.
    """
    mixed = chain_words(word_hashes, width)
    mixed = (mixed ^ (mixed >> np.uint64(32))) * FINALIZER
    return (mixed >> np.uint64(32)).astype(np.uint32)


def shingle_width(shingle_size: int, *, is_unspaced: bool) -> int:
    """Return how many words a shingle of a text has, which may be written without spaces."""
    return 2 * shingle_size - 1 if is_unspaced else shingle_size


@functools.lru_cache(maxsize=4)
def permutations(num_perm: int) -> tuple[UInt32s, UInt32s]:
    """Return multipliers and addends, each `(num_perm,) uint32`, as datasketch draws them."""
    random = np.random.RandomState(SEED)
    multipliers = random.randint(0, 1 << 31, num_perm, dtype=np.uint32) * np.uint32(2)
    addends = random.randint(0, 1 << 32, num_perm, dtype=np.uint32)
    return (multipliers + np.uint32(1)).astype(np.uint32), addends.astype(np.uint32)


def _mix(hashes: UInt32s) -> UInt32s:
    """Apply MurmurHash3's 32-bit finalizer."""
    mixed = hashes ^ (hashes >> np.uint32(16))
    mixed = mixed * np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    return mixed


def hash_shingles(text: str, shingle_size: int) -> UInt32s:
    """Return the shingle hashes of a whole text; see `cleaner.compiled.hash_shingles`."""
    return _mix(_hash_windows_of(text, shingle_size))


def _hash_windows_of(text: str, shingle_size: int) -> UInt32s:
    width = shingle_width(shingle_size, is_unspaced=is_unspaced(text))
    return hash_windows(hash_words(fold_words(text)), width)


def sign(sets: Sequence[UInt32s], num_perm: int) -> UInt32s:
    """Return the signatures of sets of shingle hashes.

    Args:
        sets: One array of hashes a set; order and repeats do not matter.
        num_perm: Length of a signature.

    Returns:
        `(num_sets, num_perm) uint32`; rows of empty sets are all `EMPTY`.
    """
    signatures = np.full((len(sets), num_perm), EMPTY, dtype=np.uint32)
    filled = [i for i, hashes in enumerate(sets) if len(hashes)]
    if not filled:
        return signatures
    mixed = _mix(np.concatenate([sets[i] for i in filled]))
    sizes = np.array([len(sets[i]) for i in filled])
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    for k, (a, b) in enumerate(zip(*permutations(num_perm), strict=True)):
        signatures[filled, k] = np.minimum.reduceat(mixed * a + b, starts)
    return signatures


def sign_texts(texts: Iterable[str], num_perm: int, shingle_size: int) -> UInt32s:
    """Return the signatures of whole texts; see `cleaner.compiled.sign_texts`."""
    return sign([_hash_windows_of(text, shingle_size) for text in texts], num_perm)


def sign_ranges(
    hashes: UInt64s, firsts: Int64s, lasts: Int64s, widths: Int64s, num_perm: int
) -> UInt32s:
    """Return the signatures of ranges of words; see `cleaner.compiled.sign_ranges`."""
    ranges = zip(firsts.tolist(), lasts.tolist(), widths.tolist(), strict=True)
    return sign(
        [hash_windows(hashes[first:last], width) for first, last, width in ranges], num_perm
    )
