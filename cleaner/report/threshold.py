"""What another threshold would change: an estimate from the scores of all verified pairs.

A run at another threshold would choose representatives anew and go over the corpus again. The
estimate leaves that out: of an accepted pair that the run's policies cut, the document published
later loses the passage. That makes it right in direction and size, not in every word; it is
compared with itself at the run's own threshold.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from cleaner.config import Config
from cleaner.model import Relation
from cleaner.passages.judgements import was_judged_different
from cleaner.passages.segment import DOCUMENT
from cleaner.passages.verify import MATCHES
from cleaner.report.extents import Extents

_VARIANT, _TEMPLATE = Relation.VARIANT.value, Relation.TEMPLATE.value
_QUOTE, _REWRITE = Relation.QUOTE.value, Relation.REWRITE.value
_STEPS = 100
"""Thresholds are set in hundredths."""
_FULL = "full"
"""The view that holds all copies."""
_MIN_OVERLAP = 0.5
"""Places of one document are one member of a cluster if they share half of the shorter one."""

PAIRS_SQL = """
    SELECT m.left_document, m.left_begin, m.left_end, m.right_document, m.right_begin, m.right_end,
        m.level, m.relation, m.num_words, m.score, m.accepted, m.direction, m.differs, m.evidence,
        0.0 - m.score AS "order", a.outlet AS left_outlet, b.outlet AS right_outlet
    FROM matches m
    JOIN texts a ON m.left_document = a.document_id
    JOIN texts b ON m.right_document = b.document_id
"""
PAIRS = pa.schema(
    [
        *(
            MATCHES.field(name)
            for name in (
                *("left_document", "left_begin", "left_end"),
                *("right_document", "right_begin", "right_end"),
                *("level", "relation", "num_words", "score", "accepted"),
                *("direction", "differs", "evidence"),
            )
        ),
        pa.field("order", pa.float64()),
        pa.field("left_outlet", pa.string()),
        pa.field("right_outlet", pa.string()),
    ]
)
PAIRS_ORDER = (
    *("order", "left_document", "right_document", "left_begin", "right_begin"),
    *("left_end", "right_end", "level"),
)


class Sweep:
    """Accepts one pair after the other, the surest first, and counts what that comes to.

    Args:
        config: The run's configuration: its policies say what is cut.
        words: Words of each document, by id; `keep` is the share of its characters.
    """

    def __init__(self, config: Config, words: Mapping[str, int]) -> None:
        self._policy = config.resolve
        self._view = config.output.view
        self._words = words
        self._cut = Extents()
        self._dropped: set[str] = set()
        self._places = _Places()
        self._num_words: dict[str, int] = defaultdict(int)
        self._num_pairs = 0
        self._thresholds = _list_thresholds(config)
        self._curve: list[dict[str, Any]] = []

    def add(self, pair: Mapping[str, Any]) -> None:
        """Accept a pair; one of other facts, or judged to be different, is counted and no more.

        Args:
            pair: A row of `PAIRS_SQL`; pairs come in descending order of their score.
        """
        self._note_above(pair["score"])
        self._num_pairs += 1
        is_variant = pair["relation"] == _VARIANT or pair["differs"] is not None
        if is_variant or was_judged_different(pair):
            return
        self._places.join(
            (pair["level"] == DOCUMENT, pair["left_document"]),
            (pair["left_begin"], pair["left_end"]),
            (pair["level"] == DOCUMENT, pair["right_document"]),
            (pair["right_begin"], pair["right_end"]),
        )
        if not self._is_cut(pair):
            return
        side = "left" if pair["direction"] == "right_first" else "right"
        document = pair[f"{side}_document"]
        if document in self._dropped:
            return
        if pair["level"] == DOCUMENT:
            self._dropped.add(document)
            self._num_words[document] = self._words.get(document, 0)
            return
        begin, end = pair[f"{side}_begin"], pair[f"{side}_end"]
        share = self._cut.add(document, begin, end) / max(1, end - begin)
        added = round(share * pair["num_words"])
        self._num_words[document] = min(
            self._words.get(document, 0), self._num_words[document] + added
        )

    def _is_cut(self, pair: Mapping[str, Any]) -> bool:
        relation, policy = pair["relation"], self._policy
        if relation == _TEMPLATE or self._view == _FULL:
            return False
        if pair["left_outlet"] == pair["right_outlet"] and policy.same_outlet != "as_others":
            return False
        if pair["level"] == DOCUMENT:
            return policy.copies == "drop"
        if relation == _QUOTE:
            return policy.quotes == "cut"
        if relation == _REWRITE:
            return policy.rewrites == "cut"
        return policy.passages == "cut"

    def _note_above(self, score: float) -> None:
        """Write down what is accepted so far for all thresholds above a score."""
        if not self._thresholds or self._thresholds[-1] <= score:
            return
        noted = {
            "pairs": self._num_pairs,
            "documents": len(self._dropped | self._cut.keys),
            "dropped": len(self._dropped),
            "words": sum(self._num_words.values()),
            "clusters": self._places.num_clusters,
        }
        while self._thresholds and self._thresholds[-1] > score:
            self._curve.append({"threshold": self._thresholds.pop()} | noted)

    def finish(self) -> list[dict[str, Any]]:
        """Return the estimates for all thresholds from the floor to 1, ascending."""
        self._note_above(-1.0)
        return self._curve[::-1]


def _list_thresholds(config: Config) -> list[float]:
    """List the thresholds to look at, ascending: hundredths from the floor on, and the run's."""
    hundredths = (at / _STEPS for at in range(_STEPS + 1))
    above = {threshold for threshold in hundredths if threshold >= config.match.score_floor}
    return sorted(above | {config.match.min_score})


