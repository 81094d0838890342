"""Verify candidate pairs on the text itself, and say how the two sides belong together.

All candidates of two documents are looked at together:

1. If the documents as wholes are candidates and similar enough, they are copies, or variants if
   their facts differ; then their passages say nothing more. The equal ones of copies are linked
   all the same (see 4), so that whoever has one of them meets all documents that do.
2. Else what they share is looked for in both of them as wholes (`align`). What the acceptance
   model takes for reuse is a match; what it takes for chance or stock wording is listed with its
   score, down to a floor.
3. Two documents that share most of their words and differ in figures are variants all the same
   (weather, markets, results): reported, never merged.
4. Sentences that a run covers are linked (`links`), and so are quotations that both sides quote.
   These links are what clusters are made of, and sentences are what is cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import groupby
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from cleaner.compiled.plain import shingle_width
from cleaner.config import Config, MatchConfig
from cleaner.model import Relation
from cleaner.passages.acceptance import (
    NO_FACTS,
    SeedFacts,
    SharedSeeds,
    describe_alignment,
    explain_score,
    find_recurrence,
    score,
    share_seeds,
)
from cleaner.passages.align import (
    Alignment,
    Conflict,
    align_documents,
    align_texts,
    find_conflicts,
    touched_passages,
)
from cleaner.passages.credits import read_credit
from cleaner.passages.indexing import IndexedText, index_texts
from cleaner.passages.links import LINK, is_covered, link_equal, link_units
from cleaner.passages.minhash import UInt64s, count_shared, list_shingles
from cleaner.passages.relations import (
    MIN_VERBATIM_RATIO,
    Recurrence,
    Side,
    find_relation,
    find_speaker,
)
from cleaner.passages.seeding import read_seed_facts
from cleaner.passages.segment import DOCUMENT, PARAGRAPH, QUOTATION, SENTENCE, KeptText, Passage

_MIN_QUOTED_RATIO = 0.5
_SURELY_QUOTED_RATIO = 0.8
"""A run is a quotation when the larger share of its aligned words is quoted on both sides, or when
the smaller share is and it covers no sentence that is not mostly quotation (by hand)."""
_MIN_VARIANT_RATIO = 0.5
"""Documents that share this much of the longer one and differ in figures are variants (by hand)."""
_MAX_ALIGNED_WORDS = 4000
"""Longer documents are not aligned as wholes: that would take seconds."""
_MAX_ADDED_WORDS = 10
"""From the tuning part of PAN 2013 (random): plagdet .925 for 3 words, .927 for 6, .930 for 10."""
_OPENING = "\"'“„«»‘「『([¿¡"
_CLOSING = "\"'”“»«’」』)].,;:!?…。！？、，"

MATCHES = pa.schema(
    [
        pa.field("left_document", pa.string()),
        pa.field("right_document", pa.string()),
        pa.field("left_begin", pa.int64()),
        pa.field("left_end", pa.int64()),
        pa.field("right_begin", pa.int64()),
        pa.field("right_end", pa.int64()),
        pa.field("level", pa.string()),
        pa.field("num_words", pa.int64()),
        pa.field("jaccard", pa.float64()),
        pa.field("containment", pa.float64()),
        pa.field("aligned_ratio", pa.float64()),
        pa.field("score", pa.float64()),
        pa.field("score_evidence", pa.string()),
        pa.field("accepted", pa.bool_()),
        pa.field("relation", pa.string()),
        pa.field("evidence", pa.string()),
        pa.field("direction", pa.string()),
        pa.field("certainty", pa.string()),
        pa.field("differs", pa.string()),
        pa.field("links", pa.list_(LINK)),
    ]
)
"""Every verified pair: the extents of both sides, the measured overlap and the relation. `score` is
the probability that a reader would call it reuse, and `score_evidence` what speaks for and against
that; only what is `accepted` has consequences. `relation`, `evidence`, `direction` and `certainty`
are those of `relations.Finding`."""


def verify_pairs(
    batch: pa.RecordBatch,
    config: Config,
    seeds: pa.Table,
    credited: pa.Table,
    texts: pa.Table,
    judged: pa.Table,
) -> pa.RecordBatch:
    """Verify candidate pairs.

    Args:
        batch: Rows of `candidates.CANDIDATES`, all those of two documents together.
        config: The run's configuration.
        seeds: The rows of `seeding.DOCUMENT_SEEDS` of the left documents.
        credited: The rows of `credits.CREDITS` of all documents in the batch.
        texts: The rows of `model.TEXTS` of all documents in the batch.
        judged: Their rows of `boilerplate.JUDGED`.

    Returns:
        Rows of `MATCHES`. A passage below `match.score_floor` has one with its score only, so that
        it rests on the texts alone whether two documents have any; `above_floor_sql` leaves it out.
    """
    credit_of = {row["document_id"]: read_credit(row) for row in credited.to_pylist()}
    facts = read_seed_facts(seeds)
    indexed = index_texts(texts, judged)
    documents: dict[str, _Document] = {}
    for row in texts.select(["document_id", "outlet", "published", "title"]).to_pylist():
        name = row["document_id"]
        side = Side(
            row["outlet"],
            row["published"],
            row["title"],
            indexed[name].kept.num_words,
            credit_of.get(name),
        )
        documents[name] = _Document(indexed[name], side, facts.get(name, NO_FACTS))
    rows: list[dict[str, Any]] = []
    candidates = batch.to_pylist()
    for (left, right), group in groupby(
        candidates, key=lambda row: (row["left_document"], row["right_document"])
    ):
        pair = _Pair(documents[left], documents[right])
        for match in _verify_documents(pair, list(group), config.match):
            rows.append({"left_document": left, "right_document": right} | match)
    return pa.RecordBatch.from_pylist(rows, schema=MATCHES)


def above_floor_sql(config: MatchConfig) -> str:
    """Return the query that takes from `compared`, what `verify_pairs` gives, what is listed."""
    return f"SELECT * FROM compared WHERE score >= {config.score_floor}"


class _Document(msgspec.Struct, frozen=True):
    """A document as the matcher sees it; `facts` are those of its seeds."""

    indexed: IndexedText
    side: Side
    facts: SeedFacts

    @property
    def kept(self) -> KeptText:
        """Its main content."""
        return self.indexed.kept


class _Pair(msgspec.Struct, frozen=True, dict=True):
    """Two documents."""

    left: _Document
    right: _Document

    @cached_property
    def seeds(self) -> SharedSeeds:
        """The seeds that both have."""
        return share_seeds(self.left.indexed, self.right.indexed, self.left.facts)

    def find_recurrence(
        self, left: tuple[int, int], right: tuple[int, int]
    ) -> tuple[Recurrence | None, int]:
        """Say how a passage recurs that has these ranges of words."""
        return find_recurrence(self.left.indexed, self.seeds, left, right)

    def name_documents(self, match: dict[str, Any]) -> dict[str, Any]:
        """Say how the two documents belong together."""
        wholes = (0, self.left.kept.num_words), (0, self.right.kept.num_words)
        return self.name(match, self.find_recurrence(*wholes)[0])

    def name(
        self, match: dict[str, Any], recurrence: Recurrence | None, *, is_quote: bool = False
    ) -> dict[str, Any]:
        """Say how the two sides of a match belong together.

        Other figures make a variant of what is the same wording otherwise; a rewrite may have them.
        """
        left, right = self.left.side, self.right.side
        if is_quote:
            left, right = (
                replace(
                    document.side,
                    is_quoted=True,
                    speaker=find_speaker(
                        document.kept.text, match[f"{name}_begin"], match[f"{name}_end"]
                    ),
                )
                for document, name in ((self.left, "left"), (self.right, "right"))
            )
        ratio = match["aligned_ratio"]
        is_reworded = ratio is not None and ratio < MIN_VERBATIM_RATIO
        found = find_relation(
            left,
            right,
            level=match["level"],
            aligned_ratio=ratio,
            differs=None if match["links"] or is_reworded else match["differs"],
            recurrence=recurrence,
        )
        return match | {
            "relation": found.relation.value,
            "direction": found.direction,
            "certainty": found.certainty,
            "evidence": found.evidence,
        }


def _verify_documents(
    pair: _Pair, candidates: list[dict[str, Any]], config: MatchConfig
) -> Iterator[dict[str, Any]]:
    """Yield the matches of two documents."""
    left, right = pair.left.kept, pair.right.kept
    whole_left, whole_right = left.document(), right.document()
    if whole_left is None or whole_right is None:
        return
    equal = _equal_passages(left, right, candidates)
    are_compared = any(row["level"] == DOCUMENT for row in candidates)
    if are_compared and (match := _match_documents(pair, equal, config)) is not None:
        yield match
        return
    found = align_texts(
        pair.left.indexed,
        pair.right.indexed,
        equal,
        config.min_passage_words,
        config.verbatim_ratio,
    )
    in_order = sum(run.num_aligned for f in found for run in f.runs)
    longer = max(left.num_words, right.num_words)
    is_copy = not are_compared and in_order >= config.document_similarity * longer
    if is_copy and (match := _match_documents(pair, equal, config)) is not None:
        yield match
        return
    if in_order >= _MIN_VARIANT_RATIO * longer:
        first = next(
            (c for f in found for run in f.runs for c in find_conflicts(left, right, run)), None
        )
        if first is not None:
            overlap = _overlap(left, right, whole_left, whole_right, config)
            match = _document_match(left, right, whole_left, whole_right, overlap, first.kind)
            yield pair.name_documents(match)
            return
    for alignment in found:
        match = _passage_match(pair, alignment, config)
        if match is not None:
            yield match


def _equal_passages(
    left: KeptText, right: KeptText, candidates: Iterable[dict[str, Any]]
) -> list[tuple[Passage, Passage]]:
    """Return the candidate paragraphs of two documents."""
    pairs = []
    for row in candidates:
        if row["level"] == PARAGRAPH:
            a = left.passage(PARAGRAPH, row["left_begin"], row["left_end"])
            b = right.passage(PARAGRAPH, row["right_begin"], row["right_end"])
            if a is not None and b is not None:
                pairs.append((a, b))
    return pairs


def _match_documents(
    pair: _Pair, equal: list[tuple[Passage, Passage]], config: MatchConfig
) -> dict[str, Any] | None:
    """Return the match of two documents as wholes, if they are similar enough.

    The equal passages of copies are linked too: whoever has one of them meets all who do.
    """
    left, right = pair.left.kept, pair.right.kept
    match = compare_documents(left, right, config)
    if match is None:
        return None
    if match["differs"] is None:
        match["links"] += link_equal(left, right, equal, config)
    return pair.name_documents(match)


def compare_documents(
    left: KeptText, right: KeptText, config: MatchConfig
) -> dict[str, Any] | None:
    """Return the match of two documents as wholes, or None if they are not similar enough.

    Returns:
        A row of `MATCHES` without the documents' names.
    """
    a, b = left.document(), right.document()
    if a is None or b is None:
        return None
    overlap = _overlap(left, right, a, b, config)
    if left.codes == right.codes:
        return _document_match(left, right, a, b, overlap, None)
    if overlap[0] < config.document_similarity:
        return None
    conflicts: list[Conflict] = []
    if max(left.num_words, right.num_words) <= _MAX_ALIGNED_WORDS:
        for run in align_documents(left, right):
            conflicts += find_conflicts(left, right, run)
    elif _figures(left) != _figures(right):
        conflicts.append(Conflict("figures", 0, 0))
    return _document_match(left, right, a, b, overlap, conflicts[0].kind if conflicts else None)


def _figures(side: KeptText) -> list[str]:
    return sorted(word for word in side.fold() if any(map(str.isdigit, word)))


def _overlap(
    left: KeptText, right: KeptText, a: Passage, b: Passage, config: MatchConfig
) -> tuple[float, float]:
    """Return Jaccard similarity and containment (in the smaller set) of two passages' shingles."""
    are_unspaced = left.is_unspaced and right.is_unspaced
    width = shingle_width(config.shingle_size, is_unspaced=are_unspaced)
    one, other = _shingles(left, a, width), _shingles(right, b, width)
    shared = count_shared(one, other)
    return (
        round(shared / max(1, len(one) + len(other) - shared), 6),
        round(shared / max(1, min(len(one), len(other))), 6),
    )


