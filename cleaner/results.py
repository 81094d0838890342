"""What a run found, in numbers: the object that the command prints from and the API returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cleaner.alarms import Alarm
from cleaner.engines import Engine, query_rows
from cleaner.quality.recall import Recall
from cleaner.quality.verdicts import Precision, count_uses

_OUTLETS_SQL = """
    SELECT t.outlet AS outlet, l.kind AS kind, l.kept AS kept,
        CAST(sum(l."end" - l."begin") AS BIGINT) AS num_chars
    FROM ledger l JOIN texts t ON l.document_id = t.document_id
    GROUP BY t.outlet, l.kind, l.kept
"""
_DOCUMENTS_SQL = """
    WITH kept AS (
        SELECT document_id, max(CASE WHEN kept THEN 1 ELSE 0 END) AS has_text,
            max(CASE WHEN "full" OR kind = 'truncated' THEN 1 ELSE 0 END) AS has_main
        FROM ledger GROUP BY document_id
    )
    SELECT t.outlet AS outlet, CAST(count(*) AS BIGINT) AS num_documents,
        CAST(sum(k.has_text) AS BIGINT) AS num_kept,
        CAST(sum(1 - k.has_main) AS BIGINT) AS num_without_main
    FROM texts t JOIN kept k ON t.document_id = k.document_id
    GROUP BY t.outlet
"""
_CLUSTERS_SQL = """
    SELECT relation, CAST(count(*) AS BIGINT) AS num_clusters
    FROM (SELECT DISTINCT cluster_id, relation FROM members) AS c GROUP BY relation
"""
_REASONS_SQL = """
    SELECT reason, CAST(count(*) AS BIGINT) AS n FROM rejections GROUP BY reason
"""
_TRUNCATED_SQL = """
    SELECT truncated, CAST(count(*) AS BIGINT) AS n FROM truncations
    WHERE truncated IS NOT NULL GROUP BY truncated
"""
_DROPPED_SQL = """
    SELECT CAST(count(DISTINCT document_id) AS BIGINT) AS n FROM ledger WHERE kind = 'truncated'
"""
_VERDICTS_SQL = """
    WITH used AS (
        SELECT number, max(was_accepted) AS was_accepted FROM judgement_uses GROUP BY number
    )
    SELECT p.verdict AS verdict, p.status AS status, p.is_sample AS is_sample,
        u.was_accepted AS was_accepted, CAST(count(*) AS BIGINT) AS n
    FROM placed_judgements p LEFT JOIN used u ON p.number = u.number
    GROUP BY p.verdict, p.status, p.is_sample, u.was_accepted
"""
_SKIPPED_SQL = """
    SELECT CAST(sum(num_skipped_pairs) AS BIGINT) AS num_pairs,
        CAST(sum(num_skipped_seeds) AS BIGINT) AS num_seeds
    FROM skipped
