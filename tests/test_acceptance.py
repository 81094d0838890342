"""Acceptance: what is measured of a shared passage, and what the model makes of it."""

import math
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.passages import acceptance
from cleaner.passages.acceptance import (
    FEATURES,
    NO_FACTS,
    SeedFacts,
    describe_alignment,
    explain_score,
    find_recurrence,
    list_weights,
    score,
    share_seeds,
)
from cleaner.passages.align import Alignment, align_texts
from cleaner.passages.indexing import IndexedText, index_text
from cleaner.passages.relations import Recurrence
from cleaner.passages.segment import KeptText

MILL = "The fire at the ancient mill beside the river burned for two days and nights."
BEFORE = "Nobody in the valley had ever seen such a crowded orchard."
AFTER = "Teachers from five villages asked the minister for smaller classes."
NOTHING = dict.fromkeys(FEATURES, 0.0)


def index(text: str, language: str | None = "en") -> IndexedText:
    """Keep a text as a whole and index it."""
    return index_text(KeptText(text, [(0, len(text))], language))


def find(left: IndexedText, right: IndexedText) -> Alignment:
    """Find the one passage that two texts share."""
    (found,) = align_texts(left, right, [], 8, 0.7)
    return found


def describe(one: str, other: str, language: str | None = "en", **about: Any) -> dict[str, float]:
    """Measure the one passage that two texts share."""
    left, right = index(one, language), index(other, language)
    known = {"recurrence": None, "rare_terms": 0, "is_same_outlet": False}
    return describe_alignment(left, right, find(left, right), **(known | about))


def make_facts(
    keys: list[int], documents: int | list[int] = 2, outlets: int = 2, days: int = 1, span: int = 0
) -> SeedFacts:
    """Say the same of all seeds, or of each how many documents have it."""
    ordered = np.unique(np.array(keys, dtype=np.int64))
    counts = [np.broadcast_to(np.array(n), len(ordered)) for n in (documents, outlets, days, span)]
    return SeedFacts(ordered, *counts)


def seed_keys(text: str) -> list[int]:
    """Return the keys of the seeds of a text."""
    return [int(key) for key in index(text).seeds.keys.view(np.int64)]


def test_weights_are_those_of_the_features() -> None:
    """Each feature has a weight, and no weight is of a feature that is not measured."""
    assert list(list_weights()) == list(FEATURES)
    assert list(describe(MILL, MILL)) == list(FEATURES)


def test_verbatim_sentence() -> None:
    """Of a sentence copied word for word everything meets, in order."""
    features = describe(f"{BEFORE} {MILL}", f"{MILL} {AFTER}")
    whole = {"coverage", "term_coverage", "stop_coverage", "in_order"}
    assert {features[name] for name in whole} == {1.0}
    assert features["verbatim"] == features["longest"] == math.log2(1 + 15)
    assert features["of_document"] == 15 / 25
    assert {features[name] for name in ("quoted", "quoted_once")} == {0.0}
    assert {features[name] for name in ("outlets", "repeats", "days", "rare_terms")} == {0.0}