def _shingles(side: KeptText, passage: Passage, width: int) -> UInt64s:
    if passage.level == DOCUMENT:
        return side.shingles(width)
    return list_shingles(side.hashes[passage.first : passage.last], width)


def _document_match(
    left: KeptText,
    right: KeptText,
    a: Passage,
    b: Passage,
    overlap: tuple[float, float],
    differs: str | None,
) -> dict[str, Any]:
    jaccard, containment = overlap
    relation = Relation.VARIANT if differs else Relation.COPY
    link = {
        "level": DOCUMENT,
        "left_begin": a.begin,
        "left_end": a.end,
        "left_order": 0,
        "right_begin": b.begin,
        "right_end": b.end,
        "right_order": 0,
    }
    return {
        "left_begin": a.begin,
        "left_end": a.end,
        "right_begin": b.begin,
        "right_end": b.end,
        "level": DOCUMENT,
        "num_words": min(left.num_words, right.num_words),
        "jaccard": jaccard,
        "containment": containment,
        "aligned_ratio": None,
        "score": 1.0,
        "score_evidence": "",
        "accepted": True,
        "relation": relation.value,
        "differs": differs,
        "links": [] if differs else [link],
    }


def _passage_match(pair: _Pair, found: Alignment, config: MatchConfig) -> dict[str, Any] | None:
    """Describe what two documents share as a match of two stretches of text.

    Returns:
        A row of `MATCHES` without the documents' names; None if it is too short, and nothing but
        its score if it is too likely to be chance to be listed.
    """
    left, right = pair.left.kept, pair.right.kept
    one, other = pair.left.indexed, pair.right.indexed
    if found.num_aligned < config.min_passage_words * min(one.terms.width, other.terms.width):
        return None
    recurrence, rare_terms = pair.find_recurrence(found.left, found.right)
    features = describe_alignment(
        one,
        other,
        found,
        recurrence,
        rare_terms,
        is_same_outlet=pair.left.side.outlet == pair.right.side.outlet,
    )
    probability = score(features)
    if probability < config.score_floor:
        return {"score": probability, "accepted": False}
    a, b = (
        _extent(side, words if found.aligned_ratio >= MIN_VERBATIM_RATIO else _whole(side, words))
        for side, words in ((left, found.left), (right, found.right))
    )
    jaccard, containment = _overlap(left, right, a, b, config)
    is_quote = _is_quote(left, found, 0, config) and _is_quote(right, found, 1, config)
    links: list[dict[str, Any]] = []
    differs = [c.kind for run in found.runs for c in find_conflicts(left, right, run)]
    for run in found.runs:
        more, differing = link_units(left, right, run, is_quote, config)
        links += more
        differs += differing
    match = {
        "left_begin": a.begin,
        "left_end": a.end,
        "right_begin": b.begin,
        "right_end": b.end,
        "level": QUOTATION if is_quote else SENTENCE,
        "num_words": found.num_aligned,
        "jaccard": jaccard,
        "containment": containment,
        "aligned_ratio": round(found.aligned_ratio, 6),
        "score": probability,
        "score_evidence": explain_score(features),
        "accepted": probability >= config.min_score,
        "differs": differs[0] if differs else None,
        "links": links,
    }
    return pair.name(match, recurrence, is_quote=is_quote)


