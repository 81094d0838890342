"""What a stage may ask of an engine.

The SQL that stages hand over keeps to a subset that DuckDB, SQLite and Spark read alike: CTE, inner
and left equi-join, GROUP BY with min, count, sum and median, DISTINCT, UNION ALL, CASE; 64-bit
integers, doubles, strings and booleans, division only where it leaves no rest; no functions of one
engine, and hashes only from kernels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

import msgspec
import pyarrow as pa

Kernel = Callable[..., pa.RecordBatch]
"""`kernel(batch, config, *tables) -> batch`: pure, importable by name. The tables are what it was
promised: whole tables first (`broadcast`), then the rows it looks up (`lookups`)."""

Fallback = Callable[[pa.RecordBatch, str, str], pa.RecordBatch]
"""`fallback(batch of one row, reason, detail) -> batch`: what stands for a row that a worker
process died of, or did not finish in time."""


class Lookup(msgspec.Struct, frozen=True):
    """Wide rows that a kernel needs beside its batch, fetched by key rather than joined.

    Attributes:
        table: The table to look in.
        key: Its key column; several rows may have the same key.
        columns: The columns of the batch that hold keys.
        wanted: The columns of the table that the kernel reads; None for all.
        refines: What is looked up changes the rows of a result, but never whether there are any: a
            group without a result has none whatever stands here, and is carried all the same.
    """

    table: str
    key: str
    columns: tuple[str, ...]
    wanted: tuple[str, ...] | None = None
    refines: bool = False


class Heavy(msgspec.Struct, frozen=True):
    """Which rows of pairs weigh enough to be stored.

    Attributes:
        left, right: The columns of a pair, 32-bit integers from 0 on.
        weight: The column of what a row weighs, a 32-bit integer from 0 to 255.
        least: What all rows of a pair have to weigh together.
    """

    left: str
    right: str
    weight: str
    least: int


class Engine(Protocol):
    """Runs kernels and queries over named tables."""

    def write(self, name: str, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
        """Store batches as a table, in the order given."""

    def map_batches(
        self,
        kernel: Kernel,
        config: Any,
        *,
        source: str,
        target: str,
        schema: pa.Schema,
        group_by: Sequence[str] = (),
        order_by: Sequence[str] = (),
        broadcast: Sequence[str] = (),
        lookups: Sequence[Lookup] = (),
        carry: Sequence[str] = (),
        part_by: str = "",
        fallback: Fallback | None = None,
        timeout_seconds: float | None = None,
    ) -> None:
        """Store what a kernel makes of a table, batch by batch.

        Rows keep the table's order, or are ordered by `group_by` and then `order_by`; rows of one
        group are never parted. How rows are batched must not matter to the kernel.

        `part_by` names a column of integers, for kernels that go over a million narrow rows as
        arrays: rows of one value are never parted and keep the table's order, but come among any
        others. It goes with `broadcast` only. Parts may be worked on beside each other, in threads.

        `carry` names the columns by which source and result fall into groups: where the rows of one
        and what they look up are as they were when this target was made before, its result may be
        taken from there. What is broadcast must then be the same too.
        """

    def map_heavy(
        self,
        kernel: Kernel,
        config: Any,
        *,
        source: str,
        target: str,
        schema: pa.Schema,
        by: str,
        heavy: Heavy,
    ) -> None:
        """Store what a kernel makes of a table, but for rows of pairs that weigh too little.

        For kernels that make a billion rows of pairs, nearly all of which meet once or twice: these
        need not be written. All rows of heavy pairs are stored, and any number of others, so that
        who reads the result must not mind them. Rows that hold the same in the column `by` stand
        together in the table, and are never parted. The kernel may be called twice for a batch.
        """

    def map_stream(
        self,
        kernel: Kernel,
        config: Any,
        *,
        batches: Iterable[pa.RecordBatch],
        target: str,
        schema: pa.Schema,
        fallback: Fallback | None = None,
        timeout_seconds: float | None = None,
    ) -> None:
        """Store what a kernel makes of batches as they come; a few of them are held at a time."""

    def number(self, name: str, *, order_by: str, column: str) -> None:
        """Number the rows of a table from 0 by the unique `order_by`, in a column that it has."""

    def sql(self, query: str, *, target: str, schema: pa.Schema) -> None:
        """Store what a query gives, in no particular order; it names tables as they are stored."""

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return the rows that a query gives, in no particular order; true may be 1, false 0."""

    def components(self, source: str, left: str, right: str, *, target: str) -> None:
        """Store the connected components of a table of edges.

        The result has the columns `unit` and `component`; a component is named by its smallest
        unit.
        """

    def pairs(
        self, source: str, keys: Sequence[str], *, order_by: str, max_bucket: int, target: str
    ) -> int:
        """Store the pairs of rows that have a value in common in one of the key columns.

        A pair is stored once, wherever it meets. Where more than `max_bucket` rows have a value,
        each is paired with the first and with the next one only, by the unique `order_by`. Keys are
        hashes, 64-bit integers; a null meets nothing. The result has the other columns twice, their
        names after `left_` and `right_`; which row is left is not said.

        Returns:
            How many pairs large buckets left out; those of several buckets count in each.
        """

    def read(
        self, name: str, *, order_by: Sequence[str] = (), columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a table, in stored or given order."""

    def count(self, name: str) -> int:
        """Return the number of rows of a table."""

    def schema(self, name: str) -> pa.Schema:
        """Return the schema of a table."""

    def exists(self, name: str) -> bool:
        """Tell whether there is a table of this name."""

    def drop(self, name: str) -> None:
        """Forget a table."""

    def rename(self, old: str, new: str) -> None:
        """Give a table another name, in place of the one that has it."""


def read_rows(
    engine: Engine,
    name: str,
    *,
    order_by: Sequence[str] = (),
    columns: Sequence[str] | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table one at a time; see `Engine.read`."""
    for batch in engine.read(name, order_by=order_by, columns=columns):
        yield from batch.to_pylist()


def count_values(engine: Engine, name: str, column: str) -> Counter[Any]:
    """Count the rows of a table by what a column holds, but for those where it holds nothing."""
    counts: Counter[Any] = Counter()
    for batch in engine.read(name, columns=(column,)):
        for counted in batch.column(0).drop_null().value_counts().to_pylist():
            counts[counted["values"]] += counted["counts"]
    return counts
