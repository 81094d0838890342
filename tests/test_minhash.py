"""Shingles and signatures: the same bits as datasketch, and how bands are chosen."""

import math
import random

import numpy as np
import pytest
from datasketch import LeanMinHash, MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.compiled.plain import EMPTY, hash_words, shingle_width, sign
from cleaner.passages.minhash import (
    choose_bands,
    count_shared,
    hash_bands,
    list_shingles,
    make_shingles,
    meet_probability,
    shingle_hash,
    signature_metadata,
)
from cleaner.words import is_unspaced

SHINGLES = st.sets(st.text(max_size=12), max_size=20)


def hash_shingles(shingles: set[str]) -> np.ndarray:
    """Return the hashes of shingles."""
    return np.array([shingle_hash(s.encode("utf-8")) for s in shingles], dtype=np.uint32)


def sign_one(shingles: set[str], num_perm: int = 128) -> np.ndarray:
    """Sign one set of shingles."""
    return sign([hash_shingles(shingles)], num_perm)[0]


def sign_elsewhere(shingles: set[str], num_perm: int) -> MinHash:
    """Sign a set of shingles with datasketch."""
    minhash = MinHash(num_perm=num_perm, seed=1, scheme="affine32", hashfunc=shingle_hash)
    minhash.update_batch([shingle.encode("utf-8") for shingle in shingles])
    return minhash


@pytest.mark.parametrize("num_perm", [16, 17, 64, 128, 256, 1024])
def test_signatures_are_those_of_datasketch(num_perm: int) -> None:
    """Every bit is the same for several lengths, among them one that is no power of two."""
    shingles = {"a b c", "b c d", "汉 字", "élysée", ""}
    expected = sign_elsewhere(shingles, num_perm).hashvalues
    assert expected.tolist() == sign_one(shingles, num_perm).tolist()


@settings(max_examples=50)
@given(SHINGLES.filter(bool))
def test_any_set_is_signed_as_datasketch_does(shingles: set[str]) -> None:
    """No text makes a difference between the two."""
    assert sign_elsewhere(shingles, 128).hashvalues.tolist() == sign_one(shingles).tolist()


def test_row_opens_in_datasketch() -> None:
    """A stored row is a signature that datasketch can go on with."""
    shingles = {"a b c", "b c d"}
    opened = LeanMinHash(seed=1, hashvalues=sign_one(shingles), scheme="affine32")
    assert opened.jaccard(LeanMinHash(sign_elsewhere(shingles, 128))) == 1.0


@settings(max_examples=50)
@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=20), st.randoms())
def test_order_and_repeats_do_not_matter(hashes: list[int], chance: random.Random) -> None:
    """A signature is that of a set."""
    shuffled = hashes * 2
    chance.shuffle(shuffled)
    arrays = [np.array(values, dtype=np.uint32) for values in (hashes, shuffled)]
    one, other = sign(arrays, 32)
    assert one.tolist() == other.tolist()


@settings(max_examples=50)
@given(st.lists(SHINGLES, max_size=6))
def test_signing_together_or_alone(sets: list[set[str]]) -> None:
    """Neighbours in a batch, empty ones too, do not change a signature."""
    together = sign([hash_shingles(shingles) for shingles in sets], 16)
    assert together.shape == (len(sets), 16)
    assert together.tolist() == [sign_one(shingles, 16).tolist() for shingles in sets]


def test_empty_set_is_empty() -> None:
    """Nothing has a signature of its own, which nothing else has."""
    assert sign_one(set(), 16).tolist() == [int(EMPTY)] * 16


@pytest.mark.parametrize("num_shared", [0, 40, 100, 160, 200])
def test_estimate_is_within_the_binomial_bound(num_shared: int) -> None:
    """The share of equal values is the Jaccard similarity, give or take four deviations."""
    chance = random.Random(num_shared)
    num_perm = 1024
    for _ in range(5):
        numbers = [str(number) for number in chance.sample(range(10**9), 400 - num_shared)]
        one, other = set(numbers[:200]), set(numbers[200 - num_shared :])
        exact = len(one & other) / len(one | other)
        estimate = float(np.mean(sign_one(one, num_perm) == sign_one(other, num_perm)))
        bound = 4 * math.sqrt(exact * (1 - exact) / num_perm)
        assert abs(estimate - exact) <= bound


