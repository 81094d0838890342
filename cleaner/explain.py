"""Answer what became of a part of an input, from the tables of an output folder alone."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq

from cleaner.errors import AmbiguousNameError, LookupFailedError
from cleaner.run_folder import refusing_broken_files

_PLACE = re.compile(r"^(?P<document>.+?):(?:(?P<begin>\d+)-(?P<end>\d+)|(?P<line>\d+))$")
_RECORD = re.compile(r"#[0-9]+$")
_MIN_ID_CHARS = 4
_NUM_LISTED = 5


class Explanation(msgspec.Struct, frozen=True):
    """A document's part that was asked for, and the ledger's spans in it.

    Attributes:
        document: The document's row of `documents.parquet`.
        begin, end: The part that was asked for.
        spans: Its rows of `ledger.parquet`, in order, cut to the part; `partner_source` names the
            partner where there is one.
    """

    document: Mapping[str, Any]
    begin: int
    end: int
    spans: Sequence[Mapping[str, Any]]


def explain(output: Path, target: str) -> Explanation:
    """Explain a document, a stretch of it (`DOCUMENT:BEGIN-END`) or a line (`DOCUMENT:LINE`).

    Args:
        output: The output folder of a run.
        target: A document id or the beginning of one, a source or the end of one, or a URL, and
            perhaps a place: positions in code points, or a line number from 1.

    Raises:
        AmbiguousNameError: If several documents have the name.
        LookupFailedError: If there is no run in the folder, no such document, or no such place.
    """
    if not (output / "ledger.parquet").is_file():
        message = f"there is no run in {output}; run `clean` first, or say where with --output"
        raise LookupFailedError(message)
    with refusing_broken_files(output):
        return _explain(output, target)


def _explain(output: Path, target: str) -> Explanation:
    names = pq.read_table(
        output / "documents.parquet", columns=["document_id", "source", "url"]
    ).to_pylist()
    document_id, place = _find_document(names, target)
    (document,) = pq.read_table(
        output / "documents.parquet", filters=[("document_id", "=", document_id)]
    ).to_pylist()
    begin, end = _find_place(document["text"], place, target)
    rows = pq.read_table(
        output / "ledger.parquet", filters=[("document_id", "=", document_id)]
    ).to_pylist()
    sources = {row["document_id"]: row["source"] for row in names}
    spans = [
        row
        | {
            "begin": max(begin, row["begin"]),
            "end": min(end, row["end"]),
            "partner_source": sources.get(row["partner_document"]),
        }
        for row in sorted(rows, key=lambda row: row["begin"])
        if row["begin"] < end and row["end"] > begin
    ]
    return Explanation(document, begin, end, spans)


def find_rejections(output: Path, target: str) -> list[dict[str, str]]:
    """Return what was set aside of an input that a target names, as rows of `rejected.jsonl`.

    Args:
        output: The output folder of a run.
        target: A source or the end of one; a file's name finds its records too.
    """
    try:
        with (output / "rejected.jsonl").open(encoding="utf-8", newline="\n") as lines:
            rows = [json.loads(line) for line in lines]
    except OSError:
        return []
    return [row for row in rows if _is_source(row["source"], target)]


def _find_document(
    names: Sequence[Mapping[str, Any]], target: str
) -> tuple[str, re.Match[str] | None]:
    """Return the document that a target names, and the place in it; whole names come first."""
    place = _PLACE.match(target)
    for name, found in ((target, None), *([(place["document"], place)] if place else [])):
        matching = [row for row in names if _is_named(row, name)]
        exact = [row for row in matching if name in (row["document_id"], row["source"], row["url"])]
        chosen = exact or matching
        if len(chosen) > 1:
            sources = ", ".join(sorted(row["source"] for row in chosen)[:_NUM_LISTED])
            more = " ..." if len(chosen) > _NUM_LISTED else ""
            message = f"{name!r} could be {len(chosen)} documents: {sources}{more}; give more of it"
            raise AmbiguousNameError(message)
        if chosen:
            return chosen[0]["document_id"], found
    name = place["document"] if place else target
    close = difflib.get_close_matches(name, [row["source"] for row in names], n=1, cutoff=0.4)
    guess = f"; did you mean {close[0]}?" if close else ""
    message = f"no document is called {name!r}, by id, source or URL{guess}"
    raise LookupFailedError(message)


def _is_named(row: Mapping[str, Any], name: str) -> bool:
    source: str = row["source"]
    return (
        (len(name) >= _MIN_ID_CHARS and row["document_id"].startswith(name))
        or _is_source(source, name)
        or row["url"] == name
    )


def _is_source(source: str, name: str) -> bool:
    """Tell whether a name is a source, the end of one, or that of the container it is in."""
    path = _RECORD.sub("", source)
    return name in (source, path) or source.endswith(f"/{name}") or path.endswith(f"/{name}")


def _find_place(text: str, place: re.Match[str] | None, target: str) -> tuple[int, int]:
    if place is None:
        return 0, len(text)
    if place["line"] is None:
        begin, end = int(place["begin"]), int(place["end"])
        if not 0 <= begin < end <= len(text):
            message = f"{target}: the text has {len(text)} characters; begin must be below end"
            raise LookupFailedError(message)
        return begin, end
    lines = text.split("\n")
    number = int(place["line"])
    if not 1 <= number <= len(lines):
        message = f"{target}: the text has lines 1 to {len(lines)}"
        raise LookupFailedError(message)
    begin = sum(len(line) + 1 for line in lines[: number - 1])
    return begin, min(len(text), begin + max(1, len(lines[number - 1])))
