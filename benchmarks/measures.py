r"""Scores of extracted texts and of labelled lines, with what chance could do to them.

*Shingles* is the measure of scrapinghub's article-extraction-benchmark (its `evaluate.py`): runs of
four `\w+` tokens of both texts are counted, hits and misses of a page are divided by their sum, so
that long pages weigh no more than short ones; precision and recall are means over pages, F1 that of
the two means. A page for which a system gives no text has no precision and a recall of 0.

*Snippets* is that of trafilatura's `tests/evaluate.py`: a snippet is in the text, as written, or
not; counts of all pages are summed, and precision, recall and F1 are those of the sums.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

SHINGLE_SIZE = 4
"""Tokens a shingle, as evaluate.py has it."""

NUM_RESAMPLES = 1000
"""Bootstrap resamples, as in evaluate.py; its draws are random, ours are the same in every run."""

LOW_F1 = 0.5
"""Pages below it count as failures."""

_TOKEN = re.compile(r"\w+")
_Counts = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PageCounts:
    """What one page adds to a score.

    Attributes:
        hits, extra, missing: True positives, false positives and false negatives.
        is_exact: Whether the tokens of both texts are the same, or every snippet is right.
        is_empty: Whether the system gave no text.
    """

    hits: float
    extra: float
    missing: float
    is_exact: bool = False
    is_empty: bool = False

    @property
    def f1(self) -> float:
        """F1 of this page alone; 1 where there is nothing to find and nothing was found."""
        total = 2 * self.hits + self.extra + self.missing
        return 2 * self.hits / total if total else 1.0


@dataclass(frozen=True, slots=True)
class Scores:
    """A score over pages; `_std` is the bootstrap standard deviation over pages.

    Attributes:
        exact: Share of pages that are exactly right.
        num_low: Pages with an F1 below `LOW_F1`.
        num_empty: Pages without any text.
    """

    num_pages: int
    precision: float
    recall: float
    f1: float
    precision_std: float
    recall_std: float
    f1_std: float
    exact: float
    num_low: int
    num_empty: int

    def as_json(self) -> dict[str, float | int]:
        """Return the fields, rounded to four digits."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def compare_shingles(gold: str, found: str) -> PageCounts:
    """Compare a text with what it should be, as `string_shingle_matching` of evaluate.py does.

    >>> compare_shingles("a b c d e", "b c d e f").f1
    0.5
    """
    gold_tokens, found_tokens = _TOKEN.findall(gold), _TOKEN.findall(found)
    wanted, given = _count_shingles(gold_tokens), _count_shingles(found_tokens)
    hits = (wanted & given).total()
    extra, missing = given.total() - hits, wanted.total() - hits
    total = (hits + extra + missing) or 1
    return PageCounts(
        hits / total,
        extra / total,
        missing / total,
        is_exact=gold_tokens == found_tokens,
        is_empty=not found_tokens,
    )


def _count_shingles(tokens: Sequence[str]) -> Counter[tuple[str, ...]]:
    """Count runs of tokens; a shorter text is one shingle, an empty one none."""
    if not tokens:
        return Counter()
    last = max(1, len(tokens) - SHINGLE_SIZE + 1)
    return Counter(tuple(tokens[i : i + SHINGLE_SIZE]) for i in range(last))


def compare_snippets(wanted: Sequence[str], unwanted: Sequence[str], found: str) -> PageCounts:
    """Look for snippets, as `evaluate_result` of trafilatura's tests/evaluate.py does.

    >>> compare_snippets(["yes", "also"], ["no"], "yes, and no").hits
    1
    """
    hits = sum(snippet in found for snippet in wanted)
    extra = sum(snippet in found for snippet in unwanted)
    missing = len(wanted) - hits
    return PageCounts(hits, extra, missing, not extra and not missing, not found.strip())


def score_means(pages: Sequence[PageCounts]) -> Scores:
    """Score pages by means, as `metrics_from_tp_fp_fns` of evaluate.py does."""
    return _score(pages, _means)


def score_sums(pages: Sequence[PageCounts]) -> Scores:
    """Score pages by the sums of their counts, as `calculate_scores` of trafilatura's tests does.

    >>> score_sums([PageCounts(1, 0, 1), PageCounts(2, 1, 0)]).f1
    0.75
    """
    return _score(pages, _sums)


def difference_std(
    before: Sequence[PageCounts], after: Sequence[PageCounts]
) -> tuple[float, float]:
    """Return the difference of F1 by means, and its standard deviation over the same resamples."""
    both = _as_array(before), _as_array(after)
    first, second = (_resample(counts, _means)[:, 2] for counts in both)
    whole = [float(_means(counts[None])[0, 2]) for counts in both]
    return whole[1] - whole[0], _std(second - first)


def _score(pages: Sequence[PageCounts], aggregate: Callable[[_Counts], _Counts]) -> Scores:
    counts = _as_array(pages)
    precision, recall, f1 = (float(value) for value in aggregate(counts[None])[0])
    resampled = _resample(counts, aggregate)
    return Scores(
        num_pages=len(pages),
        precision=precision,
        recall=recall,
        f1=f1,
        precision_std=_std(resampled[:, 0]),
        recall_std=_std(resampled[:, 1]),
        f1_std=_std(resampled[:, 2]),
        exact=sum(page.is_exact for page in pages) / max(1, len(pages)),
        num_low=sum(page.f1 < LOW_F1 for page in pages),
        num_empty=sum(page.is_empty for page in pages),
    )


def _as_array(pages: Sequence[PageCounts]) -> _Counts:
    """Return hits, extra and missing of each page, (num_pages, 3)."""
    rows = [(page.hits, page.extra, page.missing) for page in pages]
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def _resample(counts: _Counts, aggregate: Callable[[_Counts], _Counts]) -> _Counts:
    """Return precision, recall and F1 of each resample, (NUM_RESAMPLES, 3)."""
    if not len(counts):
        return np.zeros((NUM_RESAMPLES, 3))
    draws = np.random.default_rng(0).integers(len(counts), size=(NUM_RESAMPLES, len(counts)))
    return aggregate(counts[draws])


def _std(values: _Counts) -> float:
    return float(np.std(values, ddof=1))


def _means(counts: _Counts) -> _Counts:
    """Return means of precision and recall over pages that have any, and the F1 of the two.

    Args:
        counts: (num_resamples, num_pages, 3).
    """
    hits, extra, missing = counts[..., 0], counts[..., 1], counts[..., 2]
    return _with_f1(_mean_ratio(hits, hits + extra), _mean_ratio(hits, hits + missing))


def _mean_ratio(part: _Counts, whole: _Counts) -> _Counts:
    has_any = whole > 0
    ratios = np.divide(part, whole, out=np.zeros_like(part), where=has_any)
    means: _Counts = ratios.sum(axis=-1) / np.maximum(1, has_any.sum(axis=-1))
    return means


def _sums(counts: _Counts) -> _Counts:
    hits, extra, missing = (counts[..., i].sum(axis=-1) for i in range(3))
    return _with_f1(_ratio(hits, hits + extra), _ratio(hits, hits + missing))


def _ratio(part: _Counts, whole: _Counts) -> _Counts:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _with_f1(precision: _Counts, recall: _Counts) -> _Counts:
    return np.stack(
        [precision, recall, _ratio(2 * precision * recall, precision + recall)], axis=-1
    )
