"""From seeds to candidate pairs of documents: who shares several rare pairs of terms in one place.

MinHash finds articles and paragraphs that are copies. A quotation in another sentence, half of a
sentence, clauses that changed places leave no signature alike; for these

1. `list_document_seeds`: each document's seeds, a sample of those that are not neighbours. What
   stands in an exact copy of a paragraph is there once, with the paragraph's hub.
2. `list_shared_seeds` and `nominate_pairs`: documents that meet at a seed. Where more than
   `max_seed_documents` do, each meets the first one and those next to it in time, so that cost
   stays linear and a story, however big, stays in one piece: its documents have the same neighbours
   at each of its seeds.
3. `find_close_seeds`: two documents are a candidate pair if several of these seeds stand close to
   each other in both. `limit_partners` leaves each document some dozens.

`count_seeds` and `list_seed_facts` say of each seed how many documents and outlets have it and over
how many days: what tells a dispatch from a form that recurs.

There are hundreds of seeds a document: rows are numbers, documents by their `document_number`, and
kernels sort the rows of one part of all seeds, or of all documents, at a time.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cleaner.config import Config, MatchConfig
from cleaner.engines.buckets import find_buckets
from cleaner.engines.digests import mix
from cleaner.passages.acceptance import SeedFacts
from cleaner.passages.candidates import find_kept_words
from cleaner.passages.minhash import Int64s
from cleaner.passages.terms import find_batch_terms, list_batch_seeds

_MAX_REPEATS = 2
"""Of a seed that a document repeats, the first ones count."""
_CLOSE_WORDS = 30
"""Seeds further apart on either side are not of one passage (by hand)."""
_FULL_DOCUMENTS, _FULL_WEIGHT, _MIN_WEIGHT = 4, 12, 4
"""A seed of up to four documents counts fully, one of n documents 4/n, at least a third. On news of
six languages this halves the candidates and keeps 98.6 % of the pairs with accepted matches."""
_SLOTS_A_ROW = 2
_LOOK_AHEAD = 12
"""How many of the seeds that follow in a document are looked at."""
_PARTNERS_PER_SEED = 3
"""A document is compared with its closest partners, this many times `max_seed_documents` (by hand;
of 1,000 invented articles none has more than ten)."""
NO_DAY = -1
_FIRST_DAY = np.datetime64("0001-01-01", "D")

Bools = npt.NDArray[np.bool_]

PUBLISHED_SQL = """
    WITH outlets AS (
        SELECT outlet, min(document_number) AS outlet_number FROM texts GROUP BY outlet
    )
    SELECT t.document_number, t.document_id, o.outlet_number, t.published
    FROM texts t JOIN outlets o ON t.outlet = o.outlet