@pytest.mark.parametrize(
    ("words", "width", "shingles"),
    [
        ("", 3, set()),
        ("a", 3, {"a"}),
        ("a b", 3, {"a b"}),
        ("a b c", 3, {"a b c"}),
        ("a b c d", 3, {"a b c", "b c d"}),
        ("a a a a", 3, {"a a a"}),
        ("a b", 1, {"a", "b"}),
    ],
)
def test_shingles(words: str, width: int, shingles: set[str]) -> None:
    """Fewer words than a shingle has make one shingle."""
    assert make_shingles(words.split(), width) == shingles


@pytest.mark.parametrize(("text", "width"), [("two words", 3), ("四个汉字", 5), ("", 3)])
def test_shingle_width(text: str, width: int) -> None:
    """Scripts without spaces take more, shorter units."""
    assert shingle_width(3, is_unspaced=is_unspaced(text)) == width


@given(st.integers(16, 300), st.floats(0.05, 1.0), st.floats(0.1, 0.99))
def test_bands_reach_the_recall(num_perm: int, similarity: float, recall: float) -> None:
    """The recall is reached where it can be, and one row more would miss it."""
    bands, rows = choose_bands(num_perm, similarity, recall)
    assert rows >= 1 and bands * rows <= num_perm
    if rows > 1 or meet_probability(similarity, num_perm, 1) >= recall:
        assert meet_probability(similarity, bands, rows) >= recall
    assert all(
        meet_probability(similarity, num_perm // more, more) < recall
        for more in range(rows + 1, num_perm + 1)
    )


def test_recall_out_of_reach_takes_single_rows() -> None:
    """When no choice reaches the recall, the one that finds most is taken."""
    assert choose_bands(16, 0.01, 0.99) == (16, 1)


def test_bands_are_equal_where_signatures_are() -> None:
    """A change of one value changes the band that it is in, and no other."""
    one = sign_one({"a", "b"}, 16)
    other = one.copy()
    other[5] ^= 1
    hashes = hash_bands(np.array([one, other]), bands=4, rows=4, salt=0)
    assert hashes.dtype == np.int64
    assert (hashes[0] == hashes[1]).tolist() == [True, False, True, True]


def test_bands_depend_on_their_place_and_salt() -> None:
    """Equal values in two bands, or under two salts, never meet in a bucket."""
    signatures = np.full((1, 16), 7, dtype=np.uint32)
    hashes = [*hash_bands(signatures, 4, 4, 0)[0], *hash_bands(signatures, 4, 4, 1)[0]]
    assert len(set(hashes)) == 8


def test_values_past_the_last_band_are_not_used() -> None:
    """What does not fill a band is left out."""
    one = sign_one({"a", "b"}, 17)
    other = one.copy()
    other[16] ^= 1
    one_hash, other_hash = hash_bands(np.array([one, other]), bands=4, rows=4, salt=0)
    assert one_hash.tolist() == other_hash.tolist()


def test_metadata_say_what_makes_signatures_comparable() -> None:
    """Everything that changes a signature is stored beside it."""
    metadata = signature_metadata(64, 4)
    assert metadata["num_perm"] == "64"
    assert metadata["shingle_size"] == "4"
    assert (metadata["scheme"], metadata["seed"]) == ("affine32", "1")


WORDS = st.lists(st.sampled_from("abcd"), max_size=30)


@given(WORDS, WORDS, st.integers(1, 6))
def test_shingles_are_counted_by_their_hashes(one: list[str], other: list[str], width: int) -> None:
    """Texts share as many hashes as shingles, and have as many different ones."""
    hashed = [list_shingles(hash_words(words), width) for words in (one, other)]
    written = [make_shingles(words, width) for words in (one, other)]
    assert [len(hashes) for hashes in hashed] == [len(shingles) for shingles in written]
    assert count_shared(*hashed) == len(written[0] & written[1])
