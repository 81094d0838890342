"""What a person said of pairs of passages, and what follows from it for matches and clusters.

A judgement is about two passages: `same`, `different` or `boilerplate`.

1. `place_judgements` finds the documents and checks that the passages still say the same words; a
   judgement on words that changed is stale, and is not applied.
2. `strike_judged` makes both passages of a `boilerplate` judgement boilerplate, before anything is
   compared.
3. `apply_judgements` settles the verified pairs: `same` accepts a match whatever its score or
   difference, `different` refuses it and takes its links. Matches whose facts differ have none;
   `link_judged` makes those of `same` ones.
4. `list_must_links` says which units must be in one cluster; those of `different` passages must
   not, even by way of a third one. `Constraints` answers for two units. Where judgements contradict
   each other by way of a third unit, `different` decides: nothing is cut then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, product
from typing import Any

import msgspec
import pyarrow as pa
import xxhash

from cleaner.config import Config, MatchConfig
from cleaner.model import MAIN, Relation
from cleaner.passages.align import common_blocks
from cleaner.passages.candidates import read_kept_text
from cleaner.passages.segment import DOCUMENT, QUOTATION, SENTENCE, KeptText
from cleaner.words import find_words, fold_word, fold_words

SAME, DIFFERENT, BOILERPLATE = "same", "different", "boilerplate"
PLACED, STALE, NO_DOCUMENT = "placed", "stale", "no_document"
"""What `place_judgements` makes of a judgement: both passages are there, one says something else
now, or a document is not in the run."""
LEVELS = (DOCUMENT, SENTENCE, QUOTATION)
RULE = "verdicts"
_STRUCK = {
    "kind": "not_main_content",
    "reason": "judged_boilerplate",
    "rule": RULE,
    "score": 1.0,
    "evidence": "",
}
_MIN_OVERLAP = 0.5
"""Two extents are of one place when they share this much of the longer one; a unit is spoken of
when it shares this much with what was judged, of the shorter one (by hand)."""
_MAX_SCANNED_WORDS = 2_000_000
"""Words that are hashed at most to find a passage that moved inside its document; 0.5 s."""
_MAX_COMPARED = 4000 * 4000
"""Words of one sentence times those of the other one, at most; aligning takes as many bits."""
_RELATIONS = {
    DOCUMENT: Relation.COPY.value,
    SENTENCE: Relation.PASSAGE.value,
    QUOTATION: Relation.QUOTE.value,
}
_NEVER_MERGED = frozenset({Relation.VARIANT.value, Relation.TEMPLATE.value})


def _side(name: str) -> list[pa.Field]:
    return [
        pa.field(f"{name}_document", pa.string()),
        pa.field(f"{name}_begin", pa.int64()),
        pa.field(f"{name}_end", pa.int64()),
    ]


_ABOUT = [
    pa.field("number", pa.int64()),
    pa.field("verdict", pa.string()),
    pa.field("level", pa.string()),
    pa.field("is_sample", pa.bool_()),
]
_NAMED = [
    pa.field("source", pa.string()),
    pa.field("digest", pa.string()),
    pa.field("num_words", pa.int64()),
]
JUDGEMENTS = pa.schema(
    [
        *_ABOUT,
        *_side("left"),
        *(field.with_name(f"left_{field.name}") for field in _NAMED),
        *_side("right"),
        *(field.with_name(f"right_{field.name}") for field in _NAMED),
    ]
)
"""Judgements as they were read; documents are named as in the run in which they were judged.
`is_sample`: the pair was drawn by chance among the accepted ones."""

PLACED_JUDGEMENTS = pa.schema(
    [*_ABOUT, pa.field("status", pa.string()), *_side("left"), *_side("right")]
)
"""Judgements in the documents of this run, with what became of them; the left document has the
smaller id. Those that are not placed have no positions."""

CONSTRAINTS = pa.schema(
    [
        pa.field("verdict", pa.string()),
        pa.field("level", pa.string()),
        *_side("left"),
        *_side("right"),
    ]
)
"""Of `same`, the two units that must be in one cluster; of `different`, the two passages none of
whose units may be."""

JUDGED_LINKS = pa.schema(
    [
        pa.field("number", pa.int64()),
        pa.field("level", pa.string()),
        *(
            pa.field(f"{side}_{name}", pa.int64())
            for side in ("left", "right")
            for name in ("begin", "end", "order")
        ),
    ]
)
"""The units that a `same` judgement links, one row a pair."""

USES = pa.schema([pa.field("number", pa.int64()), pa.field("was_accepted", pa.int64())])
"""Judgements that met a match, and whether (1 or 0) it had been accepted without them."""

NAMED_JUDGEMENTS_SQL = """
    WITH names AS (
        SELECT left_document AS name, left_source AS source FROM judgements
        UNION ALL
        SELECT right_document AS name, right_source AS source FROM judgements
    ),
    known AS (SELECT DISTINCT name, source FROM names),
    by_source_id AS (
        SELECT source_id, min(document_id) AS document_id FROM texts
        WHERE source_id IS NOT NULL GROUP BY source_id
    ),
    by_source AS (
        SELECT source, min(document_id) AS document_id FROM texts GROUP BY source
    ),
    found AS (
        SELECT k.name AS name, k.source AS source,
            CASE WHEN t.document_id IS NOT NULL THEN t.document_id
                WHEN i.document_id IS NOT NULL THEN i.document_id
                ELSE s.document_id END AS document_id
        FROM known k
        LEFT JOIN texts t ON k.name = t.document_id
        LEFT JOIN by_source_id i ON k.name = i.source_id
        LEFT JOIN by_source s ON k.source = s.source
    )
    SELECT j.*, l.document_id AS left_found, r.document_id AS right_found
    FROM judgements j
    LEFT JOIN found l ON j.left_document = l.name AND j.left_source = l.source
    LEFT JOIN found r ON j.right_document = r.name AND j.right_source = r.source
