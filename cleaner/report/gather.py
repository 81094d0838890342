"""All that the page shows of a run, gathered from its tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from cleaner.boilerplate.catalogue import list_code_rules
from cleaner.boilerplate.cues import load_cues
from cleaner.config import Config
from cleaner.engines import Engine, Lookup, read_rows
from cleaner.model import DUPLICATE
from cleaner.passages.align import NEGATIONS
from cleaner.quality.judging import BORDERLINE, SAMPLE, describe_pairs, offer_pairs
from cleaner.quality.verdicts import HEADER, VerdictLine, render_verdicts
from cleaner.report import wording
from cleaner.report.chunks import ChunkFile, Details
from cleaner.report.clusters import ClusterIndex
from cleaner.report.documents import REPORT_DOCUMENTS, DocumentIndex, pack_documents
from cleaner.report.judging import describe_judging
from cleaner.report.outlets import DAYS_SQL, RepeatedLines, describe_times
from cleaner.report.overview import describe_overview, describe_rejections, list_kinds
from cleaner.report.text import show_name
from cleaner.report.threshold import PAIRS, PAIRS_ORDER, PAIRS_SQL, Sweep, pack_pairs

if TYPE_CHECKING:
    from cleaner.results import RunResult

TITLE = "What was removed, and why"
INDEXES = ("documents", "clusters")
"""The lists: every page holds them."""
CHARTS = ("outlets", "threshold", "judging")
"""What the main page alone holds."""
_MAX_REJECTIONS = 1000
_NUM_BORDERLINE, _NUM_SAMPLE = 100, 200
"""Pairs that the page offers to be judged (by hand: an hour or two of work)."""
_SAME_DOCUMENT = ("document_id",)
_PLACE = ("path", "record")
_WORDS_SQL = """
    SELECT document_id, CAST(sum(num_words) AS BIGINT) AS num_words
    FROM tallies WHERE part <> 'boilerplate' GROUP BY document_id
"""
_WORDS = pa.schema(
    [
        pa.field("document_id", pa.string()),
        pa.field("num_words", pa.int64()),
    ]
)
_SHOWN_SQL = """
    SELECT DISTINCT m.document_id FROM members m
    JOIN shown_clusters s ON m.cluster_id = s.cluster_id
"""
_NAMES_SQL = "SELECT DISTINCT reason, rule FROM ledger"
_CLUSTER_SIZES_SQL = """
    SELECT cluster_id, min(CASE WHEN level = 'document' THEN 0 ELSE 1 END) AS of_passages,
        0 - CAST(count(*) AS BIGINT) AS "order"
    FROM members GROUP BY cluster_id
"""
_CLUSTER_SIZES = pa.schema(
    [
        pa.field("cluster_id", pa.string()),
        pa.field("of_passages", pa.int64()),
        pa.field("order", pa.int64()),
    ]
)
CLUSTERS_SQL = """
    SELECT m.*, s.of_passages, s."order" FROM cluster_members m
    JOIN cluster_sizes s ON m.cluster_id = s.cluster_id
