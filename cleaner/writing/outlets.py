"""What later runs start from: a row an outlet, with what was learnt of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from cleaner.alarms import Findings
from cleaner.boilerplate import gather_repeated
from cleaner.boilerplate.learned import (
    OUTLETS,
    SAMPLE_SQL,
    WITNESSES,
    WITNESSES_SQL,
    make_states,
    sample_witnesses,
)
from cleaner.boilerplate.outlet import OUTLET_LINES, OutletLine
from cleaner.config import Config
from cleaner.engines import Engine
from cleaner.writing.tables import write_parquet

_BATCH_OUTLETS = 64
_LINE_ORDER = ("outlet", "document", "line_hash")
_COUNTS = ("num_documents", "num_days", "num_outlet_documents")


def write_outlets(engine: Engine, config: Config, path: Path, findings: Findings) -> None:
    """Write what the run learnt, together with what it started from.

    Args:
        engine: The engine after `pipeline.clean`.
        config: The run's configuration.
        path: The file.
        findings: What the run knows about its outlets.
    """
    engine.sql(WITNESSES_SQL, target="witnesses", schema=WITNESSES)
    engine.map_batches(
        sample_witnesses,
        config,
        source="witnesses",
        target="sampled",
        schema=WITNESSES,
        group_by=["outlet"],
        order_by=["document"],
    )
    engine.sql(SAMPLE_SQL, target="sample", schema=OUTLET_LINES)
    states = make_states(
        engine.read("sample", order_by=_LINE_ORDER),
        _describe_repeated(engine),
        {
            name: (outlet.num_documents, outlet.num_chars, outlet.removed)
            for name, outlet in findings.figures.items()
        },
        findings.learned,
    )
    write_parquet(_batches(states), path, OUTLETS)
    for name in ("witnesses", "sampled", "sample"):
        engine.drop(name)


def _batches(states: Iterator[dict[str, Any]]) -> Iterator[pa.RecordBatch]:
    while rows := list(islice(states, _BATCH_OUTLETS)):
        yield pa.RecordBatch.from_pylist(rows, schema=OUTLETS)


def _describe_repeated(
    engine: Engine,
) -> dict[str, dict[int, tuple[OutletLine, dict[str, int]]]]:
    """Return the lines of each outlet with the largest counts that speak for them."""
    table = pa.Table.from_batches(
        engine.read("first_repeated_lines"), engine.schema("first_repeated_lines")
    )
    counts: dict[tuple[str, int], dict[str, int]] = {}
    for row in table.select(["outlet", "line_hash", *_COUNTS]).to_pylist():
        key = (row["outlet"], row["line_hash"])
        found = {name: row[name] for name in _COUNTS}
        if key not in counts or counts[key]["num_documents"] < found["num_documents"]:
            counts[key] = found
    return {
        outlet: {key: (line, counts[outlet, key]) for key, line in lines.items()}
        for outlet, lines in gather_repeated(table).items()
    }