"""
"""Judgements with the documents that they name: by id, by the id that a cleaned corpus carries on,
or by source."""
NAMED_JUDGEMENTS = pa.schema(
    [
        *JUDGEMENTS,
        pa.field("left_found", pa.string()),
        pa.field("right_found", pa.string()),
    ]
)

IN_FORCE_SQL = f"SELECT * FROM placed_judgements WHERE status = '{PLACED}'"
CONSTRAINTS_SQL = f"""
    SELECT verdict, level, left_document, left_begin, left_end,
        right_document, right_begin, right_end
    FROM must_links
    UNION ALL
    SELECT verdict, level, left_document, left_begin, left_end,
        right_document, right_begin, right_end
    FROM pass_judgements WHERE verdict = '{DIFFERENT}'
"""


def digest_words(words: Iterable[str]) -> str:
    """Return a digest of folded words: case, accents and punctuation do not count.

    >>> from cleaner.words import fold_words
    >>> digest_words(fold_words("The ferry sank.")) == digest_words(["the", "ferry", "sank"])
    True
    """
    return xxhash.xxh3_64_hexdigest(" ".join(words).encode("utf-8", "surrogatepass"))


def find_passage(
    text: str, begin: int, end: int, digest: str, num_words: int
) -> tuple[int, int] | None:
    """Return where a passage stands: at its place, or where else its words stand exactly once.

    Args:
        text: The document's text.
        begin: Where it began.
        end: Where it ended.
        digest: What `digest_words` gave of its words.
        num_words: Its number of words.

    >>> digest = digest_words(["it", "sank"])
    >>> find_passage("It sank.", 0, 8, digest, 2), find_passage("So: it sank.", 0, 8, digest, 2)
    ((0, 8), (4, 11))
    >>> find_passage("It swam.", 0, 8, digest, 2) is None
    True
    """
    if digest_words(fold_words(text[begin:end])) == digest:
        return begin, end
    spans = find_words(text)
    num_places = len(spans) - num_words + 1
    if num_words < 1 or num_places * num_words > _MAX_SCANNED_WORDS:
        return None
    words = [fold_word(text[a:b]) for a, b in spans]
    places = [at for at in range(num_places) if digest_words(words[at : at + num_words]) == digest]
    if len(places) != 1:
        return None
    return spans[places[0]][0], spans[places[0] + num_words - 1][1]


def place_judgements(batch: pa.RecordBatch, config: Config, texts: pa.Table) -> pa.RecordBatch:
    """Find what was judged in the documents of this run.

    Args:
        batch: Rows that `NAMED_JUDGEMENTS_SQL` gives.
        config: Not used; every kernel takes it.
        texts: The rows of `model.TEXTS` of the documents that were found.

    Returns:
        Rows of `PLACED_JUDGEMENTS`, in the same order.
    """
    text_of = {
        row["document_id"]: row["text"] for row in texts.select(["document_id", "text"]).to_pylist()
    }
    rows = []
    for row in batch.to_pylist():
        found = {name: row[name] for name in ("number", "verdict", "level", "is_sample")}
        documents = row["left_found"], row["right_found"]
        if None in documents:
            rows.append(found | {"status": NO_DOCUMENT})
            continue
        sides = []
        for side, document in zip(("left", "right"), documents, strict=True):
            keys = ("begin", "end", "digest", "num_words")
            extent = find_passage(text_of[document], *(row[f"{side}_{key}"] for key in keys))
            if extent is not None:
                sides.append((document, *extent))
        if len(sides) < 2 or documents[0] == documents[1]:
            rows.append(found | {"status": STALE})
            continue
        for side, (document, begin, end) in zip(("left", "right"), sorted(sides), strict=True):
            found |= {f"{side}_document": document, f"{side}_begin": begin, f"{side}_end": end}
        rows.append(found | {"status": PLACED})
    return pa.RecordBatch.from_pylist(rows, schema=PLACED_JUDGEMENTS)


def strike_judged(batch: pa.RecordBatch, config: Config, judgements: pa.Table) -> pa.RecordBatch:
    """Make boilerplate of what was judged to be.

    Args:
        batch: Rows of `boilerplate.JUDGED`.
        config: Not used; every kernel takes it.
        judgements: Rows of `PLACED_JUDGEMENTS`.

    Returns:
        Rows of `boilerplate.JUDGED`; blocks are cut where a passage begins or ends inside them.
    """
    struck: dict[str, list[tuple[int, int]]] = {}
    for row in judgements.to_pylist():
        if row["verdict"] == BOILERPLATE:
            for side in ("left", "right"):
                extent = row[f"{side}_begin"], row[f"{side}_end"]
                struck.setdefault(row[f"{side}_document"], []).append(extent)
    if struck.keys().isdisjoint(batch.column("document_id").to_pylist()):
        return batch
    rows = batch.to_pylist()
    for row in rows:
        for begin, end in struck.get(row["document_id"], ()):
            row["basis"] = row["rest"] = None
            row["verdicts"] = [
                part for verdict in row["verdicts"] for part in _strike(verdict, begin, end)
            ]
    return pa.RecordBatch.from_pylist(rows, schema=batch.schema)


def _strike(verdict: dict[str, Any], begin: int, end: int) -> list[dict[str, Any]]:
    """Cut the verdict on a block of main content at the limits of a struck passage."""
    first, last = max(begin, verdict["begin"]), min(end, verdict["end"])
    if verdict["kind"] != MAIN or first >= last:
        return [verdict]
    parts = [
        verdict | {"end": first},
        verdict | {"begin": first, "end": last} | _STRUCK,
        verdict | {"begin": last},
    ]
    return [part for part in parts if part["begin"] < part["end"]]


def link_judged(
    batch: pa.RecordBatch, config: Config, texts: pa.Table, judged: pa.Table
) -> pa.RecordBatch:
    """Link what two passages share that were judged the same, whatever facts they differ in.

    Args:
        batch: Rows of `PLACED_JUDGEMENTS`.
        config: The run's configuration.
        texts: The rows of `model.TEXTS` of their documents.
        judged: The rows of `boilerplate.JUDGED` of their documents.

    Returns:
        Rows of `JUDGED_LINKS`: whole documents, or the sentences or quotations that lie in the two
        passages and of which one covers enough of the other.
    """
    verdicts = {row["document_id"]: row for row in judged.to_pylist()}
    columns = ["document_id", "text", "language"]
    text_of = {row["document_id"]: row for row in texts.select(columns).to_pylist()}
    rows: list[dict[str, Any]] = []
    for row in batch.to_pylist():
        if row["verdict"] != SAME:
            continue
        sides = [
            _list_units(read_kept_text(text_of[name], verdicts[name]), row, side)
            for side in ("left", "right")
            if (name := row[f"{side}_document"])
        ]
        for left, right in product(*sides):
            if row["level"] == DOCUMENT or _is_covered(left, right, config.match):
                rows.append(
                    {"number": row["number"], "level": left.level}
                    | {"left_begin": left.begin, "left_end": left.end, "left_order": left.order}
                    | {"right_begin": right.begin, "right_end": right.end}
                    | {"right_order": right.order}
                )
    return pa.RecordBatch.from_pylist(rows, schema=JUDGED_LINKS)


class _Unit(msgspec.Struct, frozen=True):
    """A document, sentence or quotation, with its folded words."""

    level: str
    begin: int
    end: int
    order: int
    words: Sequence[str]


def _is_covered(left: _Unit, right: _Unit, config: MatchConfig) -> bool:
    """Tell whether one of two units holds enough of the other one's words, in order."""
    if len(left.words) * len(right.words) > _MAX_COMPARED:
        return False
    shared = sum(size for _, _, size in common_blocks(left.words, right.words))
    return shared >= config.sentence_coverage * min(len(left.words), len(right.words))


