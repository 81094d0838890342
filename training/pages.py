"""Labelled pages as training data: features of each block, and whether it is main content."""

from __future__ import annotations

import gzip
import json
import random
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cleaner.block_model.text_features import Column, Columns, describe_text
from cleaner.boilerplate.cues import load_cues
from cleaner.boilerplate.facts import facts_columns, find_facts
from cleaner.boilerplate.judge import judge_blocks
from cleaner.extraction.blocks import parse_page, walk_page
from cleaner.extraction.language import detect_language
from cleaner.extraction.main_content import extract_main_content, mark_extraction
from cleaner.extraction.metadata import page_language, read_linked_data
from cleaner.extraction.page_evidence import PageText, describe_blocks, mark_blocks, page_title
from cleaner.model import Block
from cleaner.reading.metadata import find_outlet
from cleaner.words import squeeze

_GRAM = 4
_MIN_GRAM_SHARE = 0.6
_MIN_GRAM_WORDS = 8
_NEAR_BLOCKS = 6
_NEAR_SHARE, _FAR_SHARE = 0.35, 0.02


@dataclass(frozen=True, slots=True)
class Sample:
    """The blocks of one document with their labels.

    Attributes:
        group: The page's registrable domain, else its id without a number; a group is never on both
            sides of a split.
        variant: `page`, or how lines were chosen from it: `all`, `extracted`, `gold`, `mixed`.
        columns: Features by name.
        extracted: Whether trafilatura kept each block (pages only).
        labels: 1 main content, 0 not, -1 not known.
        keys: What `look_again` groups by.
        lines: The blocks' text.
        gold: The labelled text.
    """

    set_name: str
    page_id: str
    group: str
    variant: str
    columns: Columns
    extracted: Column
    labels: np.ndarray[Any, np.dtype[np.int8]]
    keys: list[str]
    lines: list[str]
    gold: str


def read_rows(folder: Path) -> list[dict[str, Any]]:
    """Return the gold rows of a labelled set."""
    return [json.loads(line) for line in (folder / "gold.jsonl").read_text("utf-8").splitlines()]


def make_samples(folder: Path, row: dict[str, Any]) -> list[Sample]:
    """Return the samples of one labelled page: the page itself, and texts made of its lines."""
    data = gzip.decompress((folder / "html" / f"{row['id']}.html.gz").read_bytes())
    source = data.decode("utf-8", "replace")
    root = parse_page(source)
    if root is None:
        return []
    text, blocks, owners = walk_page(root)
    if not blocks:
        return []
    language = page_language(root) or detect_language(text)
    page = PageText(root, source, text, blocks, owners, language, page_title(root))
    columns, _ = describe_blocks(page, read_linked_data(root))
    extracted = mark_blocks(page, extract_main_content(root, source)[0])
    gold = row.get("text") or ""
    labels = _labels(page, gold) if gold else _snippet_labels(page, row)
    group = (find_outlet(row["url"]) if row.get("url") else None) or row["id"].rstrip(
        "-_0123456789"
    )
    lines = [text[block.begin : block.end] for block in blocks]
    samples = [
        Sample(folder.name, row["id"], group, "page", columns, extracted, labels, page.keys,
               lines, gold)
    ]  # fmt: skip
    if gold and (labels == 1).any():
        samples += _text_samples(samples[0], page)
    return samples


def _labels(page: PageText, gold: str) -> np.ndarray[Any, np.dtype[np.int8]]:
    """Tell which blocks are in the gold text: aligned in order, or by most of their 4-grams."""
    grams = set(_grams(gold))
    labels = []
    for block, is_in in zip(page.blocks, mark_extraction(page.squeezed, gold), strict=True):
        own = _grams(page.text[block.begin : block.end])
        is_long = len(own) > _MIN_GRAM_WORDS - _GRAM
        shared = sum(gram in grams for gram in own)
        labels.append(is_in or (is_long and shared >= _MIN_GRAM_SHARE * len(own)))
    return np.array(labels, dtype=np.int8)


def _grams(text: str) -> list[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return [tuple(words[at : at + _GRAM]) for at in range(len(words) - _GRAM + 1)]


def _snippet_labels(page: PageText, row: dict[str, Any]) -> np.ndarray[Any, np.dtype[np.int8]]:
    """Label only the blocks that hold a snippet which must (not) be in the main content."""
    keys = [squeeze(page.text[block.begin : block.end]) for block in page.blocks]
    labels = np.full(len(keys), -1, dtype=np.int8)
    for label, snippets in ((1, row.get("with")), (0, row.get("without"))):
        for snippet in snippets or ():
            key = squeeze(snippet)
            hits = [at for at, other in enumerate(keys) if key and key in other]
            if len(hits) == 1 or label == 0:
                labels[hits] = label
    return labels


def _text_samples(sample: Sample, page: PageText) -> list[Sample]:
    """Return texts as other tools leave them: all lines, an extractor's, the gold's, and a mix."""
    chance = random.Random(zlib.crc32(f"{sample.set_name}/{sample.page_id}".encode()))
    is_main = sample.labels == 1
    is_headline = np.array([block.is_first_heading for block in page.blocks]) | np.array(
        [bool(page.title) and squeeze(line) == squeeze(page.title) for line in sample.lines]
    )
    near = np.convolve(is_main, np.ones(2 * _NEAR_BLOCKS + 1))[_NEAR_BLOCKS:-_NEAR_BLOCKS] > 0
    draws = np.array([chance.random() for _ in sample.lines])
    mixed = is_main | (draws < np.where(near, _NEAR_SHARE, _FAR_SHARE))
    first_headline = is_headline & (np.cumsum(is_headline) == 1)
    chosen = {
        "all": np.ones(len(is_main), dtype=bool),
        "extracted": (sample.extracted == 1) | first_headline,
        "gold": is_main | first_headline,
        "mixed": mixed | first_headline,
    }
    labels = np.where(is_headline & ~is_main, -1, sample.labels).astype(np.int8)
    return [
        _text_sample(sample, variant, np.flatnonzero(mask), labels, page.language)
        for variant, mask in chosen.items()
        if mask.any()
    ]


def _text_sample(
    sample: Sample,
    variant: str,
    chosen: Sequence[int],
    labels: np.ndarray[Any, np.dtype[np.int8]],
    language: str | None,
) -> Sample:
    lines = [sample.lines[at].replace("\n", " ") for at in chosen]
    blocks, at = [], 0
    for line in lines:
        blocks.append(Block(at, at + len(line)))
        at += len(line) + 1
    text = "\n".join(lines)
    languages = load_cues().speaking(language)
    facts = find_facts(text, blocks, languages)
    verdicts = judge_blocks(text, blocks, language=language)
    columns = describe_text(text, blocks, language=language, title="") | facts_columns(facts)
    columns["ruled_out"] = np.array([v.kind != "main" for v in verdicts], dtype=np.float32)
    return Sample(
        sample.set_name, sample.page_id, sample.group, variant, columns,
        np.full(len(lines), -1, dtype=np.float32), labels[chosen], [""] * len(lines), lines,
        sample.gold,
    )  # fmt: skip


def count_grams(text: str) -> Counter[tuple[str, ...]]:
    """Count the 4-grams of a text, as the article-extraction benchmarks do."""
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[at : at + _GRAM]) for at in range(max(1, len(words) - _GRAM + 1)))
