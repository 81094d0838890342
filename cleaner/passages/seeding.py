"""From seeds to candidate pairs of documents: who shares several rare pairs of terms in one place.

MinHash finds articles and paragraphs that are copies. A quotation in another sentence, half of a
sentence, clauses that changed places leave no signature alike; for these

1. `list_document_seeds`: each document's seeds, a sample of those that are not neighbours. What
   stands in an exact copy of a paragraph is there once, with the paragraph's hub.
2. `CROWDED_SEEDS`: those that several documents have: a group-by on the seed.
3. `nominate_seeds`: documents that meet at a seed. Where more than `max_seed_documents` do, each
   meets the first one and those next to it in time, so that cost stays linear and a story, however
   big, stays in one piece: its documents have the same neighbours at each of its seeds.
4. `find_close_seeds`: two documents are a candidate pair if several of these seeds stand close to
   each other in both.

`SEED_FACTS` say of each seed how many documents and outlets have it and over how many days: what
tells a dispatch from a form that recurs.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from cleaner.compiled import find_words
from cleaner.config import Config, MatchConfig
from cleaner.passages.acceptance import SeedFacts
from cleaner.passages.candidates import kept_spans
from cleaner.passages.minhash import Int64s
from cleaner.passages.terms import Seeds, Terms, find_batch_terms, list_seeds

_MAX_REPEATS = 2
"""Of a seed that a document repeats, the first ones count."""
_CLOSE_WORDS = 30
"""Seeds further apart on either side are not of one passage (by hand)."""
_FULL_DOCUMENTS, _FULL_WEIGHT, _MIN_WEIGHT = 4, 12, 4
"""A seed of up to four documents counts fully, one of n documents 4/n, at least a third. On news of
six languages this halves the candidates and keeps 98.6 % of the pairs with accepted matches."""
_LOOK_AHEAD = 12
"""How many of the seeds that follow in a document are looked at."""
NO_DAY = -1
_FIRST_DAY = np.datetime64("0001-01-01", "D")

SEEDS = pa.schema(
    [
        pa.field("seed_hash", pa.int64()),
        pa.field("document_id", pa.string()),
        pa.field("outlet_hash", pa.int64()),
        pa.field("day", pa.int64()),
        pa.field("at", pa.int64()),
        pa.field("is_hub", pa.bool_()),
    ]
)
"""Seeds by document. `day` counts from the year 1, -1 if unknown; `at` is the place of the seed's
first word among the kept words; `is_hub`: not in a copy of another document or of its paragraph."""

HITS = pa.schema(
    [
        pa.field("left_document", pa.string()),
        pa.field("right_document", pa.string()),
        pa.field("seed_hash", pa.int64()),
        pa.field("num_documents", pa.int64()),
        pa.field("left_at", pa.int64()),
        pa.field("right_at", pa.int64()),
    ]
)
"""Seeds that two documents were nominated for; the left document has the smaller id."""

SEED_PAIRS = pa.schema(
    [pa.field("left_document", pa.string()), pa.field("right_document", pa.string())]
)

DOCUMENT_SEEDS = pa.schema(
    [
        pa.field("document_id", pa.string()),
        pa.field("seed_hash", pa.int64()),
        pa.field("num_documents", pa.int64()),
        pa.field("num_outlets", pa.int64()),
        pa.field("num_days", pa.int64()),
        pa.field("first_day", pa.int64()),
        pa.field("last_day", pa.int64()),
    ]
)
"""What is known of the seeds that a document shares with others."""


def list_document_seeds(
    batch: pa.RecordBatch, config: Config, judged: pa.Table, passages: pa.Table
) -> pa.RecordBatch:
    """List the seeds of documents.

    Args:
        batch: Rows of `model.TEXTS`.
        config: The run's configuration.
        judged: The same documents' rows of `boilerplate.JUDGED`.
        passages: Their rows of what `COPIED_PARAGRAPHS` gives.

    Returns:
        Rows of `SEEDS`.
    """
    copied: dict[str, list[tuple[int, int]]] = {}
    for row in passages.to_pylist():
        copied.setdefault(row["document_id"], []).append((row["begin"], row["end"]))
    texts = batch.column("text")
    spans = kept_spans(batch, judged)
    words = find_words(texts, spans)
    limits = words.limits[spans.limits]
    languages = batch.column("language").to_pylist()
    found = find_batch_terms(texts.to_pylist(), languages, words, limits)
    rows = batch.select(["document_id", "outlet", "published"]).to_pylist()
    parts = []
    for row, terms, (first, last) in zip(rows, found, pairwise(limits.tolist()), strict=True):
        seeds = list_seeds(terms, rate=config.match.seed_sampling)
        begins = words.begins[first:last]
        parts.append(_rows(row, begins, terms, seeds, copied.get(row["document_id"], [])))
    return pa.concat_batches(parts) if parts else pa.RecordBatch.from_pylist([], schema=SEEDS)


def _rows(
    row: dict[str, Any],
    begins: Int64s,
    terms: Terms,
    seeds: Seeds,
    copied: list[tuple[int, int]],
) -> pa.RecordBatch:
    """Make the rows of one document from where its words begin; seeds are sorted by key, place."""
    is_early = np.ones(len(seeds.keys), dtype=bool)
    is_early[_MAX_REPEATS:] = seeds.keys[_MAX_REPEATS:] != seeds.keys[:-_MAX_REPEATS]
    at = terms.at[seeds.firsts[is_early]]
    until = terms.at[seeds.seconds[is_early]]
    is_copied = np.zeros(len(at), dtype=bool)
    for begin, end in copied:
        first, last = np.searchsorted(begins, (begin, end))
        is_copied |= (at >= first) & (until < last)
    num_rows = len(at)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(seeds.keys[is_early].view(np.int64)),
            pa.array([row["document_id"]] * num_rows, pa.string()),
            pa.array(np.full(num_rows, _hash_outlet(row["outlet"]))),
            pa.array(np.full(num_rows, count_days(row["published"]))),
            pa.array(at),
            pa.array(~is_copied),
        ],
        schema=SEEDS,
    )


def _hash_outlet(outlet: str) -> np.int64:
    return np.int64(xxhash.xxh3_64_intdigest(outlet.encode("utf-8", "surrogatepass")) - (1 << 63))


def count_days(published: str | None) -> int:
    """Return the day of a date, counted from the first of the year 1; -1 if it is not known.

    >>> count_days("0001-01-02T10:00:00Z"), count_days(None)
    (1, -1)
    """
    if not published:
        return NO_DAY
    return int((np.datetime64(published[:10], "D") - _FIRST_DAY).astype(np.int64))


COPIED_PARAGRAPHS = """
    SELECT left_document AS document_id, left_begin AS "begin", left_end AS "end"
    FROM echoes WHERE left_level <> 'document'
    UNION ALL
    SELECT document_id, 0 AS "begin", CAST(2000000000 AS BIGINT) AS "end" FROM exact_copies
