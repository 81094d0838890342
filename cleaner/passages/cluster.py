"""Clusters: links become groups in which every member was verified against the representative.

Union-find chains (A like B, B like C, A not like C), so a connected component is only where to
look. What one document keeps must hold what is cut from all others: that can only be said of text
that was compared with the one copy that stays. Inside a component:

1. The best-placed unit by the documents' rank is the representative.
2. Every other unit that is covered by it, measured on the text, and that states no other figure or
   negation is a member. What was judged by hand goes before what was measured.
3. What is left over goes through 1 and 2 again; a unit left alone is in no cluster.

A link whose two units ended in different groups held the component together and was not enough to
merge them: a *weak bridge*, listed with what kept them apart (`list_bridges`).

Then clusters of neighbouring sentences that stand in the same documents, in the same order, are
joined into one (`join_neighbours`): a reader sees a passage, not its sentences. At last the copies
whose passages were not compared join their hub's clusters (`list_copied_members`).
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import pyarrow as pa
import xxhash

from cleaner.config import Config, MatchConfig
from cleaner.model import Relation
from cleaner.passages.align import Stretch, common_blocks, find_difference
from cleaner.passages.candidates import kept_blocks, read_kept_text
from cleaner.passages.indexing import keep_texts
from cleaner.passages.judgements import Constraints
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
UNITS = pa.schema(
    [
        pa.field("component", pa.string()),
        pa.field("unit", pa.string()),
        pa.field("document_id", pa.string()),
        pa.field("level", pa.string()),
        pa.field("begin", pa.int64()),
        pa.field("end", pa.int64()),
        pa.field("order", pa.int64()),
        pa.field("rank", pa.string()),
    ]
)

GROUP_RELATIONS_SQL = """
    SELECT a.group_id AS group_id, l.relation AS relation, CAST(count(*) AS BIGINT) AS num_links
    FROM links l
    JOIN groups a ON l.left_unit = a.unit
    JOIN groups b ON l.right_unit = b.unit
    WHERE a.group_id = b.group_id
    GROUP BY a.group_id, l.relation
"""
"""How often each relation links two members of a group."""
GROUP_RELATIONS = pa.schema(
    [
        pa.field("group_id", pa.string()),
        pa.field("relation", pa.string()),
        pa.field("num_links", pa.int64()),
    ]
)

LOOSE_LINKS_SQL = """
    SELECT l.left_unit AS left_unit, l.right_unit AS right_unit, l.relation AS relation,
        l.level AS level, l.left_document AS left_document, l.right_document AS right_document,
        l.left_begin AS left_begin, l.left_end AS left_end,
        l.right_begin AS right_begin, l.right_end AS right_end,
        a.group_id AS left_group, a.partner_document AS left_partner,
        a.partner_begin AS left_partner_begin, a.partner_end AS left_partner_end,
        b.group_id AS right_group, b.partner_document AS right_partner,
        b.partner_begin AS right_partner_begin, b.partner_end AS right_partner_end
    FROM links l
    LEFT JOIN groups a ON l.left_unit = a.unit
    LEFT JOIN groups b ON l.right_unit = b.unit
    WHERE a.group_id IS NULL OR b.group_id IS NULL OR a.group_id <> b.group_id
"""
"""The links whose units are not in one group, with the representatives of their groups."""
LOOSE_LINKS = pa.schema(
    [
        pa.field("left_unit", pa.string()),
        pa.field("right_unit", pa.string()),
        pa.field("relation", pa.string()),
        pa.field("level", pa.string()),
        pa.field("left_document", pa.string()),
        pa.field("right_document", pa.string()),
        pa.field("left_begin", pa.int64()),
        pa.field("left_end", pa.int64()),
        pa.field("right_begin", pa.int64()),
        pa.field("right_end", pa.int64()),
        pa.field("left_group", pa.string()),
        pa.field("left_partner", pa.string()),
        pa.field("left_partner_begin", pa.int64()),
        pa.field("left_partner_end", pa.int64()),
        pa.field("right_group", pa.string()),
        pa.field("right_partner", pa.string()),
        pa.field("right_partner_begin", pa.int64()),
        pa.field("right_partner_end", pa.int64()),
    ]
)

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
        pa.field("unit", pa.string()),
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
        pa.field("level", pa.string()),
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

BRIDGES = pa.schema(
    [
        pa.field("left_document", pa.string()),
        pa.field("left_begin", pa.int64()),
        pa.field("left_end", pa.int64()),
        pa.field("right_document", pa.string()),
        pa.field("right_begin", pa.int64()),
        pa.field("right_end", pa.int64()),
        pa.field("level", pa.string()),
        pa.field("relation", pa.string()),
        pa.field("similarity", pa.float64()),
        pa.field("why", pa.string()),
    ]
)
"""Weak bridges, one row a link. `relation` is that of the link. `similarity` is that of its two
sides: the share of the words of both that are aligned, for whole documents Jaccard similarity.
`why` says what keeps one side out of the other's cluster."""

