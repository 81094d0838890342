"""Write everything that a run leaves: corpus, tables, report, manifest."""

from __future__ import annotations

import platform
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

import msgspec

from cleaner.alarms import Findings
from cleaner.boilerplate.learned import OUTLETS_FILE, Learned
from cleaner.config import Config
from cleaner.engines import Engine, Lookup, read_rows
from cleaner.model import LEDGER, SCHEMA_VERSION, as_row
from cleaner.quality.recall import Recall, describe_recall
from cleaner.quality.verdicts import NOT_JUDGED, Verdicts
from cleaner.reading import InputState
from cleaner.report import render_report
from cleaner.results import RunResult, summarize
from cleaner.writing.corpus import (
    COPIES_SQL,
    CORPUS,
    PARTNERS_SQL,
    render_documents,
    write_corpus,
)
from cleaner.writing.folder import OutputFolder
from cleaner.writing.outlets import write_outlets
from cleaner.writing.tables import (
    BRIDGES_SQL,
    CLUSTER_MEMBERS,
    DOCUMENTS_SQL,
    MATCHES_SQL,
    describe_clusters,
    describe_members,
    write_json_lines,
    write_parquet,
)

_REQUIRED_NAME = re.compile(r"[A-Za-z0-9._-]+")
_UNKNOWN = "unknown"
_SAME_DOCUMENT = ("document_id",)
_DESCRIBING = ("texts", "first_ranks", "ledger")
"""What is looked up to describe a member of a cluster."""
_MAX_REPORT_REJECTIONS = 200


def write_outputs(
    engine: Engine,
    config: Config,
    folder: OutputFolder,
    inputs: Sequence[InputState],
    findings: Findings,
    verdicts: Verdicts | None = None,
    recall: Mapping[str, Recall] | None = None,
) -> RunResult:
    """Write the run that an engine holds into a folder, and return what it found.

    Args:
        engine: The engine after `pipeline.clean`.
        config: The run's configuration.
        folder: Where to write; it is committed at the end.
        inputs: What was read, for the manifest.
        findings: What the run knows about its outlets.
        verdicts: What was judged by hand, for the manifest.
        recall: How many of the planted copies the run finds.
    """
    kind = config.output.format
    corpus = f"corpus.{kind}" if kind in ("jsonl", "parquet") else f"corpus-{kind}"
    engine.sql(COPIES_SQL, target="copy_list")
    engine.sql(PARTNERS_SQL, target="partners")
    engine.map_batches(
        render_documents,
        config,
        source="texts",
        target="corpus",
        schema=CORPUS,
        lookups=[
            Lookup("ledger", "document_id", _SAME_DOCUMENT),
            Lookup("copy_list", "document_id", _SAME_DOCUMENT),
            Lookup("truncations", "document_id", _SAME_DOCUMENT),
            Lookup("partners", "document_id", _SAME_DOCUMENT),
        ],
    )
    place = ("path", "record")
    folder.write(corpus, lambda path: write_corpus(engine.read("corpus"), path, kind))
    _write_table(engine, folder, "documents.parquet", DOCUMENTS_SQL, place)
    folder.write(
        "ledger.parquet",
        lambda path: write_parquet(
            engine.read("ledger", order_by=("document_id", "begin")), path, LEDGER
        ),
    )
    order = (
        *("left_document", "right_document", "left_begin", "right_begin"),
        *("left_end", "right_end", "level"),
    )
    _write_table(engine, folder, "matches.parquet", MATCHES_SQL, order)
    _write_table(engine, folder, "bridges.parquet", BRIDGES_SQL, order)
    engine.map_batches(
        describe_members,
        config,
        source="members",
        target="cluster_members",
        schema=CLUSTER_MEMBERS,
        lookups=[Lookup(name, "document_id", _SAME_DOCUMENT) for name in _DESCRIBING],
    )
    folder.write("clusters.jsonl", lambda path: write_json_lines(_clusters(engine, config), path))
    folder.write(
        "rejected.jsonl",
        lambda path: write_json_lines(read_rows(engine, "rejections", order_by=_BY_SOURCE), path),
    )
    folder.write(OUTLETS_FILE, lambda path: write_outlets(engine, config, path, findings))
    result = summarize(
        engine,
        output=folder.path,
        corpus=folder.path / corpus,
        report=folder.path / "report.html",
        view=config.output.view,
        alarms=findings.alarms,
        recall=recall,
    )
    folder.write("report.html", _report_writer(engine, config, result))
    folder.commit(_describe_run(result, config, inputs, findings.learned, verdicts))
    return result


