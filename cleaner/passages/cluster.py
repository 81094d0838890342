"""Clusters: links become groups in which every member was verified against the representative.

Union-find chains (A like B, B like C, A not like C), so a connected component is only where to
look. Inside one:

1. The best-placed unit by the documents' rank is the representative.
2. Every other unit that is covered by it, measured on the text, and that states no other figure or
   negation is a member.
3. What is left over goes through 1 and 2 again; a unit left alone is in no cluster.

Then clusters of neighbouring sentences that stand in the same documents, in the same order, are
joined into one (`join_neighbours`): a reader sees a passage, not its sentences. At last the copies
whose passages were not compared join their hub's clusters (`list_copied_members`).
"""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import groupby
from typing import Any

import pyarrow as pa
import xxhash

from cleaner.config import Config, MatchConfig
from cleaner.model import Relation
from cleaner.passages.align import find_difference
from cleaner.passages.candidates import read_kept_text
from cleaner.passages.segment import DOCUMENT, QUOTATION, SENTENCE, KeptText
from cleaner.passages.verify import compare_documents
from cleaner.words import fold_words

UNITS_SQL = """
    WITH ends AS (
        SELECT left_unit AS unit, left_document AS document_id, level,
            left_begin AS b, left_end AS e, left_order AS o FROM links
        UNION ALL
        SELECT right_unit AS unit, right_document AS document_id, level,
            right_begin AS b, right_end AS e, right_order AS o FROM links
    ),
    units AS (SELECT DISTINCT unit, document_id, level, b, e, o FROM ends)
    SELECT c.component AS component, u.unit AS unit, u.document_id AS document_id,
        u.level AS level, u.b AS "begin", u.e AS "end", u.o AS "order", r.rank AS rank
    FROM units u
    JOIN components c ON u.unit = c.unit
    JOIN ranks r ON u.document_id = r.document_id
"""
"""The linked units with their connected component and their document's rank."""

SPREAD_GROUPS_SQL = """
    WITH stands AS (
        SELECT g.group_id AS group_id,
            CASE WHEN c.cluster_id IS NULL THEN g.document_id ELSE c.cluster_id END AS article
        FROM groups g LEFT JOIN copies c ON g.document_id = c.document_id
    ),
    spread AS (
        SELECT group_id FROM stands GROUP BY group_id HAVING min(article) <> max(article)
    )
    SELECT g.* FROM groups g JOIN spread s ON g.group_id = s.group_id
"""
"""The groups of passages that stand in more than copies of one document."""

GROUPS = pa.schema(
    [
        pa.field("group_id", pa.string()),
        pa.field("partner_document", pa.string()),
        pa.field("partner_begin", pa.int64()),
        pa.field("partner_end", pa.int64()),
        pa.field("partner_order", pa.int64()),
        pa.field("level", pa.string()),
        pa.field("document_id", pa.string()),
        pa.field("begin", pa.int64()),
        pa.field("end", pa.int64()),
        pa.field("order", pa.int64()),
        pa.field("similarity", pa.float64()),
        pa.field("is_representative", pa.bool_()),
    ]
)
"""Verified groups of units, one row a member; the representative is its own partner."""

MEMBERS = pa.schema(
    [
        pa.field("cluster_id", pa.string()),
        pa.field("relation", pa.string()),
        pa.field("document_id", pa.string()),
        pa.field("begin", pa.int64()),
        pa.field("end", pa.int64()),
        pa.field("is_representative", pa.bool_()),
        pa.field("similarity", pa.float64()),
        pa.field("partner_document", pa.string()),
        pa.field("partner_begin", pa.int64()),
        pa.field("partner_end", pa.int64()),
    ]
)
"""Clusters, one row a member. `similarity` is the share of the member's words that are aligned with
the representative's (containment); for whole documents it is Jaccard similarity."""

_RELATIONS = {
    DOCUMENT: Relation.COPY.value,
    QUOTATION: Relation.QUOTE.value,
    SENTENCE: Relation.PASSAGE.value,
}


