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
    LISTED_LINES,
    OUTLET_LENGTHS,
    OUTLET_LENGTHS_SQL,
    OUTLET_LINES,
    REPEATED_LINES,
    TEXT_FACTS,
    TRUNCATIONS,
    find_truncated,
    judge_documents,
    keep_all,
    learn_lines,
    line_counts_sql,
    list_outlet_lines,
    list_text_facts,
)
from cleaner.config import Config
from cleaner.engines import Engine, Heavy, Kernel, Lookup
from cleaner.extraction import extract_documents, reject_documents
from cleaner.ledger import (
    ADD_MEMBERS_SQL,
    ANY_REMOVED_SQL,
    REMOVED,
    cut_extents,
    cut_texts,
    leave_out_known,
    overlay,
    translate,
    translate_partners,
)
from cleaner.model import DOCUMENTS, LEDGER, REJECTIONS, TEXTS, Document, Rejection, as_row
from cleaner.passages.candidates import (
    CANDIDATE_PAIRS,
    CANDIDATES,
    COPIES,
    ECHOED,
    ECHOES,
    EXACT_COPIES,
    bands_schema,
    list_bands,
    name_bands,
    passages_schema,
    sign_passages,
)
from cleaner.passages.cluster import (
    BRIDGES,
    BRIDGES_SQL,
    GROUP_RELATIONS,
    GROUP_RELATIONS_SQL,
    GROUPS,
    LOOSE_LINKS,
    LOOSE_LINKS_SQL,
    MEMBER_COPIES_SQL,
    MEMBERS,
    PLACED_BRIDGES,
    SPREAD_GROUPS_SQL,
    UNITS,
    UNITS_SQL,
    group_units,
    join_neighbours,
    list_bridges,
    list_copied_members,
)
from cleaner.passages.credits import CREDITS, list_credits
from cleaner.passages.judgements import (
    CONSTRAINTS,
    CONSTRAINTS_SQL,
    IN_FORCE_SQL,
    JUDGED_LINKS,
    JUDGEMENTS,
    NAMED_JUDGEMENTS,
    NAMED_JUDGEMENTS_SQL,
    PLACED_JUDGEMENTS,
    USES,
    apply_judgements,
    link_judged,
    list_must_links,
    list_uses,
    part_members,
    place_judgements,
    strike_judged,
)
from cleaner.passages.links import LINKS, list_links
from cleaner.passages.seeding import (
    CLOSE_PAIRS,
    COPIED_PARAGRAPHS,
    DATED,
    DOCUMENT_SEEDS,
    EXTENTS,
    HITS,
    PUBLISHED,
    PUBLISHED_SQL,
    SEED_COUNTS,
    SEED_PAIRS,
    SEEDS,
    SHARED_SEEDS,
    SKIPPED_SEEDS,
    count_seeds,
    date_documents,
    find_close_seeds,
    least_weight,
    limit_partners,
    list_document_seeds,
    list_seed_facts,
    list_shared_seeds,
    nominate_pairs,
    skipped_seeds_sql,
)
from cleaner.passages.verify import MATCHES, above_floor_sql, verify_pairs
from cleaner.resolution import (
    DROPPED_LAST_SQL,
    KEEPERS,
    KEEPERS_SQL,
    MEMBERSHIPS,
    MEMBERSHIPS_SQL,
    RANKS,
    rank_documents,
    resolve_documents,
)

