"""Whether a passage that two documents share is reuse, or chance, names and stock wording.

A logistic model over the few facts of `FEATURES`; its weights are in `acceptance.json`, written by
`python -m training.acceptance` and readable by eye. Each feature is a number between about 0 and 8,
so that a weight says how much one step of it adds to the log-odds.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

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


@dataclass(frozen=True, slots=True, eq=False)
class SeedFacts:
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


def find_recurrence(
    left: IndexedText,
    right: IndexedText,
    facts: SeedFacts,
    left_words: tuple[int, int],
    right_words: tuple[int, int],
) -> tuple[Recurrence | None, int]:
    """Say how the seeds that both sides of a passage have recur in the corpus.

    Args:
        left: A document.
        right: Another one.
        facts: What is known of the left document's seeds.
        left_words: The range of words of the passage on the left.
        right_words: That on the right.

    Returns:
        The medians over the seeds, None if nothing is known of them; and how many terms have seeds
        that few documents have.
    """
    ours, seeds = _known_seeds(left, facts)
    is_inside = _are_within(left, seeds, left_words)
    ours, seeds = ours[is_inside], seeds[is_inside]
    is_wanted = np.zeros(len(facts.keys), dtype=bool)
    is_wanted[ours] = True
    wanted = np.flatnonzero(is_wanted)
    theirs, places = _find_seeds(right, facts.keys[wanted].view(np.uint64))
    is_shared = np.zeros(len(facts.keys), dtype=bool)
    is_shared[wanted[theirs[_are_within(right, places, right_words)]]] = True
    at = np.flatnonzero(is_shared)
    if not len(at):
        return None, 0
    rare = seeds[is_shared[ours] & (facts.num_documents[ours] <= _RARE_DOCUMENTS)]
    ends = np.concatenate([left.seeds.firsts[rare], left.seeds.seconds[rare]])
    counts = (facts.num_documents, facts.num_outlets, facts.num_days, facts.span_days)
    ordered = np.sort(np.stack([values[at] for values in counts]), axis=1)
    medians = (ordered[:, (len(at) - 1) // 2] + ordered[:, len(at) // 2]) // 2
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


def _are_within(side: IndexedText, seeds: Int64s, words: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Tell of a document's seeds whether they stand in a range of words."""
    first, last = np.searchsorted(side.terms.at, words)
    after, before = side.seeds.firsts[seeds] >= first, side.seeds.seconds[seeds] < last
    within: npt.NDArray[np.bool_] = after & before
    return within


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
        (left, found.left, found.aligned_left),
        (right, found.right, found.aligned_right),
    )
    width = left.terms.width
    sizes = [s[2] / width for run in found.runs for s in run.stretches]
    num_in_order = sum(sizes) * width
    quoted = [_quoted(side.kept, aligned) for side, _, aligned in sides]
    return {
        "terms": _log(found.num_terms),
        "plain_terms": _log(min(_count_plain(side, aligned) for side, _, aligned in sides)),
        "rare_terms": _log(rare_terms),
        "coverage": min(len(aligned) / (w[1] - w[0]) for _, w, aligned in sides),
        "term_coverage": min(_term_coverage(*side) for side in sides),
        "stop_coverage": min(_stop_coverage(*side) for side in sides),
        "verbatim": _log(sum(size for size in sizes if size >= _VERBATIM_WORDS)),
        "longest": _log(max(sizes, default=0)),
        "in_order": min(1.0, num_in_order / found.num_aligned),
        "quoted": min(quoted),
        "quoted_once": max(quoted),
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


def _term_coverage(side: IndexedText, words: tuple[int, int], aligned: Int64s) -> float:
    num_terms = int(side.is_term[slice(*words)].sum())
    return float(side.is_term[aligned].sum()) / max(1, num_terms)


def _stop_coverage(side: IndexedText, words: tuple[int, int], aligned: Int64s) -> float:
    """Return the share of stop words that meet; where there are none, that of all words."""
    num_terms = int(side.is_term[slice(*words)].sum())
    num_words = words[1] - words[0]
    if num_terms == num_words:
        return len(aligned) / num_words
    return float((~side.is_term[aligned]).sum()) / (num_words - num_terms)


def _count_plain(side: IndexedText, aligned: Int64s) -> int:
    """Count the terms that meet and are no names or figures, by their writing."""
    kept = side.kept
    terms = aligned[side.is_term[aligned]]
    return sum(_is_plain(kept, at) for at in terms.tolist())


def _is_plain(kept: KeptText, at: int) -> bool:
    word = kept.text[kept.begins[at] : kept.ends[at]]
    return not word[0].isupper() and not any(map(str.isdigit, word))


def _quoted(kept: KeptText, aligned: Int64s) -> float:
    return sum(map(kept.is_quoted.__getitem__, aligned.tolist())) / len(aligned)


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