def group_units(
    batch: pa.RecordBatch, config: Config, texts: pa.Table, judged: pa.Table
) -> pa.RecordBatch:
    """Form verified groups within connected components.

    Args:
        batch: Rows that `UNITS_SQL` gives, whole components, ordered by rank and place within each.
        config: The run's configuration.
        texts: The rows of `model.TEXTS` of all documents in the batch.
        judged: Their rows of `boilerplate.JUDGED`.

    Returns:
        Rows of `GROUPS`.
    """
    text_of = {row["document_id"]: row for row in texts.to_pylist()}
    verdicts = {row["document_id"]: row for row in judged.to_pylist()}
    rows: list[dict[str, Any]] = []
    for _, component in groupby(batch.to_pylist(), key=lambda row: row["component"]):
        waiting = list(component)
        while len(waiting) > 1:
            representative, *others = waiting
            measure = _Measure(representative, text_of, verdicts, config.match)
            members, waiting = [], []
            for unit in others:
                similarity = measure.similarity(unit)
                if similarity is None:
                    waiting.append(unit)
                else:
                    members.append((unit, similarity))
            if members:
                rows.extend(
                    _member(representative, unit, similarity)
                    for unit, similarity in ((representative, 1.0), *members)
                )
    return pa.RecordBatch.from_pylist(rows, schema=GROUPS)


class _Measure:
    """Compares units with one representative."""

    def __init__(
        self,
        representative: dict[str, Any],
        texts: dict[str, Any],
        verdicts: dict[str, Any],
        config: MatchConfig,
    ) -> None:
        self._representative = representative
        self._texts, self._verdicts, self._config = texts, verdicts, config
        self._is_document = representative["level"] == DOCUMENT
        if self._is_document:
            self._whole = self._kept(representative)
        else:
            self._matcher = SequenceMatcher(None, autojunk=False)
            self._representative_words = self._words(representative)
            self._matcher.set_seq2(self._representative_words)

    def _kept(self, unit: dict[str, Any]) -> KeptText:
        name = unit["document_id"]
        return read_kept_text(self._texts[name], self._verdicts[name])

    def _words(self, unit: dict[str, Any]) -> list[str]:
        return fold_words(self._texts[unit["document_id"]]["text"][unit["begin"] : unit["end"]])

    def similarity(self, unit: dict[str, Any]) -> float | None:
        """Return how much of a unit the representative holds.

        Returns:
            A share in [0, 1]; None if it is too little, or if the two state different facts.
        """
        if unit["document_id"] == self._representative["document_id"]:
            return None
        if self._is_document:
            match = compare_documents(self._whole, self._kept(unit), self._config)
            return match["jaccard"] if match and match["differs"] is None else None
        words = self._words(unit)
        self._matcher.set_seq1(words)
        blocks = self._matcher.get_matching_blocks()
        coverage = sum(size for _, _, size in blocks) / len(words)
        if coverage < self._config.sentence_coverage:
            return None
        differs = find_difference(words, self._representative_words, blocks)
        return round(coverage, 6) if differs is None else None


def _member(
    representative: dict[str, Any], unit: dict[str, Any], similarity: float
) -> dict[str, Any]:
    return {
        "group_id": representative["unit"],
        "partner_document": representative["document_id"],
        "partner_begin": representative["begin"],
        "partner_end": representative["end"],
        "partner_order": representative["order"],
        "level": unit["level"],
        "document_id": unit["document_id"],
        "begin": unit["begin"],
        "end": unit["end"],
        "order": unit["order"],
        "similarity": similarity,
        "is_representative": unit is representative,
    }


def join_neighbours(batch: pa.RecordBatch, config: Config) -> pa.RecordBatch:
    """Join groups of consecutive sentences that stand in the same documents; name all clusters.

    Args:
        batch: Rows of `GROUPS`, all those of a representative's document together, ordered by
            level, the representative's order, and document.
        config: Not used; every kernel takes it.

    Returns:
        Rows of `MEMBERS`.
    """
    rows: list[dict[str, Any]] = []
    for _, of_document in groupby(batch.to_pylist(), key=lambda row: row["partner_document"]):
        open_run: list[list[dict[str, Any]]] = []
        for _, group in groupby(of_document, key=lambda row: row["group_id"]):
            members = sorted(group, key=lambda row: (row["document_id"], row["order"]))
            if open_run and not _continues(open_run[-1], members):
                rows.extend(_cluster(open_run))
                open_run = []
            open_run.append(members)
        if open_run:
            rows.extend(_cluster(open_run))
    return pa.RecordBatch.from_pylist(rows, schema=MEMBERS)


