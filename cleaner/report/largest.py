"""The largest clusters of a run as its output folder has them, with what their members say."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from cleaner.errors import AmbiguousNameError, LookupFailedError
from cleaner.ledger import spans_by_document, view_text
from cleaner.passages.relations import Side, find_direction
from cleaner.passages.segment import DOCUMENT
from cleaner.report.clusters import order_in_time
from cleaner.run_folder import refusing_broken_files

_CLUSTERS = "clusters.jsonl"
_NUM_LISTED = 5


class _Place(msgspec.Struct):
    """Where a member stands."""

    begin: int
    end: int


class _Size(msgspec.Struct):
    """What decides which clusters are the largest; the first member is the representative."""

    cluster_id: str
    level: str
    num_members: int
    members: list[_Place]


class _Name(msgspec.Struct):
    cluster_id: str


class TextCluster(msgspec.Struct, frozen=True):
    """A cluster with what its members say.

    Attributes:
        cluster: Its line of `clusters.jsonl`.
        members: Members in order of time, undated ones last; those of the line, each with `text`:
            the passage, or of a copy the main content. The representative is always one of them.
        first: All members of which no other one is known to be earlier; empty without dates.
    """

    cluster: Mapping[str, Any]
    members: Sequence[Mapping[str, Any]]
    first: Sequence[Mapping[str, Any]]

    @property
    def num_hidden(self) -> int:
        """Members that are left out."""
        return len(self.cluster["members"]) - len(self.members)

    def as_row(self) -> dict[str, Any]:
        """Return the line of `clusters.jsonl`, but with these members."""
        return {**self.cluster, "members": list(self.members)}


def read_largest(folder: Path, num_clusters: int, max_members: int) -> list[TextCluster]:
    """Read the largest clusters of a run: articles before passages, then most members first.

    Of the same number of members, the longest representative comes first.

    Args:
        folder: The output folder of the run.
        num_clusters: How many clusters.
        max_members: How many members of each, the earliest ones and the representative.

    Raises:
        LookupFailedError: If the files in the folder cannot be read, or are not of one run.
    """
    decode = msgspec.json.Decoder(_Size).decode
    with refusing_broken_files(folder):
        sizes = ((_order_by_size(decode(line)), line) for line in _read_lines(folder))
        lines = [line for _, line in heapq.nsmallest(num_clusters, sizes)]
        return _add_texts(folder, [msgspec.json.decode(line) for line in lines], max_members)


def read_cluster(folder: Path, name: str, max_members: int | None = None) -> TextCluster:
    """Read one cluster of a run.

    Args:
        folder: The output folder of the run.
        name: The cluster's id, or the beginning of it.
        max_members: See `read_largest`; None for all.

    Raises:
        AmbiguousNameError: If several clusters have the name.
        LookupFailedError: If there is no such cluster, or the files in the folder cannot be read.
    """
    decode = msgspec.json.Decoder(_Name).decode
    found: dict[str, bytes] = {}
    with refusing_broken_files(folder):
        for line in _read_lines(folder):
            cluster_id = decode(line).cluster_id
            if cluster_id.startswith(name):
                found[cluster_id] = line if len(found) <= _NUM_LISTED else b""
                if cluster_id == name:
                    found = {name: line}
                    break
    if not found:
        message = f"no cluster has the id {name!r}, or an id that begins with it"
        raise LookupFailedError(message)
    if len(found) > 1:
        names = ", ".join([*found][:_NUM_LISTED]) + (" ..." if len(found) > _NUM_LISTED else "")
        message = f"{name!r} could be {len(found)} clusters: {names}; give more of it"
        raise AmbiguousNameError(message)
    (line,) = found.values()
    with refusing_broken_files(folder):
        return _add_texts(folder, [msgspec.json.decode(line)], max_members)[0]


def _read_lines(folder: Path) -> Iterator[bytes]:
    with (folder / _CLUSTERS).open("rb") as file:
        yield from file


def _order_by_size(size: _Size) -> tuple[bool, int, int, str]:
    chosen = size.members[0]
    length = chosen.end - chosen.begin
    return size.level != DOCUMENT, -size.num_members, -length, size.cluster_id


def _add_texts(
    folder: Path, clusters: Sequence[Mapping[str, Any]], max_members: int | None
) -> list[TextCluster]:
    """Put members in order, leave out those beyond the limit, and read what the others say."""
    chosen = [_choose_members(cluster["members"], max_members) for cluster in clusters]
    names = {member["document_id"] for members in chosen for member in members}
    whole = {
        member["document_id"]
        for cluster, members in zip(clusters, chosen, strict=True)
        if cluster["level"] == DOCUMENT
        for member in members
    }
    table = _read_table(folder, "documents", ["document_id", "text"], names)
    texts = {row["document_id"]: row["text"] for row in table.to_pylist()}
    spans = spans_by_document(
        _read_table(folder, "ledger", ["document_id", "begin", "end", "full"], whole)
    )
    if not (names <= texts.keys() and whole <= spans.keys()):
        message = f"the files in {folder} are not of one run; run `clean` again"
        raise LookupFailedError(message)
    found = []
    for cluster, members in zip(clusters, chosen, strict=True):
        with_text = []
        for member in members:
            name = member["document_id"]
            if cluster["level"] == DOCUMENT:
                text = view_text(texts[name], spans[name], "full")
            else:
                text = texts[name][member["begin"] : member["end"]]
            with_text.append({**member, "text": text})
        found.append(TextCluster(cluster, with_text, find_first(cluster["members"])))
    return found


def _choose_members(
    members: Sequence[Mapping[str, Any]], max_members: int | None
) -> list[Mapping[str, Any]]:
    """Return the earliest members in order of time, the representative always among them."""
    ordered = sorted(members, key=order_in_time)
    if max_members is None or len(ordered) <= max_members:
        return ordered
    chosen = ordered[:max_members]
    if not any(member["is_representative"] for member in chosen):
        chosen[-1:] = [member for member in ordered if member["is_representative"]]
    return chosen


def find_first(members: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the members of which no other one is known to be earlier, in order of time.

    Without a date nobody can tell, so undated members are never among them. Two are as early as
    each other where `find_direction` says that it does not know.
    """
    dated = sorted((member for member in members if member["published"]), key=order_in_time)
    if not dated:
        return []
    sides = [Side(member["outlet"], member["published"]) for member in dated]
    return [
        member
        for member, side in zip(dated, sides, strict=True)
        if find_direction(sides[0], side)[0] != "left_first"
    ]


def _read_table(folder: Path, name: str, columns: list[str], ids: set[str]) -> pa.Table:
    """Read columns of a table of the run, of some documents only."""
    if not ids:
        schema = pq.read_schema(folder / f"{name}.parquet")
        return schema.empty_table().select(columns)
    filters = [("document_id", "in", sorted(ids))]
    return pq.read_table(folder / f"{name}.parquet", columns=columns, filters=filters)
