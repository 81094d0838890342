"""Tables of the embedded engine: in memory while small, a memory-mapped Arrow file when not."""

from __future__ import annotations

import contextlib
import errno
import functools
import mmap
import tempfile
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cleaner.engines.digests import NULL, digest_column, digest_rows, mix
from cleaner.errors import CleanerError, OutputError

Number = TypeVar("Number", np.int64, np.uint64)


_HELD_BYTES = 1 << 20
"""A larger table goes to a file, where every process can read it."""
_RELEASED_BATCHES = 16
"""With a row the system reads some pages beside it: a few rows of everywhere are the whole file."""
_mapped: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()
_lock = threading.Lock()


class Stored:
    """A table in memory, or one in a file that is mapped into memory.

    Args:
        table: Its rows.
        path: The file; None of a table in memory.

    Attributes:
        num_bytes: How large it is.
    """

    def __init__(self, table: pa.Table, path: Path | None = None) -> None:
        self.table = table
        self.path = path
        self.num_bytes = int(table.nbytes)

    @functools.cached_property
    def batches(self) -> list[pa.RecordBatch]:
        """Its rows as they are stored."""
        batches: list[pa.RecordBatch] = self.table.to_batches()
        return batches

    @functools.cached_property
    def digests(self) -> npt.NDArray[np.uint64]:
        """A digest of each row's values, `(num_rows,) uint64`."""
        return digest_rows(self.table)


def store(batches: Iterable[pa.RecordBatch], schema: pa.Schema, folder: Path) -> Stored:
    """Collect batches into a table, moving it to a file in a folder if it is a large one."""
    try:
        return _store(iter(batches), schema, folder)
    except Exception as cause:
        if not _is_full_disk(cause):
            raise
        message = (
            f"the disk is full: a run keeps its tables in {folder.parent} until it ends; "
            "make room there, or choose another --output folder"
        )
        raise OutputError(message) from cause


