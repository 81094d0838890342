"""Results carried from one pass to the next: what rests on the same inputs is not made again.

A kernel's result for a group of rows depends on these rows and on what they look up. A digest of
both says whether the group was worked on before; its result is then taken from where it stands. A
group without a result is told by another one, without lookups that never give it any.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleaner.engines.digests import digest_rows
from cleaner.engines.tables import as_batch, group_limits, keep_arrays

UInt64s = npt.NDArray[np.uint64]
Int64s = npt.NDArray[np.int64]

_BATCH_ROWS = 20_000


class GroupDigests(NamedTuple):
    """Digests of the inputs of groups, `(num_groups,) uint64` each.

    Attributes:
        whole: Of all of them.
        deciding: Of those that decide whether there is a result.
    """

    whole: UInt64s
    deciding: UInt64s

    def of(self, groups: npt.NDArray[np.bool_]) -> GroupDigests:
        """Return those of some groups."""
        return GroupDigests(self.whole[groups], self.deciding[groups])


class Carried:
    """What a kernel made of the groups of a table.

    Args:
        digests: Of the inputs of each group; see `GroupDigests`.
        keys: Digest of what names each group, likewise.
        result: What the kernel made of them, group after group.
        columns: What names a row's group in the result.
        folder: Where to keep what does not fit into memory.
    """

    def __init__(
        self,
        digests: GroupDigests,
        keys: UInt64s,
        result: pa.Table,
        columns: Sequence[str],
        folder: Path,
    ) -> None:
        self.result = result
        ends = group_limits(result, tuple(columns))
        begins = np.append(0, ends)[:-1]
        found = digest_rows(result.select(list(columns)).take(pa.array(begins)))
        order = np.argsort(keys)
        groups = order[np.searchsorted(keys, found, sorter=order)]
        group_begins, group_ends = np.zeros((2, len(keys)), dtype=np.int64)
        group_begins[groups], group_ends[groups] = begins, ends
        told = np.where(group_begins == group_ends, digests.deciding, digests.whole)
        order = np.argsort(told)
        arrays = told[order], group_begins[order], group_ends[order]
        self._digests, self._begins, self._ends = keep_arrays(arrays, folder)

    def find(self, digests: GroupDigests) -> tuple[npt.NDArray[np.bool_], Int64s, Int64s]:
        """Look for groups.

        Returns:
            Whether the result for each is here, and where it begins and ends, each
            `(num_groups,)`.
        """
        is_found, begins, ends = self._find(digests.whole)
        if digests.deciding is digests.whole:
            return is_found, begins, ends
        is_empty, at, _ = self._find(digests.deciding)
        is_empty &= ~is_found
        return is_found | is_empty, np.where(is_empty, at, begins), np.where(is_empty, at, ends)

    def _find(self, digests: UInt64s) -> tuple[npt.NDArray[np.bool_], Int64s, Int64s]:
        if not len(self._digests):
            nowhere = np.zeros(len(digests), dtype=np.int64)
            return np.zeros(len(digests), dtype=bool), nowhere, nowhere
        places = np.minimum(np.searchsorted(self._digests, digests), len(self._digests) - 1)
        return self._digests[places] == digests, self._begins[places], self._ends[places]


def merge(old: Carried, new: Carried, digests: GroupDigests) -> Iterator[pa.RecordBatch]:
    """Yield the results of groups in their order, from where each stands."""
    is_old, old_begins, old_ends = old.find(digests)
    _, new_begins, new_ends = new.find(digests)
    begins, ends = np.where(is_old, old_begins, new_begins), np.where(is_old, old_ends, new_ends)
    is_filled = begins < ends
    is_old, begins, ends = is_old[is_filled], begins[is_filled], ends[is_filled]
    is_break = (is_old[1:] != is_old[:-1]) | (begins[1:] != ends[:-1])
    limits = [0, *(np.flatnonzero(is_break) + 1).tolist(), len(begins)]
    held: list[pa.Table] = []
    num_held = 0
    for first, last in pairwise(limits):
        if first < last:
            source = old.result if is_old[first] else new.result
            held.append(source.slice(begins[first], ends[last - 1] - begins[first]))
            num_held += held[-1].num_rows
        if num_held >= _BATCH_ROWS:
            yield from _joined(held)
            held, num_held = [], 0
    if held:
        yield from _joined(held)


def _joined(tables: Sequence[pa.Table]) -> Iterator[pa.RecordBatch]:
    table = pa.concat_tables(tables)
    for begin in range(0, table.num_rows, _BATCH_ROWS):
        yield as_batch(table.slice(begin, _BATCH_ROWS))
