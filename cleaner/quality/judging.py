"""Which pairs of a run a person should judge, and what is shown of them.

First those that the run was least sure of, the score nearest to the threshold: they teach most.
Then a sample of the accepted ones, drawn by hashes: how many of these are right says how precise
the run is, and which are drawn depends on no order and no chance but the seed.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import xxhash

from cleaner.errors import LookupFailedError
from cleaner.passages.judgements import was_merged
from cleaner.quality.verdicts import VERDICTS_FILE, Side, VerdictLine, describe_side
from cleaner.run_folder import read_manifest, refusing_broken_files

BORDERLINE, SAMPLE = "borderline", "sample"
_DECIMALS = 9
"""Scores that differ by less are as near to the threshold as each other."""
_CONTEXT_CHARS = 120
_READ_ROWS = 10_000


class Pair(msgspec.Struct, frozen=True):
    """A match to be judged.

    Attributes:
        why: `borderline` or `sample`: why it is offered.
        match: Its row of `matches.parquet`.
        left, right: The two passages as a verdict names them.
        titles: The titles of the two documents, as far as known.
        texts: The two passages, without what the run removed from them as boilerplate.
        before, after: The text around each of them.
    """

    why: str
    match: Mapping[str, Any]
    left: Side
    right: Side
    titles: tuple[str | None, str | None]
    texts: tuple[str, str]
    before: tuple[str, str]
    after: tuple[str, str]

    @property
    def pair(self) -> tuple[tuple[str, int, int], ...]:
        """What is judged, as `VerdictLine.pair` names it."""
        return _name(self.match)

    def judge(self, verdict: Any, note: str = "") -> VerdictLine:
        """Return the line that says what was judged of it."""
        return VerdictLine(
            verdict=verdict,
            left=self.left,
            right=self.right,
            level=self.match["level"],
            sample=self.why == SAMPLE,
            note=note,
        )


def default_verdicts(output: Path) -> Path:
    """Return where verdicts on a run are kept: beside its folder, where no run writes."""
    return output.absolute().parent / VERDICTS_FILE


class Offer(msgspec.Struct, frozen=True):
    """What there is to judge in a run.

    Attributes:
        borderline: Matches, the least sure first; rows of `matches.parquet`.
        sample: Accepted matches in the order in which they are drawn.
        num_accepted: All accepted matches.
        threshold: The score from which on a match is accepted.
    """

    borderline: Sequence[Mapping[str, Any]]
    sample: Sequence[Mapping[str, Any]]
    num_accepted: int
    threshold: float


def choose_pairs(output: Path, *, num_borderline: int, num_sample: int, seed: int = 0) -> Offer:
    """Choose the matches of a run to be judged.

    Args:
        output: The output folder of the run.
        num_borderline: How many of those nearest to the threshold.
        num_sample: How many of the accepted ones. A larger sample of the same seed begins with the
            smaller one.
        seed: Another one draws another sample.

    Raises:
        LookupFailedError: If there is no whole run in the folder.
    """
    threshold = _read_threshold(output)
    return offer_pairs(
        output, threshold, num_borderline=num_borderline, num_sample=num_sample, seed=seed
    )


def offer_pairs(
    output: Path, threshold: float, *, num_borderline: int, num_sample: int, seed: int = 0
) -> Offer:
    """Choose matches as `choose_pairs` does, where the run's threshold is known.

    Args:
        output: A folder with the tables of the run; a manifest is not needed.
        threshold: The score from which on the run accepts a match.
        num_borderline: See `choose_pairs`.
        num_sample: See there.
        seed: See there.

    Raises:
        LookupFailedError: If the tables cannot be read.
    """
    matches = _read(output, "matches", _CHOOSING)
    distances = np.abs(matches["score"].to_numpy() - threshold)
    near = np.flatnonzero(distances <= _find_limit(distances, num_borderline))
    rounded = (round(distance, _DECIMALS) for distance in distances[near].tolist())
    borderline = heapq.nsmallest(
        num_borderline, zip(rounded, _draw(matches, near, seed), near, strict=True)
    )
    merged = np.flatnonzero([was_merged(row) for row in _rows(matches, _JUDGED)])
    sample = heapq.nsmallest(num_sample, zip(_draw(matches, merged, seed), merged, strict=True))
    chosen = [[int(key[-1]) for key in keys] for keys in (borderline, sample)]
    numbers = sorted({number for listed in chosen for number in listed})
    rows = dict(zip(numbers, _read(output, "matches", rows=numbers).to_pylist(), strict=True))
    found = [[rows[number] for number in listed] for listed in chosen]
    return Offer(found[0], found[1], len(merged), threshold)


def _find_limit(distances: npt.NDArray[np.float64], number: int) -> float:
    """Return a distance that so many are within, and all that are as near when rounded."""
    if len(distances) <= number:
        return np.inf
    return float(np.partition(distances, number)[number]) + 2 * 10.0**-_DECIMALS


_SIDES = ("left_document", "left_begin", "left_end", "right_document", "right_begin", "right_end")
_JUDGED = ("accepted", "relation", "evidence")
_CHOOSING = (*_SIDES, "score", *_JUDGED)


def _rows(table: pa.Table, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    for batch in table.select(list(columns)).to_batches():
        yield from batch.to_pylist()


def _name(row: Mapping[str, Any]) -> tuple[tuple[str, int, int], ...]:
    sides = (
        (row[f"{side}_document"], row[f"{side}_begin"], row[f"{side}_end"])
        for side in ("left", "right")
    )
    return tuple(sorted(sides))


def _draw(matches: pa.Table, rows: npt.NDArray[np.int64], seed: int) -> Iterator[int]:
    """Yield the places of matches, given by number, in a random order of all."""
    for row in _rows(matches.select(_SIDES).take(rows), _SIDES):
        name = " ".join(f"{document}:{begin}-{end}" for document, begin, end in _name(row))
        yield xxhash.xxh3_64_intdigest(f"{seed} {name}".encode())


def describe_pairs(output: Path, rows: Iterable[Mapping[str, Any]], why: str) -> Iterator[Pair]:
    """Put beside matches what their passages say, in the same order.

    Raises:
        LookupFailedError: If the tables of the folder are not of one run.
    """
    listed = list(rows)
    if not listed:
        return
    names = {row[f"{side}_document"] for row in listed for side in ("left", "right")}
    documents = _read_documents(output, names)
    main_of = _read_main_content(output, names)
    for row in listed:
        found = [documents.get(row[f"{side}_document"]) for side in ("left", "right")]
        if None in found:
            message = f"the tables in {output} are not of one run; run `clean` again"
            raise LookupFailedError(message)
        yield _describe(row, [document for document in found if document], main_of, why)


def _describe(
    row: Mapping[str, Any],
    documents: Sequence[Mapping[str, Any]],
    main_of: Mapping[str, Sequence[tuple[int, int]]],
    why: str,
) -> Pair:
    sides, texts, before, after = [], [], [], []
    for side, document in zip(("left", "right"), documents, strict=True):
        text, begin, end = document["text"], row[f"{side}_begin"], row[f"{side}_end"]
        name, source = row[f"{side}_document"], row[f"{side}_source"]
        sides.append(describe_side(name, source, text, begin, end))
        kept = ((max(begin, a), min(end, b)) for a, b in main_of.get(name, ()))
        texts.append("".join(text[a:b] for a, b in kept if a < b))
        before.append(text[max(0, begin - _CONTEXT_CHARS) : begin])
        after.append(text[end : end + _CONTEXT_CHARS])
    return Pair(
        why=why,
        match=row,
        left=sides[0],
        right=sides[1],
        titles=(documents[0]["title"], documents[1]["title"]),
        texts=(texts[0], texts[1]),
        before=(before[0], before[1]),
        after=(after[0], after[1]),
    )


def _read_documents(output: Path, names: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return title and text of documents, by id."""
    table = _read(output, "documents", ("document_id", "title", "text"), ids=names)
    return {row["document_id"]: row for row in table.to_pylist()}