"""
PUBLISHED = pa.schema(
    [
        pa.field("document_number", pa.int32()),
        pa.field("document_id", pa.string()),
        pa.field("outlet_number", pa.int32()),
        pa.field("published", pa.string()),
    ]
)
DATED = pa.schema(
    [
        pa.field("document_id", pa.string()),
        pa.field("outlet_number", pa.int32()),
        pa.field("day", pa.int32()),
        pa.field("day_order", pa.int64()),
        pa.field("rank", pa.int32()),
    ]
)
"""All documents in the order of their numbers. An outlet's number is that of its first document.
`day` counts from the year 1, -1 if unknown; `day_order` orders documents by day and number, `rank`
is their place in this order."""

SEEDS = pa.schema(
    [
        pa.field("seed_hash", pa.int64()),
        pa.field("document_number", pa.int32()),
        pa.field("at", pa.int32()),
        pa.field("is_hub", pa.bool_()),
    ]
)
"""Seeds by document. `at` is the place of the seed's first word among the kept words; `is_hub`: not
in a copy of another document or of its paragraph."""

SHARED_SEEDS = pa.schema(
    [
        pa.field("seed_hash", pa.int64()),
        pa.field("document_number", pa.int32()),
        pa.field("at", pa.int32()),
        pa.field("num_documents", pa.int32()),
    ]
)
"""Seeds that several documents have, copies of paragraphs left out. The rows of one seed stand
together, its documents by date."""

HITS = pa.schema(
    [
        pa.field("left_number", pa.int32()),
        pa.field("right_number", pa.int32()),
        pa.field("seed_hash", pa.int64()),
        pa.field("weight", pa.int32()),
        pa.field("left_at", pa.int32()),
        pa.field("right_at", pa.int32()),
    ]
)
"""Seeds that two documents were nominated for; the left document has the smaller id. The fewer
documents have a seed, the more it weighs."""

CLOSE_PAIRS = pa.schema(
    [
        pa.field(name, pa.int32())
        for name in ("left_number", "right_number", "num_places", "left_rank")
    ]
)
"""Documents that share seeds close to each other, at so many places. `left_rank` counts the
partners of the left document that it shares more with."""
SEED_PAIRS = pa.schema(
    [pa.field("left_document", pa.string()), pa.field("right_document", pa.string())]
)

_COUNTS = ("num_documents", "num_outlets", "num_days", "span_days")
SEED_COUNTS = pa.schema(
    [
        pa.field("document_number", pa.int32()),
        pa.field("seed_hash", pa.int64()),
        *(pa.field(name, pa.int32()) for name in _COUNTS),
    ]
)
"""What is known of a seed that documents share, once for each of them. `span_days`: from the first
day to the last one."""
DOCUMENT_SEEDS = pa.schema(
    [
        pa.field("document_id", pa.string()),
        pa.field("seed_hash", pa.list_(pa.int64())),
        *(pa.field(name, pa.list_(pa.int32())) for name in _COUNTS),
    ]
)
"""What is known of the seeds that a document shares with others, by seed: one row a document."""


def date_documents(batch: pa.RecordBatch, config: Config) -> pa.RecordBatch:
    """Say where and when documents were published.

    Args:
        batch: Rows of what `PUBLISHED_SQL` gives.
        config: Not used; every kernel takes it.

    Returns:
        Rows of `DATED`; `rank` is not known yet.
    """
    days = np.array([count_days(date) for date in batch.column("published").to_pylist()], np.int64)
    order = ((days - NO_DAY) << 32) | batch.column("document_number").to_numpy()
    return pa.RecordBatch.from_arrays(
        [
            batch.column("document_id"),
            batch.column("outlet_number"),
            pa.array(days.astype(np.int32)),
            pa.array(order),
            pa.nulls(len(days), pa.int32()),
        ],
        schema=DATED,
    )


def count_days(published: str | None) -> int:
    """Return the day of a date, counted from the first of the year 1; -1 if it is not known.

    >>> count_days("0001-01-02T10:00:00Z"), count_days(None)
    (1, -1)
    """
    if not published:
        return NO_DAY
    return int((np.datetime64(published[:10], "D") - _FIRST_DAY).astype(np.int64))


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
        Rows of `SEEDS`, by document and seed.
    """
    _, words, limits = find_kept_words(batch, judged)
    texts, languages = (batch.column(name).to_pylist() for name in ("text", "language"))
    found = find_batch_terms(texts, languages, words, limits)
    seeds = list_batch_seeds(found, rate=config.match.seed_sampling)
    term_at = np.concatenate([terms.at for terms in found])
    is_late = np.zeros(len(seeds.keys), dtype=bool)
    is_late[_MAX_REPEATS:] = (seeds.keys[_MAX_REPEATS:] == seeds.keys[:-_MAX_REPEATS]) & (
        seeds.texts[_MAX_REPEATS:] == seeds.texts[:-_MAX_REPEATS]
    )
    columns = seeds.keys, seeds.texts, term_at[seeds.firsts], term_at[seeds.seconds]
    keys, rows, at, until = (values[~is_late] for values in columns)
    is_copied = np.zeros(len(keys), dtype=bool)
    row_of = {name: row for row, name in enumerate(batch.column("document_id").to_pylist())}
    ends = np.searchsorted(rows, np.arange(batch.num_rows + 1))
    for place in passages.to_pylist():
        row = row_of[place["document_id"]]
        begins = words.begins[limits[row] : limits[row + 1]]
        first, last = np.searchsorted(begins, (place["begin"], place["end"]))
        own = slice(ends[row], ends[row + 1])
        is_copied[own] |= (at[own] >= first) & (until[own] < last)
    numbers = batch.column("document_number").to_numpy()
    return pa.RecordBatch.from_arrays(
        [
            pa.array(keys.view(np.int64)),
            pa.array(numbers[rows]),
            pa.array(at.astype(np.int32)),
            pa.array(~is_copied),
        ],
        schema=SEEDS,
    )


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


