"""Write everything that a run leaves: corpus, tables, report, manifest."""

from __future__ import annotations

import hashlib
import platform
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution, requires
from tempfile import TemporaryFile
from typing import Any

import msgspec
import pyarrow as pa

from cleaner.alarms import Findings
from cleaner.boilerplate.cues import load_cues
from cleaner.boilerplate.learned import OUTLETS_FILE, Learned
from cleaner.config import Config
from cleaner.engines import Engine, Lookup, read_rows
from cleaner.model import LEDGER, SCHEMA_VERSION
from cleaner.quality.recall import Recall
from cleaner.quality.verdicts import Verdicts
from cleaner.reading import InputState
from cleaner.report import REPORT, REPORT_DATA, Report, Tables
from cleaner.results import RunResult, describe_result, name_corpus, summarize
from cleaner.run_folder import TOOL
from cleaner.tallies import TALLIES, tally_spans
from cleaner.writing.corpus import (
    COPIES,
    COPIES_SQL,
    CORPUS,
    PARTNERS,
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
    WRITTEN_BRIDGES,
    WRITTEN_DOCUMENTS,
    WRITTEN_MATCHES,
    describe_clusters,
    describe_members,
    write_json_lines,
    write_parquet,
)

_VERSION = re.compile(r"^Version: *(\S+)", re.MULTILINE)
_REQUIRED_NAME = re.compile(r"[A-Za-z0-9._-]+")
_UNKNOWN = "unknown"
_SAME_DOCUMENT = ("document_id",)
_DESCRIBING = ("texts", "first_ranks", "ledger")
"""What is looked up to describe a member of a cluster."""


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
    corpus = name_corpus(kind)
    engine.sql(COPIES_SQL, target="copy_list", schema=COPIES)
    engine.sql(PARTNERS_SQL, target="partners", schema=PARTNERS)
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
    _write_table(engine, folder, "documents.parquet", DOCUMENTS_SQL, WRITTEN_DOCUMENTS, place)
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
    _write_table(engine, folder, "matches.parquet", MATCHES_SQL, WRITTEN_MATCHES, order)
    _write_table(engine, folder, "bridges.parquet", BRIDGES_SQL, WRITTEN_BRIDGES, order)
    prepare_report(engine, config)
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
        report=folder.path / REPORT,
        view=config.output.view,
        alarms=findings.alarms,
        recall=recall,
    )
    _write_report(engine, config, folder, inputs, verdicts, result)
    folder.commit(_describe_run(result, config, inputs, findings.learned, verdicts))
    return result


def prepare_report(engine: Engine, config: Config) -> None:
    """Make the tables that results, clusters and the report are drawn from.

    The engine then holds `cluster_members` (`tables.CLUSTER_MEMBERS`) and `tallies`
    (`tallies.TALLIES`) too.
    """
    engine.map_batches(
        describe_members,
        config,
        source="members",
        target="cluster_members",
        schema=CLUSTER_MEMBERS,
        lookups=[Lookup(name, "document_id", _SAME_DOCUMENT) for name in _DESCRIBING],
    )
    engine.map_batches(
        tally_spans,
        config,
        source="texts",
        target="tallies",
        schema=TALLIES,
        lookups=[Lookup("ledger", "document_id", _SAME_DOCUMENT)],
    )


_BY_SOURCE = ("source", "reason", "detail")


def _write_table(
    engine: Engine,
    folder: OutputFolder,
    name: str,
    query: str,
    schema: pa.Schema,
    order_by: Sequence[str],
) -> None:
    engine.sql(query, target="written", schema=schema)
    folder.write(
        name,
        lambda path: write_parquet(engine.read("written", order_by=order_by), path, schema),
    )
    engine.drop("written")


def _clusters(engine: Engine, config: Config) -> Iterator[dict[str, Any]]:
    batches = engine.read("cluster_members", order_by=("cluster_id", "document_id", "begin"))
    return describe_clusters(batches, config)


def _write_report(
    engine: Engine,
    config: Config,
    folder: OutputFolder,
    inputs: Sequence[InputState],
    verdicts: Verdicts | None,
    result: RunResult,
) -> None:
    """Write the page, and those beside it if it would be too large as one file."""
    tables = Tables(
        engine,
        folder.staging,
        describe_clusters=partial(describe_clusters, config=config, with_text=True),
        rejections=list(read_rows(engine, "rejections", order_by=_BY_SOURCE)),
        verdicts=verdicts.lines if verdicts else (),
    )
    identity = (_version(TOOL), _digest_inputs(inputs))
    with TemporaryFile(dir=folder.staging) as file:
        report = Report(file, tables, config, result, identity)
        folder.write(REPORT, report.write)
        if report.has_parts:
            folder.write(REPORT_DATA, report.write_parts)


def _digest_inputs(inputs: Sequence[InputState]) -> str:
    """Return a name for what was read: a browser keeps verdicts on it under this name."""
    described = [_describe_input(state) for state in inputs]
    return hashlib.sha256(msgspec.json.encode(described, order="sorted")).hexdigest()[:16]


def _describe_run(
    result: RunResult,
    config: Config,
    inputs: Sequence[InputState],
    learned: Learned | None,
    verdicts: Verdicts | None,
) -> dict[str, Any]:
    """Return the manifest: all that decided the output, and nothing that could differ by chance."""
    return {
        "tool": TOOL,
        "version": _version(TOOL),
        "schema_version": SCHEMA_VERSION,
        "python": platform.python_version(),
        "libraries": _libraries(),
        "configuration": msgspec.to_builtins(config),
        "configuration_digest": config.digest,
        "cue_files": {
            name: {"bytes": num_bytes, "sha256": sha256}
            for name, (num_bytes, sha256) in load_cues(config.boilerplate.cue_files).digests.items()
        },
        "learned": learned and {"bytes": learned.num_bytes, "sha256": learned.sha256},
        "verdicts": verdicts
        and {
            "bytes": verdicts.num_bytes,
            "sha256": verdicts.sha256,
            "counts": dict(result.verdicts),
        },
        "inputs": [_describe_input(state) for state in inputs],
        **describe_result(result),
    }


def _describe_input(state: InputState) -> dict[str, Any]:
    described: dict[str, Any] = {"label": state.file.label, "format": state.file.format}
    if state.file.fields:
        described["fields"] = dict(state.file.fields)
    if state.sha256 is not None:
        described |= {"bytes": state.num_bytes, "sha256": state.sha256}
    return described


def _libraries() -> dict[str, str]:
    """Return the version of every library that the package needs, by name, and zlib's.

    One that only some systems or versions of Python need is listed where it is installed.
    """
    try:
        needed = requires("cleaner") or []
    except PackageNotFoundError:
        return {}
    found = {"zlib": zlib.ZLIB_RUNTIME_VERSION}
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
    """Return the version of an installed library; its description is long and not parsed."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return _UNKNOWN
    metadata = found.read_text("METADATA") or found.read_text("PKG-INFO") or ""
    stated = _VERSION.search(metadata)
    return stated[1] if stated else _UNKNOWN
