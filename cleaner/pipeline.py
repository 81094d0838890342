"""The run: the way of a document from a file to the ledger, readable as the algorithm.

    read -> extract -> [ judge -> sign -> pair -> verify -> cluster -> resolve ] -> write

The part in brackets is a *pass*. It is repeated on the text that is left until it removes nothing,
so that a run on its own output changes nothing. Every step is a kernel or a query of its package;
here is only their order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import pyarrow as pa

from cleaner.boilerplate import (
    JUDGED,
    LINE_COUNTS,
    OUTLET_LENGTHS,
    OUTLET_LENGTHS_SQL,
    OUTLET_LINES,
    REPEATED_LINES,
    TEXT_FACTS,
    TRUNCATIONS,
    find_truncated,
    judge_documents,
    learn_lines,
    line_counts_sql,
    list_outlet_lines,
    list_text_facts,
)
from cleaner.config import Config
from cleaner.engines import Engine, Lookup
from cleaner.extraction import extract_documents, reject_documents
from cleaner.ledger import (
    ADD_MATCHES_SQL,
    ADD_MEMBERS_SQL,
    ANY_REMOVED_SQL,
    cut_texts,
    overlay,
    translate,
    translate_partners,
)
from cleaner.model import DOCUMENTS, LEDGER, REJECTIONS, TEXTS, Document, Rejection, as_row
from cleaner.passages.candidates import (
    BANDS,
    CANDIDATE_PAIRS,
    CANDIDATES,
    CROWDED_BANDS,
    EXACT_COPIES,
    EXACT_PAIRS,
    HUBS,
    PAIRS,
    leave_out_copies,
    list_bands,
    nominate_pairs,
    passages_schema,
    sign_passages,
    skipped_pairs_sql,
)
from cleaner.passages.cluster import (
    GROUPS,
    MEMBER_COPIES_SQL,
    MEMBERS,
    SPREAD_GROUPS_SQL,
    UNITS_SQL,
    group_units,
    join_neighbours,
    list_copied_members,
)
from cleaner.passages.verify import LINKS, MATCHES, list_links, verify_pairs
from cleaner.resolution import (
    DROPPED_LAST_SQL,
    MEMBERSHIPS_SQL,
    RANKS,
    rank_documents,
    resolve_documents,
)

_READ_ROWS = 64
_READ_CHARS = 4_000_000
_SAME_DOCUMENT = ("document_id",)
_BOTH_DOCUMENTS = ("left_document", "right_document")


def name_document(document: Document) -> str:
    """Return a document's id: a digest of where it comes from and what it says.

    Where it comes from is its URL, else its path with the identifier or record number in it.
    """
    place = document.url or f"{document.path}#{document.source_id or document.record}"
    digest = hashlib.blake2b(digest_size=10)
    for part in (place, document.payload):
        digest.update(part.encode("utf-8", "surrogatepass"))
        digest.update(b"\x00")
    return digest.hexdigest()


def clean(
    found: Iterable[Document | Rejection],
    config: Config,
    engine: Engine,
    learned: Iterable[pa.RecordBatch] = (),
) -> None:
    """Run everything between reading and writing.

    Args:
        found: What the readers found, in a fixed order.
        config: The run's configuration.
        engine: Where the tables are kept.
        learned: Lines that an earlier run listed, rows of `boilerplate.OUTLET_LINES`.

    The engine then holds `texts` (`model.TEXTS`), `ledger` (`model.LEDGER`), `matches`
    (`verify.MATCHES`), `members` (`cluster.MEMBERS`), `ranks` (`resolution.RANKS`), `rejections`
    (`model.REJECTIONS`), `truncations` (`boilerplate.TRUNCATIONS`) and `skipped` (pairs left
    uncompared, one row a pass); and of the first pass `first_outlet_lines` and
    `first_repeated_lines` (`boilerplate.OUTLET_LINES`, `boilerplate.REPEATED_LINES`).
    """
    _read(found, engine)
    engine.write("learned_lines", learned, OUTLET_LINES)
    engine.map_batches(
        extract_documents,
        config,
        source="documents",
        target="texts",
        schema=TEXTS,
        fallback=reject_documents,
        timeout_seconds=config.extract.timeout_seconds,
    )
    engine.drop("documents")
    _collect_rejections(engine)
    _run_pass(engine, config, texts="texts")
    has_removed = _has_removed(engine)
    _keep_results(engine)
    while has_removed:
        engine.map_batches(
            cut_texts,
            config,
            source="texts",
            target="rest",
            schema=TEXTS,
            lookups=[Lookup("ledger", "document_id", _SAME_DOCUMENT)],
        )
        _run_pass(engine, config, texts="rest")
        has_removed = _has_removed(engine)
        if has_removed:
            _add_results(engine, config)


def _read(found: Iterable[Document | Rejection], engine: Engine) -> None:
    """Store documents and rejections; a document that was read before is set aside."""
    rejections: list[dict[str, str]] = []
    engine.write("documents", _document_batches(found, rejections), DOCUMENTS)
    batch = pa.RecordBatch.from_pylist(rejections, schema=REJECTIONS)
    engine.write("read_rejections", [batch], REJECTIONS)


def _document_batches(
    found: Iterable[Document | Rejection], rejections: list[dict[str, str]]
) -> Iterator[pa.RecordBatch]:
    seen: dict[str, str] = {}
    rows: list[dict[str, object]] = []
    size = 0
    for item in found:
        if isinstance(item, Rejection):
            rejections.append(as_row(item))
            continue
        document_id = name_document(item)
        if document_id in seen:
            detail = f"the same text from the same place as {seen[document_id]}"
            rejections.append(as_row(Rejection(item.source, "read_before", detail)))
            continue
        seen[document_id] = item.source
        rows.append({"document_id": document_id} | as_row(item))
        size += len(item.payload)
        if len(rows) >= _READ_ROWS or size >= _READ_CHARS:
            yield pa.RecordBatch.from_pylist(rows, schema=DOCUMENTS)
            rows, size = [], 0
    if rows:
        yield pa.RecordBatch.from_pylist(rows, schema=DOCUMENTS)


def _collect_rejections(engine: Engine) -> None:
    engine.sql(
        """
        SELECT source, reason, detail FROM read_rejections
        UNION ALL
        SELECT source, rejection AS reason, detail FROM texts WHERE rejection IS NOT NULL
        """,
        target="rejections",
        schema=REJECTIONS,
    )


def _run_pass(engine: Engine, config: Config, *, texts: str) -> None:
    """Judge, match and resolve texts; the results are tables whose names begin with `pass_`."""
    judged = Lookup("judged", "document_id", _SAME_DOCUMENT)
    # 1. Boilerplate: what each outlet repeats, then a verdict on every block, and a rank by what is
    #    left.
    engine.map_batches(
        list_outlet_lines, config, source=texts, target="outlet_lines", schema=OUTLET_LINES
    )
    engine.sql(line_counts_sql(config.boilerplate), target="line_counts", schema=LINE_COUNTS)
    engine.map_batches(
        learn_lines, config, source="line_counts", target="repeated_lines", schema=REPEATED_LINES
    )
    engine.map_batches(
        judge_documents,
        config,
        source=texts,
        target="judged",
        schema=JUDGED,
        broadcast=["repeated_lines"],
    )
    if texts == "texts":
        _find_truncated(engine, config)
    truncations = Lookup("truncations", "document_id", _SAME_DOCUMENT)
    engine.map_batches(
        rank_documents,
        config,
        source=texts,
        target="ranks",
        schema=RANKS,
        lookups=[judged, truncations],
    )
    # 2. Passages, signatures, buckets, candidate pairs.
    engine.map_batches(
        sign_passages,
        config,
        source=texts,
        target="passages",
        schema=passages_schema(config.match),
        lookups=[judged],
    )
    engine.sql(EXACT_COPIES, target="exact_copies")
    engine.map_batches(
        leave_out_copies,
        config,
        source="passages",
        target="compared",
        schema=passages_schema(config.match),
        lookups=[Lookup("exact_copies", "document_id", _SAME_DOCUMENT)],
    )
    engine.rename("compared", "passages")
    engine.map_batches(list_bands, config, source="passages", target="bands", schema=BANDS)
    engine.sql(HUBS, target="hubs")
    engine.sql(EXACT_PAIRS, target="exact_pairs", schema=PAIRS)
    engine.sql(CROWDED_BANDS, target="crowded_bands", schema=BANDS)
    engine.drop("bands")
    engine.sql(skipped_pairs_sql(config.match), target="pass_skipped")
    engine.map_batches(
        nominate_pairs,
        config,
        source="crowded_bands",
        target="bucket_pairs",
        schema=PAIRS,
        group_by=["band_hash"],
        order_by=["passage_id"],
    )
    engine.sql(CANDIDATE_PAIRS, target="candidates", schema=CANDIDATES)
    # 3. Verification on the text itself.
    engine.map_batches(
        verify_pairs,
        config,
        source="candidates",
        target="pass_matches",
        schema=MATCHES,
        group_by=_BOTH_DOCUMENTS,
        order_by=["left_passage", "right_passage"],
        lookups=[
            Lookup(texts, "document_id", _BOTH_DOCUMENTS),
            Lookup("judged", "document_id", _BOTH_DOCUMENTS),
        ],
    )
    engine.map_batches(list_links, config, source="pass_matches", target="all_links", schema=LINKS)
    # 4. Clusters: of documents first, so that passages prefer a document that stays.
    _cluster(engine, config, texts=texts, level="document", target="copies")
    engine.sql(DROPPED_LAST_SQL, target="passage_ranks", schema=RANKS)
    engine.rename("passage_ranks", "ranks")
    _cluster(engine, config, texts=texts, level="passage", target="found_members")
    engine.sql(MEMBER_COPIES_SQL, target="member_copies")
    engine.map_batches(
        list_copied_members,
        config,
        source="member_copies",
        target="copied_members",
        schema=MEMBERS,
        lookups=[
            Lookup(texts, "document_id", ("document_id", "hub")),
            Lookup("judged", "document_id", ("document_id", "hub")),
            Lookup("found_members", "document_id", ("hub",)),
        ],
    )
    engine.sql(
        "SELECT * FROM found_members UNION ALL SELECT * FROM copied_members",
        target="passage_members",
        schema=MEMBERS,
    )
    # 5. The ledger.
    engine.sql(MEMBERSHIPS_SQL, target="memberships")
    engine.map_batches(
        resolve_documents,
        config,
        source=texts,
        target="pass_ledger",
        schema=LEDGER,
        lookups=[judged, Lookup("memberships", "document_id", _SAME_DOCUMENT), truncations],
    )


def _find_truncated(engine: Engine, config: Config) -> None:
    """Say which documents hold only a part of their article, as they were found."""
    engine.map_batches(
        list_text_facts,
        config,
        source="texts",
        target="text_facts",
        schema=TEXT_FACTS,
        lookups=[Lookup("judged", "document_id", _SAME_DOCUMENT)],
    )
    engine.sql(OUTLET_LENGTHS_SQL, target="outlet_lengths", schema=OUTLET_LENGTHS)
    engine.map_batches(
        find_truncated,
        config,
        source="text_facts",
        target="truncations",
        schema=TRUNCATIONS,
        broadcast=["outlet_lengths"],
    )
    engine.drop("text_facts")


def _cluster(engine: Engine, config: Config, *, texts: str, level: str, target: str) -> None:
    """Cluster linked documents, or linked sentences and quotations."""
    test = "=" if level == "document" else "<>"
    engine.sql(
        f"SELECT * FROM all_links WHERE level {test} 'document'", target="links", schema=LINKS
    )
    engine.components("links", "left_unit", "right_unit", target="components")
    engine.sql(UNITS_SQL, target="units")
    engine.map_batches(
        group_units,
        config,
        source="units",
        target="groups",
        schema=GROUPS,
        group_by=["component"],
        order_by=["rank", "begin", "unit"],
        lookups=[
            Lookup(texts, "document_id", _SAME_DOCUMENT),
            Lookup("judged", "document_id", _SAME_DOCUMENT),
        ],
    )
    if level == "passage":
        engine.sql(SPREAD_GROUPS_SQL, target="spread_groups", schema=GROUPS)
        engine.rename("spread_groups", "groups")
    engine.map_batches(
        join_neighbours,
        config,
        source="groups",
        target=target,
        schema=MEMBERS,
        group_by=["partner_document"],
        order_by=["level", "partner_order", "group_id", "document_id", "order"],
    )


_ALL_MEMBERS_SQL = "SELECT * FROM copies UNION ALL SELECT * FROM passage_members"


def _keep_results(engine: Engine) -> None:
    """Make the first pass's results the run's."""
    engine.sql(_ALL_MEMBERS_SQL, target="members", schema=MEMBERS)
    for name in ("ledger", "matches", "skipped"):
        engine.rename(f"pass_{name}", name)
    for name in ("ranks", "outlet_lines", "repeated_lines"):
        engine.rename(name, f"first_{name}")


def _has_removed(engine: Engine) -> bool:
    """Tell whether the last pass removed anything."""
    engine.sql(ANY_REMOVED_SQL, target="removed")
    (batch,) = engine.read("removed")
    return bool(batch.column(0)[0].as_py())


def _add_results(engine: Engine, config: Config) -> None:
    """Lay a later pass's results over the run's, in positions of the whole texts."""
    engine.sql(_ALL_MEMBERS_SQL, target="pass_members", schema=MEMBERS)
    for name, schema, columns in (
        ("matches", MATCHES, _BOTH_DOCUMENTS),
        ("members", MEMBERS, ("document_id", "partner_document")),
    ):
        engine.map_batches(
            translate,
            config,
            source=f"pass_{name}",
            target=f"new_{name}",
            schema=schema,
            lookups=[Lookup("ledger", "document_id", columns)],
        )
    engine.map_batches(
        translate_partners,
        config,
        source="pass_ledger",
        target="pass_changes",
        schema=LEDGER,
        lookups=[Lookup("ledger", "document_id", ("partner_document",))],
    )
    engine.map_batches(
        overlay,
        config,
        source="ledger",
        target="overlaid",
        schema=LEDGER,
        group_by=["document_id"],
        order_by=["begin"],
        lookups=[Lookup("pass_changes", "document_id", _SAME_DOCUMENT)],
    )
    engine.rename("overlaid", "ledger")
    engine.sql(ADD_MATCHES_SQL, target="all_matches", schema=MATCHES)
    engine.rename("all_matches", "matches")
    engine.sql(ADD_MEMBERS_SQL, target="all_members", schema=MEMBERS)
    engine.rename("all_members", "members")
    engine.sql("SELECT * FROM skipped UNION ALL SELECT * FROM pass_skipped", target="all_skipped")
    engine.rename("all_skipped", "skipped")