PLACED_BRIDGES = pa.schema(
    [
        *BRIDGES,
        pa.field("left_cluster", pa.string()),
        pa.field("right_cluster", pa.string()),
    ]
)
"""Weak bridges with the clusters that their two sides are in; null where a side is in none."""

BRIDGES_SQL = """
    WITH found AS (
        SELECT * FROM document_bridges UNION ALL SELECT * FROM passage_bridges
    ),
    sides AS (
        SELECT left_document AS document_id, level, left_begin AS b, left_end AS e FROM found
        UNION ALL
        SELECT right_document AS document_id, level, right_begin AS b, right_end AS e FROM found
    ),
    units AS (SELECT DISTINCT document_id, level, b, e FROM sides),
    placed AS (
        SELECT u.document_id AS document_id, u.level AS level, u.b AS b, u.e AS e,
            min(m.cluster_id) AS cluster_id
        FROM units u JOIN members m ON u.document_id = m.document_id AND u.level = m.level
        WHERE m."begin" <= u.b AND m."end" >= u.e
        GROUP BY u.document_id, u.level, u.b, u.e
    ),
    articles AS (SELECT document_id, cluster_id FROM members WHERE level = 'document')
    SELECT f.*, l.cluster_id AS left_cluster, r.cluster_id AS right_cluster
    FROM found f
    LEFT JOIN placed l ON f.left_document = l.document_id AND f.level = l.level
        AND f.left_begin = l.b AND f.left_end = l.e
    LEFT JOIN placed r ON f.right_document = r.document_id AND f.level = r.level
        AND f.right_begin = r.b AND f.right_end = r.e
    LEFT JOIN articles a ON f.left_document = a.document_id
    LEFT JOIN articles b ON f.right_document = b.document_id
    WHERE CASE WHEN l.cluster_id = r.cluster_id THEN FALSE
        WHEN a.cluster_id = b.cluster_id THEN FALSE ELSE TRUE END
"""
"""The weak bridges of documents and passages; none between the sentences of one cluster, nor
between those of two copies of one document."""

TOO_LITTLE_SHARED = "too_little_shared"
DIFFERENT_FACTS = "different_facts"
JUDGED_DIFFERENT = "judged_different"
_SAME_DOCUMENT = "same_document"
"""A document that says a thing twice: no copy of itself, and no bridge to anything."""

_RELATIONS = {
    DOCUMENT: (Relation.COPY, Relation.WIRE, Relation.SELF, Relation.TEMPLATE),
    SENTENCE: (
        Relation.PASSAGE,
        Relation.WIRE,
        Relation.REWRITE,
        Relation.SELF,
        Relation.TEMPLATE,
    ),
    QUOTATION: (Relation.QUOTE,),
}
"""The relations that a cluster of units of each level can have; links of any other one count for
the first."""
_LEAST_CUT_FIRST = (
    Relation.TEMPLATE,
    Relation.QUOTE,
    Relation.REWRITE,
    Relation.SELF,
    Relation.WIRE,
    Relation.PASSAGE,
    Relation.COPY,
)
"""Which relation a cluster has when two are equally frequent: the one that takes less away."""


def group_units(
    batch: pa.RecordBatch,
    config: Config,
    constraints: pa.Table,
    texts: pa.Table,
    judged: pa.Table,
) -> pa.RecordBatch:
    """Form verified groups within connected components.

    Args:
        batch: Rows that `UNITS_SQL` gives, whole components, ordered by rank and place within each.
        config: The run's configuration.
        constraints: What was judged by hand: rows of `judgements.CONSTRAINTS`.
        texts: The rows of `model.TEXTS` of all documents in the batch.
        judged: Their rows of `boilerplate.JUDGED`.

    Returns:
        Rows of `GROUPS`.
    """
    by_hand = Constraints(constraints)
    sources = _Sources(texts, judged, config.match)
    rows: list[dict[str, Any]] = []
    for _, component in groupby(batch.to_pylist(), key=lambda row: row["component"]):
        waiting = list(component)
        while len(waiting) > 1:
            representative, *others = waiting
            members, waiting = _take_members(representative, others, sources, by_hand)
            if len(members) > 1:
                rows.extend(_member(representative, *member) for member in members)
    return pa.RecordBatch.from_pylist(rows, schema=GROUPS)


