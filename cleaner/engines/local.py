"""The embedded engine: DuckDB for relations, a pool of processes for kernels.

Small tables never leave the process and its memory: five articles cost a second, most of it
imports. DuckDB spills to the work folder beyond its memory limit.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cleaner.engines.base import Fallback, Kernel, Lookup
from cleaner.engines.tables import Index, as_batch, cut_batches, row_bytes, store
from cleaner.errors import CleanerError

_INLINE_BYTES = 2 << 20
"""A table below this is worked on in this process: starting others takes longer."""
_GUARDED_INLINE_BYTES = 512 << 10
"""The same for kernels that a hostile document may hang or kill."""
_BATCH_BYTES = 2 << 20
_BATCH_ROWS = 20_000
_TASKS_A_WORKER = 64
"""Workers are replaced after this many batches, because trafilatura's memory only grows."""
_READ_ROWS = 10_000
_DEFAULT_TIMEOUT_SECONDS = 3600.0
_INTERRUPT_SECONDS = 0.1

COMPONENTS = pa.schema([pa.field("unit", pa.string()), pa.field("component", pa.string())])

Advance = Callable[[str, int, int], None]
"""`advance(stage, done, total)`: told of progress, in rows."""


class LocalEngine(AbstractContextManager["LocalEngine"]):
    """Runs everything on this machine.

    Args:
        workers: Number of processes; None takes one a core.
        work_folder: Where to keep what does not fit into memory; None takes a temporary folder.
        memory_bytes: What DuckDB may hold in memory.
        advance: Told of progress.
    """

    def __init__(
        self,
        *,
        workers: int | None = None,
        work_folder: Path | None = None,
        memory_bytes: int | None = None,
        advance: Advance | None = None,
    ) -> None:
        self._workers = workers or os.cpu_count() or 1
        self._folder = Path(tempfile.mkdtemp(prefix=".cleaner-work-", dir=work_folder))
        self._memory_bytes = memory_bytes or _default_memory()
        self._advance = advance or (lambda stage, done, total: None)
        self._tables: dict[str, pa.Table] = {}
        self._indexes: dict[tuple[str, str], Index] = {}
        self._connection: Any = None
        self._pool: Any = None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._tables.clear()
        self._indexes.clear()
        if self._connection is not None:
            self._connection.close()
        if self._pool is not None:
            self._pool.close() if kind is None else self._pool.stop()
            self._pool.join()
        shutil.rmtree(self._folder, ignore_errors=True)

    def write(self, name: str, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
        """Store batches as a table; see `Engine.write`."""
        self._put(name, store(batches, schema, self._folder))

    def _put(self, name: str, table: pa.Table) -> None:
        self._tables[name] = table
        self._indexes = {key: index for key, index in self._indexes.items() if key[0] != name}

    def exists(self, name: str) -> bool:
        """Tell whether there is a table; see `Engine.exists`."""
        return name in self._tables

    def schema(self, name: str) -> pa.Schema:
        """Return a table's schema; see `Engine.schema`."""
        return self._tables[name].schema

    def count(self, name: str) -> int:
        """Return a table's number of rows; see `Engine.count`."""
        return int(self._tables[name].num_rows)

    def drop(self, name: str) -> None:
        """Forget a table; see `Engine.drop`."""
        del self._tables[name]
        self._indexes = {key: index for key, index in self._indexes.items() if key[0] != name}

    def rename(self, old: str, new: str) -> None:
        """Rename a table; see `Engine.rename`."""
        table = self._tables[old]
        self.drop(old)
        self._put(new, table)

    def read(
        self, name: str, *, order_by: Sequence[str] = (), columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield a table's rows; see `Engine.read`."""
        table = self._tables[name]
        if columns is not None:
            table = table.select(list(columns))
        if order_by:
            table = self._sorted(table, order_by)
        yield from table.to_batches(max_chunksize=_READ_ROWS)

    def _sorted(self, table: pa.Table, order_by: Sequence[str]) -> pa.Table:
        """Return a table in order; DuckDB sorts what is too large for memory."""
        if row_bytes(table).sum() < _INLINE_BYTES:
            return table.sort_by([(name, "ascending") for name in order_by])
        keys = ", ".join(f'"{name}"' for name in order_by)
        return self._query(
            f"SELECT * FROM sorting ORDER BY {keys}", {"sorting": table}, table.schema
        )

    def sql(self, query: str, *, target: str, schema: pa.Schema | None = None) -> None:
        """Store what a query gives; see `Engine.sql`."""
        named = {name: table for name, table in self._tables.items() if _mentions(query, name)}
        self._put(target, self._query(query, named, schema))

    def _query(self, query: str, tables: dict[str, pa.Table], schema: pa.Schema | None) -> pa.Table:
        is_large = any(row_bytes(table).sum() > _INLINE_BYTES for table in tables.values())

        def run() -> pa.Table:
            connection = self._connect()
            connection.execute(f"SET threads = {self._workers if is_large else 1}")
            for name, table in tables.items():
                connection.register(name, table)
            try:
                return collect(connection)
            finally:
                for name in tables:
                    connection.unregister(name)

        def collect(connection: Any) -> pa.Table:
            reader = connection.sql(query).to_arrow_reader(_READ_ROWS)
            wanted = schema or pa.schema(
                [
                    pa.field(
                        field.name, pa.string() if pa.types.is_string(field.type) else field.type
                    )
                    for field in reader.schema
                ]
            )
            return store((batch.cast(wanted) for batch in reader), wanted, self._folder)

        return _wait_for(run, self._interrupt)

    def _interrupt(self) -> None:
        if self._connection is not None:
            self._connection.interrupt()

    def _connect(self) -> Any:
        if self._connection is None:
            import duckdb

            self._connection = duckdb.connect(
                config={
                    "memory_limit": f"{self._memory_bytes >> 20}MB",
                    "temp_directory": str(self._folder / "spill"),
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                }
            )
        return self._connection

    def components(self, source: str, left: str, right: str, *, target: str) -> None:
        """Store connected components; see `Engine.components`."""
        edges = self._tables[source]
        ends = pa.chunked_array(
            [*edges.column(left).chunks, *edges.column(right).chunks], pa.string()
        )
        units = pc.unique(ends)
        units = units.take(pc.sort_indices(units))
        a = pc.index_in(edges.column(left), units).to_numpy()
        b = pc.index_in(edges.column(right), units).to_numpy()
        labels = np.arange(len(units))
        while True:
            before = labels.copy()
            smaller = np.minimum(labels[a], labels[b])
            np.minimum.at(labels, a, smaller)
            np.minimum.at(labels, b, smaller)
            np.minimum.at(labels, before[a], smaller)
            np.minimum.at(labels, before[b], smaller)
            labels = labels[labels]
            if np.array_equal(labels, before):
                break
        component = units.take(pa.array(labels))
        self._put(target, pa.Table.from_arrays([units, component], schema=COMPONENTS))

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
        fallback: Fallback | None = None,
        timeout_seconds: float | None = None,
    ) -> None:
        """Store what a kernel makes of a table; see `Engine.map_batches`."""
        table = self._tables[source]
        if group_by or order_by:
            table = self._sorted(table, [*group_by, *order_by])
        num_bytes = row_bytes(table)
        for lookup in lookups:
            for name in lookup.columns:
                num_bytes += self._index(lookup).row_bytes(table.column(name))
        whole = [self._tables[name] for name in broadcast]
        tasks = (
            (batch, [*whole, *(self._look_up(lookup, batch) for lookup in lookups)])
            for batch in cut_batches(table, tuple(group_by), _BATCH_ROWS, _BATCH_BYTES, num_bytes)
        )
        limit = _INLINE_BYTES if fallback is None else min(_INLINE_BYTES, _GUARDED_INLINE_BYTES)
        if num_bytes.sum() < limit:
            results: Iterable[tuple[pa.RecordBatch, pa.RecordBatch]] = (
                (batch, kernel(batch, config, *sides)) for batch, sides in tasks
            )
        else:
            call = _Call(self._start_pool(), kernel, config, fallback, timeout_seconds)
            results = self._run_in_pool(call, tasks)
        self.write(target, self._watched(target, results, table.num_rows), schema)

    def _index(self, lookup: Lookup) -> Index:
        at = (lookup.table, lookup.key)
        if at not in self._indexes:
            self._indexes[at] = Index(self._tables[lookup.table], lookup.key)
        return self._indexes[at]

    def _look_up(self, lookup: Lookup, batch: pa.RecordBatch) -> pa.Table:
        """Return the rows of another table that a batch refers to."""
        keys: set[str] = set()
        for name in lookup.columns:
            keys.update(key for key in pc.unique(batch.column(name)).to_pylist() if key is not None)
        return self._index(lookup).find(keys)

    def _watched(
        self, stage: str, results: Iterable[tuple[pa.RecordBatch, pa.RecordBatch]], total: int
    ) -> Iterator[pa.RecordBatch]:
        done = 0
        self._advance(stage, done, total)
        for batch, result in results:
            done += batch.num_rows
            self._advance(stage, done, total)
            yield result

    def _run_in_pool(
        self, call: _Call, tasks: Iterable[tuple[pa.RecordBatch, list[pa.Table]]]
    ) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
        """Yield results in order, with a bounded number of batches under way."""
        under_way: deque[tuple[pa.RecordBatch, list[pa.Table], Any]] = deque()
        for batch, sides in tasks:
            under_way.append((batch, sides, call.schedule(batch, sides)))
            if len(under_way) > 2 * self._workers:
                yield call.finish(*under_way.popleft())
        while under_way:
            yield call.finish(*under_way.popleft())

    def _start_pool(self) -> Any:
        if self._pool is None:
            import multiprocessing

            from pebble import ProcessPool

            self._pool = ProcessPool(
                max_workers=self._workers,
                max_tasks=_TASKS_A_WORKER,
                context=multiprocessing.get_context("spawn"),
            )
        return self._pool


class _Call:
    """A kernel in the pool: how to schedule a batch, and what to do when a worker fails."""

    def __init__(
        self,
        pool: Any,
        kernel: Kernel,
        config: Any,
        fallback: Fallback | None,
        timeout_seconds: float | None,
    ) -> None:
        self._pool, self._kernel, self._config = pool, kernel, config
        self._fallback = fallback
        self._timeout_seconds = timeout_seconds

    def schedule(self, batch: pa.RecordBatch, sides: list[pa.Table]) -> Any:
        """Give a batch to the pool; the time limit counts for each of its rows."""
        limit = self._timeout_seconds
        seconds = _DEFAULT_TIMEOUT_SECONDS if limit is None else limit + 0.5 * batch.num_rows
        return self._pool.schedule(
            self._kernel, args=(batch, self._config, *sides), timeout=seconds
        )

    def finish(
        self, batch: pa.RecordBatch, sides: list[pa.Table], future: Any
    ) -> tuple[pa.RecordBatch, pa.RecordBatch]:
        """Wait for a batch; one that killed its worker is tried again row by row.

        Raises:
            CleanerError: If a single row fails and there is no fallback.
        """
        from pebble import ProcessExpired

        try:
            return batch, future.result()
        except FutureTimeoutError as cause:
            reason, detail = "timeout", "it took a worker process too long"
            error: Exception = cause
        except ProcessExpired as cause:
            reason, detail = "worker_died", f"the worker process died with status {cause.exitcode}"
            error = cause
        if batch.num_rows > 1 and self._fallback is not None:
            rows = [batch.slice(at, 1) for at in range(batch.num_rows)]
            parts = [self.finish(row, sides, self.schedule(row, sides))[1] for row in rows]
            return batch, as_batch(pa.Table.from_batches(parts))
        if self._fallback is not None:
            return batch, self._fallback(batch, reason, detail)
        message = f"{self._kernel.__name__}: {detail}"
        raise CleanerError(message) from error


def _wait_for(run: Callable[[], pa.Table], interrupt: Callable[[], None]) -> pa.Table:
    """Run a query in a thread of its own, so that the user's interrupt is heard.

    In the main thread DuckDB would not hear it for long, or end in an error of its own.
    """
    answer: Future[pa.Table] = Future()

    def work() -> None:
        try:
            answer.set_result(run())
        except BaseException as problem:  # Whatever it is, the caller is to see it.
            answer.set_exception(problem)

    thread = threading.Thread(target=work, daemon=True)
    try:
        thread.start()
        return answer.result()
    except KeyboardInterrupt:
        while thread.is_alive():
            interrupt()
            thread.join(_INTERRUPT_SECONDS)
        raise


def _mentions(query: str, name: str) -> bool:
    return re.search(rf"\b(?:FROM|JOIN)\s+{re.escape(name)}\b", query) is not None


def _default_memory() -> int:
    """Return 40 % of the machine's memory, in bytes; 2 GB where it cannot be read."""
    try:
        return int(0.4 * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (ValueError, OSError, AttributeError):
        return 2 << 30
