"""Find the characters whose fate differs between two ledgers, over all documents at once.

Positions here are of all texts of a run put one after the other, in the order of its documents, so
that a ledger is one ascending list of begins. Where spans are cut says nothing: two ledgers are
compared character by character, and only limits of spans are looked at.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]


class Fates(msgspec.Struct, frozen=True, eq=False):
    """What a ledger decided, span by span.

    Attributes:
        begin: `(num_spans,)`, ascending, from 0; a span ends where the next one begins.
        is_kept: `(num_spans,)` bool.
        verdict: `(num_facts, num_spans)` codes: what else is to be known of a removed span, with
            the same codes in both ledgers that are compared.
    """

    begin: Positions
    is_kept: npt.NDArray[np.bool_]
    verdict: Codes


class CommonText(msgspec.Struct, frozen=True, eq=False):
    """Stretches of text that two runs both have, none of them empty: arrays `(num_stretches,)`.

    Attributes:
        begin_a, begin_b: Where each begins in the two runs, `begin_a` ascending.
        length: Its characters.
    """

    begin_a: Positions
    begin_b: Positions
    length: Positions


class FateChanges(msgspec.Struct, frozen=True, eq=False):
    """Stretches whose fate differs, as long as they can be: arrays `(num_changes,)`, in order.

    Attributes:
        stretch: Which stretch of the common text each is in.
        begin, end: Where it is there, in characters from the beginning of the stretch.
        span_a, span_b: The spans of the two ledgers that hold its first character.
    """

    stretch: Positions
    begin: Positions
    end: Positions
    span_a: Positions
    span_b: Positions


def find_fate_changes(a: Fates, b: Fates, common: CommonText) -> FateChanges:
    """Find where the fate of a text differs.

    A fate differs where one ledger keeps what the other one removes, and where both remove it with
    another verdict. What both keep has the same fate, whatever they say of it.

    Neighbouring characters are one change if each ledger says the same of all of them.
    """
    offsets = np.concatenate([[0], np.cumsum(common.length)]).astype(np.int64)
    cuts = np.unique(
        np.concatenate(
            [
                offsets[:-1],
                _cuts_within(a.begin, common.begin_a, offsets),
                _cuts_within(b.begin, common.begin_b, offsets),
            ]
        )
    )
    ends = np.append(cuts[1:], offsets[-1:]) if len(cuts) else cuts
    stretch = np.searchsorted(offsets, cuts, side="right") - 1
    inside = cuts - offsets[stretch]
    span_a = np.searchsorted(a.begin, inside + common.begin_a[stretch], side="right") - 1
    span_b = np.searchsorted(b.begin, inside + common.begin_b[stretch], side="right") - 1
    kept_a, kept_b = a.is_kept[span_a], b.is_kept[span_b]
    is_other = (a.verdict[:, span_a] != b.verdict[:, span_b]).any(axis=0)
    differs = (kept_a != kept_b) | (~kept_a & ~kept_b & is_other)
    where = np.flatnonzero(differs)
    is_first = np.ones(len(where), bool)
    if len(where) > 1:
        now, last = where[1:], where[:-1]
        is_first[1:] = (
            (now != last + 1)
            | (stretch[now] != stretch[last])
            | _differ(a, span_a[now], span_a[last])
            | _differ(b, span_b[now], span_b[last])
        )
    first = where[is_first]
    last_of = where[np.append(is_first[1:], True)] if len(where) else where
    return FateChanges(
        stretch=stretch[first],
        begin=inside[first],
        end=ends[last_of] - offsets[stretch[first]],
        span_a=span_a[first],
        span_b=span_b[first],
    )


def _cuts_within(begin: Positions, starts: Positions, offsets: Positions) -> Positions:
    """Return the limits of spans inside stretches, as positions in the stretches put together."""
    lengths = np.diff(offsets)
    first = np.searchsorted(begin, starts, side="right")
    counts = np.searchsorted(begin, starts + lengths, side="left") - first
    counts = np.maximum(counts, 0)
    spans = np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
    cuts: Positions = begin[spans] + np.repeat(offsets[:-1] - starts, counts)
    return cuts


def _differ(fates: Fates, these: Positions, those: Positions) -> npt.NDArray[np.bool_]:
    """Tell where a ledger says something else of two of its spans."""
    found: npt.NDArray[np.bool_] = (fates.is_kept[these] != fates.is_kept[those]) | (
        fates.verdict[:, these] != fates.verdict[:, those]
    ).any(axis=0)
    return found


class Vocabulary:
    """Numbers for words, the same ones for all columns that are encoded with it."""

    def __init__(self) -> None:
        self.words: list[Any] = []
        self._codes: dict[Any, int] = {}

    def encode(self, words: list[Any], indices: npt.NDArray[Any]) -> Codes:
        """Return the numbers of a column.

        Args:
            words: The different words of the column.
            indices: For each row, which of them it is.
        """
        for word in words:
            if word not in self._codes:
                self._codes[word] = len(self.words)
                self.words.append(word)
        codes: Codes = np.array([self._codes[word] for word in words], np.int32)[indices]
        return codes
