"""Which blocks belong to which document, where those of many are judged at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]


class Documents:
    """The blocks of documents, document after document.

    Args:
        sizes: Number of blocks of each document.

    Attributes:
        sizes: The same, `(num_documents,) int64`.
        number: The document that each block belongs to, `(num_blocks,) int64`.
        begins: The first block of each block's document, likewise.
        ends: The first block after it, likewise.
        at: The place of each block in its document, from 0, likewise.
    """

    def __init__(self, sizes: Sequence[int] | Int64s) -> None:
        self.sizes = np.asarray(sizes, dtype=np.int64)
        self._limits = np.concatenate(([0], np.cumsum(self.sizes)))
        self.number: Int64s = np.repeat(np.arange(len(self.sizes)), self.sizes)
        self.begins: Int64s = self._limits[self.number]
        self.ends: Int64s = self._limits[self.number + 1]
        self.at: Int64s = np.arange(len(self.number)) - self.begins

    def slices(self) -> Iterator[slice]:
        """Yield where the blocks of each document stand."""
        return (slice(begin, end) for begin, end in pairwise(self._limits.tolist()))

    def sums(self, column: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
        """Return the sum of whole numbers over each document, `(num_documents,)`."""
        sums = np.bincount(self.number, weights=column, minlength=len(self.sizes))
        return np.asarray(sums, dtype=np.float64)
