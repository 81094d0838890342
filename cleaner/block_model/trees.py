"""Boosted trees as plain data: a small JSON file, numpy to evaluate it, what each feature adds."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Trees:
    """An ensemble of regression trees whose sum is the log-odds of main content.

    All arrays are of shape (trees, nodes); nodes of a tree are numbered from its root, 0.

    Attributes:
        names: The features, in the order of the columns of the matrix.
        feature: Column that a node asks about, -1 at a leaf.
        threshold: Values up to it go to `left`, others to `right`.
        value: Mean log-odds of the training blocks that reached a node; a leaf's is its answer.
    """

    names: tuple[str, ...]
    feature: npt.NDArray[np.int32]
    threshold: npt.NDArray[np.float32]
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    value: npt.NDArray[np.float64]

    def log_odds(self, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Return the log-odds of each row of a matrix of shape (blocks, features)."""
        nodes = self._leaves(matrix)[-1]
        values = self.value[np.arange(self.value.shape[0]), nodes]
        # Summed one tree after the other: the order of a sum decides its last digits.
        return np.asarray(np.add.accumulate(values, axis=1)[:, -1], dtype=np.float64)

    def shares(self, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Return what each feature adds to the log-odds of each row.

        On the way from the root to a leaf, the change of a node's mean belongs to the feature that
        was asked about. Source: Saabas (2014), Interpreting random forests.

        Returns:
            Shape (blocks, features + 1); the last column is the base, the same for every row. A
            row's sum is its log-odds.
        """
        width = len(self.names) + 1
        flat = np.zeros(len(matrix) * width, dtype=np.float64)
        trees = np.arange(self.value.shape[0])[None, :]
        offset = np.arange(len(matrix))[:, None] * width
        steps = self._leaves(matrix)
        for here, there in itertools.pairwise(steps):
            change = self.value[trees, there] - self.value[trees, here]
            asked = np.maximum(self.feature[trees, here], 0)
            flat += np.bincount(
                (offset + asked).ravel(), weights=change.ravel(), minlength=len(flat)
            )
        shares = flat.reshape(len(matrix), width)
        shares[:, -1] = self.value[:, 0].sum()
        return shares

    def _leaves(self, matrix: npt.NDArray[np.float32]) -> list[npt.NDArray[np.int32]]:
        """Return the nodes that each row visits in each tree, level by level."""
        rows = np.arange(len(matrix))[:, None]
        trees = np.arange(self.value.shape[0])[None, :]
        nodes = np.zeros((len(matrix), self.value.shape[0]), dtype=np.int32)
        steps = [nodes]
        while True:
            asked = self.feature[trees, nodes]
            is_leaf = asked < 0
            if is_leaf.all():
                return steps
            goes_left = matrix[rows, np.maximum(asked, 0)] <= self.threshold[trees, nodes]
            below = np.where(goes_left, self.left[trees, nodes], self.right[trees, nodes])
            nodes = np.where(is_leaf, nodes, below).astype(np.int32)
            steps.append(nodes)


def read_trees(data: Mapping[str, Any]) -> Trees:
    """Return the trees that a part of a weights file describes: one list of nodes a tree.

    A node is `[feature, threshold, left, right, value]`, a leaf `[value]`.
    """
    trees: Sequence[Sequence[Sequence[float]]] = data["trees"]
    width = max(len(tree) for tree in trees)
    shape = (len(trees), width)
    feature = np.full(shape, -1, dtype=np.int32)
    threshold = np.zeros(shape, dtype=np.float32)
    left, right = np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.int32)
    value = np.zeros(shape, dtype=np.float64)
    for at, tree in enumerate(trees):
        for number, node in enumerate(tree):
            value[at, number] = node[-1]
            if len(node) > 1:
                feature[at, number] = int(node[0])
                threshold[at, number] = node[1]
                left[at, number], right[at, number] = int(node[2]), int(node[3])
    return Trees(tuple(data["features"]), feature, threshold, left, right, value)