@pytest.mark.parametrize(("num_words", "is_verbatim"), [(4, False), (5, True)])
def test_short_stretches_are_not_verbatim(num_words: int, is_verbatim: bool) -> None:
    """Four equal words in a row are no stretch worth counting, five are."""
    words = [f"term{number}" for number in range(16)]
    parts = [words[at : at + num_words] for at in range(0, 15, num_words)][: 15 // num_words]
    left = " ".join(word for at, part in enumerate(parts) for word in (*part, f"left{at}"))
    right = " ".join(word for at, part in enumerate(parts) for word in (*part, f"right{at}"))
    features = describe(left, right)
    assert features["longest"] == math.log2(1 + num_words)
    assert features["verbatim"] == (math.log2(1 + num_words * len(parts)) if is_verbatim else 0.0)


def test_crossed_parts_are_not_in_order() -> None:
    """Where terms stand in another order, the runs hold a part of what meets."""
    words = [f"term{number}" for number in range(9)]
    features = describe(" ".join(words), " ".join(words[::-1]))
    assert features["in_order"] < 0.5
    assert features["term_coverage"] == 1.0
    assert features["verbatim"] == 0.0


def test_stop_words_are_measured_apart() -> None:
    """The same terms among other stop words cover the terms and not the stop words."""
    features = describe(
        "ferry that harbour was bridge they orchard from lantern",
        "ferry by harbour at bridge since orchard into lantern",
    )
    assert (features["term_coverage"], features["stop_coverage"]) == (1.0, 0.0)
    assert features["terms"] == math.log2(1 + 5)
    assert 0.5 < features["coverage"] < 0.6
    without = describe("ferry harbour bridge orchard", "ferry harbour x bridge orchard")
    assert without["stop_coverage"] == without["coverage"] == 4 / 5


@pytest.mark.parametrize(
    ("text", "num_plain"),
    [
        ("ferry harbour bridge orchard", 4),
        ("ferry Harbour bridge Orchard", 2),
        ("ferry harbour 4th bridge 1999", 3),
        ("Ferry Harbour Bridge Orchard", 0),
    ],
)
def test_names_and_figures_are_not_plain(text: str, num_plain: int) -> None:
    """Terms with a capital or a digit are not counted among the plain ones."""
    assert describe(text, text)["plain_terms"] == math.log2(1 + num_plain)
    assert describe(text, text.lower())["plain_terms"] == math.log2(1 + num_plain)


def test_quoted_shares() -> None:
    """What is quoted on one side only shows in one of the two numbers."""
    quoted = f"{BEFORE} “{MILL}”"
    plain = f"{MILL} {AFTER}"
    for one, other in ((quoted, plain), (plain, quoted)):
        features = describe(one, other)
        assert (features["quoted"], features["quoted_once"]) == (0.0, 1.0)
    both = describe(quoted, f"“{MILL[:35]}” {MILL[35:]}")
    assert 0 < both["quoted"] < both["quoted_once"] == 1.0


def test_what_is_known_of_the_documents() -> None:
    """What recurs, and how often an outlet repeats it, are features; beyond two it is all one."""
    features = describe(MILL, MILL, recurrence=Recurrence(4, 3, 5, 15), rare_terms=3)
    expected = {"outlets": 2.0, "days": 4.0, "rare_terms": 2.0, "repeats": math.log2(4 / 3)}
    assert {name: features[name] for name in expected} == expected
    often = describe(MILL, MILL, recurrence=Recurrence(9, 3, 5, 15))
    assert often["repeats"] == 1.0
    own = describe(MILL, MILL, recurrence=Recurrence(9, 3, 5, 15), is_same_outlet=True)
    assert own["repeats"] == 0.0


def test_characters_of_unspaced_scripts_are_half_words() -> None:
    """Two ideographs count as a word, so that numbers mean the same in every script."""
    text = "港口委员会星期五批准了旧磨坊附近的窄桥"
    features = describe(text, text, "zh")
    assert features["longest"] == features["verbatim"] == math.log2(1 + len(text) / 2)
    assert features["in_order"] == 1.0


@settings(max_examples=100)
@given(
    st.lists(
        st.sampled_from([MILL, BEFORE, AFTER, f"“{MILL}”", "Ferry 12."]), min_size=1, max_size=4
    ),
    st.lists(
        st.sampled_from([MILL, BEFORE, AFTER, f"“{AFTER}”", "Ferry 12."]), min_size=1, max_size=4
    ),
)
def test_features_do_not_depend_on_sides(one: list[str], other: list[str]) -> None:
    """Exchanging the documents changes no number, and none is out of its bounds."""
    left, right = index(" ".join(one)), index(" ".join(other))
    shown = []
    for a, b in ((left, right), (right, left)):
        found = align_texts(a, b, [], 8, 0.7)
        features = [describe_alignment(a, b, f, None, 0, is_same_outlet=False) for f in found]
        shown.append(sorted(sorted(row.items()) for row in features))
        for row in features:
            assert all(value >= 0 and math.isfinite(value) for value in row.values())
            shares = ("coverage", "term_coverage", "stop_coverage", "in_order", "of_document")
            assert all(row[name] <= 1 for name in (*shares, "quoted", "quoted_once"))
    assert shown[0] == shown[1]


def recur(one: str, other: str, facts: SeedFacts) -> tuple[Recurrence | None, int]:
    """Say how the one passage that two texts share recurs."""
    left, right = index(one), index(other)
    found = find(left, right)
    return find_recurrence(left, share_seeds(left, right, facts), found.left, found.right)


LEFT, RIGHT = f"{BEFORE} {MILL}", f"{MILL} {AFTER}"


def test_recurrence_is_the_median_over_shared_seeds() -> None:
    """Only seeds that both sides have inside the passage count, each once."""
    inside = sorted(set(seed_keys(MILL)))
    common = (len(inside) - 1) // 2
    facts = make_facts(inside, [*[4] * (len(inside) - common), *[90] * common])
    assert recur(LEFT, RIGHT, facts)[0] == Recurrence(4, 2, 1, 0)
    beyond = make_facts([key for key in seed_keys(LEFT) if key not in inside])
    assert recur(LEFT, RIGHT, beyond) == (None, 0)
    assert recur(LEFT, RIGHT, NO_FACTS) == (None, 0)
    assert recur(LEFT, RIGHT, make_facts(inside, 9, 3, 5, 40)) == (Recurrence(9, 3, 5, 40), 0)


def test_seeds_of_one_side_do_not_count() -> None:
    """What stands within the passage on one side alone says nothing of what is shared."""
    other = MILL.replace("burned", "smouldered").replace("ancient", "wooden")
    shared = set(seed_keys(MILL)) & set(seed_keys(other))
    facts = make_facts(
        seed_keys(MILL), [3 if key in shared else 99 for key in sorted(set(seed_keys(MILL)))]
    )
    assert 0 < len(shared) < len(set(seed_keys(MILL))) / 2
    assert recur(MILL, other, facts)[0] == Recurrence(3, 2, 1, 0)


@pytest.mark.parametrize(("num_documents", "is_rare"), [(3, True), (4, False)])
def test_rare_terms(num_documents: int, is_rare: bool) -> None:
    """Terms are rare if at most three documents have a seed of theirs; each is counted once."""
    num_terms = len(np.unique(index(MILL).terms.stems))
    _, rare_terms = recur(LEFT, RIGHT, make_facts(seed_keys(MILL), num_documents))
    assert rare_terms == (num_terms if is_rare else 0)


def test_recurrence_does_not_depend_on_sides() -> None:
    """What is known of a seed is known of it in both documents."""
    facts = make_facts(seed_keys(MILL), list(range(2, 2 + len(set(seed_keys(MILL))))))
    assert recur(LEFT, RIGHT, facts) == recur(RIGHT, LEFT, facts)


def test_facts_of_other_seeds_are_left_out() -> None:
    """What is known of seeds that the documents do not have says nothing of a passage."""
    strange = [-5, 3, 8]
    assert recur(LEFT, RIGHT, make_facts(strange)) == (None, 0)
    facts = make_facts([*strange, *seed_keys(MILL)])
    assert recur(LEFT, RIGHT, facts) == recur(LEFT, RIGHT, make_facts(seed_keys(MILL)))


SHORT = st.lists(st.sampled_from(MILL.split()), min_size=1, max_size=30)
PLACE = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted).map(tuple)