def list_shared_seeds(batch: pa.RecordBatch, config: Config, dated: pa.Table) -> pa.RecordBatch:
    """List the seeds that several documents have.

    Args:
        batch: Rows of `SEEDS`, whole seeds.
        config: Not used; every kernel takes it.
        dated: All rows of `DATED`.

    Returns:
        Rows of `SHARED_SEEDS`.
    """
    batch = batch.filter(batch.column("is_hub"))
    seeds, numbers, at = (batch.column(name).to_numpy() for name in SEEDS.names[:3])
    rows, group = _find_shared_seeds(seeds)
    rank = dated.column("rank").to_numpy()[numbers[rows]]
    order = rows[_order_by(group, rank, at[rows])]
    seeds, numbers, at = seeds[order], numbers[order], at[order]
    is_new_seed, is_new_document = _begins(seeds), _begins(seeds, numbers)
    is_row = is_new_document | _begins(at)
    group = np.cumsum(is_new_seed) - 1
    sizes = np.bincount(group[is_new_document])[group]
    chosen = np.flatnonzero(is_row & (sizes > 1))
    columns = seeds[chosen], numbers[chosen], at[chosen], sizes[chosen].astype(np.int32)
    return pa.RecordBatch.from_arrays([pa.array(column) for column in columns], schema=SHARED_SEEDS)


def nominate_pairs(batch: pa.RecordBatch, config: Config) -> pa.RecordBatch:
    """Nominate pairs of documents at each seed that several have.

    Args:
        batch: Rows of `SHARED_SEEDS`, whole seeds.
        config: The run's configuration.

    Returns:
        Rows of `HITS`, each once.
    """
    seeds, numbers, at, sizes = (batch.column(name).to_numpy() for name in SHARED_SEEDS.names)
    places = np.cumsum(_begins(seeds, numbers), dtype=np.int64)
    one, other = _meet(np.flatnonzero(_begins(seeds)), places, sizes, config.match)
    is_pair = numbers[one] != numbers[other]
    one, other = one[is_pair], other[is_pair]
    is_swapped = numbers[one] > numbers[other]
    left, right = np.where(is_swapped, other, one), np.where(is_swapped, one, other)
    weights = weigh_seeds(sizes)[left]
    columns = [numbers[left], numbers[right], seeds[left], weights, at[left], at[right]]
    return pa.RecordBatch.from_arrays([pa.array(column) for column in columns], schema=HITS)


