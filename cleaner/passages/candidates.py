"""From kept text to candidate pairs: passages, signatures, bands, buckets.

1. `sign_passages`: each document's passages with their signatures.
2. Of documents of the same wording, only the best placed one keeps its passages (`EXACT_COPIES`).
3. Passages of the same wording are collapsed to that of the best placed document, the *hub*
   (`ECHOES`), and only the hub enters a band (`list_bands`).
4. Passages that meet in a bucket are candidates (`Engine.pairs`). That is a nomination, nothing
   more: every pair is verified on the text itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from cleaner.compiled import Spans, Words, find_words, sign_ranges
from cleaner.config import Config, MatchConfig
from cleaner.model import MAIN
from cleaner.passages.minhash import Int64s, choose_bands, hash_bands, signature_metadata
from cleaner.passages.segment import DOCUMENT, PARAGRAPH, KeptText

_MAX_PARAGRAPH_WORDS = 1500
"""Longer ones are compared by their seeds alone."""

CANDIDATES = pa.schema(
    [
        pa.field("left_passage", pa.string()),
        pa.field("right_passage", pa.string()),
        pa.field("left_document", pa.string()),
        pa.field("right_document", pa.string()),
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


def read_kept_text(text: dict[str, Any], judged: dict[str, Any]) -> KeptText:
    """Build the kept text of a document from its row of texts and its row of verdicts."""
    return KeptText(text["text"], kept_blocks(judged), text["language"])


def kept_blocks(judged: dict[str, Any]) -> tuple[tuple[int, int], ...]:
    """Return where the main content of a document is, from its row of verdicts."""
    return tuple((v["begin"], v["end"]) for v in judged["verdicts"] if v["kind"] == MAIN)


def find_kept_words(batch: pa.RecordBatch, judged: pa.Table) -> tuple[Spans, Words, Int64s]:
    """Find the words of the main content of documents.

    Args:
        batch: Rows with `document_id` and `text`.
        judged: The same documents' rows of `boilerplate.JUDGED`.

    Returns:
        Where the main content is; its words; and where in them those of each document begin,
        `(num_documents + 1,) int64`.
    """
    spans = list_kept_spans(batch.column("document_id"), judged)
    words = find_words(batch.column("text"), spans)
    return spans, words, words.limits[spans.limits]


def list_kept_spans(names: pa.Array, judged: pa.Table) -> Spans:
    """Return where the main content of documents is, from their rows of verdicts."""
    at = pc.index_in(names, judged.column("document_id").combine_chunks())
    verdicts = judged.column("verdicts").combine_chunks().take(at)
    each = verdicts.flatten()
    is_main = pc.equal(each.field("kind"), MAIN)
    main = each.filter(is_main)
    num_before = np.concatenate([[0], np.cumsum(is_main.to_numpy(zero_copy_only=False))])
    return Spans(
        num_before[verdicts.offsets.to_numpy()],
        main.field("begin").to_numpy(),
        main.field("end").to_numpy(),
    )


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
    spans, words, wholes = find_kept_words(batch, judged)
    filled = np.flatnonzero(np.diff(wholes))
    sizes = np.diff(words.limits)
    least = max(1, settings.min_passage_words)
    chosen = np.flatnonzero((sizes >= least) & (sizes <= _MAX_PARAGRAPH_WORDS))
    documents = (
        filled,
        wholes[filled],
        wholes[filled + 1],
        words.begins[wholes[filled]],
        words.ends[wholes[filled + 1] - 1],
    )
    paragraphs = (
        np.repeat(np.arange(batch.num_rows), np.diff(spans.limits))[chosen],
        words.limits[chosen],
        words.limits[chosen + 1],
        spans.begins[chosen],
        spans.ends[chosen],
    )
    order = np.argsort(np.concatenate([documents[0], paragraphs[0]]), kind="stable")
    is_document = order < len(filled)
    rows, firsts, lasts, begins, ends = (
        np.concatenate(both)[order] for both in zip(documents, paragraphs, strict=True)
    )
    size = settings.shingle_size
    widths = np.where(words.is_unspaced[rows], 2 * size - 1, size)
    signatures = sign_ranges(words.hashes, firsts, lasts, widths, settings.num_perm)
    text_hashes = [
        xxhash.xxh3_64_intdigest(words.hashes[first:last].tobytes(), seed=whole) - (1 << 63)
        for first, last, whole in zip(
            firsts.tolist(), lasts.tolist(), is_document.tolist(), strict=True
        )
    ]
    document_ids = batch.column("document_id").take(pa.array(rows))
    return pa.RecordBatch.from_arrays(
        [
            _name_passages(document_ids, begins, ends, is_document),
            document_ids,
            pa.array(np.where(is_document, DOCUMENT, PARAGRAPH), pa.string()),
            pa.array(begins),
            pa.array(ends),
            pa.array(lasts - firsts),
            pa.array(text_hashes, pa.int64()),
            pa.FixedSizeListArray.from_arrays(pa.array(signatures.reshape(-1)), settings.num_perm),
        ],
        schema=passages_schema(settings),
    )


def _name_passages(
    document_ids: pa.Array, begins: Int64s, ends: Int64s, is_document: npt.NDArray[np.bool_]
) -> pa.Array:
    """Name passages by their documents and extents."""
    begin, end = (pa.array(places).cast(pa.string()) for places in (begins, ends))
    level = pa.array(np.where(is_document, f":{DOCUMENT}", ""), pa.string())
    return pc.binary_join_element_wise(document_ids, ":", begin, "-", end, level, "")


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
COPIES = pa.schema(
    [
        pa.field("document_id", pa.string()),
        pa.field("hub", pa.string()),
    ]
)


def choose_level_bands(config: MatchConfig) -> dict[str, tuple[int, int]]:
    """Return bands and rows of each level: documents are to be more alike than paragraphs."""
    return {
        level: choose_bands(config.num_perm, similarity, config.candidate_recall)
        for level, similarity in (
            (DOCUMENT, config.document_similarity),
            (PARAGRAPH, config.candidate_similarity),
        )
    }


def name_bands(config: MatchConfig) -> list[str]:
    """Return the names of the columns of band hashes."""
    return [f"band_{at}" for at in range(max(n for n, _ in choose_level_bands(config).values()))]


def bands_schema(config: MatchConfig) -> pa.Schema:
    """Return the schema of the table of bands, a column each: they are read one at a time."""
    return pa.schema(
        [
            pa.field("passage", pa.string()),
            pa.field("document", pa.string()),
            pa.field("level", pa.string()),
            pa.field("begin", pa.int64()),
            pa.field("end", pa.int64()),
            *(pa.field(name, pa.int64()) for name in name_bands(config)),
        ]
    )


def list_bands(
    batch: pa.RecordBatch, config: Config, copies: pa.Table, echoes: pa.Table
) -> pa.RecordBatch:
    """List the band hashes of the passages that are to meet; documents and paragraphs never do.

    Args:
        batch: Rows of `passages_schema`.
        config: The run's configuration.
        copies: The rows of what `EXACT_COPIES` gives for the documents in the batch: their passages
            are left out, because what is found of their hub's is true of them too.
        echoes: The rows of what `ECHOES` gives for them: those passages are left out.

    Returns:
        Rows of `bands_schema`. A document has fewer bands than a paragraph, or more; the others are
        null. A passage without words is left out.
    """
    settings = config.match
    is_document = pc.equal(batch.column("level"), DOCUMENT)
    is_copy = pc.is_in(batch.column("document_id"), copies.column("document_id").combine_chunks())
    is_echo = pc.is_in(batch.column("passage_id"), echoes.column("left_passage").combine_chunks())
    is_apart = pc.and_(pc.or_(is_document, pc.invert(is_copy)), pc.invert(is_echo))
    batch = batch.filter(pc.and_(is_apart, pc.greater(batch.column("num_words"), 0)))
    signatures = batch.column("signature").flatten().to_numpy().reshape(-1, settings.num_perm)
    is_document = pc.equal(batch.column("level"), DOCUMENT).to_numpy(zero_copy_only=False)
    names = name_bands(settings)
    hashes = np.zeros((len(names), batch.num_rows), dtype=np.int64)
    num_bands = np.zeros(batch.num_rows, dtype=np.int64)
    for level, (bands, rows) in choose_level_bands(settings).items():
        at = np.flatnonzero(is_document == (level == DOCUMENT))
        hashes[:bands, at] = hash_bands(signatures[at], bands, rows, level == DOCUMENT).T
        num_bands[at] = bands
    columns = ("passage_id", "document_id", "level", "begin", "end")
    arrays = [batch.column(name) for name in columns]
    arrays += [pa.array(hashes[band], mask=num_bands <= band) for band in range(len(names))]
    return pa.RecordBatch.from_arrays(arrays, schema=bands_schema(settings))


ECHOES = """
    WITH compared AS (
        SELECT p.passage_id AS passage, p.document_id AS document, p.level AS level,
            p."begin" AS b, p."end" AS e, p.text_hash AS text_hash
        FROM passages p LEFT JOIN exact_copies c ON p.document_id = c.document_id
        WHERE p.num_words > 0 AND (p.level = 'document' OR c.document_id IS NULL)
    ),
    recurring AS (SELECT text_hash FROM compared GROUP BY text_hash HAVING count(*) > 1),
    placed AS (
        SELECT c.*, r.rank || ' ' || c.passage AS place
        FROM compared c
        JOIN recurring t ON c.text_hash = t.text_hash
        JOIN ranks r ON c.document = r.document_id
    ),
    best AS (SELECT text_hash, min(place) AS place FROM placed GROUP BY text_hash)
    SELECT p.level AS left_level, p.passage AS left_passage, p.document AS left_document,
        p.b AS left_begin, p.e AS left_end, h.passage AS right_passage,
        h.document AS right_document, h.b AS right_begin, h.e AS right_end
    FROM placed p
    JOIN best b ON p.text_hash = b.text_hash
    JOIN placed h ON b.text_hash = h.text_hash AND b.place = h.place
    WHERE p.passage <> h.passage
