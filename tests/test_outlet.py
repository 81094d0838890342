"""What an outlet repeats: which lines are its own, and which only look like it."""

from __future__ import annotations

import pyarrow as pa
import pytest

from cleaner.boilerplate import (
    OUTLET_LINES,
    REPEATED_LINES,
    list_outlet_lines,
    repeated_lines_sql,
)
from cleaner.boilerplate.cues import normalize_line
from cleaner.boilerplate.outlet import line_hash
from cleaner.config import BoilerplateConfig, Config
from cleaner.engines import LocalEngine
from cleaner.extraction.blocks import split_lines
from cleaner.model import TEXTS, as_row

FOOTER = "Write to us at the old pier, 9 Quay Road"


def article(number: int) -> str:
    """Return a text of its own."""
    lines = (f"Sentence {chr(97 + number)} {n} is about {chr(104 + n)}." for n in range(6))
    return "\n".join(lines)


def repeated(texts: list[tuple[str, str]], **settings: object) -> dict[tuple[str, int], int]:
    """Return in how many documents the outlets' own lines stand, by outlet and line hash."""
    rows = [
        {"document_id": str(at), "outlet": outlet, "text": text,
         "blocks": [as_row(block) for block in split_lines(text)]}
        for at, (outlet, text) in enumerate(texts)
    ]  # fmt: skip
    batch = pa.RecordBatch.from_pylist(rows, schema=TEXTS)
    config = Config(boilerplate=BoilerplateConfig(**settings))  # type: ignore[arg-type]
    with LocalEngine(workers=1) as engine:
        engine.write("outlet_lines", [list_outlet_lines(batch, config)], OUTLET_LINES)
        engine.sql(repeated_lines_sql(config.boilerplate), target="r", schema=REPEATED_LINES)
        found = [row for part in engine.read("r") for row in part.to_pylist()]
    return {(row["outlet"], row["line_hash"]): row["num_documents"] for row in found}


KEY = line_hash(normalize_line(FOOTER))


@pytest.mark.parametrize(("copies", "expected"), [(3, {}), (4, {("a", KEY): 4})])
def test_line_needs_enough_documents(copies: int, expected: dict[object, int]) -> None:
    """A line is the outlet's own from the set number of documents on."""
    texts = [("a", f"{article(n)}\n{FOOTER}") for n in range(copies)]
    assert repeated(texts, min_outlet_documents=4) == expected


def test_numbers_are_masked() -> None:
    """Lines that differ in their numbers are the same line."""
    texts = [("a", f"{article(n)}\nPage {n} of {n + 40}") for n in range(4)]
    assert list(repeated(texts).values()) == [4]


@pytest.mark.parametrize(("ratio", "found"), [(0.4, 1), (0.5, 0)])
def test_line_needs_enough_of_the_outlet(ratio: float, found: int) -> None:
    """A line in four of ten documents counts up to a ratio of two fifths."""
    texts = [("a", article(n) + (f"\n{FOOTER}" if n < 4 else "")) for n in range(10)]
    assert len(repeated(texts, min_outlet_ratio=ratio)) == found


def test_versions_are_no_witnesses() -> None:
    """Reposts of one article do not make its lines the outlet's own."""
    texts = [("a", f"{article(0)}\nUpdate {chr(97 + n)}{chr(98 + n)} came in.") for n in range(5)]
    assert repeated(texts) == {}


def test_wire_copy_is_not_an_outlets_own() -> None:
    """A line that many outlets run once or twice is not furniture of the one that ran it often."""
    wire = "The ferry drifted for nine hours before a tug could reach it, the coastguard said."
    texts = [("a", f"{article(n)}\n{wire}") for n in range(4)]
    texts += [(outlet, f"{article(9)}\n{wire}") for outlet in "bcd"]
    assert repeated(texts) == {}


def test_every_outlet_for_itself() -> None:
    """A line that two outlets have three times each is the own line of neither."""
    texts = [(outlet, f"{article(n)}\n{FOOTER}") for outlet in "ab" for n in range(3)]
    assert repeated(texts, min_outlet_documents=4) == {}
