"""Rows that a kernel is to have, named rather than copied.

A table that is in a file is read by every process that needs some of it: what goes to a worker is
the name of the file and the numbers of the rows. Rows of a table in memory go as bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cleaner.engines.tables import Stored, map_file, take_rows

Value = TypeVar("Value", bound=np.generic)
Numbers = range | npt.NDArray[np.int64]
"""Which rows of a table: all of a range, or those with certain numbers, in ascending order."""
Packed: TypeAlias = pa.Buffer | tuple[str, Numbers, tuple[str, ...] | None]
"""Rows on their way to a worker: a stream, or the file that they are in, which, and the columns."""

_MOST_OPEN = 8
"""Tables that a worker keeps mapped: the batches of a stage need the same ones."""
_opened: dict[str, Stored] = {}


class Rows(msgspec.Struct, frozen=True):
    """Some rows of a table.

    Attributes:
        stored: The table.
        numbers: Which rows.
        columns: Which columns; None for all.
    """

    stored: Stored
    numbers: Numbers
    columns: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.numbers)

    def part(self, begin: int, end: int) -> Rows:
        """Return those from one place to another."""
        return Rows(self.stored, self.numbers[begin:end], self.columns)

    def pick(self, values: npt.NDArray[Value]) -> npt.NDArray[Value]:
        """Return the values of these rows out of those of the whole table."""
        if isinstance(self.numbers, range):
            return values[self.numbers.start : self.numbers.stop]
        return values[self.numbers]

    def column(self, name: str) -> pa.ChunkedArray:
        """Return the values of a column."""
        return _take(self.stored, self.numbers, (name,)).column(0)

    def read(self) -> pa.Table:
        """Return the rows."""
        return _take(self.stored, self.numbers, self.columns)

    def pack(self) -> Packed:
        """Return what a worker makes the same rows of."""
        if self.stored.path is None:
            return pack(self.read())
        return str(self.stored.path), self.numbers, self.columns


def all_rows(stored: Stored) -> Rows:
    """Return the rows of a whole table."""
    return Rows(stored, range(stored.table.num_rows))


def find_numbers(numbers: npt.NDArray[np.int64]) -> Numbers:
    """Return ascending numbers as a range if they are one."""
    if len(numbers) and numbers[-1] - numbers[0] == len(numbers) - 1:
        return range(int(numbers[0]), int(numbers[-1]) + 1)
    return numbers


def _take(stored: Stored, numbers: Numbers, columns: Sequence[str] | None) -> pa.Table:
    table = stored.table if columns is None else stored.table.select(list(columns))
    if isinstance(numbers, range):
        return table.slice(numbers.start, len(numbers))
    return take_rows(stored.batches, numbers, table.schema)


def pack(table: pa.Table) -> pa.Buffer:
    """Return the rows of a table as bytes; to pickle a slice takes all rows that it is cut from."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def unpack(packed: Packed) -> pa.Table:
    """Return the rows that were packed."""
    if not isinstance(packed, tuple):
        return pa.ipc.open_stream(packed).read_all()
    name, numbers, columns = packed
    if name not in _opened:
        while len(_opened) >= _MOST_OPEN:
            del _opened[next(iter(_opened))]
        _opened[name] = map_file(name)
    return _take(_opened[name], numbers, columns)
