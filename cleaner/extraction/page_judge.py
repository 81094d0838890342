"""Decide which blocks of a page are its main content: the block model, and whom it asks."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from cleaner.block_model.model import MODEL_LIMIT, Judgement, load_model
from cleaner.block_model.text_features import PARAGRAPH_WORDS, Column, Columns
from cleaner.config import ExtractConfig
from cleaner.extraction.blocks import drop_page_ends
from cleaner.extraction.main_content import PageFacts, extract_main_content, read_metadata
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


@dataclass(frozen=True, slots=True)
class MainContent:
    """What was found on a page.

    Attributes:
        blocks: Its blocks, with how likely each is to be main content.
        facts: What trafilatura read off the page.
        notes: What went another way than usual.
    """

    blocks: list[Block]
    facts: PageFacts
    notes: tuple[str, ...] = ()


def find_main_content(
    page: PageText, data: LinkedData, url: str | None, config: ExtractConfig, *, uses_model: bool
) -> MainContent:
    """Judge the blocks of a page.

    The block model looks first. Where it is not sure of the page as a whole (expected F1 below
    `second_opinion`), trafilatura is asked, and its answer is one more feature of every block.
    Where the model is far from sure even then, that answer decides.

    Args:
        page: The page as text.
        data: Its JSON-LD.
        url: Where it was found.
        config: How pages become text.
        uses_model: False leaves the page to trafilatura.
    """
    source = drop_page_ends(page.source)
    if len(page.source) > config.max_page_chars or len(page.blocks) > _MAX_BLOCKS:
        return MainContent(list(page.blocks), PageFacts(), ("page too long to be judged",))
    if not page.blocks:
        return MainContent([], read_metadata(source, url))
    notes: tuple[str, ...] = ()
    blocks = list(page.blocks)
    if uses_model:
        columns, notes = describe_blocks(page, data)
        judgement = _judge("page", page, columns)
        blocks = _mark(page, judgement)
        if judgement.expected_f1 >= config.second_opinion:
            return MainContent(blocks, read_metadata(source, url), notes)
    facts = extract_main_content(source, url)
    if not facts.text:
        problem = (
            f"trafilatura failed with {facts.failure}"
            if facts.failure
            else "trafilatura found no main content"
        )
        return MainContent(blocks, facts, (*notes, problem))
    extracted = mark_blocks(page, facts.text)
    if uses_model:
        judgement = _judge("page_with_extraction", page, columns | {"in_trafilatura": extracted})
        if judgement.expected_f1 < _LEAST_SURE:
            main = (judgement.main + extracted) / np.float32(2)
            judgement = dataclasses.replace(judgement, main=main)
        blocks = _mark(page, judgement)
    marked = [
        dataclasses.replace(block, in_extraction=int(kept))
        for block, kept in zip(blocks, extracted, strict=True)
    ]
    return MainContent(marked, facts, notes)


def _judge(model: str, page: PageText, columns: Columns) -> Judgement:
    """Judge blocks by a model, and keep the standfirst."""
    judgement = load_model(model).judge(columns, page.keys)
    standfirst = _find_standfirst(page, columns, judgement.main)
    if not standfirst:
        return judgement
    main = judgement.main.copy()
    main[standfirst] = np.maximum(main[standfirst], MODEL_LIMIT)
    return dataclasses.replace(judgement, main=main)


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


def _mark(page: PageText, judgement: Judgement) -> list[Block]:
    """Note with each block how likely it is main content, and what speaks against it."""
    doubted = [at for at, main in enumerate(judgement.main) if main < MODEL_LIMIT]
    evidence = dict(zip(doubted, judgement.evidence(doubted), strict=True))
    return [
        dataclasses.replace(block, main=float(judgement.main[at]), evidence=evidence.get(at, ""))
        for at, block in enumerate(page.blocks)
    ]
