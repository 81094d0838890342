"""The block model's part in the judgement of a text: blocks that it doubts, beyond all rules.

A page is judged where its HTML is (`extraction`); here the model sees lines only. What rules
removed is evidence for it: the neighbours of junk are more often junk.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import msgspec
import numpy as np

from cleaner.block_model.documents import Documents, Int64s
from cleaner.block_model.model import MODEL_LIMIT, BlockModel
from cleaner.block_model.text_features import Columns, TextBlocks
from cleaner.boilerplate.facts import BlockFacts, facts_columns
from cleaner.boilerplate.page import Page
from cleaner.boilerplate.rules import doubt
from cleaner.model import Verdict

_CLEAN_LIMIT = 0.1
_MIN_RAW_BLOCKS, _MIN_RAW_RULED, _MAX_RAW_LIKELY = 60, 0.05, 0.15
"""Of a text that was extracted before, only blocks of a lower probability are removed. A page as a
whole loses all below `MODEL_LIMIT`: it has many lines, most of them doubtful, and rules hit some
or, in a language without cues, next to none is likely. Of 36 pages as lines, rules hit 17 % and
more in languages with cues, and 2 % in one without, where 3 % of the lines were likely."""


class Look(msgspec.Struct, frozen=True):
    """A document to look at.

    Attributes:
        number: Its number among the documents of a `Doubter`.
        facts: The blocks that are looked at: what was left before the rules ran.
        page: What rules left, and its zones.
    """

    number: int
    facts: Sequence[BlockFacts]
    page: Page


class Doubter:
    """Doubts the blocks of documents of one language: many at once, round after round.

    Args:
        documents: All blocks of each document.
        language: Their language.
        model: The block model for text.
    """

    def __init__(
        self, documents: Sequence[Sequence[BlockFacts]], language: str | None, model: BlockModel
    ) -> None:
        self._model = model
        facts = list(chain.from_iterable(documents))
        sizes = [len(each) for each in documents]
        self._begins = np.cumsum([0, *sizes]).tolist()
        raws = [block.text for block in facts]
        self._blocks = TextBlocks(raws, Documents(sizes), language=language)
        self._cues = facts_columns(facts)

    def describe(self, looks: Sequence[Look]) -> tuple[Columns, Documents]:
        """Return the features of the blocks that are looked at, and what they belong to."""
        chosen = [self._begins[look.number] + block.index for look in looks for block in look.facts]
        documents = Documents([len(look.facts) for look in looks])
        rows: Int64s = np.array(chosen, dtype=np.int64)
        columns = self._blocks.describe(rows, documents)
        columns |= {name: column[rows] for name, column in self._cues.items()}
        columns["ruled_out"] = np.array(_ruled_out(looks), dtype=np.float32)
        return columns, documents

    def doubt(self, looks: Sequence[Look]) -> list[dict[int, Verdict]]:
        """Return verdicts on blocks that the model takes for no main content.

        Returns:
            For each look, verdicts by block index.
        """
        columns, documents = self.describe(looks)
        judgement = self._model.judge(columns, [""] * len(documents.number), documents)
        is_ruled_out = columns["ruled_out"] > 0
        num_likely = documents.sums(judgement.main >= MODEL_LIMIT)
        num_ruled_out = documents.sums(is_ruled_out)
        is_raw = (
            (documents.sizes >= _MIN_RAW_BLOCKS)
            & (2 * num_likely < documents.sizes)
            & (
                (num_ruled_out >= _MIN_RAW_RULED * documents.sizes)
                | (num_likely < _MAX_RAW_LIKELY * documents.sizes)
            )
        )
        limits = np.where(is_raw, MODEL_LIMIT, _CLEAN_LIMIT)[documents.number]
        is_headline = [block.index == look.page.headline for look in looks for block in look.facts]
        is_doubted = (judgement.main < limits) & ~is_ruled_out & ~np.array(is_headline, dtype=bool)
        doubted = np.flatnonzero(is_doubted).tolist()
        found: list[dict[int, Verdict]] = [{} for _ in looks]
        for at, evidence in zip(doubted, judgement.evidence(doubted), strict=True):
            number = documents.number[at]
            block = looks[number].facts[documents.at[at]]
            found[number][block.index] = doubt(float(judgement.main[at]), evidence)
        return found


def _ruled_out(looks: Sequence[Look]) -> list[bool]:
    """Tell of each block that is looked at whether rules removed it."""
    ruled_out: list[bool] = []
    for look in looks:
        left = {block.index for block in look.page.facts}
        ruled_out += [block.index not in left for block in look.facts]
    return ruled_out
