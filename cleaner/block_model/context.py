"""What can be said of a block by the blocks around it, before and after a first look at all."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from cleaner.block_model.documents import Documents
from cleaner.block_model.text_features import (
    Column,
    Columns,
    count_before,
    distances,
    number_keys,
)

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


def look_around(columns: Columns, documents: Documents) -> Columns:
    """Return the features of the blocks before and after each, and means over windows."""
    names = tuple(name for name in _FIRST_NAMES if name in columns)
    return _look_beside(names, [columns[name] for name in names], documents, _FIRST_REACH)


def look_again(first: Column, words: Column, keys: Sequence[str], documents: Documents) -> Columns:
    """Return what the first look at all blocks says about each.

    Args:
        first: Probability of each block to be main content, as the first look has it.
        words: Words of each block.
        keys: What blocks of one kind share: the path of elements, or nothing in plain text.
        documents: What blocks belong to.
    """
    mass = first * words
    mass_before, totals, zones = np.empty_like(mass), [], []
    for own in documents.slices():  # Sums in one go would be others in their last digits.
        totals.append(mass[own].sum())
        mass_before[own] = np.cumsum(mass[own]) - mass[own]
        zones.append(best_zone(first[own], words[own]))
    total = np.array(totals, dtype=np.float32)[documents.number]
    begin, end = np.array(zones, dtype=np.int64).reshape(-1, 2)[documents.number].T
    at, number = documents.at, documents.number
    is_sure = (first > _SURE) & (words >= _SURE_WORDS)
    since, until = distances(is_sure, documents)
    sure_before, num_sure = count_before(is_sure, documents)
    num_likely = documents.sums(first > 0.5)
    columns = {
        "first": first,
        **_look_beside(("first",), [first], documents, _SECOND_REACH),
        "first_before": mass_before / np.maximum(total, np.float32(1)),
        "first_page": (num_likely / np.maximum(documents.sizes, 1))[number],
        "first_words": total,
        "since_sure": since,
        "until_sure": until,
        "sure_before": sure_before,
        "sure_after": num_sure - sure_before - is_sure,
        "first_like": _mean_alike(first, keys, documents),
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


def _look_beside(
    names: tuple[str, ...], columns: Sequence[Column], documents: Documents, reach: int
) -> Columns:
    """Return features of the blocks up to some steps away, and means over windows."""
    values = np.array(columns, dtype=np.float32)
    size, number = values.shape[1], documents.number
    place = np.arange(size) + reach * (number + 1)  # With a gap before each document.
    padded = np.full((len(names), size + reach * (len(documents.sizes) + 1)), -1, dtype=np.float32)
    padded[:, place] = values
    sums = np.zeros((len(names), size + len(documents.sizes)), dtype=np.float64)
    for first, own in enumerate(documents.slices(), start=1):
        into = sums[:, own.start + first : own.stop + first]
        np.cumsum(values[:, own], axis=1, dtype=np.float64, out=into)
    steps = [step for far in range(1, reach + 1) for step in (-far, far)]
    around = np.empty((len(names), len(steps) + len(_WINDOWS), size), dtype=np.float32)
    for at, step in enumerate(steps):
        around[:, at] = padded[:, place + step]
    block = np.arange(size)
    for at, window in enumerate(_WINDOWS, start=len(steps)):
        low = np.maximum(block - window, documents.begins)
        high = np.minimum(block + window + 1, documents.ends)
        around[:, at] = (sums[:, high + number] - sums[:, low + number]) / (high - low)
    return dict(zip(_beside(names, reach), around.reshape(-1, size), strict=True))


@functools.cache
def _beside(names: tuple[str, ...], reach: int) -> list[str]:
    """Return the names of what `_look_beside` gives."""
    steps = [f"{sign}{step}" for step in range(1, reach + 1) for sign in "-+"]
    places = [*steps, *(f"~{window}" for window in _WINDOWS)]
    return [f"{name}{place}" for name in names for place in places]


def _mean_alike(column: Column, keys: Sequence[str], documents: Documents) -> Column:
    """Return the mean over the blocks of a document that have the same key."""
    index = number_keys(list(zip(documents.number.tolist(), keys, strict=True)))
    sums = np.bincount(index, weights=column)
    return np.asarray((sums / np.bincount(index))[index], dtype=np.float32)
