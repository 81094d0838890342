"""Align the words of two documents in the regions that they share, and measure what is the same.

1. Words of both sides of a region (and of some context) are aligned in order, then those parts of
   it that stand in another order.
2. Aligned stretches are chained over small gaps into *runs*: the same wording with a word more,
   less or changed here and there. A chain with too few aligned words is parted at its widest gaps
   until each part has enough: a copied sentence is not lost because words beyond it happen to be
   equal too.
3. A region and its runs are one *alignment*: a passage that both documents have, in any wording.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Sequence
from itertools import accumulate, pairwise

import msgspec
import numpy as np

from cleaner.passages.indexing import IndexedText
from cleaner.passages.minhash import Int64s
from cleaner.passages.regions import Pairs, Region, find_regions, group_pairs
from cleaner.passages.segment import KeptText, Passage

_CONTEXT_WORDS = 25
"""How far beyond a region an alignment may reach."""
_CROSSED_CONTEXT_WORDS = 5
"""... and beyond a part of it that stands elsewhere."""
_MAX_GAP_WORDS = 5
"""Words that may be added, cut or changed between two matched stretches of one run (by hand)."""

_CELL_WORDS = 8
"""Runs are looked for by the stretch of this many words that they stand in."""

NEGATIONS = frozenset(
    "not no never none neither nor without cannot cant dont doesnt didnt isnt arent wasnt werent "
    "wont wouldnt shouldnt couldnt hasnt havent hadnt nicht kein keine keinen keinem keiner nie "
    "niemals ohne weder ne pas jamais aucun aucune sans ni no nunca sin ningun ninguna non mai "
    "senza nessun nessuna nao nem sem nenhum nenhuma не ни нет без никогда ні немає nie bez nigdy "
    "degil yok hayir لا لم لن ليس غير 不 没 沒 未 無 无 非".split()
)
"""Folded words that turn a statement into its opposite, in the languages of the cue files."""

Stretch = tuple[int, int, int]
"""Matched words: index of the first on the left, on the right, and how many."""


class Run(msgspec.Struct, frozen=True):
    """The same wording in two documents: word ranges on both sides, and the words aligned in it."""

    left: tuple[int, int]
    right: tuple[int, int]
    stretches: tuple[Stretch, ...]

    @property
    def num_aligned(self) -> int:
        """Number of word pairs that are equal."""
        return sum(size for _, _, size in self.stretches)

    @property
    def aligned_ratio(self) -> float:
        """Share of the words of both sides that are aligned (Dice), in [0, 1]."""
        total = self.left[1] - self.left[0] + self.right[1] - self.right[0]
        return 2 * self.num_aligned / total


class Alignment(msgspec.Struct, frozen=True):
    """A passage that two documents share: where it stands, and what of it is the same.

    Attributes:
        left, right: Ranges of words. What was removed as boilerplate in the middle of a passage
            does not part it, as it does its runs.
        runs: What is the same word for word, or nearly, in the order of the left document; none of
            a rewrite that leaves no wording whole.
        num_terms: Number of terms that meet, in any order, on the side where they are fewer.
        aligned_left, aligned_right: Positions of the words that meet, sorted.
    """

    left: tuple[int, int]
    right: tuple[int, int]
    runs: tuple[Run, ...]
    num_terms: int
    aligned_left: Int64s
    aligned_right: Int64s

    @property
    def num_aligned(self) -> int:
        """Number of words that meet, on the side where they are fewer."""
        return min(len(self.aligned_left), len(self.aligned_right))

    @property
    def aligned_ratio(self) -> float:
        """Share of the words of both sides that meet (Dice), in [0, 1]."""
        total = self.left[1] - self.left[0] + self.right[1] - self.right[0]
        return (len(self.aligned_left) + len(self.aligned_right)) / total


def align_texts(
    left: IndexedText,
    right: IndexedText,
    pairs: Iterable[tuple[Passage, Passage]],
    min_words: int,
    min_aligned_ratio: float,
) -> list[Alignment]:
    """Find the passages that two documents share.

    Args:
        left: A document.
        right: Another one.
        pairs: Pairs of their passages that may be equal.
        min_words: A run of fewer aligned words is no passage of its own.
        min_aligned_ratio: Chains with a smaller share of aligned words are parted.

    Returns:
        In the order of the left document. Which document is the left one does not matter.
    """
    if _is_swapped(left.kept, right.kept):
        swapped = ((b, a) for a, b in pairs)
        found = align_texts(right, left, swapped, min_words, min_aligned_ratio)
        return sorted(map(_swap_alignment, found), key=lambda a: (a.left, a.right))
    regions = find_regions(left, right)
    stretches = set(equal_stretches(left.kept, right.kept, pairs))
    for region in regions:
        stretches |= _align_region(left, right, region)
    merged = _merge_diagonals(stretches)
    runs = _find_runs(left.kept, right.kept, merged, min_aligned_ratio)
    places = [(_words(left, r.left), _words(right, r.right)) for r in regions]
    runs_of: list[list[Run]] = [[] for _ in regions]
    alone: list[Run] = []
    reached = list(accumulate((a[1] for a, _ in places), max))
    for run in runs:
        first = bisect_right(reached, run.left[0])
        last = bisect_left(places, run.left[1], key=lambda place: place[0][0])
        shared = [min(_shared(run.left, a), _shared(run.right, b)) for a, b in places[first:last]]
        if shared and max(shared) > 0:
            runs_of[first + shared.index(max(shared))].append(run)
        elif run.num_aligned >= min_words:
            alone.append(run)
    found = [_make_alignment(left, right, [run], []) for run in alone]
    for region, of_region in zip(regions, runs_of, strict=True):
        found.append(_make_alignment(left, right, of_region, region.pairs))
    return sorted(found, key=lambda a: (a.left, a.right))


def _align_region(left: IndexedText, right: IndexedText, region: Region) -> set[Stretch]:
    """Find the equal stretches in and around a region; crossed parts are looked at by themselves.

    A longest common subsequence has one order. What of the region it leaves out, because clauses
    changed places, forms regions of its own, which are aligned once more.
    """
    found = _common_stretches(left, right, region, _CONTEXT_WORDS)
    partner = {i + at: j + at for i, j, size in found for at in range(size)}
    words_left = left.terms.at[[i for i, _ in region.pairs]].tolist()
    words_right = right.terms.at[[j for _, j in region.pairs]].tolist()
    rest = [
        pair
        for pair, word, other in zip(region.pairs, words_left, words_right, strict=True)
        if partner.get(word) != other
    ]
    for crossed in group_pairs(rest):
        found |= _common_stretches(left, right, crossed, _CROSSED_CONTEXT_WORDS)
    return found


def _common_stretches(
    left: IndexedText, right: IndexedText, region: Region, context: int
) -> set[Stretch]:
    """Return the longest common subsequence of the words of a region and some more around it."""
    (a0, a1), (b0, b1) = _words(left, region.left), _words(right, region.right)
    a0, a1 = max(0, a0 - context), min(left.kept.num_words, a1 + context)
    b0, b1 = max(0, b0 - context), min(right.kept.num_words, b1 + context)
    blocks = common_blocks(left.kept.codes[a0:a1], right.kept.codes[b0:b1])
    return {(a0 + i, b0 + j, size) for i, j, size in blocks}


def common_blocks(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[Stretch]:
    """Return a longest common subsequence of two lists of words, as blocks in order.

    Source: rapidfuzz (bit-parallel, Hyyrö 2004).

    >>> common_blocks(["a", "b", "x", "c"], ["a", "b", "c"])
    [(0, 0, 2), (3, 2, 1)]
    """
    from rapidfuzz.distance import LCSseq

    blocks = LCSseq.editops(left, right).as_matching_blocks()
    return [(block.a, block.b, block.size) for block in blocks if block.size]


def _words(side: IndexedText, terms: tuple[int, int]) -> tuple[int, int]:
    """Return the range of words of a range of terms."""
    at = side.terms.at
    return int(at[terms[0]]), int(at[terms[1] - 1]) + side.terms.width


def _shared(a: tuple[int, int], b: tuple[int, int]) -> int:
    return min(a[1], b[1]) - max(a[0], b[0])


def _make_alignment(
    left: IndexedText, right: IndexedText, runs: list[Run], pairs: Pairs
) -> Alignment:
    """Put together what runs and pairs of terms say of one passage."""
    on_left = _aligned_positions(left, {i for i, _ in pairs}, runs, 0)
    on_right = _aligned_positions(right, {j for _, j in pairs}, runs, 1)
    return Alignment(
        (int(on_left[0]), int(on_left[-1]) + 1),
        (int(on_right[0]), int(on_right[-1]) + 1),
        tuple(runs),
        int(min(left.is_term[on_left].sum(), right.is_term[on_right].sum())),
        on_left,
        on_right,
    )


def _aligned_positions(side: IndexedText, terms: set[int], runs: list[Run], which: int) -> Int64s:
    width = side.terms.width
    begins = side.terms.at[list(terms)].tolist() if terms else []
    found = {word + at for word in begins for at in range(width)}
    for run in runs:
        for stretch in run.stretches:
            found.update(range(stretch[which], stretch[which] + stretch[2]))
    return np.array(sorted(found), dtype=np.int64)


def _swap_alignment(found: Alignment) -> Alignment:
    return Alignment(
        found.right,
        found.left,
        tuple(_swap(found.runs)),
        found.num_terms,
        found.aligned_right,
        found.aligned_left,
    )


def equal_stretches(
    left: KeptText, right: KeptText, pairs: Iterable[tuple[Passage, Passage]]
) -> list[Stretch]:
    """Return the pairs of passages of the same words, those that continue each other joined."""
    return _merge_diagonals(
        {
            (a.first, b.first, a.last - a.first)
            for a, b in pairs
            if left.codes[a.first : a.last] == right.codes[b.first : b.last]
        }
    )


def align_documents(left: KeptText, right: KeptText) -> list[Run]:
    """Find the runs of equal wording over two whole documents."""
    if _is_swapped(left, right):
        return _swap(align_documents(right, left))
    return _find_runs(left, right, common_blocks(left.codes, right.codes), 0.0)


def _is_swapped(left: KeptText, right: KeptText) -> bool:
    """Tell whether two documents are aligned the other way round.

    Of several common subsequences one is taken; which must not depend on document ids.
    """
    shorter = min(left.num_words, right.num_words)
    differing = np.flatnonzero(left.hashes[:shorter] != right.hashes[:shorter])
    if not len(differing):
        return right.num_words < left.num_words
    first = int(differing[0])
    return right.fold(first, first + 1) < left.fold(first, first + 1)


def _swap(runs: Iterable[Run]) -> list[Run]:
    """Exchange the sides of runs."""
    swapped = [
        Run(run.right, run.left, tuple((j, i, size) for i, j, size in run.stretches))
        for run in runs
    ]
    return sorted(swapped, key=lambda run: (run.left, run.right))


def _find_runs(
    left: KeptText, right: KeptText, stretches: Sequence[Stretch], min_aligned_ratio: float
) -> list[Run]:
    """Chain stretches into runs, none of which reaches over removed boilerplate on either side."""
    zones: dict[tuple[int, int], list[Stretch]] = {}
    for i, j, size in stretches:
        here = (left.zones[i], right.zones[j])
        if here == (left.zones[i + size - 1], right.zones[j + size - 1]):  # Zones only grow.
            zones.setdefault(here, []).append((i, j, size))
            continue
        at = 0
        for offset in range(1, size + 1):
            here = (left.zones[i + at], right.zones[j + at])
            is_last = offset == size
            if is_last or (left.zones[i + offset], right.zones[j + offset]) != here:
                zones.setdefault(here, []).append((i + at, j + at, offset - at))
                at = offset
    chains = [chain for group in zones.values() for chain in _chain(group)]
    runs = [run for chain in chains for run in _part(chain, min_aligned_ratio)]
    return _without_overlaps([_grow(left, right, run) for run in runs])


def _grow(left: KeptText, right: KeptText, run: Run) -> Run:
    """Let a run begin and end where its words do.

    Of several common subsequences one may pair the first word of a sentence with an equal one
    before it, which is then trimmed as chance.
    """
    (i, i_end), (j, j_end) = run.left, run.right
    zones = left.zones[i], right.zones[j]

    def is_equal(at: int, other: int) -> bool:
        return (
            0 <= at < left.num_words
            and 0 <= other < right.num_words
            and left.codes[at] == right.codes[other]
            and (left.zones[at], right.zones[other]) == zones
        )

    before = after = 0
    while is_equal(i - before - 1, j - before - 1):
        before += 1
    while is_equal(i_end + after, j_end + after):
        after += 1
    if not before and not after:
        return run
    stretches = list(run.stretches)
    (a, b, size) = stretches[0]
    stretches[0] = (a - before, b - before, size + before)
    (a, b, size) = stretches[-1]
    stretches[-1] = (a, b, size + after)
    return Run((i - before, i_end + after), (j - before, j_end + after), tuple(stretches))


def _merge_diagonals(stretches: set[Stretch]) -> list[Stretch]:
    """Join stretches that continue each other, as overlapping windows find them in pieces."""
    merged: list[Stretch] = []
    for i, j, size in sorted(stretches, key=lambda s: (s[0] - s[1], s[0], s[2])):
        if merged:
            last_i, last_j, last_size = merged[-1]
            if last_i - last_j == i - j and i <= last_i + last_size:
                merged[-1] = (last_i, last_j, max(last_size, i + size - last_i))
                continue
        merged.append((i, j, size))
    return sorted(merged)


def _chain(stretches: Sequence[Stretch]) -> list[list[Stretch]]:
    """Chain stretches that follow each other on both sides within the allowed gap."""
    open_chains: list[list[Stretch]] = []
    closed: list[list[Stretch]] = []
    for stretch in stretches:
        i, j, _ = stretch
        still_open = []
        best: tuple[int, list[Stretch]] | None = None
        for chain in open_chains:
            last_i, last_j, last_size = chain[-1]
            gap_left, gap_right = i - last_i - last_size, j - last_j - last_size
            if gap_left > _MAX_GAP_WORDS:
                closed.append(chain)
                continue
            still_open.append(chain)
            fits = gap_left >= 0 and 0 <= gap_right <= _MAX_GAP_WORDS
            if fits and (best is None or gap_left + gap_right < best[0]):
                best = (gap_left + gap_right, chain)
        open_chains = still_open
        if best is None:
            open_chains.append([stretch])
        else:
            best[1].append(stretch)
    return [*closed, *open_chains]


def _part(chain: list[Stretch], min_aligned_ratio: float) -> list[Run]:
    """Make runs of a chain, parting it at its widest gap while too little of it is aligned."""
    if len(chain) == 1:
        return [make_run(chain[0])]
    run = _trim(chain)
    if len(run.stretches) == 1 or run.aligned_ratio >= min_aligned_ratio:
        return [run]
    kept = list(run.stretches)
    gaps = [_gap_words(before, after) for before, after in pairwise(kept)]
    widest = gaps.index(max(gaps)) + 1
    return [
        part for half in (kept[:widest], kept[widest:]) for part in _part(half, min_aligned_ratio)
    ]


def make_run(stretch: Stretch) -> Run:
    """Make a run of one stretch."""
    i, j, size = stretch
    return Run((i, i + size), (j, j + size), (stretch,))


def _trim(chain: list[Stretch]) -> Run:
    """Drop single words at the ends of a chain that a gap parts from the rest: they are chance."""
    first, last = 0, len(chain)
    while last - first > 1 and chain[first][2] == 1 and _gap(chain[first], chain[first + 1]) > 1:
        first += 1
    while (
        last - first > 1 and chain[last - 1][2] == 1 and _gap(chain[last - 2], chain[last - 1]) > 1
    ):
        last -= 1
    kept = chain[first:last]
    (i, j, _), (last_i, last_j, size) = kept[0], kept[-1]
    return Run((i, last_i + size), (j, last_j + size), tuple(kept))


def _gap(before: Stretch, after: Stretch) -> int:
    return max(after[0] - before[0] - before[2], after[1] - before[1] - before[2])


def _gap_words(before: Stretch, after: Stretch) -> int:
    """Count the words of both sides between two stretches."""
    return after[0] + after[1] - before[0] - before[1] - 2 * before[2]


def _without_overlaps(runs: list[Run]) -> list[Run]:
    """Keep the best run where several pair the same words of both sides.

    A passage that one side holds twice is paired twice.
    """
    kept: list[Run] = []
    near: dict[int, list[Run]] = {}  # Kept runs by where they are on the left.
    for run in sorted(runs, key=lambda r: (-r.num_aligned, r.left, r.right)):
        cells = range(run.left[0] // _CELL_WORDS, (run.left[1] - 1) // _CELL_WORDS + 1)
        if not any(
            _overlap(run.left, k.left) and _overlap(run.right, k.right)
            for cell in cells
            for k in near.get(cell, ())
        ):
            kept.append(run)
            for cell in cells:
                near.setdefault(cell, []).append(run)
    return sorted(kept, key=lambda r: (r.left, r.right))


def _overlap(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Tell whether two word ranges share half of the shorter one or more."""
    return 2 * _shared(a, b) >= min(a[1] - a[0], b[1] - b[0])


