"""What commands cost: CPU, wall time, peak memory and peak disk of all their processes."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

Command = Sequence[str | Path]

_INTERVAL_SECONDS = 0.05
_MAX_SHARE = 0.05
"""Looking at memory and disk takes at most this share of a core."""
_LINGER_SECONDS = 5
_PR_SET_CHILD_SUBREAPER = 36


class MeasurementError(Exception):
    """A command failed or took too long; the message says which and how."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What commands took, one after another.

    Attributes:
        cpu_seconds: User and system time of all processes.
        peak_bytes: The most memory that all processes had at one time (proportional set size where
            the system tells it, else resident), as seen every 50 ms.
        peak_disk_bytes: The most that lay in the folder of the run, as seen now and then.
        details: The object in the last line of output, if it is one: for tasks of `peers.py` their
            own `work`, `result` and `versions`.
    """

    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int
    peak_disk_bytes: int
    details: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        return asdict(self)


def measure_commands(
    commands: Sequence[Command],
    folder: Path,
    *,
    timeout_seconds: float,
    environment: Mapping[str, str] | None = None,
) -> Usage:
    """Run commands one after another in a folder and say what they took together.

    What they print goes to files in the folder. Processes that a command leaves behind are waited
    for and then ended, so that their time counts too.

    Args:
        commands: Each a program and its arguments.
        folder: Where they run, and where their temporary files go.
        timeout_seconds: For all of them.
        environment: Variables beside those of this process.

    Raises:
        MeasurementError: If one fails or time is over.
    """
    _adopt_orphans()
    others = frozenset(psutil.Process().children(recursive=True))
    scratch = folder / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    variables = {**os.environ, "TMPDIR": str(scratch), **(environment or {})}
    before, begin = _children_seconds(), time.perf_counter()
    printed = ""
    with _Watch(folder, others) as watch:
        try:
            for number, command in enumerate(commands):
                left = timeout_seconds - (time.perf_counter() - begin)
                printed = _run(command, folder, str(number), variables, left)
            wall_seconds = time.perf_counter() - begin
        finally:
            _end_orphans(others)
    return Usage(
        cpu_seconds=_children_seconds() - before,
        wall_seconds=wall_seconds,
        peak_bytes=watch.peak_bytes,
        peak_disk_bytes=watch.peak_disk_bytes,
        details=_read_details(printed),
    )


def _run(
    command: Command, folder: Path, name: str, variables: Mapping[str, str], seconds: float
) -> str:
    output, errors = folder / f"{name}.out", folder / f"{name}.err"
    shown = " ".join(Path(part).name for part in command)
    with output.open("wb") as out, errors.open("wb") as err:
        try:
            subprocess.run(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=folder,
                env=variables,
                timeout=max(0, seconds),
                check=True,
            )
        except subprocess.TimeoutExpired as problem:
            message = f"{shown}: took more than {problem.timeout:.0f} s"
            raise MeasurementError(message) from problem
        except (OSError, subprocess.CalledProcessError) as problem:
            lines = errors.read_text("utf-8", "replace").strip().splitlines()
            message = f"{shown}: {lines[-1] if lines else problem}"
            raise MeasurementError(message) from problem
    return output.read_text("utf-8", "replace")


def _read_details(printed: str) -> dict[str, Any]:
    last = printed.strip().rpartition("\n")[2]
    if not last.startswith("{"):
        return {}
    details: dict[str, Any] = json.loads(last)
    return details


class _Watch:
    """Look at the memory of all new child processes, and at a folder, until told to stop."""

    def __init__(self, folder: Path, others: frozenset[psutil.Process]) -> None:
        self.peak_bytes = self.peak_disk_bytes = 0
        self._folder, self._others = folder, others
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.peak_disk_bytes = max(self.peak_disk_bytes, sum_bytes(self._folder))

    def _look(self) -> None:
        looked_at_disk, rest_of_disk = 0.0, 0.0
        pause = _INTERVAL_SECONDS
        while not self._stop.wait(pause):
            begin = time.perf_counter()
            self.peak_bytes = max(self.peak_bytes, _sum_memory(self._others))
            pause = max(_INTERVAL_SECONDS, (time.perf_counter() - begin) / _MAX_SHARE)
            begin = time.perf_counter()
            if begin > looked_at_disk + rest_of_disk:
                self.peak_disk_bytes = max(self.peak_disk_bytes, sum_bytes(self._folder))
                looked_at_disk = time.perf_counter()
                rest_of_disk = max(1, (looked_at_disk - begin) / _MAX_SHARE)


def _list_children(others: frozenset[psutil.Process]) -> list[psutil.Process]:
    """Return all processes below this one but those that were there before."""
    return [child for child in psutil.Process().children(recursive=True) if child not in others]


def _sum_memory(others: frozenset[psutil.Process]) -> int:
    total = 0
    for child in _list_children(others):
        try:
            if sys.platform == "linux":
                total += child.memory_full_info().pss
            else:
                total += child.memory_info().rss
        except psutil.Error:
            continue  # It has ended.
    return total


def sum_bytes(folder: Path) -> int:
    """Return the size of all files in a folder and below; files that vanish do not count."""
    total = 0
    folders = [str(folder)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
        except FileNotFoundError:
            continue
    return total


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _adopt_orphans() -> None:
    """Become the parent of processes whose own parent ends, so that their time is told us."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _end_orphans(others: frozenset[psutil.Process]) -> None:
    """Give processes that were left behind some time to end, end them then, and collect them."""
    _, alive = psutil.wait_procs(_list_children(others), timeout=_LINGER_SECONDS)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive)
