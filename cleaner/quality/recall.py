"""How much reuse a run finds: near-copies planted in a sample of its own articles, and counted.

1. A sample of the run's documents, drawn by their ids, as the unique view leaves them: no
   boilerplate, and no copies but those that it was told to keep.
2. Near-copies of some of them are planted in others of the same language (`plant`).
3. The same matching looks for reuse in this small corpus (`pipeline.match`); nothing of it is taken
   for boilerplate, and nothing is cut.
4. A copy counts as found when accepted matches of the two documents cover half of it on both sides.

A sample is smaller than its run: what is common in the run may be rare in it.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as pa
import xxhash

from cleaner.engines import Engine, read_rows
from cleaner.ledger import spans_by_document, view_text
from cleaner.model import LEDGER, TEXTS, Document, as_row
from cleaner.passages.judgements import is_merged
from cleaner.quality.intervals import Interval, count_positions, count_shared
from cleaner.quality.near_copies import LEVELS
from cleaner.quality.plant import PlantedCorpus, PlantedPair, Source, plant_corpus
from cleaner.quality.verdicts import confidence_interval
from cleaner.words import fold_words

NOT_MEASURED = "not measured; set output.quality = true"
"""What stands for the recall of a run that was told not to measure it."""
TOO_FEW = "too few documents to tell"
"""What stands for it where nothing could be planted."""

_SEED = "recall"
_MAX_COPIES = 64
_COPIES_A_DOCUMENT = 0.5
_MIN_DOCUMENTS = 8
_MAX_DOCUMENTS = 160
"""What is left beside originals and hosts is the background (some 70 documents, by hand)."""
_MAX_CHARS = 12_000
"""Longer documents are not drawn: a few of them would take longer than all others (by hand)."""
_MIN_COVERED = 0.5
_IN_TURN = (*LEVELS[::2], *LEVELS[1::2])
"""Of the levels, as many as few documents allow: from the first of these on."""

_SAMPLE, _SAMPLED_TEXTS, _SAMPLED_SPANS = "recall_sample", "recall_texts", "recall_spans"
_KEPT_SQL = """
    SELECT document_id, CAST(sum("end" - "begin") AS BIGINT) AS num_chars
    FROM ledger WHERE "unique" GROUP BY document_id
"""
_KEPT = pa.schema(
    [
        pa.field("document_id", pa.string()),
        pa.field("num_chars", pa.int64()),
    ]
)
_TEXTS_SQL = f"""
    SELECT t.document_id, t.outlet, t.language, t.published, t.text
    FROM texts t JOIN {_SAMPLE} s ON t.document_id = s.document_id
"""
_TEXTS = pa.schema(
    TEXTS.field(name) for name in ("document_id", "outlet", "language", "published", "text")
)
_SPANS_SQL = f"""
    SELECT l.document_id, l."begin", l."end", l."unique"
    FROM ledger l JOIN {_SAMPLE} s ON l.document_id = s.document_id
