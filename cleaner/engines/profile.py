"""What a run costs, stage by stage: wall time, processor time, rows and bytes."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec


class StageCost(msgspec.Struct):
    """What one stage took, in all its calls.

    Attributes:
        name: The kernel, or the table that a query made.
        calls: How often it ran.
        wall_seconds: Time that passed, without the stages inside it.
        cpu_seconds: Processor time of all threads and worker processes, likewise.
        rows_in, bytes_in: What was read.
        rows_out, bytes_out: What was made of it.
        worker_bytes: The most memory that one of its workers had held when it was done.
    """

    name: str
    calls: int = 0
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    rows_in: int = 0
    bytes_in: int = 0
    rows_out: int = 0
    bytes_out: int = 0
    worker_bytes: int = 0


class Profile:
    """Adds up what the stages of a run cost; a stage inside another counts for itself alone."""

    def __init__(self) -> None:
        self._stages: dict[str, StageCost] = {}
        self._inner: list[list[float]] = [[0.0, 0.0]]

    @property
    def stages(self) -> list[StageCost]:
        """The stages, in the order in which they ran first."""
        return list(self._stages.values())

    @contextmanager
    def stage(self, name: str) -> Iterator[StageCost]:
        """Measure what happens inside; rows, bytes and workers' time are the caller's to add."""
        cost = self._stages.setdefault(name, StageCost(name))
        cost.calls += 1
        self._inner.append([0.0, 0.0])
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield cost
        finally:
            spent = time.perf_counter() - wall, time.process_time() - cpu
            inner = self._inner.pop()
            cost.wall_seconds += spent[0] - inner[0]
            cost.cpu_seconds += spent[1] - inner[1]
            for at in (0, 1):
                self._inner[-1][at] += spent[at]


def peak_memory() -> int:
    """Return the most memory that this process held, in bytes; 0 where the system does not tell."""
    with contextlib.suppress(OSError):  # Linux; there `getrusage` tells of the parent too.
        lines = Path("/proc/self/status").read_text("ascii", "replace").splitlines()
        sizes = (int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))
        return next(sizes, 0)
    if os.name != "posix":
        return 0
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
