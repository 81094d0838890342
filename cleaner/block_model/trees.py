"""Boosted trees as plain data: a small JSON file, numpy to evaluate it, what each feature adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from cleaner.block_model.evidence import GROUPS, group_of
from cleaner.compiled import find_leaves

_ROWS = 128
"""Blocks that are asked at once, so that what this takes fits into a processor's cache."""
Leaves = npt.NDArray[np.int64]
"""The leaf that a block falls into in each tree, shape (trees, blocks)."""


class Trees(msgspec.Struct, frozen=True):
    """An ensemble of regression trees whose sum is the log-odds of main content.

    No tree is walked: a block is asked all questions of all trees at once. A value over a
    question's threshold rules out the leaves on the question's left side; of those that nothing
    rules out, the first is the block's. Source: Lucchese et al. (2015), QuickScorer.

    Attributes:
        names: The features, in the order of the columns of a matrix.
        feature: Column that each question asks about, shape (questions, trees). Trees with fewer
            questions than others are filled up with some that rule nothing out.
        threshold: The largest value that rules nothing out, shape (questions, trees).
        ruled_out: The leaves that larger ones rule out, a bit each, shape (questions, trees).
        first_leaf: The number of each tree's first leaf, shape (trees, 1).
        value: Mean log-odds of the training blocks in each leaf: its answer, shape (leaves,).
        shares: What each of `GROUPS` adds to that on the way from the root: the change of a node's
            mean belongs to the feature that was asked about, shape (leaves, groups). Source: Saabas
            (2014), Interpreting random forests.
    """

    names: tuple[str, ...]
    feature: npt.NDArray[np.int64]
    threshold: npt.NDArray[np.float32]
    ruled_out: npt.NDArray[np.unsignedinteger[Any]]
    first_leaf: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    shares: npt.NDArray[np.float64]

    def find_leaves(self, matrix: npt.NDArray[np.float32]) -> Leaves:
        """Return the leaves of the rows of a matrix of shape (blocks, features)."""
        columns = np.ascontiguousarray(matrix.T)
        found = find_leaves(columns, self.feature, self.threshold, self.ruled_out)
        if found is not None:
            return found + self.first_leaf
        leaves = np.empty((len(self.first_leaf), len(matrix)), dtype=np.int64)
        for begin in range(0, len(matrix), _ROWS):
            is_over = columns[:, begin : begin + _ROWS][self.feature] > self.threshold[..., None]
            bits = np.multiply(is_over, self.ruled_out[..., None], dtype=self.ruled_out.dtype)
            left = ~np.bitwise_or.reduce(bits, axis=0)
            lowest = (left & -left).astype(np.float64)
            leaves[:, begin : begin + _ROWS] = np.frexp(lowest)[1] - 1
        return leaves + self.first_leaf

    def log_odds(self, leaves: Leaves) -> npt.NDArray[np.float64]:
        """Return the log-odds of blocks, shape (blocks,)."""
        log_odds = np.zeros(leaves.shape[1], dtype=np.float64)
        for leaf in leaves:  # One tree after the other: the order decides the last digits.
            log_odds += self.value.take(leaf)
        return log_odds

    def sum_shares(self, leaves: Leaves) -> npt.NDArray[np.float64]:
        """Return what each of `GROUPS` adds to the log-odds of blocks, shape (blocks, groups)."""
        sums = np.empty((leaves.shape[1], len(GROUPS)), dtype=np.float64)
        for begin in range(0, len(sums), _ROWS):
            some = leaves[:, begin : begin + _ROWS]
            shares = self.shares.take(some, axis=0, mode="clip")  # Half the time of `[some]`.
            shares.sum(axis=0, out=sums[begin : begin + _ROWS])
        return sums


def read_trees(data: Mapping[str, Any]) -> Trees:
    """Return the trees that a part of a weights file describes: one list of nodes a tree.

    A node is `[feature, threshold, left, right, value]`, its followers numbered within the tree; a
    leaf is `[value]`. A node stands before all that is below it, on its left before its right.
    """
    names = tuple(data["features"])
    nodes = _fill_up(data["trees"])
    feature, left, right = (nodes[..., part].astype(np.int64) for part in (0, 2, 3))
    is_leaf = feature < 0
    num_trees, num_leaves = len(nodes), int(is_leaf.sum(axis=1).max())
    leaf, question = _count_before(is_leaf), _count_before(~is_leaf)

    tree, node = np.nonzero(~is_leaf)
    at = question[tree, node], tree
    begin, end = leaf[tree, left[tree, node]], leaf[tree, right[tree, node]]
    shape = (int(question.max()) + 1, num_trees)
    columns = np.zeros(shape, dtype=np.int64)
    thresholds = np.zeros(shape, dtype=np.float32)
    ruled_out = np.zeros(shape, dtype=np.min_scalar_type((2 << shape[0]) - 1))
    columns[at], thresholds[at] = feature[tree, node], nodes[tree, node, 1]
    ruled_out[at] = (1 << end) - (1 << begin)

    shares = _share_out(nodes[..., 4], feature, (left, right), names)
    tree, node = np.nonzero(is_leaf)
    at = tree, leaf[tree, node]
    values = np.zeros((num_trees, num_leaves), dtype=np.float64)
    leaf_shares = np.zeros((num_trees, num_leaves, len(GROUPS)), dtype=np.float64)
    values[at], leaf_shares[at] = nodes[tree, node, 4], shares[tree, node]
    return Trees(
        names=names,
        feature=columns,
        threshold=thresholds,
        ruled_out=ruled_out,
        first_leaf=np.arange(num_trees)[:, None] * num_leaves,
        value=values.ravel(),
        shares=leaf_shares.reshape(-1, len(GROUPS)),
    )


def _fill_up(trees: Sequence[Sequence[Sequence[float]]]) -> npt.NDArray[np.float64]:
    """Return nodes of five numbers, shape (trees, nodes, 5); leaves ask about feature -1."""
    nodes = list(chain.from_iterable(trees))
    sizes = np.array(list(map(len, nodes)))
    numbers = np.fromiter(chain.from_iterable(nodes), dtype=np.float64)
    is_leaf = sizes == 1
    of_leaf = np.repeat(is_leaf, sizes)
    filled = np.full((len(nodes), 5), -1, dtype=np.float64)
    filled[is_leaf, 4] = numbers[of_leaf]
    filled[~is_leaf] = numbers[~of_leaf].reshape(-1, 5)

    num_nodes = np.array(list(map(len, trees)))
    shaped = np.full((len(trees), num_nodes.max(), 5), -1, dtype=np.float64)
    shaped[np.arange(num_nodes.max()) < num_nodes[:, None]] = filled
    return shaped


def _count_before(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return how many nodes of a tree before each are in a mask of shape (trees, nodes)."""
    return np.asarray(np.cumsum(mask, axis=1) - mask, dtype=np.int64)


def _share_out(
    value: npt.NDArray[np.float64],
    feature: npt.NDArray[np.int64],
    sides: Sequence[npt.NDArray[np.int64]],
    names: Sequence[str],
) -> npt.NDArray[np.float64]:
    """Return what each group adds on the way to each node, shape (trees, nodes, groups)."""
    groups = np.array([GROUPS.index(group_of(name)) for name in names])
    shares = np.zeros((*value.shape, len(GROUPS)), dtype=np.float64)
    for node in range(value.shape[1]):
        tree = np.flatnonzero(feature[:, node] >= 0)
        group = groups[feature[tree, node]]
        for side in sides:
            below = side[tree, node]
            shares[tree, below] = shares[tree, node]
            shares[tree, below, group] += value[tree, below] - value[tree, node]
    return shares
