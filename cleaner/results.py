"""What a run found, in numbers: what the command prints, the API returns and the manifest keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from cleaner.alarms import Alarm
from cleaner.engines import Engine, count_values, read_rows
from cleaner.errors import LookupFailedError
from cleaner.model import as_row
from cleaner.quality.near_copies import LEVELS
from cleaner.quality.recall import NOT_MEASURED, Recall, describe_recall
from cleaner.quality.verdicts import NOT_JUDGED, Precision, count_uses
from cleaner.run_folder import read_manifest

_OUTLETS_SQL = """
    SELECT outlet, kind, kept, CAST(sum(num_chars) AS BIGINT) AS num_chars,
        CAST(sum(num_words) AS BIGINT) AS num_words,
        CAST(count(DISTINCT document_id) AS BIGINT) AS num_documents
    FROM tallies GROUP BY outlet, kind, kept
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


class OutletResult(msgspec.Struct, frozen=True):
    """What became of one outlet's documents.

    Attributes:
        num_documents: Documents of the outlet that had text.
        num_kept_documents: Those with text left in the corpus.
        num_without_main: Those in which nothing was taken for main content.
        num_chars, num_kept_chars: Characters of text in, and in the corpus.
        num_words, num_kept_words: The same in words.
        removed: Characters removed, by kind.
        removed_words: The same in words.
    """

    outlet: str
    num_documents: int
    num_kept_documents: int
    num_without_main: int
    num_chars: int
    num_kept_chars: int
    num_words: int
    num_kept_words: int
    removed: Mapping[str, int]
    removed_words: Mapping[str, int]


class RunResult(msgspec.Struct, frozen=True):
    """What a run found and where it lies.

    Attributes:
        output: The folder that was written.
        corpus: The corpus in it (a file, or a folder of files).
        report: The report in it.
        view: The view that the corpus holds.
        outlets: One result an outlet, by name.
        kinds: Documents that lost text, by the kind of it.
        rejected: Inputs that were set aside, by reason.
        clusters: Clusters by relation (`copy`, `wire`, `passage`, `rewrite`, `quote`, `self`,
            `template`).
        num_matches: Verified pairs that were accepted as reuse.
        num_refused: Pairs that are listed with a score below the limit.
        num_bridges: Those of their links that were not enough to merge what they link.
        num_skipped_pairs: Pairs in large buckets, or of documents with many closer partners, that
            were not compared.
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
    kinds: Mapping[str, int]
    rejected: Mapping[str, int]
    clusters: Mapping[str, int]
    num_matches: int
    num_refused: int
    num_skipped_pairs: int
    num_skipped_seeds: int
    truncated: Mapping[str, int] = msgspec.field(default_factory=dict)
    num_dropped_truncated: int = 0
    num_bridges: int = 0
    alarms: tuple[Alarm, ...] = ()
    verdicts: Mapping[str, int] = msgspec.field(default_factory=dict)
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
    def num_words(self) -> int:
        """Words of text in all documents."""
        return sum(outlet.num_words for outlet in self.outlets)

    @property
    def num_kept_words(self) -> int:
        """Words of text in the corpus."""
        return sum(outlet.num_kept_words for outlet in self.outlets)

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
        return _sum_up(outlet.removed for outlet in self.outlets)

    @property
    def removed_words(self) -> dict[str, int]:
        """Words removed, by kind, most first."""
        return _sum_up(outlet.removed_words for outlet in self.outlets)


def _sum_up(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for counted in counts:
        for kind, number in counted.items():
            total[kind] = total.get(kind, 0) + number
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
    """Count what the engine's tables hold after a run, among them `tallies` (`TALLIES`)."""
    counted: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(engine.rows(_OUTLETS_SQL), key=lambda row: row["kind"]):
        counted.setdefault(row["outlet"], []).append(row)
    outlets = []
    for row in sorted(engine.rows(_DOCUMENTS_SQL), key=lambda row: row["outlet"]):
        rows = counted[row["outlet"]]
        removed = [row for row in rows if not row["kept"]]
        outlets.append(
            OutletResult(
                outlet=row["outlet"],
                num_documents=row["num_documents"],
                num_kept_documents=row["num_kept"],
                num_without_main=row["num_without_main"],
                num_chars=sum(row["num_chars"] for row in rows),
                num_kept_chars=sum(row["num_chars"] for row in rows if row["kept"]),
                num_words=sum(row["num_words"] for row in rows),
                num_kept_words=sum(row["num_words"] for row in rows if row["kept"]),
                removed={row["kind"]: row["num_chars"] for row in removed},
                removed_words={row["kind"]: row["num_words"] for row in removed},
            )
        )
    kinds: Counter[str] = Counter()
    for row in chain.from_iterable(counted.values()):
        if not row["kept"]:
            kinds[row["kind"]] += row["num_documents"]
    has_judgements = engine.count("placed_judgements") > 0
    verdicts, precision = count_uses(engine.rows(_VERDICTS_SQL) if has_judgements else ())
    num_matches = count_values(engine, "matches", "accepted")[True]
    truncated = count_values(engine, "truncations", "truncated")
    skipped = list(read_rows(engine, "skipped"))
    return RunResult(
        output=output,
        corpus=corpus,
        report=report,
        view=view,
        outlets=tuple(outlets),
        kinds=dict(sorted(kinds.items())),
        rejected=dict(sorted(count_values(engine, "rejections", "reason").items())),
        clusters={
            r["relation"]: r["num_clusters"]
            for r in sorted(engine.rows(_CLUSTERS_SQL), key=lambda row: row["relation"])
        },
        num_matches=num_matches,
        num_refused=engine.count("matches") - num_matches,
        num_skipped_pairs=sum(row["num_skipped_pairs"] for row in skipped),
        num_skipped_seeds=sum(row["num_skipped_seeds"] for row in skipped),
        truncated=dict(sorted(truncated.items())),
        num_dropped_truncated=engine.rows(_DROPPED_SQL)[0]["n"] if truncated else 0,
        num_bridges=engine.count("bridges"),
        alarms=alarms,
        verdicts=verdicts,
        precision=precision,
        recall=recall,
    )