def weigh_seeds(num_documents: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return how much seeds count that so many documents have.

    One that many documents have counts less, but never so little that the documents of a story with
    many copies would not meet.

    >>> weigh_seeds(np.array([2, 4, 8, 900], np.int32)).tolist()
    [12, 12, 6, 4]
    """
    return np.clip(_FULL_WEIGHT * _FULL_DOCUMENTS // num_documents, _MIN_WEIGHT, _FULL_WEIGHT)


def least_weight(config: MatchConfig) -> int:
    """Return what the seeds of one place, that two documents share, have to weigh."""
    return _FULL_WEIGHT * config.min_seeds


def _find_shared_seeds(seeds: Int64s) -> tuple[Int64s, Int64s]:
    """Return the rows whose seed another row has too, seed by seed, and a number for each seed."""
    rows, limits = find_buckets(seeds)
    return rows, np.repeat(np.arange(len(limits) - 1), np.diff(limits))


def _order_by(*columns: npt.NDArray[np.integer]) -> Int64s:
    """Return the order of rows by columns of small numbers, as one number a row if they fit."""
    packed = np.zeros(len(columns[0]), dtype=np.int64)
    num_bits = 0
    for values in columns:
        width = int(values.max(initial=0)).bit_length()
        packed = (packed << width) | values
        num_bits += width
    return np.argsort(packed) if num_bits < 64 else np.lexsort(columns[::-1])


def _find_heavy(pairs: Int64s, weights: npt.NDArray[np.integer], wanted: int) -> Int64s:
    """Return the rows of pairs whose weights may come to what is wanted.

    Pairs of one slot, of some times as many as there are rows, count together: nearly all that meet
    by chance at a seed or two are told by that, and need not be sorted.
    """
    width = (_SLOTS_A_ROW * len(pairs)).bit_length()
    slots = (mix(pairs.view(np.uint64)) >> np.uint64(64 - width)).view(np.int64)
    return np.flatnonzero(np.bincount(slots, weights)[slots] >= wanted)


def _begins(*columns: npt.NDArray[np.integer]) -> Bools:
    """Tell which rows differ from the one before in any of some columns; the first one does."""
    is_first = np.ones(len(columns[0]), dtype=bool)
    is_first[1:] = np.logical_or.reduce([values[1:] != values[:-1] for values in columns])
    return is_first


def _meet(
    begins: Int64s, places: Int64s, sizes: Int64s, config: MatchConfig
) -> tuple[Int64s, Int64s]:
    """Return which rows meet, the earlier one first.

    Args:
        begins: Where the rows of each seed begin.
        places: A number for each row that grows by one from document to document.
        sizes: How many documents have its seed.
        config: Where more than `max_seed_documents` do, a row meets the seed's first one, and those
            of the `seed_neighbours` next documents.
    """
    rows = np.arange(len(places))
    number = np.searchsorted(begins, rows, side="right") - 1
    ends = np.append(begins, len(places))[number + 1]
    is_large = sizes > config.max_seed_documents
    near = np.searchsorted(places, places[is_large] + config.seed_neighbours, side="right")
    ends[is_large] = np.minimum(ends[is_large], near)
    num_after = ends - rows - 1
    firsts = np.repeat(rows, num_after)
    offsets = np.repeat(np.cumsum(num_after) - num_after, num_after)
    seconds = firsts + 1 + np.arange(len(firsts)) - offsets
    hubs = begins[number]
    is_far = is_large & (rows >= ends[hubs])
    return np.append(firsts, hubs[is_far]), np.append(seconds, rows[is_far])


def find_close_seeds(batch: pa.RecordBatch, config: Config, dated: pa.Table) -> pa.RecordBatch:
    """Find the pairs of documents that share seeds close to each other.

    Args:
        batch: Rows of `HITS`, all those of two documents.
        config: The run's configuration.
        dated: All rows of `DATED`.

    Returns:
        Rows of `CLOSE_PAIRS`, each pair once.
    """
    lefts, rights = (batch.column(name).to_numpy() for name in HITS.names[:2])
    weights, wanted = batch.column("weight").to_numpy(), least_weight(config.match)
    pair = (lefts.astype(np.int64) << 32) | rights
    rows = _find_heavy(pair, weights, wanted)
    pair, weights = pair[rows], weights[rows]
    seeds, left, right = (
        batch.column(name).to_numpy()[rows] for name in ("seed_hash", "left_at", "right_at")
    )
    order = np.lexsort((seeds, right, left, pair))
    pair, seeds, left, right, weights = (
        values[order] for values in (pair, seeds, left, right, weights)
    )
    total = weights.copy()
    for lag in range(1, min(_LOOK_AHEAD, len(pair) - 1) + 1):
        is_close = (
            (pair[lag:] == pair[:-lag])
            & (seeds[lag:] != seeds[:-lag])
            & (left[lag:] - left[:-lag] <= _CLOSE_WORDS)
            & (np.abs(right[lag:] - right[:-lag]) <= _CLOSE_WORDS)
        )
        total[:-lag] += np.where(is_close, weights[lag:], 0)
    is_found = total >= wanted
    found, num_places = np.unique(pair[is_found], return_counts=True)
    lefts, rights = found >> 32, found & 0xFFFFFFFF
    columns = lefts, rights, num_places, _rank_partners(lefts, rights, num_places)
    return pa.RecordBatch.from_arrays(
        [pa.array(column.astype(np.int32)) for column in columns], schema=CLOSE_PAIRS
    )


def limit_partners(batch: pa.RecordBatch, config: Config, dated: pa.Table) -> pa.RecordBatch:
    """Leave out pairs that are far from the closest for both of their documents.

    Texts of few different words share seeds with all others; without a limit all pairs of them
    would be verified.

    Args:
        batch: Rows of `CLOSE_PAIRS`, all those of a right document.
        config: The run's configuration.
        dated: All rows of `DATED`.

    Returns:
        Rows of `SEED_PAIRS`.
    """
    lefts, rights, num_places, rank = (batch.column(name).to_numpy() for name in CLOSE_PAIRS.names)
    most = _PARTNERS_PER_SEED * config.match.max_seed_documents
    is_near = np.minimum(rank, _rank_partners(rights, lefts, num_places)) < most
    ids = dated.column("document_id")
    sides = (ids.take(pa.array(side[is_near])) for side in (lefts, rights))
    return pa.RecordBatch.from_arrays([side.combine_chunks() for side in sides], schema=SEED_PAIRS)


def _rank_partners(documents: Int64s, partners: Int64s, num_places: Int64s) -> Int64s:
    """Return the place of each partner among those of its document, the closest first."""
    order = np.lexsort((partners, -num_places, documents))
    begins = np.flatnonzero(_begins(documents[order]))
    sizes = np.diff(np.append(begins, len(order)))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order)) - np.repeat(begins, sizes)
    return rank


def skipped_seeds_sql(config: MatchConfig) -> str:
    """Return the query that counts the meetings of documents that large seeds leave out."""
    most, near = config.max_seed_documents, config.seed_neighbours
    return f"""
    WITH large AS (
        SELECT CAST(min(num_documents) AS BIGINT) AS n FROM shared_seeds
        WHERE num_documents > {max(most, near + 1)} GROUP BY seed_hash
    )
    SELECT CAST(
        coalesce(sum(n * (n - 1) / 2 - (n - 1) * {near + 1} + {near * (near + 1) // 2}), 0)
        AS BIGINT
    ) AS num_skipped_seeds FROM large
    """


SKIPPED_SEEDS = pa.schema([pa.field("num_skipped_seeds", pa.int64())])
"""What `skipped_seeds_sql` counts: one row."""


def count_seeds(batch: pa.RecordBatch, config: Config, dated: pa.Table) -> pa.RecordBatch:
    """Count where each seed recurs that documents met at, or that stands in a copied paragraph.

    Args:
        batch: Rows of `SEEDS`, whole seeds.
        config: Not used; every kernel takes it.
        dated: All rows of `DATED`.

    Returns:
        Rows of `SEED_COUNTS`, by no order; copies of paragraphs are counted here.
    """
    seeds, numbers = (batch.column(name).to_numpy() for name in SEEDS.names[:2])
    is_hub = batch.column("is_hub").to_numpy(zero_copy_only=False)
    rows, group = _find_shared_seeds(seeds)
    rows = rows[_order_by(group, numbers[rows])]
    is_alone = ~is_hub
    is_alone[rows] = False
    rows = np.append(rows, np.flatnonzero(is_alone))
    if not len(rows):
        return pa.RecordBatch.from_pylist([], schema=SEED_COUNTS)
    is_hub, numbers, seeds = is_hub[rows], numbers[rows], seeds[rows]
    begins = np.flatnonzero(_begins(seeds, numbers))
    has_hub = np.logical_or.reduceat(is_hub, begins)
    has_copy = np.logical_or.reduceat(~is_hub, begins)
    seeds, numbers = seeds[begins], numbers[begins]
    group = np.cumsum(_begins(seeds)) - 1
    is_wanted = (np.bincount(group, has_hub) > 1) | (np.bincount(group, has_copy) > 0)
    seeds, numbers = seeds[is_wanted[group]], numbers[is_wanted[group]]
    group = np.cumsum(_begins(seeds)) - 1
    outlets = dated.column("outlet_number").to_numpy()[numbers]
    outlet_group, _ = _distinct(group, outlets)
    days = dated.column("day").to_numpy()[numbers]
    day_group, days = _distinct(group[days != NO_DAY], days[days != NO_DAY])
    first_days = np.flatnonzero(_begins(day_group))
    last_days = np.append(first_days, len(days))[1:] - 1
    span_days = np.zeros(len(group), dtype=np.int64)
    span_days[day_group[first_days]] = days[last_days] - days[first_days]
    counts = (
        np.bincount(group),
        np.bincount(outlet_group),
        np.bincount(day_group, minlength=len(group)),
        span_days,
    )
    columns = [numbers, seeds, *(values[group].astype(np.int32) for values in counts)]
    return pa.RecordBatch.from_arrays([pa.array(column) for column in columns], schema=SEED_COUNTS)


def _distinct(groups: Int64s, values: Int64s) -> tuple[Int64s, Int64s]:
    """Return the distinct rows of two columns of small numbers, in order."""
    bits = int(values.max(initial=0)).bit_length()
    packed = (groups << bits) | values
    packed.sort()
    packed = packed[_begins(packed)]
    return packed >> bits, packed & ((1 << bits) - 1)


def list_seed_facts(batch: pa.RecordBatch, config: Config, dated: pa.Table) -> pa.RecordBatch:
    """Put what is known of the seeds of each document into one row.

    Args:
        batch: Rows of `SEED_COUNTS`, whole documents.
        config: Not used; every kernel takes it.
        dated: All rows of `DATED`.

    Returns:
        Rows of `DOCUMENT_SEEDS`.
    """
    seeds, numbers = (batch.column(name).to_numpy() for name in ("seed_hash", "document_number"))
    order = np.lexsort((seeds, numbers))
    numbers = numbers[order]
    begins = np.flatnonzero(_begins(numbers))
    limits = pa.array(np.append(begins, len(numbers)).astype(np.int32))
    ids = dated.column("document_id").take(pa.array(numbers[begins])).combine_chunks()
    ordered = batch.take(pa.array(order))
    lists = [
        pa.ListArray.from_arrays(limits, ordered.column(name)) for name in DOCUMENT_SEEDS.names[1:]
    ]
    return pa.RecordBatch.from_arrays([ids, *lists], schema=DOCUMENT_SEEDS)


def read_seed_facts(seeds: pa.Table) -> dict[str, SeedFacts]:
    """Return what is known of the seeds of each document, by its id.

    Args:
        seeds: Rows of `DOCUMENT_SEEDS`.
    """
    seeds = seeds.combine_chunks()
    names = seeds.column("document_id").to_pylist()
    lists = [seeds.column(name).combine_chunks() for name in DOCUMENT_SEEDS.names[1:]]
    columns = [values.flatten().to_numpy() for values in lists]
    limits = np.cumsum([0, *pc.list_value_length(lists[0]).to_pylist()]).tolist()
    return {
        name: SeedFacts(*(values[begin:end] for values in columns))
        for name, (begin, end) in zip(names, pairwise(limits), strict=True)
    }
