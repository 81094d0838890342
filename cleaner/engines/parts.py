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
import pyarrow as pa

from cleaner.engines.digests import mix
from cleaner.engines.tables import as_batch, remove_file

Item = TypeVar("Item")
Made = TypeVar("Made")

_PART_BYTES = 8 << 20
"""What fits into the processor's cache is sorted fastest; parts of 32 MB take twice as long."""
_SORTING_BYTES = 12 * _PART_BYTES
"""What a kernel takes to sort a part, about."""
_HELD_BYTES = 8 * _PART_BYTES
"""A table of no more is parted in memory."""
_MAX_FILES = 200
"""That are open at a time, of those that macOS allows; parts of larger tables are parted again."""
_MAX_LEVELS = 4
_PIECE_ROWS = 1 << 18


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


def slice_rows(table: pa.Table, column: str) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a table in order, a part at a time.

    Args:
        table: The table.
        column: Rows that hold the same in it stand together, and come in one part.
    """
    values = table.column(column)
    num_rows = _PART_BYTES * table.num_rows // max(1, table.nbytes) + 1
    begin = 0
    while begin < table.num_rows:
        end = min(begin + num_rows, table.num_rows)
        while end < table.num_rows and values[end] == values[end - 1]:
            end += 1
        yield as_batch(table.slice(begin, end - begin))
        begin = end


def part_rows(
    table: pa.Table, column: str, folder: Path, threads: int = 1, level: int = 0
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a table in parts; one that is small enough is one part.

    Args:
        table: The table; nothing is yielded for one without rows.
        column: Integers. Rows of one value come in one part, in the order of the table.
        folder: Where to keep the parts of a table that is too large for memory.
        threads: So many pieces of the table are parted at a time.
        level: How often the table was parted before.
    """
    num_parts = -(-table.nbytes // _PART_BYTES)
    if num_parts <= (2 if level else 1) or level == _MAX_LEVELS:
        if table.num_rows:
            yield as_batch(table)
    elif table.nbytes <= _HELD_BYTES:
        held = [*_order_pieces(table, column, num_parts, level, threads)]
        for at in range(num_parts):
            slices = [
                piece.slice(limits[at], limits[at + 1] - limits[at]) for piece, limits in held
            ]
            yield as_batch(pa.Table.from_batches(slices))
    else:
        num_parts = min(_MAX_FILES, num_parts)
        with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as name:
            paths = [Path(name) / f"{number}.arrow" for number in range(num_parts)]
            pieces = _order_pieces(table, column, num_parts, level, threads)
            _write_parts(pieces, table.schema, paths)
            for path in paths:
                with pa.memory_map(str(path)) as file:
                    part = pa.ipc.open_file(file).read_all()
                    yield from part_rows(part, column, folder, threads, level + 1)
                remove_file(path)


def _order_pieces(
    table: pa.Table, column: str, num_parts: int, level: int, threads: int
) -> Iterator[tuple[pa.RecordBatch, list[int]]]:
    """Yield the rows of a table piece by piece, each ordered by part, with the parts' limits in it.

    Which part a value belongs to is told by bits of its own on each level.
    """
    shift = np.uint64(16 * level)

    def order(begin: int) -> tuple[pa.RecordBatch, list[int]]:
        batch = as_batch(table.slice(begin, _PIECE_ROWS))
        values = batch.column(column).to_numpy().astype(np.int64).view(np.uint64)
        parts = (mix(values) >> shift).astype(np.uint16) % np.uint16(num_parts)
        limits = np.cumsum(np.bincount(parts, minlength=num_parts))
        return batch.take(pa.array(np.argsort(parts, kind="stable"))), [0, *limits.tolist()]

    return run_ahead(order, range(0, table.num_rows, _PIECE_ROWS), threads)


def _write_parts(
    pieces: Iterable[tuple[pa.RecordBatch, list[int]]], schema: pa.Schema, paths: Sequence[Path]
) -> None:
    """Write the rows of each part into its file."""
    with ExitStack() as stack:
        writers = [stack.enter_context(pa.ipc.new_file(path, schema)) for path in paths]
        for piece, limits in pieces:
            for writer, (begin, end) in zip(writers, pairwise(limits), strict=True):
                if begin < end:
                    writer.write_batch(piece.slice(begin, end - begin))