class _Places:
    """Places in documents that verified pairs connect: how many clusters they form."""

    def __init__(self) -> None:
        self._parents: list[int] = []
        self._of: dict[tuple[bool, str], list[tuple[int, int, int]]] = {}
        self._longest: dict[tuple[bool, str], int] = {}
        self.num_clusters = 0

    def join(
        self,
        left: tuple[bool, str],
        left_extent: tuple[int, int],
        right: tuple[bool, str],
        right_extent: tuple[int, int],
    ) -> None:
        """Connect two places."""
        a = self._find(self._place(left, *left_extent))
        b = self._find(self._place(right, *right_extent))
        if a != b:
            self._parents[max(a, b)] = min(a, b)
            self.num_clusters -= 1

    def _place(self, unit: tuple[bool, str], begin: int, end: int) -> int:
        """Return the number of a place: a known one that is nearly the same, or a new one."""
        if unit[0]:
            begin, end = 0, 1
        known = self._of.setdefault(unit, [])
        longest = self._longest.get(unit, 0)
        for at in range(bisect_left(known, (begin - longest,)), bisect_left(known, (end,))):
            other_begin, other_end, number = known[at]
            shared = min(end, other_end) - max(begin, other_begin)
            if shared >= _MIN_OVERLAP * min(end - begin, other_end - other_begin):
                return number
        number = len(self._parents)
        self._parents.append(number)
        insort(known, (begin, end, number))
        self._longest[unit] = max(longest, end - begin)
        self.num_clusters += 1
        return number

    def _find(self, number: int) -> int:
        while self._parents[number] != number:
            self._parents[number] = self._parents[self._parents[number]]
            number = self._parents[number]
        return number


def pack_pairs(
    pairs: Iterable[Mapping[str, Any]], documents: Mapping[str, int], sweep: Sweep
) -> Iterator[bytes]:
    """Sweep over pairs, and yield what the page shows of each.

    Args:
        pairs: What `PAIRS_SQL` gives, in the order of `PAIRS_ORDER`.
        documents: The number of each listed document by id; pairs of others are not shown.
        sweep: Counts all of them.
    """
    for pair in pairs:
        sweep.add(pair)
        row = _describe_pair(pair, documents)
        if row is not None:
            yield msgspec.json.encode(row)


def _describe_pair(pair: Mapping[str, Any], documents: Mapping[str, int]) -> Sequence[Any] | None:
    left, right = (documents.get(pair[f"{side}_document"]) for side in ("left", "right"))
    if left is None or right is None:
        return None
    return (
        *(round(pair["score"], 6), int(pair["accepted"]), pair["relation"], pair["level"]),
        *(pair["num_words"], left, pair["left_begin"], pair["left_end"]),
        *(right, pair["right_begin"], pair["right_end"]),
    )