"""
"""Paragraphs whose words stand in a better placed document too, and all of exact copies."""
EXTENTS = pa.schema(
    [
        pa.field("document_id", pa.string()),
        pa.field("begin", pa.int64()),
        pa.field("end", pa.int64()),
    ]
)

CROWDED_SEEDS = """
    WITH posted AS (SELECT DISTINCT seed_hash, document_id FROM seeds WHERE is_hub),
    crowded AS (
        SELECT seed_hash, count(*) AS num_documents FROM posted
        GROUP BY seed_hash HAVING count(*) > 1
    )
    SELECT s.seed_hash AS seed_hash, s.document_id AS document_id, s.day AS day, s.at AS at,
        c.num_documents AS num_documents
    FROM seeds s JOIN crowded c ON s.seed_hash = c.seed_hash
    WHERE s.is_hub
"""
"""The seeds that several documents have."""
CROWDED = pa.schema(
    [
        pa.field("seed_hash", pa.int64()),
        pa.field("document_id", pa.string()),
        pa.field("day", pa.int64()),
        pa.field("at", pa.int64()),
        pa.field("num_documents", pa.int64()),
    ]
)

SEED_FACTS = """
    WITH shared AS (
        SELECT seed_hash FROM hits UNION ALL SELECT seed_hash FROM seeds WHERE is_hub = FALSE
    ),
    wanted AS (SELECT DISTINCT seed_hash FROM shared),
    found AS (
        SELECT s.seed_hash AS seed_hash, s.document_id AS document_id,
            s.outlet_hash AS outlet_hash, s.day AS day
        FROM seeds s JOIN wanted w ON s.seed_hash = w.seed_hash
    ),
    documents AS (SELECT DISTINCT seed_hash, document_id FROM found),
    outlets AS (SELECT DISTINCT seed_hash, outlet_hash FROM found),
    days AS (SELECT DISTINCT seed_hash, day FROM found WHERE day >= 0),
    by_document AS (
        SELECT seed_hash, count(*) AS num_documents FROM documents GROUP BY seed_hash
    ),
    by_outlet AS (SELECT seed_hash, count(*) AS num_outlets FROM outlets GROUP BY seed_hash),
    by_day AS (
        SELECT seed_hash, count(*) AS num_days, min(day) AS first_day, max(day) AS last_day
        FROM days GROUP BY seed_hash
    )
    SELECT d.document_id AS document_id, d.seed_hash AS seed_hash,
        n.num_documents AS num_documents, o.num_outlets AS num_outlets,
        coalesce(t.num_days, 0) AS num_days, coalesce(t.first_day, -1) AS first_day,
        coalesce(t.last_day, -1) AS last_day
    FROM documents d
    JOIN by_document n ON d.seed_hash = n.seed_hash
    JOIN by_outlet o ON d.seed_hash = o.seed_hash
    LEFT JOIN by_day t ON d.seed_hash = t.seed_hash
