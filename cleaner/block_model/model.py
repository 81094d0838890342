"""The block model: how likely each block is to be main content, and which features say so.

Two looks. The first judges each block by itself and by what its neighbours look like; the second
knows what the first said about all of them. Both are boosted trees, trained by `training/` on
labelled pages and stored under `weights/`, one file a situation:

    page                  a page's blocks, with its elements, class names and containers
    page_with_extraction  the same, and what trafilatura kept of them
    text                  lines of a text whose HTML is gone
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
import numpy.typing as npt

from cleaner.block_model.context import look_again, look_around
from cleaner.block_model.text_features import Column, Columns
from cleaner.block_model.trees import Trees, read_trees

Matrix = npt.NDArray[np.float32]
"""Features of blocks, shape (blocks, features)."""
MODEL_LIMIT = 0.5
"""Blocks of a page with a lower probability are no main content."""
_GAP_LIMIT = 0.4
MODELS = ("page", "page_with_extraction", "text")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the model says about the blocks of one document.

    Attributes:
        main: Probability of each block to be main content, shape (blocks,), gaps filled.
        expected_f1: The F1, by words, of keeping the blocks above one half, if the probabilities
            are right: how sure the model is of the document as a whole.
    """

    main: Column
    expected_f1: float
    _model: BlockModel
    _looks: tuple[Matrix, Matrix]

    def evidence(self, indexes: Sequence[int]) -> list[str]:
        """Say what speaks against some blocks: groups of features and what each adds.

        `links -2.1, place -0.8, shape +0.4`: log-odds of main content, the strongest against it
        first; groups that add less than `_MIN_SHARE` either way are left out.
        """
        if not len(indexes):
            return []
        shares = self._model.shares(*(matrix[indexes] for matrix in self._looks))
        return [_describe(row) for row in shares]


@dataclass(frozen=True, slots=True)
class BlockModel:
    """The trees of both looks."""

    first: Trees
    second: Trees

    def judge(self, columns: Columns, keys: Sequence[str]) -> Judgement:
        """Judge the blocks of one document.

        Args:
            columns: Features by name, one number a block.
            keys: What blocks of one kind share, e.g. their path of elements.
        """
        columns = columns | look_around(columns)
        first_matrix = stack(columns, self.first.names)
        first = probability(self.first.log_odds(first_matrix))
        columns |= look_again(first, columns["words"], keys)
        second_matrix = stack(columns, self.second.names)
        main = probability(self.second.log_odds(second_matrix))
        looks = (first_matrix, second_matrix)
        return Judgement(fill_gaps(main), expected_f1(main, columns["words"]), self, looks)

    def shares(self, first: Matrix, second: Matrix) -> npt.NDArray[np.float64]:
        """Return what each group of `GROUPS` adds to the log-odds of rows, shape (rows, groups).

        What the second look takes from the first look's probability is divided among the groups as
        the first look's own log-odds were made up.
        """
        later = _by_group(self.second.shares(second)[:, :-1], self.second.names)
        earlier = _by_group(self.first.shares(first)[:, :-1], self.first.names)
        at = GROUPS.index("first_look")
        own = later[:, at].copy()
        later[:, at] = 0.0
        weight = np.maximum(np.abs(earlier).sum(axis=1), 1e-9)
        same = np.where(np.sign(earlier) == np.sign(own)[:, None], np.abs(earlier), 0.0)
        total = same.sum(axis=1)
        part = np.where(total[:, None] > 0, same / np.maximum(total, 1e-9)[:, None],
                        np.abs(earlier) / weight[:, None])  # fmt: skip
        return np.asarray(later + own[:, None] * part, dtype=np.float64)


def stack(columns: Mapping[str, Column], names: Sequence[str]) -> Matrix:
    """Put columns beside each other, shape (blocks, features)."""
    return np.column_stack([columns[name] for name in names])


def probability(log_odds: npt.NDArray[np.float64]) -> Column:
    """Return probabilities, rounded, so that machines all but always agree."""
    return np.round(1 / (1 + np.exp(-log_odds)), 4).astype(np.float32)


def fill_gaps(main: Column) -> Column:
    """Give a doubtful block between two blocks of main content the benefit of the doubt.

    Cross-validated, this leaves F1 as it is (between -.001 and +.001 on five sets) and loses fewer
    subheadings and short paragraphs.
    """
    filled = main.copy()
    is_main = main >= MODEL_LIMIT
    is_gap = (main[1:-1] >= _GAP_LIMIT) & is_main[:-2] & is_main[2:]
    filled[1:-1] = np.where(is_gap, np.maximum(main[1:-1], MODEL_LIMIT), main[1:-1])
    return filled


