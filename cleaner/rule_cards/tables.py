"""Read the tables of a run's output folder, or refuse it with `LookupFailedError`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cleaner.errors import LookupFailedError
from cleaner.run_folder import refusing_broken_files

_LEDGER_COLUMNS = ("document_id", "begin", "end", "kept", "kind", "rule")
_BATCH_ROWS = 1 << 20


def check_run(output: Path) -> None:
    """Refuse a folder that a run did not write, or not to its end."""
    if not all((output / f"{name}.parquet").is_file() for name in ("ledger", "documents")):
        message = f"there is no run in {output}; run `clean` first, or say where with --output"
        raise LookupFailedError(message)
    if _read_manifest(output).get("complete") is False:
        message = f"the run in {output} was broken off; run `clean` again"
        raise LookupFailedError(message)


def _read_manifest(output: Path) -> Mapping[str, Any]:
    """Return a run's manifest; an empty one if there is none, as tables do without."""
    try:
        manifest = json.loads((output / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def read_disabled(output: Path) -> tuple[str, ...]:
    """Return the rules that a run was made without."""
    try:
        return tuple(_read_manifest(output)["configuration"]["boilerplate"]["disabled_rules"])
    except (KeyError, TypeError):
        return ()


def read_documents(output: Path) -> pa.Table:
    """Return `document_id`, `source` and `outlet` of all documents, in the order of the file."""
    columns = ["document_id", "source", "outlet"]
    with refusing_broken_files(output):
        return pq.read_table(output / "documents.parquet", columns=columns).combine_chunks()


def read_texts(output: Path, ids: Sequence[str]) -> dict[str, str]:
    """Return the texts of documents, by id."""
    with refusing_broken_files(output):
        rows = pq.read_table(
            output / "documents.parquet",
            columns=["document_id", "text"],
            filters=[("document_id", "in", ids)],
        ).to_pylist()
    return {row["document_id"]: row["text"] for row in rows}


def read_ledger(output: Path) -> Iterator[pa.RecordBatch]:
    """Yield the ledger's columns that say what a rule did, in the order of the file."""
    with (
        refusing_broken_files(output),
        pq.ParquetFile(output / "ledger.parquet") as file,
    ):
        missing = set(_LEDGER_COLUMNS).difference(file.schema_arrow.names)
        if missing:
            message = f"ledger.parquet has no column {min(missing)!r}"
            raise pa.ArrowInvalid(message)
        yield from file.iter_batches(_BATCH_ROWS, columns=list(_LEDGER_COLUMNS))
