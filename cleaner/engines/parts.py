"""A table in parts that each fit into memory, the rows of one value together."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa

from cleaner.engines.digests import mix
from cleaner.engines.tables import as_batch, remove_file

_PART_BYTES = 16 << 20
"""Kernels take some ten times as much to sort it."""
_MAX_PARTS = 256
"""Files that are open at a time; larger tables are parted again."""
_MAX_LEVELS = 4
_WRITTEN_ROWS = 1 << 18


def part_rows(
    table: pa.Table, column: str, folder: Path, level: int = 0
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a table in parts; one that is small enough is one part.

    Args:
        table: The table; nothing is yielded for one without rows.
        column: Integers. Rows of one value come in one part, in the order of the table.
        folder: Where to keep the parts of a larger table.
        level: How often the table was parted before.
    """
    num_parts = min(_MAX_PARTS, -(-table.nbytes // _PART_BYTES))
    if num_parts <= 1 or level == _MAX_LEVELS:
        if table.num_rows:
            yield as_batch(table)
        return
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as name:
        paths = [Path(name) / f"{part}.arrow" for part in range(num_parts)]
        _write_parts(table, column, level, paths)
        for path in paths:
            with pa.memory_map(str(path)) as file:
                part = pa.ipc.open_file(file).read_all()
                yield from part_rows(part, column, folder, level + 1)
            remove_file(path)


def _write_parts(table: pa.Table, column: str, level: int, paths: list[Path]) -> None:
    """Write each row into the file of its value's part; each level goes by bits of its own."""
    shift = np.uint64(16 * level)
    with ExitStack() as stack:
        writers = [stack.enter_context(pa.ipc.new_file(path, table.schema)) for path in paths]
        for begin in range(0, table.num_rows, _WRITTEN_ROWS):
            batch = as_batch(table.slice(begin, _WRITTEN_ROWS))
            values = batch.column(column).to_numpy().astype(np.int64).view(np.uint64)
            parts = (mix(values) >> shift).astype(np.uint16) % np.uint16(len(paths))
            order = np.argsort(parts, kind="stable")
            limits = np.searchsorted(parts[order], np.arange(len(paths) + 1))
            ordered = batch.take(pa.array(order))
            for part, writer in enumerate(writers):
                size = limits[part + 1] - limits[part]
                if size:
                    writer.write_batch(ordered.slice(limits[part], size))