def _list_units(kept: KeptText, judgement: Mapping[str, Any], side: str) -> list[_Unit]:
    """Return the units of a document's main content of which most was judged."""
    begin, end = judgement[f"{side}_begin"], judgement[f"{side}_end"]
    whole = kept.document()
    passages = {
        DOCUMENT: [whole] if whole else [],
        SENTENCE: kept.sentences,
        QUOTATION: kept.quotations,
    }[judgement["level"]]
    found = []
    for order, unit in enumerate(passages):
        judged = sum(begin <= at < end for at in kept.begins[unit.first : unit.last])
        if judged > _MIN_OVERLAP * (unit.last - unit.first):
            words = kept.fold(unit.first, unit.last)
            found.append(_Unit(judgement["level"], unit.begin, unit.end, order, words))
    return found


def apply_judgements(
    batch: pa.RecordBatch, config: Config, judgements: pa.Table, judged_links: pa.Table
) -> pa.RecordBatch:
    """Settle the matches that were judged.

    Args:
        batch: Rows of `verify.MATCHES`.
        config: Not used; every kernel takes it.
        judgements: Rows of `PLACED_JUDGEMENTS`.
        judged_links: Rows of `JUDGED_LINKS`, for matches that have no links of their own.

    Returns:
        Rows of `verify.MATCHES`: of `same` pairs accepted, with the relation that fits their level
        where it was one that is never merged; of `different` ones refused. A match that is
        larger than what was judged `different` loses the links in it, and is refused if none is
        left. `evidence` ends with what was judged, and with what had been decided without it.
    """
    judged = _by_pair(judgements)
    if not any(pair in judged for pair in _pairs(batch)):
        return batch
    more_links: dict[int, list[dict[str, Any]]] = {}
    for link in judged_links.to_pylist():
        more_links.setdefault(link.pop("number"), []).append(link)
    rows = batch.to_pylist()
    for row in rows:
        about = judged.get((row["left_document"], row["right_document"]), ())
        told = _told(row, about)
        if SAME in told and not row["links"]:
            row["links"] = [
                link
                for judgement in about
                if judgement["verdict"] == SAME and _is_same_place(row, judgement)
                for link in more_links.get(judgement["number"], ())
            ]
        links = [link for link in row["links"] if not _is_refused(link, told, about)]
        is_refused = DIFFERENT in told or (bool(row["links"]) and not links)
        if not is_refused and SAME not in told:
            row["links"] = links
            continue
        verdict = DIFFERENT if is_refused else SAME
        row["evidence"] = mark_evidence(row["evidence"], verdict, was_accepted=is_merged(row))
        row["accepted"] = not is_refused
        row["links"] = [] if is_refused else links
        if not is_refused and row["relation"] in _NEVER_MERGED:
            row["relation"] = _RELATIONS[row["level"]]
    return pa.RecordBatch.from_pylist(rows, schema=batch.schema)