_READ_ROWS = 64
_READ_CHARS = 1_000_000
_SAME_DOCUMENT = ("document_id",)
_BOTH_DOCUMENTS = ("left_document", "right_document")
_VERDICTS = ("document_id", "verdicts")
_CONTENT = ("document_id", "text", "language")
_ORIGIN = ("outlet", "published", "title")
_CUTS = ("document_id", "begin", "end", "unique")
"""What kernels read of `boilerplate.JUDGED`, `model.TEXTS` and `model.LEDGER`, unless they read
more."""
_JUDGED = Lookup("judged", "document_id", _SAME_DOCUMENT, _VERDICTS)
_TRUNCATIONS = Lookup("truncations", "document_id", _SAME_DOCUMENT)
SKIPPED = pa.schema([pa.field("num_skipped_pairs", pa.int64()), *SKIPPED_SEEDS])
"""How many meetings of a pass large buckets and seeds, or closer partners, left out: one row."""


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
    judgements: Iterable[pa.RecordBatch] = (),
) -> None:
    """Run everything between reading and writing.

    Args:
        found: What the readers found, in a fixed order.
        config: The run's configuration.
        engine: Where the tables are kept.
        learned: Lines that an earlier run listed, rows of `boilerplate.OUTLET_LINES`.
        judgements: What a person said of pairs of passages, rows of `judgements.JUDGEMENTS`.

    The engine then holds `texts` (`model.TEXTS`), `ledger` (`model.LEDGER`), `matches`
    (`verify.MATCHES`), `members` (`cluster.MEMBERS`), `ranks` (`resolution.RANKS`), `rejections`
    (`model.REJECTIONS`), `truncations` (`boilerplate.TRUNCATIONS`), `placed_judgements`
    (`judgements.PLACED_JUDGEMENTS`), `judgement_uses` (`judgements.USES`) and `skipped` (pairs left
    uncompared, one row a pass); and of the first pass `bridges` (`cluster.PLACED_BRIDGES`),
    `first_outlet_lines` and `first_repeated_lines` (`boilerplate.LISTED_LINES`,
    `boilerplate.REPEATED_LINES`).
    """
    _read(found, engine, config)
    engine.write("learned_lines", learned, OUTLET_LINES)
    _place_judgements(engine, config, judgements)
    engine.write("judged", [], JUDGED)
    engine.write("keepers", [], KEEPERS)
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
            lookups=[Lookup("ledger", "document_id", _SAME_DOCUMENT, _CUTS)],
            carry=_SAME_DOCUMENT,
        )
        engine.map_batches(
            cut_extents,
            config,
            source="judgements_in_force",
            target="pass_judgements",
            schema=PLACED_JUDGEMENTS,
            lookups=[Lookup("ledger", "document_id", _BOTH_DOCUMENTS, _CUTS)],
        )
        engine.sql(KEEPERS_SQL, target="keepers", schema=KEEPERS)
        _run_pass(engine, config, texts="rest")
        has_removed = _has_removed(engine)
        if has_removed:
            _add_results(engine, config)


def match(found: Iterable[Document], config: Config, engine: Engine) -> None:
    """Find the passages that texts share, all of their blocks taken for main content.

    Args:
        found: The texts, in a fixed order.
        config: The run's configuration.
        engine: Where the tables are kept; it then holds `texts` (`model.TEXTS`) and `matches`
            (`verify.MATCHES`).
    """
    _read(found, engine, config)
    engine.map_batches(keep_all, config, source="texts", target="judged", schema=JUDGED)
    engine.write("truncations", [], TRUNCATIONS)
    _list_credits(engine, config)
    _rank(engine, config, texts="texts")
    _match(engine, config, texts="texts")
    engine.rename("pass_matches", "matches")


def _read(found: Iterable[Document | Rejection], engine: Engine, config: Config) -> None:
    """Extract documents as they are read, and number them; one read before is set aside."""
    rejections: list[dict[str, str]] = []
    engine.map_stream(
        extract_documents,
        config,
        batches=_document_batches(found, rejections),
        target="texts",
        schema=TEXTS,
        fallback=reject_documents,
        timeout_seconds=config.extract.timeout_seconds,
    )
    engine.number("texts", order_by="document_id", column="document_number")
    engine.sql(PUBLISHED_SQL, target="published", schema=PUBLISHED)
    engine.map_batches(
        date_documents,
        config,
        source="published",
        target="dated",
        schema=DATED,
        order_by=["document_number"],
    )
    engine.number("dated", order_by="day_order", column="rank")
    batch = pa.RecordBatch.from_pylist(rejections, schema=REJECTIONS)
    engine.write("read_rejections", [batch], REJECTIONS)
    engine.sql(
        """
        SELECT source, reason, detail FROM read_rejections
        UNION ALL
        SELECT source, rejection AS reason, detail FROM texts WHERE rejection IS NOT NULL
        """,
        target="rejections",
        schema=REJECTIONS,
    )


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


