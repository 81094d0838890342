"""Queries over small tables, by SQLite in memory: it plans one in microseconds, DuckDB in 15 ms."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from statistics import median
from typing import Any

import pyarrow as pa

_NAME = re.compile(r"\w+")
_ALL_COLUMNS = re.compile(r"\w\.\*|SELECT \*")


class _Median:
    """The median of a group, which SQLite does not know."""

    def __init__(self) -> None:
        self._values: list[float] = []

    def step(self, value: float | None) -> None:
        if value is not None:
            self._values.append(value)

    def finalize(self) -> float | None:
        return median(self._values) if self._values else None


def query_small(
    query: str, tables: Mapping[str, pa.Table]
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the columns and rows that a query gives, in no particular order.

    Args:
        query: In the subset of SQL that engines share.
        tables: The tables that it names. It may carry their lists, and not look into them.
    """
    names = None if _ALL_COLUMNS.search(query) else set(_NAME.findall(query))
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.create_aggregate("median", 1, _Median)  # type: ignore[arg-type]
        for name, table in tables.items():
            _load(connection, name, table, names)
        found = connection.execute(query)
        return [column[0] for column in found.description], found.fetchall()


def as_table(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    """Return rows of `query_small` as a table."""
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    arrays = [_as_array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _load(
    connection: sqlite3.Connection, name: str, table: pa.Table, names: set[str] | None
) -> None:
    """Copy a table, or those of its columns that a query may name; one at least, to count rows."""
    wanted = [column for column in table.column_names if names is None or column in names]
    columns = table.select(wanted or table.column_names[:1])
    declared = ", ".join(f'"{column}"' for column in columns.column_names)
    connection.execute(f'CREATE TABLE "{name}" ({declared})')
    places = ", ".join("?" * columns.num_columns)
    connection.executemany(
        f'INSERT INTO "{name}" VALUES ({places})',
        zip(*(_as_values(column) for column in columns.columns), strict=True),
    )


def _as_values(column: pa.ChunkedArray) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if pa.types.is_nested(column.type):
        return [value if value is None else json.dumps(value) for value in values]
    return values


def _as_array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_nested(kind):
        values = [value if value is None else json.loads(value) for value in values]
    elif pa.types.is_boolean(kind):
        values = [value if value is None else bool(value) for value in values]
    return pa.array(values, kind)
