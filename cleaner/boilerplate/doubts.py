"""The block model's part in the judgement of a text: blocks that it doubts, beyond all rules.

A page is judged where its HTML is (`extraction`); here the model sees lines only. What rules
removed is evidence for it: the neighbours of junk are more often junk.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cleaner.block_model.model import MODEL_LIMIT, BlockModel
from cleaner.block_model.text_features import Columns, describe_text
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


def describe_lines(
    text: str, facts: Sequence[BlockFacts], ruled_out: Sequence[bool], language: str | None
) -> Columns:
    """Return the features of the lines of a text.

    Args:
        text: The document's text.
        facts: Its blocks.
        ruled_out: Whether rules removed each block.
        language: The text's language.
    """
    columns = describe_text(text, [block.block for block in facts], language=language, title="")
    columns |= facts_columns(facts)
    columns["ruled_out"] = np.array(ruled_out, dtype=np.float32)
    return columns


def doubt_blocks(
    text: str, facts: Sequence[BlockFacts], page: Page, language: str | None, model: BlockModel
) -> dict[int, Verdict]:
    """Return verdicts on the blocks that the model takes for no main content, by block index.

    Args:
        text: The document's text.
        facts: The blocks that are looked at: what was left before the rules ran.
        page: What rules left, and its zones.
        language: The text's language.
        model: The block model for text.
    """
    if not page.facts:
        return {}
    left = {block.index for block in page.facts}
    ruled_out = [block.index not in left for block in facts]
    columns = describe_lines(text, facts, ruled_out, language)
    judgement = model.judge(columns, [""] * len(facts))
    num_likely = int((judgement.main >= MODEL_LIMIT).sum())
    is_raw = (
        len(facts) >= _MIN_RAW_BLOCKS
        and 2 * num_likely < len(facts)
        and (
            sum(ruled_out) >= _MIN_RAW_RULED * len(facts)
            or num_likely < _MAX_RAW_LIKELY * len(facts)
        )
    )
    limit = MODEL_LIMIT if is_raw else _CLEAN_LIMIT
    doubted = [
        at
        for at, block in enumerate(facts)
        if judgement.main[at] < limit and block.index in left and block.index != page.headline
    ]
    return {
        facts[at].index: doubt(float(judgement.main[at]), evidence)
        for at, evidence in zip(doubted, judgement.evidence(doubted), strict=True)
    }