def _read_main_content(output: Path, names: Collection[str]) -> dict[str, list[tuple[int, int]]]:
    """Return where the main content of documents stands, copies and all, by id."""
    table = _read(output, "ledger", ("document_id", "begin", "end", "full"), ids=names)
    found: dict[str, list[tuple[int, int]]] = {}
    for row in table.filter(table["full"]).sort_by("begin").to_pylist():
        found.setdefault(row["document_id"], []).append((row["begin"], row["end"]))
    return found


def list_documents(output: Path) -> frozenset[str]:
    """Return the ids of a run's documents."""
    table = _read(output, "documents", ("document_id",))
    return frozenset(table.column("document_id").to_pylist())


def _read_threshold(output: Path) -> float:
    """Return the score from which on the run accepted matches."""
    manifest = read_manifest(output)
    try:
        return float(manifest["configuration"]["match"]["min_score"])
    except (ValueError, KeyError, TypeError) as cause:
        message = f"the run in {output} is of another version; run `clean` again"
        raise LookupFailedError(message) from cause


def _read(
    output: Path,
    name: str,
    columns: Sequence[str] = (),
    *,
    ids: Collection[str] | None = None,
    rows: Sequence[int] | None = None,
) -> pa.Table:
    """Read a table of a run, of which a part only is in memory at a time.

    Args:
        output: The output folder of the run.
        name: The table.
        columns: Which columns; all by default.
        ids: The documents whose rows to read; all by default.
        rows: The numbers of the rows to read, ascending; all by default.
    """
    with refusing_broken_files(output), pq.ParquetFile(output / f"{name}.parquet") as file:
        missing = sorted(set(columns or _CHOOSING).difference(file.schema_arrow.names))
        if missing:
            message = f"{name}.parquet has no column {missing[0]!r}"
            raise pa.ArrowInvalid(message)
        names = list(columns) or file.schema_arrow.names
        read = file.iter_batches(_READ_ROWS, columns=names)
        batches: Iterator[pa.RecordBatch] = (batch.select(names) for batch in read)
        if ids is not None:
            batches = _filter_documents(batches, ids)
        if rows is not None:
            batches = _take_rows(batches, np.array(rows, dtype=np.int64))
        schema = pa.schema([file.schema_arrow.field(name) for name in names])
        return pa.Table.from_batches(batches, schema)


def _filter_documents(
    batches: Iterable[pa.RecordBatch], ids: Collection[str]
) -> Iterator[pa.RecordBatch]:
    wanted = pa.array(sorted(ids), pa.string())
    for batch in batches:
        yield batch.filter(pc.is_in(batch["document_id"], wanted))


def _take_rows(
    batches: Iterable[pa.RecordBatch], rows: npt.NDArray[np.int64]
) -> Iterator[pa.RecordBatch]:
    begin = 0
    for batch in batches:
        first, last = np.searchsorted(rows, (begin, begin + batch.num_rows))
        yield batch.take(pa.array(rows[first:last] - begin))
        begin += batch.num_rows
