"""Links between the sentences of two documents: what clusters are made of, and what is cut.

A unit (a sentence, or of a quote a quotation) is linked with what a run aligns it with on the other
side, where the run covers enough of either and their facts do not differ.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from cleaner.config import Config, MatchConfig
from cleaner.passages.align import (
    Run,
    Stretch,
    covered_words,
    equal_stretches,
    find_difference,
    make_run,
    touched_passages,
    touched_stretches,
)
from cleaner.passages.segment import QUOTATION, SENTENCE, KeptText, Passage

_MIN_PARTNER_OVERLAP = 0.5
"""Units that share less of the shorter one are no partners, though a run covers one."""

LINK = pa.struct(
    [
        pa.field("level", pa.string()),
        pa.field("left_begin", pa.int64()),
        pa.field("left_end", pa.int64()),
        pa.field("left_order", pa.int64()),
        pa.field("right_begin", pa.int64()),
        pa.field("right_end", pa.int64()),
        pa.field("right_order", pa.int64()),
    ]
)
LINKS = pa.schema(
    [
        pa.field("left_unit", pa.string()),
        pa.field("right_unit", pa.string()),
        pa.field("left_document", pa.string()),
        pa.field("right_document", pa.string()),
        pa.field("relation", pa.string()),
        *[LINK.field(i) for i in range(LINK.num_fields)],
    ]
)
"""Linked sentences, quotations and documents, one row a pair."""


def is_covered(unit: Passage, run: Run, which: int, config: MatchConfig) -> bool:
    """Tell whether a run aligns enough of a sentence's or quotation's words."""
    num_words = unit.last - unit.first
    return covered_words(unit, run, which) >= config.sentence_coverage * num_words


def link_units(
    left: KeptText, right: KeptText, run: Run, is_quote: bool, config: MatchConfig
) -> tuple[list[dict[str, Any]], list[str]]:
    """Link the sentences, or for a quote the quotations, that a run covers on either side.

    Returns:
        The links, and the kinds of facts in which units differ that would be linked otherwise.
    """
    level = QUOTATION if is_quote else SENTENCE
    units_left = left.quotations if is_quote else left.sentences
    units_right = right.quotations if is_quote else right.sentences
    there = {
        order: (units_right[order], is_covered(units_right[order], run, 1, config))
        for order in touched_passages(units_right, run.right)
    }
    links: list[dict[str, Any]] = []
    differing: list[str] = []
    for order in touched_passages(units_left, run.left):
        unit = units_left[order]
        is_unit_covered = is_covered(unit, run, 0, config)
        for other_order in touched_passages(units_right, _aligned_words(unit, run)):
            other, is_other_covered = there[other_order]
            stretches = _shared_stretches(unit, other, run)
            shared = sum(size for _, _, size in stretches)
            shorter = min(unit.last - unit.first, other.last - other.first)
            if not (is_unit_covered or is_other_covered):
                continue
            if shared < _MIN_PARTNER_OVERLAP * shorter:
                continue
            kind = None
            if shared < max(unit.last - unit.first, other.last - other.first):
                words = left.fold(unit.first, unit.last), right.fold(other.first, other.last)
                kind = find_difference(*words, stretches)
            if kind is not None:
                differing.append(kind)
                continue
            links.append(
                {
                    "level": level,
                    "left_begin": unit.begin,
                    "left_end": unit.end,
                    "left_order": order,
                    "right_begin": other.begin,
                    "right_end": other.end,
                    "right_order": other_order,
                }
            )
    return links, differing


def link_equal(
    left: KeptText, right: KeptText, pairs: list[tuple[Passage, Passage]], config: MatchConfig
) -> list[dict[str, Any]]:
    """Link the sentences and quotations of passages of the same words."""
    return [
        link
        for stretch in equal_stretches(left, right, pairs)
        for is_quote in (False, True)
        for link in link_units(left, right, make_run(stretch), is_quote, config)[0]
    ]


def _aligned_words(unit: Passage, run: Run) -> tuple[int, int]:
    """Return the range of words on the right that a passage on the left is aligned with."""
    touched = run.stretches[touched_stretches(unit, run, 0)]
    if not touched:
        return 0, 0
    (i, j, _), (last_i, last_j, size) = touched[0], touched[-1]
    return j + max(0, unit.first - i), last_j + min(size, unit.last - last_i)


def _shared_stretches(left: Passage, right: Passage, run: Run) -> list[Stretch]:
    """Return what a run aligns between two passages, by positions in them."""
    on_left, on_right = touched_stretches(left, run, 0), touched_stretches(right, run, 1)
    found = []
    for i, j, size in run.stretches[
        max(on_left.start, on_right.start) : min(on_left.stop, on_right.stop)
    ]:
        skipped = max(left.first - i, right.first - j, 0)
        length = min(left.last - i, right.last - j, size) - skipped
        if length > 0:
            found.append((i + skipped - left.first, j + skipped - right.first, length))
    return found


def list_links(batch: pa.RecordBatch, config: Config) -> pa.RecordBatch:
    """List the linked units of matches, one row a pair.

    Args:
        batch: Rows of `MATCHES`.
        config: Not used; every kernel takes it.

    Returns:
        Rows of `LINKS`.
    """
    rows: list[dict[str, Any]] = []
    columns = ["left_document", "right_document", "relation", "links"]
    accepted = batch.filter(batch.column("accepted"))
    for match in accepted.select(columns).to_pylist():
        left, right = match["left_document"], match["right_document"]
        rows.extend(
            {
                "left_unit": f"{left}:{link['left_begin']}-{link['left_end']}:{link['level']}",
                "right_unit": f"{right}:{link['right_begin']}-{link['right_end']}:{link['level']}",
                "left_document": left,
                "right_document": right,
                "relation": match["relation"],
            }
            | link
            for link in match["links"]
        )
    return pa.RecordBatch.from_pylist(rows, schema=LINKS)
