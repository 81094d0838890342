"""Whether a passage that two documents share is reuse, or chance, names and stock wording.

A logistic model over the few facts of `FEATURES`; its weights are in `acceptance.json`, written by
`python -m training.acceptance` and readable by eye. Each feature is a number between about 0 and 8,
so that a weight says how much one step of it adds to the log-odds.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from importlib import resources
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from cleaner.passages.align import Alignment
from cleaner.passages.indexing import IndexedText
from cleaner.passages.minhash import Int64s, UInt64s
from cleaner.passages.relations import Recurrence
from cleaner.passages.segment import KeptText

FEATURES: dict[str, str] = {
    "terms": "Terms (words that are no stop words) that meet, log2.",
    "plain_terms": "... of those, neither capitalised nor with a digit, log2.",
    "rare_terms": "... of those, the ones whose seeds at most three documents have, log2.",
    "coverage": "Share of the words that meet, on the side where it is smaller.",
    "term_coverage": "Share of the terms that meet, on the side where it is smaller.",
    "stop_coverage": "Share of the stop words that meet, on the side where it is smaller.",
    "verbatim": "Words in equal stretches of five and more, log2 (two characters are a word).",
    "longest": "Words of the longest equal stretch, log2.",
    "in_order": "Share of the words that meet which stand in the order of the runs.",
    "quoted": "Share of the words that meet between quotation marks, on the side with fewer.",
    "quoted_once": "... and on the side with more.",
    "outlets": "Outlets that have a seed of the passage, log2, the median over its seeds.",
    "repeats": "Documents an outlet that have one, log2, at most 1; 0 within one outlet.",
    "days": "Days between the first and the last document with a seed of it, log2, the median.",
    "of_document": "Share of the shorter document's words that meet.",
}
"""What the model looks at, with what each number means."""

_VERBATIM_WORDS = 5
_RARE_DOCUMENTS = 3
_MAX_REPEATS = 1.0


class SeedFacts(msgspec.Struct, frozen=True, eq=False):
    """How the seeds of a document recur in the corpus; one entry a seed, sorted by `keys`.

    Attributes:
        keys: Hashes, `(num_seeds,) int64`.
        num_documents, num_outlets: How many have it.
        num_days: Different days on which documents with it are dated.
        span_days: Days between the first and the last of them.
    """

    keys: Int64s
    num_documents: Int64s
    num_outlets: Int64s
    num_days: Int64s
    span_days: Int64s


_NONE = np.empty(0, dtype=np.int64)
NO_FACTS = SeedFacts(_NONE, _NONE, _NONE, _NONE, _NONE)
"""Of a document whose seeds no other one has."""


class _Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    about: str
    bias: float
    weights: dict[str, float]


@functools.lru_cache(maxsize=1)
def _weights() -> _Weights:
    raw = resources.files("cleaner.passages").joinpath("acceptance.json").read_bytes()
    return msgspec.json.decode(raw, type=_Weights)


def list_weights() -> Mapping[str, float]:
    """Return the weight of each feature."""
    return _weights().weights


class SharedSeeds(msgspec.Struct, frozen=True, eq=False):
    """The seeds that two documents have, of which something is known: where they stand.

    Attributes:
        counts: Of each the documents, outlets, days and days between, `(4, num_seeds) int64`.
        left, right: Where each of them stands in either document, as often as it does.
    """

    counts: Int64s
    left: _Places
    right: _Places


class _Places(msgspec.Struct, frozen=True, eq=False):
    """Where seeds stand in a document.

    Attributes:
        seeds: The seed at each place, `(num_places,) int64`.
        firsts, seconds: Its two terms, by their positions among the document's.
        begins, ends: Their positions among its words.
    """

    seeds: Int64s
    firsts: Int64s
    seconds: Int64s
    begins: Int64s
    ends: Int64s

    def are_within(self, words: tuple[int, int]) -> npt.NDArray[np.bool_]:
        """Tell of each place whether it is in a range of words."""
        within: npt.NDArray[np.bool_] = (self.begins >= words[0]) & (self.ends < words[1])
        return within


def share_seeds(left: IndexedText, right: IndexedText, facts: SeedFacts) -> SharedSeeds:
    """Find the seeds that two documents have.

    Args:
        left: A document.
        right: Another one.
        facts: What is known of the left document's seeds.
    """
    theirs, on_right = _find_seeds(right, facts.keys.view(np.uint64))
    is_shared = np.zeros(len(facts.keys), dtype=bool)
    is_shared[theirs] = True
    ours, on_left = _known_seeds(left, facts)
    is_ours = is_shared[ours]
    all_counts = (facts.num_documents, facts.num_outlets, facts.num_days, facts.span_days)
    return SharedSeeds(
        np.stack(all_counts),
        _place_seeds(left, ours[is_ours], on_left[is_ours]),
        _place_seeds(right, theirs, on_right),
    )


def _place_seeds(side: IndexedText, numbers: Int64s, seeds: Int64s) -> _Places:
    firsts, seconds = side.seeds.firsts[seeds], side.seeds.seconds[seeds]
    return _Places(numbers, firsts, seconds, side.terms.at[firsts], side.terms.at[seconds])


def find_recurrence(
    left: IndexedText,
    shared: SharedSeeds,
    left_words: tuple[int, int],
    right_words: tuple[int, int],
) -> tuple[Recurrence | None, int]:
    """Say how the seeds that both sides of a passage have recur in the corpus.

    Args:
        left: A document.
        shared: The seeds that it shares with another one.
        left_words: The range of words of the passage on the left.
        right_words: That on the right.

    Returns:
        The medians over the seeds, None if nothing is known of them; and how many terms have seeds
        that few documents have.
    """
    on_left, on_right = shared.left.are_within(left_words), shared.right.are_within(right_words)
    is_here = np.zeros((2, shared.counts.shape[1]), dtype=bool)
    is_here[0, shared.left.seeds[on_left]] = True
    is_here[1, shared.right.seeds[on_right]] = True
    is_shared = is_here[0] & is_here[1]
    ordered = np.sort(shared.counts[:, is_shared], axis=1)
    num_seeds = ordered.shape[1]
    if not num_seeds:
        return None, 0
    medians = (ordered[:, (num_seeds - 1) // 2] + ordered[:, num_seeds // 2]) // 2
    is_rare = is_shared & (shared.counts[0] <= _RARE_DOCUMENTS)
    rare = on_left & is_rare[shared.left.seeds]
    ends = np.concatenate([shared.left.firsts[rare], shared.left.seconds[rare]])
    return Recurrence(*medians.tolist()), len(set(left.terms.stems[ends].tolist()))


@functools.lru_cache(maxsize=4)
def _known_seeds(side: IndexedText, facts: SeedFacts) -> tuple[Int64s, Int64s]:
    """Find a document's seeds of which something is known; it meets many others in a row."""
    return _find_seeds(side, facts.keys.view(np.uint64))