def expected_f1(main: Column, words: Column) -> float:
    """Return the F1, by words, to be expected when blocks above one half are kept."""
    kept = main >= MODEL_LIMIT
    hits = float((main * words)[kept].sum())
    return 2 * hits / max(1e-6, float(words[kept].sum()) + float((main * words).sum()))


GROUPS = (
    "repeats",
    "links",
    "wording",
    "shape",
    "cues",
    "extractors",
    "class_names",
    "container",
    "elements",
    "neighbours",
    "place",
    "first_look",
)
"""Groups of features, as evidence is shown."""
_REASONS = {
    "repeats": "repeated_on_the_page",
    "links": "made_of_links",
    "wording": "not_worded_as_running_text",
    "shape": "not_shaped_as_running_text",
    "cues": "phrases_of_boilerplate",
    "extractors": "left_out_by_extractors",
    "class_names": "class_names_of_boilerplate",
    "container": "outside_the_container_of_the_article",
    "elements": "element_of_boilerplate",
    "neighbours": "among_boilerplate",
    "place": "outside_the_zone_of_the_article",
}
_AROUND = ("neighbours", "place")
_MIN_SHARE = 0.05
_MAX_SHOWN = 4
_NAMES = {
    "repeats": ("times", "first_time", "shared_words"),
    "links": ("link_ratio",),
    "wording": ("stop_word_share", "like_title"),
    "cues": (
        "decisive_cue",
        "phrases",
        "is_date",
        "names_author",
        "row_of_labels",
        "addresses_reader",
        "section_heading",
        "assembled",
        "only_names",
        "ruled_out",
    ),
    "extractors": ("in_trafilatura", "in_resiliparse", "in_article_body"),
    "neighbours": ("in_zone",),
    "first_look": ("first",),
}
_PREFIXES = {
    "neighbours": ("first_", "since_sure", "until_sure", "sure_", "since_zone", "until_zone"),
    "class_names": ("hint_", "path_"),
    "container": ("box", "best_", "half_", "most_", "like_"),
    "elements": ("is_", "in_", "depth", "num_headings"),
    "place": ("from_", "place", "text_", "running_", "paragraphs_", "since_", "until_", "page_"),
}


@functools.cache
def group_of(name: str) -> str:
    """Return the group that a feature is shown under.

    >>> group_of("hint_comment"), group_of("words"), group_of("words~4")
    ('class_names', 'shape', 'neighbours')
    """
    if any(mark in name for mark in "+-~"):
        return "neighbours"
    for group, names in _NAMES.items():
        if name in names:
            return group
    for group, prefixes in _PREFIXES.items():
        if name.startswith(prefixes):
            return group
    return "shape"


def reason_of(evidence: str) -> str:
    """Return the strongest reason in evidence that is the block's own, else the strongest.

    >>> reason_of("neighbours -2.1, links -0.8")
    'made_of_links'
    """
    against = [part.split()[0] for part in evidence.split(", ") if " -" in part]
    own = [group for group in against if group not in _AROUND]
    return _REASONS.get((own or against or [""])[0], "unlike_main_content")


def _by_group(shares: npt.NDArray[np.float64], names: Sequence[str]) -> npt.NDArray[np.float64]:
    sums = np.zeros((len(shares), len(GROUPS)), dtype=np.float64)
    for at, name in enumerate(names):
        sums[:, GROUPS.index(group_of(name))] += shares[:, at]
    return sums


def _describe(shares: npt.NDArray[np.float64]) -> str:
    order = np.argsort(shares, kind="stable")
    against = [at for at in order if shares[at] <= -_MIN_SHARE][:_MAX_SHOWN]
    in_favour = [at for at in order[::-1] if shares[at] >= _MIN_SHARE][:1]
    return ", ".join(f"{GROUPS[at]} {shares[at]:+.1f}" for at in (*against, *in_favour))


@functools.cache
def load_model(name: str) -> BlockModel:
    """Return one of the models `MODELS`, read once a process."""
    source = resources.files("cleaner.block_model") / "weights" / f"{name}.json"
    data = json.loads(source.read_text(encoding="utf-8"))
    return BlockModel(read_trees(data["first"]), read_trees(data["second"]))
