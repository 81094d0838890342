"""Regions: where the terms of two documents meet, in whatever order."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.passages import regions as regions_module
from cleaner.passages.indexing import IndexedText, index_text
from cleaner.passages.regions import Region, _join, find_regions, group_pairs, make_region
from cleaner.passages.segment import KeptText

WORDS = [f"term{number}" for number in range(400)]


def index(words: list[str]) -> IndexedText:
    """Index a text, all words of which are terms."""
    text = " ".join(words)
    return index_text(KeptText(text, [(0, len(text))], None))


def find(one: list[str], other: list[str]) -> list[Region]:
    """Find the regions of two texts."""
    return find_regions(index(one), index(other))


def ranges(found: list[Region]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return where regions stand."""
    return [(region.left, region.right) for region in found]


def fill(name: str, num_words: int) -> list[str]:
    """Make words that no other text has."""
    return [f"{name}{number}" for number in range(num_words)]


def test_shared_terms_are_a_region() -> None:
    """A region goes from the first to the last pair of terms that meet."""
    found = find(
        [*fill("left", 30), *WORDS[:10], *fill("more", 30)], [*fill("right", 5), *WORDS[:10]]
    )
    assert ranges(found) == [((30, 40), (5, 15))]
    (region,) = found
    assert region.pairs == [(30 + at, 5 + at) for at in range(10)]
    assert (region.num_terms, region.coverage) == (10, 1.0)


def test_swapped_parts_are_one_region() -> None:
    """Clauses that changed places, and terms in the opposite order, belong together."""
    left = WORDS[:20]
    for right in ([*WORDS[12:20], *WORDS[:12]], WORDS[19::-1]):
        (region,) = find(left, right)
        assert (region.left, region.right, region.num_terms) == ((0, 20), (0, 20), 20)
        assert all(left[i] == right[j] for i, j in region.pairs)


@pytest.mark.parametrize(("num_shared", "num_found"), [(2, 0), (3, 1)])
def test_few_terms_are_no_region(num_shared: int, num_found: int) -> None:
    """Two terms that stand together in both texts are nothing yet."""
    shared = WORDS[:num_shared]
    found = find([*shared, *fill("left", 20)], [*fill("right", 20), *shared])
    assert len(found) == num_found


def test_terms_that_meet_alone_are_no_pair() -> None:
    """A term is paired by its seeds: the same words far from each other mean nothing."""
    one = [word for at in range(6) for word in (*fill(f"left{at}x", 8), WORDS[at])]
    other = [word for at in range(6) for word in (*fill(f"right{at}x", 8), WORDS[at])]
    assert find(one, other) == []


@pytest.mark.parametrize(("gap", "num_groups"), [(6, 1), (7, 2)])
@pytest.mark.parametrize("side", [0, 1])
def test_pairs_close_on_both_sides_are_a_group(gap: int, num_groups: int, side: int) -> None:
    """Single linkage over a gap of a few terms; a gap on one side is enough to part them."""
    near = [0, 1, 2, 3, 4, 5]
    far = [0, 1, 2, 2 + gap, 3 + gap, 4 + gap]
    sides = (far, near) if side == 0 else (near, far)
    assert len(group_pairs([*zip(*sides, strict=True)])) == num_groups


@pytest.mark.parametrize(("num_terms", "num_groups"), [(2, 0), (3, 1)])
def test_terms_of_a_group_count_once(num_terms: int, num_groups: int) -> None:
    """A group needs a few terms on both sides: one that meets another again and again is one."""
    rights = [0, 1, 1, 0] if num_terms == 2 else [0, 1, 2, 0]
    pairs = [*enumerate(rights)]
    assert len(group_pairs(pairs)) == num_groups
    assert len(group_pairs(sorted((j, i) for i, j in pairs))) == num_groups


def test_no_pairs_no_group() -> None:
    """Without pairs there is nothing to group."""
    assert group_pairs([]) == []
    assert find([], WORDS) == find(WORDS[:3], fill("other", 9)) == []


@pytest.mark.parametrize(("gap", "num_found"), [(16, 1), (17, 2)])
def test_thick_regions_are_joined_over_a_short_gap(gap: int, num_found: int) -> None:
    """Where all terms meet, sixteen that do not are bridged and seventeen are not."""
    left = [*WORDS[:20], *fill("left", gap), *WORDS[20:40]]
    found = find(left, [*WORDS[:20], *fill("right", 3), *WORDS[20:40]])
    assert len(found) == num_found


@pytest.mark.parametrize(("gap", "num_found"), [(9, 1), (10, 2)])
def test_short_regions_are_joined_over_a_shorter_gap(gap: int, num_found: int) -> None:
    """Regions of four terms bridge nine: three, and one and a half for each term."""
    left = [*WORDS[:4], *fill("left", gap), *WORDS[4:8]]
    found = find(left, [*WORDS[:4], *fill("right", 8), *WORDS[4:8]])
    assert len(found) == num_found


def spread(words: list[str], name: str) -> list[str]:
    """Put a word that no other text has after every second word."""
    return [
        word
        for at, pair in enumerate(zip(words[::2], words[1::2], strict=True))
        for word in (*pair, f"{name}{at}")
    ]


