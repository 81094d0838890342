"""The embedded engine: DuckDB for relations, a pool of processes for kernels.

Small tables are asked by SQLite, and never leave the process and its memory: five articles cost a
second, most of it imports. DuckDB spills to the work folder beyond its memory limit.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cleaner.engines.base import Fallback, Heavy, Kernel, Lookup
from cleaner.engines.buckets import find_pairs
from cleaner.engines.carrying import Carried, GroupDigests, merge
from cleaner.engines.components import label_components
from cleaner.engines.digests import combine, digest_rows, sum_groups
from cleaner.engines.heavy import keep_heavy
from cleaner.engines.large_queries import LargeQueries
from cleaner.engines.parts import count_threads, part_rows, run_ahead, slice_rows
from cleaner.engines.pool import Call, Pool, Task
from cleaner.engines.profile import Profile, StageCost
from cleaner.engines.rows import Rows, all_rows, find_numbers
from cleaner.engines.small_queries import as_table, query_small
from cleaner.engines.tables import (
    Index,
    Stored,
    as_batch,
    cut_batches,
    group_limits,
    join_batches,
    release_mapped,
    row_bytes,
    store,
    take_rows,
)

_INLINE_BYTES = 512 << 10
"""A table below this is worked on in this process: starting others takes longer."""
_INLINE_BYTES_BESIDE_POOL = 64 << 10
"""The same when they run already."""
_CARRIED_BYTES = 64 << 10
"""A table below this is worked on again: to look for what changed in it takes as long."""
_BATCH_BYTES = 2 << 20
_MIN_BATCH_BYTES = 64 << 10
_BATCHES_A_WORKER = 4
"""At least, so that no worker waits long for another."""
_BATCH_ROWS = 20_000
_MOST_MEMORY = 5 << 29
"""Nobody needs to be asked for 2.5 GB; a run that may have more sorts less on disk."""
_QUERY_SHARE = 0.4
"""Of the memory, what DuckDB may hold; the rest is for kernels."""
_RELEASE_SECONDS = 0.1
"""So often what was read of mapped files is given back; half a gigabyte is read in this time."""
_READ_ROWS = 10_000
_PAIR_ROWS = 100_000
_SMALL_ROWS = 2000
"""Tables of no more rows in all are asked by SQLite: DuckDB would take longer to plan."""
_TABLE = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)")
"""The name of a table in a query, or of one that the query makes itself."""

COMPONENTS = pa.schema([pa.field("unit", pa.string()), pa.field("component", pa.string())])

Advance = Callable[[str, int, int], None]
"""`advance(stage, done, total)`: told of progress, in rows; a total of 0 is not known yet. A stage
is the table that is made, or `read` and the one that is read."""


class LocalEngine(AbstractContextManager["LocalEngine"]):
    """Runs everything on this machine.

    Args:
        workers: Number of processes; None takes one a core.
        work_folder: Where to keep what does not fit into memory; None takes a temporary folder.
        memory_bytes: What the run may hold in memory, beside 0.2 to 0.3 GB a worker.
        advance: Told of progress.
        profile: Told what each stage costs.
        pool: The worker processes of another engine, which ends them.
    """

    def __init__(
        self,
        *,
        workers: int | None = None,
        work_folder: Path | None = None,
        memory_bytes: int | None = None,
        advance: Advance | None = None,
        profile: Profile | None = None,
        pool: Pool | None = None,
    ) -> None:
        self._workers = workers or os.cpu_count() or 1
        self._folder = Path(tempfile.mkdtemp(prefix=".cleaner-work-", dir=work_folder))
        self._memory_bytes = memory_bytes or _default_memory()
        self._advance = advance or (lambda stage, done, total: None)
        self._profile = profile or Profile()
        self._tables: dict[str, Stored] = {}
        self._indexes: dict[tuple[str, str], Index] = {}
        self._carried: dict[str, Carried] = {}
        memory = int(_QUERY_SHARE * self._memory_bytes)
        self._large_queries = LargeQueries(
            self._store, self._folder / "spill", memory, self._workers
        )
        self._ended = threading.Event()
        self._releaser = threading.Thread(target=self._release_pages, daemon=True)
        self._owns_pool = pool is None
        self.pool = pool or Pool(self._workers)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._tables.clear()
        self._indexes.clear()
        self._carried.clear()
        self._large_queries.close()
        if self._owns_pool:
            self.pool.end(at_once=kind is not None)
        shutil.rmtree(self._folder, ignore_errors=True)

    def write(self, name: str, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
        """Store batches as a table; see `Engine.write`."""
        with self._profile.stage(f"write {name}") as cost:
            self._put(name, self._store(batches, schema), cost)

    def _store(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Stored:
        stored = store(batches, schema, self._folder)
        if stored.path is not None and not self._releaser.is_alive():
            self._releaser.start()
        return stored

    def _release_pages(self) -> None:
        """Give back what is read of mapped files, whatever reads it, until the engine ends."""
        while not self._ended.wait(_RELEASE_SECONDS):
            release_mapped()

    def _put(self, name: str, stored: Stored, cost: StageCost) -> None:
        self._set(name, stored)
        cost.rows_out += stored.table.num_rows
        cost.bytes_out += stored.num_bytes

    def _set(self, name: str, stored: Stored) -> None:
        self._forget(name)
        self._tables[name] = stored

    def _forget(self, name: str) -> None:
        """Let go of what was made for a table."""
        self._indexes = {key: index for key, index in self._indexes.items() if key[0] != name}
        self._large_queries.forget(name)

    def exists(self, name: str) -> bool:
        """Tell whether there is a table; see `Engine.exists`."""
        return name in self._tables

    def schema(self, name: str) -> pa.Schema:
        """Return a table's schema; see `Engine.schema`."""
        return self._tables[name].table.schema

    def count(self, name: str) -> int:
        """Return a table's number of rows; see `Engine.count`."""
        return int(self._tables[name].table.num_rows)

    def drop(self, name: str) -> None:
        """Forget a table; see `Engine.drop`."""
        self._forget(name)
        del self._tables[name]

    def rename(self, old: str, new: str) -> None:
        """Rename a table; see `Engine.rename`."""
        stored = self._tables[old]
        self.drop(old)
        self._set(new, stored)

    def read(
        self, name: str, *, order_by: Sequence[str] = (), columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield a table's rows; see `Engine.read`."""
        table = self._tables[name].table
        if columns is not None:
            table = table.select(list(columns))
        if order_by:
            self._advance(f"read {name}", 0, table.num_rows)
            table = self._sorted(table, order_by).table
        done = 0
        for batch in table.to_batches(max_chunksize=_READ_ROWS):
            yield batch
            done += batch.num_rows
            self._advance(f"read {name}", done, table.num_rows)

    def _sorted(self, table: pa.Table, order_by: Sequence[str]) -> Stored:
        """Return a table in order; DuckDB sorts what is too large for memory."""
        if table.nbytes < _INLINE_BYTES:
            return Stored(table.sort_by([(name, "ascending") for name in order_by]))
        keys = ", ".join(f'"{name}"' for name in order_by)
        self._set("sorting", Stored(table))
        ordered = self._query(f"SELECT * FROM sorting ORDER BY {keys}", table.schema)
        self.drop("sorting")
        return ordered

    def number(self, name: str, *, order_by: str, column: str) -> None:
        """Number the rows of a table; see `Engine.number`."""
        table = self._tables[name].table
        order = pc.sort_indices(table.column(order_by)).to_numpy()
        numbers = np.empty(len(order), dtype=np.int32)
        numbers[order] = np.arange(len(order), dtype=np.int32)
        at = table.schema.get_field_index(column)
        numbered = table.set_column(at, table.field(at), pa.array(numbers))
        self._set(name, self._store(numbered.to_batches(), table.schema))

    def sql(self, query: str, *, target: str, schema: pa.Schema) -> None:
        """Store what a query gives; see `Engine.sql`."""
        with self._profile.stage(f"query {target}") as cost:
            tables = self._tables_of(query)
            for table in tables.values():
                _count_in(cost, table)
            if _are_small(tables):
                _, rows = query_small(query, tables)
                self._put(target, Stored(as_table(rows, schema)), cost)
            else:
                self._put(target, self._query(query, schema), cost)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return the rows that a query gives; see `Engine.rows`."""
        tables = self._tables_of(query)
        if _are_small(tables):
            names, rows = query_small(query, tables)
            return [dict(zip(names, row, strict=True)) for row in rows]
        found: list[dict[str, Any]] = self._query(query, None).table.to_pylist()
        return found

    def _tables_of(self, query: str) -> dict[str, pa.Table]:
        names = _TABLE.findall(query)
        return {name: self._tables[name].table for name in names if name in self._tables}

    def _query(self, query: str, schema: pa.Schema | None) -> Stored:
        return self._large_queries.ask(query, self._tables_of(query), schema)

    def components(self, source: str, left: str, right: str, *, target: str) -> None:
        """Store connected components; see `Engine.components`."""
        with self._profile.stage(f"components of {source}") as cost:
            edges = self._tables[source].table
            _count_in(cost, edges)
            labels = _label_components(edges, left, right)
            self._put(target, self._store(labels, COMPONENTS), cost)

    def pairs(
        self, source: str, keys: Sequence[str], *, order_by: str, max_bucket: int, target: str
    ) -> int:
        """Store the pairs of rows that meet; see `Engine.pairs`."""
        table = self._tables[source].table
        sides = table.select([name for name in table.column_names if name not in keys])
        schema = pa.schema(
            field.with_name(f"{side}_{field.name}")
            for side in ("left", "right")
            for field in sides.schema
        )
        with self._profile.stage(f"pairs of {source}") as cost:
            _count_in(cost, table)
            columns = (_keyed_rows(table.column(key)) for key in keys)
            ranks = functools.partial(_rank_rows, sides.select([order_by]))
            found, num_skipped = find_pairs(columns, max_bucket, ranks)
            self._put(target, self._store(_take_pairs(sides, found, schema), schema), cost)
        return num_skipped

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
        """Store what a kernel makes of a table; see `Engine.map_batches`."""
        with self._profile.stage(kernel.__name__) as cost:
            given = self._tables[source]
            _count_in(cost, given.table)
            if part_by:
                whole = [self._tables[name].table for name in broadcast]
                threads = count_threads(given.table, self._workers, self._memory_bytes)
                parts = part_rows(given.table, part_by, self._folder, threads)
                results = run_ahead(lambda part: kernel(part, config, *whole), parts, threads)
                self._put(target, self._store(results, schema), cost)
                return
            if group_by or order_by:
                given = self._sorted(given.table, [*group_by, *order_by])
            call = Call(kernel, config, cost, fallback, timeout_seconds)
            sides = [all_rows(self._tables[name]) for name in broadcast], lookups
            limits = group_limits(given.table, tuple(carry or group_by))
            if carry:
                stored = self._map_anew(call, given, limits, sides, tuple(carry), target, schema)
            else:
                stored = self._map(call, all_rows(given), limits, sides, target, schema)
            self._put(target, stored, cost)

    def _map(
        self,
        call: Call,
        rows: Rows,
        limits: npt.NDArray[np.int64],
        sides: tuple[list[Rows], Sequence[Lookup]],
        target: str,
        schema: pa.Schema,
    ) -> Stored:
        """Return what a kernel makes of rows, in groups with `limits`, beside other tables."""
        whole, lookups = sides
        num_bytes = self._size(rows, lookups)
        batches = (
            rows.part(begin, end)
            for begin, end in cut_batches(
                limits, num_bytes, _BATCH_ROWS, self._batch_bytes(num_bytes)
            )
        )
        tasks = (
            (batch, [*whole, *(self._look_up(lookup, batch) for lookup in lookups)])
            for batch in batches
        )
        results = self._run(call, tasks, int(num_bytes.sum()))
        return self._store(self._watched(target, results, len(rows)), schema)

    def _size(self, rows: Rows, lookups: Sequence[Lookup]) -> npt.NDArray[np.int64]:
        """Return roughly how many bytes each row takes with what it looks up, `(num_rows,) int64`.

        Where all tables together are small, this is next to nothing, and not looked into.
        """
        tables = [rows.stored, *(self._tables[lookup.table] for lookup in lookups)]
        if sum(stored.num_bytes for stored in tables) < _MIN_BATCH_BYTES:
            return np.zeros(len(rows), dtype=np.int64)
        num_bytes = rows.pick(row_bytes(rows.stored.table))
        for lookup in lookups:
            for name in lookup.columns:
                num_bytes += self._index(lookup).row_bytes(rows.column(name))
        return num_bytes

    def _map_anew(
        self,
        call: Call,
        source: Stored,
        limits: npt.NDArray[np.int64],
        sides: tuple[list[Rows], Sequence[Lookup]],
        columns: tuple[str, ...],
        target: str,
        schema: pa.Schema,
    ) -> Stored:
        """Do the same for the groups that changed since the target was made, and take the rest."""
        if source.num_bytes < _CARRIED_BYTES:
            self._carried.pop(target, None)
            return self._map(call, all_rows(source), limits, sides, target, schema)
        table = source.table
        digests = self._digest_groups(source, limits, sides[1])
        keys = digest_rows(table.select(list(columns)).take(pa.array(limits - 1)))
        old = self._carried.get(target)
        rest = all_rows(source)
        if old is not None:
            is_known, _, _ = old.find(digests)
            sizes = np.diff(np.concatenate([[0], limits]))
            numbers = np.flatnonzero(np.repeat(~is_known, sizes))
            rest, limits = Rows(source, find_numbers(numbers)), np.cumsum(sizes[~is_known])
        stored = self._map(call, rest, limits, sides, target, schema)
        if old is not None:
            unknown = digests.of(~is_known), keys[~is_known]
            fresh = Carried(*unknown, stored.table, columns, self._folder)
            stored = self._store(merge(old, fresh, digests), schema)
        self._carried[target] = Carried(digests, keys, stored.table, columns, self._folder)
        return stored

    def _digest_groups(
        self, source: Stored, limits: npt.NDArray[np.int64], lookups: Sequence[Lookup]
    ) -> GroupDigests:
        def look_up(*, refining: bool) -> Iterator[npt.NDArray[np.uint64]]:
            for lookup in lookups:
                if lookup.refines is refining:
                    for name in lookup.columns:
                        keys = source.table.column(name)
                        yield self._index(lookup).digests(keys, lookup.wanted)

        rows = combine(chain([source.digests], look_up(refining=False)))
        deciding = sum_groups(rows, limits)
        if not any(lookup.refines for lookup in lookups):
            return GroupDigests(deciding, deciding)
        return GroupDigests(sum_groups(combine([rows, *look_up(refining=True)]), limits), deciding)

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
        """Store what a kernel makes of a table, light pairs left out; see `Engine.map_heavy`."""
        with self._profile.stage(kernel.__name__) as cost:
            table = self._tables[source].table
            _count_in(cost, table)
            threads = count_threads(table, self._workers, self._memory_bytes)

            def make() -> Iterator[pa.RecordBatch]:
                return run_ahead(lambda part: kernel(part, config), slice_rows(table, by), threads)

            results = keep_heavy(make, heavy, table.num_rows, self._memory_bytes)
            self._put(target, self._store(results, schema), cost)

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
        """Store what a kernel makes of batches as they come; see `Engine.map_stream`."""
        with self._profile.stage(kernel.__name__) as cost:
            call = Call(kernel, config, cost, fallback, timeout_seconds)
            first: list[Task] = []
            size = 0
            tasks = self._counted(batches, cost)
            for task in tasks:
                first.append(task)
                size += task[0].stored.num_bytes
                if size >= _INLINE_BYTES:
                    break
            results = self._run(call, chain(first, tasks), size)
            made = self._watched(target, results, 0)
            self._put(target, self._store(join_batches(made, _BATCH_BYTES), schema), cost)

    def _counted(self, batches: Iterable[pa.RecordBatch], cost: StageCost) -> Iterator[Task]:
        for batch in batches:
            cost.rows_in += batch.num_rows
            cost.bytes_in += batch.nbytes
            yield all_rows(Stored(pa.Table.from_batches([batch]))), []

    def _batch_bytes(self, num_bytes: npt.NDArray[np.int64]) -> int:
        share = int(num_bytes.sum()) // (_BATCHES_A_WORKER * self._workers)
        return min(_BATCH_BYTES, max(_MIN_BATCH_BYTES, share))

    def _run(
        self, call: Call, tasks: Iterable[Task], total_bytes: int
    ) -> Iterator[tuple[Rows, pa.RecordBatch]]:
        """Yield batches and what the kernel makes of them, in order."""
        is_small = total_bytes < _INLINE_BYTES
        if self.pool.is_running:
            is_small &= total_bytes < _INLINE_BYTES_BESIDE_POOL
        if not is_small:
            return self.pool.run(call, tasks)
        return ((rows, _call_here(call, rows, sides)) for rows, sides in tasks)

    def _index(self, lookup: Lookup) -> Index:
        at = (lookup.table, lookup.key)
        if at not in self._indexes:
            table = self._tables[lookup.table].table
            self._indexes[at] = Index(table, lookup.key, self._folder)
        return self._indexes[at]

    def _look_up(self, lookup: Lookup, batch: Rows) -> Rows:
        """Return the rows of another table that a batch refers to."""
        chunks = [chunk for name in lookup.columns for chunk in batch.column(name).chunks]
        keys = pc.unique(pa.chunked_array(chunks, pa.string())).drop_null()
        numbers = find_numbers(self._index(lookup).find(keys))
        return Rows(self._tables[lookup.table], numbers, lookup.wanted)

    def _watched(
        self, stage: str, results: Iterable[tuple[Rows, pa.RecordBatch]], total: int
    ) -> Iterator[pa.RecordBatch]:
        done = 0
        self._advance(stage, done, total)
        for batch, result in results:
            done += len(batch)
            self._advance(stage, done, total)
            yield result


def _call_here(call: Call, rows: Rows, sides: Iterable[Rows]) -> pa.RecordBatch:
    """Call a kernel in this process."""
    return call.kernel(as_batch(rows.read()), call.config, *(side.read() for side in sides))


def _label_components(edges: pa.Table, left: str, right: str) -> Iterator[pa.RecordBatch]:
    """Yield the component of each unit, named by its smallest unit; rows of `COMPONENTS`."""
    ends = pa.chunked_array([*edges.column(left).chunks, *edges.column(right).chunks], pa.string())
    units = pc.unique(ends)
    units = units.take(pc.sort_indices(units))
    a, b = (pc.index_in(edges.column(name), units).to_numpy() for name in (left, right))
    labels = label_components(a, b, len(units))
    for begin in range(0, len(units), _PAIR_ROWS):
        component = units.take(pa.array(labels[begin : begin + _PAIR_ROWS]))
        columns = [units.slice(begin, len(component)), component]
        yield pa.RecordBatch.from_arrays(columns, schema=COMPONENTS)


def _are_small(tables: Mapping[str, pa.Table]) -> bool:
    """Tell whether all the tables of a query are small together; one of none may compute long."""
    num_rows = sum(table.num_rows for table in tables.values())
    num_bytes = sum(table.nbytes for table in tables.values())
    return bool(tables) and num_rows <= _SMALL_ROWS and num_bytes <= _INLINE_BYTES


def _count_in(cost: StageCost, table: pa.Table) -> None:
    cost.rows_in += table.num_rows
    cost.bytes_in += table.nbytes


def _rank_rows(table: pa.Table, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the rank that rows have in a table of one column among those rows."""
    wanted, places = np.unique(rows, return_inverse=True)
    values = take_rows(table.to_batches(), wanted, table.schema).column(0)
    return np.argsort(pc.sort_indices(values).to_numpy())[places]


def _take_pairs(
    table: pa.Table, pairs: npt.NDArray[np.int64], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of pairs beside each other."""
    batches = table.to_batches()
    for begin in range(0, len(pairs), _PAIR_ROWS):
        sides = [
            take_rows(batches, rows, table.schema) for rows in pairs[begin : begin + _PAIR_ROWS].T
        ]
        columns = [column.combine_chunks() for side in sides for column in side.columns]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _keyed_rows(
    column: pa.ChunkedArray,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the rows that have a value, and the values."""
    rows = np.flatnonzero(column.is_valid().to_numpy())
    return rows, column.drop_null().to_numpy()


def _default_memory() -> int:
    """Return half of the machine's memory in bytes, 2.5 GB at most; 2 GB if it cannot be read."""
    try:
        return min(_MOST_MEMORY, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2)
    except (ValueError, OSError, AttributeError):
        return 2 << 30
