"""Tell what changed of each document, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from cleaner.comparison.causes import JUDGING, RESOLVING, Attribution, Cause, Fate
from cleaner.comparison.changes import (
    NOW_KEPT,
    NOW_REMOVED,
    REMOVED_OTHERWISE,
    DocumentChange,
    Judgement,
    PassageChange,
    TextDifference,
)
from cleaner.comparison.fates import CommonText, FateChanges, Positions
from cleaner.comparison.folder import RunFolder, Vocabularies, count_by
from cleaner.comparison.marks import KINDS_OF_CHANGE, METADATA, PLACE, TRUNCATION, mark_changes
from cleaner.comparison.pairing import Pairing, TextChanges, cut_into_portions
from cleaner.model import WHITESPACE

_FACTS = ("document_id", *PLACE, "outlet")
_CONTENT = frozenset({"added", "removed", "text", "page", "metadata", "moved"})
_READ_ANEW = frozenset({"added", "removed", "page", "metadata", "moved"})
"""Changes that show that what was read is not the same; of a text its id says so."""


class DocumentChanges:
    """What changed of the documents of two runs, and what can have changed it.

    Args:
        a, b: The two runs.
        words: The words of their ledgers.
        pairing: Which of their documents are the same.
        texts: Where texts differ, by the number of the document.
        common: What texts have in common, and the number of the document of each stretch.
        fates: Where fates differ in that.
        attribution: What the runs differ in.
    """

    def __init__(
        self,
        a: RunFolder,
        b: RunFolder,
        words: Vocabularies,
        pairing: Pairing,
        texts: TextChanges,
        common: tuple[CommonText, Positions],
        fates: FateChanges,
        attribution: Attribution,
    ) -> None:
        self._runs = (a, b)
        self._words = words
        self._pairing = pairing
        self._texts = texts
        self._common, stretch_number = common
        self._fates = fates
        self._attribution = attribution
        self._number = stretch_number[fates.stretch]
        self._facts = [
            {field: run.documents[field].to_pylist() for field in _FACTS} for run in (a, b)
        ]
        self._kept = [run.count_kept() for run in (a, b)]
        self.is_changed = mark_changes(a, b, pairing, self._kept)
        self.is_changed["passages"][self._number] = True
        changed = np.logical_or.reduce(list(self.is_changed.values()))
        self.numbers = self._order(np.flatnonzero(changed))
        self.num_changed_chars = self._measure()

    def _order(self, numbers: Positions) -> list[int]:
        """Order documents by source."""
        sources = [self._about(number, ("source", "record")) for number in numbers.tolist()]
        keys = [(source.partition("#")[0], record, source) for source, record in sources]
        return [number for _, number in sorted(zip(keys, numbers.tolist(), strict=True))]

    def _about(self, number: int, fields: Sequence[str]) -> tuple[Any, ...]:
        """Return facts about a document, of run B if that has it."""
        row = int(self._pairing.row_b[number])
        if row >= 0:
            return tuple(self._facts[1][field][row] for field in fields)
        row = int(self._pairing.row_a[number])
        return tuple(self._facts[0][field][row] for field in fields)

    def _measure(self) -> Positions:
        """Count for each document the characters that a change concerns."""
        sizes = count_by(
            self._number, self._fates.end - self._fates.begin, len(self._pairing.row_a)
        )
        for name, side, rows in (
            ("added", 1, self._pairing.row_b),
            ("removed", 0, self._pairing.row_a),
        ):
            is_here = self.is_changed[name]
            sizes[is_here] += self._kept[side][rows[is_here]]
        for number, changes in self._texts.items():
            sizes[number] += sum(max(c.end_a - c.begin_a, c.end_b - c.begin_b) for c in changes)
        return sizes

    def count_passages(self) -> dict[str, tuple[int, int]]:
        """Count stretches and their characters, by what became of them."""
        before, after = (run.ledger.is_kept[spans] for run, spans in self._sides())
        lengths = self._fates.end - self._fates.begin
        masks = {NOW_REMOVED: before, NOW_KEPT: after, REMOVED_OTHERWISE: ~before & ~after}
        return {name: (int(mask.sum()), int(lengths[mask].sum())) for name, mask in masks.items()}

    def _sides(self) -> tuple[tuple[RunFolder, Positions], ...]:
        a, b = self._runs
        return (a, self._fates.span_a), (b, self._fates.span_b)

    def describe(
        self, numbers: Sequence[int], set_aside: Sequence[Mapping[str, str]] = ({}, {})
    ) -> Iterator[DocumentChange]:
        """Yield what changed of documents, in the order in which they are given.

        Texts are read for some documents at a time, in one go over a table of texts.

        Args:
            numbers: Some of `numbers`.
            set_aside: Why each of the two runs set inputs aside, by source.
        """
        a, b = self._runs
        for portion in cut_into_portions(a, b, self._pairing, list(numbers)):
            has_text = [n for n in portion if n in self._texts or self.is_changed["passages"][n]]
            texts = [
                run.read_texts(rows[some].tolist())
                for run, rows, some in (
                    (a, self._pairing.row_a, has_text),
                    (b, self._pairing.row_b, [n for n in has_text if n in self._texts]),
                )
            ]
            for number in portion:
                yield self._describe(number, texts, set_aside)

    def explain(self) -> Iterator[tuple[Cause, ...]]:
        """Yield the causes of what changed of each document, in the order of `numbers`."""
        for number in self.numbers:
            yield self._explain(number, self._explain_passages(number, *self._own_input(number)))

    def _describe(
        self,
        number: int,
        texts: Sequence[Mapping[int, str]],
        set_aside: Sequence[Mapping[str, str]],
    ) -> DocumentChange:
        rows = [int(self._pairing.row_a[number]), int(self._pairing.row_b[number])]
        (source_a, document_a), (source_b, document_b) = (
            (facts["source"][row], facts["document_id"][row]) if row >= 0 else (None, None)
            for facts, row in zip(self._facts, rows, strict=True)
        )
        sizes = [
            [int(run.offset[row + 1] - run.offset[row]), int(kept[row])] if row >= 0 else [0, 0]
            for run, row, kept in zip(self._runs, rows, self._kept, strict=True)
        ]
        text_a = texts[0].get(rows[0], "")
        own = self._own_input(number)
        causes = self._explain_passages(number, *own)
        source: str = source_b or source_a or ""
        reasons: Mapping[str, str] = {}
        if source_a is None or source_b is None:
            reasons = set_aside[0 if source_a is None else 1]
        return DocumentChange(
            source=source,
            source_a=source_a,
            source_b=source_b,
            document_a=document_a,
            document_b=document_b,
            changes=self._name_changes(number),
            set_aside=reasons.get(source),
            num_chars_a=sizes[0][0],
            num_chars_b=sizes[1][0],
            num_kept_chars_a=sizes[0][1],
            num_kept_chars_b=sizes[1][1],
            num_changed_chars=int(self.num_changed_chars[number]),
            metadata=self._describe_metadata(number),
            text=self._describe_text(number, text_a, texts[1].get(rows[1], "")),
            passages=tuple(
                self._describe_passage(at, number, text_a, found)
                for at, found in zip(self._passages(number), causes, strict=True)
            ),
            causes=self._explain(number, causes),
        )

    def _describe_metadata(self, number: int) -> dict[str, tuple[Any, Any]]:
        if not any(self.is_changed[name][number] for name in ("metadata", "truncation")):
            return {}
        rows = (self._pairing.row_a[number], self._pairing.row_b[number])
        before, after = (
            run.documents.slice(int(row), 1).to_pylist()[0]
            for run, row in zip(self._runs, rows, strict=True)
        )
        fields = (*METADATA, *TRUNCATION)
        return {f: (before[f], after[f]) for f in fields if before[f] != after[f]}

    def _name_changes(self, number: int) -> tuple[str, ...]:
        return tuple(name for name in KINDS_OF_CHANGE if self.is_changed[name][number])

    def _describe_text(self, number: int, text_a: str, text_b: str) -> tuple[TextDifference, ...]:
        return tuple(
            TextDifference(
                **{name: getattr(change, name) for name in change.__struct_fields__},
                text_a=text_a[change.begin_a : change.end_a],
                text_b=text_b[change.begin_b : change.end_b],
            )
            for change in self._texts.get(number, ())
        )

    def _passages(self, number: int) -> range:
        """Return which of the fates that differ are a document's."""
        first, last = (
            int(np.searchsorted(self._number, number, side)) for side in ("left", "right")
        )
        return range(first, last)

    def _describe_passage(
        self, at: int, number: int, text: str, causes: tuple[Cause, ...]
    ) -> PassageChange:
        a, b = self._runs
        stretch = self._fates.stretch[at]
        shift_a = int(self._common.begin_a[stretch] - a.offset[self._pairing.row_a[number]])
        shift_b = int(self._common.begin_b[stretch] - b.offset[self._pairing.row_b[number]])
        begin, end = int(self._fates.begin[at]), int(self._fates.end[at])
        before = self._judgement(0, int(self._fates.span_a[at]))
        after = self._judgement(1, int(self._fates.span_b[at]))
        change = REMOVED_OTHERWISE
        if before.is_kept != after.is_kept:
            change = NOW_KEPT if after.is_kept else NOW_REMOVED
        return PassageChange(
            change=change,
            begin_a=begin + shift_a,
            end_a=end + shift_a,
            begin_b=begin + shift_b,
            end_b=end + shift_b,
            before=before,
            after=after,
            text=text[begin + shift_a : end + shift_a],
            causes=causes,
        )

    def _judgement(self, side: int, span: int) -> Judgement:
        ledger, facts = self._runs[side].ledger, self._facts[side]
        partner = int(ledger.partner[span])
        return Judgement(
            is_kept=bool(ledger.is_kept[span]),
            kind=self._words.kind.words[ledger.kind[span]],
            reason=self._words.reason.words[ledger.reason[span]],
            rule=self._words.rule.words[ledger.rule[span]],
            partner=facts["source"][partner] if partner >= 0 else None,
            partner_document=facts["document_id"][partner] if partner >= 0 else None,
        )

    def _fate(self, side: int, span: int) -> Fate:
        ledger = self._runs[side].ledger
        partner, outlets = int(ledger.partner[span]), self._facts[side]["outlet"]
        return Fate(
            is_kept=bool(ledger.is_kept[span]),
            kind=self._words.kind.words[ledger.kind[span]],
            reason=self._words.reason.words[ledger.reason[span]],
            rule=self._words.rule.words[ledger.rule[span]],
            views=int(ledger.views[span]),
            is_from_own_outlet=partner >= 0 and outlets[partner] == outlets[ledger.document[span]],
        )

    # Causes.

    def _own_input(self, number: int) -> tuple[str, int, bool]:
        """Return path and record of a document, and whether it was read as another one."""
        path, record = self._about(number, ("path", "record"))
        is_anew = any(self.is_changed[name][number] for name in _READ_ANEW)
        if number in self._texts and not is_anew:
            id_a = self._facts[0]["document_id"][self._pairing.row_a[number]]
            id_b = self._facts[1]["document_id"][self._pairing.row_b[number]]
            is_anew = id_a != id_b
        return path, record, is_anew

    def _explain_passages(
        self, number: int, path: str, record: int, is_anew: bool
    ) -> list[tuple[Cause, ...]]:
        """Say what can have changed the fate of each passage of a document.

        White space goes with what is around it.
        """
        others = self._attribution.depends_on_others(path, record)
        own = path if is_anew and self._attribution.has_changed(path) else ""
        found: list[tuple[Cause, ...] | None] = []
        for at in self._passages(number):
            before = self._fate(0, int(self._fates.span_a[at]))
            after = self._fate(1, int(self._fates.span_b[at]))
            is_space = WHITESPACE in (before.kind, after.kind)
            causes = self._attribution.explain_fate(before, after, own, others=others)
            found.append(None if is_space else causes)
        around = _join(causes for causes in found if causes is not None)
        if not around:
            around = self._attribution.list_candidates(RESOLVING, own, others=others)
        return [around if causes is None else causes for causes in found]

    def _explain(self, number: int, passages: Sequence[tuple[Cause, ...]]) -> tuple[Cause, ...]:
        """Say what can have changed a document: its own facts, and its passages."""
        path, record, is_anew = self._own_input(number)
        others = self._attribution.depends_on_others(path, record)
        found = list(passages)
        names = set(self._name_changes(number))
        if names & _CONTENT:
            found.insert(0, self._attribution.explain_own(path, is_content=is_anew, others=others))
        elif "truncation" in names or not passages:
            own = path if is_anew and self._attribution.has_changed(path) else ""
            found.append(self._attribution.list_candidates(JUDGING, own, others=others))
        return _join(found)


def _join(found: Any) -> tuple[Cause, ...]:
    """Put causes together, those that are certain of something first."""
    causes = dict.fromkeys(cause for causes in found for cause in causes)
    certain = {(cause.cause, cause.name) for cause in causes if cause.is_certain}
    rest = (
        cause
        for cause in causes
        if not cause.is_certain and (cause.cause, cause.name) not in certain
    )
    return (*(cause for cause in causes if cause.is_certain), *rest)
