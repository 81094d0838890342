"""Alignment: known edits give known runs, and facts that differ are seen."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.extraction import split_text
from cleaner.passages.align import (
    Run,
    align_documents,
    align_passages,
    covered_words,
    find_conflicts,
    find_difference,
    tell_difference,
)
from cleaner.passages.segment import SENTENCE, KeptText, Passage

WORDS = [f"word{number}" for number in range(100, 160)]
COPY = " ".join(WORDS[:20])
RATIO = 0.7


def keep(text: str) -> KeptText:
    """Keep all lines of a text."""
    blocks = split_text(text, "en")["blocks"]
    return KeptText(text, [(block["begin"], block["end"]) for block in blocks], "en")


def align(left: KeptText, right: KeptText, ratio: float = RATIO) -> list[Run]:
    """Align two texts around one candidate pair that holds all their words."""
    a, b = left.document(), right.document()
    assert a is not None and b is not None
    return align_passages(left, right, [(a, b)], ratio)


def change(words: list[str], at: int, num_cut: int, added: list[str]) -> str:
    """Cut words out of a list and put others in their place."""
    return " ".join([*words[:at], *added, *words[at + num_cut :]])


EDITS = [
    ("nothing", change(WORDS[:20], 10, 0, []), [((0, 20), (0, 20), 20)]),
    ("word changed", change(WORDS[:20], 10, 1, ["new"]), [((0, 20), (0, 20), 19)]),
    ("word cut", change(WORDS[:20], 10, 1, []), [((0, 20), (0, 19), 19)]),
    ("word added", change(WORDS[:20], 10, 0, ["new"]), [((0, 20), (0, 21), 20)]),
    ("first word changed", change(WORDS[:20], 0, 1, ["new"]), [((1, 20), (1, 20), 19)]),
    ("last word cut", change(WORDS[:20], 19, 1, []), [((0, 19), (0, 19), 19)]),
    ("five words added", change(WORDS[:20], 10, 0, ["new"] * 5), [((0, 20), (0, 25), 20)]),
    (
        "six words added",
        change(WORDS[:20], 10, 0, ["new"] * 6),
        [((0, 10), (0, 10), 10), ((10, 20), (16, 26), 10)],
    ),
    (
        "clause moved",
        " ".join(WORDS[12:20] + WORDS[:12]),
        [((0, 12), (8, 20), 12)],
    ),
]


@pytest.mark.parametrize(
    ("edited", "runs"), [case[1:] for case in EDITS], ids=[c[0] for c in EDITS]
)
def test_known_edits(edited: str, runs: list[tuple[tuple[int, int], tuple[int, int], int]]) -> None:
    """Each edit gives the run that an editor would draw."""
    found = align(keep(COPY), keep(edited))
    assert [(run.left, run.right, run.num_aligned) for run in found] == runs


def test_aligned_ratio_is_dice() -> None:
    """The share counts the words of both sides between the ends of a run."""
    (run,) = align(keep(COPY), keep(change(WORDS[:20], 10, 2, ["new"])))
    assert run.aligned_ratio == 2 * 18 / (20 + 19)


def test_chance_at_the_ends_is_dropped() -> None:
    """One equal word beyond a gap of two is no part of the copy; beyond a gap of one it is."""
    left = f"the x y {COPY}"
    (run,) = align(keep(left), keep(f"the u v {COPY}"))
    assert (run.left, run.right) == ((3, 23), (3, 23))
    (run,) = align(keep(f"the x {COPY}"), keep(f"the u {COPY}"))
    assert (run.left, run.right) == ((0, 22), (0, 22))


def test_copy_survives_equal_words_around_it() -> None:
    """Words beyond a copied sentence that are equal by chance do not make it too unlike."""
    chance = " ".join(f"of in {x}a {x}b {x}c {x}d" for x in "abcdef")
    other = " ".join(f"of in {x}p {x}q {x}r {x}s" for x in "abcdef")
    left, right = keep(f"{COPY} {chance}"), keep(f"{COPY} {other}")
    whole = align(left, right, 0.0)
    assert [run.aligned_ratio < RATIO for run in whole] == [True]
    assert (0, 20) in [(run.left[0], min(20, run.left[1])) for run in align(left, right)]
    assert all(run.aligned_ratio >= RATIO for run in align(left, right))


def test_repeated_copy_is_found_twice() -> None:
    """A sentence that one side holds twice is paired with both."""
    filler = " ".join(f"filler{number}" for number in range(30))
    left, right = keep(f"{COPY}\n{filler}\n{COPY}"), keep(COPY)
    whole = right.document()
    assert whole is not None
    pairs = [(paragraph, whole) for paragraph in left.paragraphs]
    assert [run.left for run in align_passages(left, right, pairs, RATIO)] == [(0, 20), (50, 70)]


def test_copy_is_found_beside_a_longer_one_that_moved() -> None:
    """Candidates of the same wording are a run even where a longer copy crosses them."""
    short, long = " ".join(WORDS[:10]), " ".join(WORDS[20:40])
    left, right = keep(f"{short}\n{long}"), keep(f"{long}\n{short}")
    pair = (left.paragraphs[0], right.paragraphs[1])
    runs = align_passages(left, right, [pair], RATIO)
    assert [(run.left, run.right) for run in runs] == [((0, 10), (20, 30)), ((10, 30), (0, 20))]


@pytest.mark.parametrize("side", [0, 1])
def test_no_run_reaches_over_boilerplate(side: int) -> None:
    """A copy with a removed stretch inside is two runs, whichever side the stretch is on."""
    text = f"{' '.join(WORDS[:10])}\nSubscribe now\n{' '.join(WORDS[10:20])}"
    parted = KeptText(text, [(0, text.index("\n")), (text.rindex("\n") + 1, len(text))], "en")
    assert parted.words == WORDS[:20]
    left, right = (parted, keep(COPY)) if side == 0 else (keep(COPY), parted)
    assert [run.left for run in align(left, right)] == [(0, 10), (10, 20)]
    assert [run.left for run in align_documents(left, right)] == [(0, 10), (10, 20)]


def test_context_beyond_the_candidates_is_aligned() -> None:
    """A run goes on beyond the candidate passages for as far as the context reaches."""
    left, right = keep(" ".join(WORDS)), keep(" ".join(WORDS))
    middle = left.passage(SENTENCE, left.begins[28], left.ends[31])
    assert middle is not None
    (run,) = align_passages(left, right, [(middle, middle)], RATIO)
    assert run.left == (3, 57)


SMALL_TEXTS = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=40).map(" ".join)


@settings(max_examples=150)
@given(SMALL_TEXTS, SMALL_TEXTS)
def test_runs_are_true_and_symmetric(one: str, other: str) -> None:
    """Stretches pair equal words in order, and exchanging the documents exchanges the sides."""
    left, right = keep(one), keep(other)
    runs = align(left, right)
    for run in runs:
        limits_left = [limit for i, _, size in run.stretches for limit in (i, i + size)]
        limits_right = [limit for _, j, size in run.stretches for limit in (j, j + size)]
        assert limits_left == sorted(limits_left)
        assert limits_right == sorted(limits_right)
        assert (run.left, run.right) == (
            (limits_left[0], limits_left[-1]),
            (limits_right[0], limits_right[-1]),
        )
        for i, j, size in run.stretches:
            assert left.words[i : i + size] == right.words[j : j + size]
        assert len(run.stretches) == 1 or run.aligned_ratio >= RATIO
    swapped = {(run.right, run.left, run.num_aligned) for run in align(right, left)}
    assert {(run.left, run.right, run.num_aligned) for run in runs} == swapped


def test_covered_words() -> None:
    """Only aligned words count, on the side that is asked for."""
    run = Run((0, 11), (2, 14), ((0, 2, 4), (6, 8, 5)))
    passage = Passage(SENTENCE, 3, 12, 0, 1)
    assert (covered_words(passage, run, 0), covered_words(passage, run, 1)) == (6, 7)
    assert covered_words(Passage(SENTENCE, 4, 5, 0, 1), run, 0) == 0


LEAD = "The fire at the old mill beside the river"
FACTS = [
    ("same", f"{LEAD} killed 5 people on Friday.", f"{LEAD} killed 5 people on Friday.", []),
    ("figure", f"{LEAD} killed 5 people.", f"{LEAD} killed 7 people.", ["figures"]),
    ("figure left out", f"{LEAD} killed 5 people.", f"{LEAD} killed people.", []),
    ("figure in a word", f"{LEAD} hit the A5 road.", f"{LEAD} hit the A7 road.", ["figures"]),
    ("figure at the end", f"{LEAD} cost 25.", f"{LEAD} cost 30.", ["figures"]),
    ("figure at the start", f"25 days: {LEAD}.", f"30 days: {LEAD}.", ["figures"]),
    ("figure beyond the end", f"{LEAD} ended.\n25 men came.", f"{LEAD} ended.\n30 left town.", []),
    ("next sentence", f"{LEAD} ended. 25 came.", f"{LEAD} ended. 30 came.", ["figures"]),
    ("negation", f"{LEAD} did stop trams.", f"{LEAD} did not stop trams.", ["negation"]),
    ("other negation", f"{LEAD} never was out.", f"{LEAD} not was out.", []),
    ("word", f"{LEAD} killed five people.", f"{LEAD} killed seven people.", []),
    (
        "two facts",
        f"{LEAD} hit 5 and not 6 men.",
        f"{LEAD} hit 7 and 6 men.",
        ["figures", "negation"],
    ),
]


@pytest.mark.parametrize(
    ("one", "other", "kinds"), [case[1:] for case in FACTS], ids=[case[0] for case in FACTS]
)
def test_conflicts(one: str, other: str, kinds: list[str]) -> None:
    """Figures that differ and a negation more or less are conflicts; other words are not."""
    left, right = keep(one), keep(other)
    for a, b in ((left, right), (right, left)):
        runs = align(a, b)
        assert [c.kind for run in runs for c in find_conflicts(a, b, run)] == kinds


def test_sentence_at_an_edge_is_searched() -> None:
    """Where a run ends in a long document, not every sentence before it is looked at."""
    text = "\n".join([f"{LEAD} was put out."] * 500)
    left, right = keep(f"{text}\n{LEAD} cost 25."), keep(f"{text}\n{LEAD} cost 30.")
    end = len(left.words) - 1
    run = Run((end - 6, end), (end - 6, end), ((end - 6, end - 6, 6),))

    class Counted(list[Passage]):
        num_taken = 0

        def __getitem__(self, at: Any) -> Any:
            self.num_taken += 1
            return super().__getitem__(at)

        def __iter__(self) -> Iterator[Passage]:
            for passage in super().__iter__():
                self.num_taken += 1
                yield passage

    left.sentences = Counted(left.sentences)
    assert [conflict.kind for conflict in find_conflicts(left, right, run)] == ["figures"]
    assert 0 < left.sentences.num_taken < 50


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("5", "7", "figures"),
        ("5 7", "7 5", "figures"),
        ("4 20pm", "4 20 p m", None),
        ("5", "", None),
        ("5", "five", None),
        ("not", "", "negation"),
        ("not", "kein", None),
        ("not 5", "7", "figures"),
        ("not a b c d", "", "negation"),
        ("not a b c d e", "", None),
        ("5 a b c d e f", "7", "figures"),
        ("", "", None),
    ],
)
def test_differences(one: str, other: str, kind: str | None) -> None:
    """Only digits make a figure, figures weigh more, and a long addition is no negation."""
    assert tell_difference(one.split(), other.split()) == kind
    assert tell_difference(other.split(), one.split()) == kind


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("a b 5", "a b 7", "figures"),
        ("5 a b", "7 a b", "figures"),
        ("a 5 b", "a 7 b", "figures"),
        ("a b", "a b 7", None),
        ("a b", "a b not", "negation"),
        ("a b", "a b", None),
    ],
)
def test_differences_of_passages(one: str, other: str, kind: str | None) -> None:
    """The words before the first and after the last aligned ones are looked at too."""
    left, right = one.split(), other.split()
    stretches = [
        (left.index(word), right.index(word), 1) for word in "ab" if word in left and word in right
    ]
    assert find_difference(left, right, stretches) == kind


@given(st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_many_windows_are_one_window(chance: random.Random) -> None:
    """Candidates that overlap give the run that one candidate over all of them gives."""
    left, right = keep(" ".join(WORDS[:40])), keep(" ".join(["x", *WORDS[:40], "y"]))
    pairs = []
    for _ in range(5):
        first = chance.randrange(0, 30)
        a = left.passage(SENTENCE, left.begins[first], left.ends[first + 9])
        b = right.passage(SENTENCE, right.begins[first + 1], right.ends[first + 10])
        assert a is not None and b is not None
        pairs.append((a, b))
    found = align_passages(left, right, pairs, RATIO)
    firsts = [a.first for a, _ in pairs]
    expected = (max(0, min(firsts) - 25), min(40, max(firsts) + 35))
    assert [run.left for run in found] == [expected]