def _find_seeds(side: IndexedText, keys: UInt64s) -> tuple[Int64s, Int64s]:
    """Find the seeds that have some keys.

    Returns:
        For each which of the keys it has, and its place among the document's seeds.
    """
    if not len(side.keys):
        return _NONE, _NONE
    at = np.minimum(np.searchsorted(side.keys, keys), len(side.keys) - 1)
    found = np.flatnonzero(side.keys[at] == keys)
    sizes = side.sizes[at[found]]
    begins = side.begins[at[found]] - (np.cumsum(sizes) - sizes)
    return np.repeat(found, sizes), np.repeat(begins, sizes) + np.arange(sizes.sum())


def describe_alignment(
    left: IndexedText,
    right: IndexedText,
    found: Alignment,
    recurrence: Recurrence | None,
    rare_terms: int,
    *,
    is_same_outlet: bool,
) -> dict[str, float]:
    """Measure the features of a passage that two documents share.

    Args:
        left: A document.
        right: Another one.
        found: What they share.
        recurrence: How it recurs in the corpus, None if nothing is known of that.
        rare_terms: Number of its terms with seeds that few documents have.
        is_same_outlet: Whether both documents are of one outlet, which may well repeat itself.
    """
    sides = (
        _measure(left, found.left, found.aligned_left),
        _measure(right, found.right, found.aligned_right),
    )
    width = min(left.terms.width, right.terms.width)
    sizes = [s[2] / width for run in found.runs for s in run.stretches]
    num_in_order = sum(sizes) * width
    return {
        "terms": _log(found.num_terms),
        "plain_terms": _log(min(side.plain_terms for side in sides)),
        "rare_terms": _log(rare_terms),
        "coverage": min(side.coverage for side in sides),
        "term_coverage": min(side.term_coverage for side in sides),
        "stop_coverage": min(side.stop_coverage for side in sides),
        "verbatim": _log(sum(size for size in sizes if size >= _VERBATIM_WORDS)),
        "longest": _log(max(sizes, default=0)),
        "in_order": min(1.0, num_in_order / found.num_aligned),
        "quoted": min(side.quoted for side in sides),
        "quoted_once": max(side.quoted for side in sides),
        "outlets": _log(recurrence.num_outlets if recurrence else 0),
        "repeats": _repeats(recurrence) if recurrence and not is_same_outlet else 0.0,
        "days": _log(recurrence.span_days if recurrence else 0),
        "of_document": found.num_aligned / min(left.kept.num_words, right.kept.num_words),
    }


