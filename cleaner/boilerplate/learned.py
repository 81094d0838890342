"""What a run learnt of its outlets, as a table that later runs start from.

The state of an outlet is a *sample of its documents*: their different lines, as hashes, as
`outlet.list_outlet_lines` lists them. A run that starts from it counts as if it had read these
documents too. That makes every question easy that counts alone cannot answer: a document that is
read again is known by its number and replaces the one in the sample, so nothing is counted twice; a
line that stood in one document of each run is found in the end; and which document is whose version
is judged anew, with all of them in sight.

The sample is the documents with the `MAX_SAMPLE` smallest numbers. A number is a hash, so these are
drawn by chance, the same ones whatever the order in which documents came, and the sample of two
samples is that of all their documents (the bottom-k sketch of Cohen and Kaplan, Summarizing Data
using Bottom-k Sketches, 2007).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cleaner.boilerplate.lines import LABEL, RUNNING_TEXT
from cleaner.boilerplate.outlet import OUTLET_LINES, OutletLine
from cleaner.config import Config
from cleaner.errors import ConfigError
from cleaner.model import SCHEMA_VERSION

OUTLETS_FILE = "outlets.parquet"
MAX_SAMPLE = 256
"""Documents that the state of an outlet holds; beyond a hundred, shares hardly change."""
_MAX_BYTES = 1 << 30

_LINES = pa.list_(
    pa.struct(
        [
            pa.field("line_hash", pa.int64()),
            pa.field("is_mask", pa.int64()),
            pa.field("shape", pa.int64()),
            pa.field("num_chars", pa.int64()),
            pa.field("from_head", pa.int64()),
            pa.field("from_tail", pa.int64()),
        ]
    )
)
_LINE_NAMES = tuple(field.name for field in _LINES.value_type)
OUTLETS = pa.schema(
    [
        pa.field("outlet", pa.string()),
        pa.field("num_documents", pa.int64()),
        pa.field("num_chars", pa.int64()),
        pa.field(
            "removed",
            pa.list_(pa.struct([pa.field("kind", pa.string()), pa.field("num_chars", pa.int64())])),
        ),
        pa.field(
            "repeated",
            pa.list_(
                pa.struct(
                    [
                        pa.field("line_hash", pa.int64()),
                        pa.field("is_mask", pa.bool_()),
                        pa.field("where", pa.string()),
                        pa.field("strength", pa.float64()),
                        pa.field("num_documents", pa.int64()),
                        pa.field("num_days", pa.int64()),
                        pa.field("num_outlet_documents", pa.int64()),
                    ]
                )
            ),
        ),
        pa.field(
            "sample",
            pa.list_(
                pa.struct(
                    [
                        pa.field("document", pa.int64()),
                        pa.field("day", pa.int64()),
                        pa.field("lines", _LINES),
                    ]
                )
            ),
        ),
    ]
)
"""One row an outlet: what the last run that met it made of it, and the sample of its documents."""

_PRESENT = f"""
    present AS (SELECT DISTINCT outlet, document FROM first_outlet_lines),
    lines AS (
        SELECT {", ".join(OUTLET_LINES.names)} FROM first_outlet_lines
        UNION ALL
        SELECT l.* FROM learned_lines l
        LEFT JOIN present p ON l.outlet = p.outlet AND l.document = p.document
        WHERE p.document IS NULL
    )
"""
WITNESSES_SQL = f"WITH {_PRESENT} SELECT DISTINCT outlet, document FROM lines"
"""All documents of all outlets that this run or an earlier one knows, by their numbers."""
SAMPLE_SQL = f"""
    WITH {_PRESENT}
    SELECT l.* FROM lines l
    JOIN sampled s ON l.outlet = s.outlet AND l.document = s.document
