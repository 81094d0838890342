"""What can be said of a block by the blocks around it, before and after a first look at all."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cleaner.block_model.text_features import Column, Columns, distances, number_keys

_WINDOWS = (2, 4, 8)
_FIRST_REACH, _SECOND_REACH = 3, 6
_FIRST_NAMES = (
    "words",
    "ends_sentence",
    "capital_share",
    "stop_word_share",
    "commas",
    "digit_share",
    "link_ratio",
    "like_linked",
    "decisive_cue",
    "ruled_out",
    "in_trafilatura",
    "in_resiliparse",
)
"""Features that neighbours lend to a block, where there are such."""
_SURE = 0.8
_SURE_WORDS = 8
_ZONE_BALANCE = 0.35
"""A block whose probability is higher adds to a zone, a lower one takes away (by hand)."""


def look_around(columns: Columns) -> Columns:
    """Return the features of the blocks before and after each, and means over windows."""
    names = tuple(name for name in _FIRST_NAMES if name in columns)
    return _look_beside(names, [columns[name] for name in names], _FIRST_REACH)


def look_again(first: Column, words: Column, keys: Sequence[str]) -> Columns:
    """Return what the first look at all blocks says about each.

    Args:
        first: Probability of each block to be main content, as the first look has it.
        words: Words of each block.
        keys: What blocks of one kind share: the path of elements, or nothing in plain text.
    """
    size = len(first)
    mass = first * words
    total = max(1.0, float(mass.sum()))
    at = np.arange(size)
    sure = np.flatnonzero((first > _SURE) & (words >= _SURE_WORDS))
    since, until = distances(sure, at)
    begin, end = best_zone(first, words)
    columns = {
        "first": first,
        **_look_beside(("first",), [first], _SECOND_REACH),
        "first_before": (np.cumsum(mass) - mass) / total,
        "first_page": np.full(size, float((first > 0.5).mean())),
        "first_words": np.full(size, float(mass.sum())),
        "since_sure": since,
        "until_sure": until,
        "sure_before": np.searchsorted(sure, at, side="left"),
        "sure_after": len(sure) - np.searchsorted(sure, at, side="right"),
        "first_like": _mean_by_key(first, keys),
        "in_zone": (at >= begin) & (at < end),
        "since_zone_begin": at - begin,
        "until_zone_end": end - at,
    }
    return {name: np.asarray(column, dtype=np.float32) for name, column in columns.items()}


def best_zone(first: Column, words: Column) -> tuple[int, int]:
    """Return the run of blocks that main content most likely fills: the largest sum of gains.

    A block's gain is its probability less a balance, times the root of its words. Source: Kadane's
    maximum subarray, as boilerplate removal uses it since Pasternack and Roth (2009).
    """
    gains = (first - _ZONE_BALANCE) * np.sqrt(words + 1)
    sums = np.concatenate(([0.0], np.cumsum(gains, dtype=np.float64)))
    lowest = np.minimum.accumulate(sums)
    end = int(np.argmax(sums - lowest))
    begin = int(np.argmin(sums[: end + 1]))
    return begin, end


def _look_beside(names: tuple[str, ...], columns: Sequence[Column], reach: int) -> Columns:
    """Return features of the blocks up to some steps away, and means over windows."""
    values = np.array(columns, dtype=np.float32)
    size = values.shape[1]
    padded = np.full((len(names), size + 2 * reach), -1, dtype=np.float32)
    padded[:, reach : reach + size] = values
    sums = np.zeros((len(names), size + 1), dtype=np.float64)
    np.cumsum(values, axis=1, dtype=np.float64, out=sums[:, 1:])
    steps = [reach + step for far in range(1, reach + 1) for step in (-far, far)]
    around = np.empty((len(names), len(steps) + len(_WINDOWS), size), dtype=np.float32)
    for number, begin in enumerate(steps):
        around[:, number] = padded[:, begin : begin + size]
    at = np.arange(size)
    for number, window in enumerate(_WINDOWS, start=len(steps)):
        low, high = np.maximum(at - window, 0), np.minimum(at + window + 1, size)
        around[:, number] = (sums[:, high] - sums[:, low]) / (high - low)
    return dict(zip(_beside(names, reach), around.reshape(-1, size), strict=True))


@functools.cache
def _beside(names: tuple[str, ...], reach: int) -> list[str]:
    """Return the names of what `_look_beside` gives."""
    steps = [f"{sign}{step}" for step in range(1, reach + 1) for sign in "-+"]
    places = [*steps, *(f"~{window}" for window in _WINDOWS)]
    return [f"{name}{place}" for name in names for place in places]


def _mean_by_key(column: Column, keys: Sequence[str]) -> npt.NDArray[np.float64]:
    index = number_keys(keys)
    sums = np.bincount(index, weights=column)
    return np.asarray((sums / np.bincount(index))[index], dtype=np.float64)