_Unit = Mapping[str, Any]
"""A document, sentence or quotation: `document_id`, `level`, `begin` and `end`."""


def _take_members(
    representative: _Unit, others: Sequence[_Unit], sources: _Sources, by_hand: Constraints
) -> tuple[list[tuple[_Unit, float]], list[_Unit]]:
    """Part units into the members of a representative's group, itself first, and the rest."""
    measure = _Measure(representative, sources)
    members: list[tuple[_Unit, float]] = [(representative, 1.0)]
    held = _Held(by_hand, representative)
    waiting: list[_Unit] = []
    for unit in others:
        similarity, why = measure.compare(unit)
        if why is None and not held.is_barred(unit):
            members.append((unit, similarity))
            held.add(unit)
        else:
            waiting.append(unit)
    is_joined = bool(by_hand)
    while is_joined:  # One that was judged the same as a member may bring in another one.
        is_joined = False
        rest: list[_Unit] = []
        for unit in waiting:
            similarity, why = measure.compare(unit)
            # Whole documents were read by who judged them. Of sentences, only other facts are
            # overruled: what the representative does not say is never cut.
            is_free = why == DIFFERENT_FACTS or (
                unit["level"] == DOCUMENT and why != _SAME_DOCUMENT
            )
            if is_free and held.is_wanted(unit) and not held.is_barred(unit):
                members.append((unit, similarity))
                held.add(unit)
                is_joined = True
            else:
                rest.append(unit)
        waiting = rest
    return members, waiting


class _Held:
    """The members of one group of which something was judged by hand."""

    def __init__(self, by_hand: Constraints, representative: _Unit) -> None:
        self._by_hand = by_hand
        self._units: list[_Unit] = []
        self.add(representative)

    def add(self, unit: _Unit) -> None:
        """Remember a member."""
        if self._by_hand.is_about(unit):
            self._units.append(unit)

    def is_barred(self, unit: _Unit) -> bool:
        """Tell whether a unit was judged different from a member."""
        is_known = self._by_hand.is_about(unit)
        return is_known and any(self._by_hand.is_apart(unit, held) for held in self._units)

    def is_wanted(self, unit: _Unit) -> bool:
        """Tell whether a unit was judged the same as a member."""
        is_known = self._by_hand.is_about(unit)
        return is_known and any(self._by_hand.is_together(unit, held) for held in self._units)


class _Sources:
    """The texts that units are cut from."""

    def __init__(self, texts: pa.Table, judged: pa.Table, config: MatchConfig) -> None:
        self._tables = texts, judged
        names, contents = (texts.column(name).to_pylist() for name in ("document_id", "text"))
        self._texts: dict[str, str] = dict(zip(names, contents, strict=True))
        self._words: dict[str, list[str]] = {}
        self.config = config

    def kept(self, unit: _Unit) -> KeptText:
        """Return the main content of a unit's document."""
        return self._kept[unit["document_id"]]

    @functools.cached_property
    def _kept(self) -> dict[str, KeptText]:
        return keep_texts(*self._tables)

    def text(self, unit: _Unit) -> str:
        """Return the text of a unit."""
        return self._texts[unit["document_id"]][unit["begin"] : unit["end"]]

    def words(self, text: str) -> list[str]:
        """Return the folded words of a unit's text; most stand in several documents."""
        if text not in self._words:
            self._words[text] = fold_words(text)
        return self._words[text]


class _Measure:
    """Compares units with one representative."""

    def __init__(self, representative: _Unit, sources: _Sources) -> None:
        self._representative = representative
        self._sources = sources
        self._is_document = representative["level"] == DOCUMENT
        if self._is_document:
            self._whole = sources.kept(representative)
        else:
            self._text = sources.text(representative)
            self._compared: dict[str, tuple[float, str | None]] = {self._text: (1.0, None)}

    def compare(self, unit: _Unit) -> tuple[float, str | None]:
        """Say how much of a unit the representative holds.

        Returns:
            A share in [0, 1], and what keeps the unit out of the representative's group: None if
            nothing does.
        """
        if unit["document_id"] == self._representative["document_id"]:
            return 0.0, _SAME_DOCUMENT
        if self._is_document:
            other, config = self._sources.kept(unit), self._sources.config
            match = compare_documents(self._whole, other, config)
            if match is None:
                return 0.0, TOO_LITTLE_SHARED
            return match["jaccard"], None if match["differs"] is None else DIFFERENT_FACTS
        text = self._sources.text(unit)
        if text not in self._compared:
            self._compared[text] = self._compare_words(text)
        return self._compared[text]

    def _compare_words(self, text: str) -> tuple[float, str | None]:
        """Do the same for the text of a sentence or quotation."""
        words, representative = (self._sources.words(side) for side in (text, self._text))
        stretches = align_words(words, representative)
        coverage = sum(size for _, _, size in stretches) / len(words)
        if coverage < self._sources.config.sentence_coverage:
            return round(coverage, 6), TOO_LITTLE_SHARED
        differs = find_difference(words, representative, stretches)
        return round(coverage, 6), None if differs is None else DIFFERENT_FACTS


