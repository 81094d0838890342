"""Boosted trees as plain data: a small JSON file, numpy to evaluate it, what each feature adds."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

_ROWS = 4096
"""Blocks that are walked through the trees at once: what that takes does not grow with a page."""


@dataclass(frozen=True, slots=True)
class Trees:
    """An ensemble of regression trees whose sum is the log-odds of main content.

    The nodes of all trees stand in one row, shape (nodes,). A leaf leads to itself.

    Attributes:
        names: The features, in the order of the columns of the matrix.
        roots: The first node of each tree, shape (trees,).
        depth: Steps from a root to the farthest leaf.
        feature: Column that a node asks about.
        threshold: Values up to it go to `left`, others to `right`.
        value: Mean log-odds of the training blocks that reached a node; a leaf's is its answer.
    """

    names: tuple[str, ...]
    roots: npt.NDArray[np.int64]
    depth: int
    feature: npt.NDArray[np.int64]
    threshold: npt.NDArray[np.float32]
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]

    def log_odds(self, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Return the log-odds of each row of a matrix of shape (blocks, features)."""
        sums = np.zeros(len(matrix), dtype=np.float64)
        for begin in range(0, len(matrix), _ROWS):
            *_, leaves = self._walk(matrix[begin : begin + _ROWS])
            # One tree after the other: the order of a sum decides its last digits.
            sums[begin : begin + _ROWS] = np.add.accumulate(self.value[leaves], axis=1)[:, -1]
        return sums

    def shares(self, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Return what each feature adds to the log-odds of each row.

        On the way from the root to a leaf, the change of a node's mean belongs to the feature that
        was asked about. Source: Saabas (2014), Interpreting random forests.

        Returns:
            Shape (blocks, features + 1); the last column is the base, the same for every row. A
            row's sum is its log-odds.
        """
        slices = [self._shares(matrix[at : at + _ROWS]) for at in range(0, len(matrix), _ROWS)]
        return np.concatenate(slices) if slices else np.zeros((0, len(self.names) + 1))

    def _shares(self, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        width = len(self.names) + 1
        flat = np.zeros(len(matrix) * width, dtype=np.float64)
        offset = np.arange(len(matrix))[:, None] * width
        for here, there in itertools.pairwise(self._walk(matrix)):
            change = self.value[there] - self.value[here]
            at = offset + self.feature[here]
            flat += np.bincount(at.ravel(), weights=change.ravel(), minlength=len(flat))
        shares = flat.reshape(len(matrix), width)
        shares[:, -1] = self.value[self.roots].sum()
        return shares

    def _walk(self, matrix: npt.NDArray[np.float32]) -> Iterator[npt.NDArray[np.int64]]:
        """Yield the nodes that rows are at in each tree, shape (blocks, trees), step by step."""
        values = np.ascontiguousarray(matrix).ravel()
        rows = np.arange(len(matrix))[:, None] * len(self.names)
        nodes = np.repeat(self.roots[None, :], len(matrix), axis=0)
        yield nodes
        for _ in range(self.depth):
            goes_left = values[rows + self.feature[nodes]] <= self.threshold[nodes]
            nodes = np.where(goes_left, self.left[nodes], self.right[nodes])
            yield nodes


def read_trees(data: Mapping[str, Any]) -> Trees:
    """Return the trees that a part of a weights file describes: one list of nodes a tree.

    A node is `[feature, threshold, left, right, value]`, its followers numbered within the tree; a
    leaf is `[value]`.
    """
    rows: list[tuple[float, ...]] = []
    roots, depth = [], 0
    for tree in data["trees"]:
        root = len(rows)
        roots.append(root)
        depth = max(depth, _depth(tree, 0))
        for at, node in enumerate(tree):
            if len(node) == 1:
                rows.append((0, 0.0, root + at, root + at, node[0]))
            else:
                feature, threshold, left, right, value = node
                rows.append((feature, threshold, root + left, root + right, value))
    feature, threshold, left, right, value = zip(*rows, strict=True)
    return Trees(
        names=tuple(data["features"]),
        roots=np.array(roots),
        depth=depth,
        feature=np.array(feature),
        threshold=np.array(threshold, dtype=np.float32),
        left=np.array(left),
        right=np.array(right),
        value=np.array(value, dtype=np.float64),
    )


def _depth(tree: Sequence[Sequence[float]], at: int) -> int:
    node = tree[at]
    if len(node) == 1:
        return 0
    return 1 + max(_depth(tree, int(node[2])), _depth(tree, int(node[3])))