_BY_SOURCE = ("source", "reason", "detail")


def _write_table(
    engine: Engine, folder: OutputFolder, name: str, query: str, order_by: Sequence[str]
) -> None:
    engine.sql(query, target="written")
    schema = engine.schema("written")
    folder.write(
        name,
        lambda path: write_parquet(engine.read("written", order_by=order_by), path, schema),
    )
    engine.drop("written")


def _clusters(
    engine: Engine, config: Config, *, with_text: bool = False
) -> Iterator[dict[str, Any]]:
    batches = engine.read("cluster_members", order_by=("cluster_id", "document_id", "begin"))
    return describe_clusters(batches, config, with_text=with_text)


def _report_writer(engine: Engine, config: Config, result: RunResult) -> Callable[[Path], None]:
    """Return what fills the report; it shows the largest clusters, in context."""
    limit = config.output.max_report_clusters
    sizes = sorted(
        ((-c["num_members"], c["cluster_id"]) for c in _clusters(engine, config)),
    )
    shown = {cluster_id for _, cluster_id in sizes[:limit]}
    clusters = [c for c in _clusters(engine, config, with_text=True) if c["cluster_id"] in shown]
    clusters.sort(key=lambda c: (-c["num_members"], c["cluster_id"]))
    rejections = list(read_rows(engine, "rejections", order_by=_BY_SOURCE))
    page = render_report(
        result,
        clusters,
        rejections[:_MAX_REPORT_REJECTIONS],
        num_hidden_clusters=len(sizes) - len(clusters),
        num_hidden_rejections=max(0, len(rejections) - _MAX_REPORT_REJECTIONS),
    )

    def write(path: Path) -> None:
        path.write_text(page, encoding="utf-8")

    return write


def _describe_run(
    result: RunResult,
    config: Config,
    inputs: Sequence[InputState],
    learned: Learned | None,
    verdicts: Verdicts | None,
) -> dict[str, Any]:
    """Return the manifest: all that decided the output, and nothing that could differ by chance."""
    return {
        "tool": "cleaner",
        "version": _version("cleaner"),
        "schema_version": SCHEMA_VERSION,
        "python": platform.python_version(),
        "libraries": _libraries(),
        "configuration": msgspec.to_builtins(config),
        "configuration_digest": config.digest,
        "learned": learned and {"bytes": learned.num_bytes, "sha256": learned.sha256},
        "verdicts": verdicts
        and {
            "bytes": verdicts.num_bytes,
            "sha256": verdicts.sha256,
            "counts": dict(result.verdicts),
        },
        "inputs": [_describe_input(state) for state in inputs],
        "counts": {
            "documents": result.num_documents,
            "documents_in_corpus": result.num_kept_documents,
            "rejected": dict(result.rejected),
            "truncated": dict(result.truncated),
            "characters": result.num_chars,
            "characters_in_corpus": result.num_kept_chars,
            "removed": result.removed,
            "matches": result.num_matches,
            "refused_pairs": result.num_refused,
            "clusters": dict(result.clusters),
            "weak_bridges": result.num_bridges,
            "pairs_not_compared": result.num_skipped_pairs,
            "seed_meetings_not_compared": result.num_skipped_seeds,
        },
        "quality": {
            "precision": as_row(result.precision) if result.precision else NOT_JUDGED,
            "recall": describe_recall(result.recall),
        },
        "alarms": [as_row(alarm) for alarm in result.alarms],
    }


def _describe_input(state: InputState) -> dict[str, Any]:
    described: dict[str, Any] = {"label": state.file.label, "format": state.file.format}
    if state.file.fields:
        described["fields"] = dict(state.file.fields)
    if state.sha256 is not None:
        described |= {"bytes": state.num_bytes, "sha256": state.sha256}
    return described


def _libraries() -> dict[str, str]:
    """Return the version of every library that the package needs, by name.

    One that only some systems or versions of Python need is listed where it is installed.
    """
    try:
        needed = requires("cleaner") or []
    except PackageNotFoundError:
        return {}
    found = {}
    for requirement in sorted(needed, key=str.lower):
        name = _REQUIRED_NAME.match(requirement)
        _, _, condition = requirement.partition(";")
        if name is None or "extra" in condition:
            continue
        installed = _version(name[0])
        if installed != _UNKNOWN or not condition:
            found[name[0]] = installed
    return found


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return _UNKNOWN