def align_words(left: Sequence[str], right: Sequence[str]) -> list[Stretch]:
    """Align as many words of two passages as can be aligned in order, whichever is the left one.

    >>> align_words(["the", "old", "mill"], ["the", "very", "old", "mill"])
    [(0, 0, 1), (1, 2, 2)]
    """
    if (len(right), right) < (len(left), left):
        return [(i, j, size) for j, i, size in common_blocks(right, left)]
    return common_blocks(left, right)


def _member(representative: _Unit, unit: _Unit, similarity: float) -> dict[str, Any]:
    return {
        "group_id": representative["unit"],
        "partner_document": representative["document_id"],
        "partner_begin": representative["begin"],
        "partner_end": representative["end"],
        "partner_order": representative["order"],
        "level": unit["level"],
        "unit": unit["unit"],
        "document_id": unit["document_id"],
        "begin": unit["begin"],
        "end": unit["end"],
        "order": unit["order"],
        "similarity": similarity,
        "is_representative": unit is representative,
    }


def list_bridges(
    batch: pa.RecordBatch,
    config: Config,
    constraints: pa.Table,
    texts: pa.Table,
    judged: pa.Table,
    ranks: pa.Table,
) -> pa.RecordBatch:
    """List the links that were not enough to merge what they link.

    Of the two units' representatives the better placed one was asked first, and kept the other unit
    out; a unit without a group was asked itself.

    Args:
        batch: Rows that `LOOSE_LINKS_SQL` gives.
        config: The run's configuration.
        constraints: What was judged by hand: rows of `judgements.CONSTRAINTS`.
        texts: The rows of `model.TEXTS` of the linked documents and their representatives.
        judged: Their rows of `boilerplate.JUDGED`.
        ranks: Their rows of `resolution.RANKS`.

    Returns:
        Rows of `BRIDGES`, in the same order; none for text that a document has twice.
    """
    by_hand = Constraints(constraints)
    sources = _Sources(texts, judged, config.match)
    rank_of = {row["document_id"]: row["rank"] for row in ranks.to_pylist()}
    rows = []
    for link in batch.to_pylist():
        left, right = _side(link, "left"), _side(link, "right")
        asked = [
            (unit if link[f"{side}_group"] is None else _partner(link, side), other)
            for side, unit, other in (("left", left, right), ("right", right, left))
        ]
        chosen, unit = min(
            asked, key=lambda pair: (rank_of[pair[0]["document_id"]], pair[0]["begin"])
        )
        _, why = _Measure(chosen, sources).compare(unit)
        if why == _SAME_DOCUMENT:
            continue
        if why is None or _Held(by_hand, chosen).is_barred(unit):
            why = JUDGED_DIFFERENT
        similarity = _similarity(left, right, sources)
        rows.append({name: link.get(name) for name in BRIDGES.names})
        rows[-1] |= {"similarity": similarity, "why": why}
    return pa.RecordBatch.from_pylist(rows, schema=BRIDGES)


def _side(link: Mapping[str, Any], side: str) -> _Unit:
    """Return one of the two units of a link."""
    keys = {"document_id": "document", "begin": "begin", "end": "end"}
    return {"level": link["level"]} | {key: link[f"{side}_{name}"] for key, name in keys.items()}


def _partner(link: Mapping[str, Any], side: str) -> _Unit:
    """Return the representative of the group that one of the two units of a link is in."""
    return {
        "level": link["level"],
        "document_id": link[f"{side}_partner"],
        "begin": link[f"{side}_partner_begin"],
        "end": link[f"{side}_partner_end"],
    }


