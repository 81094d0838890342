"""Stretches of texts: what is new of each is what a set of characters says."""

from collections.abc import Hashable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.report.extents import Extents

STRETCHES = st.lists(
    st.tuples(st.sampled_from(["a", ("a", 1), 7]), st.integers(0, 30), st.integers(1, 12)),
    max_size=12,
)


@given(STRETCHES)
def test_extents_are_sets_of_characters(stretches: list[tuple[Hashable, int, int]]) -> None:
    """What is new of a stretch is what a set of characters did not hold yet, key by key."""
    extents = Extents()
    known: dict[Hashable, set[int]] = {}
    for key, begin, length in stretches:
        chars = set(range(begin, begin + length))
        new = chars - known.setdefault(key, set())
        assert extents.add(key, begin, begin + length) == len(new)
        known[key] |= chars
    assert extents.keys == set(known)


NEW = [
    ("again", [(10, 20)], (10, 20), 0),
    ("inside", [(10, 20)], (12, 18), 0),
    ("around", [(10, 20)], (5, 25), 10),
    ("before", [(10, 20)], (5, 15), 5),
    ("behind", [(10, 20)], (15, 25), 5),
    ("next to it", [(10, 20)], (20, 25), 5),
    ("apart", [(10, 20)], (30, 35), 5),
    ("over a gap", [(0, 10), (20, 30)], (5, 25), 10),
    ("over some that touch", [(0, 10), (10, 20), (20, 30)], (0, 30), 0),
]


@pytest.mark.parametrize(
    ("known", "stretch", "expected"), [case[1:] for case in NEW], ids=[case[0] for case in NEW]
)
def test_new_characters(
    known: list[tuple[int, int]], stretch: tuple[int, int], expected: int
) -> None:
    """Characters that were added before are not new, but they are for another key."""
    extents = Extents()
    for begin, end in known:
        extents.add("a", begin, end)
    assert extents.add("a", *stretch) == expected
    assert extents.add("b", *stretch) == stretch[1] - stretch[0]
    assert extents.keys == {"a", "b"}