def _run_pass(engine: Engine, config: Config, *, texts: str) -> None:
    """Judge, match and resolve texts; the results are tables whose names begin with `pass_`."""
    _judge(engine, config, texts=texts)
    _rank(engine, config, texts=texts)
    _match(engine, config, texts=texts)
    _apply_judgements(engine, config, texts=texts)
    _gather(engine, config, texts=texts)
    engine.sql(MEMBERSHIPS_SQL, target="memberships", schema=MEMBERSHIPS)
    engine.map_batches(
        resolve_documents,
        config,
        source=texts,
        target="pass_ledger",
        schema=LEDGER,
        lookups=[
            _JUDGED,
            Lookup("memberships", "document_id", _SAME_DOCUMENT),
            _TRUNCATIONS,
            Lookup("keepers", "document_id", _SAME_DOCUMENT),
        ],
        carry=_SAME_DOCUMENT,
    )


def _judge(engine: Engine, config: Config, *, texts: str) -> None:
    """Learn what each outlet repeats, and give every block a verdict."""
    engine.map_batches(
        list_outlet_lines,
        config,
        source=texts,
        target="outlet_lines",
        schema=LISTED_LINES,
        carry=("document_number",),
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
        lookups=[Lookup("judged", "document_id", _SAME_DOCUMENT)],
    )
    if texts == "texts":
        if engine.count("judgements_in_force"):
            engine.map_batches(
                strike_judged,
                config,
                source="judged",
                target="struck",
                schema=JUDGED,
                broadcast=["judgements_in_force"],
            )
            engine.rename("struck", "judged")
        _find_truncated(engine, config)
        _list_credits(engine, config)


def _list_credits(engine: Engine, config: Config) -> None:
    engine.map_batches(
        list_credits, config, source="texts", target="credits", schema=CREDITS, lookups=[_JUDGED]
    )


def _rank(engine: Engine, config: Config, *, texts: str) -> None:
    """Put documents in the order in which they stay, by what is left of them."""
    engine.map_batches(
        rank_documents,
        config,
        source=texts,
        target="ranks",
        schema=RANKS,
        lookups=[_JUDGED, _TRUNCATIONS],
        carry=_SAME_DOCUMENT,
    )


def _match(engine: Engine, config: Config, *, texts: str) -> None:
    """Find pairs that may be copies, by signatures and by seeds, and verify them on the text."""
    engine.map_batches(
        sign_passages,
        config,
        source=texts,
        target="passages",
        schema=passages_schema(config.match),
        lookups=[_JUDGED],
        carry=_SAME_DOCUMENT,
    )
    num_skipped = pair_by_bands(engine, config)
    _list_seeds(engine, config, texts=texts)
    num_skipped += pair_by_seeds(engine, config)
    engine.sql(
        f"SELECT CAST({num_skipped} AS BIGINT) AS num_skipped_pairs, num_skipped_seeds"
        " FROM skipped_seeds",
        target="pass_skipped",
        schema=SKIPPED,
    )
    engine.sql(CANDIDATE_PAIRS, target="candidates", schema=CANDIDATES)
    engine.drop("bucket_pairs")
    engine.drop("echoes")
    engine.map_batches(
        verify_pairs,
        config,
        source="candidates",
        target="compared",
        schema=MATCHES,
        group_by=_BOTH_DOCUMENTS,
        order_by=["left_passage", "right_passage"],
        carry=_BOTH_DOCUMENTS,
        lookups=[
            Lookup("document_seeds", "document_id", ("left_document",), refines=True),
            Lookup("credits", "document_id", _BOTH_DOCUMENTS),
            Lookup(texts, "document_id", _BOTH_DOCUMENTS, (*_CONTENT, *_ORIGIN)),
            Lookup("judged", "document_id", _BOTH_DOCUMENTS, _VERDICTS),
        ],
    )
    engine.sql(above_floor_sql(config.match), target="pass_matches", schema=MATCHES)
    engine.drop("compared")