def is_merged(match: Mapping[str, Any]) -> bool:
    """Tell whether a match says that its two sides are the same: variants and templates do not."""
    return bool(match["accepted"]) and match["relation"] not in _NEVER_MERGED


_MARK = "judged={} {}"
_DECISIONS = {True: "over=accepted", False: "over=refused"}
_MARKS = {
    (verdict, decision): _MARK.format(verdict, words)
    for verdict in (SAME, DIFFERENT)
    for decision, words in _DECISIONS.items()
}
"""How the evidence of a match ends that was judged, by the verdict and what was decided before."""
_DIFFERENT_MARKS = tuple(mark for (verdict, _), mark in _MARKS.items() if verdict == DIFFERENT)


def mark_evidence(evidence: str | None, verdict: str, *, was_accepted: bool) -> str:
    """Add to the evidence of a match what was judged of it, and what was decided without that.

    >>> mark_evidence("5 outlets in 1 day", "different", was_accepted=True)
    '5 outlets in 1 day; judged=different over=accepted'
    """
    mark = _MARKS[verdict, was_accepted]
    return f"{evidence}; {mark}" if evidence else mark


def was_merged(match: Mapping[str, Any]) -> bool:
    """Tell whether a match `is_merged`, or was so before it was judged.

    >>> evidence = "5 outlets in 1 day; judged=different over=accepted"
    >>> was_merged({"accepted": False, "relation": "passage", "evidence": evidence})
    True
    """
    for (_, decision), mark in _MARKS.items():
        if (match["evidence"] or "").endswith(mark):
            return decision
    return is_merged(match)


