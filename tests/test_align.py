"""Alignment: known edits give known runs, and facts that differ are seen."""

import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cleaner.extraction import split_text
from cleaner.passages.align import (
    Alignment,
    Run,
    _overlap,
    _without_overlaps,
    align_documents,
    align_texts,
    common_blocks,
    covered_words,
    find_conflicts,
    find_difference,
    tell_difference,
)
from cleaner.passages.indexing import index_text
from cleaner.passages.segment import SENTENCE, KeptText, Passage

WORDS = [f"word{number}" for number in range(100, 160)]
COPY = " ".join(WORDS[:20])
STOP_WORDS = "the of and to in that was for on with as it by at from his an they were are".split()
RATIO, MIN_WORDS = 0.7, 8


def keep(text: str) -> KeptText:
    """Keep all lines of a text."""
    blocks = split_text(text, "en")["blocks"]
    return KeptText(text, [(block["begin"], block["end"]) for block in blocks], "en")


def find(
    left: KeptText,
    right: KeptText,
    ratio: float = RATIO,
    pairs: Sequence[tuple[Passage, Passage]] = (),
    min_words: int = MIN_WORDS,
) -> list[Alignment]:
    """Find what two texts share."""
    return align_texts(index_text(left), index_text(right), pairs, min_words, ratio)


def align(left: KeptText, right: KeptText, ratio: float = RATIO) -> list[Run]:
    """Find the runs of what two texts share, in the order of the left one."""
    runs = [run for alignment in find(left, right, ratio) for run in alignment.runs]
    return sorted(runs, key=lambda run: (run.left, run.right))


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
        [((0, 12), (8, 20), 12), ((12, 20), (0, 8), 8)],
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
    chance = " ".join(f"of in {x}a {x}b {x}c {x}d {x}e" for x in "abcdef")
    other = " ".join(f"of in {x}p {x}q {x}r {x}s {x}t" for x in "abcdef")
    left, right = keep(f"{COPY} {chance}"), keep(f"{COPY} {other}")
    whole = align(left, right, 0.0)
    assert [run.aligned_ratio < RATIO for run in whole] == [True]
    assert (0, 20) in [(run.left[0], min(20, run.left[1])) for run in align(left, right)]
    assert all(run.aligned_ratio >= RATIO for run in align(left, right))


def test_repeated_copy_is_found_twice() -> None:
    """A sentence that one side holds twice is paired with both."""
    filler = " ".join(f"filler{number}" for number in range(30))
    left, right = keep(f"{COPY}\n{filler}\n{COPY}"), keep(COPY)
    found = [(alignment.left, alignment.right) for alignment in find(left, right)]
    assert found == [((0, 20), (0, 20)), ((50, 70), (0, 20))]


def test_crossed_clauses_are_one_passage() -> None:
    """Two clauses that changed places are one passage, with a run for each of them."""
    left = keep(" ".join(WORDS[:20]))
    right = keep(" ".join([*WORDS[12:20], *WORDS[:12]]))
    (found,) = find(left, right)
    assert (found.left, found.right, found.num_terms) == ((0, 20), (0, 20), 20)
    assert found.aligned_left.tolist() == found.aligned_right.tolist() == list(range(20))
    assert [(run.left, run.right) for run in found.runs] == [
        ((0, 12), (8, 20)),
        ((12, 20), (0, 8)),
    ]


def test_a_rewrite_is_a_passage_without_a_run() -> None:
    """Where no two words stand in the same order, terms that meet make a passage all the same."""
    left = [word for pair in zip(WORDS[:8], STOP_WORDS, strict=False) for word in pair]
    right = [word for pair in zip(WORDS[7::-1], STOP_WORDS[8:], strict=False) for word in pair]
    (found,) = find(keep(" ".join(left)), keep(" ".join(right)))
    assert (found.left, found.right) == ((0, 15), (0, 15))
    assert sorted(found.aligned_left.tolist()) == list(range(0, 16, 2))
    assert found.num_terms == 8
    assert max((run.num_aligned for run in found.runs), default=0) <= 2


@pytest.mark.parametrize(("min_words", "num_found"), [(10, 1), (11, 0)])
def test_stop_words_are_a_passage_only_as_a_candidate(min_words: int, num_found: int) -> None:
    """Words that make no term are found where a candidate says so, if they are enough."""
    said = " ".join(STOP_WORDS[:10])
    left, right = keep(f"{COPY}\n{said}"), keep(f"{said}\n{' '.join(WORDS[30:50])}")
    assert find(left, right, min_words=min_words) == []
    pair = (left.paragraphs[1], right.paragraphs[0])
    found = find(left, right, pairs=[pair], min_words=min_words)
    assert [(f.left, f.right, f.num_terms) for f in found] == [((20, 30), (0, 10), 0)] * num_found


def test_candidates_of_other_words_are_no_passage() -> None:
    """A candidate pair is a run only if its two sides are the same word for word."""
    left, right = keep(" ".join(STOP_WORDS[:10])), keep(" ".join([*STOP_WORDS[:9], "x"]))
    assert find(left, right, pairs=[(left.paragraphs[0], right.paragraphs[0])], min_words=1) == []