def _gather(engine: Engine, config: Config, *, texts: str) -> None:
    """Cluster what is linked: documents first, so that passages prefer one that stays."""
    engine.map_batches(list_links, config, source="pass_matches", target="all_links", schema=LINKS)
    _cluster(engine, config, texts=texts, level="document", target="copies")
    engine.sql(DROPPED_LAST_SQL, target="passage_ranks", schema=RANKS)
    engine.rename("passage_ranks", "ranks")
    _cluster(engine, config, texts=texts, level="passage", target="found_members")
    engine.sql(MEMBER_COPIES_SQL, target="member_copies", schema=COPIES)
    engine.map_batches(
        list_copied_members,
        config,
        source="member_copies",
        target="copied_members",
        schema=MEMBERS,
        lookups=[
            Lookup(texts, "document_id", ("document_id", "hub"), _CONTENT),
            Lookup("judged", "document_id", ("document_id", "hub"), _VERDICTS),
            Lookup("found_members", "document_id", ("hub",)),
        ],
    )
    engine.sql(
        "SELECT * FROM found_members UNION ALL SELECT * FROM copied_members",
        target="passage_members",
        schema=MEMBERS,
    )
    if engine.count("constraints"):
        engine.map_batches(
            part_members,
            config,
            source="passage_members",
            target="parted_members",
            schema=MEMBERS,
            group_by=["cluster_id"],
            broadcast=["constraints"],
        )
        engine.rename("parted_members", "passage_members")


def pair_by_bands(engine: Engine, config: Config) -> int:
    """Find the passages that are alike in a band or have the same words; drop the passages.

    Reads `passages` and `ranks`, and leaves `exact_copies`, `echoes` and `bucket_pairs`.

    Returns:
        How many pairs large buckets left out.
    """
    engine.sql(EXACT_COPIES, target="exact_copies", schema=COPIES)
    engine.sql(ECHOES, target="echoes", schema=ECHOED)
    engine.map_batches(
        list_bands,
        config,
        source="passages",
        target="bands",
        schema=bands_schema(config.match),
        lookups=[
            Lookup("exact_copies", "document_id", _SAME_DOCUMENT),
            Lookup("echoes", "left_document", _SAME_DOCUMENT),
        ],
    )
    engine.drop("passages")
    num_skipped = engine.pairs(
        "bands",
        name_bands(config.match),
        order_by="passage",
        max_bucket=config.match.max_bucket,
        target="bucket_pairs",
    )
    engine.drop("bands")
    return num_skipped


def _list_seeds(engine: Engine, config: Config, *, texts: str) -> None:
    """List the seeds of all documents."""
    engine.sql(COPIED_PARAGRAPHS, target="copied_paragraphs", schema=EXTENTS)
    engine.map_batches(
        list_document_seeds,
        config,
        source=texts,
        target="seeds",
        schema=SEEDS,
        lookups=[
            _JUDGED,
            Lookup("copied_paragraphs", "document_id", _SAME_DOCUMENT),
        ],
        carry=("document_number",),
    )


