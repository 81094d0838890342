"""Pairs in the page that a person should judge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from cleaner.quality.judging import SAMPLE, Pair

_MAX_SIDE_CHARS = 4000
"""Characters of a passage that the page offers to be judged; about 660 words (by hand)."""


def describe_judging(pairs: Iterable[Pair], documents: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return pairs to be judged; those of documents that the page does not list are left out.

    Args:
        pairs: The pairs, in the order in which to judge them. One that is both borderline and
            drawn by chance is offered as drawn by chance alone: who judges the borderline ones only
            would else measure precision on the hardest part of the sample.
        documents: The number of each listed document by id.
    """
    described = []
    listed = list(pairs)
    sampled = {pair.pair for pair in listed if pair.why == SAMPLE}
    for pair in listed:
        names = (pair.left.document, pair.right.document)
        is_twice = pair.why != SAMPLE and pair.pair in sampled
        if is_twice or any(name not in documents for name in names):
            continue
        line = msgspec.to_builtins(pair.judge("same"))
        del line["verdict"]
        match = pair.match
        row = {
            "why": pair.why,
            "relation": match["relation"],
            "level": match["level"],
            "score": round(match["score"], 6),
            "isAccepted": match["accepted"],
            "differs": match["differs"],
            "evidence": match["evidence"] or "",
            "scoreEvidence": match["score_evidence"] or "",
            **{
                side: {
                    "document": documents[name],
                    "before": pair.before[at],
                    "text": pair.texts[at][:_MAX_SIDE_CHARS],
                    "after": pair.after[at] if len(pair.texts[at]) <= _MAX_SIDE_CHARS else "",
                }
                for at, (side, name) in enumerate(zip(("left", "right"), names, strict=True))
            },
            "line": line,
        }
        described.append(row)
    return described