def was_judged_different(match: Mapping[str, Any]) -> bool:
    """Tell whether a person refused a match, whatever its score.

    >>> was_judged_different({"evidence": "whole article; judged=different over=accepted"})
    True
    """
    return (match["evidence"] or "").endswith(_DIFFERENT_MARKS)


def list_uses(batch: pa.RecordBatch, config: Config, judgements: pa.Table) -> pa.RecordBatch:
    """List which judgements met which matches.

    Args:
        batch: Rows of `verify.MATCHES` before `apply_judgements`.
        config: Not used; every kernel takes it.
        judgements: Rows of `PLACED_JUDGEMENTS`.

    Returns:
        Rows of `USES`, one for each judgement and match.
    """
    judged = _by_pair(judgements)
    rows = [
        {"number": judgement["number"], "was_accepted": int(is_merged(match))}
        for match in _judged_rows(batch, judged)
        for judgement in judged[match["left_document"], match["right_document"]]
        if _is_same_place(match, judgement)
    ]
    return pa.RecordBatch.from_pylist(rows, schema=USES)


def list_must_links(batch: pa.RecordBatch, config: Config, judgements: pa.Table) -> pa.RecordBatch:
    """List the units that must be in one cluster: what a match links that was judged `same`.

    Args:
        batch: Rows of `verify.MATCHES` after `apply_judgements`.
        config: Not used; every kernel takes it.
        judgements: Rows of `PLACED_JUDGEMENTS`.

    Returns:
        Rows of `CONSTRAINTS`.
    """
    judged = _by_pair(judgements)
    rows = [
        {
            "verdict": SAME,
            "left_document": match["left_document"],
            "right_document": match["right_document"],
        }
        | {name: link[name] for name in ("level", *_EXTENTS)}
        for match in _judged_rows(batch, judged)
        if SAME in _told(match, judged[match["left_document"], match["right_document"]])
        for link in match["links"]
    ]
    return pa.RecordBatch.from_pylist(rows, schema=CONSTRAINTS)


_EXTENTS = ("left_begin", "left_end", "right_begin", "right_end")
_Judged = dict[tuple[str, str], list[dict[str, Any]]]


def _by_pair(judgements: pa.Table) -> _Judged:
    """Return what was judged of matches, by the ids of the two documents."""
    found: _Judged = {}
    for row in judgements.to_pylist():
        if row["verdict"] != BOILERPLATE:
            found.setdefault((row["left_document"], row["right_document"]), []).append(row)
    return found


def _pairs(batch: pa.RecordBatch) -> Iterable[tuple[str, str]]:
    columns = (batch.column(f"{side}_document").to_pylist() for side in ("left", "right"))
    return zip(*columns, strict=True)


def _judged_rows(batch: pa.RecordBatch, judged: _Judged) -> list[dict[str, Any]]:
    """Return the matches of documents between which anything was judged."""
    at = [number for number, pair in enumerate(_pairs(batch)) if pair in judged]
    found: list[dict[str, Any]] = batch.take(pa.array(at, pa.int64())).to_pylist()
    return found