def _similarity(left: _Unit, right: _Unit, sources: _Sources) -> float:
    """Return how similar the two units of a link are, as `BRIDGES` has it."""
    if left["level"] == DOCUMENT:
        return _Measure(left, sources).compare(right)[0]
    one, other = (sources.words(sources.text(unit)) for unit in (left, right))
    num_aligned = sum(size for _, _, size in align_words(one, other))
    return round(2 * num_aligned / max(1, len(one) + len(other)), 6)


def join_neighbours(batch: pa.RecordBatch, config: Config, relations: pa.Table) -> pa.RecordBatch:
    """Join groups of consecutive sentences that stand in the same documents; name all clusters.

    A cluster has the relation that most of its links have.

    Args:
        batch: Rows of `GROUPS`, all those of a representative's document together, ordered by
            level, the representative's order, and document.
        config: Not used; every kernel takes it.
        relations: The rows that `GROUP_RELATIONS_SQL` gives of these groups.

    Returns:
        Rows of `MEMBERS`.
    """
    counts: dict[str, Counter[str]] = {}
    for row in relations.to_pylist():
        counts.setdefault(row["group_id"], Counter())[row["relation"]] = row["num_links"]
    rows: list[dict[str, Any]] = []
    for _, of_document in groupby(batch.to_pylist(), key=lambda row: row["partner_document"]):
        open_run: list[list[dict[str, Any]]] = []
        for _, group in groupby(of_document, key=lambda row: row["group_id"]):
            members = sorted(group, key=lambda row: (row["document_id"], row["order"]))
            if open_run and not _continues(open_run[-1], members):
                rows.extend(_cluster(open_run, counts))
                open_run = []
            open_run.append(members)
        if open_run:
            rows.extend(_cluster(open_run, counts))
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


def name_relation(level: str, counts: Mapping[str, int]) -> str:
    """Return the relation of a cluster: the most frequent one among its links.

    Args:
        level: What its members are.
        counts: Links between members, by relation; without any, the level decides.

    >>> name_relation("sentence", {"wire": 3, "copy": 1}), name_relation("document", {})
    ('wire', 'copy')
    """
    default, *_ = known = _RELATIONS[level]
    found: Counter[Relation] = Counter({default: 0})
    for relation, num_links in counts.items():
        found[Relation(relation) if relation in known else default] += num_links
    best = min(found, key=lambda relation: (-found[relation], _LEAST_CUT_FIRST.index(relation)))
    return best.value


def _cluster(
    run: list[list[dict[str, Any]]], counts: Mapping[str, Counter[str]]
) -> list[dict[str, Any]]:
    """Make one cluster of groups whose members follow each other."""
    first, last = run[0], run[-1]
    level = first[0]["level"]
    num_links: Counter[str] = sum(
        (counts.get(group[0]["group_id"], Counter()) for group in run), Counter()
    )
    extents = [(a["document_id"], a["begin"], b["end"]) for a, b in zip(first, last, strict=True)]
    name = " ".join(f"{document}:{begin}-{end}" for document, begin, end in sorted(extents))
    cluster_id = xxhash.xxh3_64_hexdigest(f"{level} {name}".encode())
    rows = []
    for at, (document_id, begin, end) in enumerate(extents):
        parts = [group[at] for group in run]
        lengths = [part["end"] - part["begin"] for part in parts]
        weighted = sum(part["similarity"] * n for part, n in zip(parts, lengths, strict=True))
        rows.append(
            {
                "cluster_id": cluster_id,
                "level": level,
                "relation": name_relation(level, num_links),
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
            row = text_of[name]
            limits = _find_limits(row["text"], kept_blocks(verdicts[name]), row["language"])
            for member, place in places:
                begins, ends = limits[member["level"]]
                if place and place.first in begins and place.last in ends:
                    extent = {"begin": begins[place.first], "end": ends[place.last]}
                    copied = {"document_id": name, "is_representative": False}
                    rows.append(member | copied | extent)
    return pa.RecordBatch.from_pylist(rows, schema=MEMBERS)


@functools.lru_cache(maxsize=1)
def _find_limits(
    text: str, blocks: tuple[tuple[int, int], ...], language: str | None
) -> dict[str, tuple[dict[int, int], dict[int, int]]]:
    """Return where the sentences and the quotations with a first or last word begin and end.

    The copies of a document follow each other, and most are the same to the character.
    """
    kept = KeptText(text, blocks, language)
    return {
        level: ({u.first: u.begin for u in units}, {u.last: u.end for u in units})
        for level, units in ((SENTENCE, kept.sentences), (QUOTATION, kept.quotations))
    }