"""
_ACCEPTED_SQL = "SELECT count(*) AS n FROM matches WHERE accepted"


@dataclass(frozen=True, slots=True)
class OutletResult:
    """What became of one outlet's documents.

    Attributes:
        num_documents: Documents of the outlet that had text.
        num_kept_documents: Those with text left in the corpus.
        num_without_main: Those in which nothing was taken for main content.
        num_chars, num_kept_chars: Characters of text in, and in the corpus.
        removed: Characters removed, by kind.
    """

    outlet: str
    num_documents: int
    num_kept_documents: int
    num_without_main: int
    num_chars: int
    num_kept_chars: int
    removed: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run found and where it lies.

    Attributes:
        output: The folder that was written.
        corpus: The corpus in it (a file, or a folder of files).
        report: The report in it.
        view: The view that the corpus holds.
        outlets: One result an outlet, by name.
        rejected: Inputs that were set aside, by reason.
        clusters: Clusters by relation (`copy`, `wire`, `passage`, `rewrite`, `quote`, `self`,
            `template`).
        num_matches: Verified pairs that were accepted as reuse.
        num_refused: Pairs that are listed with a score below the limit.
        num_bridges: Those of their links that were not enough to merge what they link.
        num_skipped_pairs: Pairs in large buckets that were not compared.
        num_skipped_seeds: Meetings of two documents at a seed that many have which were not looked
            at; most of these documents meet at another one.
        truncated: Documents that were cut short, by what cut them (`paywall`, `feed`, `unknown`).
        num_dropped_truncated: Those of them that are left out of the corpus for it.
        alarms: What a person should look at before trusting the corpus.
        verdicts: Judgements by hand, by what became of them: `applied`, `stale` (the text changed),
            `no_document` (one of the two is not in the run) and `no_match` (the run finds no such
            pair to accept).
        precision: How many of the pairs that the run accepts without them are right, by those that
            were judged of a random sample; None if none were.
        recall: How many of the copies that were planted in its articles the run finds, by level
            (`near_copies.LEVELS`); empty if there were too few documents to plant any, None if that
            was not asked for.
    """

    output: Path
    corpus: Path
    report: Path
    view: str
    outlets: tuple[OutletResult, ...]
    rejected: Mapping[str, int]
    clusters: Mapping[str, int]
    num_matches: int
    num_refused: int
    num_skipped_pairs: int
    num_skipped_seeds: int
    truncated: Mapping[str, int] = field(default_factory=dict)
    num_dropped_truncated: int = 0
    num_bridges: int = 0
    alarms: tuple[Alarm, ...] = ()
    verdicts: Mapping[str, int] = field(default_factory=dict)
    precision: Precision | None = None
    recall: Mapping[str, Recall] | None = None

    @property
    def num_documents(self) -> int:
        """Documents that had text."""
        return sum(outlet.num_documents for outlet in self.outlets)

    @property
    def num_kept_documents(self) -> int:
        """Documents with text left in the corpus."""
        return sum(outlet.num_kept_documents for outlet in self.outlets)

    @property
    def num_chars(self) -> int:
        """Characters of text in all documents."""
        return sum(outlet.num_chars for outlet in self.outlets)

    @property
    def num_kept_chars(self) -> int:
        """Characters of text in the corpus."""
        return sum(outlet.num_kept_chars for outlet in self.outlets)

    @property
    def num_truncated(self) -> int:
        """Documents that were cut short, in the corpus or not."""
        return sum(self.truncated.values())

    @property
    def num_rejected(self) -> int:
        """Inputs that were set aside."""
        return sum(self.rejected.values())

    @property
    def removed(self) -> dict[str, int]:
        """Characters removed, by kind, most first."""
        total: dict[str, int] = {}
        for outlet in self.outlets:
            for kind, num_chars in outlet.removed.items():
                total[kind] = total.get(kind, 0) + num_chars
        return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))


def summarize(
    engine: Engine,
    *,
    output: Path,
    corpus: Path,
    report: Path,
    view: str,
    alarms: tuple[Alarm, ...] = (),
    recall: Mapping[str, Recall] | None = None,
) -> RunResult:
    """Count what the engine's tables hold after a run."""
    chars: dict[str, dict[tuple[str, bool], int]] = {}
    for row in query_rows(engine, _OUTLETS_SQL):
        chars.setdefault(row["outlet"], {})[row["kind"], row["kept"]] = row["num_chars"]
    outlets = []
    for row in sorted(query_rows(engine, _DOCUMENTS_SQL), key=lambda row: row["outlet"]):
        counted = chars[row["outlet"]]
        removed = {kind: n for (kind, kept), n in sorted(counted.items()) if not kept}
        outlets.append(
            OutletResult(
                outlet=row["outlet"],
                num_documents=row["num_documents"],
                num_kept_documents=row["num_kept"],
                num_without_main=row["num_without_main"],
                num_chars=sum(counted.values()),
                num_kept_chars=sum(n for (_, kept), n in counted.items() if kept),
                removed=removed,
            )
        )
    verdicts, precision = count_uses(query_rows(engine, _VERDICTS_SQL))
    num_matches = query_rows(engine, _ACCEPTED_SQL)[0]["n"]
    skipped = query_rows(engine, _SKIPPED_SQL)[0]
    return RunResult(
        output=output,
        corpus=corpus,
        report=report,
        view=view,
        outlets=tuple(outlets),
        rejected={
            r["reason"]: r["n"] for r in sorted(query_rows(engine, _REASONS_SQL), key=_reason)
        },
        clusters={
            r["relation"]: r["num_clusters"]
            for r in sorted(query_rows(engine, _CLUSTERS_SQL), key=lambda row: row["relation"])
        },
        num_matches=num_matches,
        num_refused=engine.count("matches") - num_matches,
        num_skipped_pairs=skipped["num_pairs"],
        num_skipped_seeds=skipped["num_seeds"],
        truncated={
            r["truncated"]: r["n"]
            for r in sorted(query_rows(engine, _TRUNCATED_SQL), key=lambda row: row["truncated"])
        },
        num_dropped_truncated=query_rows(engine, _DROPPED_SQL)[0]["n"],
        num_bridges=engine.count("bridges"),
        alarms=alarms,
        verdicts=verdicts,
        precision=precision,
        recall=recall,
    )


def _reason(row: dict[str, Any]) -> str:
    return str(row["reason"])
