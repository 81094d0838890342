"""Buckets: equal keys are found whatever their bits, in memory and time that stay in bounds."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.engines import buckets
from cleaner.engines.buckets import find_buckets, find_pairs
from cleaner.engines.components import label_components

Int64s = npt.NDArray[np.int64]
HASHES = st.integers(-(1 << 63), (1 << 63) - 1)


def column(keys: Int64s) -> tuple[Int64s, Int64s]:
    """Give every row a key."""
    return np.arange(len(keys)), keys


@given(st.lists(st.integers(-3, 3) | HASHES | st.sampled_from([1 << 62, (1 << 62) + 1])))
def test_buckets_hold_equal_keys(values: list[int]) -> None:
    """Keys that differ in few bits, high or low, do not meet."""
    keys = np.array(values, dtype=np.int64)
    rows, limits = find_buckets(keys)
    found = [rows[begin:end].tolist() for begin, end in pairwise(limits.tolist())]
    expected = [np.flatnonzero(keys == key).tolist() for key in set(values)]
    assert sorted(found) == sorted(members for members in expected if len(members) > 1)


def test_pairs_are_distinct_while_they_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows alike at all keys are many pairs, and kept once on the way too."""
    keys = np.repeat(np.arange(50), 3) << 40
    expected = find_pairs([column(keys)], 10)[0]
    monkeypatch.setattr(buckets, "_FEW_PAIRS", 10)
    pairs, num_skipped = find_pairs([column(keys * key) for key in range(1, 30)], 10)
    assert pairs.tolist() == expected.tolist()
    assert (len(pairs), num_skipped) == (150, 0)
    assert (pairs[:, 0] < pairs[:, 1]).all()


def test_no_column_no_pair() -> None:
    """Nothing meets nothing."""
    pairs, num_skipped = find_pairs([], 2)
    assert (pairs.shape, num_skipped) == ((0, 2), 0)


def test_boilerplate_costs_a_line_and_holds_together() -> None:
    """One bucket of 30,000 at every key: pairs grow with its rows, and it stays one component."""
    size, num_keys = 30_000, 20
    keys = np.random.default_rng(1).integers(0, 1 << 62, (num_keys, 2 * size))
    keys[:, :size] = 7
    pairs, num_skipped = find_pairs(map(column, keys), 32)
    assert len(pairs) == 2 * size - 3
    assert num_skipped == num_keys * (size * (size - 1) // 2 - (2 * size - 3))
    labels = label_components(pairs[:, 0], pairs[:, 1], 2 * size)
    assert (labels[:size] == 0).all()
    assert (labels[size:] == np.arange(size, 2 * size)).all()


def test_boilerplate_hides_no_twins() -> None:
    """Rows in a large bucket are paired by their other keys."""
    keys = np.random.default_rng(2).integers(0, 1 << 62, (3, 1000))
    keys[1] = 7
    keys[2, 500:] = keys[2, :500]
    pairs, _ = find_pairs(map(column, keys), 32)
    assert {(row, row + 500) for row in range(500)} <= set(map(tuple, pairs.tolist()))


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=60))
def test_components_are_those_of_spread_labels(edges: list[tuple[int, int]]) -> None:
    """Components equal those found by spreading labels one edge at a time."""
    expected = list(range(31))
    for _ in expected:
        for left, right in edges:
            expected[left] = expected[right] = min(expected[left], expected[right])
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    assert label_components(ends[:, 0], ends[:, 1], 31).tolist() == expected
