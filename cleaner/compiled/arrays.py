"""What goes into the compiled loops and comes out of them: texts, spans, words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import msgspec
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
UInt32s = npt.NDArray[np.uint32]
UInt64s = npt.NDArray[np.uint64]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Float32s = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


class Spans(msgspec.Struct, frozen=True):
    """Stretches of texts, in characters; those of one text are in order and do not overlap.

    Attributes:
        limits: Where in the others those of each text begin, `(num_texts + 1,) int64`.
        begins, ends: Where in its text each span is, `(num_spans,) int64`.
    """

    limits: Int64s
    begins: Int64s
    ends: Int64s

    def of_text(self, row: int) -> list[tuple[int, int]]:
        """Return the spans of one text."""
        part = slice(self.limits[row], self.limits[row + 1])
        return list(zip(self.begins[part].tolist(), self.ends[part].tolist(), strict=True))


class Words(msgspec.Struct, frozen=True):
    """The words in spans of texts, one after the other.

    Attributes:
        begins, ends: Where in its text each word is, in characters, `(num_words,) int64`.
        hashes: Hash of each folded word, XXH3, `(num_words,) uint64`.
        limits: Where in the others those of each span begin, `(num_spans + 1,) int64`.
        is_unspaced: Whether a text is written without spaces, `(num_texts,) bool`.
    """

    begins: Int64s
    ends: Int64s
    hashes: UInt64s
    limits: Int64s
    is_unspaced: Bools


def join_words(parts: Sequence[Words]) -> Words:
    """Return the words of several texts as those of one batch; at least one."""
    shifts = accumulate((len(part.begins) for part in parts[:-1]), initial=0)
    limits = [part.limits[:-1] + shift for part, shift in zip(parts, shifts, strict=True)]
    num_words = sum(len(part.begins) for part in parts)
    return Words(
        np.concatenate([part.begins for part in parts]),
        np.concatenate([part.ends for part in parts]),
        np.concatenate([part.hashes for part in parts]),
        np.concatenate([*limits, np.array([num_words])]),
        np.concatenate([part.is_unspaced for part in parts]),
    )