def _told(match: Mapping[str, Any], about: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return what was judged of a match as it stands."""
    return {row["verdict"] for row in about if _is_same_place(match, row)}


def _is_refused(
    link: Mapping[str, Any], told: set[str], about: Sequence[Mapping[str, Any]]
) -> bool:
    return DIFFERENT in told or any(
        row["verdict"] == DIFFERENT and _is_spoken_of(link, row) for row in about
    )


def _is_same_place(match: Mapping[str, Any], judgement: Mapping[str, Any]) -> bool:
    """Tell whether a match is what was judged: nearly the same extents on both sides."""
    is_document = (match["level"] == DOCUMENT, judgement["level"] == DOCUMENT)
    return is_document[0] == is_document[1] and all(
        _shared(match, judgement, side)
        >= _MIN_OVERLAP * max(_length(match, side), _length(judgement, side))
        for side in ("left", "right")
    )


def _is_spoken_of(units: Mapping[str, Any], judgement: Mapping[str, Any]) -> bool:
    """Tell whether two units lie in two passages that were judged.

    A judgement on passages says nothing of whole documents.
    """
    if units["level"] == DOCUMENT and judgement["level"] != DOCUMENT:
        return False
    return all(
        _shared(units, judgement, side)
        >= max(1, _MIN_OVERLAP * min(_length(units, side), _length(judgement, side)))
        for side in ("left", "right")
    )


def _shared(one: Mapping[str, Any], other: Mapping[str, Any], side: str) -> int:
    begin, end = f"{side}_begin", f"{side}_end"
    shared: int = min(one[end], other[end]) - max(one[begin], other[begin])
    return max(0, shared)


def _length(row: Mapping[str, Any], side: str) -> int:
    length: int = row[f"{side}_end"] - row[f"{side}_begin"]
    return length


def part_members(batch: pa.RecordBatch, config: Config, constraints: pa.Table) -> pa.RecordBatch:
    """Take copies out of clusters that hold what they were judged different from.

    Those whose passages were not compared join the clusters of their hub, which need not have been
    judged itself.

    Args:
        batch: Rows of `cluster.MEMBERS`, whole clusters.
        config: Not used; every kernel takes it.
        constraints: Rows of `CONSTRAINTS`.

    Returns:
        Rows of `cluster.MEMBERS`, of each cluster the representative first.
    """
    judged = Constraints(constraints)
    rows: list[dict[str, Any]] = []
    for _, cluster in groupby(batch.to_pylist(), key=lambda row: str(row["cluster_id"])):
        held: list[dict[str, Any]] = []
        for row in sorted(cluster, key=_representative_first):
            if not any(judged.is_apart(row, other) for other in held):
                rows.append(row)
                if judged.is_about(row):
                    held.append(row)
    return pa.RecordBatch.from_pylist(rows, schema=batch.schema)


def _representative_first(member: Mapping[str, Any]) -> tuple[bool, str, int]:
    return not member["is_representative"], member["document_id"], member["begin"]


class Constraints:
    """Which units were judged to belong together, and which not.

    A unit is a mapping with `document_id`, `level`, `begin` and `end`.

    Args:
        table: Rows of `CONSTRAINTS`.
    """

    def __init__(self, table: pa.Table) -> None:
        self._judged: _Judged = {}
        for row in table.to_pylist():
            pair = (row["left_document"], row["right_document"])
            self._judged.setdefault(pair, []).append(row)
        self._documents = {document for pair in self._judged for document in pair}

    def is_about(self, unit: Mapping[str, Any]) -> bool:
        """Tell whether anything was judged of a unit's document."""
        return unit["document_id"] in self._documents

    def __bool__(self) -> bool:
        """Tell whether anything was judged."""
        return bool(self._judged)

    def is_apart(self, unit: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        """Tell whether two units must not be in one cluster."""
        units, about = self._find(unit, other)
        return any(row["verdict"] == DIFFERENT and _is_spoken_of(units, row) for row in about)

    def is_together(self, unit: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        """Tell whether two units must be in one cluster."""
        units, about = self._find(unit, other)
        keys = ("level", *_EXTENTS)
        return any(
            row["verdict"] == SAME and all(row[key] == units[key] for key in keys) for row in about
        )

    def _find(
        self, unit: Mapping[str, Any], other: Mapping[str, Any]
    ) -> tuple[dict[str, Any], Sequence[dict[str, Any]]]:
        """Return two units as the two sides of a match, and what was judged of their documents."""
        if unit["document_id"] > other["document_id"]:
            unit, other = other, unit
        about = self._judged.get((unit["document_id"], other["document_id"]), [])
        return {
            "level": unit["level"],
            "left_begin": unit["begin"],
            "left_end": unit["end"],
            "right_begin": other["begin"],
            "right_end": other["end"],
        }, about
