"""What another threshold would change: an estimate from the scores of all verified pairs.

A run at another threshold would choose representatives anew and go over the corpus again. The
estimate leaves that out: of an accepted pair that the run's policies cut, the document published
later loses the passage. That makes it right in direction and size, not in every word; it is
compared with itself at the run's own threshold.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from cleaner.config import Config
from cleaner.model import Relation
from cleaner.passages.judgements import was_judged_different
from cleaner.passages.segment import DOCUMENT

_STEPS = 100
"""Thresholds are set in hundredths."""
_MIN_OVERLAP = 0.5
"""Places of one document are one member of a cluster if they share half of the shorter one."""

PAIRS_SQL = """
    SELECT m.*, 0.0 - m.score AS "order", a.outlet AS left_outlet, b.outlet AS right_outlet
    FROM matches m
    JOIN texts a ON m.left_document = a.document_id
    JOIN texts b ON m.right_document = b.document_id
"""
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
        self._floor = config.match.score_floor
        self._words = words
        self._cut = _Extents()
        self._dropped: set[str] = set()
        self._places = _Places()
        self._num_words: dict[str, int] = defaultdict(int)
        self._num_pairs = 0
        self._curve: dict[int, dict[str, Any]] = {}
        self._last = _STEPS + 1

    def add(self, pair: Mapping[str, Any]) -> None:
        """Accept a pair; one that a person judged to be different is counted and no more.

        Args:
            pair: A row of `PAIRS_SQL`; pairs come in descending order of their score.
        """
        step = int(pair["score"] * _STEPS + 1e-9)
        self._note_until(step)
        self._num_pairs += 1
        if pair["relation"] == Relation.VARIANT.value or was_judged_different(pair):
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
        if relation == Relation.TEMPLATE.value:
            return False
        if pair["left_outlet"] == pair["right_outlet"] and policy.same_outlet != "as_others":
            return False
        if pair["level"] == DOCUMENT:
            return policy.copies == "drop"
        if relation == Relation.QUOTE.value:
            return policy.quotes == "cut"
        if relation == Relation.REWRITE.value:
            return policy.rewrites == "cut"
        return policy.passages == "cut"

    def _note_until(self, step: int) -> None:
        """Write down what is accepted so far for all thresholds above a step."""
        if step + 1 >= self._last:
            return
        noted = {
            "pairs": self._num_pairs,
            "documents": len(self._dropped | self._cut.documents),
            "dropped": len(self._dropped),
            "words": sum(self._num_words.values()),
            "clusters": self._places.num_clusters,
        }
        for at in range(step + 1, self._last):
            self._curve[at] = noted
        self._last = step + 1

    def finish(self) -> list[dict[str, Any]]:
        """Return the estimates for all thresholds from the floor to 1, ascending."""
        first = round(self._floor * _STEPS)
        self._note_until(first - 1)
        return [{"threshold": at / _STEPS} | self._curve[at] for at in range(first, _STEPS + 1)]


class _Extents:
    """Stretches of documents, each counted once however often it is added."""

    def __init__(self) -> None:
        self._of: dict[str, list[tuple[int, int]]] = {}

    @property
    def documents(self) -> set[str]:
        return set(self._of)

    def add(self, document: str, begin: int, end: int) -> int:
        """Add a stretch, and return how much of it is new."""
        extents = self._of.setdefault(document, [])
        first = bisect_left(extents, (begin,))
        if first and extents[first - 1][1] >= begin:
            first -= 1
        last, covered, low, high = first, 0, begin, end
        while last < len(extents) and extents[last][0] <= end:
            a, b = extents[last]
            covered += max(0, min(b, end) - max(a, begin))
            low, high = min(low, a), max(high, b)
            last += 1
        extents[first:last] = [(low, high)]
        return end - begin - covered


class _Places:
    """Places in documents that verified pairs connect: how many clusters they form."""

    def __init__(self) -> None:
        self._parents: list[int] = []
        self._of: dict[tuple[bool, str], list[tuple[int, int, int]]] = {}
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
        known = self._of.setdefault(unit, [])
        for other_begin, other_end, number in known:
            shared = min(end, other_end) - max(begin, other_begin)
            if unit[0] or shared >= _MIN_OVERLAP * min(end - begin, other_end - other_begin):
                return number
        number = len(self._parents)
        self._parents.append(number)
        known.append((begin, end, number))
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