def covered_words(passage: Passage, run: Run, side: int) -> int:
    """Count the words of a passage that a run aligns; `side` is 0 for left and 1 for right."""
    return sum(
        min(passage.last, stretch[side] + stretch[2]) - max(passage.first, stretch[side])
        for stretch in run.stretches[touched_stretches(passage, run, side)]
    )


def touched_stretches(passage: Passage, run: Run, side: int) -> slice:
    """Return which of a run's stretches, in order on both sides, a passage has words of."""
    first = bisect_right(run.stretches, passage.first, key=lambda s: s[side] + s[2])
    return slice(first, bisect_left(run.stretches, passage.last, first, key=lambda s: s[side]))


def touched_passages(passages: Sequence[Passage], words: tuple[int, int]) -> range:
    """Return the indexes of the passages, in order and apart, that have words in a range."""
    first = bisect_right(passages, words[0], key=_last)
    return range(first, bisect_left(passages, words[1], first, key=lambda p: p.first))


class Conflict(msgspec.Struct, frozen=True):
    """A place where aligned wordings disagree on a fact: a figure, or a negation more or less."""

    kind: str
    left: int
    right: int


def find_conflicts(left: KeptText, right: KeptText, run: Run) -> list[Conflict]:
    """Find where a run's two sides state different facts.

    Figures conflict when both sides have some between the same aligned words and they differ; a
    figure that one side leaves out does not contradict the other. Negations conflict when their
    number differs; a whole sentence that one side leaves out is no conflict. A sentence that the
    run breaks off in is read on for a few words: `rose to 25`
    contradicts `rose to 30`.

    Returns:
        Conflicts in the order of the left document; `kind` is `figures` or `negation`.
    """
    found = []
    head = _edge(left, run.left[0], -1), _edge(right, run.right[0], -1)
    if _figures_differ(*head):
        found.append(Conflict("figures", run.left[0] - len(head[0]), run.right[0] - len(head[1])))
    for before, after in pairwise(run.stretches):
        i, j = before[0] + before[2], before[1] + before[2]
        is_omission = i == after[0] or j == after[1]
        if is_omission and left.is_whole(i, after[0]) and right.is_whole(j, after[1]):
            continue
        kind = tell_difference(left.fold(i, after[0]), right.fold(j, after[1]))
        if kind is not None:
            found.append(Conflict(kind, i, j))
    if _figures_differ(_edge(left, run.left[1], 1), _edge(right, run.right[1], 1)):
        found.append(Conflict("figures", run.left[1], run.right[1]))
    return found


