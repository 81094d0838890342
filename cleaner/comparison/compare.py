"""Compare two runs by what they left in their output folders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from cleaner.comparison.causes import Attribution, Cause
from cleaner.comparison.changes import (
    ClusterChange,
    DocumentChange,
    RejectionChange,
    RuleChange,
)
from cleaner.comparison.clusters import Member, Place, compare_clusters
from cleaner.comparison.documents import DocumentChanges
from cleaner.comparison.fates import Fates, Vocabulary, find_fate_changes
from cleaner.comparison.folder import RunFolder, Vocabularies, count_by, read_run
from cleaner.comparison.manifests import (
    RENAMED,
    RunDifferences,
    compare_manifests,
    list_changed_files,
)
from cleaner.comparison.pairing import (
    Pairing,
    TextChanges,
    find_text_changes,
    list_common_text,
    pair_documents,
)
from cleaner.comparison.texts import find_place_a


class RunCounts(msgspec.Struct, frozen=True):
    """How large a run is: its documents and their characters, and what its corpus holds of both."""

    num_documents: int
    num_kept_documents: int
    num_chars: int
    num_kept_chars: int


class Comparison:
    """How two runs differ. Texts are read only when changes of documents are listed.

    Attributes:
        differences: What differs before the outcome: inputs, configuration, versions.
        runs: How large the two runs are.
        num_changed_documents: Documents that are not the same in both.
        num_changes: How many of them changed in which way, see `DocumentChange.changes`.
        passages: Stretches of text with another fate, and their characters, by what became of them.
        rules: Rules that did not remove the same amount, the largest difference first.
        clusters: Clusters that are not the same, those with most changed members first.
        rejections: Inputs that only one run set aside, by source.
        changed_files: Files that both runs wrote, with other bytes.
    """

    def __init__(self, a: RunFolder, b: RunFolder, words: Vocabularies) -> None:
        self.differences: RunDifferences = compare_manifests(a.manifest, b.manifest)
        renamed = {
            change.label_a: change.label
            for change in self.differences.inputs
            if change.change == RENAMED and change.label_a
        }
        pairing = pair_documents(a, b, renamed)
        texts = find_text_changes(a, b, pairing)
        common = list_common_text(a, b, pairing, texts)
        fates = find_fate_changes(
            _fates(a, np.arange(a.num_documents)), _fates(b, pairing.number_b), common[0]
        )
        attribution = Attribution(a.manifest, b.manifest, self.differences)
        self._documents = DocumentChanges(a, b, words, pairing, texts, common, fates, attribution)
        self._rejections = (_read_rejections(a), _read_rejections(b))
        self.runs = (_count(a), _count(b))
        self.num_changed_documents = len(self._documents.numbers)
        self.num_changes = {
            name: int(mask.sum()) for name, mask in self._documents.is_changed.items() if mask.any()
        }
        self.passages = self._documents.count_passages()
        self.rules = tuple(_compare_rules(a, b, words.rule))
        self.clusters: tuple[ClusterChange, ...] = compare_clusters(
            a.iterate_clusters, b.iterate_clusters, *_make_places(a, b, pairing, texts)
        )
        self.rejections = tuple(_compare_rejections(*self._rejections))
        self.changed_files = list_changed_files(a.manifest, b.manifest)

    @property
    def has_other_corpus_file(self) -> bool:
        """Whether the corpus itself has other bytes, in a format that both runs wrote."""
        return any(name.startswith("corpus") for name in self.changed_files)

    @property
    def is_same(self) -> bool:
        """Whether the two runs have the same outcome."""
        return not (
            self.num_changed_documents
            or self.clusters
            or self.rejections
            or self.has_other_corpus_file
        )

    @property
    def is_unexplained(self) -> bool:
        """Whether the outcome differs although the manifests name nothing that could be why."""
        differences = self.differences
        known = (differences.inputs, differences.decisive_keys, differences.version_names)
        has_stubs = any(change.name == "output.stubs" for change in differences.configuration)
        is_only_file = not (self.num_changed_documents or self.clusters or self.rejections)
        is_named = any(known) or (has_stubs and is_only_file)
        return self.num_unexplained_documents > 0 or not (self.is_same or is_named)

    def list_documents(self, limit: int | None = None) -> Iterator[DocumentChange]:
        """Yield the documents that are not the same.

        Args:
            limit: How many, those first that most characters changed of; None: all, by source.
        """
        numbers = self._documents.numbers
        if limit is not None:
            sizes = self._documents.num_changed_chars
            numbers = sorted(numbers, key=lambda number: -int(sizes[number]))[:limit]
        reasons = [
            {row["source"]: row["reason"] for row in rows.values()} for rows in self._rejections
        ]
        return self._documents.describe(numbers, reasons)

    @property
    def num_unexplained_documents(self) -> int:
        """Documents that changed although nothing that the manifests name can be why."""
        return self._causes[None]

    def count_causes(self) -> list[tuple[Cause, int]]:
        """Count the documents that each cause can have changed, the most first."""
        found = [(cause, count) for cause, count in self._causes.items() if cause]
        return sorted(found, key=lambda item: (-item[1], not item[0].is_certain, item[0].name))

    @cached_property
    def _causes(self) -> Counter[Cause | None]:
        """Documents by cause, without what in it; None for those that have none."""
        found: Counter[Cause | None] = Counter()
        for causes in self._documents.explain():
            if not causes:
                found[None] += 1
            found.update(
                {
                    Cause(c.cause, "" if c.cause == "input" else c.name, "", c.is_certain)
                    for c in causes
                }
            )
        return found


def compare_runs(a: Path, b: Path) -> Comparison:
    """Compare two runs.

    Args:
        a: The output folder of one.
        b: That of the other.

    Raises:
        LookupFailedError: If one of them holds no whole run of this schema version.
    """
    words = Vocabularies()
    return Comparison(read_run(a, words), read_run(b, words), words)


def _fates(run: RunFolder, numbers: np.ndarray[Any, Any]) -> Fates:
    """Return a run's ledger with partners that mean the same document in both runs."""
    ledger = run.ledger
    partner = np.append(numbers, -1)[ledger.partner].astype(np.int32)
    return Fates(
        ledger.begin,
        ledger.is_kept,
        np.stack([ledger.kind, ledger.reason, ledger.rule, partner]),
    )


