"""Rows of pairs that weigh enough in all, of more rows than are worth writing.

What each pair weighs is estimated first, never too low, by a sketch; the rows are made once more
then, and those of pairs that cannot weigh enough left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import ModuleType

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleaner import compiled
from cleaner.engines.base import Heavy

_MIN_ROWS = 1 << 21
"""Of fewer rows that make pairs, all pairs are kept: to make them twice takes as long."""
_SLOTS_A_ROW = 4
_MEMORY_SHARE = 16
"""Slots take no more than this part of the memory. Where six pairs that meet once share a slot, one
in ten of them is kept."""
_MAX_SUM = 255


def keep_heavy(
    make: Callable[[], Iterable[pa.RecordBatch]], heavy: Heavy, num_rows: int, memory_bytes: int
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of pairs, but for most of those of pairs that weigh too little.

    Args:
        make: Makes all rows, each time it is called.
        heavy: Which columns are a pair and its weight, and how much is enough.
        num_rows: What the rows are made of.
        memory_bytes: What the run may hold.
    """
    loops = compiled.load("sketch") if num_rows >= _MIN_ROWS else None
    if loops is None:
        yield from make()
        return
    sketch = _Sketch(loops, heavy, min(_SLOTS_A_ROW * num_rows, memory_bytes // _MEMORY_SHARE))
    for batch in make():
        sketch.add(batch)
    for batch in make():
        yield sketch.filter(batch)


class _Sketch:
    """What pairs weigh at least: the sums of slots that pairs share by chance."""

    def __init__(self, loops: ModuleType, heavy: Heavy, num_slots: int) -> None:
        width = max(1, num_slots.bit_length() - 1)
        self._loops = loops
        self._heavy = heavy
        self._shift = np.uint64(64 - width)
        self._slots = np.zeros(1 << width, dtype=np.uint8)

    def add(self, batch: pa.RecordBatch) -> None:
        weights = batch.column(self._heavy.weight).to_numpy()
        self._loops.add_weights(*self._pairs(batch), weights, self._shift, self._slots)

    def filter(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        is_heavy = np.zeros(batch.num_rows, dtype=np.bool_)
        least = min(self._heavy.least, _MAX_SUM)
        self._loops.find_heavy(*self._pairs(batch), least, self._shift, self._slots, is_heavy)
        return batch.filter(pa.array(is_heavy))

    def _pairs(self, batch: pa.RecordBatch) -> list[npt.NDArray[np.int32]]:
        return [batch.column(name).to_numpy() for name in (self._heavy.left, self._heavy.right)]
