"""From kept text to candidate pairs: passages, signatures, bands, buckets.

1. `sign_passages`: each document's passages with their signatures.
2. Of documents of the same wording, the best placed one keeps its passages (`leave_out_copies`).
3. Passages of the same wording are collapsed to that of the best placed document, the *hub*
   (`EXACT_PAIRS`), and only the hub enters a band (`CROWDED_BANDS`).
4. `nominate_pairs`: passages that meet in a bucket are candidates. A bucket hit is a nomination,
   nothing more: every pair is verified on the text itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from cleaner.config import Config, MatchConfig
from cleaner.model import MAIN
from cleaner.passages.minhash import (
    Int64s,
    UInt64s,
    choose_bands,
    hash_bands,
    hash_windows,
    hash_words,
    shingle_width,
    sign,
    signature_metadata,
)
from cleaner.passages.segment import DOCUMENT, KeptText, Passage

_MAX_PARAGRAPH_WORDS = 1500

BANDS = pa.schema(
    [
        pa.field("band_hash", pa.int64()),
        pa.field("passage_id", pa.string()),
        pa.field("document_id", pa.string()),
    ]
)
PAIRS = pa.schema(
    [
        pa.field("left_passage", pa.string()),
        pa.field("right_passage", pa.string()),
        pa.field("left_document", pa.string()),
        pa.field("right_document", pa.string()),
    ]
)
"""Nominated pairs of passages of two documents; the left document has the smaller id."""

CANDIDATES = pa.schema(
    [
        *PAIRS,
        pa.field("level", pa.string()),
        pa.field("left_begin", pa.int64()),
        pa.field("left_end", pa.int64()),
        pa.field("right_begin", pa.int64()),
        pa.field("right_end", pa.int64()),
    ]
)


def passages_schema(config: MatchConfig) -> pa.Schema:
    """Return the schema of the table of passages; its metadata say what the signatures are."""
    return pa.schema(
        [
            pa.field("passage_id", pa.string()),
            pa.field("document_id", pa.string()),
            pa.field("level", pa.string()),
            pa.field("begin", pa.int64()),
            pa.field("end", pa.int64()),
            pa.field("num_words", pa.int64()),
            pa.field("text_hash", pa.int64()),
            pa.field("signature", pa.list_(pa.uint32(), config.num_perm)),
        ],
        metadata=signature_metadata(config.num_perm, config.shingle_size),
    )


def passage_id(document_id: str, begin: int, end: int) -> str:
    """Name a passage by its document and extent."""
    return f"{document_id}:{begin}-{end}"


def read_kept_text(text: dict[str, Any], judged: dict[str, Any]) -> KeptText:
    """Build the kept text of a document from its row of texts and its row of verdicts."""
    return KeptText(text["text"], kept_blocks(judged), text["language"])


def kept_blocks(judged: dict[str, Any]) -> tuple[tuple[int, int], ...]:
    """Return where the main content of a document is, from its row of verdicts."""
    return tuple((v["begin"], v["end"]) for v in judged["verdicts"] if v["kind"] == MAIN)


def sign_passages(batch: pa.RecordBatch, config: Config, judged: pa.Table) -> pa.RecordBatch:
    """Cut documents into passages and sign them.

    Args:
        batch: Rows of `model.TEXTS`.
        config: The run's configuration.
        judged: The same documents' rows of `boilerplate.JUDGED`.

    Returns:
        Rows of `passages_schema`: for each document itself, then its passages.
    """
    settings = config.match
    verdicts = {row["document_id"]: row for row in judged.to_pylist()}
    columns: dict[str, list[Any]] = {
        name: []
        for name in ("passage_id", "document_id", "level", "begin", "end", "num_words", "text_hash")
    }
    sets = []
    for row in batch.select(["document_id", "text", "language"]).to_pylist():
        kept = read_kept_text(row, verdicts[row["document_id"]])
        width = shingle_width(row["text"], settings.shingle_size)
        hashes = hash_words(kept.words)
        windows = hash_windows(hashes, width)
        whole = kept.document()
        for passage in (*([whole] if whole else []), *_comparable(kept, settings)):
            words = hashes[passage.first : passage.last]
            for name, value in _describe(row["document_id"], passage, words).items():
                columns[name].append(value)
            is_cut = len(words) >= width
            sets.append(
                windows[passage.first : passage.last - width + 1]
                if is_cut
                else hash_windows(words, width)
            )
    signatures = sign(sets, settings.num_perm)
    schema = passages_schema(settings)
    arrays = [pa.array(columns[name], schema.field(name).type) for name in columns]
    arrays.append(
        pa.FixedSizeListArray.from_arrays(
            pa.array(signatures.reshape(-1), pa.uint32()), settings.num_perm
        )
    )
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _comparable(kept: KeptText, config: MatchConfig) -> Iterator[Passage]:
    """Yield the paragraphs to compare; longer ones are compared by their seeds alone."""
    for passage in kept.paragraphs:
        if config.min_passage_words <= passage.last - passage.first <= _MAX_PARAGRAPH_WORDS:
            yield passage


def _describe(document_id: str, passage: Passage, words: UInt64s) -> dict[str, Any]:
    is_document = passage.level == DOCUMENT
    name = passage_id(document_id, passage.begin, passage.end)
    return {
        "passage_id": f"{name}:{DOCUMENT}" if is_document else name,
        "document_id": document_id,
        "level": passage.level,
        "begin": passage.begin,
        "end": passage.end,
        "num_words": len(words),
        "text_hash": xxhash.xxh3_64_intdigest(words.tobytes(), seed=is_document) - (1 << 63),
    }


def list_bands(batch: pa.RecordBatch, config: Config) -> pa.RecordBatch:
    """List the band hashes of each passage; documents and passages never share one.

    Args:
        batch: Rows of `passages_schema`.
        config: The run's configuration.

    Returns:
        Rows of `BANDS`. A passage without words has none.
    """
    settings = config.match
    signatures = batch.column("signature").flatten().to_numpy().reshape(-1, settings.num_perm)
    is_document = np.array(batch.column("level").to_pylist(), dtype=object) == DOCUMENT
    is_filled = np.array(batch.column("num_words").to_pylist()) > 0
    found: list[Int64s] = [np.empty(0, dtype=np.int64)]
    rows_of: list[Int64s] = [np.empty(0, dtype=np.int64)]
    for salt, similarity, chosen in (
        (1, settings.document_similarity, is_document & is_filled),
        (0, settings.candidate_similarity, ~is_document & is_filled),
    ):
        at = np.flatnonzero(chosen)
        bands, rows = choose_bands(settings.num_perm, similarity, settings.candidate_recall)
        found.append(hash_bands(signatures[at], bands, rows, salt).reshape(-1))
        rows_of.append(np.repeat(at, bands))
    taken = pa.array(np.concatenate(rows_of))
    return pa.RecordBatch.from_arrays(
        [
            pa.array(np.concatenate(found)),
            batch.column("passage_id").take(taken),
            batch.column("document_id").take(taken),
        ],
        schema=BANDS,
    )


EXACT_COPIES = """
    WITH wholes AS (
        SELECT p.document_id AS document_id, p.text_hash AS text_hash, r.rank AS rank
        FROM passages p JOIN ranks r ON p.document_id = r.document_id
        WHERE p.level = 'document' AND p.num_words > 0
    ),
    best AS (
        SELECT text_hash, min(rank) AS rank FROM wholes GROUP BY text_hash HAVING count(*) > 1
    )
    SELECT w.document_id AS document_id, h.document_id AS hub
    FROM wholes w JOIN best b ON w.text_hash = b.text_hash JOIN wholes h ON b.rank = h.rank
    WHERE w.document_id <> h.document_id