def _repeats(recurrence: Recurrence) -> float:
    """Measure how often an outlet repeats a passage.

    A dispatch is in about one document of each outlet that runs it. Beyond two a form and a story
    that goes on look the same.
    """
    return min(_MAX_REPEATS, math.log2(recurrence.num_documents / recurrence.num_outlets))


def _log(count: float) -> float:
    return math.log2(1 + count)


class _Measured(NamedTuple):
    """What one side of an alignment adds to its features."""

    plain_terms: int
    coverage: float
    term_coverage: float
    stop_coverage: float
    quoted: float


def _measure(side: IndexedText, words: tuple[int, int], aligned: Int64s) -> _Measured:
    """Measure one side; where it has no stop words, their coverage is that of all words."""
    num_words, num_terms = words[1] - words[0], int(np.count_nonzero(side.is_term[slice(*words)]))
    terms = aligned[side.is_term[aligned]]
    num_stops, stops_met = num_words - num_terms, len(aligned) - len(terms)
    return _Measured(
        sum(_is_plain(side.kept, at) for at in terms.tolist()),
        len(aligned) / num_words,
        len(terms) / max(1, num_terms),
        stops_met / num_stops if num_stops else len(aligned) / num_words,
        int(np.count_nonzero(side.kept.is_quoted[aligned])) / len(aligned),
    )


def _is_plain(kept: KeptText, at: int) -> bool:
    """Tell whether a word is no name or figure, by its writing."""
    word = kept.text[kept.begins[at] : kept.ends[at]]
    return not word[0].isupper() and (word.isalpha() or not any(map(str.isdigit, word)))


def score(features: Mapping[str, float]) -> float:
    """Return the probability that a reader would call a passage reuse, in [0, 1]."""
    model = _weights()
    odds = model.bias + sum(weight * features[name] for name, weight in model.weights.items())
    return round(1 / (1 + math.exp(-max(-30.0, min(30.0, odds)))), 6)


def explain_score(features: Mapping[str, float]) -> str:
    """Say what each feature added to the log-odds, the strongest first; those below 0.1 are not."""
    weights = _weights().weights
    parts = {name: weight * features[name] for name, weight in weights.items()}
    ordered = sorted(parts.items(), key=lambda part: (-abs(part[1]), part[0]))
    return " ".join(f"{name}={value:+.1f}" for name, value in ordered if abs(value) >= 0.1)
