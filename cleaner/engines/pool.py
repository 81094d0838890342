"""A pool of processes for kernels: batches out, results back in order, dead workers replaced."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

import msgspec
import pyarrow as pa

from cleaner.engines.base import Fallback, Kernel
from cleaner.engines.profile import StageCost, peak_memory
from cleaner.engines.rows import Packed, Rows, pack, unpack
from cleaner.engines.tables import as_batch, release_mapped
from cleaner.errors import CleanerError
from cleaner.process import set_up_process

_TASKS_A_WORKER = 4096
"""Workers are replaced after this many batches, in case that a library keeps some of what it reads:
over thousands of pages none does, and a new worker takes seconds to get going."""
_DEFAULT_TIMEOUT_SECONDS = 3600.0
_PATIENCE_SECONDS = 10.0
"""Processes end within three seconds. An interrupt may leave a lock of the pool locked for ever;
what then still runs ends with this process."""

Task = tuple[Rows, list[Rows]]
"""A batch, and what of tables the kernel was promised beside it."""


class Call(msgspec.Struct, frozen=True):
    """What to run on every batch.

    Attributes:
        kernel: The kernel, and `config` its configuration.
        cost: What the workers' processor time is added to.
        fallback: What stands for a row that no worker could finish.
        timeout_seconds: How long a row may take.
    """

    kernel: Kernel
    config: Any
    cost: StageCost
    fallback: Fallback | None = None
    timeout_seconds: float | None = None


class Pool:
    """Processes that are started when they are first needed.

    Args:
        workers: How many.

    Attributes:
        cpu_seconds: Processor time that kernels took in them.
    """

    def __init__(self, workers: int) -> None:
        self.cpu_seconds = 0.0
        self._workers = workers
        self._pool: Any = None

    @property
    def is_running(self) -> bool:
        """Tell whether the processes were started."""
        return self._pool is not None

    def run(self, call: Call, tasks: Iterable[Task]) -> Iterator[tuple[Rows, pa.RecordBatch]]:
        """Yield batches and results in order, with a bounded number of batches under way."""
        under_way: deque[tuple[Rows, list[Rows], Any]] = deque()
        for batch, sides in tasks:
            under_way.append((batch, sides, self._schedule(call, batch, sides)))
            if len(under_way) > 2 * self._workers:
                yield self._finish(call, *under_way.popleft())
        while under_way:
            yield self._finish(call, *under_way.popleft())

    def end(self, *, at_once: bool) -> None:
        """End the processes, in the middle of their work if need be."""
        if self._pool is None:
            return
        if not at_once:
            self._pool.close()
            self._pool.join()
            return
        self._pool.stop()
        ending = threading.Thread(target=self._pool.join, daemon=True)
        ending.start()
        ending.join(_PATIENCE_SECONDS)

    def _schedule(self, call: Call, batch: Rows, sides: list[Rows]) -> Any:
        """Give a batch to the pool; the time limit counts for each of its rows."""
        limit = call.timeout_seconds
        seconds = _DEFAULT_TIMEOUT_SECONDS if limit is None else limit + 0.5 * len(batch)
        packed = [rows.pack() for rows in (batch, *sides)]
        arguments = (call.kernel, call.config, packed)
        return self._start().schedule(_run_timed, args=arguments, timeout=seconds)

    def _start(self) -> Any:
        if self._pool is None:
            import multiprocessing

            from pebble import ProcessPool

            self._pool = ProcessPool(
                max_workers=self._workers,
                max_tasks=_TASKS_A_WORKER,
                initializer=set_up_process,
                context=multiprocessing.get_context("spawn"),
            )
        return self._pool

    def _finish(
        self, call: Call, batch: Rows, sides: list[Rows], future: Any
    ) -> tuple[Rows, pa.RecordBatch]:
        """Wait for a batch; one that killed its worker is tried again row by row.

        Raises:
            CleanerError: If a single row fails and there is no fallback.
        """
        from pebble import ProcessExpired

        try:
            packed, seconds, num_bytes = future.result()
        except FutureTimeoutError as cause:
            reason, detail = "timeout", "it took a worker process too long"
            error: Exception = cause
        except ProcessExpired as cause:
            reason, detail = "worker_died", f"the worker process died with status {cause.exitcode}"
            error = cause
        else:
            call.cost.cpu_seconds += seconds
            call.cost.worker_bytes = max(call.cost.worker_bytes, num_bytes)
            self.cpu_seconds += seconds
            return batch, as_batch(unpack(packed))
        if len(batch) > 1 and call.fallback is not None:
            rows = [batch.part(at, at + 1) for at in range(len(batch))]
            parts = [
                self._finish(call, row, sides, self._schedule(call, row, sides))[1] for row in rows
            ]
            return batch, as_batch(pa.Table.from_batches(parts))
        if call.fallback is not None:
            return batch, call.fallback(as_batch(batch.read()), reason, detail)
        message = f"{call.kernel.__name__}: {detail}"
        raise CleanerError(message) from error


def _run_timed(kernel: Kernel, config: Any, packed: list[Packed]) -> tuple[pa.Buffer, float, int]:
    """Run a kernel in a worker; say how much processor time it took, and the worker's memory."""
    begin = time.process_time()
    table, *sides = map(unpack, packed)
    release_mapped()
    result = pack(pa.Table.from_batches([kernel(as_batch(table), config, *sides)]))
    release_mapped()
    return result, time.process_time() - begin, peak_memory()
