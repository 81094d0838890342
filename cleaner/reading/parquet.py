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
            for values in pa.Table.from_batches([_without_nanoseconds(batch)]).to_pylist():
                number += 1
                yield Record(number, values)
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