"""
_SPANS = pa.schema(LEDGER.field(name) for name in ("document_id", "begin", "end", "unique"))


class Recall(msgspec.Struct, frozen=True):
    """How many of the copies that were planted are found.

    Attributes:
        planted: Copies of a level.
        found: Those that the run's matching finds.
        low, high: The 95 % confidence interval of the share of them, after Wilson.
    """

    planted: int
    found: int
    low: float
    high: float


def plant_in_run(engine: Engine) -> PlantedCorpus:
    """Plant near-copies in a sample of the articles that a run keeps.

    Args:
        engine: The engine after `pipeline.clean`; it is left as it was.

    Returns:
        The sample with the copies in it, by name: ids of documents. At most 64 copies, as many of
        each level as of the others as far as that goes, and at most one for two documents; none
        where documents are too short, and no sample where they are too few.
    """
    if engine.count("texts") < _MIN_DOCUMENTS:
        return PlantedCorpus((), ())
    documents = _draw_documents(engine)
    by_language: dict[str, list[Source]] = defaultdict(list)
    for document in documents:
        by_language[document.language or ""].append(document)
    unknown = by_language.pop("", [])
    limit = 0
    if len(documents) >= _MIN_DOCUMENTS:
        limit = min(_MAX_COPIES, int(_COPIES_A_DOCUMENT * len(documents)))
    planted = unknown
    pairs: list[PlantedPair] = []
    turn = 0
    for _, found in sorted(by_language.items()):
        share = limit * len(found) // len(documents)
        levels = [_IN_TURN[(turn + at) % len(LEVELS)] for at in range(min(share, len(LEVELS)))]
        turn += share
        corpus = plant_corpus(
            found, _SEED, levels=levels, max_per_level=max(1, share // len(LEVELS))
        )
        planted += corpus.documents
        pairs += corpus.pairs
    planted.sort(key=lambda document: document.name)
    return PlantedCorpus(tuple(planted), tuple(pairs))


def _draw_documents(engine: Engine) -> list[Source]:
    """Draw documents by their ids; of those of the same words, one."""
    engine.sql(_KEPT_SQL, target=_SAMPLE, schema=_KEPT)
    drawn = heapq.nsmallest(
        _MAX_DOCUMENTS,
        (
            (xxhash.xxh3_64_intdigest(row["document_id"].encode()), row["document_id"])
            for row in read_rows(engine, _SAMPLE)
            if row["num_chars"] <= _MAX_CHARS
        ),
    )
    ids = pa.record_batch([pa.array([name for _, name in drawn], pa.string())], ["document_id"])
    engine.write(_SAMPLE, [ids], ids.schema)
    engine.sql(_TEXTS_SQL, target=_SAMPLED_TEXTS, schema=_TEXTS)
    engine.sql(_SPANS_SQL, target=_SAMPLED_SPANS, schema=_SPANS)
    spans = spans_by_document(
        pa.Table.from_batches(engine.read(_SAMPLED_SPANS), engine.schema(_SAMPLED_SPANS))
    )
    found: dict[tuple[str, ...], Source] = {}
    for row in sorted(read_rows(engine, _SAMPLED_TEXTS), key=lambda row: str(row["document_id"])):
        name = row["document_id"]
        text = view_text(row["text"], spans[name], "unique").strip()
        source = Source(name, row["outlet"], text, row["language"], row["published"])
        found.setdefault(tuple(fold_words(text)), source)
    for table in (_SAMPLE, _SAMPLED_TEXTS, _SAMPLED_SPANS):
        engine.drop(table)
    return list(found.values())


def list_planted(corpus: PlantedCorpus) -> Iterator[Document]:
    """Yield the documents of a planted corpus as a reader gives them."""
    for document in corpus.documents:
        yield Document(
            source=document.name,
            path=document.name,
            record=0,
            outlet=document.outlet,
            outlet_from="field",
            mime="text/plain",
            payload=document.text,
            published=document.published,
            language=document.language,
        )


def count_found(corpus: PlantedCorpus, engine: Engine) -> dict[str, Recall]:
    """Count the planted copies that were found.

    Args:
        corpus: What was planted.
        engine: The engine after `pipeline.match` of `list_planted`.

    Returns:
        The recall of each level that was planted, in the order of `near_copies.LEVELS`.
    """
    names = {
        row["document_id"]: row["path"]
        for row in read_rows(engine, "texts", columns=("document_id", "path"))
    }
    extents: dict[tuple[str, str], list[tuple[Interval, Interval]]] = defaultdict(list)
    for row in filter(is_merged, read_rows(engine, "matches", columns=_MATCH_COLUMNS)):
        left, right = names[row["left_document"]], names[row["right_document"]]
        left_at = row["left_begin"], row["left_end"]
        right_at = row["right_begin"], row["right_end"]
        extents[left, right].append((left_at, right_at))
        extents[right, left].append((right_at, left_at))
    planted = Counter(pair.level for pair in corpus.pairs)
    found = Counter(
        pair.level for pair in corpus.pairs if is_found(pair, extents[pair.copy, pair.original])
    )
    return {level: _measure(planted[level], found[level]) for level in LEVELS if planted[level]}


_MATCH_COLUMNS = (
    *("left_document", "left_begin", "left_end", "right_document", "right_begin", "right_end"),
    *("accepted", "relation"),
)


def is_found(pair: PlantedPair, extents: Sequence[tuple[Interval, Interval]]) -> bool:
    """Tell whether half of a planted copy is covered, in the copy and in the original.

    Args:
        pair: The copy and its original.
        extents: What was matched of the two documents: the stretch of the copy's, and that of the
            original's.
    """
    sides = (
        ([(span.begin, span.end) for span in pair.spans], [extent[0] for extent in extents]),
        (
            [(span.original_begin, span.original_end) for span in pair.spans],
            [extent[1] for extent in extents],
        ),
    )
    return all(
        count_shared(gold, matched) >= _MIN_COVERED * count_positions(gold)
        for gold, matched in sides
    )


def _measure(planted: int, found: int) -> Recall:
    """Return the recall of a level.

    >>> _measure(8, 8)
    Recall(planted=8, found=8, low=0.6756, high=1.0)
    """
    return Recall(planted, found, *confidence_interval(found, planted))


def describe_recall(recall: Mapping[str, Recall] | None) -> Mapping[str, Any] | str:
    """Return what the manifest says of a run's recall; None if it was not measured."""
    if recall is None:
        return NOT_MEASURED
    return {level: as_row(found) for level, found in recall.items()} or TOO_FEW