"""
CLUSTERS_ORDER = ("of_passages", "order", "cluster_id", "document_id", "begin")
"""Clusters of whole documents before those of passages, then the largest first."""

Describe = Callable[[Iterable[pa.RecordBatch]], Iterable[Mapping[str, Any]]]


class Tables(msgspec.Struct, frozen=True):
    """Where a page's data come from.

    Attributes:
        engine: The engine after `pipeline.clean`, with `tallies` (`tallies.TALLIES`) and
            `cluster_members` (members of clusters with their text).
        folder: The folder with the run's tables as they were written.
        describe_clusters: Gives clusters for rows of `cluster_members`, in their order.
        rejections: Inputs that were set aside.
        verdicts: What a person judged before this run.
    """

    engine: Engine
    folder: Path
    describe_clusters: Describe
    rejections: Collection[Mapping[str, str]]
    verdicts: Sequence[VerdictLine] = ()


def gather_chunks(
    chunks: ChunkFile, tables: Tables, config: Config, result: RunResult
) -> tuple[Details, ...]:
    """Store all that the page shows, but for the overview.

    Returns:
        The kinds of details; lists and charts are chunks of their own (`INDEXES`, `CHARTS`).
    """
    engine, output = tables.engine, config.output
    names = [outlet.outlet for outlet in result.outlets]
    outlets = {outlet: number for number, outlet in enumerate(names)}
    engine.map_batches(
        pack_documents,
        config,
        source="texts",
        target="report_documents",
        schema=REPORT_DOCUMENTS,
        lookups=[
            Lookup(name, "document_id", _SAME_DOCUMENT)
            for name in ("ledger", "tallies", "truncations", "members")
        ],
    )
    engine.sql(_CLUSTER_SIZES_SQL, target="cluster_sizes", schema=_CLUSTER_SIZES)
    kinds = [kind["kind"] for kind in list_kinds(result)]
    documents = DocumentIndex(names, kinds)
    lines = RepeatedLines()
    rows = lines.collect(read_rows(engine, "report_documents", order_by=_PLACE))
    wanted = _list_wanted(engine, output.max_report_documents, output.max_report_clusters)
    texts = chunks.add_details(
        "texts", documents.collect(rows, output.max_report_documents, wanted)
    )
    engine.drop("report_documents")
    chunks.add("documents", documents.columns(texts.firsts))
    of_members = engine.schema("cluster_members")
    ordered = pa.schema([*of_members, *(_CLUSTER_SIZES.field(name) for name in CLUSTERS_ORDER[:2])])
    engine.sql(CLUSTERS_SQL, target="ordered_members", schema=ordered)
    found = tables.describe_clusters(engine.read("ordered_members", order_by=CLUSTERS_ORDER))
    clusters = ClusterIndex(names, documents.numbers, output.max_report_clusters)
    members = chunks.add_details("members", clusters.collect(found))
    engine.drop("ordered_members")
    chunks.add("clusters", clusters.columns(members.firsts))
    chunks.add("outlets", clusters.exchange.describe() | _describe_outlets(engine, lines, outlets))
    engine.sql(PAIRS_SQL, target="ordered_pairs", schema=PAIRS)
    engine.sql(_WORDS_SQL, target="main_words", schema=_WORDS)
    rows = read_rows(engine, "main_words")
    words = {row["document_id"]: row["num_words"] for row in rows}
    engine.drop("main_words")
    sweep = Sweep(config, words)
    rows = read_rows(engine, "ordered_pairs", order_by=PAIRS_ORDER)
    pairs = chunks.add_details("pairs", pack_pairs(rows, documents.numbers, sweep))
    engine.drop("ordered_pairs")
    chunks.add("threshold", _describe_threshold(config, result, sweep, pairs))
    chunks.add("judging", _describe_judging(tables, config, documents.numbers))
    return texts, members, pairs


def _list_wanted(engine: Engine, max_documents: int, max_clusters: int) -> Collection[str]:
    """Return the documents that the clusters in the page need, where not all have room in it."""
    if engine.count("texts") <= max_documents:
        return ()
    rows = read_rows(engine, "cluster_sizes", order_by=CLUSTERS_ORDER[:3])
    shown = [row["cluster_id"] for _, row in zip(range(max_clusters), rows, strict=False)]
    schema = pa.schema([pa.field("cluster_id", pa.string())])
    engine.write("shown_clusters", [pa.record_batch([shown], schema=schema)], schema)
    return {row["document_id"] for row in engine.rows(_SHOWN_SQL)}


def _describe_outlets(
    engine: Engine, repeated: RepeatedLines, outlets: Mapping[str, int]
) -> dict[str, Any]:
    lines, num_hidden = repeated.describe(outlets)
    unit, times = describe_times(engine.rows(DAYS_SQL), outlets)
    return {"lines": lines, "linesHidden": num_hidden, "unit": unit, "timeline": times}


def _describe_threshold(
    config: Config, result: RunResult, sweep: Sweep, pairs: Details
) -> dict[str, Any]:
    num_without_main = sum(outlet.num_without_main for outlet in result.outlets)
    num_left = result.num_documents - num_without_main - result.num_dropped_truncated
    return {
        "now": {
            "pairs": result.num_matches,
            "clusters": sum(result.clusters.values()),
            "documents": result.kinds.get(DUPLICATE, 0),
            "dropped": num_left - result.num_kept_documents,
            "words": result.removed_words.get(DUPLICATE, 0),
        },
        "threshold": config.match.min_score,
        "floor": config.match.score_floor,
        "option": "--set match.min_score",
        "curve": sweep.finish(),
        "chunks": pairs.firsts,
        "numPairs": pairs.num_items,
    }


def _describe_judging(
    tables: Tables, config: Config, documents: Mapping[str, int]
) -> dict[str, Any]:
    threshold = config.match.min_score
    offer = offer_pairs(
        tables.folder, threshold, num_borderline=_NUM_BORDERLINE, num_sample=_NUM_SAMPLE
    )
    pairs = (
        pair
        for rows, why in ((offer.borderline, BORDERLINE), (offer.sample, SAMPLE))
        for pair in describe_pairs(tables.folder, rows, why)
    )
    return {
        "header": HEADER,
        "known": render_verdicts(tables.verdicts).decode("utf-8") if tables.verdicts else "",
        "threshold": threshold,
        "numAccepted": offer.num_accepted,
        "pairs": describe_judging(pairs, documents),
    }


def describe_run(
    tables: Tables, config: Config, result: RunResult, identity: tuple[str, str]
) -> dict[str, Any]:
    """Return the overview: what the page shows first, and what names in it mean.

    Args:
        tables: Where the data come from.
        config: The run's configuration.
        result: What the run found, in numbers.
        identity: The program's version, and a digest of the run's inputs.
    """
    version, run = identity
    names = tables.engine.rows(_NAMES_SQL)
    return describe_overview(result) | {
        "title": TITLE,
        "version": version,
        "run": run,
        "command": "clean run INPUTS",
        "rejections": describe_rejections(list(tables.rejections)[:_MAX_REJECTIONS]),
        "wording": _collect_wording(config, names),
    }


def _collect_wording(config: Config, names: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """Return what names mean that the page shows: of reasons and rules, those that the run has."""
    listed = list(names)
    rules = {row["rule"] for row in listed}
    known = (
        {entry.name: entry.description for entry in list_code_rules()}
        | _describe_cues(config, rules)
        | wording.RESOLUTIONS
    )
    return {
        "kinds": {
            kind: {"label": show_name(kind), "about": about}
            for kind, about in wording.KINDS.items()
        },
        "relations": {
            name: {"name": of.name, "heading": of.heading, "about": of.explanation}
            for name, of in wording.RELATIONS.items()
        },
        "representatives": wording.REPRESENTATIVES,
        "views": wording.VIEWS,
        "reasons": {
            reason: wording.REASONS[reason]
            for reason in sorted({row["reason"] for row in listed})
            if reason in wording.REASONS
        },
        "rules": {rule: known[rule] for rule in sorted(rules) if rule in known},
        "truncations": wording.TRUNCATIONS,
        "negations": sorted(NEGATIONS),
    }


def _describe_cues(config: Config, rules: Iterable[str]) -> dict[str, str]:
    """Return what each cue says of itself, of the languages that the rules of a run are in."""
    settings = config.boilerplate
    book = load_cues(settings.cue_files, settings.disabled_rules)
    languages = {rule.partition(".")[0] for rule in rules}.intersection(book.codes)
    return {cue.rule: cue.why for code in languages for cue in book.language(code).cues}