def _count(run: RunFolder) -> RunCounts:
    kept = run.count_kept()
    return RunCounts(run.num_documents, int((kept > 0).sum()), int(run.offset[-1]), int(kept.sum()))


def _compare_rules(a: RunFolder, b: RunFolder, rules: Vocabulary) -> Iterator[RuleChange]:
    """Yield the rules that differ, the largest difference of characters first."""
    num_rules = len(rules.words)
    counted = []
    for run in (a, b):
        ledger = run.ledger
        is_removed = ~ledger.is_kept
        rule, document = ledger.rule[is_removed], ledger.document[is_removed]
        lengths = (ledger.end - ledger.begin)[is_removed]
        hit = np.unique(document.astype(np.int64) * num_rules + rule) % max(1, num_rules)
        counted += [count_by(rule, lengths, num_rules), np.bincount(hit, minlength=num_rules)]
    chars_a, documents_a, chars_b, documents_b = (counts.tolist() for counts in counted)
    changes = [
        RuleChange(str(name), chars_a[at], chars_b[at], documents_a[at], documents_b[at])
        for at, name in enumerate(rules.words)
        if (chars_a[at], documents_a[at]) != (chars_b[at], documents_b[at])
    ]
    yield from sorted(changes, key=lambda c: (-abs(c.num_chars_b - c.num_chars_a), c.rule))


def _make_places(
    a: RunFolder, b: RunFolder, pairing: Pairing, texts: TextChanges
) -> tuple[Place, Place]:
    """Return what gives a member of a cluster the same place in both runs."""
    rows_a, rows_b = (
        {name: row for row, name in enumerate(run.documents["document_id"].to_pylist())}
        for run in (a, b)
    )

    def place_a(member: Mapping[str, Any]) -> Member:
        return rows_a[member["document_id"]], member["begin"], member["end"]

    def place_b(member: Mapping[str, Any]) -> Member:
        number = int(pairing.number_b[rows_b[member["document_id"]]])
        changes = texts.get(number, ())
        begin, end = (find_place_a(changes, member[name]) for name in ("begin", "end"))
        return number, begin, end

    return place_a, place_b


_Rejections = Mapping[tuple[str, str], Mapping[str, str]]


def _read_rejections(run: RunFolder) -> _Rejections:
    return {(row["source"], row["reason"]): row for row in run.iterate_rejections()}


def _compare_rejections(a: _Rejections, b: _Rejections) -> Iterator[RejectionChange]:
    for key in sorted(a.keys() ^ b.keys()):
        row = a.get(key) or b[key]
        change = "removed" if key in a else "added"
        yield RejectionChange(change, row["source"], row["reason"], row["detail"])