"""
"""Documents of the same wording as a better placed one, their `hub`."""


def leave_out_copies(batch: pa.RecordBatch, config: Config, copies: pa.Table) -> pa.RecordBatch:
    """Leave out the passages of exact copies: what is found of their hub is true of them too.

    Args:
        batch: Rows of `passages_schema`.
        config: Not used; every kernel takes it.
        copies: The rows of what `EXACT_COPIES` gives for the documents in the batch.

    Returns:
        Rows of `passages_schema`; of an exact copy, only the one for the document as a whole.
    """
    is_copy = pc.is_in(batch.column("document_id"), copies.column("document_id").combine_chunks())
    is_document = pc.equal(batch.column("level"), DOCUMENT)
    return batch.filter(pc.or_(is_document, pc.invert(is_copy)))


HUBS = """
    WITH placed AS (
        SELECT p.text_hash AS text_hash, p.passage_id AS passage_id, p.document_id AS document_id,
            r.rank || ' ' || p.passage_id AS place
        FROM passages p JOIN ranks r ON p.document_id = r.document_id
        WHERE p.num_words > 0
    ),
    best AS (SELECT text_hash, min(place) AS place FROM placed GROUP BY text_hash)
    SELECT p.text_hash AS text_hash, p.passage_id AS passage_id, p.document_id AS document_id
    FROM placed p JOIN best b ON p.text_hash = b.text_hash AND p.place = b.place