"""
"""What gives `DOCUMENT_SEEDS`: copies of paragraphs are counted here."""


SKIPPED_SEEDS = pa.schema([pa.field("num_skipped_seeds", pa.int64())])
"""What `skipped_seeds_sql` counts: one row."""


def skipped_seeds_sql(config: MatchConfig) -> str:
    """Return the query that counts the meetings of documents that large seeds leave out."""
    most, near = config.max_seed_documents, config.seed_neighbours
    return f"""
    WITH large AS (
        SELECT min(num_documents) AS n FROM crowded_seeds GROUP BY seed_hash
        HAVING min(num_documents) > {max(most, near + 1)}
    )
    SELECT CAST(
        coalesce(sum(n * (n - 1) / 2 - (n - 1) * {near + 1} + {near * (near + 1) // 2}), 0)
        AS BIGINT
    ) AS num_skipped_seeds FROM large
    """


def nominate_seeds(batch: pa.RecordBatch, config: Config) -> pa.RecordBatch:
    """Nominate pairs of documents at each seed.

    Args:
        batch: Rows that `CROWDED_SEEDS` gives, whole seeds, ordered by day, document and place.
        config: The run's configuration.

    Returns:
        Rows of `HITS`.
    """
    seeds = batch.column("seed_hash").to_numpy()
    sizes = batch.column("num_documents").to_numpy()
    at = batch.column("at").to_numpy()
    names = pc.unique(batch.column("document_id"))
    names = names.take(pc.sort_indices(names))
    documents = pc.index_in(batch.column("document_id"), names).to_numpy(zero_copy_only=False)
    is_first = np.ones(len(seeds), dtype=bool)
    is_first[1:] = (seeds[1:] != seeds[:-1]) | (documents[1:] != documents[:-1])
    order = np.cumsum(is_first)
    begins = np.ones(len(seeds), dtype=bool)
    begins[1:] = seeds[1:] != seeds[:-1]
    hubs = np.maximum.accumulate(np.where(begins, np.arange(len(seeds)), 0))
    is_large = sizes > config.match.max_seed_documents
    froms, tos = [hubs[is_large]], [np.flatnonzero(is_large)]
    most = max(config.match.max_seed_documents, config.match.seed_neighbours + 1) * _MAX_REPEATS
    for lag in range(1, min(most, len(seeds))):
        is_near = seeds[lag:] == seeds[:-lag]
        is_near &= ~is_large[lag:] | (order[lag:] - order[:-lag] <= config.match.seed_neighbours)
        found = np.flatnonzero(is_near)
        froms.append(found)
        tos.append(found + lag)
    one, other = np.concatenate(froms), np.concatenate(tos)
    is_pair = documents[one] != documents[other]
    one, other = one[is_pair], other[is_pair]
    is_swapped = documents[one] > documents[other]
    left, right = np.where(is_swapped, other, one), np.where(is_swapped, one, other)
    columns = [documents[left], documents[right], seeds[left], sizes[left], at[left], at[right]]
    rows = np.unique(np.stack(columns, axis=1), axis=0) if len(left) else np.empty((0, 6), int)
    lefts, rights = (names.take(pa.array(rows[:, n].astype(np.int64))) for n in (0, 1))
    rest = [pa.array(rows[:, n].astype(np.int64)) for n in range(2, 6)]
    return pa.RecordBatch.from_arrays([lefts, rights, *rest], schema=HITS)


SHARED_SEEDS = """
    WITH met AS (SELECT DISTINCT left_document, right_document, seed_hash FROM hits),
    pairs AS (
        SELECT left_document, right_document FROM met
        GROUP BY left_document, right_document HAVING count(*) > 1
    )
    SELECT h.left_document AS left_document, h.right_document AS right_document,
        h.seed_hash AS seed_hash, h.num_documents AS num_documents, h.left_at AS left_at,
        h.right_at AS right_at
    FROM hits h JOIN pairs p
        ON h.left_document = p.left_document AND h.right_document = p.right_document
"""
"""The hits of documents that meet at two seeds and more."""


def find_close_seeds(batch: pa.RecordBatch, config: Config) -> pa.RecordBatch:
    """Find the pairs of documents that share seeds close to each other.

    A seed that many documents have counts less, but never so little that the documents of a story
    with many copies would not meet.

    Args:
        batch: Rows of `HITS`, all those of two documents together, ordered by their place on the
            left.
        config: The run's configuration.

    Returns:
        Rows of `SEED_PAIRS`, each pair once.
    """
    pair = _number_pairs(batch)
    seeds = batch.column("seed_hash").to_numpy()
    left, right = batch.column("left_at").to_numpy(), batch.column("right_at").to_numpy()
    num_documents = batch.column("num_documents").to_numpy()
    weights = np.clip(_FULL_WEIGHT * _FULL_DOCUMENTS // num_documents, _MIN_WEIGHT, _FULL_WEIGHT)
    total = weights.copy()
    for lag in range(1, min(_LOOK_AHEAD, len(pair) - 1) + 1):
        is_close = (
            (pair[lag:] == pair[:-lag])
            & (seeds[lag:] != seeds[:-lag])
            & (left[lag:] - left[:-lag] <= _CLOSE_WORDS)
            & (np.abs(right[lag:] - right[:-lag]) <= _CLOSE_WORDS)
        )
        total[:-lag] += np.where(is_close, weights[lag:], 0)
    chosen = np.flatnonzero(total >= _FULL_WEIGHT * config.match.min_seeds)
    _, first = np.unique(pair[chosen], return_index=True)
    rows = pa.array(chosen[first])
    return batch.select(SEED_PAIRS.names).take(rows)


def _number_pairs(batch: pa.RecordBatch) -> Int64s:
    """Number the pairs of documents of rows that are sorted by them."""
    changes = np.zeros(batch.num_rows, dtype=np.int64)
    for name in SEED_PAIRS.names:
        codes = batch.column(name).dictionary_encode().indices.to_numpy(zero_copy_only=False)
        changes[1:] |= codes[1:] != codes[:-1]
    return np.cumsum(changes)


def read_seed_facts(seeds: pa.Table) -> dict[str, SeedFacts]:
    """Return what is known of the seeds of each document, by its id.

    Args:
        seeds: Rows of `DOCUMENT_SEEDS`.
    """
    ordered = seeds.sort_by([("document_id", "ascending"), ("seed_hash", "ascending")])
    columns = {name: ordered.column(name).to_numpy() for name in DOCUMENT_SEEDS.names[1:]}
    found = ordered.column("document_id").to_pylist()
    limits = [0, *(at for at in range(1, len(found)) if found[at] != found[at - 1]), len(found)]
    return {
        found[begin]: SeedFacts(
            columns["seed_hash"][begin:end],
            columns["num_documents"][begin:end],
            columns["num_outlets"][begin:end],
            columns["num_days"][begin:end],
            (columns["last_day"] - columns["first_day"])[begin:end],
        )
        for begin, end in pairwise(limits)
        if begin < end
    }
