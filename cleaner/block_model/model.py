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
from collections.abc import Mapping, Sequence
from importlib import resources

import msgspec
import numpy as np
import numpy.typing as npt

from cleaner.block_model.context import look_again, look_around
from cleaner.block_model.documents import Documents
from cleaner.block_model.evidence import GROUPS, describe_shares
from cleaner.block_model.text_features import Column, Columns
from cleaner.block_model.trees import Leaves, Trees, read_trees

Matrix = npt.NDArray[np.float32]
"""Features of blocks, shape (blocks, features)."""
MODEL_LIMIT = 0.5
"""Blocks of a page with a lower probability are no main content."""
_GAP_LIMIT = 0.4
MODELS = ("page", "page_with_extraction", "text")


class Judgement(msgspec.Struct, frozen=True):
    """What the model says about the blocks of documents.

    Attributes:
        main: Probability of each block to be main content, shape (blocks,), gaps filled.
    """

    main: Column
    _unfilled: Column
    _words: Column
    _model: BlockModel
    _leaves: tuple[Leaves, Leaves]

    @property
    def expected_f1(self) -> float:
        """The F1, by words, of keeping the blocks above one half, if the probabilities are right.

        It says how sure the model is of a document as a whole.
        """
        return expected_f1(self._unfilled, self._words)

    def evidence(self, indexes: Sequence[int]) -> list[str]:
        """Say what speaks against some blocks: `links -2.1, place -0.8, shape +0.4`."""
        if not len(indexes):
            return []
        return describe_shares(self._model.shares(*(each[:, indexes] for each in self._leaves)))


class BlockModel(msgspec.Struct, frozen=True):
    """The trees of both looks."""

    first: Trees
    second: Trees

    def judge(
        self, columns: Columns, keys: Sequence[str], documents: Documents | None = None
    ) -> Judgement:
        """Judge the blocks of documents.

        Args:
            columns: Features by name, one number a block.
            keys: What blocks of one kind share, e.g. their path of elements.
            documents: What blocks belong to; None for one document.
        """
        words = columns["words"]
        documents = documents or Documents([len(words)])
        columns = columns | look_around(columns, documents)
        first_leaves = self.first.find_leaves(stack(columns, self.first.names))
        first = probability(self.first.log_odds(first_leaves))
        columns |= look_again(first, words, keys, documents)
        second_leaves = self.second.find_leaves(stack(columns, self.second.names))
        main = probability(self.second.log_odds(second_leaves))
        leaves = (first_leaves, second_leaves)
        return Judgement(fill_gaps(main, documents), main, words, self, leaves)

    def shares(self, first: Leaves, second: Leaves) -> npt.NDArray[np.float64]:
        """Return what each of `GROUPS` adds to the log-odds of blocks, shape (blocks, groups).

        What the second look takes from the first look's probability is divided among the groups as
        the first look's own log-odds were made up.
        """
        later, earlier = self.second.sum_shares(second), self.first.sum_shares(first)
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
    return np.array([columns[name] for name in names], dtype=np.float32).T


def probability(log_odds: npt.NDArray[np.float64]) -> Column:
    """Return probabilities, rounded, so that machines all but always agree."""
    return np.round(1 / (1 + np.exp(-log_odds)), 4).astype(np.float32)


def fill_gaps(main: Column, documents: Documents) -> Column:
    """Give a doubtful block between two blocks of main content the benefit of the doubt.

    Cross-validated, this leaves F1 as it is (between -.001 and +.001 on five sets) and loses fewer
    subheadings and short paragraphs.
    """
    is_main = main >= MODEL_LIMIT
    last = documents.ends - documents.begins - 1
    is_gap = (main >= _GAP_LIMIT) & (documents.at > 0) & (documents.at < last)
    is_gap[1:-1] &= is_main[:-2] & is_main[2:]
    return np.where(is_gap, np.maximum(main, np.float32(MODEL_LIMIT)), main)


def expected_f1(main: Column, words: Column) -> float:
    """Return the F1, by words, to be expected when blocks above one half are kept."""
    kept = main >= MODEL_LIMIT
    hits = float((main * words)[kept].sum())
    return 2 * hits / max(1e-6, float(words[kept].sum()) + float((main * words).sum()))


@functools.cache
def load_model(name: str) -> BlockModel:
    """Return one of the models `MODELS`, read once a process."""
    source = resources.files("cleaner.block_model") / "weights" / f"{name}.json"
    data = msgspec.json.decode(source.read_bytes())
    return BlockModel(read_trees(data["first"]), read_trees(data["second"]))
