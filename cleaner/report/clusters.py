"""Clusters in the page: the list of all, each one's members, and who ran what first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from cleaner.model import Relation
from cleaner.passages.relations import compare_dates
from cleaner.passages.segment import DOCUMENT
from cleaner.quality.intervals import count_shared
from cleaner.report.text import show_line
from cleaner.words import split_words

MAX_TEXT_CHARS = 20_000
"""Characters of a member that the page compares; about 3,300 words (by hand)."""
MAX_LONG_MEMBERS, SHORT_CHARS = 200, 1_000
"""Of further members with texts of their own it has only so many characters: a cluster is decoded
as a whole (by hand)."""
MAX_PAIRED_OUTLETS = 50
"""Further outlets of a cluster are counted with the first one only, so that cost stays linear."""
_COLUMNS = (
    *("id", "heading", "relation", "level", "members", "outlets", "first", "last"),
    *("minSimilarity", "medianSimilarity", "words", "why"),
)
_HEADING_CHARS = 120
_HEADING_WORDS = 16


def head_cluster(title: str | None, text: str) -> str:
    """Name a cluster: by its title, else by its first words.

    >>> head_cluster(None, "It was a dark night; " * 5)
    'It was a dark night; It was a dark night; It was a dark night; It…'
    """
    words = text[: 10 * _HEADING_CHARS].split(None, _HEADING_WORDS)
    first_words = " ".join(words[:_HEADING_WORDS]) + ("…" if len(words) > _HEADING_WORDS else "")
    return (
        show_line(title or "", _HEADING_CHARS)
        or show_line(first_words, _HEADING_CHARS)
        or "(no title)"
    )


def order_in_time(member: Mapping[str, Any]) -> tuple[str, bool, str, int]:
    """Return a sort key: by date, a day without a time after its times, undated last."""
    published = member["published"] or "9999-99-99"
    time = published if "T" in published else f"{published}T99"
    return time, not member["is_representative"], member["document_id"], member["begin"]


class ClusterIndex:
    """The list of clusters, column by column, and what outlets share, filled as clusters pass by.

    Args:
        outlets: The names of all outlets.
        documents: The number of each listed document by id.
        max_clusters: How many to list; what outlets share is counted of all.
    """

    def __init__(
        self, outlets: Iterable[str], documents: Mapping[str, int], max_clusters: int
    ) -> None:
        self._outlets = {outlet: number for number, outlet in enumerate(outlets)}
        self._documents = documents
        self._max_clusters = max_clusters
        self._columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
        self.exchange = Exchange(self._outlets)

    def collect(self, clusters: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
        """List clusters, and yield the members of each.

        Args:
            clusters: What `describe_clusters` yields with texts, in the order of the page: those
                of whole documents before those of passages, then the largest first.
        """
        for cluster in clusters:
            members = sorted(cluster["members"], key=order_in_time)
            if cluster["relation"] != Relation.TEMPLATE.value:
                self.exchange.add(members)
            if len(self._columns["id"]) < self._max_clusters:
                described = self._describe(cluster, members)
                for name, column in self._columns.items():
                    column.append(described[name])
                yield msgspec.json.encode(self._describe_members(members, cluster["level"]))

    def _describe(
        self, cluster: Mapping[str, Any], members: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        chosen = next(member for member in members if member["is_representative"])
        title = cluster["title"] if cluster["level"] == DOCUMENT else None
        return {
            "id": cluster["cluster_id"],
            "heading": head_cluster(title, chosen["text"]),
            "relation": cluster["relation"],
            "level": cluster["level"],
            "members": cluster["num_members"],
            "outlets": [self._outlets[outlet] for outlet in cluster["outlets"]],
            "first": cluster["first_published"],
            "last": cluster["last_published"],
            "minSimilarity": round(cluster["min_similarity"], 4),
            "medianSimilarity": round(cluster["median_similarity"], 4),
            "words": _count_words(chosen["text"]),
            "why": cluster["why"],
        }

    def _describe_members(
        self, members: Sequence[Mapping[str, Any]], level: str
    ) -> list[list[Any]]:
        """Return what the page shows of members; a text that came before is named by its place."""
        places: dict[str, int] = {}
        rows = []
        for at, member in enumerate(members):
            text = member["text"][:MAX_TEXT_CHARS]
            if text not in places and len(places) >= MAX_LONG_MEMBERS:
                text = text[:SHORT_CHARS]
            place = places.setdefault(text, at)
            is_whole = level == DOCUMENT
            rows.append(
                [
                    self._documents[member["document_id"]],
                    member["begin"],
                    member["end"],
                    round(member["similarity"], 4),
                    int(member["is_representative"]),
                    text if place == at else place,
                    len(member["text"]) - len(text),
                    "" if is_whole else member["before"],
                    "" if is_whole else member["after"],
                ]
            )
        return rows

    def columns(self, firsts: list[int]) -> dict[str, Any]:
        """Return the list, with the number of the first cluster of each chunk of members."""
        return {**self._columns, "chunks": firsts}


class _Stretch(msgspec.Struct, frozen=True):
    """A stretch of a document that outlets share.

    Attributes:
        places: The outlets of its cluster, and the place of each among them.
        place: The place of the document's own outlet.
    """

    begin: int
    end: int
    places: Mapping[int, int]
    place: int

    def is_paired(self, outlet: int) -> bool:
        """Tell whether it was counted with an outlet."""
        other = self.places.get(outlet)
        return other is not None and _are_paired(other, self.place)


class Exchange:
    """Who ran first what another outlet ran too: words in clusters, outlet by outlet.

    Of a member that holds another one, as an article its passages or a passage its quotation, the
    words are counted once. Few members do, so it is enough to know the stretches of each document,
    and to ask of those that overlap for which outlets they were counted.

    Args:
        outlets: The number of each outlet by name.
    """

    def __init__(self, outlets: Mapping[str, int]) -> None:
        self._outlets = outlets
        self._stretches: dict[tuple[int, str], list[_Stretch]] = {}
        self._shared: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
        self._undirected: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])

    def add(self, members: Sequence[Mapping[str, Any]]) -> None:
        """Count a cluster: each outlet that has it with each one that has it later.

        Args:
            members: Its members, the earliest first. Clusters of whole documents come before those
                of passages.
        """
        runs: dict[int, Mapping[str, Any]] = {}
        for member in members:
            runs.setdefault(self._outlets[member["outlet"]], member)
        places = {outlet: place for place, outlet in enumerate(runs)}
        earlier: list[tuple[int, str | None]] = []
        for place, (outlet, member) in enumerate(runs.items()):
            published = member["published"]
            stretch = _Stretch(member["begin"], member["end"], places, place)
            known = self._stretches.setdefault((outlet, member["document_id"]), [])
            overlapping = [
                other for other in known if other.begin < stretch.end and stretch.begin < other.end
            ]
            known.append(stretch)
            length = stretch.end - stretch.begin
            num_words = _count_words(member["text"]) if earlier else 0
            for left, first in earlier if place < MAX_PAIRED_OUTLETS else earlier[:1]:
                if compare_dates(first, published)[0] == "left_first":
                    counts = self._shared[left, outlet]
                else:
                    counts = self._undirected[min(left, outlet), max(left, outlet)]
                num_new = num_words
                if overlapping:
                    num_new = round(num_words * _count_new(stretch, overlapping, left) / length)
                counts[0] += num_new
                counts[1] += 1
            earlier.append((outlet, published))

    def describe(self) -> dict[str, list[dict[str, int]]]:
        """Return what was counted, most words first."""
        return {
            "shared": _list_counts(self._shared, ("from", "to")),
            "undirected": _list_counts(self._undirected, ("left", "right")),
        }


def _list_counts(
    counts: Mapping[tuple[int, int], Sequence[int]], names: tuple[str, str]
) -> list[dict[str, int]]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1][0], item[0]))
    return [
        {names[0]: left, names[1]: right, "words": words, "passages": passages}
        for (left, right), (words, passages) in ordered
    ]


def _are_paired(place: int, other: int) -> bool:
    """Tell whether two outlets of a cluster are counted with each other, by their places in it."""
    return min(place, other) == 0 or max(place, other) < MAX_PAIRED_OUTLETS


def _count_new(stretch: _Stretch, known: Iterable[_Stretch], outlet: int) -> int:
    """Count the characters of a stretch that were not counted with an outlet before."""
    begin, end = stretch.begin, stretch.end
    counted = [(other.begin, other.end) for other in known if other.is_paired(outlet)]
    return end - begin - count_shared([(begin, end)], counted)


@lru_cache(maxsize=256)
def _count_words(text: str) -> int:
    return len(split_words(text))