@pytest.mark.parametrize(("gap", "num_found"), [(22, 1), (23, 2)])
def test_thin_regions_are_joined_over_a_wider_gap(gap: int, num_found: int) -> None:
    """Where two of three terms meet, a gap of 16 divided by that share is bridged."""
    one, other = (spread(WORDS[at : at + 40], f"left{at}x") for at in (0, 40))
    there, elsewhere = (spread(WORDS[at : at + 40], f"right{at}x") for at in (0, 40))
    found = find([*one, *fill("left", gap), *other], [*there, *elsewhere])
    assert len(found) == num_found


def test_repeated_words_meet_where_their_neighbours_do() -> None:
    """Of several places of a term, the one with the most support is taken."""
    said = [*WORDS[:4], "city", *WORDS[4:8]]
    (region,) = find(said, [*said, "more", "city", WORDS[3]])
    assert region.pairs == [(at, at) for at in range(9)]


def test_pairs_of_joined_regions_are_in_order() -> None:
    """Two enumerations that one text interleaves are one region, its pairs in order."""
    one, other = WORDS[:6], WORDS[6:12]
    mixed = [word for pair in zip(one, other, strict=True) for word in pair]
    (region,) = find(mixed, [*one, *fill("right", 8), *other])
    assert [i for i, _ in region.pairs] == list(range(12))
    assert [j for _, j in region.pairs[:4]] == [0, 14, 1, 15]


def test_a_passage_that_one_text_has_twice_is_found_twice() -> None:
    """Both places are regions, each with the one place on the other side."""
    found = find([*WORDS[:12], *fill("left", 60), *WORDS[:12]], WORDS[:12])
    assert ranges(found) == [((0, 12), (0, 12)), ((72, 84), (0, 12))]


def test_endless_repeats_are_looked_at_in_part() -> None:
    """A form that a text repeats a hundred times does not make ten thousand places."""
    row = WORDS[:6]
    found = find([*row * 100], [*row * 100])
    assert sum(len(region.pairs) for region in found) < 1000


TEXTS = st.lists(st.sampled_from(WORDS[:12]), max_size=40)


@settings(max_examples=200)
@given(TEXTS, TEXTS)
def test_regions_are_within_the_texts_and_symmetric(one: list[str], other: list[str]) -> None:
    """Each pair is of one term, and exchanging the documents exchanges the sides."""
    found = find(one, other)
    for region in found:
        assert 0 <= region.left[0] < region.left[1] <= len(one)
        assert 0 <= region.right[0] < region.right[1] <= len(other)
        assert all(one[i] == other[j] for i, j in region.pairs)
        assert region.pairs == sorted(set(region.pairs))
        assert region == make_region(region.pairs)
        assert region.num_terms >= 3
        assert 0 < region.coverage <= 1
    assert ranges(found) == sorted(ranges(found))
    back = [sorted((i, j) for j, i in region.pairs) for region in find(other, one)]
    assert sorted(region.pairs for region in found) == sorted(back)


def test_what_a_region_says() -> None:
    """Terms are counted once, and on the side where fewer meet; so is the share of them."""
    region = make_region([(2, 7), (3, 5), (5, 5), (9, 8)])
    assert (region.left, region.right) == ((2, 10), (5, 9))
    assert (region.num_terms, region.coverage) == (3, 4 / 8)


@settings(max_examples=30)
@given(st.randoms(use_true_random=False))
def test_terms_around_a_passage_do_not_matter(chance: random.Random) -> None:
    """A passage is found wherever it stands, with what surrounds it left out."""
    before, after = chance.randrange(40), chance.randrange(40)
    left = [*fill("a", before), *WORDS[:15], *fill("b", after)]
    right = [*fill("c", after), *WORDS[:15], *fill("d", before)]
    assert ranges(find(left, right)) == [((before, before + 15), (after, after + 15))]


def test_too_many_regions_are_left_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists and tables with more regions than the limit are not merged."""
    left = [
        word for at in range(3) for word in (*fill(f"l{at}x", 8), *WORDS[10 * at : 10 * at + 8])
    ]
    right = [
        word for at in range(3) for word in (*fill(f"r{at}x", 8), *WORDS[10 * at : 10 * at + 8])
    ]
    assert len(find(left, right)) == 1
    monkeypatch.setattr(regions_module, "_MAX_REGIONS", 2)
    assert len(find(left, right)) == 3


@given(TEXTS, TEXTS)
def test_the_first_places_of_each_shared_seed_are_paired(one: list[str], other: list[str]) -> None:
    """Each of the first four places on one side meets each of those on the other one."""
    left, right = index(one), index(other)
    firsts = [
        [at for at, key in enumerate(keys) if at - keys.index(key) < 4]
        for keys in (left.seeds.keys.tolist(), right.seeds.keys.tolist())
    ]
    expected = [
        (a, b) for a in firsts[0] for b in firsts[1] if left.seeds.keys[a] == right.seeds.keys[b]
    ]
    assert [*zip(*(part.tolist() for part in _join(left, right)), strict=True)] == expected
