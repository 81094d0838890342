"""Main content that resembles boilerplate survives whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cleaner.block_model.model import load_model
from cleaner.boilerplate import judge_blocks
from cleaner.extraction.lines import split_lines

ARTICLES = json.loads(
    (Path(__file__).parent / "data" / "hard_negatives.json").read_text(encoding="utf-8")
)["articles"]


@pytest.mark.parametrize("article", ARTICLES, ids=[article["name"] for article in ARTICLES])
@pytest.mark.parametrize("is_known", [True, False], ids=["language known", "language unknown"])
def test_nothing_is_lost(article: dict[str, object], is_known: bool) -> None:
    """No line of an article falls, whether its language is known or not."""
    lines = article["lines"]
    assert isinstance(lines, list)
    text = "\n\n".join(lines)
    language = str(article["language"]) if is_known else None
    model = load_model("text")
    verdicts = judge_blocks(text, split_lines(text), language=language, model=model)
    lost = [
        (line, verdict.rule)
        for line, verdict in zip(lines, verdicts, strict=True)
        if verdict.kind != "main"
    ]
    assert lost == []