def pair_by_seeds(engine: Engine, config: Config) -> int:
    """Find the documents that share rare pairs of terms close to each other; drop the seeds.

    Reads `seeds` and `dated`, and leaves `seed_pairs`, `document_seeds` and `skipped_seeds`.

    Returns:
        How many pairs were left out because both documents have closer ones.
    """

    def map_parts(
        kernel: Kernel, source: str, target: str, schema: pa.Schema, part_by: str
    ) -> None:
        engine.map_batches(
            kernel,
            config,
            source=source,
            target=target,
            schema=schema,
            part_by=part_by,
            broadcast=["dated"],
        )

    map_parts(list_shared_seeds, "seeds", "shared_seeds", SHARED_SEEDS, "seed_hash")
    map_parts(count_seeds, "seeds", "seed_counts", SEED_COUNTS, "seed_hash")
    engine.drop("seeds")
    map_parts(list_seed_facts, "seed_counts", "document_seeds", DOCUMENT_SEEDS, "document_number")
    engine.drop("seed_counts")
    engine.sql(skipped_seeds_sql(config.match), target="skipped_seeds", schema=SKIPPED_SEEDS)
    engine.map_heavy(
        nominate_pairs,
        config,
        source="shared_seeds",
        target="hits",
        schema=HITS,
        by="seed_hash",
        heavy=Heavy("left_number", "right_number", "weight", least_weight(config.match)),
    )
    engine.drop("shared_seeds")
    map_parts(find_close_seeds, "hits", "close_pairs", CLOSE_PAIRS, "left_number")
    engine.drop("hits")
    map_parts(limit_partners, "close_pairs", "seed_pairs", SEED_PAIRS, "right_number")
    num_skipped = engine.count("close_pairs") - engine.count("seed_pairs")
    engine.drop("close_pairs")
    return num_skipped


def _place_judgements(engine: Engine, config: Config, judgements: Iterable[pa.RecordBatch]) -> None:
    """Find what was judged by hand in the documents of this run."""
    engine.write("judgements", judgements, JUDGEMENTS)
    engine.sql(NAMED_JUDGEMENTS_SQL, target="named_judgements", schema=NAMED_JUDGEMENTS)
    engine.map_batches(
        place_judgements,
        config,
        source="named_judgements",
        target="placed_judgements",
        schema=PLACED_JUDGEMENTS,
        lookups=[Lookup("texts", "document_id", ("left_found", "right_found"), _CONTENT)],
    )
    engine.sql(IN_FORCE_SQL, target="judgements_in_force", schema=PLACED_JUDGEMENTS)
    engine.sql(IN_FORCE_SQL, target="pass_judgements", schema=PLACED_JUDGEMENTS)


def _apply_judgements(engine: Engine, config: Config, *, texts: str) -> None:
    """Settle the pass's matches that were judged by hand, and say what that means for clusters."""
    engine.write("pass_uses", (), USES)
    engine.write("must_links", (), CONSTRAINTS)
    if engine.count("pass_judgements"):
        engine.map_batches(
            link_judged,
            config,
            source="pass_judgements",
            target="judged_links",
            schema=JUDGED_LINKS,
            lookups=[
                Lookup(texts, "document_id", _BOTH_DOCUMENTS, _CONTENT),
                Lookup("judged", "document_id", _BOTH_DOCUMENTS, _VERDICTS),
            ],
        )
        by_hand = ["pass_judgements"]
        for kernel, source, target, schema, broadcast in (
            (list_uses, "pass_matches", "pass_uses", USES, by_hand),
            (
                apply_judgements,
                "pass_matches",
                "settled_matches",
                MATCHES,
                [*by_hand, "judged_links"],
            ),
            (list_must_links, "settled_matches", "must_links", CONSTRAINTS, by_hand),
        ):
            engine.map_batches(
                kernel, config, source=source, target=target, schema=schema, broadcast=broadcast
            )
        engine.rename("settled_matches", "pass_matches")
    engine.sql(CONSTRAINTS_SQL, target="constraints", schema=CONSTRAINTS)


