"""Connected components of a graph of numbered nodes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]


def label_components(lefts: Int64s, rights: Int64s, num_nodes: int) -> Int64s:
    """Return the smallest node of each node's connected component.

    Each round, the root of either end of an edge is hung under the smaller root that it is linked
    to, all trees are flattened, and edges inside a tree are left out. A chain of any length takes
    a few rounds.

    Args:
        lefts: One end of each edge, `(num_edges,) int64`.
        rights: The other end.
        num_nodes: Nodes are numbered below this.

    Returns:
        `(num_nodes,) int64`.

    Source: Shiloach and Vishkin 1982.

    >>> label_components(np.array([3, 1]), np.array([1, 4]), 5)
    array([0, 1, 2, 1, 1])
    """
    labels = np.arange(num_nodes)
    while len(lefts):
        np.minimum.at(labels, np.maximum(lefts, rights), np.minimum(lefts, rights))
        while not np.array_equal(labels, flatter := labels[labels]):
            labels = flatter
        lefts, rights = labels[lefts], labels[rights]
        is_between = lefts != rights
        lefts, rights = lefts[is_between], rights[is_between]
    return labels
