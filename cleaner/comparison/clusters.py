"""Compare the clusters of two runs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec
import xxhash

from cleaner.comparison.changes import ClusterChange

Member = tuple[int, int, int]
"""A member of a cluster: the number of its document, the same in both runs, and where it begins and
ends in the text of run A, as far as that has it."""
Place = Callable[[Mapping[str, Any]], Member]


class _Cluster(msgspec.Struct, frozen=True):
    """What is compared of a cluster; its representative is the first member."""

    cluster_id: str
    level: str
    relation: str
    text: str | None
    members: tuple[Member, ...]
    sources: tuple[str, ...]


def compare_clusters(
    read_a: Callable[[], Iterable[Mapping[str, Any]]],
    read_b: Callable[[], Iterable[Mapping[str, Any]]],
    place_a: Place,
    place_b: Place,
) -> tuple[ClusterChange, ...]:
    """Compare the clusters of two runs, those with most changed members first.

    Those with one id in both may still differ in exact copies, representative and relation. The
    others are paired by how many members they share, the most first, so that of a cluster that fell
    apart the largest part goes on. Members are shared where they overlap in the same document.

    Args:
        read_a: Yields the rows of `clusters.jsonl` of run A; it is called twice.
        read_b: Yields those of run B.
        place_a: Gives a row of `members` of run A its place.
        place_b: Does so for run B.
    """
    known = {row["cluster_id"]: _digest(row) for row in read_a()}
    changes = []
    only_b = []
    ids_b = set()
    same: dict[str, _Cluster] = {}
    for row in read_b():
        ids_b.add(row["cluster_id"])
        if row["cluster_id"] not in known:
            only_b.append(_describe(row, place_b))
        elif known[row["cluster_id"]] != _digest(row):
            same[row["cluster_id"]] = _describe(row, place_b)
    only_a = []
    for row in read_a():
        if row["cluster_id"] not in ids_b:
            only_a.append(_describe(row, place_a))
        elif row["cluster_id"] in same:
            changes.append(_compare(_describe(row, place_a), same[row["cluster_id"]]))
    left_a, left_b = set(range(len(only_a))), set(range(len(only_b)))
    shared = _count_shared(only_a, only_b)
    for at_a, at_b in sorted(shared, key=lambda pair: (-shared[pair], pair)):
        if at_a in left_a and at_b in left_b:
            left_a.remove(at_a)
            left_b.remove(at_b)
            changes.append(_compare(only_a[at_a], only_b[at_b]))
    changes += [_compare(only_a[at], None) for at in sorted(left_a)]
    changes += [_compare(None, only_b[at]) for at in sorted(left_b)]
    return tuple(sorted((change for change in changes if change.changes), key=_most_changed_first))


def _most_changed_first(change: ClusterChange) -> tuple[int, int, str]:
    num_changed = len(change.members_added) + len(change.members_removed)
    size = max(change.num_members_a, change.num_members_b)
    return -num_changed, -size, change.cluster_b or change.cluster_a or ""


def _digest(row: Mapping[str, Any]) -> int:
    """Return a number that is another one if a cluster with the same id is not the same."""
    members = sorted((m["document_id"], m["begin"], m["end"]) for m in row["members"])
    facts = [row["relation"], row["representative"], members]
    return xxhash.xxh3_64_intdigest(json.dumps(facts).encode())


def _describe(row: Mapping[str, Any], place: Place) -> _Cluster:
    """Take from a row what is compared; the representative becomes the first member."""
    members = sorted(row["members"], key=lambda member: not member["is_representative"])
    return _Cluster(
        cluster_id=row["cluster_id"],
        level=row["level"],
        relation=row["relation"],
        text=row["text"] or row["title"],
        members=tuple(place(member) for member in members),
        sources=tuple(member["source"] for member in members),
    )


def _count_shared(a: list[_Cluster], b: list[_Cluster]) -> Counter[tuple[int, int]]:
    """Count the members that clusters of both runs share, for pairs that share any."""
    places: dict[tuple[str, int], tuple[list[_At], list[_At]]] = {}
    for side, clusters in enumerate((a, b)):
        for at, cluster in enumerate(clusters):
            for document, begin, end in cluster.members:
                places.setdefault((cluster.level, document), ([], []))[side].append(
                    (begin, end, at)
                )
    shared: Counter[tuple[int, int]] = Counter()
    for found in places.values():
        shared.update(_overlaps(*found))
    return shared


_At = tuple[int, int, int]
"""Where a member of a cluster begins and ends, and which cluster that is."""


def _overlaps(a: list[_At], b: list[_At]) -> Iterator[tuple[int, int]]:
    """Yield the clusters of each two members that overlap, going through both from the left."""
    open_b: list[_At] = []
    ordered_b = sorted(b, reverse=True)
    for begin, end, at in sorted(a):
        open_b = [other for other in open_b if other[1] > begin]
        while ordered_b and ordered_b[-1][0] < end:
            other = ordered_b.pop()
            if other[1] > begin:
                open_b.append(other)
        yield from ((at, other[2]) for other in open_b if other[0] < end)


def _compare(a: _Cluster | None, b: _Cluster | None) -> ClusterChange:
    id_a, level_a, relation_a, representative_a, text_a = _facts(a)
    id_b, level_b, relation_b, representative_b, text_b = _facts(b)
    members_a, members_b = (
        Counter(member[0] for member in cluster.members) if cluster else Counter()
        for cluster in (a, b)
    )
    return ClusterChange(
        changes=tuple(_name_changes(a, b, members_a, members_b)),
        cluster_a=id_a,
        cluster_b=id_b,
        level=level_b or level_a or "",
        relation_a=relation_a,
        relation_b=relation_b,
        representative_a=representative_a,
        representative_b=representative_b,
        num_members_a=members_a.total(),
        num_members_b=members_b.total(),
        members_added=_list_sources(b, members_b - members_a),
        members_removed=_list_sources(a, members_a - members_b),
        text=text_b or text_a,
    )


def _facts(cluster: _Cluster | None) -> tuple[str | None, ...]:
    """Return id, level, relation, source of the representative and text of a cluster."""
    if cluster is None:
        return None, None, None, None, None
    return cluster.cluster_id, cluster.level, cluster.relation, cluster.sources[0], cluster.text


def _name_changes(
    a: _Cluster | None, b: _Cluster | None, members_a: Counter[int], members_b: Counter[int]
) -> Iterator[str]:
    if a is None or b is None:
        yield "removed" if b is None else "added"
        return
    if members_a != members_b:
        yield "members"
    elif sorted(a.members) != sorted(b.members):
        yield "extents"
    if a.members[0][0] != b.members[0][0]:
        yield "representative"
    if a.relation != b.relation:
        yield "relation"


def _list_sources(cluster: _Cluster | None, numbers: Counter[int]) -> tuple[str, ...]:
    """Return the sources of so many members of each document."""
    left = Counter(numbers)
    found = []
    for (number, _, _), source in zip(
        cluster.members if cluster else (), cluster.sources if cluster else (), strict=True
    ):
        if left[number] > 0:
            left[number] -= 1
            found.append(source)
    return tuple(sorted(found))
