"""A table in parts that each fit into memory, the rows of one value together.

Parts are worked on in threads: what sorts arrays of numbers lets other threads go on.
"""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleaner.engines.digests import mix
from cleaner.engines.tables import as_batch, remove_file

Item = TypeVar("Item")
Made = TypeVar("Made")

_PART_BYTES = 8 << 20
_SORTING_BYTES = 12 * _PART_BYTES
"""What a kernel takes to sort a part, about."""
_MAX_PARTS = 256
"""Files that are open at a time; larger tables are parted again."""
_MAX_LEVELS = 4
_WRITTEN_ROWS = 1 << 18


def run_ahead(
    function: Callable[[Item], Made], items: Iterable[Item], threads: int
) -> Iterator[Made]:
    """Yield what a function makes of items, in their order, several at a time.

    Args:
        function: What to do, in a thread.
        items: With what; they are asked for in the caller's thread.
        threads: So many at a time.
    """
    if threads == 1:
        yield from map(function, items)
        return
    with ThreadPoolExecutor(threads) as pool:
        under_way: deque[Future[Made]] = deque()
        for item in items:
            under_way.append(pool.submit(function, item))
            if len(under_way) == threads:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


def count_threads(table: pa.Table, workers: int, memory_bytes: int) -> int:
    """Return how many parts of a table are worked on at a time: they take half of the memory."""
    if table.nbytes <= _PART_BYTES:
        return 1
    return max(1, min(workers, memory_bytes // 2 // _SORTING_BYTES))


def part_rows(
    table: pa.Table, column: str, folder: Path, threads: int = 1, level: int = 0
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a table in parts; one that is small enough is one part.

    Args:
        table: The table; nothing is yielded for one without rows.
        column: Integers. Rows of one value come in one part, in the order of the table.
        folder: Where to keep the parts of a larger table.
        threads: So many pieces of the table are parted at a time.
        level: How often the table was parted before.
    """
    num_parts = min(_MAX_PARTS, -(-table.nbytes // _PART_BYTES))
    if num_parts <= 1 or level == _MAX_LEVELS:
        if table.num_rows:
            yield as_batch(table)
        return
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as name:
        paths = [Path(name) / f"{part}.arrow" for part in range(num_parts)]
        _write_parts(table, column, level, paths, threads)
        for path in paths:
            with pa.memory_map(str(path)) as file:
                part = pa.ipc.open_file(file).read_all()
                yield from part_rows(part, column, folder, threads, level + 1)
            remove_file(path)


def _write_parts(
    table: pa.Table, column: str, level: int, paths: Sequence[Path], threads: int
) -> None:
    """Write each row into the file of its value's part; each level goes by bits of its own."""
    shift = np.uint64(16 * level)

    def order(begin: int) -> tuple[pa.RecordBatch, npt.NDArray[np.int64]]:
        batch = as_batch(table.slice(begin, _WRITTEN_ROWS))
        values = batch.column(column).to_numpy().astype(np.int64).view(np.uint64)
        parts = (mix(values) >> shift).astype(np.uint16) % np.uint16(len(paths))
        order = np.argsort(parts, kind="stable")
        limits = np.searchsorted(parts[order], np.arange(len(paths) + 1))
        return batch.take(pa.array(order)), limits

    with ExitStack() as stack:
        writers = [stack.enter_context(pa.ipc.new_file(path, table.schema)) for path in paths]
        begins = range(0, table.num_rows, _WRITTEN_ROWS)
        for ordered, limits in run_ahead(order, begins, threads):
            for writer, (begin, end) in zip(writers, pairwise(limits.tolist()), strict=True):
                if begin < end:
                    writer.write_batch(ordered.slice(begin, end - begin))