def _find_truncated(engine: Engine, config: Config) -> None:
    """Say which documents hold only a part of their article, as they were found."""
    engine.map_batches(
        list_text_facts,
        config,
        source="texts",
        target="text_facts",
        schema=TEXT_FACTS,
        lookups=[_JUDGED],
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
    engine.sql(UNITS_SQL, target="units", schema=UNITS)
    engine.map_batches(
        group_units,
        config,
        source="units",
        target="groups",
        schema=GROUPS,
        group_by=["component"],
        order_by=["rank", "begin", "unit"],
        broadcast=["constraints"],
        lookups=[Lookup(texts, "document_id", _SAME_DOCUMENT, _CONTENT), _JUDGED],
    )
    engine.sql(GROUP_RELATIONS_SQL, target="group_relations", schema=GROUP_RELATIONS)
    if texts == "texts":
        _list_bridges(engine, config, target=f"{level}_bridges")
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
        lookups=[Lookup("group_relations", "group_id", ("group_id",))],
    )


def _list_bridges(engine: Engine, config: Config, *, target: str) -> None:
    """List the links that were not enough to merge what they link."""
    documents = ("left_document", "right_document", "left_partner", "right_partner")
    engine.sql(LOOSE_LINKS_SQL, target="loose_links", schema=LOOSE_LINKS)
    engine.map_batches(
        list_bridges,
        config,
        source="loose_links",
        target=target,
        schema=BRIDGES,
        broadcast=["constraints"],
        lookups=[
            Lookup("texts", "document_id", documents, _CONTENT),
            Lookup("judged", "document_id", documents, _VERDICTS),
            Lookup("ranks", "document_id", documents, ("document_id", "rank")),
        ],
    )


_ALL_MEMBERS_SQL = "SELECT * FROM copies UNION ALL SELECT * FROM passage_members"


def _keep_results(engine: Engine) -> None:
    """Make the first pass's results the run's."""
    engine.sql(_ALL_MEMBERS_SQL, target="members", schema=MEMBERS)
    engine.sql(BRIDGES_SQL, target="bridges", schema=PLACED_BRIDGES)
    for name in ("ledger", "matches", "skipped"):
        engine.rename(f"pass_{name}", name)
    engine.rename("pass_uses", "judgement_uses")
    for name in ("ranks", "outlet_lines", "repeated_lines"):
        engine.rename(name, f"first_{name}")


def _has_removed(engine: Engine) -> bool:
    """Tell whether the last pass removed anything."""
    engine.sql(ANY_REMOVED_SQL, target="removed", schema=REMOVED)
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
            lookups=[Lookup("ledger", "document_id", columns, _CUTS)],
        )
    engine.map_batches(
        translate_partners,
        config,
        source="pass_ledger",
        target="pass_changes",
        schema=LEDGER,
        lookups=[Lookup("ledger", "document_id", ("partner_document",), _CUTS)],
    )
    engine.map_batches(
        overlay,
        config,
        source="ledger",
        target="overlaid",
        schema=LEDGER,
        carry=_SAME_DOCUMENT,
        lookups=[Lookup("pass_changes", "document_id", _SAME_DOCUMENT)],
    )
    engine.rename("overlaid", "ledger")
    engine.map_batches(
        leave_out_known,
        config,
        source="new_matches",
        target="further_matches",
        schema=MATCHES,
        lookups=[Lookup("matches", "left_document", ("left_document",))],
    )
    _append(engine, "matches", "further_matches")
    engine.sql(ADD_MEMBERS_SQL, target="all_members", schema=MEMBERS)
    engine.rename("all_members", "members")
    _append(engine, "judgement_uses", "pass_uses")
    _append(engine, "skipped", "pass_skipped")


def _append(engine: Engine, name: str, more: str) -> None:
    """Add the rows of a table to those of another one."""
    engine.sql(
        f"SELECT * FROM {name} UNION ALL SELECT * FROM {more}",
        target=f"all_{name}",
        schema=engine.schema(name),
    )
    engine.rename(f"all_{name}", name)