@pytest.mark.parametrize("side", [0, 1])
def test_no_run_reaches_over_boilerplate(side: int) -> None:
    """A copy with a removed stretch inside is two runs, whichever side the stretch is on."""
    text = f"{' '.join(WORDS[:10])}\nSubscribe now\n{' '.join(WORDS[10:20])}"
    parted = KeptText(text, [(0, text.index("\n")), (text.rindex("\n") + 1, len(text))], "en")
    assert parted.fold() == WORDS[:20]
    left, right = (parted, keep(COPY)) if side == 0 else (keep(COPY), parted)
    assert [run.left for run in align(left, right)] == [(0, 10), (10, 20)]
    assert [run.left for run in align_documents(left, right)] == [(0, 10), (10, 20)]


@pytest.mark.parametrize(("num_before", "is_reached"), [(22, True), (24, False)])
def test_context_beyond_the_terms_is_aligned(num_before: int, is_reached: bool) -> None:
    """Stop words around the terms are the passage's too, over another word if that is near."""
    around = [*STOP_WORDS, *STOP_WORDS][:num_before]
    beyond = STOP_WORDS[:4]
    left, right = (
        keep(" ".join([*beyond, word, *around, *WORDS[:20], *around, word, *beyond]))
        for word in ("Here", "There")
    )
    (run,) = align(left, right)
    first = 0 if is_reached else 5
    assert run.left == run.right == (first, left.num_words - first)


@pytest.mark.parametrize("side", [0, 1])
def test_the_first_word_of_a_copy_is_its_own(side: int) -> None:
    """A word before the copy that is equal to its first one does not take its place."""
    left, right = keep(f"the one the {COPY}"), keep(f"the {COPY}")
    (run,) = align(left, right) if side == 0 else align(right, left)
    places = ((2, 23), (0, 21))
    assert (run.left, run.right) == (places if side == 0 else places[::-1])


def test_common_blocks_are_a_longest_subsequence() -> None:
    """The blocks are in order on both sides, and as many words as can be."""
    assert common_blocks("abxcd", "yabcd") == [(0, 1, 2), (3, 3, 2)]
    assert common_blocks("ab", "cd") == common_blocks("", "a") == []


SMALL_TEXTS = st.lists(st.sampled_from([*"bcdefg", "the", "of"]), min_size=1, max_size=40).map(
    " ".join
)


@settings(max_examples=200)
@given(SMALL_TEXTS, SMALL_TEXTS)
def test_passages_are_true_and_symmetric(one: str, other: str) -> None:
    """Runs pair equal words in order, and exchanging the documents exchanges the sides."""
    assume(one != other)
    left, right = keep(one), keep(other)
    found = find(left, right)
    for alignment in found:
        for words, aligned, size in (
            (alignment.left, alignment.aligned_left, left.num_words),
            (alignment.right, alignment.aligned_right, right.num_words),
        ):
            assert 0 <= words[0] < words[1] <= size
            assert (aligned[0], aligned[-1] + 1) == words
            assert (np.diff(aligned) > 0).all()
        for run in alignment.runs:
            for side, words in ((0, run.left), (1, run.right)):
                limits = [at for s in run.stretches for at in (s[side], s[side] + s[2])]
                assert limits == sorted(limits)
                assert words == (limits[0], limits[-1])
            for i, j, size in run.stretches:
                assert left.fold(i, i + size) == right.fold(j, j + size)
            assert len(run.stretches) == 1 or run.aligned_ratio >= RATIO
        assert 0 < alignment.aligned_ratio <= 1
    assert describe(found) == describe(find(right, left), is_swapped=True)


def describe(found: list[Alignment], *, is_swapped: bool = False) -> list[tuple[Any, ...]]:
    """Return what alignments say, with the sides exchanged where they were found so."""
    return sorted(
        (
            *((a.right, a.left) if is_swapped else (a.left, a.right)),
            *(
                tuple(at.tolist())
                for at in (
                    (a.aligned_right, a.aligned_left)
                    if is_swapped
                    else (a.aligned_left, a.aligned_right)
                )
            ),
            a.num_terms,
            sorted((r.right, r.left) if is_swapped else (r.left, r.right) for r in a.runs),
        )
        for a in found
    )


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
    end = left.num_words - 1
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
def test_candidates_inside_a_passage_change_nothing(chance: random.Random) -> None:
    """What windows find in pieces is joined: candidates on the diagonal add no run."""
    left, right = keep(" ".join(WORDS[:40])), keep(" ".join(["x", *WORDS[:40], "y"]))
    pairs = []
    for _ in range(5):
        first = chance.randrange(0, 30)
        a = left.passage(SENTENCE, left.begins[first], left.ends[first + 9])
        b = right.passage(SENTENCE, right.begins[first + 1], right.ends[first + 10])
        assert a is not None and b is not None
        pairs.append((a, b))
    found = find(left, right, pairs=pairs)
    assert describe(found) == describe(find(left, right))
    assert [run.left for alignment in found for run in alignment.runs] == [(0, 40)]


PLACES = st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(1, 30))


@given(st.lists(PLACES, max_size=30))
def test_the_best_runs_are_kept_as_if_each_met_each(places: list[tuple[int, int, int]]) -> None:
    """A run is kept if none that was kept before pairs half of its words or more."""
    runs = [Run((i, i + size), (j, j + size), ((i, j, size),)) for i, j, size in places]
    kept: list[Run] = []
    for run in sorted(runs, key=lambda r: (-r.num_aligned, r.left, r.right)):
        if not any(_overlap(run.left, k.left) and _overlap(run.right, k.right) for k in kept):
            kept.append(run)
    assert _without_overlaps(runs) == sorted(kept, key=lambda r: (r.left, r.right))
