"""Clusters of texts: what is near-identical comes together, measured exactly."""

import random
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import cluster_texts, compiled
from cleaner.passages import jaccard, text_clusters
from cleaner.passages.jaccard import HashSets, measure_pairs
from cleaner.passages.minhash import make_shingles
from cleaner.words import fold_words

SETS = st.lists(st.sets(st.integers(0, 40) | st.just((1 << 32) - 1)), min_size=1, max_size=8)


def make_texts(num_texts: int, seed: int = 1) -> list[str]:
    """Make texts of 80 words, every third one an edited copy of one before it."""
    chance = random.Random(seed)
    texts: list[list[str]] = []
    for at in range(num_texts):
        words = [f"w{chance.randrange(5000)}" for _ in range(80)]
        if at % 3 == 2:
            words = list(chance.choice(texts))
            for _ in range(chance.randrange(8)):
                words[chance.randrange(80)] = "edited"
        texts.append(words)
    return [" ".join(words) for words in texts]


def similarity(one: str, other: str) -> float:
    """Return the Jaccard similarity of the shingles of two texts."""
    left, right = (make_shingles(fold_words(text), 5) for text in (one, other))
    return len(left & right) / len(left | right)


def brute_force(texts: list[str], limit: float) -> list[int]:
    """Compare all pairs."""
    labels = list(range(len(texts)))
    for one, other in combinations(range(len(texts)), 2):
        if similarity(texts[one], texts[other]) >= limit and labels[one] != labels[other]:
            kept, gone = sorted((labels[one], labels[other]))
            labels = [kept if label == gone else label for label in labels]
    return labels


def test_clusters_are_those_of_all_pairs() -> None:
    """With a recall near one, clusters equal those found by comparing every two texts."""
    texts = make_texts(120)
    found = cluster_texts(pa.array(texts), recall=0.9999)
    assert found.dtype == np.int64
    assert found.tolist() == brute_force(texts, 0.7)
    assert len(set(found.tolist())) < 110


def test_texts_are_hashed_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many candidates are hashed together makes no difference."""
    texts = pa.array(make_texts(60))
    whole = cluster_texts(texts)
    monkeypatch.setattr(text_clusters, "_HASHED_TEXTS", 7)
    assert cluster_texts(texts).tolist() == whole.tolist()


@pytest.mark.parametrize("limit", [0.3, 0.9])
def test_similarity_is_exact(limit: float) -> None:
    """Every link is of the similarity asked for, whatever the signatures say."""
    texts = make_texts(60, seed=2)
    labels = cluster_texts(pa.array(texts), limit, recall=0.9999).tolist()
    assert labels == brute_force(texts, limit)


def test_copies_without_number_stay_together() -> None:
    """A thousand equal texts meet in large buckets only, and are one cluster."""
    texts = [*make_texts(2), *["the same words over and over again in every text"] * 1000]
    assert cluster_texts(pa.array(texts)).tolist() == [0, 1, *[2] * 1000]


def test_texts_without_words_are_like_no_other() -> None:
    """Empty, missing and wordless texts are each their own cluster."""
    texts = pa.chunked_array([[None, "", "…"], ["", "A word.", "a WORD"]], pa.large_string())
    assert cluster_texts(texts).tolist() == [0, 1, 2, 3, 4, 4]


def test_no_texts() -> None:
    """Nothing has no clusters."""
    assert cluster_texts(pa.array([], pa.string())).tolist() == []


@given(SETS, st.floats(0, 1), st.integers(1, 50), st.booleans())
def test_pairs_are_measured_exactly(
    members: list[set[int]], limit: float, chunk: int, is_compiled: bool
) -> None:
    """The compiled merge, and NumPy where Numba is missing, give the same bits as Python's sets."""
    hashes = np.array([value for one in members for value in (*one, *one)], dtype=np.uint32)
    limits = np.cumsum([0, *(2 * len(one) for one in members)])
    pairs = np.array(list(np.ndindex(len(members), len(members))), dtype=np.int64)
    expected = [
        len(members[a] & members[b]) / max(len(members[a] | members[b]), 1) for a, b in pairs
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jaccard, "_CHUNK_HASHES", chunk)
        patch.setattr(jaccard, "_PLAIN_HASHES", 0)
        if not is_compiled:
            patch.setattr(compiled, "load", lambda name: None)
        found = measure_pairs(HashSets.sort(hashes, limits), pairs, limit).tolist()
    assert found == [value if value >= limit else 0.0 for value in expected]