"""
"""The lines of the documents that were drawn."""
WITNESSES = pa.schema([pa.field("outlet", pa.string()), pa.field("document", pa.int64())])


class Learned(msgspec.Struct, frozen=True):
    """What earlier runs learnt, as it was read.

    Attributes:
        num_bytes, sha256: Size and digest of the file.
        outlets: Rows of `OUTLETS`.
    """

    num_bytes: int
    sha256: str
    outlets: pa.Table


def read_learned(name: str | None) -> Learned | None:
    """Read what an earlier run learnt; None where there is nothing to start from.

    Args:
        name: The file, or the output folder that it lies in.

    Raises:
        ConfigError: If it cannot be read, is none, or holds what no run writes.
    """
    if name is None:
        return None
    path = Path(name)
    if path.is_dir():
        path /= OUTLETS_FILE
    try:
        if path.stat().st_size > _MAX_BYTES:
            message = f"{path} is larger than any state of outlets; nothing was read"
            raise ConfigError(message)
        raw = path.read_bytes()
    except OSError as cause:
        message = (
            f"cannot read what an earlier run learnt from {path}: {cause.strerror}; name the "
            f"output folder of a run, or the {OUTLETS_FILE} in it"
        )
        raise ConfigError(message) from cause
    problem = "it is no Parquet file, or a broken one"
    try:
        table = pq.read_table(pa.BufferReader(raw))
        problem = _find_problem(table)
    except (pa.ArrowException, OSError, ValueError) as cause:
        message = f"{path} is not what an earlier run learnt: {problem}"
        raise ConfigError(message) from cause
    if problem:
        message = f"{path} is not what an earlier run learnt: {problem}"
        raise ConfigError(message)
    return Learned(len(raw), hashlib.sha256(raw).hexdigest(), table)


def _find_problem(table: pa.Table) -> str:
    """Say what is wrong with a table that should be of `OUTLETS`; nothing if it could be one."""
    marks = table.schema.metadata or {}
    if marks.get(b"tool") != b"cleaner" or not table.schema.equals(OUTLETS):
        return f"it is not the {OUTLETS_FILE} of a run"
    if marks.get(b"schema_version") != str(SCHEMA_VERSION).encode():
        return "it was written by another version; run that version, or start anew without it"
    columns = _flatten(table)
    if any(column.null_count for column in columns.values()):
        return "it has empty fields"
    limits: Mapping[str, tuple[int, int]] = {
        "num_documents": (0, 1 << 62),
        "num_chars": (0, 1 << 62),
        "removed.num_chars": (0, 1 << 62),
        "repeated.num_documents": (1, 1 << 62),
        "repeated.num_days": (0, 1 << 62),
        "repeated.num_outlet_documents": (1, 1 << 62),
        "sample.day": (-1, 99_999_999),
        "sample.lines.is_mask": (0, 1),
        "sample.lines.shape": (LABEL, RUNNING_TEXT),
        "sample.lines.num_chars": (0, 1 << 62),
        "sample.lines.from_head": (0, 1 << 31),
        "sample.lines.from_tail": (0, 1 << 31),
    }
    for name, (least, most) in limits.items():
        found = pc.min_max(columns[name]).as_py()
        if found["min"] is not None and not least <= found["min"] <= found["max"] <= most:
            return f"{name} goes from {found['min']} to {found['max']}"
    if pc.count_distinct(columns["outlet"]).as_py() != len(table):
        return "an outlet is in it twice"
    strengths = pc.min_max(columns["repeated.strength"]).as_py()
    if strengths["min"] is not None and not 0 <= strengths["min"] <= strengths["max"] <= 1:
        return "repeated.strength is no share"
    return ""


def _flatten(table: pa.Table) -> dict[str, pa.ChunkedArray]:
    """Return the columns of nested lists by dotted name."""
    columns = dict(zip(table.column_names, table.columns, strict=True))
    found: dict[str, pa.ChunkedArray] = {}
    while columns:
        name, column = columns.popitem()
        found[name] = column
        if pa.types.is_list(column.type):
            values = pc.list_flatten(column)
            found[f"{name}[]"] = values
            for field in column.type.value_type:
                columns[f"{name}.{field.name}"] = pc.struct_field(values, field.name)
    return found


def list_learned_lines(learned: Learned | None) -> Iterator[pa.RecordBatch]:
    """Yield the lines of the sampled documents as rows of `OUTLET_LINES`, outlet by outlet."""
    if learned is None:
        return
    for batch in learned.outlets.select(["outlet", "sample"]).to_batches(max_chunksize=1):
        for row in batch.to_pylist():
            rows = [
                {"outlet": row["outlet"], "document": found["document"], "day": found["day"]} | line
                for found in row["sample"]
                for line in found["lines"]
            ]
            yield pa.RecordBatch.from_pylist(rows, schema=OUTLET_LINES)


def sample_witnesses(batch: pa.RecordBatch, config: Config) -> pa.RecordBatch:
    """Draw the documents of each outlet that its state holds.

    Args:
        batch: Rows of `WITNESSES`, whole outlets, in the order of the documents' numbers.
        config: Not used; every kernel takes it.

    Returns:
        Rows of `WITNESSES`.
    """
    seen: dict[str, int] = {}
    drawn = []
    for at, outlet in enumerate(batch.column("outlet").to_pylist()):
        seen[outlet] = seen.get(outlet, 0) + 1
        if seen[outlet] <= MAX_SAMPLE:
            drawn.append(at)
    return batch.take(pa.array(drawn, pa.int64()))


def make_states(
    sample: Iterable[pa.RecordBatch],
    repeated: Mapping[str, Mapping[int, tuple[OutletLine, Mapping[str, int]]]],
    figures: Mapping[str, tuple[int, int, Mapping[str, int]]],
    learned: Learned | None,
) -> Iterator[dict[str, Any]]:
    """Yield the state of each outlet.

    Args:
        sample: What `SAMPLE_SQL` gives, ordered by outlet, document and line.
        repeated: The lines of each outlet of this run, with their counts.
        figures: Of each outlet of this run: documents, characters, characters removed by kind.
        learned: What the run started from: outlets that it did not meet keep their figures.

    Yields:
        Rows of `OUTLETS`, by outlet.
    """
    before: dict[str, dict[str, Any]] = {}
    if learned is not None:
        names = ["outlet", "num_documents", "num_chars", "removed", "repeated"]
        before = {row["outlet"]: row for row in learned.outlets.select(names).to_pylist()}
    rows = (row for batch in sample for row in batch.to_pylist())
    for outlet, lines in groupby(rows, key=lambda row: str(row["outlet"])):
        state = dict(before.get(outlet, {}))
        if outlet in figures:
            num_documents, num_chars, removed = figures[outlet]
            state = {
                "outlet": outlet,
                "num_documents": num_documents,
                "num_chars": num_chars,
                "removed": [{"kind": kind, "num_chars": n} for kind, n in sorted(removed.items())],
                "repeated": [
                    _describe(key, *line) for key, line in sorted(repeated.get(outlet, {}).items())
                ],
            }
        state["sample"] = [
            {
                "document": document,
                "day": found[0]["day"],
                "lines": [{name: line[name] for name in _LINE_NAMES} for line in found],
            }
            for document, group in groupby(lines, key=lambda row: row["document"])
            if (found := list(group))
        ]
        yield state


def _describe(key: int, line: OutletLine, counts: Mapping[str, int]) -> dict[str, Any]:
    sides = [name for name in ("head", "tail") if getattr(line, f"in_{name}")]
    return {
        "line_hash": key,
        "is_mask": line.is_mask,
        "where": "anywhere" if line.anywhere else " ".join(sides),
        "strength": line.strength,
        **counts,
    }