def _continues(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> bool:
    """Tell whether a group's sentences follow another's in every document."""
    return (
        before[0]["level"] == after[0]["level"] == SENTENCE
        and len(before) == len(after)
        and all(
            a["document_id"] == b["document_id"] and a["order"] + 1 == b["order"]
            for a, b in zip(before, after, strict=True)
        )
    )


def _cluster(run: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Make one cluster of groups whose members follow each other."""
    first, last = run[0], run[-1]
    extents = [(a["document_id"], a["begin"], b["end"]) for a, b in zip(first, last, strict=True)]
    name = " ".join(f"{document}:{begin}-{end}" for document, begin, end in sorted(extents))
    cluster_id = xxhash.xxh3_64_hexdigest(f"{first[0]['level']} {name}".encode())
    rows = []
    for at, (document_id, begin, end) in enumerate(extents):
        parts = [group[at] for group in run]
        lengths = [part["end"] - part["begin"] for part in parts]
        weighted = sum(part["similarity"] * n for part, n in zip(parts, lengths, strict=True))
        rows.append(
            {
                "cluster_id": cluster_id,
                "relation": _RELATIONS[first[0]["level"]],
                "document_id": document_id,
                "begin": begin,
                "end": end,
                "is_representative": first[at]["is_representative"],
                "similarity": round(weighted / sum(lengths), 6),
                "partner_document": first[at]["partner_document"],
                "partner_begin": first[at]["partner_begin"],
                "partner_end": last[at]["partner_end"],
            }
        )
    return rows


MEMBER_COPIES_SQL = """
    WITH hubs_in_clusters AS (SELECT DISTINCT document_id FROM found_members)
    SELECT e.document_id AS document_id, e.hub AS hub
    FROM exact_copies e JOIN hubs_in_clusters h ON e.hub = h.document_id
"""
"""The exact copies of documents with passages in clusters."""


def list_copied_members(
    batch: pa.RecordBatch, config: Config, texts: pa.Table, judged: pa.Table, members: pa.Table
) -> pa.RecordBatch:
    """List what exact copies have of the passages that their hub shares with others.

    Args:
        batch: Rows that `MEMBER_COPIES_SQL` gives.
        config: Not used; every kernel takes it.
        texts: The rows of `model.TEXTS` of copies and hubs.
        judged: Their rows of `boilerplate.JUDGED`.
        members: The rows of `MEMBERS` of the hubs.

    Returns:
        Rows of `MEMBERS`, none of them a representative. Words are the same on both sides; where a
        sentence or quotation of the copy ends elsewhere, for its punctuation, there is no row.
    """
    verdicts = {row["document_id"]: row for row in judged.to_pylist()}
    text_of = {row["document_id"]: row for row in texts.to_pylist()}
    members_of: dict[str, list[dict[str, Any]]] = {}
    for member in members.to_pylist():
        members_of.setdefault(member["document_id"], []).append(member)
    rows: list[dict[str, Any]] = []
    pairs = sorted(batch.to_pylist(), key=lambda row: (row["hub"], row["document_id"]))
    for hub, group in groupby(pairs, key=lambda row: row["hub"]):
        kept_hub = read_kept_text(text_of[hub], verdicts[hub])
        places = [
            (member, kept_hub.passage(SENTENCE, member["begin"], member["end"]))
            for member in members_of[hub]
        ]
        for pair in group:
            name = pair["document_id"]
            kept = read_kept_text(text_of[name], verdicts[name])
            limits = {
                relation: ({u.first: u.begin for u in units}, {u.last: u.end for u in units})
                for relation, units in (
                    (Relation.PASSAGE.value, kept.sentences),
                    (Relation.QUOTE.value, kept.quotations),
                )
            }
            for member, place in places:
                begins, ends = limits[member["relation"]]
                if place and place.first in begins and place.last in ends:
                    extent = {"begin": begins[place.first], "end": ends[place.last]}
                    copied = {"document_id": name, "is_representative": False}
                    rows.append(member | copied | extent)
    return pa.RecordBatch.from_pylist(rows, schema=MEMBERS)
