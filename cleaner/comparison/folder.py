"""Read the output folder of a run for a comparison, or refuse it with `LookupFailedError`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import xxhash

from cleaner.comparison.fates import Codes, Positions, Vocabulary
from cleaner.comparison.manifests import Manifest, load_manifest
from cleaner.errors import LookupFailedError
from cleaner.model import VIEWS
from cleaner.run_folder import refusing_broken_files

_TEXT_ROWS = 256
_ABOUT = (
    *("document_id", "source", "path", "record", "source_id", "outlet", "outlet_from", "url"),
    *("title", "author", "published", "language", "mime", "notes", "truncated"),
    "truncated_evidence",
)
_VERDICT = ("kind", "reason", "rule")
_LEDGER = ("document_id", "begin", "end", "kept", *_VERDICT, "partner_document", *VIEWS)


class Vocabularies(msgspec.Struct, frozen=True):
    """The words of both runs: one vocabulary a column of the ledger."""

    kind: Vocabulary = msgspec.field(default_factory=Vocabulary)
    reason: Vocabulary = msgspec.field(default_factory=Vocabulary)
    rule: Vocabulary = msgspec.field(default_factory=Vocabulary)


class Ledger(msgspec.Struct, frozen=True, eq=False):
    """The spans of a run, in the order of its documents: arrays `(num_spans,)`.

    Attributes:
        document: Which document each is in, by its row.
        begin, end: Where it is, in all texts of the run put one after the other.
        is_kept: Whether the run's corpus holds it.
        views: The views that hold it, a bit each in the order of `model.VIEWS`.
        kind, reason, rule: Codes of `Vocabularies`.
        partner: The row of the document that holds the representative, -1 for none.
    """

    document: Codes
    begin: Positions
    end: Positions
    is_kept: npt.NDArray[np.bool_]
    views: Codes
    kind: Codes
    reason: Codes
    rule: Codes
    partner: Codes


class RunFolder(msgspec.Struct, frozen=True, eq=False):
    """A run, without its texts: these are read when they are needed, and not kept.

    Attributes:
        path: Its output folder.
        manifest: Its `manifest.json`.
        documents: `documents.parquet` without texts.
        offset: `(num_documents + 1,)`: where each document's text begins in all texts put one after
            the other, and where the last one ends.
        digest: `(num_documents,)` uint64, XXH3 of each text.
        ledger: Its spans.
    """

    path: Path
    manifest: Manifest
    documents: pa.Table
    offset: Positions
    digest: npt.NDArray[np.uint64]
    ledger: Ledger

    @property
    def num_documents(self) -> int:
        """The number of documents."""
        num_rows: int = self.documents.num_rows
        return num_rows

    def count_kept(self) -> Positions:
        """Return how many characters of each document the corpus holds, `(num_documents,)`."""
        ledger = self.ledger
        lengths = np.where(ledger.is_kept, ledger.end - ledger.begin, 0)
        return count_by(ledger.document, lengths, self.num_documents)

    def iterate_clusters(self) -> Iterator[dict[str, Any]]:
        """Yield the rows of `clusters.jsonl`."""
        return _read_lines(self.path, "clusters.jsonl")

    def iterate_rejections(self) -> Iterator[dict[str, Any]]:
        """Yield the rows of `rejected.jsonl`."""
        return _read_lines(self.path, "rejected.jsonl")

    def read_texts(self, rows: Sequence[int]) -> dict[int, str]:
        """Return the texts of documents, by row; the others are passed over, a few at a time."""
        wanted = np.unique(np.array(rows, np.int64))
        found: dict[int, str] = {}
        with refusing_broken_files(self.path), pq.ParquetFile(_documents(self.path)) as file:
            begin = 0
            for group in range(file.num_row_groups):
                end = begin + file.metadata.row_group(group).num_rows
                if ((wanted >= begin) & (wanted < end)).any():
                    at = begin
                    for batch in file.iter_batches(_TEXT_ROWS, [group], columns=["text"]):
                        here = wanted[(wanted >= at) & (wanted < at + batch.num_rows)]
                        texts = batch["text"].take(pa.array(here - at)).to_pylist()
                        found |= dict(zip(here.tolist(), texts, strict=True))
                        at += batch.num_rows
                begin = end
        return found


def count_by(groups: npt.NDArray[Any], values: Positions, num_groups: int) -> Positions:
    """Add up values by group: `(num_groups,)`. Sums are exact, as those of numpy's floats are not.

    >>> count_by(np.array([0, 2, 2]), np.array([1, 2, 3]), 3).tolist()
    [1, 0, 5]
    """
    sums = np.zeros(num_groups, np.int64)
    np.add.at(sums, groups, values)
    return sums


def read_run(path: Path, words: Vocabularies) -> RunFolder:
    """Read a run's manifest and tables, all but the texts.

    Args:
        path: The output folder.
        words: Where the ledger's words get their codes; the same for both runs.

    Raises:
        LookupFailedError: If there is no run in the folder, if it was broken off or is of another
            schema version, or if its tables cannot be read or are not of one run.
    """
    manifest = load_manifest(path)
    with refusing_broken_files(path):
        with pq.ParquetFile(_documents(path)) as file:
            _check_columns(file, (*_ABOUT, "text"))
            documents = file.read(columns=list(_ABOUT))
            lengths, digest = _measure_texts(file)
        offset = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        return RunFolder(
            path, manifest, documents, offset, digest, _read_ledger(path, documents, offset, words)
        )


def _documents(path: Path) -> Path:
    return path / "documents.parquet"


def _check_columns(file: pq.ParquetFile, columns: Sequence[str]) -> None:
    missing = sorted(set(columns).difference(file.schema_arrow.names))
    if missing:
        message = f"there is no column {missing[0]!r}"
        raise pa.ArrowInvalid(message)


def _measure_texts(file: pq.ParquetFile) -> tuple[Positions, npt.NDArray[np.uint64]]:
    """Return length and digest of each text."""
    lengths, digests = [np.empty(0, np.int64)], []
    for batch in file.iter_batches(_TEXT_ROWS, columns=["text"]):
        lengths.append(pc.utf8_length(batch["text"]).to_numpy(zero_copy_only=False))
        digests += [xxhash.xxh3_64_intdigest(text.as_buffer() or b"") for text in batch["text"]]
    return np.concatenate(lengths).astype(np.int64), np.array(digests, np.uint64)


def _read_ledger(path: Path, documents: pa.Table, offset: Positions, words: Vocabularies) -> Ledger:
    with pq.ParquetFile(
        path / "ledger.parquet", read_dictionary=["document_id", *_VERDICT, "partner_document"]
    ) as file:
        _check_columns(file, _LEDGER)
        table = file.read(columns=list(_LEDGER)).unify_dictionaries().combine_chunks()
    ids = documents["document_id"].combine_chunks()
    document = _find_rows(table["document_id"], ids)
    if (document < 0).any() or len(pc.unique(ids)) != len(ids):
        raise _not_of_one_run(path)
    begin = table["begin"].to_numpy() + offset[document]
    order = np.argsort(begin, kind="stable")
    begin, document = begin[order], document[order]
    end = table["end"].to_numpy()[order] + offset[document]
    is_whole = np.array_equal(np.append(begin, offset[-1]), np.append(offset[0], end))
    if not is_whole or (begin >= end).any() or (end > offset[document + 1]).any():
        raise _not_of_one_run(path)
    views = np.zeros(len(order), np.int32)
    for bit, view in enumerate(VIEWS):
        views |= table[view].to_numpy().astype(np.int32) << bit
    codes = {
        name: getattr(words, name).encode(*_take_apart(table[name]))[order] for name in _VERDICT
    }
    return Ledger(
        document=document,
        begin=begin,
        end=end,
        is_kept=table["kept"].to_numpy()[order],
        views=views[order],
        partner=_find_rows(table["partner_document"], ids)[order],
        **codes,
    )


def _not_of_one_run(path: Path) -> LookupFailedError:
    return LookupFailedError(f"the tables in {path} are not of one run; run `clean` again")


def _take_apart(column: pa.ChunkedArray) -> tuple[list[Any], npt.NDArray[Any]]:
    """Return the different values of a column, and for each row which of them it is."""
    whole = column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], pa.string())
    encoded = whole if pa.types.is_dictionary(whole.type) else whole.dictionary_encode()
    values = [*encoded.dictionary.to_pylist(), None]
    indices = pc.fill_null(encoded.indices, len(values) - 1).to_numpy(zero_copy_only=False)
    return values, indices


def _find_rows(column: pa.ChunkedArray, ids: pa.Array) -> Codes:
    """Return where each id of a column stands among the ids of the documents, -1 for nowhere."""
    values, indices = _take_apart(column)
    found = pc.index_in(pa.array(values, pa.string()), value_set=ids)
    rows: Codes = pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    found_rows: Codes = rows[indices]
    return found_rows


def _read_lines(path: Path, name: str) -> Iterator[dict[str, Any]]:
    try:
        with (path / name).open(encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                if not isinstance(row, dict):
                    message = "a line holds no object"
                    raise ValueError(message)
                yield row
    except (OSError, ValueError) as cause:
        problem = " ".join(str(cause).split())[:150]
        message = f"{name} in {path} cannot be read: {problem}; run `clean` again"
        raise LookupFailedError(message) from cause