def _is_full_disk(error: Exception) -> bool:
    """Tell whether the system, Arrow or DuckDB says that there is no room left."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return type(error).__name__ == "IOException" and "No space left" in str(error)


def _store(source: Iterator[pa.RecordBatch], schema: pa.Schema, folder: Path) -> Stored:
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in source:
        if batch.num_rows:
            held.append(batch)
            size += batch.nbytes
        if size > _HELD_BYTES:
            return _spill(held, source, schema, folder)
    return Stored(pa.Table.from_batches(held, schema))


def _spill(
    held: list[pa.RecordBatch], rest: Iterator[pa.RecordBatch], schema: pa.Schema, folder: Path
) -> Stored:
    with (
        tempfile.NamedTemporaryFile(dir=folder, suffix=".arrow", delete=False) as file,
        pa.ipc.new_file(file, schema) as writer,
    ):
        while held:
            writer.write_batch(held.pop(0))
        for batch in rest:
            if batch.num_rows:
                writer.write_batch(batch)
    stored = map_file(file.name)
    weakref.finalize(stored.table, remove_file, Path(file.name))
    return stored


def map_file(name: str) -> Stored:
    """Map a file that a table was written to."""
    path = Path(name)
    with path.open("rb") as opened:
        mapping = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    with _lock:
        _mapped.add(mapping)
    return Stored(pa.ipc.open_file(pa.BufferReader(pa.py_buffer(mapping))).read_all(), path)


def keep_arrays(arrays: Sequence[npt.NDArray[Any]], folder: Path) -> list[npt.NDArray[Any]]:
    """Return numbers as they are stored: many of them lie in a file in a folder.

    Args:
        arrays: Of one length and without a null, none or more each.
        folder: Where to keep them.
    """
    if sum(values.nbytes for values in arrays) <= _HELD_BYTES:
        return list(arrays)
    columns = [pa.array(values) for values in arrays]
    batch = pa.RecordBatch.from_arrays(columns, [str(at) for at in range(len(columns))])
    kept = as_batch(store([batch], batch.schema, folder).table)
    return [column.to_numpy() for column in kept.columns]


def release_mapped() -> None:
    """Give back the memory of what this process read of mapped files; it can be read again."""
    if hasattr(mmap, "MADV_DONTNEED"):
        with _lock:
            mappings = list(_mapped)
        for mapping in mappings:
            mapping.madvise(mmap.MADV_DONTNEED)


def remove_file(path: Path) -> None:
    """Delete the file of a table that was replaced; what is still mapped stays readable."""
    with contextlib.suppress(OSError):  # Some systems hold on to it; it goes with the work folder.
        path.unlink()


def row_bytes(table: pa.Table) -> npt.NDArray[np.int64]:
    """Return roughly how many bytes each row takes, `(num_rows,) int64`."""
    total = np.full(table.num_rows, 64, dtype=np.int64)
    for name in table.column_names:
        column = table.column(name)
        if pa.types.is_large_string(column.type):
            total += pc.fill_null(pc.binary_length(column), 0).to_numpy().astype(np.int64)
    return total


def cut_batches(
    limits: npt.NDArray[np.int64],
    num_bytes: npt.NDArray[np.int64],
    max_rows: int,
    max_bytes: int,
) -> Iterator[tuple[int, int]]:
    """Say where batches begin and end that part no group.

    A batch ends at the first group limit after it reached `max_rows` rows or `max_bytes` bytes.

    Args:
        limits: Where groups end, `(num_groups,) int64`.
        num_bytes: Size of each row, `(num_rows,) int64`.
        max_rows: Rows a batch.
        max_bytes: Bytes a batch.
    """
    sizes = np.concatenate(([0], np.cumsum(num_bytes)))
    begin = 0
    while begin < len(num_bytes):
        wanted = min(
            begin + max_rows, int(np.searchsorted(sizes, sizes[begin] + max_bytes, side="left"))
        )
        at = int(np.searchsorted(limits, max(wanted, begin + 1), side="left"))
        end = int(limits[min(at, len(limits) - 1)])
        yield begin, end
        begin = end


def group_limits(table: pa.Table, group_by: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """Return where groups end, `(num_groups,) int64`; every row is a group without keys."""
    if not group_by:
        return np.arange(1, table.num_rows + 1)
    ends: list[npt.NDArray[np.int64]] = []
    num_rows = 0
    last: list[pa.Scalar] = []
    for batch in table.select(list(group_by)).to_batches():
        if not batch.num_rows:
            continue
        first = [column[0] for column in batch.columns]
        if last and last != first:
            ends.append(np.array([num_rows]))
        changes = np.zeros(batch.num_rows - 1, dtype=bool)
        for column in batch.columns:
            after, before = column.slice(1), column.slice(0, len(column) - 1)
            differs = pc.fill_null(pc.not_equal(after, before), False)
            is_null = pc.not_equal(pc.is_null(after), pc.is_null(before))
            changes |= pc.or_(differs, is_null).to_numpy(zero_copy_only=False)
        ends.append(np.flatnonzero(changes) + num_rows + 1)
        num_rows += batch.num_rows
        last = [column[-1] for column in batch.columns]
    return np.concatenate([*ends, np.array([num_rows] * bool(num_rows), dtype=np.int64)])


def as_batch(table: pa.Table) -> pa.RecordBatch:
    """Return a table as one batch.

    Raises:
        CleanerError: If a column holds more text than Arrow has in one piece.
    """
    batches = table.combine_chunks().to_batches()
    if not batches:
        return pa.RecordBatch.from_pylist([], schema=table.schema)
    if len(batches) > 1:
        message = "rows that go together hold more than 2 GB of text; clean the corpus in parts"
        raise CleanerError(message)
    return batches[0]


def join_batches(batches: Iterable[pa.RecordBatch], num_bytes: int) -> Iterator[pa.RecordBatch]:
    """Join batches that follow each other up to a size: every one of a table takes some kB."""
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        held.append(batch)
        size += batch.nbytes
        if size >= num_bytes:
            yield as_batch(pa.Table.from_batches(held))
            held, size = [], 0
    if held:
        yield as_batch(pa.Table.from_batches(held))


class Index:
    """Finds the rows of a table by a key column of strings.

    Listed are runs of rows with the same key, by the digest of the key: mostly all rows of a
    document stand together.

    Args:
        table: The table.
        key: The column.
        folder: Where to keep what does not fit into memory.
    """

    def __init__(self, table: pa.Table, key: str, folder: Path) -> None:
        self._table, self._folder = table, folder
        ends = group_limits(table, (key,))
        begins = np.append(0, ends)[:-1]
        keys = digest_column(table.column(key).take(pa.array(begins)))
        order = np.argsort(keys)
        order = order[keys[order] != NULL]
        self._keys, self._begins, self._ends = self._keep(keys[order], begins[order], ends[order])
        self._digests: dict[tuple[str, ...] | None, npt.NDArray[np.uint64]] = {}

    @functools.cached_property
    def _num_bytes(self) -> npt.NDArray[np.int64]:
        """What `_sum_runs` says of the bytes of rows."""
        return self._sum_runs(row_bytes(self._table))

    def _keep(self, *arrays: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
        return keep_arrays(arrays, self._folder)

    def _sum_runs(self, values: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """Add up a number of each row over the runs, from the first in the order of keys on."""
        totals = np.append(np.zeros(1, values.dtype), np.cumsum(values, dtype=values.dtype))
        sums = np.zeros(len(self._begins) + 1, dtype=values.dtype)
        np.cumsum(totals[self._ends] - totals[self._begins], dtype=values.dtype, out=sums[1:])
        return self._keep(sums)[0]

    def _limits(
        self, keys: npt.NDArray[np.uint64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return where the runs of each key begin and end in the order of keys."""
        return (
            np.searchsorted(self._keys, keys, side="left"),
            np.searchsorted(self._keys, keys, side="right"),
        )

    def _sum_found(
        self, column: pa.ChunkedArray, totals: npt.NDArray[Number]
    ) -> Iterator[tuple[npt.NDArray[np.uint64], npt.NDArray[Number]]]:
        """Yield, chunk by chunk, digests of keys and what the rows with each key come to."""
        for chunk in column.chunks:
            keys = digest_column(pa.chunked_array([chunk]))
            begins, ends = self._limits(keys)
            yield keys, totals[ends] - totals[begins]

    def row_bytes(self, column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
        """Return roughly how many bytes each row of a column of keys looks up, `(num_rows,) int64`.

        A key in a row counts if the row before has another one.
        """
        found = [np.empty(0, dtype=np.int64)]
        last = np.array([NULL])
        for keys, sizes in self._sum_found(column, self._num_bytes):
            found.append(np.where(keys != np.append(last, keys[:-1]), sizes, 0))
            last = keys[-1:]
        return np.concatenate(found)

    def digests(
        self, column: pa.ChunkedArray, wanted: tuple[str, ...] | None = None
    ) -> npt.NDArray[np.uint64]:
        """Return a digest of what each row of a column of keys looks up, `(num_rows,) uint64`.

        The order of the rows of one key does not count, nor do columns that are not wanted.
        """
        if wanted not in self._digests:
            table = self._table if wanted is None else self._table.select(list(wanted))
            self._digests[wanted] = self._sum_runs(mix(digest_rows(table)))
        found = (sums for _, sums in self._sum_found(column, self._digests[wanted]))
        return np.concatenate([np.empty(0, dtype=np.uint64), *found])

    def find(self, keys: pa.Array) -> npt.NDArray[np.int64]:
        """Return the numbers of the rows with these keys, `(num_rows,) int64`, in order.

        Args:
            keys: Different strings.
        """
        runs = _list_ranges(*self._limits(digest_column(pa.chunked_array([keys]))))
        return np.sort(_list_ranges(self._begins[runs], self._ends[runs]))


def _list_ranges(
    begins: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the numbers of some ranges, one range after the other."""
    sizes = ends - begins
    numbers: npt.NDArray[np.int64] = np.arange(sizes.sum())
    return numbers + np.repeat(ends - np.cumsum(sizes), sizes)


def take_rows(
    batches: Sequence[pa.RecordBatch], rows: npt.NDArray[np.int64], schema: pa.Schema
) -> pa.Table:
    """Return rows of a table by number, batch by batch: Arrow would first copy the whole table.

    Args:
        batches: All rows of the table.
        rows: Which rows, `(num_rows,) int64`.
        schema: The columns to return.
    """
    firsts = np.cumsum([0, *(batch.num_rows for batch in batches)])[:-1]
    places = np.searchsorted(firsts, rows, side="right") - 1
    order = np.argsort(places, kind="stable")
    chosen, begins = np.unique(places[order], return_index=True)
    parts = []
    for at, found in zip(chosen, np.split(order, begins[1:]), strict=False):
        of_batch = batches[at].select(schema.names)
        parts.append(of_batch.take(pa.array(rows[found] - firsts[at], pa.int64())))
        if len(parts) % _RELEASED_BATCHES == 0:
            release_mapped()
    taken = pa.Table.from_batches(parts, schema=schema)
    if (order[1:] > order[:-1]).all():
        return taken
    return taken.combine_chunks().take(pa.array(np.argsort(order), pa.int64()))
