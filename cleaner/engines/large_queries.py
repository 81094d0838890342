"""Queries over large tables, by DuckDB: it spills to disk what does not fit into its memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pyarrow as pa

from cleaner.engines.tables import Stored

_FEW_BYTES = 512 << 10
"""Of tables below this one thread asks: others would wait for it."""
_MANY_BYTES = 64 << 20
"""After a query over a larger table DuckDB ends: it would keep hundreds of megabytes."""
_BATCH_ROWS = 10_000
_INTERRUPT_SECONDS = 0.1

Store = Callable[[Iterable[pa.RecordBatch], pa.Schema], Stored]


class LargeQueries:
    """A connection to DuckDB, which is made when it is needed.

    Args:
        store: Takes the rows that a query gives.
        folder: Where DuckDB keeps what does not fit into memory.
        memory_bytes: What it may hold.
        threads: How many work on a query.
    """

    def __init__(self, store: Store, folder: Path, memory_bytes: int, threads: int) -> None:
        self._store = store
        self._folder = folder
        self._memory_bytes = memory_bytes
        self._most_threads = threads
        self._threads = 0
        self._registered: set[str] = set()
        self._connection: Any = None

    def ask(self, query: str, tables: Mapping[str, pa.Table], schema: pa.Schema | None) -> Stored:
        """Store what a query gives.

        Args:
            query: In the subset of SQL that engines share.
            tables: Those that it names. One that was given before is taken to be the same, unless
                it was forgotten.
            schema: That of the result; None takes what DuckDB says.
        """
        num_bytes = max((table.nbytes for table in tables.values()), default=0)

        def run() -> Stored:
            connection = self._connect()
            self._set_threads(connection, self._most_threads if num_bytes > _FEW_BYTES else 1)
            for name in tables.keys() - self._registered:
                connection.register(name, tables[name])
                self._registered.add(name)
            reader = connection.sql(query).to_arrow_reader(_BATCH_ROWS)
            wanted = schema or _plain_schema(reader.schema)
            return self._store((batch.cast(wanted) for batch in reader), wanted)

        answer = _wait_for(run, self._interrupt)
        if num_bytes > _MANY_BYTES:
            self.close()
        return answer

    def forget(self, name: str) -> None:
        """Let go of a table."""
        if name in self._registered:
            self._connection.unregister(name)
            self._registered.remove(name)

    def close(self) -> None:
        """Have DuckDB give its memory back; it is started again in some milliseconds."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._registered.clear()
        self._threads = 0

    def _interrupt(self) -> None:
        if self._connection is not None:
            self._connection.interrupt()

    def _connect(self) -> Any:
        if self._connection is None:
            import duckdb

            self._connection = duckdb.connect(
                config={
                    "memory_limit": f"{self._memory_bytes >> 20}MB",
                    "temp_directory": str(self._folder),
                    "autoinstall_known_extensions": False,
                    "autoload_known_extensions": False,
                }
            )
        return self._connection

    def _set_threads(self, connection: Any, number: int) -> None:
        """Have DuckDB use so many threads; telling it again would take as long as a small query."""
        if number != self._threads:
            connection.execute(f"SET threads = {number}")
            self._threads = number


def _plain_schema(schema: pa.Schema) -> pa.Schema:
    """Return a schema with one type of strings."""
    return pa.schema(
        pa.field(field.name, pa.string() if pa.types.is_string(field.type) else field.type)
        for field in schema
    )


def _wait_for(run: Callable[[], Stored], interrupt: Callable[[], None]) -> Stored:
    """Run a query in a thread of its own, so that the user's interrupt is heard.

    In the main thread DuckDB would not hear it for long, or end in an error of its own.
    """
    answer: Future[Stored] = Future()
    is_given_up = threading.Event()

    def work() -> None:
        if is_given_up.is_set():  # The interrupt came while this thread was started.
            return
        try:
            answer.set_result(run())
        except BaseException as problem:  # Whatever it is, the caller is to see it.
            answer.set_exception(problem)

    thread = threading.Thread(target=work, daemon=True)
    try:
        thread.start()
        return answer.result()
    except KeyboardInterrupt:
        is_given_up.set()
        while thread.is_alive():
            interrupt()
            thread.join(_INTERRUPT_SECONDS)
        raise