def _whole(side: KeptText, words: tuple[int, int]) -> tuple[int, int]:
    """Bring a range of words to the limits of its sentences, where they are near.

    A rewrite begins and ends with its sentences, though their first words may be others.
    """
    first, last = words
    opening = side.sentences[touched_passages(side.sentences, (first, first + 1))[0]]
    closing = side.sentences[touched_passages(side.sentences, (last - 1, last))[0]]
    return (
        opening.first if first - opening.first <= _MAX_ADDED_WORDS else first,
        closing.last if closing.last - last <= _MAX_ADDED_WORDS else last,
    )


def _extent(side: KeptText, words: tuple[int, int]) -> Passage:
    """Return a word range with the quotation marks and punctuation that hug it."""
    begin, end = side.begins[words[0]], side.ends[words[1] - 1]
    while begin > 0 and side.text[begin - 1] in _OPENING:
        begin -= 1
    while end < len(side.text) and side.text[end] in _CLOSING:
        end += 1
    return Passage(SENTENCE, words[0], words[1], begin, end)


def _is_quote(side: KeptText, found: Alignment, which: int, config: MatchConfig) -> bool:
    """Tell whether what two documents share is a quotation on one side."""
    words = (found.aligned_left, found.aligned_right)[which]
    quoted = int(np.count_nonzero(side.is_quoted[words]))
    if quoted < _MIN_QUOTED_RATIO * len(words):
        return False
    return quoted >= _SURELY_QUOTED_RATIO * len(words) or not any(
        is_covered(sentence, run, which, config)
        and int(np.count_nonzero(side.is_quoted[sentence.first : sentence.last]))
        < _MIN_QUOTED_RATIO * (sentence.last - sentence.first)
        for run in found.runs
        for sentence in map(
            side.sentences.__getitem__,
            touched_passages(side.sentences, (run.left, run.right)[which]),
        )
    )
