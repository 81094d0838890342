"""Which leaves of boosted trees rows fall into: all rows answer a question in one loop."""

from __future__ import annotations

import numpy as np
from numba import types

from cleaner.compiled.arrays import Float32s, Int64s, UInt32s
from cleaner.compiled.deferred import compile_later
from cleaner.compiled.machine import count_low_zeros

_ROWS = 512
"""Rows that are asked at once, so that their features stay in a processor's cache."""


def _matrix(dtype: types.Type) -> types.Array:
    return types.Array(dtype, 2, "C", readonly=True)


@compile_later(
    types.void(
        _matrix(types.float32),
        _matrix(types.int64),
        _matrix(types.float32),
        _matrix(types.uint32),
        types.int64[:, ::1],
    )
)
def find_leaves(
    columns: Float32s, feature: Int64s, threshold: Float32s, ruled_out: UInt32s, leaves: Int64s
) -> None:
    """Find the leaf of each row in each tree, as `block_model.trees.Trees` does.

    Args:
        columns: Features, `(num_features, num_rows) float32`.
        feature: The feature that each question asks about, `(num_questions, num_trees) int64`.
        threshold: The largest value that rules nothing out, likewise, `float32`.
        ruled_out: Leaves that larger ones rule out, a bit each, likewise, `uint32`; 0 for no
            question, which stands after all others.
        leaves: The result, `(num_trees, num_rows) int64`, numbered within each tree.
    """
    num_questions, num_trees = feature.shape
    num_rows = columns.shape[1]
    bits = np.empty(_ROWS, dtype=np.uint32)
    for begin in range(0, num_rows, _ROWS):
        size = min(_ROWS, num_rows - begin)
        for tree in range(num_trees):
            bits[:] = 0
            for question in range(num_questions):
                out = ruled_out[question, tree]
                if out == 0:
                    break
                column = columns[feature[question, tree], begin : begin + size]
                limit = threshold[question, tree]
                for row in range(size):
                    bits[row] |= out if column[row] > limit else np.uint32(0)
            for row in range(size):
                leaves[tree, begin + row] = count_low_zeros(np.uint64(~bits[row]))
