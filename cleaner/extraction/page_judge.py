"""Decide which blocks of a page are its main content: the block model, and whom it asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from cleaner.block_model.model import MODEL_LIMIT, Judgement, load_model
from cleaner.block_model.text_features import PARAGRAPH_WORDS, Column, Columns
from cleaner.config import ExtractConfig
from cleaner.extraction.main_content import extract_main_content
from cleaner.extraction.metadata import LinkedData
from cleaner.extraction.page_evidence import PageText, describe_blocks, mark_blocks
from cleaner.model import Block, only_first_heading

_MAX_BLOCKS = 20_000
"""Features and trees take half a second for a thousand blocks; the limit of a page is a minute."""
_STANDFIRST_WORDS, _STANDFIRST_LINKS, _STANDFIRST_SHARED = 8, 0.3, 0.4
_STANDFIRST_LIMIT, _FIRST_LIMIT, _STANDFIRST_BLOCKS = 0.1, 0.2, 12
_LEAST_SURE = 0.75
"""Expected F1 below which trafilatura decides: 1 page in 50. Cross-validated F1 of four labelled
sets rises by .010, .007, .000 and -.001."""


class MainContent(msgspec.Struct, frozen=True):
    """What was found on a page.

    Attributes:
        blocks: Its blocks as rows of `model.TEXTS` have them, with how likely each is to be main
            content.
        notes: What went another way than usual.
        is_too_long: Whether the page is left alone, as looking closely would take minutes.
    """

    blocks: list[dict[str, Any]]
    notes: tuple[str, ...] = ()
    is_too_long: bool = False


def find_main_content(
    page: PageText, data: LinkedData, config: ExtractConfig, *, uses_model: bool
) -> MainContent:
    """Judge the blocks of a page.

    The block model looks first. Where it is not sure of the page as a whole (expected F1 below
    `second_opinion`), trafilatura is asked, and its answer is one more feature of every block.
    Where the model is far from sure even then, that answer decides.

    Args:
        page: The page as text.
        data: Its JSON-LD.
        config: How pages become text.
        uses_model: False leaves the page to trafilatura.
    """
    if len(page.source) > config.max_page_chars or len(page.blocks) > _MAX_BLOCKS:
        return MainContent(
            _mark(page.blocks, None, None), ("page too long to be judged",), is_too_long=True
        )
    if not page.blocks:
        return MainContent([])
    notes: tuple[str, ...] = ()
    judgement: Judgement | None = None
    extracted: Column | None = None
    if uses_model:
        columns, notes = describe_blocks(page, data)
        judgement = _judge("page", page, columns)
    if judgement is None or judgement.expected_f1 < config.second_opinion:
        found, problem = extract_main_content(page.root, page.source)
        if problem:
            notes = (*notes, problem)
        else:
            extracted = mark_blocks(page, found)
            if uses_model:
                judgement = _judge_with(extracted, page, columns)
    return MainContent(_mark(page.blocks, judgement, extracted), notes)


def _judge_with(extracted: Column, page: PageText, columns: Columns) -> Judgement:
    """Judge blocks once more, knowing which of them trafilatura took."""
    judgement = _judge("page_with_extraction", page, columns | {"in_trafilatura": extracted})
    return defer(judgement, extracted)


def defer(judgement: Judgement, extracted: Column) -> Judgement:
    """Let trafilatura decide where the model is far from sure, though it knows its answer."""
    if judgement.expected_f1 >= _LEAST_SURE:
        return judgement
    main = (judgement.main + extracted) / np.float32(2)
    return msgspec.structs.replace(judgement, main=main)


def _judge(model: str, page: PageText, columns: Columns) -> Judgement:
    """Judge blocks by a model, and keep the standfirst."""
    judgement = load_model(model).judge(columns, page.keys)
    standfirst = _find_standfirst(page, columns, judgement.main)
    if not standfirst:
        return judgement
    main = judgement.main.copy()
    main[standfirst] = np.maximum(main[standfirst], MODEL_LIMIT)
    return msgspec.structs.replace(judgement, main=main)


def _find_standfirst(page: PageText, columns: Columns, main: Column) -> list[int]:
    """Return the sentence under the headline, and those before the first paragraph on its subject.

    They stand in the header of a page, among bylines and buttons, so the model doubts them. Of 20
    that it doubts on labelled news pages, 17 are main content; of 24 on other articles, 8.
    """
    heading = only_first_heading(page.blocks)
    is_sentence = (columns["ends_sentence"] > 0) & (columns["link_ratio"] < _STANDFIRST_LINKS)
    is_long = columns["words"] >= PARAGRAPH_WORDS
    body = np.flatnonzero((main >= MODEL_LIMIT) & is_sentence & is_long)
    if heading is None or not len(body):
        return []
    is_on_subject = (columns["like_title"] > 0) | (columns["shared_words"] >= _STANDFIRST_SHARED)
    begin = heading + 1
    is_first = np.arange(len(main)) == begin
    is_possible = (
        is_sentence
        & (is_on_subject | (is_first & (main >= _FIRST_LIMIT)))
        & (columns["words"] >= _STANDFIRST_WORDS)
        & (columns["first_time"] > 0)
        & (columns["decisive_cue"] == 0)
        & (main >= _STANDFIRST_LIMIT)
    )
    end = min(int(body[0]), begin + _STANDFIRST_BLOCKS)
    return [at for at in range(begin, end) if is_possible[at]]


def _mark(
    blocks: Sequence[Block], judgement: Judgement | None, extracted: Column | None
) -> list[dict[str, Any]]:
    """Return blocks with how likely each is main content, and what speaks against it."""
    size = len(blocks)
    kept = [-1] * size if extracted is None else extracted.astype(int).tolist()
    main, evidence = [-1.0] * size, [""] * size
    if judgement is not None:
        main = judgement.main.tolist()
        doubted = np.flatnonzero(judgement.main < MODEL_LIMIT).tolist()
        for at, found in zip(doubted, judgement.evidence(doubted), strict=True):
            evidence[at] = found
    return [
        {
            "begin": block.begin,
            "end": block.end,
            "tag": block.tag,
            "link_ratio": block.link_ratio,
            "in_extraction": is_in,
            "main": probability,
            "evidence": against,
        }
        for block, is_in, probability, against in zip(blocks, kept, main, evidence, strict=True)
    ]