@given(SHORT, SHORT, PLACE, PLACE, st.sets(st.integers(0, 200)), st.randoms())
def test_recurrence_is_that_of_seeds_within_both_places(
    one: list[str],
    other: list[str],
    left_words: tuple[int, int],
    right_words: tuple[int, int],
    known: set[int],
    random: Random,
) -> None:
    """Medians and rare terms are those of a count seed by seed, whatever is known."""
    left, right = index(" ".join(one)), index(" ".join(other))
    keys = sorted(set(seed_keys(" ".join(one))) | {-1, 5})
    keys = [key for at, key in enumerate(keys) if at in known]
    counts = {key: random.randint(1, 6) for key in keys}
    facts = make_facts(keys, list(counts.values()))

    def within(side: IndexedText, words: tuple[int, int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        seeds = side.seeds
        for key, a, b in zip(seeds.keys.view(np.int64), seeds.firsts, seeds.seconds, strict=True):
            if words[0] <= side.terms.at[a] and side.terms.at[b] < words[1]:
                found.setdefault(int(key), []).extend([a, b])
        return found

    ours, theirs = within(left, left_words), within(right, right_words)
    shared = [key for key in keys if key in ours and key in theirs]
    seeds = share_seeds(left, right, facts)
    recurrence, rare = find_recurrence(left, seeds, left_words, right_words)
    expected = int(np.median([counts[key] for key in shared])) if shared else None
    assert (recurrence.num_documents if recurrence else None) == expected
    terms = {left.terms.stems[at] for key in shared if counts[key] <= 3 for at in ours[key]}
    assert rare == len(terms)


VALUES = st.fixed_dictionaries({name: st.floats(0, 60) for name in FEATURES})


@given(VALUES)
def test_score_is_a_probability(features: dict[str, float]) -> None:
    """Whatever is measured, the score is in [0, 1]."""
    assert 0 <= score(features) <= 1


def test_score_is_logistic() -> None:
    """The score is the logistic function of the weighted sum and the bias."""
    model = acceptance._weights()
    assert score(NOTHING) == round(1 / (1 + math.exp(-model.bias)), 6)
    for name, weight in model.weights.items():
        odds = model.bias + 2 * weight
        assert score(NOTHING | {name: 2.0}) == round(1 / (1 + math.exp(-odds)), 6)


@pytest.mark.parametrize("value", [1e9, -1e9])
def test_extreme_odds_do_not_overflow(value: float) -> None:
    """However much speaks for or against, a score comes out."""
    assert score(NOTHING | {"terms": value}) == (1.0 if value > 0 else 0.0)


def test_more_of_the_same_copy_is_no_less_likely() -> None:
    """The longer a passage that stands in both texts word for word, the surer is the reuse."""
    words = (
        "ferry without power drifted towards northern rocks while anxious passengers waited in "
        "darkness below deck until a small tug arrived from the harbour and pulled them slowly "
        "back to the old quay where ambulances stood ready"
    ).split()
    scores = [
        score(describe(f"{BEFORE} {' '.join(words[:n])}", f"{' '.join(words[:n])}. {AFTER}"))
        for n in range(8, len(words) + 1, 6)
    ]
    assert scores == sorted(scores)
    assert scores[-1] > 0.9


@pytest.mark.parametrize(
    ("name", "more", "is_likelier"),
    [
        ("terms", 5.0, True),
        ("plain_terms", 5.0, True),
        ("coverage", 1.0, True),
        ("verbatim", 5.0, True),
        ("quoted", 1.0, True),
        ("repeats", 1.0, False),
        ("days", 8.0, False),
    ],
)
def test_what_speaks_for_reuse(name: str, more: float, is_likelier: bool) -> None:
    """The model weighs as a reader would what a reader has an opinion on."""
    middle = describe(f"{BEFORE} {MILL}", f"{MILL} {AFTER}") | {name: 0.0}
    assert (score(middle | {name: more}) > score(middle)) is is_likelier


def test_explanation_begins_with_the_strongest() -> None:
    """Parts come by what they add to the log-odds, for or against; the negligible ones do not."""
    weights = list_weights()
    features = describe(f"{BEFORE} {MILL}", f"{MILL} {AFTER}")
    parts = [part.partition("=") for part in explain_score(features).split()]
    strongest = max(weights, key=lambda name: abs(weights[name] * features[name]))
    assert parts[0][0] == strongest
    added = [abs(weights[name] * features[name]) for name, _, _ in parts]
    assert added == sorted(added, reverse=True)
    assert min(added) >= 0.1
    for name, _, value in parts:
        assert value == f"{weights[name] * features[name]:+.1f}"
    left_out = set(weights) - {name for name, _, _ in parts}
    assert all(abs(weights[name] * features[name]) < 0.1 for name in left_out)
    assert explain_score(NOTHING) == ""
