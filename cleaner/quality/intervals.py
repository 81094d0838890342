"""Stretches of a text, half-open, and what several of them hold together."""

from __future__ import annotations

from collections.abc import Iterable

Interval = tuple[int, int]


def join_intervals(intervals: Iterable[Interval]) -> list[Interval]:
    """Join intervals that overlap or touch; the rest comes in order.

    >>> join_intervals([(5, 8), (0, 3), (2, 4)])
    [(0, 4), (5, 8)]
    """
    joined: list[Interval] = []
    for begin, end in sorted(intervals):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((begin, end))
    return joined


def count_positions(intervals: Iterable[Interval]) -> int:
    """Count the positions that any of the intervals holds.

    >>> count_positions([(5, 8), (0, 3), (2, 4)])
    7
    """
    return sum(end - begin for begin, end in join_intervals(intervals))


def count_shared(one: Iterable[Interval], other: Iterable[Interval]) -> int:
    """Count the positions that are in both.

    >>> count_shared([(0, 10)], [(2, 5), (4, 8), (9, 20)])
    7
    """
    others = join_intervals(other)
    return sum(
        max(0, min(end, last) - max(begin, first))
        for begin, end in join_intervals(one)
        for first, last in others
    )