def _edge(side: KeptText, at: int, step: int) -> Sequence[str]:
    """Return the words before (`step=-1`) or after (`step=1`) a place, within its sentence."""
    first, last = max(0, at - _MAX_GAP_WORDS), min(side.num_words, at + _MAX_GAP_WORDS)
    here = (first, at) if step < 0 else (at, last)
    if not side.may_have_figures(*here) or not _has_figures(side.fold(*here)):
        return []
    inside = at if step < 0 else at - 1
    sentence = side.sentences[bisect_right(side.sentences, inside, key=_last)]
    if step < 0:
        return side.fold(max(first, sentence.first), at)
    return side.fold(at, min(last, sentence.last))


def _last(passage: Passage) -> int:
    return passage.last


def tell_difference(left: Sequence[str], right: Sequence[str]) -> str | None:
    """Say in which kind of fact two wordings between the same aligned words differ, if in any.

    Only a short addition turns a statement round; a longer one is a statement of its own.

    >>> tell_difference(["five", "5"], ["7"]), tell_difference(["not"], []), tell_difference([], [])
    ('figures', 'negation', None)
    """
    if not left and not right:
        return None
    if _figures_differ(left, right):
        return "figures"
    if max(len(left), len(right)) > _MAX_GAP_WORDS:
        return None
    num_left, num_right = (sum(word in NEGATIONS for word in side) for side in (left, right))
    return "negation" if num_left != num_right else None


def find_difference(
    left: Sequence[str], right: Sequence[str], stretches: Iterable[Stretch]
) -> str | None:
    """Say in which kind of fact two aligned passages differ, their ends included, if in any.

    Args:
        left: The words of a passage.
        right: Those of another one.
        stretches: What is aligned, in order, by positions in the two.
    """
    i = j = 0
    for after_i, after_j, size in (*stretches, (len(left), len(right), 0)):
        is_statement = max(after_i - i, after_j - j) > _MAX_GAP_WORDS
        if not is_statement or (i < after_i and j < after_j):
            kind = tell_difference(left[i:after_i], right[j:after_j])
            if kind is not None:
                return kind
        i, j = after_i + size, after_j + size
    return None


def _figures_differ(left: Sequence[str], right: Sequence[str]) -> bool:
    """Tell whether both sides have figures and they differ; `4.20pm` is `4.20 p.m.`."""
    shorter, longer = sorted((left, right), key=len)
    one = _digits(shorter)
    return bool(one) and (other := _digits(longer)) != "" and one != other


def _digits(words: Iterable[str]) -> str:
    return "".join(filter(str.isdigit, "".join(words)))


def _has_figures(words: Iterable[str]) -> bool:
    return any(map(str.isdigit, "".join(words)))
