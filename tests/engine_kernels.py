"""Kernels for the contract of engines, in a module of their own that workers can import."""

import os
from itertools import combinations

import pyarrow as pa

ROWS = pa.schema([("key", pa.string()), ("at", pa.int64())])
GROUPS = pa.schema([("key", pa.string()), ("at", pa.list_(pa.int64())), ("batch", pa.int64())])
FOUND = pa.schema([("key", pa.string()), ("values", pa.list_(pa.int64()))])
PAIRS = pa.schema([(name, pa.int32()) for name in ("left", "right", "weight", "group")])
MARKED = pa.schema([("at", pa.int64()), ("mark", pa.string())])


def list_groups(batch: pa.RecordBatch, config: object) -> pa.RecordBatch:
    """Give a row for each group that the batch has, and the size of the batch."""
    groups: dict[str | None, list[int]] = {}
    for row in batch.to_pylist():
        groups.setdefault(row["key"], []).append(row["at"])
    rows = [{"key": k, "at": at, "batch": batch.num_rows} for k, at in groups.items()]
    return pa.RecordBatch.from_pylist(rows, schema=GROUPS)


def list_parts(batch: pa.RecordBatch, config: object, table: pa.Table) -> pa.RecordBatch:
    """Do the same beside a table of one row."""
    assert table.num_rows == 1
    return list_groups(batch, config)


def pair_up(batch: pa.RecordBatch, config: object) -> pa.RecordBatch:
    """Pair the rows of each group; a pair weighs what the group's number says."""
    members: dict[int, list[int]] = {}
    for row in batch.to_pylist():
        members.setdefault(row["group"], []).append(row["at"])
    rows = [
        {"left": left, "right": right, "weight": group, "group": group}
        for group, at in members.items()
        for left, right in combinations(at, 2)
    ]
    return pa.RecordBatch.from_pylist(rows, schema=PAIRS)


def find_values(batch: pa.RecordBatch, config: object, table: pa.Table) -> pa.RecordBatch:
    """Give each row the values that a looked-up or broadcast table has under its key."""
    found = table.to_pylist()
    rows = [
        {"key": row["key"], "values": [f["at"] for f in found if f["key"] == row["key"]]}
        for row in batch.to_pylist()
    ]
    return pa.RecordBatch.from_pylist(rows, schema=FOUND)


def list_known(batch: pa.RecordBatch, config: object, table: pa.Table) -> pa.RecordBatch:
    """Find the values of rows whose key is not `c`, which have none whatever the table holds."""
    found = find_values(batch, config, table)
    return found.filter(pa.array([key != "c" for key in batch.column("key").to_pylist()]))


def list_batches(batch: pa.RecordBatch, config: object, table: pa.Table) -> pa.RecordBatch:
    """Give one row a batch: the numbers of its rows."""
    rows = [{"key": None, "values": batch.column("at").to_pylist()}]
    return pa.RecordBatch.from_pylist(rows, schema=FOUND)


def count_sides(
    batch: pa.RecordBatch, config: object, whole: pa.Table, left: pa.Table, right: pa.Table
) -> pa.RecordBatch:
    """Give the numbers of rows of the tables that a kernel was promised, and the configuration."""
    mark = f"{config} {whole.num_rows} {sorted(left['key'].to_pylist())} {right.num_rows}"
    rows = [{"at": at, "mark": mark} for at in batch.column("at").to_pylist()]
    return pa.RecordBatch.from_pylist(rows, schema=MARKED)


def misbehave(batch: pa.RecordBatch, config: object) -> pa.RecordBatch:
    """Kill the worker, loop forever or raise where the key says so."""
    keys = batch.column("key").to_pylist()
    if "die" in keys:
        os._exit(7)
    while "loop" in keys:
        pass
    if "raise" in keys:
        message = "a bug"
        raise ZeroDivisionError(message)
    rows = [{"at": at, "mark": "done"} for at in batch.column("at").to_pylist()]
    return pa.RecordBatch.from_pylist(rows, schema=MARKED)


def mark_failed(batch: pa.RecordBatch, reason: str, detail: str) -> pa.RecordBatch:
    """Stand in for a row that could not be worked on."""
    rows = [{"at": at, "mark": f"{reason}: {detail}"} for at in batch.column("at").to_pylist()]
    return pa.RecordBatch.from_pylist(rows, schema=MARKED)
