"""Records of Parquet files: only the columns that are needed, a few rows at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import IO, Any

from cleaner.model import Rejection
from cleaner.reading.fields import Record

_NUM_BATCH_ROWS = 200


def read_parquet(
    source: IO[bytes], label: str, names: Collection[str] | None = None
) -> Iterator[Record | Rejection]:
    """Yield one record a row.

    Args:
        source: The file, seekable.
        label: Where the file stands, for rejections.
        names: The fields that are needed (`meta.url` needs the column `meta`); None for all.
    """
    import pyarrow as pa
    from pyarrow import parquet

    number = 0
    try:
        file = parquet.ParquetFile(source)
        columns = _columns(file.schema_arrow.names, names)
        for batch in file.iter_batches(_NUM_BATCH_ROWS, columns=columns):
            columns_of = [_list_values(column) for column in _without_nanoseconds(batch).columns]
            for row in range(batch.num_rows):
                number += 1
                values = zip(batch.schema.names, columns_of, strict=True)
                yield Record(number, {name: column[row] for name, column in values})
    except (pa.ArrowException, OSError, ValueError) as cause:
        if isinstance(cause, OSError) and cause.errno:
            raise
        where = f"after row {number:,}" if number else "from its beginning"
        problem = " ".join(str(cause).split())[:150]
        yield Rejection(label, "broken_file", f"no sound Parquet file {where}: {problem}")


def _columns(there: list[str], names: Collection[str] | None) -> list[str] | None:
    if names is None:
        return None
    wanted = {name if name in there else name.partition(".")[0] for name in names}
    return [name for name in there if name in wanted]


def _list_values(column: Any) -> list[Any]:
    """Return the values of a column, None for what Python cannot hold: the year 30,000."""
    try:
        return list(column.to_pylist())
    except (ValueError, ArithmeticError, LookupError):
        return [_value(value) for value in column]


def _value(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except (ValueError, ArithmeticError, LookupError):
        return None


def _without_nanoseconds(batch: Any) -> Any:
    """Make moments of time such as Python can hold, in UTC."""
    import pyarrow as pa

    columns = []
    for column in batch.columns:
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
            column = column.cast(pa.timestamp("us"))
        columns.append(column)
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
