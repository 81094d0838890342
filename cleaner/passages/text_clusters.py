"""Clusters of near-identical texts, for who wants no more of a corpus than that.

1. Each text is signed (`minhash.py`).
2. Texts whose signatures agree in a whole band are candidates.
3. The shingles of candidate pairs are compared, exactly (`jaccard.py`).
4. What is similar enough is linked; connected texts are a cluster.

Links chain: a cluster's last text need not be like its first. `clean_corpus` compares every member
with the copy that stays, leaves boilerplate out of account and finds shared passages.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from cleaner.compiled import hash_shingles, sign_texts
from cleaner.compiled.plain import EMPTY
from cleaner.engines.buckets import find_pairs
from cleaner.engines.components import label_components
from cleaner.passages.jaccard import HashSets, measure_pairs
from cleaner.passages.minhash import Int64s, UInt32s, choose_bands, hash_bands

_HASHED_TEXTS = 20_000
"""So many at a time: sets are a part of what making them takes."""


def cluster_texts(
    texts: pa.Array | pa.ChunkedArray,
    similarity: float = 0.7,
    *,
    recall: float = 0.95,
    shingle_size: int = 5,
    num_perm: int = 128,
    max_bucket: int = 32,
) -> Int64s:
    """Put near-identical texts together.

    Args:
        texts: Strings; a null is an empty text.
        similarity: Texts whose sets of shingles have this Jaccard similarity are linked.
        recall: Probability that a pair of just this similarity is found; one above it is found
            with a higher one.
        shingle_size: Words a shingle.
        num_perm: Length of a signature.
        max_bucket: Where more texts meet in a bucket, each is compared with the first and the next
            one only.

    Returns:
        For each text the number of the first text of its cluster, `(num_texts,) int64`: those for
        which it is their own number are a corpus without near-duplicates. A text without words is
        like no other.

    >>> said = "the council approved the new bridge over the river on Friday"
    >>> cluster_texts(pa.array([f"{said} evening", "Nothing else happened.", f"{said} night"]))
    array([0, 1, 0])
    """
    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    shape = choose_bands(num_perm, similarity, recall)
    pairs = _find_candidates(sign_texts(whole, num_perm, shingle_size), *shape, max_bucket)
    chosen, places = np.unique(pairs, return_inverse=True)
    sets = HashSets.join(
        HashSets.sort(*hash_shingles(whole.take(pa.array(part)), shingle_size))
        for part in np.split(chosen, range(_HASHED_TEXTS, len(chosen), _HASHED_TEXTS))
    )
    is_link = measure_pairs(sets, places.reshape(pairs.shape), similarity) > 0
    return label_components(pairs[is_link, 0], pairs[is_link, 1], len(whole))


def _find_candidates(signatures: UInt32s, bands: int, rows: int, max_bucket: int) -> Int64s:
    """Return the pairs of texts whose signatures agree in a band, `(num_pairs, 2) int64`."""
    entering = np.flatnonzero((signatures != EMPTY).any(axis=1))
    columns = (
        (entering, hash_bands(signatures[entering, at : at + rows], 1, rows, 0)[:, 0])
        for at in range(0, bands * rows, rows)
    )
    pairs, _ = find_pairs(columns, max_bucket)
    return pairs