"""
"""Passages, and at their right the *hub* of their wording: that of the best placed document, which
is not dropped as a copy of another one that has the passage. Of exact copies, only the wholes."""
ECHOED = pa.schema(
    [
        pa.field("left_level", pa.string()),
        pa.field("left_passage", pa.string()),
        pa.field("left_document", pa.string()),
        pa.field("left_begin", pa.int64()),
        pa.field("left_end", pa.int64()),
        pa.field("right_passage", pa.string()),
        pa.field("right_document", pa.string()),
        pa.field("right_begin", pa.int64()),
        pa.field("right_end", pa.int64()),
    ]
)

CANDIDATE_PAIRS = """
    WITH met AS (
        SELECT left_level, left_passage, left_document, left_begin, left_end,
            right_passage, right_document, right_begin, right_end
        FROM bucket_pairs
        UNION ALL
        SELECT left_level, left_passage, left_document, left_begin, left_end,
            right_passage, right_document, right_begin, right_end
        FROM echoes
    )
    SELECT left_passage, right_passage, left_document, right_document, left_level AS level,
        left_begin, left_end, right_begin, right_end
    FROM met WHERE left_document < right_document
    UNION ALL
    SELECT right_passage, left_passage, right_document, left_document, left_level AS level,
        right_begin, right_end, left_begin, left_end
    FROM met WHERE right_document < left_document
    UNION ALL
    SELECT '' AS left_passage, '' AS right_passage, left_document, right_document,
        'seeds' AS level, 0 AS left_begin, 0 AS left_end, 0 AS right_begin, 0 AS right_end
    FROM seed_pairs
"""
"""All candidate pairs: of documents, of paragraphs, and of documents that share seeds. The left
document has the smaller id; two passages of one document are no pair."""