"""
"""One passage of each wording: that of the best placed document, which is not dropped as a copy of
another one that has the passage."""

EXACT_PAIRS = """
    WITH pairs AS (
        SELECT h.passage_id AS a, p.passage_id AS b, h.document_id AS da, p.document_id AS db
        FROM hubs h JOIN passages p ON h.text_hash = p.text_hash
        WHERE p.document_id <> h.document_id
    )
    SELECT CASE WHEN da < db THEN a ELSE b END AS left_passage,
        CASE WHEN da < db THEN b ELSE a END AS right_passage,
        CASE WHEN da < db THEN da ELSE db END AS left_document,
        CASE WHEN da < db THEN db ELSE da END AS right_document
    FROM pairs
"""
"""Each passage with the hub of its wording."""

CROWDED_BANDS = """
    WITH entering AS (
        SELECT b.band_hash AS band_hash, b.passage_id AS passage_id, b.document_id AS document_id
        FROM bands b JOIN hubs h ON b.passage_id = h.passage_id
    ),
    crowded AS (SELECT band_hash FROM entering GROUP BY band_hash HAVING count(*) > 1)
    SELECT e.band_hash AS band_hash, e.passage_id AS passage_id, e.document_id AS document_id
    FROM entering e JOIN crowded c ON e.band_hash = c.band_hash
"""
"""The bands in which two different wordings meet."""

CANDIDATE_PAIRS = """
    WITH nominated AS (
        SELECT left_passage, right_passage, left_document, right_document FROM bucket_pairs
        UNION ALL
        SELECT left_passage, right_passage, left_document, right_document FROM exact_pairs
    ),
    pairs AS (
        SELECT DISTINCT left_passage, right_passage, left_document, right_document FROM nominated
    ),
    places AS (SELECT passage_id, level, begin AS b, "end" AS e FROM passages)
    SELECT p.left_passage AS left_passage, p.right_passage AS right_passage,
        p.left_document AS left_document, p.right_document AS right_document,
        l.level AS level, l.b AS left_begin, l.e AS left_end, r.b AS right_begin, r.e AS right_end
    FROM pairs p
    JOIN places l ON p.left_passage = l.passage_id
    JOIN places r ON p.right_passage = r.passage_id
    UNION ALL
    SELECT '' AS left_passage, '' AS right_passage, left_document, right_document,
        'seeds' AS level, 0 AS left_begin, 0 AS left_end, 0 AS right_begin, 0 AS right_end
    FROM seed_pairs
"""
"""All candidate pairs: of documents, of paragraphs, and of documents that share seeds."""


def skipped_pairs_sql(config: MatchConfig) -> str:
    """Return the query that counts the pairs that large buckets leave uncompared."""
    return f"""
    WITH large AS (
        SELECT count(*) AS n FROM crowded_bands GROUP BY band_hash
        HAVING count(*) > {config.max_bucket}
    )
    SELECT CAST(coalesce(sum(n * (n - 1) / 2 - (2 * n - 3)), 0) AS BIGINT) AS num_skipped_pairs
    FROM large
    """


def nominate_pairs(batch: pa.RecordBatch, config: Config) -> pa.RecordBatch:
    """Nominate the pairs of each bucket.

    In a bucket of up to `max_bucket` passages these are all pairs; in a larger one, each passage
    with the first and with the next one, so that cost stays linear.

    Args:
        batch: Rows of `BANDS`, whole buckets, ordered by passage within each.
        config: The run's configuration.

    Returns:
        Rows of `PAIRS`, repeats included, without pairs inside one document.
    """
    hashes = batch.column("band_hash").to_numpy()
    passages = batch.column("passage_id").to_pylist()
    documents = batch.column("document_id").to_pylist()
    limits = [0, *(np.flatnonzero(np.diff(hashes)) + 1).tolist(), len(hashes)]
    pairs: set[tuple[int, int]] = set()
    for begin, end in pairwise(limits):
        if end - begin <= config.match.max_bucket:
            pairs.update(combinations(range(begin, end), 2))
        else:
            pairs.update((begin, other) for other in range(begin + 1, end))
            pairs.update((other, other + 1) for other in range(begin + 1, end - 1))
    ordered = {
        (passages[a], passages[b], documents[a], documents[b])
        if documents[a] < documents[b]
        else (passages[b], passages[a], documents[b], documents[a])
        for a, b in pairs
        if documents[a] != documents[b]
    }
    rows = sorted(ordered)
    arrays = [pa.array([row[at] for row in rows], pa.string()) for at in range(len(PAIRS))]
    return pa.RecordBatch.from_arrays(arrays, schema=PAIRS)