def describe_result(result: RunResult) -> dict[str, Any]:
    """Return what the manifest keeps of a result; `read_result` reads it."""
    return {
        "counts": {
            "documents": result.num_documents,
            "documents_in_corpus": result.num_kept_documents,
            "rejected": dict(result.rejected),
            "truncated": dict(result.truncated),
            "truncated_left_out": result.num_dropped_truncated,
            "characters": result.num_chars,
            "characters_in_corpus": result.num_kept_chars,
            "words": result.num_words,
            "words_in_corpus": result.num_kept_words,
            "removed": result.removed,
            "removed_words": result.removed_words,
            "documents_that_lost": dict(result.kinds),
            "matches": result.num_matches,
            "refused_pairs": result.num_refused,
            "clusters": dict(result.clusters),
            "weak_bridges": result.num_bridges,
            "pairs_not_compared": result.num_skipped_pairs,
            "seed_meetings_not_compared": result.num_skipped_seeds,
        },
        "outlets": [as_row(outlet) for outlet in result.outlets],
        "quality": {
            "precision": as_row(result.precision) if result.precision else NOT_JUDGED,
            "recall": describe_recall(result.recall),
        },
        "alarms": [as_row(alarm) for alarm in result.alarms],
    }


def name_corpus(kind: str) -> str:
    """Return the name of the corpus in the output folder, by its format."""
    return f"corpus.{kind}" if kind in ("jsonl", "parquet") else f"corpus-{kind}"


def read_result(folder: Path) -> RunResult:
    """Read what a run found from the manifest in its output folder.

    Raises:
        LookupFailedError: If there is no whole run of this version in the folder.
    """
    manifest = read_manifest(folder)
    try:
        counts, quality = manifest["counts"], manifest["quality"]
        output = manifest["configuration"]["output"]
        precision, recall = quality["precision"], quality["recall"]
        levels = recall if isinstance(recall, dict) else {}
        return RunResult(
            output=folder,
            corpus=folder / name_corpus(output["format"]),
            report=folder / "report.html",
            view=output["view"],
            outlets=tuple(OutletResult(**outlet) for outlet in manifest["outlets"]),
            kinds=counts["documents_that_lost"],
            rejected=counts["rejected"],
            clusters=counts["clusters"],
            num_matches=counts["matches"],
            num_refused=counts["refused_pairs"],
            num_skipped_pairs=counts["pairs_not_compared"],
            num_skipped_seeds=counts["seed_meetings_not_compared"],
            truncated=counts["truncated"],
            num_dropped_truncated=counts["truncated_left_out"],
            num_bridges=counts["weak_bridges"],
            alarms=tuple(Alarm(**alarm) for alarm in manifest["alarms"]),
            verdicts=(manifest["verdicts"] or {}).get("counts", {}),
            precision=Precision(**precision) if isinstance(precision, dict) else None,
            recall=None
            if recall == NOT_MEASURED
            else {level: Recall(**levels[level]) for level in LEVELS if level in levels},
        )
    except (AttributeError, KeyError, TypeError) as cause:
        message = f"the run in {folder} is of another version; run `clean` again"
        raise LookupFailedError(message) from cause
